"""The keys of captures, from a secret of each: real peers, and conversations of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv6Address
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import capture, ikev2, ip, packets, security
from mip6boot.ikev2 import KeyExchangeMethod as Method
from mip6boot.packets import KeyDeriver, LinkType, OpenedPacket, Opener, Packet, Secrets
from mip6boot.security import EspSuite, IkeKeys, IkeSuite, Keyring, Secret

from ..conftest import DATA

PEERS = DATA / "peers" / "ikev2"
RECORDED: dict[str, Any] = json.loads((PEERS / "keys.json").read_text())
NAMES = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")
WITH_KEYS = sorted(name for name, found in RECORDED.items() if found["ike_keys"])


def secret(digits: str) -> Secret:
    return Secret(bytes.fromhex(digits))


def packets_of(name: str) -> Iterator[Packet]:
    for frame in capture.read(PEERS / f"{name}.pcap"):
        yield packets.decode_packet(frame.octets, frame.linktype)


def children(recorded: dict[str, Any]) -> list[tuple[str, str]]:
    """Encryption and integrity keys of the recorded child SAs, in both directions."""
    return sorted(
        (child[f"enc_{side}"], child.get(f"int_{side}") or "")
        for child in recorded["child_keys_initiator_view"]
        for side in "ir"
    )


def derived(ring: Keyring) -> list[tuple[str, str]]:
    return sorted((sa.encryption_key.hex(), sa.integrity_key.hex()) for sa in ring.esp)


@pytest.mark.parametrize("name", WITH_KEYS)
def test_shared_secrets_of_real_peers(name: str, record_property: Any) -> None:
    """In any order, and with one that is of nobody: what fits is found by opening messages."""
    recorded = RECORDED[name]
    shared = [secret(keys["dh_shared"]) for keys in recorded["ike_keys"]]
    ring = Keyring()
    deriver = KeyDeriver(Secrets(shared=(Secret(bytes(32)), *reversed(shared))), ring)
    for packet in packets_of(name):
        deriver.feed(packet)
    assert (deriver.problems, deriver.unknown) == ([], [])
    found = [{key: getattr(keys, key).hex() for key in NAMES} for keys in ring.ike]
    assert found == [{key: keys.get(key, "") for key in NAMES} for keys in recorded["ike_keys"]]
    assert derived(ring) == children(recorded)
    record_property("SAs of peers derived from shared secrets", len(ring))


def test_nothing_but_wrong_secrets() -> None:
    ring = Keyring()
    deriver = KeyDeriver(Secrets(shared=(Secret(bytes(32)),)), ring)
    for packet in packets_of("v6-psk-aes256-sha256-ecp256"):
        deriver.feed(packet)
    assert len(ring) == 0
    (line,) = deriver.unknown
    assert line.endswith("no secret fits")


def test_sk_d_and_a_table() -> None:
    """Who has SK_e and SK_a as Wireshark's table, and SK_d, gets the keys of ESP."""
    name = "v6-rekey-child-ike-delete"
    recorded = RECORDED[name]
    table = security.read_tables(PEERS / "ikev2_decryption_table")
    known = {keys.spis for keys in table.ike}
    deriver = KeyDeriver(
        Secrets(sk_d=(Secret(bytes(32)), secret(recorded["ike_keys"][0]["sk_d"]))), table
    )
    for packet in packets_of(name):
        deriver.feed(packet)
    # The SK_d of zeros opens as much, so only the packets tell which child SA is right.
    assert derived(table) == children(recorded)
    assert {keys.spis for keys in table.ike} == known


# -- conversations of our own -----------------------------------------------------------------
MN, HA = IPv6Address("2001:db8:200::7"), IPv6Address("2001:db8:100::1")
SUITE = IkeSuite(
    encryption=ikev2.EncryptionAlgorithm.AES_GCM_16,
    key_length=256,
    prf=ikev2.PseudorandomFunction.HMAC_SHA2_384,
)
ESP = EspSuite(
    encryption=ikev2.EncryptionAlgorithm.AES_CBC,
    key_length=128,
    integrity=ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128,
    legacy=True,
)


