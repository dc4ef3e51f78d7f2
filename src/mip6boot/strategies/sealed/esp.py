"""ESP packets with a right seal, whatever is inside.

>>> from mip6boot import ikev2, security, strategies
>>> suite = security.EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
>>> sa = security.EspSa(spi=0x1000, suite=suite, encryption_key=security.Secret(bytes(20)))
>>> for sealed in strategies.samples(strategies.esp_packets(sa, grade="legal"), 10, seed=1):
...     assert sa.unseal(sealed.esp).payload == sealed.content
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...ip import EspPacket
from ...packets import NAT_TRAVERSAL, LinkType, Packet
from ...security import EspSa, Keyring
from ..frames.legal import Choice, Wanted, wanted
from ..grades import GRADES
from .esp_inside import MODES, octets_of, trailer
from .messages import check_key, drawn_key

__all__ = ["SealedPacket", "esp_packets"]

Sas = EspSa | Keyring | Callable[[], EspSa]


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
    With `nat` ESP is in UDP (RFC 3948).  Where a pad length says more than there is, no content is
    found, and opening ends with a DecodeError; what is sealed in any other way opens.

    Initialization vectors are drawn, and so are sequence numbers, from 1 on, unless `sequence` is a
    strategy of others.  TypeError and ValueError, at once, for arguments of another kind.
    """
    check_key(sa, EspSa)
    if grade not in GRADES:
        raise ValueError(f"{grade!r} is none of {', '.join(GRADES)}")
    if mode not in (None, *MODES):
        raise ValueError(f"{mode!r} is none of {', '.join(MODES)}")
    if sequence is None:
        sequence = st.integers(1, 9) | st.integers(1, 0xFFFFFFFF)
    elif not isinstance(sequence, st.SearchStrategy):
        raise TypeError(f"sequence: {sequence!r} is no strategy")
    usual = "mipv6" if protocol is None and message is None else protocol
    outside = wanted(usual, link, source, destination, message)
    within = wanted(protocol, (LinkType.IPV6, LinkType.IPV4), None, None, message)
    chosen = MODES if mode is None else (mode,)
    ports = NAT_TRAVERSAL if nat else None
    return st.one_of(
        [_esp_packets(sa, MODES[one], outside, within, grade, ports, sequence) for one in chosen]
    )


@st.composite
def _esp_packets(
    draw: Any, sas: Sas, mode: Any, outside: Wanted, within: Wanted, grade: str, ports: Any,
    sequence: st.SearchStrategy[int],
) -> SealedPacket:  # fmt: skip
    sa: EspSa = drawn_key(draw, sas, EspSa)
    outside = _of_sa(outside, sa)
    # A trailer is wrong as often as what is before it; a message of one's own stays as it is.
    behind = grade == "near_legal" and (outside.message is not None or draw(st.booleans()))
    outer, inside = mode(draw, sa, outside, within, "legal" if behind else grade, ports)
    end, inside = trailer(draw, sa, inside, grade if grade == "hostile" or behind else "legal")
    number = draw(sequence)
    iv = draw(octets_of(sa.protection.iv_octets))
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


def _found(plaintext: bytes) -> bytes:
    """What is before the padding for who believes its length."""
    return plaintext[: max(len(plaintext) - 2 - plaintext[-2], 0)]


def _sealed(sa: EspSa, plaintext: bytes, sequence: int, iv: bytes) -> EspPacket:
    head, tail = sa._head(sequence)
    return EspPacket(sa.spi, sequence & 0xFFFFFFFF, sa.protection.seal(head, iv, plaintext, tail))
