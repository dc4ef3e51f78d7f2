"""ESP packets with a right seal, whatever is inside.

>>> from hypothesis import given
>>> from mip6boot import ikev2, security, strategies
>>> suite = security.EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
>>> sa = security.EspSa(spi=0x1000, suite=suite, encryption_key=security.Secret(bytes(20)))
>>> @given(strategies.esp_packets(sa, grade="hostile"))
... def opens(sealed):
...     assert sa.unseal(sealed.esp).payload == sealed.content
>>> opens()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv6Address
from typing import Any

import msgspec
from hypothesis import strategies as st

from .. import ip, packets
from ..ip import EspPacket, Protocol
from ..packets import LinkType, Packet
from ..security import EspSa, Keyring
from .faults import PacketRule
from .frames import Choice, Wanted, stacked, wanted
from .hostile_frames import hostile_inside, mutants
from .inside import GRADES
from .near_legal_frames import around_near_legal, broken_packets
from .sealed import check_key, drawn_key
from .stacks import ETHERTYPES, ends_of, link_layers

__all__ = ["SealedPacket", "esp_packets"]

Sas = EspSa | Keyring | Callable[[], EspSa]

#: Octets that what is encrypted is a multiple of (RFC 4303 2.4), and the most padding.
_WORD, _PADDING = 4, 255


class SealedPacket(msgspec.Struct, frozen=True):
    """A packet with ESP whose seal is right, and what is inside."""

    packet: Packet
    content: bytes
    "What a receiver finds inside: in tunnel mode an IP packet, else what the IP header carried."
    next_header: int
    "What ESP says that the content is."
    sequence: int
    "The whole sequence number."
    rule: Any = None
    "Of a nearly legal one, what is wrong."
    path: str = ""
    "The place; that of a thing in the content begins with `inner`."
    reason: str = ""

    @property
    def octets(self) -> bytes:
        """The octets of the frame."""
        return self.packet.encode()

    @property
    def esp(self) -> EspPacket:
        """The sealed layer."""
        return self.packet.find(EspPacket)  # type: ignore[no-any-return]


def esp_packets(
    sa: Sas,
    *,
    message: st.SearchStrategy[Any] | None = None,
    grade: str = "legal",
    mode: str | None = None,
    protocol: Choice = None,
    link: LinkType | int | Iterable[LinkType | int] = LinkType.RAW,
    source: st.SearchStrategy[Any] | None = None,
    destination: st.SearchStrategy[Any] | None = None,
    sequence: st.SearchStrategy[int] | None = None,
    nat: bool = False,
) -> st.SearchStrategy[SealedPacket]:
    """Packets that the SA opens and whose check value fits.

    The SA is one, or one of a keyring, or what gives one each time a packet is made.  In transport
    mode (RFC 4303 3.1.1) mobility messages are inside, in tunnel mode packets of any protocol,
    unless `protocol` or `message` say otherwise, as in `packets`; without a `mode` it is either.
    `grade` says what the inside is: "legal", "near_legal" (one thing is wrong with the message or
    the packet, or with padding, its length or the next header) or "hostile".  `link`, `source` and
    `destination` are of the packet outside, whose addresses are those of the SA, where it has some.
    With `nat` ESP is in UDP (RFC 3948).

    Initialization vectors are drawn, and so are sequence numbers, from 1 on, unless `sequence` is a
    strategy of others.  TypeError and ValueError, at once, for arguments of another kind.
    """
    check_key(sa, EspSa)
    if grade not in GRADES:
        raise ValueError(f"{grade!r} is none of {', '.join(GRADES)}")
    if mode not in (None, *_MODES):
        raise ValueError(f"{mode!r} is none of {', '.join(_MODES)}")
    if sequence is None:
        sequence = st.integers(1, 9) | st.integers(1, 0xFFFFFFFF)
    elif not isinstance(sequence, st.SearchStrategy):
        raise TypeError(f"sequence: {sequence!r} is no strategy")
    usual = "mipv6" if protocol is None and message is None else protocol
    outside = wanted(usual, link, source, destination, message)
    within = wanted(protocol, (LinkType.IPV6, LinkType.IPV4), None, None, message)
    chosen = _MODES if mode is None else (mode,)
    ports = packets.NAT_TRAVERSAL if nat else None
    return st.one_of(
        [_esp_packets(sa, _MODES[one], outside, within, grade, ports, sequence) for one in chosen]
    )


class Inside(msgspec.Struct, frozen=True):
    """What is to be sealed, and what is wrong with it."""

    content: bytes
    next_header: int
    rule: Any = None
    path: str = ""
    reason: str = ""


@st.composite
def _esp_packets(
    draw: Any, sas: Sas, mode: Any, outside: Wanted, within: Wanted, grade: str, ports: Any,
    sequence: st.SearchStrategy[int],
) -> SealedPacket:  # fmt: skip
    sa: EspSa = drawn_key(draw, sas, EspSa)
    outside = _of_sa(outside, sa)
    # A trailer is wrong as often as what is before it; a message of one's own stays as it is.
    trailer = grade == "near_legal" and (outside.message is not None or draw(st.booleans()))
    outer, inside = mode(draw, sa, outside, within, "legal" if trailer else grade, ports)
    end, inside = _trailer(draw, sa, inside, grade if grade == "hostile" or trailer else "legal")
    number = draw(sequence)
    iv = draw(_octets(sa.protection.iv_octets))
    esp = _sealed(sa, inside.content + end, number, iv)
    layers = [esp if isinstance(layer, EspPacket) else layer for layer in outer.layers]
    packet = Packet(tuple(layers), outer.linktype).build()
    return SealedPacket(
        packet, _found(inside.content + end), end[-1], number, inside.rule, inside.path,
        inside.reason,
    )  # fmt: skip


def _of_sa(options: Wanted, sa: EspSa) -> Wanted:
    """The options with the addresses of the SA, where there are no others."""
    source, destination = options.source, options.destination
    if source is None and sa.source is not None:
        source = st.just(sa.source)
    if destination is None and sa.destination is not None:
        destination = st.just(sa.destination)
    return msgspec.structs.replace(options, source=source, destination=destination)


class _Zeros:
    """The octets of seals that others take the place of."""

    def randbytes(self, n: int, /) -> bytes:
        return bytes(n)


# -- modes ------------------------------------------------------------------------------------
def _transport(
    draw: Any, sa: EspSa, outside: Wanted, within: Wanted, grade: str, ports: Any
) -> tuple[Packet, Inside]:
    """A packet with what its IP header carries to be sealed."""
    broken = None
    if grade == "near_legal":
        plain, broken = draw(around_near_legal(outside))
    else:
        plain = draw(stacked(outside))
    if grade == "hostile":
        plain = hostile_inside(draw, plain)
    outer = packets.seal_transport(plain, sa, sequence=1, rng=_Zeros(), udp_ports=ports)
    opened = sa.unseal(outer.find(EspPacket))
    inside = Inside(opened.payload, opened.next_header)
    if broken is not None:
        inside = Inside(inside.content, inside.next_header, broken.rule, f"inner.{broken.path}",
                        broken.reason)  # fmt: skip
    return outer, inside


def _tunnel(
    draw: Any, sa: EspSa, outside: Wanted, within: Wanted, grade: str, ports: Any
) -> tuple[Packet, Inside]:
    """A packet of IP to be sealed as a whole."""
    if grade == "near_legal":
        broken = draw(broken_packets(within))
        inside = Inside(broken.octets, _number(broken.linktype), broken.rule,
                        f"inner.{broken.path}", broken.reason)  # fmt: skip
    else:
        plain = draw(stacked(within))
        octets = draw(mutants(plain)) if grade == "hostile" else plain.encode()
        inside = Inside(octets, _number(plain.linktype))
    link = draw(st.sampled_from(outside.links_of("esp")))
    source, destination = ends_of(draw, "esp", None, link, outside.source, outside.destination)
    nothing = ip.Ipv6Header(
        next_header=Protocol.NO_NEXT_HEADER, source=_NOBODY, destination=_NOBODY
    )
    bare = Packet(
        (*link_layers(draw, link, ETHERTYPES[source.version], destination), nothing), link
    )
    outer = packets.seal_tunnel(
        bare, sa, source, destination, sequence=1, rng=_Zeros(), udp_ports=ports
    )
    return outer, inside


_MODES = {"transport": _transport, "tunnel": _tunnel}
_NOBODY = IPv6Address("::")


def _number(linktype: int) -> int:
    return Protocol.IPIP if linktype == LinkType.IPV4 else Protocol.IPV6


# -- what is behind the content -----------------------------------------------------------------
_PAD = PacketRule("padding of ESP counts from 1", "4303 2.4")
_PAD_LENGTH = PacketRule("pad length of ESP", "4303 2.5")
_NEXT = PacketRule("next header of ESP", "4303 2.6")


def _trailer(draw: Any, sa: EspSa, inside: Inside, grade: str) -> tuple[bytes, Inside]:
    """Padding, its length and the next header, legal or not."""
    unit = max(sa.protection.unit, _WORD)
    least = -(len(inside.content) + 2) % unit
    size = least + unit * draw(st.sampled_from((0, 0, 0, 1, (_PADDING - least) // unit)))
    padding, counted, number = bytes(range(1, size + 1)), size, inside.next_header
    if grade == "hostile":
        kinds: tuple[Any, ...] = (None, None, None, _PAD, _PAD_LENGTH, _NEXT)
    else:
        kinds = (*((_PAD,) if size else ()), _PAD_LENGTH, _NEXT)
    wrong = draw(st.sampled_from(kinds)) if grade != "legal" else None
    if wrong is _PAD:
        padding = draw(_octets(size).filter(lambda octets: octets != padding or not octets))
    elif wrong is _PAD_LENGTH:
        counted = draw(st.integers(0, _PADDING).filter(lambda n: n != size))
    elif wrong is _NEXT:
        number = draw(st.integers(0, 255).filter(lambda n: n != inside.next_header))
    if grade == "near_legal":
        inside = msgspec.structs.replace(
            inside, rule=wrong, path=f"inner.{_FIELDS[wrong]}", reason=wrong.name
        )
    return padding + bytes((counted, number)), inside


_FIELDS = {_PAD: "padding", _PAD_LENGTH: "pad_length", _NEXT: "next_header"}


def _octets(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def _found(plaintext: bytes) -> bytes:
    """What is before the padding for who believes its length."""
    return plaintext[: max(len(plaintext) - 2 - plaintext[-2], 0)]


def _sealed(sa: EspSa, plaintext: bytes, sequence: int, iv: bytes) -> EspPacket:
    head, tail = sa._head(sequence)
    return EspPacket(sa.spi, sequence & 0xFFFFFFFF, sa.protection.seal(head, iv, plaintext, tail))
