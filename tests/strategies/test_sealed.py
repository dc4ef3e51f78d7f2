"""What is sealed with right keys: it opens, to us and to tshark, whatever is inside."""

from __future__ import annotations

import contextlib
from collections import Counter
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mip6boot import capture, ikev2, ip, mipv6, packets, security, strategies
from mip6boot.errors import ConfigError, DecodeError, UnknownSa
from mip6boot.ikev2 import EncryptionAlgorithm, ExchangeType, IkeFlags, IntegrityAlgorithm
from mip6boot.schema.octetmap import plain_path
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Keyring, Secret
from mip6boot.strategies import PacketRule, SealedFragments, SealedMessage, SealedPacket

from ..security.test_wireshark import replaced
from ..security.test_wireshark_opens import found, read
from ..test_tshark import DESTINATION, SOURCE, over_udp
from ..truth import opened
from .dissection import examples

GRADES = ("legal", "near_legal", "hostile")
EXAMPLES = settings(max_examples=15)

_ALGORITHMS: dict[str, dict[str, Any]] = {
    "gcm": {"encryption": EncryptionAlgorithm.AES_GCM_16, "key_length": 128},
    "cbc": {
        "encryption": EncryptionAlgorithm.AES_CBC,
        "key_length": 256,
        "integrity": IntegrityAlgorithm.HMAC_SHA2_256_128,
    },
    "ctr": {
        "encryption": EncryptionAlgorithm.AES_CTR,
        "key_length": 128,
        "integrity": IntegrityAlgorithm.HMAC_SHA2_512_256,
    },
}


SUITES = sorted(_ALGORITHMS)


def secret(size: int) -> Secret:
    return Secret(bytes(range(1, size + 1)))


def ike_keys(name: str) -> IkeKeys:
    suite = IkeSuite(prf=ikev2.PseudorandomFunction.HMAC_SHA2_256, **_ALGORITHMS[name])
    return IkeKeys.derive(
        suite, spi_i=name.encode().ljust(8, b"i"), spi_r=name.encode().ljust(8, b"r"),
        nonce_i=bytes(16), nonce_r=bytes(16), shared=b"shared",
    )  # fmt: skip


def esp_sa(name: str) -> EspSa:
    suite = EspSuite(**_ALGORITHMS[name])
    return EspSa(
        spi=0x1000 + SUITES.index(name), suite=suite, source=SOURCE, destination=DESTINATION,
        encryption_key=secret(suite.encryption_key_octets),
        integrity_key=secret(suite.integrity_key_octets),
    )  # fmt: skip


KEYS = ike_keys("gcm")


@pytest.mark.parametrize("name", SUITES)
def test_legal_messages_are_legal_inside(name: str) -> None:
    keys = ike_keys(name)

    @EXAMPLES
    @given(strategies.sealed_messages(keys))
    def opens(sealed: SealedMessage) -> None:
        inside = security.unseal(sealed.octets, keys)
        assert inside.verified
        assert (inside.content, inside.sealed.first_payload) == (
            sealed.content,
            sealed.first_payload,
        )
        assert ikev2.check(inside.message, inside.payloads) == []
        assert inside.seal(keys) == sealed.octets
        assert sealed.rule is None

    opens()


@pytest.mark.parametrize("name", SUITES)
def test_nearly_legal_ones_break_what_they_say(name: str) -> None:
    keys = ike_keys(name)

    @EXAMPLES
    @given(strategies.sealed_messages(keys, grade="near_legal"))
    def opens(sealed: SealedMessage) -> None:
        inside = security.unseal(sealed.octets, keys)
        assert inside.content == sealed.content
        assert ikev2.check(inside.message) == []
        assert sealed.path.startswith("inner")
        assert sealed.reason
        try:
            payloads = inside.payloads
        except DecodeError:
            assert not any(sealed.rule is row for row in ikev2.SEALED_RULES)
            return
        wrong = ikev2.check(inside.message, payloads)
        if any(sealed.rule is row for row in ikev2.SEALED_RULES):
            assert {violation.rule for violation in wrong} == {sealed.rule}
            assert plain_path(wrong[0].path) == plain_path(sealed.path)

    opens()


