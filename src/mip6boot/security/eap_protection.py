"""What EAP-SIM, EAP-AKA and EAP-AKA' protect their packets with (RFC 4187 10.12 to 10.15).

A sender puts the attributes together, then the MAC; a receiver checks the MAC before it looks at
anything else:

>>> from mip6boot import eap, security
>>> keys = security.EapKeys.aka("0001010000000001@example.org", ck=bytes(16), ik=bytes(16))
>>> sealed = security.seal_attributes(
...     (eap.AtNextPseudonym("2abc"),), keys, initialization_vector=bytes(16)
... )
>>> packet = eap.AkaRequest(1, eap.AkaSubtype.CHALLENGE, attributes=(*sealed, eap.AtMac()))
>>> octets = security.with_mac(packet, keys).encode()
>>> security.verify_mac(octets, keys)
>>> security.open_attributes(eap.AkaRequest.decode(octets), keys)[0]
AtNextPseudonym(pseudonym='2abc', padding=b'')
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from .. import eap
from ..eap import (
    AkaAttribute,
    AkaPacket,
    AtCheckcode,
    AtEncrData,
    AtIv,
    AtMac,
    AtPadding,
    EapPacket,
    SimPacket,
)
from ..errors import DecodeError, EncodeError, IntegrityError
from ..schema.message import OctetString
from .ciphers import CBC, Sealer
from .eap_keys import EapHash, EapKeys

__all__ = [
    "checkcode",
    "open_attributes",
    "seal_attributes",
    "verify_checkcode",
    "verify_mac",
    "with_mac",
]

_BLOCK = 16
_MAC_OCTETS = 16

P = TypeVar("P", bound=AkaPacket | SimPacket)
A = TypeVar("A", bound=AkaAttribute)


def with_mac(packet: P, keys: EapKeys, message_specific: bytes = b"") -> P:
    """A copy of the packet with the right AT_MAC, put last where there is none (RFC 4187 10.15).

    `message_specific` stands behind the packet: NONCE_S for a response of re-authentication
    (9.8), in EAP-SIM also NONCE_MT for a challenge and each SRES for its answer (RFC 4186 9).
    """
    count = len(_all(packet, AtMac))
    if count > 1:
        raise EncodeError(f"{count} AT_MAC where there may be one", "attributes")
    if count == 0:
        attributes = (*packet.attributes, AtMac())
        packet = msgspec.structs.replace(packet, attributes=attributes)
    return _filled(packet, _mac(packet, keys, message_specific))


def verify_mac(
    packet: EapPacket | OctetString, keys: EapKeys, message_specific: bytes = b""
) -> None:
    """Return if the AT_MAC of a packet, or of its octets, fits; else raise IntegrityError.

    Also without an AT_MAC, or with several.  DecodeError where the octets are no packet at all;
    attributes that do not parse are no reason, since nobody looks at them before the MAC.
    """
    decoded = packet if isinstance(packet, EapPacket) else eap.decode(packet, lenient=True)
    if not isinstance(decoded, AkaPacket | SimPacket) or len(_all(decoded, AtMac)) != 1:
        raise IntegrityError("the packet has no AT_MAC, or several")
    (mac,) = _all(decoded, AtMac)
    if not hmac.compare_digest(_mac(decoded, keys, message_specific), mac.mac):
        raise IntegrityError("the AT_MAC does not fit")


def _mac(packet: AkaPacket | SimPacket, keys: EapKeys, message_specific: bytes) -> bytes:
    # What was decoded encodes to the same octets.  The standard counts the reserved octets of
    # AT_MAC as zeros, which senders write; they count as they stand here, so that they are
    # protected too, as with other implementations.
    octets = _filled(packet, bytes(_MAC_OCTETS)).encode() + message_specific
    return hmac.digest(keys.k_aut, octets, keys.mac_hash)[:_MAC_OCTETS]


def _filled(packet: P, mac: bytes) -> P:
    """The packet with this MAC."""
    attributes = (a.replace(mac=mac) if isinstance(a, AtMac) else a for a in packet.attributes)
    return msgspec.structs.replace(packet, attributes=tuple(attributes))


def seal_attributes(
    attributes: Iterable[AkaAttribute], keys: EapKeys, *, initialization_vector: bytes
) -> tuple[AtIv, AtEncrData]:
    """The attributes encrypted, with the AT_PADDING that makes whole blocks (RFC 4187 10.12).

    The initialization vector is 16 random octets that were never used before.
    """
    plain = tuple(attributes)
    if len(eap.encode_attributes(plain)) % _BLOCK and isinstance(plain[-1], AtPadding):
        plain = plain[:-1]
    missing = -len(eap.encode_attributes(plain)) % _BLOCK
    if missing:
        plain = (*plain, AtPadding(bytes(missing - 2)))
    iv = AtIv(initialization_vector=bytes(initialization_vector))
    encrypted = _cipher(keys, iv).encrypt(
        iv.initialization_vector, eap.encode_attributes(plain), b""
    )
    return iv, AtEncrData(encrypted_data=encrypted)


def open_attributes(
    packet: AkaPacket | SimPacket, keys: EapKeys, *, lenient: bool = False
) -> tuple[AkaAttribute, ...]:
    """The attributes in the packet's AT_ENCR_DATA, their padding included; empty without one.

    DecodeError where AT_IV and AT_ENCR_DATA do not stand together or hold no attributes.  The
    encryption proves nothing: octets that were changed, or another key, may give attributes all the
    same, so `verify_mac` comes first.  Whether the padding is zeros, which receivers have to see
    to, `eap.check(eap.NestedAttributes(opened))` tells.
    """
    ivs, sealed = _all(packet, AtIv), _all(packet, AtEncrData)
    if not ivs and not sealed:
        return ()
    if len(ivs) != 1 or len(sealed) != 1:
        raise DecodeError("one AT_IV and one AT_ENCR_DATA are expected", "attributes")
    octets = sealed[0].encrypted_data
    if len(octets) % _BLOCK:
        raise DecodeError(f"{len(octets)} octets are no whole blocks", "encrypted_data")
    iv = ivs[0]
    plain = _cipher(keys, iv).decrypt(iv.initialization_vector, octets, b"")
    return eap.decode_attributes(plain, lenient=lenient)


def _cipher(keys: EapKeys, iv: AtIv) -> Sealer:
    if len(iv.initialization_vector) != _BLOCK:
        raise EncodeError(f"{_BLOCK} octets are expected", "initialization_vector")
    return CBC().sealer(keys.k_encr)


def checkcode(packets: Iterable[EapPacket | bytes], mac_hash: EapHash) -> AtCheckcode:
    """The AT_CHECKCODE of all packets that asked for identities and gave them (RFC 4187 10.13).

    In the order in which they were sent, each as it was sent, and retransmitted ones once.
    """
    octets = b"".join(bytes(packet) for packet in packets)
    return AtCheckcode(checkcode=hashlib.new(mac_hash, octets).digest() if octets else None)


def verify_checkcode(
    attribute: AtCheckcode, packets: Iterable[EapPacket | bytes], mac_hash: EapHash
) -> None:
    """Return if an AT_CHECKCODE fits the packets; else raise IntegrityError."""
    expected = checkcode(packets, mac_hash).checkcode or b""
    if not hmac.compare_digest(attribute.checkcode or b"", expected):
        raise IntegrityError("the AT_CHECKCODE does not fit")


def _all(packet: AkaPacket | SimPacket, kind: type[A]) -> list[A]:
    return [attribute for attribute in packet.attributes if isinstance(attribute, kind)]
