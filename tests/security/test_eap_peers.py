"""EAP-AKA of real peers: from the card's key to every MAC on the wire and to the MSK they took.

The servers are hostapd (RADIUS) and strongSwan, the card is strongSwan's own Milenage.  The MSKs
are those of the peers' logs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TypeVar

import pytest

from mip6boot import capture, eap, ikev2, packets
from mip6boot.errors import IntegrityError
from mip6boot.ikev2 import EncryptionAlgorithm
from mip6boot.schema import Message
from mip6boot.security import (
    AkaAnswer,
    EapHash,
    EapKeys,
    Milenage,
    encryption,
    open_attributes,
    seal_attributes,
    verify_checkcode,
    verify_mac,
    with_mac,
)

from ..conftest import DATA

FOLDER = DATA / "peers/ikev2"
CARD = Milenage(
    bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"),
    bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf"),
)
IDENTITY = "0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org"
RADIUS = "deb-v6-eap-aka-radius-hostapd.radius"

MSKS = {
    RADIUS: "94feb9b2d33ef94521e54adecd5859749d5254ffbf11c2da13113e0dc8d994a5726b6f0e421c1d662a67a5df3b7021a677760394efc9631ff602b5136bba5197",
    "deb-v6-eap-aka-radius-hostapd": "94feb9b2d33ef94521e54adecd5859749d5254ffbf11c2da13113e0dc8d994a5726b6f0e421c1d662a67a5df3b7021a677760394efc9631ff602b5136bba5197",
    "v6-eap-aka": "72559bc36732f79f2ba13f75ac68538f54fd3a7caec7c8ea44e8c83ce2a23e2092d61f60bb3ecd663c47eaee666474f97e44383967efdfb8fd7e3e6d2897a6b5",
    "v6-eap-aka-eaponly": "0afd9509f662175fda9bcdc188a595bd7883a62f9a1d445c942b1b2412f7b0df235ffe35683cd12920a8b54d154c3e481386f75b5c77d048e8d41d5d765e90f6",
    "v6-eap-aka-identity": "048edebc6c1a9f5df99203392fd07999c7eaa2b377cd6e472e056490e8649ee61892c9e83b01c99a8bf56b4eea96af6012e3ef50d5591cfc9ec052eec8841221",
}

T = TypeVar("T", bound=Message)


def radius_eap(octets: bytes) -> bytes:
    """The EAP-Message attributes (79) of a RADIUS packet, put together."""
    found, at = b"", 20
    while at < len(octets):
        kind, size = octets[at], octets[at + 1]
        found += octets[at + 2 : at + size] if kind == 79 else b""
        at += size
    return found


def session_keys() -> dict[bytes, tuple[str, bytes, bytes]]:
    """By the initiator's SPI: name of the cipher, SK_ei, SK_er."""
    with open(FOLDER / "ikev2_decryption_table", newline="") as file:
        return {
            bytes.fromhex(row[0]): (row[4], bytes.fromhex(row[2]), bytes.fromhex(row[3]))
            for row in csv.reader(file)
        }


def opened(message: ikev2.IkeMessage) -> tuple[ikev2.Payload, ...]:
    """The payloads in an SK payload, whose integrity is not looked at."""
    sealed = message.payloads[-1]
    assert isinstance(sealed, ikev2.Encrypted)
    name, sk_ei, sk_er = session_keys()[message.initiator_spi]
    cbc = name.startswith("AES-CBC")
    cipher = encryption(EncryptionAlgorithm.AES_CBC if cbc else EncryptionAlgorithm.AES_GCM_16)
    body, size = sealed.sealed, cipher.iv_octets
    head = message.encode()[: -len(body)]
    plain = cipher.sealer(sk_ei if message.from_initiator else sk_er).decrypt(
        body[:size], body[size:-16] if cbc else body[size:], head
    )
    chain = plain[: -1 - plain[-1]]
    # The home network prefix of these peers is not as long as RFC 5026 wants it.
    return ikev2.decode_chain(chain, sealed.first_payload, lenient=True)


def eap_of(layer: object) -> bytes | None:
    """The octets of the EAP packet in a layer, if there is one."""
    if isinstance(layer, packets.Payload) and layer.protocol == "udp-1812":
        return radius_eap(layer.encode())
    if isinstance(layer, ikev2.IkeMessage) and layer.exchange_type == ikev2.ExchangeType.IKE_AUTH:
        found = [p.message.encode() for p in opened(layer) if isinstance(p, ikev2.Eap)]
        return found[0] if found else None
    return None


def conversation(name: str) -> Iterator[bytes]:
    for frame in capture.read(FOLDER / f"{name}.pcap"):
        for layer in packets.decode_packet(frame.octets, frame.linktype).layers:
            octets = eap_of(layer)
            if octets:
                yield octets


def of(message: Message, kind: type[T]) -> T:
    found = message.find(kind)
    assert found is not None
    return found


def keys_of(request: eap.AkaRequest) -> tuple[AkaAnswer, EapKeys]:
    rand = of(request, eap.AtRand).rand
    assert rand is not None
    answer = CARD.answer(rand, of(request, eap.AtAutn).autn)
    return answer, EapKeys.aka(IDENTITY, ck=answer.ck, ik=answer.ik)


@pytest.mark.parametrize("name", MSKS)
def test_from_the_key_of_the_card_to_the_msk(name: str) -> None:
    octets = list(conversation(name))
    decoded = [eap.decode(packet) for packet in octets]
    (request,) = (p for p in decoded if isinstance(p, eap.AkaRequest) and p.subtype == 1)
    (response,) = (p for p in decoded if isinstance(p, eap.AkaResponse) and p.subtype == 1)
    answer, keys = keys_of(request)
    assert keys.msk.hex() == MSKS[name]
    assert of(response, eap.AtRes).res == answer.res
    for packet in (request, response):
        at = decoded.index(packet)
        verify_mac(octets[at], keys)
        assert with_mac(packet, keys).encode() == octets[at]
        for bit in range(8 * len(octets[at])):
            changed = bytearray(octets[at])
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises((IntegrityError, ValueError)):
                verify_mac(changed, keys)


def test_what_hostapd_encrypts_and_hashes() -> None:
    octets = list(conversation(RADIUS))
    decoded = [eap.decode(packet) for packet in octets]
    (request,) = (p for p in decoded if isinstance(p, eap.AkaRequest) and p.subtype == 1)
    _, keys = keys_of(request)
    inside = open_attributes(request, keys)
    assert [type(attribute) for attribute in inside] == [
        eap.AtNextPseudonym, eap.AtNextReauthId, eap.AtPadding,
    ]  # fmt: skip
    iv = of(request, eap.AtIv)
    sealed = seal_attributes(inside, keys, initialization_vector=iv.initialization_vector)
    assert sealed == (iv, of(request, eap.AtEncrData))
    identities = [
        packet
        for packet, message in zip(octets, decoded, strict=True)
        if isinstance(message, eap.AkaPacket) and message.subtype == eap.AkaSubtype.IDENTITY
    ]
    assert len(identities) == 2
    verify_checkcode(of(request, eap.AtCheckcode), identities, EapHash.SHA1)
    with pytest.raises(IntegrityError):
        verify_checkcode(of(request, eap.AtCheckcode), identities[:1], EapHash.SHA1)
