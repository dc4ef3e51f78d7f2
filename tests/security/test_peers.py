"""Real peers: their keys are derived, their messages and packets opened and sealed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv6Address
from typing import Any, NamedTuple

import pytest

from mip6boot import capture, ikev2, ip, mipv6, packets, security
from mip6boot.errors import DecodeError, IntegrityError
from mip6boot.ikev2 import (
    Encrypted,
    EncryptedFragment,
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    PseudorandomFunction,
)
from mip6boot.security import EspSa, EspSuite, FragmentAssembler, IkeKeys, IkeSuite, child_sas

from ..conftest import DATA

PEERS = DATA / "peers" / "ikev2"
KEYS: dict[str, dict[str, Any]] = json.loads((PEERS / "keys.json").read_text())
SEALED = [name for name, recorded in KEYS.items() if recorded["ike_keys"]]
NAMES = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")

E, I, P, K = EncryptionAlgorithm, IntegrityAlgorithm, PseudorandomFunction, KeyExchangeMethod

#: The peers' names of algorithms.
ENCRYPTION = {
    "AES_CBC_128": (E.AES_CBC, 128), "AES_CBC_256": (E.AES_CBC, 256), "AES_CTR_128": (E.AES_CTR, 128),
    "AES_GCM_16_128": (E.AES_GCM_16, 128), "AES_GCM_16_256": (E.AES_GCM_16, 256),
    "CHACHA20_POLY1305": (E.CHACHA20_POLY1305, None),
}  # fmt: skip
GROUP = {
    "MODP_2048": K.MODP2048, "ECP_256": K.ECP256, "ECP_384": K.ECP384, "CURVE_25519": K.CURVE25519,
}  # fmt: skip


class Conversation(NamedTuple):
    """A capture read with the shared secrets of its exchanges."""

    keys: list[IkeKeys]
    "Of the IKE SA, then of the one that replaced it."
    children: list[tuple[EspSa, EspSa]]
    "From and to the mobile node, in the order they were made."
    opened: list[tuple[bytes, security.Opened]]
    "Octets and content of each sealed message."
    payloads: list[tuple[ikev2.IkeMessage, tuple[ikev2.Payload, ...]]]
    "Whole chains that were sealed, of fragments too."
    esp: list[tuple[bytes, security.OpenedEsp, EspSa]]


def frames(name: str) -> Iterator[Any]:
    for frame in capture.read(PEERS / f"{name}.pcap"):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        yield packet


def find(payloads: tuple[Any, ...], kind: type[Any]) -> Any:
    return next((payload for payload in payloads if isinstance(payload, kind)), None)


@cache
def conversation(name: str) -> Conversation:
    """What an observer does who is told the shared secrets, and nothing else."""
    secrets = [bytes.fromhex(keys["dh_shared"]) for keys in KEYS[name]["ike_keys"]]
    out = Conversation([], [], [], [], [])
    asked: dict[tuple[bytes, int, bool], tuple[Any, ...]] = {}
    assembler = FragmentAssembler()
    for packet in frames(name):
        esp = packet.find(ip.EspPacket)
        if esp is not None:
            out.esp.append(opened_esp(esp, out.children))
        message = packet.find(ikev2.IkeMessage)
        if message is None:
            continue
        payloads = message.payloads
        if payloads and isinstance(payloads[-1], (Encrypted, EncryptedFragment)):
            keys = next(k for k in out.keys if k.spi_i == message.initiator_spi)
            opened = security.unseal(message.encode(), keys)
            assert security.unseal(message, keys) == opened
            out.opened.append((message.encode(), opened))
            payloads = opened.decode(lenient=True)
            if isinstance(opened.sealed, EncryptedFragment):
                whole = assembler.feed(opened)
                if whole is None:
                    continue
                payloads = whole.decode(lenient=True)
            out.payloads.append((message, payloads))
        exchange = (message.initiator_spi, message.message_id, message.from_initiator)
        if not message.is_response:
            asked[exchange] = payloads
        else:
            request = asked[message.initiator_spi, message.message_id, not message.from_initiator]
            if message.exchange_type == ikev2.ExchangeType.IKE_AUTH:
                # With EAP the answer to the first request's proposals comes last.
                request = asked[message.initiator_spi, 1, True]
            agreed(message, request, payloads, secrets, out)
    return out


def agreed(
    message: ikev2.IkeMessage,
    request: tuple[Any, ...],
    response: tuple[Any, ...],
    secrets: list[bytes],
    out: Conversation,
) -> None:
    """Derive what an exchange has made: an IKE SA, its successor, or child SAs."""
    chosen = find(response, ikev2.SecurityAssociation)
    if chosen is None:
        return
    (proposal,) = chosen.proposals
    # The initiator's proposal of the same number has its SPI.
    offered = find(request, ikev2.SecurityAssociation).proposals[proposal.proposal_num - 1]
    nonce_i, nonce_r = find(request, ikev2.Nonce), find(response, ikev2.Nonce)
    if proposal.protocol_id == ikev2.ProtocolId.IKE:
        nonces = {"nonce_i": nonce_i.nonce_data, "nonce_r": nonce_r.nonce_data}
        shared, suite = secrets[len(out.keys)], IkeSuite.of(proposal)
        if message.exchange_type == ikev2.ExchangeType.IKE_SA_INIT:
            spis = {"spi_i": message.initiator_spi, "spi_r": message.responder_spi}
            out.keys.append(IkeKeys.derive(suite, **spis, **nonces, shared=shared))
        else:
            spis = {"spi_i": offered.spi, "spi_r": proposal.spi}
            out.keys.append(out.keys[-1].rekey(suite, **spis, **nonces, shared=shared))
        return
    if nonce_i is None:  # IKE_AUTH takes the nonces of IKE_SA_INIT.
        nonce_i, nonce_r = NONCES[message.initiator_spi]
    keys = next(k for k in out.keys if k.spi_i == message.initiator_spi)
    sas = child_sas(
        keys,
        EspSuite.of(proposal),
        spi_i=int.from_bytes(offered.spi, "big"),
        spi_r=int.from_bytes(proposal.spi, "big"),
        nonce_i=nonce_i.nonce_data,
        nonce_r=nonce_r.nonce_data,
    )
    # The mobile node is the original initiator, and no home agent rekeyed in these runs.
    assert not message.from_initiator
    out.children.append(sas)


def nonces() -> dict[bytes, tuple[Any, Any]]:
    """The nonces of each IKE_SA_INIT exchange, by SPI of the initiator."""
    out: dict[bytes, list[Any]] = {}
    for name in SEALED:
        for packet in frames(name):
            message = packet.find(ikev2.IkeMessage)
            if message is not None and message.exchange_type == ikev2.ExchangeType.IKE_SA_INIT:
                nonce = find(message.payloads, ikev2.Nonce)
                if nonce is not None:
                    # A request that is repeated has the same nonce.
                    pair = out.setdefault(message.initiator_spi, [None, None])
                    pair[message.is_response] = nonce
    return {spi: (pair[0], pair[1]) for spi, pair in out.items()}


NONCES = nonces()


def opened_esp(
    packet: ip.EspPacket, children: list[tuple[EspSa, EspSa]]
) -> tuple[bytes, security.OpenedEsp, EspSa]:
    sa = next(sa for pair in children for sa in pair if sa.spi == packet.spi)
    return packet.encode(), sa.unseal(packet), sa


# -- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEALED)
def test_keys_are_those_that_the_peers_logged(name: str, record_property: Any) -> None:
    derived, recorded = conversation(name).keys, KEYS[name]
    assert len(derived) == len(recorded["ike_keys"])
    count = 0
    for keys, known in zip(derived, recorded["ike_keys"], strict=True):
        for field in NAMES:
            assert getattr(keys, field).hex() == known.get(field, "")
            count += 1
    assert [[spi.hex() for spi in keys.spis] for keys in derived] == recorded["wire_spis"]
    record_property("SK_* equal to those of peers", count)


@pytest.mark.parametrize("name", SEALED)
def test_skeyseed(name: str) -> None:
    keys, known = conversation(name).keys[0], KEYS[name]["ike_keys"][0]
    nonce_i, nonce_r = NONCES[keys.spi_i]
    shared = bytes.fromhex(known["dh_shared"])
    prf = keys.suite.pseudorandom_function
    assert (
        security.skeyseed(prf, nonce_i.nonce_data, nonce_r.nonce_data, shared).hex()
        == known["skeyseed"]
    )
    if len(conversation(name).keys) > 1:
        # Of the rekeyed one, SKEYSEED gives the keys that were derived at once.
        successor, later = conversation(name).keys[1], KEYS[name]["ike_keys"][1]
        seed = bytes.fromhex(later["skeyseed"])
        (message, request), (_, response) = rekeying(name)
        nonces = find(request, ikev2.Nonce).nonce_data, find(response, ikev2.Nonce).nonce_data
        assert message.initiator_spi == keys.spi_i
        assert successor == IkeKeys.expand(
            successor.suite, seed, spi_i=successor.spi_i, spi_r=successor.spi_r,
            nonce_i=nonces[0], nonce_r=nonces[1],
        )  # fmt: skip


def rekeying(name: str) -> list[Any]:
    """Request and response that replaced the IKE SA."""
    return [
        (message, payloads)
        for message, payloads in conversation(name).payloads
        if message.exchange_type == ikev2.ExchangeType.CREATE_CHILD_SA
        and find(payloads, ikev2.SecurityAssociation).proposals[0].protocol_id
        == ikev2.ProtocolId.IKE
    ]


@pytest.mark.parametrize("name", SEALED)
def test_suites_are_those_that_the_peers_logged(name: str) -> None:
    for keys, text in zip(
        conversation(name).keys, KEYS[name]["ike_proposals_selected"], strict=True
    ):
        first, *middle, group = text.split("/")
        integrity = getattr(I, middle[0]) if len(middle) == 2 else I.NONE
        assert (keys.suite.encryption, keys.suite.key_length) == ENCRYPTION[first]
        assert keys.suite.integrity == integrity
        assert keys.suite.prf is not None
        assert "PRF_" + keys.suite.prf.name == middle[-1]
        assert keys.suite.key_exchange == GROUP[group]


@pytest.mark.parametrize("name", SEALED)
def test_child_keys_are_those_that_the_peers_logged(name: str, record_property: Any) -> None:
    children, recorded = conversation(name).children, KEYS[name]
    known = recorded["child_keys_initiator_view"]
    assert [child_keys(pair) for pair in children] == known
    # After a rekeyed child, the log names the same SPIs once more.
    spis = list(dict.fromkeys(map(tuple, recorded["child_spis_mn_view_in_out"])))
    assert [(f"{into.spi:08x}", f"{out.spi:08x}") for out, into in children] == spis
    record_property("child SAs with the keys of peers", len(children))


def child_keys(pair: tuple[EspSa, EspSa]) -> dict[str, str]:
    sent, received = pair
    known = {"enc_i": sent.encryption_key.hex(), "enc_r": received.encryption_key.hex()}
    if sent.integrity_key:
        known |= {"int_i": sent.integrity_key.hex(), "int_r": received.integrity_key.hex()}
    return known


# -- Messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEALED)
def test_messages_open_and_seal_to_the_same_octets(name: str, record_property: Any) -> None:
    talk = conversation(name)
    for octets, opened in talk.opened:
        keys = next(k for k in talk.keys if k.spi_i == opened.message.initiator_spi)
        assert opened.verified
        assert opened.seal(keys) == octets
        first = opened.sealed.first_payload
        if not opened.is_fragment:
            payloads = opened.decode(lenient=True)
            assert ikev2.encode_chain(payloads) == (first, opened.content)
            if isinstance(opened.sealed, Encrypted):
                bare = opened.message.replace(payloads=opened.message.payloads[:-1])
                again = security.seal(bare, payloads, keys, iv=opened.iv, padding=opened.padding)
                assert again == octets
    assert talk.opened
    kinds = {Encrypted: "SK", EncryptedFragment: "SKF"}
    for _, opened in talk.opened:
        record_property(f"{kinds[type(opened.sealed)]} payloads of peers opened and sealed", 1)


@pytest.mark.parametrize("name", SEALED)
def test_messages_do_not_open_with_the_other_direction(name: str) -> None:
    talk = conversation(name)
    octets, opened = talk.opened[0]
    keys = talk.keys[0]
    assert opened.message.from_initiator
    turned = opened.message.replace(flags=opened.message.flags ^ ikev2.IkeFlags.I)
    with pytest.raises(IntegrityError):
        security.unseal(turned, keys)
    with pytest.raises(IntegrityError):
        security.unseal(octets[:-1] + bytes((octets[-1] ^ 1,)), keys)


#: The home address of each mobile node that was given one.
HOME = IPv6Address("2001:db8:100::1001")
WITHOUT_HOME = {
    "libreswan-v6-psk-nokernel", "v6-fail-auth", "v6-fail-no-address", "v6-transport-mh135-shim",
}  # fmt: skip


@pytest.mark.parametrize("name", SEALED)
def test_home_address_given(name: str, record_property: Any) -> None:
    given = [
        attribute.address
        for _, payloads in conversation(name).payloads
        for configuration in payloads
        if isinstance(configuration, ikev2.Configuration)
        and configuration.cfg_type == ikev2.ConfigurationType.REPLY
        for attribute in configuration.find_all(ikev2.InternalIp6Address)
    ]
    assert set(given) == (set() if name in WITHOUT_HOME else {HOME})
    record_property("home addresses of peers read from sealed messages", len(given))


# -- ESP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEALED)
def test_packets_open_and_seal_to_the_same_octets(name: str, record_property: Any) -> None:
    for octets, opened, sa in conversation(name).esp:
        assert opened.verified
        assert sa.reseal(opened).encode() == octets
        # Both ends pad with 1, 2, 3 ... (RFC 4303 2.4), so that we would have written the same.
        ours = sa.seal(opened.payload, opened.next_header, sequence=opened.sequence, iv=opened.iv)
        assert ours.encode() == octets
        record_property("ESP packets of peers opened and sealed", 1)


def test_packets_hold_what_was_sent(record_property: Any) -> None:
    """Tunnels of IPv6 with pings, Binding Updates, and the errors that answer those."""
    count = 0
    for name in SEALED:
        last: dict[int, int] = {}
        for _, opened, sa in conversation(name).esp:
            assert opened.next_header == ip.Protocol.IPV6
            assert opened.sequence == last.get(sa.spi, 0) + 1
            last[sa.spi] = opened.sequence
            inner = packets.decode_packet(opened.payload, packets.LinkType.IPV6)
            assert inner.errors == ()
            assert inner.encode() == opened.payload
            header = inner.find(ip.Ipv6Header)
            agent = IPv6Address("2001:db8:100::1")
            assert {header.source, header.destination} == {HOME, agent}
            assert inner.find(mipv6.BindingUpdate) or inner.find(ip.Icmpv6Message)
            count += 1
    assert count == 180
    record_property("packets inside of ESP decoded", count)


def test_a_changed_packet_does_not_open() -> None:
    for name in SEALED:
        for octets, _, sa in conversation(name).esp[:1]:
            for at in (4, 8, len(octets) // 2, len(octets) - 1):
                changed = bytearray(octets)
                changed[at] ^= 1
                with pytest.raises(IntegrityError):
                    sa.unseal(bytes(changed))


def test_fragments_come_in_any_order() -> None:
    for name in ("v6-rsa2048-frag", "v6-ecdsa-frag-aes256gcm"):
        parts = [o for _, o in conversation(name).opened if isinstance(o.sealed, EncryptedFragment)]
        assert len(parts) > 3
        assembler = FragmentAssembler()
        wholes = [whole for part in reversed(parts) if (whole := assembler.feed(part)) is not None]
        assert [len(whole.fragments) for whole in wholes]
        for whole in wholes:
            assert whole.verified
            payloads = whole.decode(lenient=True)
            first = whole.fragments[0].sealed.first_payload
            assert ikev2.encode_chain(payloads) == (first, whole.content)
            assert find(payloads, ikev2.Authentication) is not None


def test_refused_is_only_what_the_home_agent_could_not_write() -> None:
    """MIP6_HOME_PREFIX of 17 octets; see the test of the same chains as tshark opens them."""
    refused = 0
    for name in SEALED:
        for _, opened in conversation(name).opened:
            try:
                opened.decode()
            except DecodeError as e:
                assert e.path.endswith("home_prefix")
                refused += 1
    assert refused