@pytest.mark.parametrize("name", SUITES)
def test_hostile_ones_are_no_proper_chain(name: str) -> None:
    keys = ike_keys(name)

    @EXAMPLES
    @given(strategies.sealed_messages(keys, grade="hostile"))
    def opens(sealed: SealedMessage) -> None:
        inside = security.unseal(sealed.octets, keys)
        assert (inside.content, inside.sealed.first_payload) == (
            sealed.content,
            sealed.first_payload,
        )
        with contextlib.suppress(DecodeError):
            assert ikev2.check(inside.message, inside.payloads)

    opens()


def test_grades_differ() -> None:
    """Most hostile ones do not decode at all; of the nearly legal ones rules are broken, too."""
    kinds: Counter[str] = Counter()
    for sealed in examples(strategies.sealed_messages(KEYS, grade="hostile"), 60):
        kinds["hostile, refused"] += refused(sealed)
    for sealed in examples(strategies.sealed_messages(KEYS, grade="near_legal"), 150):
        kinds[type(sealed.rule).__name__] += 1
    assert kinds["hostile, refused"] > 30
    assert kinds["Rule"] > 5
    assert kinds["Lie"] > 5


def refused(sealed: SealedMessage) -> bool:
    try:
        ikev2.decode_chain(sealed.content, sealed.first_payload)
    except DecodeError:
        return True
    return False


@EXAMPLES
@given(strategies.sealed_messages(KEYS, padding="hostile"))
def test_pad_lengths_that_lie(sealed: SealedMessage) -> None:
    try:
        inside = security.unseal(sealed.octets, KEYS)
    except DecodeError as e:
        assert e.path == "pad_length"
        assert sealed.content == b""
    else:
        assert inside.content == sealed.content


@EXAMPLES
@given(
    strategies.sealed_messages(
        KEYS, grade="hostile", exchange_type=st.just(ExchangeType.IKE_AUTH),
        message_id=st.just(1), flags=st.just(IkeFlags.I),
    )
)  # fmt: skip
def test_the_header_is_what_was_asked_for(sealed: SealedMessage) -> None:
    message = ikev2.decode(sealed.octets)
    assert (message.exchange_type, message.message_id, message.flags) == (35, 1, IkeFlags.I)
    assert (message.initiator_spi, message.responder_spi) == KEYS.spis


@EXAMPLES
@given(st.data(), st.sampled_from(GRADES))
def test_a_message_of_ones_own(data: st.DataObject, grade: str) -> None:
    payloads = (
        ikev2.IDi(ikev2.FqdnIdentity("mn.example.org")),
        ikev2.Authentication(2, authentication_data=b"a"),
    )
    message = ikev2.IkeMessage(
        initiator_spi=b"replaced",
        exchange_type=35,
        flags=IkeFlags.I,
        message_id=7,
        payloads=payloads,
    )
    sealed = data.draw(strategies.sealed_messages(KEYS, message=st.just(message), grade=grade))
    inside = security.unseal(sealed.octets, KEYS)
    assert inside.message.message_id == 7
    assert (sealed.content == ikev2.encode_chain(payloads)[1]) or grade != "legal"


def test_whose_keys() -> None:
    ring = Keyring([ike_keys("gcm"), ike_keys("cbc")])
    seen = {
        ikev2.decode(s.octets).initiator_spi for s in examples(strategies.sealed_messages(ring), 20)
    }
    assert seen == {key.spi_i for key in ring.ike}
    later: list[IkeKeys] = []
    strategy = strategies.sealed_messages(lambda: later[-1])
    later.append(KEYS)
    assert security.unseal(examples(strategy, 1)[0].octets, KEYS)
    half = msgspec.structs.replace(ike_keys("gcm"), sk_er=Secret())
    assert all(
        ikev2.decode(s.octets).from_initiator
        for s in examples(strategies.sealed_messages(half), 10)
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"keys": b"key"}, TypeError),
        ({"keys": esp_sa("gcm")}, TypeError),
        ({"grade": "illegal"}, ValueError),
        ({"padding": "none"}, ValueError),
        ({"message": ikev2.IkeMessage(initiator_spi=bytes(8), exchange_type=35)}, TypeError),
        ({"message": st.nothing(), "message_id": st.just(1)}, TypeError),
        ({"message_id": 1}, TypeError),
        ({"sequence": st.just(1)}, TypeError),
    ],
)
def test_wrong_arguments_are_told_at_once(arguments: Any, error: Any) -> None:
    with pytest.raises(error):
        strategies.sealed_messages(**{"keys": KEYS} | arguments)


