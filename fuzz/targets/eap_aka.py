"""EAP packets, also with the right MAC to peers and servers in the middle of their exchange.

AT_ENCR_DATA holds its attributes in the clear; they are encrypted, and then AT_MAC is made right.
The identifier chooses who gets the packet, and becomes the one that is expected there.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import msgspec

from mip6boot import eap, flow, security
from mip6boot.eap import AkaPacket, AtEncrData, AtIv, AtMac, EapPacket, EapType
from mip6boot.errors import DecodeError
from mip6boot.security import EapKeys, Milenage
from mip6boot.security.ciphers import CBC

from ..laws import attempted, message_holds
from ..mutators import of_kind

__all__ = ["mutate", "one", "seeds"]

mutate = of_kind("eap")

_IMSI, _NETWORK = "001010000000001", "WLAN"
_CARD = Milenage(bytes(range(16)), bytes(range(16, 32)))
_BLOCK = 16


class _Stage(msgspec.Struct):
    """A party of an exchange, and the packet that it gets next."""

    party: Any
    packet: EapPacket
    keys: EapKeys | None = None
    behind: bytes = b""
    "What the MAC counts behind the packet (RFC 4187 10.15)."


def _exchange(peer: flow.EapPeer, server: flow.EapServer, identifier: int) -> list[_Stage]:
    """An authentication from its beginning to success."""
    packet: EapPacket | None = eap.IdentityRequest(identifier)
    stages: list[_Stage] = []
    while packet is not None:
        party: Any = server if len(stages) % 2 else peer
        stages.append(_Stage(deepcopy(party), packet))
        packet = party.receive(packet, 0.0)
    assert server.keys is not None
    for before, stage in zip([None, *stages], stages, strict=False):
        stage.keys = server.keys
        if before is not None and isinstance(before.packet, AkaPacket):
            inside = security.open_attributes(before.packet, server.keys)
            stage.behind = next((a.nonce_s for a in inside if isinstance(a, eap.AtNonceS)), b"")
    return stages


def _stages(method: EapType) -> list[_Stage]:
    """A full authentication, and a fast one after it."""
    subscriber = flow.Subscriber(imsi=_IMSI, milenage=_CARD, apns={"": flow.ApnProfile()})
    store = flow.HomeSubscriberServer("store", [subscriber], Random(1))
    name = _NETWORK if method == EapType.AKA_PRIME else ""
    memory, found = flow.EapMemory(), []
    peer = flow.EapPeer(
        "peer", flow.Usim(_IMSI, _CARD), Random(2), methods=(method,), network_name=name
    )
    for identifier in (1, 101):
        server = flow.EapServer(
            "server", method, store.vector, memory, Random(3), network_name=name,
            ask_identity=identifier == 1, result_indications=True,
        )  # fmt: skip
        found += _exchange(peer, server, identifier)
        peer.restart()
    return found


_STAGES = [*_stages(EapType.AKA), *_stages(EapType.AKA_PRIME)]


def one(octets: bytes) -> None:
    """The laws for a packet; its MAC is right, its attributes open, and a party takes it."""
    message_holds("eap", octets, eap.check)
    packet = attempted(lambda: eap.decode(octets, lenient=True))
    if packet is None:
        return
    stage = _STAGES[packet.identifier % len(_STAGES)]
    packet = packet.replace(identifier=stage.packet.identifier)
    if isinstance(packet, AkaPacket):
        packet = _sealed(packet, stage)
    _is_taken(packet, stage)


def _sealed(packet: AkaPacket, stage: _Stage) -> AkaPacket:
    """The packet with its attributes encrypted and the right MAC; what that needs is there."""
    assert stage.keys is not None
    ivs, inside = [*packet.find_all(AtIv)], [*packet.find_all(AtEncrData)]
    if len(ivs) == len(inside) == 1 and len(inside[0].encrypted_data) % _BLOCK == 0:
        cipher, plain = CBC().sealer(stage.keys.k_encr), inside[0].encrypted_data
        encrypted = cipher.encrypt(ivs[0].initialization_vector, plain, b"")
        packet = packet.replace(
            attributes=tuple(
                a.replace(encrypted_data=encrypted) if isinstance(a, AtEncrData) else a
                for a in packet.attributes
            )
        )
        _opens(packet, plain, stage.keys)
    if len([*packet.find_all(AtMac)]) == 1:
        packet = security.with_mac(packet, stage.keys, stage.behind)
        security.verify_mac(packet.encode(), stage.keys, stage.behind)
    return packet


def _opens(packet: AkaPacket, plain: bytes, keys: EapKeys) -> None:
    for lenient in (False, True):
        try:
            opened = security.open_attributes(packet, keys, lenient=lenient)
        except DecodeError:
            opened = None
        again = attempted(lambda lenient=lenient: eap.decode_attributes(plain, lenient=lenient))  # type: ignore[misc]
        assert opened == again
        if opened is not None:
            assert eap.encode_attributes(opened) == plain
            eap.check(eap.NestedAttributes(opened))


def _is_taken(packet: EapPacket, stage: _Stage) -> None:
    """By a party, twice; what it answers is a packet."""
    party = deepcopy(stage.party)
    for now in (0.0, 1.0):
        answer = party.receive(packet.encode(), now)
        if answer is not None:
            assert eap.decode(answer.encode()) == answer
        assert all(str(event) for event in party.events())


def seeds() -> list[bytes]:
    """The packets of all stages, their attributes in the clear."""
    return [_clear(i, stage).encode() for i, stage in enumerate(_STAGES)]


def _clear(index: int, stage: _Stage) -> EapPacket:
    packet = stage.packet.replace(identifier=index)
    if not isinstance(packet, AkaPacket) or packet.find(AtEncrData) is None:
        return packet
    assert stage.keys is not None
    plain = eap.encode_attributes(security.open_attributes(packet, stage.keys))
    return packet.replace(
        attributes=tuple(
            a.replace(encrypted_data=plain) if isinstance(a, AtEncrData) else a
            for a in packet.attributes
        )
    )