class Conversation:
    """What two peers say who agree on everything; each private value is noted."""

    def __init__(self, method: Method) -> None:
        self.rng, self.method = Random(7), method
        self.group = security.key_exchange(method, legacy=True)
        self.said: list[Packet] = []
        self.private: list[Secret] = []
        self.shared: list[Secret] = []
        self.children: list[security.EspSa] = []

    def exchange(self) -> tuple[bytes, bytes, Secret]:
        pair = self.group.generate(self.rng)
        answer, shared = self.group.respond(self.rng, pair.public)
        self.private.append(pair.private)
        self.shared.append(shared)
        return pair.public, answer, shared

    def ke(self, public: bytes) -> ikev2.KeyExchange:
        return ikev2.KeyExchange(method=self.method, key_exchange_data=public)

    def say(self, octets: bytes, *, to_ha: bool) -> None:
        source, destination = (MN, HA) if to_ha else (HA, MN)
        header = ip.Ipv6Header(next_header=17, source=source, destination=destination)
        udp = ip.UdpHeader(source_port=500, destination_port=500)
        message = ikev2.IkeMessage.decode(octets)
        self.say_packet(Packet((header, udp, message), LinkType.IPV6))

    def say_packet(self, packet: Packet) -> None:
        octets = packet.build().encode()
        self.said.append(packets.decode_packet(octets, LinkType.IPV6))

    def initial(self) -> tuple[IkeKeys, tuple[bytes, bytes]]:
        suite = msgspec.structs.replace(SUITE, key_exchange=self.method, legacy=True)
        public_i, public_r, shared = self.exchange()
        nonces = self.rng.randbytes(32), self.rng.randbytes(32)
        proposal = ikev2.Proposal(protocol_id=1, transforms=suite.transforms())
        spis = (b"initiate", b"responds")
        for response, public, nonce in ((False, public_i, nonces[0]), (True, public_r, nonces[1])):
            message = ikev2.IkeMessage(
                initiator_spi=spis[0],
                responder_spi=spis[1] if response else bytes(8),
                exchange_type=34,
                flags=ikev2.IkeFlags.R if response else ikev2.IkeFlags.I,
                payloads=(
                    ikev2.SecurityAssociation(proposals=(proposal,)),
                    self.ke(public),
                    ikev2.Nonce(nonce_data=nonce),
                ),
            )
            self.say(message.encode(), to_ha=not response)
        keys = IkeKeys.derive(
            suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
            shared=shared,
        )  # fmt: skip
        return keys, nonces

    def sealed(
        self,
        keys: IkeKeys,
        number: int,
        kind: int,
        asks: Any,
        answers: Any,
        *,
        from_ha: bool = False,
    ) -> None:
        for response, payloads in ((False, asks), (True, answers)):
            by_initiator = from_ha == response
            flags = ikev2.IkeFlags.I if by_initiator else ikev2.IkeFlags(0)
            flags |= ikev2.IkeFlags.R if response else 0
            header = ikev2.IkeMessage(
                initiator_spi=keys.spi_i, responder_spi=keys.spi_r, exchange_type=kind,
                message_id=number, flags=flags,
            )  # fmt: skip
            self.say(security.seal(header, payloads, keys, rng=self.rng), to_ha=by_initiator)

    def child(
        self,
        keys: IkeKeys,
        number: int,
        *,
        nonces: Any = None,
        pfs: bool = False,
        from_ha: bool = False,
    ) -> None:
        """A child SA, with a packet in each direction."""
        spis = self.rng.randrange(1 << 32), self.rng.randrange(1 << 32)
        suite = msgspec.structs.replace(ESP, key_exchange=self.method) if pfs else ESP
        first = nonces is not None
        nonces = nonces or (self.rng.randbytes(32), self.rng.randbytes(32))
        publics, shared = (), b""
        if pfs:
            *publics, shared = self.exchange()  # type: ignore[assignment]
        sides = []
        for i in (0, 1):
            proposal = ikev2.Proposal(
                protocol_id=3, spi=spis[i].to_bytes(4, "big"), transforms=suite.transforms()
            )
            side: list[ikev2.Payload] = [ikev2.SecurityAssociation(proposals=(proposal,))]
            side += [] if first else [ikev2.Nonce(nonce_data=nonces[i])]
            side += [self.ke(publics[i])] if pfs else []
            sides.append(tuple(side))
        self.sealed(keys, number, 35 if first else 36, *sides, from_ha=from_ha)
        pair = security.child_sas(
            keys, suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
            shared=shared,
        )  # fmt: skip
        for sa, (source, destination) in zip(
            pair, ((HA, MN), (MN, HA)) if from_ha else ((MN, HA), (HA, MN)), strict=True
        ):
            header = ip.Ipv6Header(next_header=50, source=source, destination=destination)
            packet = sa.seal(b"data", 59, sequence=1, rng=self.rng)
            self.say_packet(Packet((header, packet), LinkType.IPV6))
            self.children.append(
                msgspec.structs.replace(sa, source=source, destination=destination)
            )

    def rekey(self, keys: IkeKeys, number: int) -> IkeKeys:
        """The home agent takes the IKE SA's place with a new one, of which it is the initiator."""
        public_i, public_r, shared = self.exchange()
        nonces = self.rng.randbytes(32), self.rng.randbytes(32)
        spis = b"new-i-ha", b"new-r-mn"
        sides = [
            (
                ikev2.SecurityAssociation(
                    proposals=(
                        ikev2.Proposal(
                            protocol_id=1, spi=spis[i], transforms=keys.suite.transforms()
                        ),
                    )
                ),
                ikev2.Nonce(nonce_data=nonces[i]),
                self.ke(public),
            )
            for i, public in enumerate((public_i, public_r))
        ]
        self.sealed(keys, number, 36, *sides, from_ha=True)
        return keys.rekey(
            keys.suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
            shared=shared,
        )  # fmt: skip