def test_what_is_told_when_it_is_drawn() -> None:
    with pytest.raises(ConfigError):
        examples(strategies.sealed_messages(Keyring()), 1)
    none = IkeKeys(spi_i=bytes(8), spi_r=bytes(8), suite=KEYS.suite)
    with pytest.raises(UnknownSa):
        examples(strategies.sealed_messages(none), 1)


# -- fragments ------------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", GRADES)
def test_fragments(grade: str) -> None:
    kinds: Counter[str] = Counter()

    @settings(max_examples=40)
    @given(strategies.sealed_fragments(KEYS, grade=grade))
    def opens(sealed: SealedFragments) -> None:
        assembler = security.FragmentAssembler()
        parts = [security.unseal(octets, KEYS) for octets in sealed.octets]
        wholes = [whole for part in parts if (whole := assembler.feed(part)) is not None]
        wrong_outside = isinstance(sealed.rule, PacketRule)
        if grade == "legal" or (grade == "near_legal" and not wrong_outside):
            assert [whole.content for whole in wholes] == [sealed.content]
            assert wholes[0].fragments[0].sealed.first_payload == sealed.first_payload
        kinds["outside" if wrong_outside else "inside"] += 1
        kinds["several"] += len(parts) > 1

    opens()
    assert kinds["several"] > 5
    assert (kinds["outside"] > 5) == (grade == "near_legal")


# -- ESP ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("name", SUITES)
def test_esp(name: str, grade: str) -> None:
    sa = esp_sa(name)

    @EXAMPLES
    @given(strategies.esp_packets(sa, grade=grade))
    def opens(sealed: SealedPacket) -> None:
        frame = packets.decode_packet(sealed.octets, sealed.packet.linktype)
        assert frame == sealed.packet
        assert not frame.errors
        header = frame.layers[0]
        assert isinstance(header, ip.Ipv6Header)
        assert (header.source, header.destination) == (SOURCE, DESTINATION)
        try:
            inside = sa.unseal(sealed.esp)
        except DecodeError as e:
            assert e.path == "pad_length"
            assert grade != "legal"
            return
        assert (inside.payload, inside.next_header) == (sealed.content, sealed.next_header)
        assert inside.sequence == sealed.sequence
        if grade == "legal":
            assert inside.padding == bytes(range(1, len(inside.padding) + 1))
            (within,) = packets.Opener(Keyring([sa])).open(frame)
            assert isinstance(within, packets.OpenedPacket)
            assert not within.packet.errors
            assert set(within.packet.checksums.values()) <= {"good"}
        assert (sealed.rule is not None) == (grade == "near_legal")

    opens()


@settings(max_examples=20)
@given(
    strategies.esp_packets(
        esp_sa("gcm"), mode="transport", sequence=st.just(7), nat=True,
        link=packets.LinkType.ETHERNET,
        message=strategies.legal_messages(mipv6.BindingUpdate, lifetime=st.just(600)),
    )
)  # fmt: skip
def test_a_binding_update_in_esp_in_udp(sealed: SealedPacket) -> None:
    names = [
        type(layer).__name__ for layer in sealed.packet.layers if "Vlan" not in type(layer).__name__
    ]
    assert names[0] == "EthernetHeader"
    assert names[-2:] == ["UdpHeader", "EspPacket"]
    assert sealed.esp.sequence == 7
    assert sealed.next_header == ip.Protocol.MOBILITY
    update = mipv6.decode(sealed.content)
    assert isinstance(update, mipv6.BindingUpdate)
    assert update.lifetime == 600


