"""Two ends of IKEv2 in memory, with virtual time and faults; and what was seen between them."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mip6boot import ikev2, packets
from mip6boot.eap import AkaRequest, AkaResponse, AkaSubtype, EapPacket, Failure, Success
from mip6boot.flow import Actor, Unit
from mip6boot.flow.aaa import AaaAnswer, AaaEnd, AaaOrder, AaaRequest, AaaResult
from mip6boot.flow.ike import (
    Credentials,
    End,
    IkeInitiator,
    IkeResponder,
    PadEntry,
    Pool,
    Settings,
    Trust,
    Wanted,
)
from mip6boot.ikev2 import FqdnIdentity, Rfc822Identity
from mip6boot.schema import Malformed
from mip6boot.security import Keyring, PrivateKey, Secret, load_private_key

from ..conftest import DATA

UE, HA = IPv6Address("2001:db8:200::10"), IPv6Address("2001:db8:200::1")
MN, APN = Rfc822Identity(address="mn1@example.org"), FqdnIdentity(fqdn="ims.example.org")
AGENT = FqdnIdentity(fqdn="ha.example.org")
KEY = Secret(b"mip6-shared-secret")
HOME = IPv6Network("2001:db8:100::/64")
EPOCH = datetime(2026, 11, 24, tzinfo=UTC)
#: What does with a unit: when it comes, in seconds; twice for a duplicate, never for a lost one.
Fault = Callable[[Unit, int], Sequence[float]]

Payloads = tuple[ikev2.Payload, ...]


def delivered(unit: Unit, number: int) -> Sequence[float]:
    return (0.01,)


class Network:
    """Carries units between actors by their addresses."""

    def __init__(self, actors: dict[Any, Actor], fault: Fault = delivered) -> None:
        self.actors, self.fault = actors, fault
        self.now = 0.0
        self.seen: list[tuple[float, Unit]] = []
        self.events: list[str] = []
        self._flying: list[tuple[float, int, Unit]] = []
        self._order = itertools.count()

    def run(self, seconds: float = 2.0) -> None:
        """Let time pass."""
        end = self.now + seconds
        while True:
            self._collect()
            times = [actor.next_timeout() for actor in self.actors.values()]
            due = [time for time in times if time is not None]
            due += [entry[0] for entry in self._flying[:1]]
            if not due or min(due) > end:
                self.now = end
                return
            self.now = max(self.now, min(due))
            if self._flying and self._flying[0][0] <= self.now:
                unit = heapq.heappop(self._flying)[2]
                if unit.destination in self.actors:
                    self.actors[unit.destination].receive(unit, self.now)
            for actor in self.actors.values():
                actor.handle_timeout(self.now)

    def _collect(self) -> None:
        for actor in self.actors.values():
            self.events += map(str, actor.events())
            for unit in actor.to_send():
                self.seen.append((self.now, unit))
                for delay in self.fault(unit, len(self.seen) - 1):
                    entry = (self.now + delay, next(self._order), unit)
                    heapq.heappush(self._flying, entry)

    def told(self, text: str) -> bool:
        """An event says so."""
        return any(text in event for event in self.events)


def framed(unit: Unit) -> bytes:
    """The unit as an IPv6 packet."""
    size = 8 + len(unit.octets)
    assert isinstance(unit.source, IPv6Address)
    assert isinstance(unit.destination, IPv6Address)
    udp = b"".join(
        number.to_bytes(2, "big") for number in (unit.source_port, unit.destination_port, size, 0)
    )
    header = bytes.fromhex("60000000") + size.to_bytes(2, "big") + b"\x11\x40"
    return header + unit.source.packed + unit.destination.packed + udp + unit.octets


def message_of(unit: Unit) -> ikev2.IkeMessage:
    octets = unit.octets[4:] if unit.source_port == 4500 else unit.octets
    return ikev2.decode(octets)


class Seen:
    """A message that was sent, with what was sealed in it."""

    def __init__(self, message: ikev2.IkeMessage, payloads: Payloads) -> None:
        self.message, self.payloads = message, payloads

    def find(self, kind: type[Any]) -> Any:
        return next((one for one in self.payloads if isinstance(one, kind)), None)

    @property
    def names(self) -> list[str]:
        return [
            ikev2.NotifyType(one.notify_type).name  # type: ignore[attr-defined]
            if isinstance(one, ikev2.NotifyPayload)
            else type(one).__name__
            for one in self.payloads
        ]


def opened(network: Network, *ends: End) -> list[Seen]:
    """Every message that was sent, opened with the keys that the ends have, and checked."""
    ring = Keyring(key for end in ends for key in end.keyring)
    opener = packets.Opener(ring)
    found = []
    for _, unit in network.seen:
        message = message_of(unit)
        packet = packets.decode_packet(framed(unit), 101)
        assert packet.find(ikev2.IkeMessage) == message
        if message.exchange_type == ikev2.ExchangeType.IKE_SA_INIT:
            assert not ikev2.check(message)
            found.append(Seen(message, message.payloads))
            continue
        for within in opener.open(packet):
            if isinstance(within, packets.OpenedPart):
                continue
            assert isinstance(within, packets.OpenedChain)
            assert within.verified
            assert not any(isinstance(one, Malformed) for one in within.payloads)
            assert not ikev2.check(message, within.payloads)
            found.append(Seen(message, within.payloads))
    assert len(found) >= len(
        [u for _, u in network.seen if not message_of(u).find(ikev2.EncryptedFragment)]
    )
    return found


class Authority:
    """Signs certificates, and makes keys from a seed."""

    def __init__(self) -> None:
        self.key = ec.derive_private_key(4711, ec.SECP256R1())
        self.certificate = self._sign("authority", self.key, authority=True)

    def _sign(self, name: str, key: Any, *, authority: bool = False) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        begins, ends = EPOCH - timedelta(days=9), EPOCH + timedelta(days=99)
        public = key.public_key()
        builder = x509.CertificateBuilder(issuer, subject, public, 4711, begins, ends)
        basic = x509.BasicConstraints(ca=authority, path_length=None)
        builder = builder.add_extension(basic, critical=True)
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(own, critical=False)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(above, critical=False)
        if authority:
            usage = x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
                encipher_only=False, decipher_only=False,
            )  # fmt: skip
            builder = builder.add_extension(usage, critical=True)
        else:
            kind = x509.RFC822Name if "@" in name else x509.DNSName
            names = x509.SubjectAlternativeName([kind(name)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)

    def issue(self, name: str, key: PrivateKey) -> bytes:
        return self._sign(name, key).public_bytes(Encoding.DER)

    def trust(self) -> Trust:
        return Trust(authorities=(self.certificate,), epoch=EPOCH)


AUTHORITY = Authority()
EC_KEY = ec.derive_private_key(12345, ec.SECP256R1())
EC384_KEY = ec.derive_private_key(12345, ec.SECP384R1())
ED_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_KEYS = json.loads((DATA / "auth_openssl.json").read_text())["keys"]
RSA_KEY = load_private_key(_KEYS["rsa"].encode())


def with_certificate(identity: ikev2.Identity, key: PrivateKey, **more: Any) -> Credentials:
    name = getattr(identity, "fqdn", "") or getattr(identity, "address", "")
    der = AUTHORITY.issue(name, key)
    return Credentials(identity=identity, private_key=key, certificates=(der,), **more)


def with_key(identity: ikev2.Identity, key: bytes = KEY) -> Credentials:
    return Credentials(identity=identity, shared_key=Secret(key))


def initiator(seed: int = 1, **more: Any) -> IkeInitiator:
    """A mobile node with a pre-shared key that asks for a home address, unless told otherwise."""
    settings = {
        "credentials": more.pop("credentials", with_key(MN)),
        "peers": more.pop("peers", (PadEntry(identity="ha.*", shared_key=KEY),)),
        "trust": AUTHORITY.trust(),
    }
    for name in Settings.__struct_fields__:
        if name in more:
            settings[name] = more.pop(name)
    more.setdefault("wanted", Wanted(address=True, dns=True))
    more.setdefault("responder", APN)
    return IkeInitiator(
        "UE", Settings(**settings), local=UE, remote=HA, rng=Random(seed), **more
    )  # fmt: skip


def responder(seed: int = 2, **more: Any) -> IkeResponder:
    """A home agent with a pre-shared key and a pool, unless told otherwise."""
    settings = {
        "credentials": more.pop("credentials", with_key(AGENT)),
        "peers": more.pop("peers", (PadEntry(identity="*@example.org", shared_key=KEY),)),
        "trust": more.pop("trust", Trust()),
    }
    for name in Settings.__struct_fields__:
        if name in more:
            settings[name] = more.pop(name)
    more.setdefault("addresses", Pool(HOME, first=0x1001, dns=(IPv6Address("2001:db8:100::53"),)))
    return IkeResponder("HA", Settings(**settings), rng=Random(seed), **more)


def attach(
    ue: IkeInitiator, ha: IkeResponder, fault: Fault = delivered, seconds: float = 2.0
) -> Network:
    """Let the initiator begin, and time pass."""
    network = Network({UE: ue, HA: ha}, fault)
    ue.start(0.0)
    network.run(seconds)
    return network


class OneRound:
    """Both sides of a toy EAP method with one challenge, which makes an MSK: packets are AKA's."""

    def __init__(
        self, *, key: bytes = b"k" * 64, delay: float = 0.0, result: int = AaaResult.SUCCESS,
        rounds: int = 1, **answer: Any,
    ) -> None:  # fmt: skip
        self.key, self.delay, self.result, self.rounds = key, delay, result, rounds
        self.answer, self.asked = answer, list[AaaRequest]()
        self.ended, self.ordered = list[str](), list[AaaOrder]()
        self._due: list[tuple[float, AaaAnswer]] = []
        self.now = 0.0
        self.msk: Secret | None = None

    # -- the AAA
    def ask(self, request: AaaRequest, now: float) -> None:
        self.asked.append(request)
        rounds = sum(one.eap is not None for one in self.asked)
        if request.eap is not None and rounds <= self.rounds:
            packet = AkaRequest(identifier=90 + rounds, subtype=AkaSubtype.IDENTITY)
            answer = AaaAnswer(
                session=request.session, result=AaaResult.MULTI_ROUND_AUTH, eap=packet
            )
        else:
            answer = self._last(request)
        self._due.append((now + self.delay, answer))

    def _last(self, request: AaaRequest) -> AaaAnswer:
        success = self.result in (AaaResult.SUCCESS, AaaResult.SUCCESS_RELOCATE_HA)
        packet: EapPacket | None = None
        if request.eap is not None:
            number = request.eap.identifier
            packet = Success(identifier=number) if success else Failure(identifier=number)
        return AaaAnswer(
            session=request.session, result=self.result, eap=packet,
            msk=Secret(self.key) if success and request.eap is not None else None, **self.answer,
        )  # fmt: skip

    def answers(self) -> list[AaaAnswer]:
        ready = [answer for at, answer in self._due if at <= self.now or not self.delay]
        self._due = [entry for entry in self._due if entry[1] not in ready]
        return ready

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        self.ended.append(session)

    def orders(self) -> list[AaaOrder]:
        orders, self.ordered = self.ordered, []
        return orders

    # -- the peer
    def receive(self, packet: EapPacket, now: float) -> EapPacket | None:
        if isinstance(packet, Success):
            self.msk = Secret(self.key)
            return None
        return AkaResponse(identifier=packet.identifier, subtype=AkaSubtype.IDENTITY)