METHODS = (
    Method.MODP1024, Method.MODP2048, Method.ECP256, Method.ECP521, Method.BRAINPOOL_P256R1,
    Method.CURVE25519, Method.CURVE448,
)  # fmt: skip


def conversation(method: Method) -> tuple[Conversation, list[IkeKeys]]:
    """An IKE SA with three child SAs, two of them with PFS, and the SA in its place with one."""
    said = Conversation(method)
    keys, nonces = said.initial()
    said.child(keys, 1, nonces=nonces)
    said.child(keys, 2, pfs=True)
    said.child(keys, 0, pfs=True, from_ha=True)
    new = said.rekey(keys, 1)
    # The new SA's initiator is the home agent, which sends to the mobile node.
    said.sealed(new, 0, 37, (), ())
    return said, [keys, new]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize("kind", ["private", "shared"])
def test_everything_follows(method: Method, kind: str) -> None:
    said, expected = conversation(method)
    ring = Keyring()
    secrets = Secrets(**{kind: tuple(reversed(getattr(said, kind)))})
    deriver = KeyDeriver(secrets, ring)
    for packet in said.said:
        deriver.feed(packet)
    assert (deriver.problems, deriver.unknown) == ([], [])
    assert list(ring.ike) == expected
    assert sorted(ring.esp, key=lambda sa: sa.spi) == sorted(said.children, key=lambda sa: sa.spi)
    opener = Opener(ring)
    opened = [within for packet in said.said for within in opener.open(packet)]
    assert sum(isinstance(within, OpenedPacket) for within in opened) == 6
    assert all(within.errors == () for within in opened)


def test_ml_kem() -> None:
    """The responder sends a ciphertext; the private value is the seed of the initiator's key."""
    method = Method.ML_KEM_768
    if (4, int(method)) not in security.PRIMITIVES:
        pytest.skip("this version of cryptography has no ML-KEM")
    said, expected = conversation(method)
    ring = Keyring()
    deriver = KeyDeriver(Secrets(private=tuple(said.private)), ring)
    for packet in said.said:
        deriver.feed(packet)
    assert list(ring.ike) == expected
    assert len(ring.esp) == 6


def test_what_cannot_be_derived_is_a_problem() -> None:
    """A public value that is no point of the curve, and an algorithm that does not work here."""
    said = Conversation(Method.ECP256)
    said.initial()
    (request, answer) = said.said
    message: Any = answer.layers[2]
    sa, public, nonce = message.payloads
    bad = Packet(
        (*answer.layers[:2], message.replace(payloads=(sa, said.ke(bytes(64)), nonce))),
        LinkType.IPV6,
    )
    camellia = ikev2.Transform.of(ikev2.EncryptionAlgorithm.CAMELLIA_CBC, 128)
    proposal = sa.proposals[0].replace(transforms=(camellia, *sa.proposals[0].transforms[1:]))
    other = Packet(
        (
            *answer.layers[:2],
            message.replace(payloads=(sa.replace(proposals=(proposal,)), public, nonce)),
        ),
        LinkType.IPV6,
    )
    for packet, reason in ((bad, "no public value"), (other, "CAMELLIA_CBC does not work here")):
        secrets = Secrets(private=tuple(said.private), shared=tuple(said.shared))
        deriver = KeyDeriver(secrets, Keyring())
        deriver.feed(request)
        deriver.feed(packet)
        (problem,) = deriver.problems
        assert problem.startswith("IKE SA 696e697469617465,726573706f6e6473: ")
        assert reason in problem