def test_sequence_numbers_of_64_bits() -> None:
    suite = EspSuite(sequence_numbers=ikev2.SequenceNumbers.ESN, **_ALGORITHMS["cbc"])
    sa = msgspec.structs.replace(esp_sa("cbc"), suite=suite)
    for sealed in examples(strategies.esp_packets(sa, sequence=st.just((5 << 32) + 1)), 5):
        assert sa.unseal(sealed.esp, high=5).payload == sealed.content


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"sa": KEYS}, TypeError),
        ({"grade": "good"}, ValueError),
        ({"mode": "beet"}, ValueError),
        ({"sequence": 1}, TypeError),
        ({"protocol": "eap"}, ValueError),
        ({"source": IPv6Address("::1")}, TypeError),
    ],
)
def test_wrong_arguments_of_esp(arguments: Any, error: Any) -> None:
    with pytest.raises(error):
        strategies.esp_packets(**{"sa": esp_sa("gcm")} | arguments)


# -- tshark ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", GRADES)
def test_tshark_opens_them(grade: str, tshark: str, tmp_path: Path, record_property: Any) -> None:
    """Check values of every grade are right, and its dissectors get what is inside."""
    keyring = Keyring()
    made: list[Any] = []
    frames: list[capture.Frame] = []
    for name in SUITES:
        keys, sa = ike_keys(name), esp_sa(name)
        keyring.add(keys)
        # To it the addresses of a packet are those of the home address option and routing header.
        keyring.add(replaced(sa, source=None, destination=None))
        made += examples(strategies.sealed_messages(keys, grade=grade), 10)
        made += examples(strategies.esp_packets(sa, grade=grade), 10)
    for one in made:
        packet = one.packet if isinstance(one, SealedPacket) else in_udp(one.octets)
        frames.append(capture.Frame(packet.encode(), packet.linktype, time_ns=0))
    path = tmp_path / "sealed.pcapng"
    capture.write(path, frames)
    readings, _ = read(tshark, path, keyring, tmp_path)
    count: Counter[str] = Counter()
    for one, (nodes, shown) in zip(made, readings, strict=True):
        if isinstance(one, SealedMessage):
            assert len(shown) == 1
            assert "[correct]" in shown[0]
            inside = [n[4] for n in found(nodes, "isakmp.enc.contained")]
            assert bool(inside) == bool(one.content)
            count["IKE messages"] += 1
            count["IKE contents"] += len(inside)
            if grade == "legal" and one.content and "_ws.malformed" not in [n[0] for n in nodes]:
                chains = [(chain.first, chain.octets) for chain in opened(nodes)]
                assert chains == [(one.first_payload, one.content)]
                count["IKE chains alike"] += 1
        elif one.content:
            data = [n[4] for n in found(nodes, "esp.contained_data")]
            assert data[:1] == [one.content.hex()] or "_ws.malformed" in [n[0] for n in nodes]
            count["ESP contents"] += bool(data)
    assert count["IKE messages"] == 30
    assert count["IKE contents"] > 15
    assert count["ESP contents"] > 15
    assert (count["IKE chains alike"] > 15) == (grade == "legal")
    # What it says of check values of ESP is lost where the inside is malformed, so it does not look.
    (tmp_path / "disabled_protos").write_text("mipv6\nudp\ntcp\nsctp\nicmpv6\n")
    for one, (nodes, _) in zip(made, read(tshark, path, keyring, tmp_path)[0], strict=True):
        if isinstance(one, SealedPacket):
            good, bad = (
                [n[3] for n in found(nodes, f"esp.icv_{what}")] for what in ("good", "bad")
            )
            assert bad in (["0"], [])
            count["ESP check values good"] += good == ["1"]
    assert count["ESP check values good"] >= 27
    for what, number in count.items():
        record_property(f"tshark, sealed {grade}: {what}", number)


def in_udp(octets: bytes) -> packets.Packet:
    return over_udp(500, 500, ikev2.decode(octets))
