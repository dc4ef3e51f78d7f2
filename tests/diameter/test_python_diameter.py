"""What we encode, read by python-diameter: an implementation that shares no code with ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from diameter.message.avp import avp as peer_avps
from hypothesis import HealthCheck, Phase, given, settings

from diameter import message as peer
from mip6boot import diameter, strategies
from mip6boot.schema import Unknown, elements

from ..test_registries import avp_class, avps
from ..test_vectors import ROWS
from .readings import code_of

#: Seconds from 1900, where NTP begins, to 1970.
TO_1970 = 2208988800


def objects(cls: Any) -> list[Any]:
    """A few objects of the class, the same each time."""
    found: list[Any] = []

    @settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.messages(cls))
    def collect(element: Any) -> None:
        found.append(element)

    collect()
    return found


def differences(ours: tuple[Any, ...], theirs: list[Any], counts: Counter[str]) -> Iterator[str]:
    """Where python-diameter has read other AVPs."""
    if len(ours) != len(theirs):
        yield f"{len(theirs)} AVPs, not {len(ours)}"
        return
    for avp, found in zip(ours, theirs, strict=True):
        counts["avps"] += 1
        octets = avp.encode()
        vendor = diameter.vendor_of(avp)
        # It has no V bit without a vendor, and none for the vendor 0.
        flags = octets[4] if vendor else octets[4] & 0x7F
        if (found.code, found.vendor_id, found.flags) != (code_of(avp), vendor, flags):
            yield f"{found}, not {avp}"
        head = 12 if octets[4] & 0x80 else 8
        if found.payload != octets[head : int.from_bytes(octets[5:8], "big")]:
            yield f"{found.payload.hex()}, not {octets.hex()}"
        elif not isinstance(avp, Unknown):
            yield from values_differ(avp, found, counts)


def values_differ(avp: Any, found: Any, counts: Counter[str]) -> Iterator[str]:
    """Where the value is another one, by its type there."""
    if isinstance(found, peer_avps.AvpGrouped):
        yield from differences(avp.value, found.value, counts)
    elif type(found) is not peer_avps.Avp:  # One that it does not know.
        counts["values"] += 1
        if not is_same(avp.value, found):
            yield f"{found.payload.hex()}, not {avp.value!r}"


def is_same(value: Any, found: Any) -> bool:
    if isinstance(found, peer_avps.AvpAddress):
        if isinstance(value, bytes):  # Another family, or another size.
            return bool(found.payload == value)
        return bool(ip_address(found.value[1]) == value)
    if isinstance(found, peer_avps.AvpTime):
        # Its second era, from 2036, begins an hour early.
        return bool(value < 2**31 or int(found.value.timestamp()) == value - TO_1970)
    if isinstance(value, int):
        return bool(found.value % 2 ** (8 * len(found.payload)) == value)  # Enumerated is signed.
    return octets_of(found) == (b"" if value is None else bytes_of(value))


def bytes_of(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return bytes(value)


def octets_of(found: Any) -> bytes:
    """The value there as octets; of a text that it refuses to read, the octets that it was given."""
    try:
        return bytes_of(found.value)
    except peer_avps.AvpDecodeError:
        return bytes_of(found.payload)


def read(octets: bytes) -> Any:
    return peer.Message.from_bytes(octets, plain_msg=True)


def test_every_avp(record_property: Any) -> None:
    """Objects of every AVP class, nested ones too."""
    wrong: list[str] = []
    counts: Counter[str] = Counter()
    for cls in diameter.AVPS:
        for avp in objects(cls):
            message = diameter.AaRequest(avps=(avp,))
            found = read(message.encode())
            wrong += [
                f"{cls.__name__}: {text}" for text in differences(message.avps, found.avps, counts)
            ]
    assert wrong == []
    for name, count in counts.items():
        record_property(f"Diameter: {name} compared with python-diameter", count)


def test_headers() -> None:
    for cls in diameter.COMMANDS:
        for message in objects(cls):
            found = peer.MessageHeader.from_bytes(message.encode())
            assert found.version == message.version
            assert found.length == len(message.encode())
            assert found.command_code == code_of(message)
            assert found.is_request == cls.__name__.endswith("Request")
            assert found.is_proxyable == message.proxiable
            assert found.is_error == message.is_error
            assert found.is_retransmit == message.retransmitted
            assert found.command_flags & 0x0F == message.reserved
            assert found.application_id == message.application_id
            assert found.hop_by_hop_identifier == message.hop_by_hop_id
            assert found.end_to_end_identifier == message.end_to_end_id


def test_commands() -> None:
    """The messages of the table have the same names there, and the AVPs of their commands."""
    seen = set()
    for param in ROWS:
        cls, octets, *_ = param.values
        if not issubclass(cls, diameter.DiameterMessage) or issubclass(cls, Unknown):
            continue
        message = diameter.decode(octets)
        found: Any = peer.Message.from_bytes(octets)
        seen.add((cls.__name__, type(found).__name__))
        assert list(differences(message.avps, read(octets).avps, Counter())) == []
        session = message.find(diameter.SessionId)
        if session is not None and type(found).__name__ == cls.__name__:
            assert found.session_id == session.value
    assert {(ours, theirs) for ours, theirs in seen if ours != theirs} == OTHER_COMMANDS


#: It has no AVPs for commands of RFC 5778.
OTHER_COMMANDS = {("Mip6Request", "MIp6"), ("Mip6Answer", "MIp6")}


def test_dictionary() -> None:
    """Names and types of the AVPs that python-diameter knows; of its M flags many are others."""
    other, unknown = {}, set()
    for name, row in avps().items():
        entry: Any = peer_avps.get_avp_dictionary_entry(int(row["code"]), int(row["vendor"]))
        if entry is None:
            unknown.add(name)
            continue
        parts = {part.name: part.element for part in avp_class(row).schema.layout.parts}
        if entry["name"] != name or not isinstance(parts["value"], KINDS[entry["type"]]):
            other[name] = entry["name"], entry["type"].__name__
    assert unknown == UNKNOWN
    assert other == OTHER


_NUMBERS = (elements.Integer, elements.OpenEnum)
_TEXT, _OCTETS, _ADDRESS = map(type, (elements.Text, elements.GreedyOctets, elements.FamilyAddress))
KINDS: dict[Any, tuple[type[Any], ...]] = {
    peer_avps.AvpAddress: (_ADDRESS,),
    peer_avps.AvpGrouped: (elements.OptionList,),
    peer_avps.AvpInteger32: _NUMBERS,
    # Its names of hosts and realms are octets.
    peer_avps.AvpOctetString: (
        _OCTETS, _TEXT, elements.OneOf, elements.OptionalOneOf, elements.Nested,
    ),
    peer_avps.AvpTime: _NUMBERS,
    peer_avps.AvpUnsigned32: _NUMBERS,
    peer_avps.AvpUnsigned64: _NUMBERS,
    peer_avps.AvpUtf8String: (_TEXT,),
}  # fmt: skip

UNKNOWN = {"QoS-Capability"}
#: AVPs that have another name or type there; see tests/diameter/test_wireshark.py.
OTHER = {
    "Acct-Multi-Session-Id": ("Accounting-Multi-Session-Id", "AvpUtf8String"),
    "Chargeable-User-Identity": ("CUI", "AvpUtf8String"),
    "SIP-Number-Auth-Items": ("3GPP-SIP-Number-Auth-Items", "AvpUnsigned32"),
    "SIP-Authentication-Scheme": ("3GPP-SIP-Authentication-Scheme", "AvpUtf8String"),
    "SIP-Authenticate": ("3GPP-SIP-Authenticate", "AvpOctetString"),
    "SIP-Authorization": ("3GPP-SIP-Authorization", "AvpOctetString"),
    "SIP-Auth-Data-Item": ("3GPP-SIP-Auth-Data-Item", "AvpGrouped"),
    "SIP-Item-Number": ("3GPP-SIP-Item-Number", "AvpUnsigned32"),
}