def test_a_capture_that_begins_in_the_middle_derives_nothing() -> None:
    said, _ = conversation(Method.CURVE25519)
    ring = Keyring()
    deriver = KeyDeriver(Secrets(shared=tuple(said.shared)), ring)
    for packet in said.said[1:]:
        deriver.feed(packet)
    assert len(ring) == 0
    assert (deriver.problems, deriver.unknown) == ([], [])


# -- conversations that do not go as they should ----------------------------------------------
def derive(said: Conversation, order: list[Packet], ring: Keyring | None = None) -> KeyDeriver:
    """The deriver that all shared secrets, and all packets in an order, were given to."""
    deriver = KeyDeriver(Secrets(shared=tuple(said.shared)), Keyring() if ring is None else ring)
    for packet in order:
        deriver.feed(packet)
    return deriver


def with_message(packet: Packet, **fields: Any) -> Packet:
    *headers, message = packet.layers
    return Packet((*headers, message.replace(**fields)), packet.linktype).build()  # type: ignore[union-attr]


def test_retransmissions() -> None:
    """Every message again at once, and all but those of the last SA again at the end."""
    said, expected = conversation(Method.CURVE25519)
    twice = [packet for packet in said.said for _ in range(2)]
    for order in (twice, said.said + said.said[:-2]):
        deriver = derive(said, order)
        assert (deriver.problems, deriver.unknown) == ([], [])
        assert list(deriver.keys.ike) == expected
        assert len(deriver.keys.esp) == 6


def test_the_begin_is_tried_again() -> None:
    """With a cookie, then with the method that the responder wants (RFC 7296 1.2, 2.6)."""
    said, expected = conversation(Method.CURVE25519)
    request, answer, *rest = said.said
    payloads = request.layers[2].payloads  # type: ignore[union-attr]
    other = security.key_exchange(Method.ECP256).generate(Random(1)).public
    wrong = ikev2.KeyExchange(method=Method.ECP256, key_exchange_data=other)
    cookie = ikev2.Cookie(cookie=b"cookie")
    order = [with_message(request, payloads=(payloads[0], wrong, payloads[2]))]
    order += [with_message(answer, responder_spi=bytes(8), payloads=(cookie,))]
    order += [with_message(request, payloads=(cookie, payloads[0], wrong, payloads[2]))]
    refusal = ikev2.InvalidKePayload(method=Method.CURVE25519)
    order += [with_message(answer, responder_spi=bytes(8), payloads=(refusal,))]
    order += [with_message(request, payloads=(cookie, *payloads)), answer, *rest]
    deriver = derive(said, order)
    assert (deriver.problems, deriver.unknown) == ([], [])
    assert list(deriver.keys.ike) == expected


def test_both_ask_at_the_same_time() -> None:
    """Exchanges of both directions have the same message ID, and one is within the other."""
    said = Conversation(Method.CURVE25519)
    keys, nonces = said.initial()
    said.child(keys, 1, nonces=nonces)
    before = len(said.said)
    said.child(keys, 2, pfs=True)
    said.child(keys, 2, pfs=True, from_ha=True)
    asked, answered, *data, asked_by_ha, answered_ha, sent, received = said.said[before:]
    order = [asked, asked_by_ha, answered_ha, answered, *data, sent, received]
    deriver = derive(said, said.said[:before] + order)
    assert (deriver.problems, deriver.unknown) == ([], [])
    by_spi = sorted(deriver.keys.esp, key=lambda sa: sa.spi)
    assert by_spi == sorted(said.children, key=lambda sa: sa.spi)


def test_peers_with_the_same_spi() -> None:
    """Two mobile nodes begin at the same time, and the home agent answers both."""
    said = Conversation(Method.CURVE25519)
    keys, _ = said.initial()
    others = Conversation(Method.CURVE25519)
    others.rng = Random(8)
    others.initial()
    for i, packet in enumerate(others.said):
        header: Any = packet.layers[0]
        neighbour = IPv6Address("2001:db8:200::8")
        header = header.replace(**{"destination" if i else "source": neighbour})
        spis = {"responder_spi": b"respond2"} if i else {}
        packet = with_message(Packet((header, *packet.layers[1:]), packet.linktype), **spis)
        said.said.insert(2 * i + 1, packet)
    said.sealed(keys, 1, 37, (), ())
    deriver = derive(said, said.said)
    assert list(deriver.keys.ike) == [keys]


@pytest.mark.parametrize("size", [0, 3, 8, 200])
def test_an_spi_of_a_wrong_size(size: int) -> None:
    """It is a problem of its exchange, and no table is spoiled by it."""
    said = Conversation(Method.CURVE25519)
    keys, nonces = said.initial()
    said.child(keys, 1, nonces=nonces)
    proposal = ikev2.Proposal(protocol_id=3, spi=bytes(size), transforms=ESP.transforms())
    side = ikev2.SecurityAssociation(proposals=(proposal,)), ikev2.Nonce(nonce_data=bytes(32))
    said.sealed(keys, 2, 36, side, side)
    deriver = derive(said, said.said)
    (problem,) = deriver.problems
    assert "SPIs of 4 octets are expected" in problem
    assert len(security.from_esp_table(security.esp_table(deriver.keys.esp))) == 2


def test_perfect_forward_secrecy_without_its_secret() -> None:
    """A shared secret is taken for that of a child SA only once a packet shows that it is."""
    said = Conversation(Method.CURVE25519)
    keys, nonces = said.initial()
    said.child(keys, 1, nonces=nonces)
    said.child(keys, 2, pfs=True)
    of_first, of_second = said.children[:2], said.children[2:]
    name = "ESP SAs {1.spi:08x},{0.spi:08x}: ".format(*of_second)

    def derived_from(order: list[Packet], **secrets: Any) -> tuple[list[Any], list[str]]:
        deriver = KeyDeriver(Secrets(**secrets), Keyring())
        for packet in order:
            deriver.feed(packet)
        return list(deriver.keys.esp), deriver.unknown

    ikes = [packet for packet in said.said if not isinstance(packet.layers[-1], ip.EspPacket)]
    only_first, not_told = tuple(said.shared[:1]), name + "no packet tells which secret fits"
    assert derived_from(said.said, shared=only_first) == (of_first, [not_told])
    assert derived_from(ikes, shared=tuple(said.shared)) == (of_first, [not_told])
    private = tuple(said.private[:1])
    assert derived_from(ikes, private=private) == (of_first, [name + "no secret fits"])
    # A private value that is that of a public one needs no packet.
    assert len(derived_from(ikes, private=tuple(said.private))[0]) == 4


def test_an_sa_inside_another_ones_tunnel() -> None:
    """The home agent is asked through a tunnel, and the first sealed messages are in it."""
    said, expected = conversation(Method.CURVE25519)
    suite = EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
    tunnel = security.EspSa(spi=0x2000, suite=suite, encryption_key=Secret(bytes(20)))
    order = []
    for number, packet in enumerate(said.said, 1):
        sealed = packets.seal_tunnel(
            packet, tunnel, IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2"),
            sequence=number, rng=Random(number),
        )  # fmt: skip
        order.append(packets.decode_packet(sealed.encode(), LinkType.IPV6))
    deriver = derive(said, order, Keyring([tunnel]))
    assert (deriver.problems, deriver.unknown) == ([], [])
    assert list(deriver.keys.ike) == expected
    by_spi = sorted(deriver.keys.esp, key=lambda sa: sa.spi)
    assert by_spi == sorted([tunnel, *said.children], key=lambda sa: sa.spi)


def test_a_table_and_the_shared_secret() -> None:
    """What is derived counts more than an SK_d that somebody gave."""
    said, expected = conversation(Method.CURVE25519)
    table = security.from_ikev2_table(security.ikev2_table(expected[:1]))
    secrets = Secrets(shared=tuple(said.shared), sk_d=(Secret(bytes(48)),))
    deriver = KeyDeriver(secrets, Keyring(table))
    for packet in said.said:
        deriver.feed(packet)
    assert (deriver.problems, deriver.unknown) == ([], [])
    assert list(deriver.keys.ike) == expected


def test_a_table_and_a_proposal_that_do_not_agree() -> None:
    """The keys open, so it is the table that is right about what they are for."""
    said, expected = conversation(Method.CURVE25519)
    answer: Any = said.said[1].layers[2]
    (proposal,) = answer.payloads[0].proposals
    cipher = ikev2.Transform.of(SUITE.encryption)
    proposal = proposal.replace(transforms=(cipher, *proposal.transforms[1:]))
    offer = answer.payloads[0].replace(proposals=(proposal,))
    said.said[1] = with_message(said.said[1], payloads=(offer, *answer.payloads[1:]))
    table = security.from_ikev2_table(security.ikev2_table(expected[:1]))
    deriver = KeyDeriver(Secrets(sk_d=(expected[0].sk_d,)), Keyring(table))
    for packet in said.said:
        deriver.feed(packet)
    (keys, *_) = security.from_ikev2_table(security.ikev2_table(deriver.keys.ike))
    assert (keys.sk_ei, keys.suite.key_length) == (expected[0].sk_ei, 256)
    assert len(deriver.keys.esp) == 2
