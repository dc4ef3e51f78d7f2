"""Recorded peers: what strongSwan sent is played to our ends, whose answers are those it gave.

The key exchange is a double whose public value and shared secret are the recorded ones, and what is
drawn at random is what the peer drew.  What differs is listed with its reason; all else is the same
octet for octet.
"""

from __future__ import annotations

import json
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest

from mip6boot import capture, eap, ikev2, packets, security
from mip6boot.flow import Port, Unit
from mip6boot.flow.aaa import AaaAnswer, AaaEnd, AaaOrder, AaaRequest, AaaResult
from mip6boot.flow.ike import (
    ChildRequest,
    Credentials,
    IkeInitiator,
    IkeResponder,
    InitiatorState,
    Method,
    PadEntry,
    Pool,
    Settings,
    Suites,
    Trust,
    Wanted,
)
from mip6boot.ikev2 import ExchangeType, NotifyType
from mip6boot.packets import KeyDeriver, OpenedChain, Secrets
from mip6boot.security import EapKeys, EspSuite, IkeSuite, Keyring, Milenage, Secret

from ..conftest import DATA
from .ike_network import EC_KEY, EPOCH

PEERS = DATA / "peers" / "ikev2"
RECORDED: dict[str, Any] = json.loads((PEERS / "keys.json").read_text())
CERTIFICATES = json.loads((DATA / "auth_signatures.json").read_text())["certificates"]
AUTHORITIES = tuple(
    certificate
    for name in ("ca.crt", "carsa.crt")
    for certificate in security.load_certificates(CERTIFICATES[name].encode())
)
PSK = Secret(b"mip6-shared-secret")
CARD = Milenage(
    bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"),
    bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf"),
)

#: Notifications of strongSwan's that our ends do not send, as they lack what they announce:
#: MOBIKE (RFC 4555), several authentications (RFC 4739), message id synchronization (RFC 6311), and
#: EAP alone where it is not wanted (RFC 5998).
LACKING = {
    NotifyType.MOBIKE_SUPPORTED,
    NotifyType.ADDITIONAL_IP4_ADDRESS,
    NotifyType.ADDITIONAL_IP6_ADDRESS,
    NotifyType.MULTIPLE_AUTH_SUPPORTED,
    NotifyType.IKEV2_MESSAGE_ID_SYNC_SUPPORTED,
    NotifyType.EAP_ONLY_AUTHENTICATION,
}


class Message:
    """A recorded message, all fragments of it, and what was sealed in it."""

    def __init__(self, message: ikev2.IkeMessage, unit: Unit) -> None:
        self.message, self.units = message, [unit]
        self.payloads: tuple[Any, ...] = message.payloads
        self.parts: tuple[Any, ...] = ()

    def find(self, kind: type[Any]) -> Any:
        return next((one for one in self.payloads if isinstance(one, kind)), None)

    @property
    def comparable(self) -> list[ikev2.Payload]:
        """The payloads but for those that are explained."""
        found = []
        for one in self.payloads:
            if getattr(one, "notify_type", None) in LACKING:
                continue
            if isinstance(one, ikev2.Configuration):
                # The recorded peer was made to send a MIP6_HOME_PREFIX that lacks its lifetime.
                kept = [a for a in one.attributes if "Malformed" not in type(a).__name__]
                one = one.replace(attributes=tuple(kept))
            found.append(one)
        return found


def recorded(name: str) -> list[Message]:
    ring = Keyring()
    shared = [Secret(bytes.fromhex(k["dh_shared"])) for k in RECORDED[name]["ike_keys"]]
    deriver = KeyDeriver(Secrets(shared=tuple(shared)), ring)
    opener = packets.Opener(ring, lenient=True)
    found: list[Message] = []
    for frame in capture.read(PEERS / f"{name}.pcap"):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        deriver.feed(packet)
        message = packet.find(ikev2.IkeMessage)
        if message is None:
            continue
        ip, udp = packet.layers[1:3]
        marker = bytes(4) if udp.source_port == 4500 else b""  # type: ignore[union-attr]
        unit = Unit(
            port=Port.UDP, source=ip.source, destination=ip.destination,  # type: ignore[union-attr]
            source_port=udp.source_port, destination_port=udp.destination_port,  # type: ignore[union-attr]
            octets=marker + message.encode(),
        )  # fmt: skip
        last = found[-1].message if found else None
        if last is not None and last.replace(payloads=()) == message.replace(payloads=()):
            found[-1].units.append(unit)
        else:
            found.append(Message(message, unit))
        for within in opener.open(packet):
            if isinstance(within, OpenedChain):
                found[-1].payloads = within.payloads
                found[-1].parts = within.parts
    return found


class Drawn:
    """Gives what is told; nothing else may be drawn."""

    def __init__(self) -> None:
        self.octets: list[bytes] = []

    def randbytes(self, n: int, /) -> bytes:
        found = next((one for one in self.octets if len(one) == n), None)
        assert found is not None, f"{n} octets are drawn that the peer did not draw"
        self.octets.remove(found)
        return found

    def tell(self, message: Message) -> None:
        """What the sender of a message has drawn for it, in the order in which ours are drawn."""
        proposals = [p for p in message.payloads if isinstance(p, ikev2.SecurityAssociation)]
        spis = [one.spi for payload in proposals for one in payload.proposals if one.spi]
        nonces = [p.nonce_data for p in message.payloads if isinstance(p, ikev2.Nonce)]
        self.octets += [*spis[:1], *nonces, *(part.iv for part in message.parts)]


class Double:
    """A key exchange with the recorded values."""

    def __init__(self, publics: list[bytes], shared: list[bytes]) -> None:
        self.publics, self.secrets = publics, shared
        self.public = b""

    def respond(self, rng: Any, peer: bytes) -> tuple[bytes, Secret]:
        return self.publics.pop(0), Secret(self.secrets.pop(0))

    def generate(self, rng: Any) -> Double:
        self.public = self.publics.pop(0)
        return self

    def shared(self, peer: bytes) -> Secret:
        return Secret(self.secrets.pop(0))


def suites_of(messages: list[Message], *, initiator: bool) -> tuple[Suites, Double]:
    """The suites of a recording, with the double in them."""
    ours = [one for one in messages if one.message.from_initiator == initiator]
    publics = [one.find(ikev2.KeyExchange).key_exchange_data for one in ours
               if one.find(ikev2.KeyExchange)]  # fmt: skip
    agreed = [one.find(ikev2.SecurityAssociation) for one in messages if one.message.is_response]
    proposals = [one.proposals[0] for one in agreed if one is not None]
    ike = IkeSuite.of(next(p for p in proposals if p.protocol_id == ikev2.ProtocolId.IKE))
    esp = [EspSuite.of(p) for p in proposals if p.protocol_id == ikev2.ProtocolId.ESP]
    double = Double(publics, [])
    ike.__dict__["group"] = double
    if not esp:
        esp = [EspSuite(encryption=ike.encryption, key_length=ike.key_length,
                        integrity=ike.integrity)]  # fmt: skip
    return Suites(ike=(ike,), esp=tuple(esp[:1])), double


def settings(suites: Suites, identity: Any, **more: Any) -> Settings:
    trust = Trust(authorities=more.pop("authorities", ()), epoch=EPOCH)
    credentials = more.pop("credentials", None)
    methods = more.pop("methods", frozenset({Method.SHARED_KEY}))
    return Settings(
        credentials=credentials or Credentials(identity=identity, shared_key=PSK),
        peers=(PadEntry(identity="*", shared_key=PSK, methods=methods),),
        trust=trust,
        suites=suites,
        **more,
    )


def new_responder(name: str, messages: list[Message], **more: Any) -> tuple[IkeResponder, Drawn]:
    suites, double = suites_of(messages, initiator=False)
    double.secrets = [bytes.fromhex(k["dh_shared"]) for k in RECORDED[name]["ike_keys"]]
    dns = (IPv6Address("2001:db8:100::53"),)
    empty = IPv6Network("2001:db8::/128")
    home = empty if name == "v6-fail-no-address" else IPv6Network("2001:db8:100::/64")
    pool = Pool(home, first=0x1001, dns=dns)
    rng = Drawn()
    agent = ikev2.FqdnIdentity(fqdn="ha.example.org")
    aaa = more.pop("aaa", None)
    own = settings(suites, agent, **more)
    return IkeResponder("HA", own, rng=rng, addresses=pool, aaa=aaa), rng


def sent(end: Any, keys: Any) -> tuple[list[bytes], list[Any]]:
    """The octets that an end has sent, and the payloads in them."""
    units = end.to_send()
    octets = [unit.octets[4:] if unit.source_port == 4500 else unit.octets for unit in units]
    message = ikev2.decode(octets[0], lenient=True)
    if message.exchange_type == ExchangeType.IKE_SA_INIT:
        return octets, list(message.payloads)
    ring = Keyring(keys)
    opened = [security.unseal(one, ring.of_message(ikev2.decode(one))) for one in octets]  # type: ignore[arg-type]
    assembler = security.FragmentAssembler()
    whole = [assembler.feed(one) if one.is_fragment else one for one in opened][-1]
    assert whole is not None
    return octets, list(whole.decode(lenient=True))


WITH_KEY = [
    *sorted(
        name
        for name in RECORDED
        if name.startswith(("v6-psk", "deb-v6-psk", "v6-transport", "deb-v6-transport"))
    ),
    "v6-multichild", "v6-rekey-child-ike-delete", "v6-fail-no-address", "v6-childless",
    "v6-fail-noprop-esp", "v6-dpd", "v4-psk-aes256-sha256-ecp256",
]  # fmt: skip


@pytest.mark.parametrize("name", WITH_KEY)
def test_our_responder_answers_as_the_recorded_one(name: str) -> None:
    messages = recorded(name)
    if name == "v6-fail-noprop-esp":
        # What the recorded responder would have taken is not in the recording.
        other = EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16, key_length=256)
    ha, rng = new_responder(name, messages)
    if name == "v6-fail-noprop-esp":
        ha.settings = settings(Suites(ike=ha.settings.suites.ike, esp=(other,)),
                               ha.settings.credentials.identity)  # fmt: skip
    same = compared = 0
    answers = {
        (one.message.initiator_spi, one.message.message_id, one.message.from_initiator): one
        for one in messages
        if one.message.is_response
    }
    for asked in messages:
        key = (asked.message.initiator_spi, asked.message.message_id, False)
        if asked.message.is_response or not asked.message.from_initiator:
            continue
        answer = answers[key]
        rng.octets = []
        if answer.message.exchange_type == ExchangeType.IKE_SA_INIT:
            rng.octets = [answer.message.responder_spi]
        rng.tell(answer)
        for unit in asked.units:
            ha.receive(unit, 0.0)
        octets, payloads = sent(ha, ha.keyring)
        compared += 1
        if answer.message.exchange_type == ExchangeType.IKE_SA_INIT:
            initial_like(octets[0], answer)
            # From here on the proof is over the octets that the recorded peer has sent.
            admission = next(iter(ha._admissions.values()))
            admission._octets = admission._octets[0], answer.message.encode()
        elif answer.message.exchange_type == ExchangeType.IKE_AUTH:
            sealed_like(payloads, answer)
        else:
            same_sealed(octets, answer, ha.keyring)
            same += 1
    assert compared >= 3
    assert same == compared - 2
    assert not ha.sessions


def same_sealed(octets: list[bytes], answer: Message, keys: Any) -> None:
    """Our message is the recorded one, but for the octets of the padding, which may be any."""
    ring = Keyring(keys)
    for one, part in zip(octets, answer.parts, strict=True):
        key = ring.of_message(part.message)
        assert key is not None
        ours = security.unseal(one, key)
        assert (ours.content, ours.iv, len(ours.padding)) == (
            part.content, part.iv, len(part.padding),
        )  # fmt: skip
        again = security.Opened(ours.message, ours.content, ours.iv, part.padding)
        assert again.seal(key) == part.message.encode()


def sorted_transforms(payload: Any) -> Any:
    """Transforms of different types may stand in any order; ours offers them by their types."""
    if not isinstance(payload, ikev2.SecurityAssociation):
        return payload
    return payload.replace(
        proposals=tuple(
            one.replace(transforms=tuple(sorted(one.transforms, key=lambda t: t.transform_type)))
            for one in payload.proposals
        )
    )


def initial_like(octets: bytes, answer: Message) -> None:
    """The recorded answer is ours, but for what we do not have, and for a NAT that is pretended."""
    kept = [one for one in answer.payloads if getattr(one, "notify_type", 0) not in LACKING]
    ours = ikev2.decode(octets)
    assert [type(one) for one in ours.payloads] == [type(one) for one in kept]
    free = (ikev2.NatDetectionSourceIp, ikev2.SecurityAssociation)
    pairs = list(zip(ours.payloads, kept, strict=True))
    for one, other in pairs:
        if not isinstance(one, ikev2.NatDetectionSourceIp):
            assert sorted_transforms(one) == sorted_transforms(other)
        if answer.message.is_response and isinstance(one, ikev2.SecurityAssociation):
            assert one == other
    rest = answer.message.replace(
        payloads=tuple(one if isinstance(one, free) else other for one, other in pairs)
    )
    assert octets == rest.encode()


def sealed_like(payloads: list[Any], answer: Message) -> None:
    wanted = answer.comparable
    failed = ikev2.NotifyPayload
    errors = [one for one in wanted if isinstance(one, failed) and one.notify_type < 16384]  # type: ignore[attr-defined]
    assert payloads == [*(one for one in wanted if one not in errors), *errors]


WITH_CERTIFICATES = [
    "v6-ecdsa256-rfc7427", "v6-ecdsa256-method9", "v6-ed25519-rfc8420", "v6-rsa2048-rfc7427-sha256",
    "v6-rsa2048-method1", "v6-rsa2048-frag", "v6-ecdsa-frag-aes256gcm", "v6-mixed-psk-mn-cert-ha",
]  # fmt: skip


def new_initiator(name: str, messages: list[Message], **more: Any) -> tuple[IkeInitiator, Drawn]:
    suites, double = suites_of(messages, initiator=True)
    double.secrets = [bytes.fromhex(k["dh_shared"]) for k in RECORDED[name]["ike_keys"]]
    first, request = (
        messages[0],
        next(one for one in messages if one.message.exchange_type == ExchangeType.IKE_AUTH),
    )
    rng = Drawn()
    rng.octets = [first.message.initiator_spi]
    rng.tell(first)
    rng.tell(request)
    own = settings(suites, request.find(ikev2.IDi).identity, **more.pop("settings", {}))
    transport = any(
        getattr(one, "notify_type", 0) == NotifyType.USE_TRANSPORT_MODE for one in request.payloads
    )
    child = ChildRequest(
        local=request.find(ikev2.TSi).selectors, remote=request.find(ikev2.TSr).selectors,
        transport=transport,
    )  # fmt: skip
    unit = first.units[0]
    ue = IkeInitiator(
        "UE", own, local=unit.source, remote=unit.destination, rng=rng, child=child,  # type: ignore[arg-type]
        wanted=Wanted(address=request.find(ikev2.Configuration) is not None),
        responder=request.find(ikev2.IDr).identity, **more,
    )  # fmt: skip
    return ue, rng


@pytest.mark.parametrize(
    "name", [one for one in WITH_KEY if "childless" not in one and "noprop" not in one]
)
def test_our_initiator_asks_as_the_recorded_one(name: str) -> None:
    messages = recorded(name)
    ue, _ = new_initiator(name, messages)
    ue.start(0.0)
    octets, _ = sent(ue, ())
    initial_like(octets[0], messages[0])
    ue.request_octets = messages[0].message.encode()
    for unit in messages[1].units:
        ue.receive(unit, 0.1)
    _, payloads = sent(ue, ue.keyring)
    assert payloads == messages[2].comparable
    for unit in messages[3].units:
        ue.receive(unit, 0.2)
    assert ue.state == InitiatorState.ESTABLISHED
    assert ue.established is not None
    if name == "v6-fail-no-address":
        assert ue.established.child_failure == NotifyType.INTERNAL_ADDRESS_FAILURE
        return
    if "mh135" not in name:
        assert ue.established.home.address == IPv6Address("2001:db8:100::1001")
    known = RECORDED[name]["child_keys_initiator_view"]
    child = ue.established.children[0]
    if known:
        assert child.outbound.encryption_key.hex() == known[0]["enc_i"]
        assert child.inbound.encryption_key.hex() == known[0]["enc_r"]


@pytest.mark.parametrize("name", WITH_CERTIFICATES)
def test_our_initiator_believes_the_recorded_certificates(name: str) -> None:
    messages = recorded(name)
    ue, rng = new_initiator(
        name,
        messages,
        settings={
            "authorities": AUTHORITIES,
            "methods": frozenset({Method.CERTIFICATE}),
            "credentials": Credentials(
                identity=ikev2.Rfc822Identity(address="mn1@example.org"), private_key=EC_KEY
            ),
            "fragment_size": 65000,
        },
    )
    ue.start(0.0)
    ue.to_send()
    for unit in messages[1].units:
        ue.receive(unit, 0.1)
    assert ue.state == InitiatorState.AUTHENTICATING
    # A bit of the answer is flipped: it is not there.
    answer = messages[3].units
    bad = bytearray(answer[0].octets)
    bad[-1] ^= 1
    ue.receive(Unit(**{n: getattr(answer[0], n) for n in Unit.__struct_fields__} | {
        "octets": bytes(bad)}), 0.1)  # fmt: skip
    assert ue.state == InitiatorState.AUTHENTICATING
    for unit in answer:
        ue.receive(unit, 0.2)
    assert ue.state == InitiatorState.ESTABLISHED
    assert ue.established is not None
    assert ue.established.children
    assert rng.octets is not None


class Card:
    """The recorded mobile node's card, and an AAA that says what the recorded one said."""

    def __init__(self, messages: list[Message], identity: str) -> None:
        self.identity, self.msk = identity, Secret()
        with_eap = [one for one in messages if one.find(ikev2.Eap)]
        self.requests, self.responses = (
            [one.find(ikev2.Eap).message for one in with_eap
             if one.message.from_initiator == initiator]
            for initiator in (False, True)
        )  # fmt: skip
        self.asked: list[AaaRequest] = []
        self._answers: list[AaaAnswer] = []

    def learn(self, packet: Any) -> None:
        rand, autn = packet.find(eap.AtRand), packet.find(eap.AtAutn)
        if rand is not None and autn is not None:
            found = CARD.answer(rand.rand, autn.autn)
            self.msk = EapKeys.aka(self.identity, ck=found.ck, ik=found.ik).msk

    def receive(self, packet: Any, now: float) -> Any:
        self.learn(packet)
        return None if isinstance(packet, eap.Success) else self.responses.pop(0)

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The session is over."""

    def orders(self) -> list[AaaOrder]:
        return []

    def ask(self, request: AaaRequest, now: float) -> None:
        self.asked.append(request)
        packet = self.requests.pop(0)
        self.learn(packet)
        done = isinstance(packet, eap.Success)
        self._answers.append(
            AaaAnswer(
                session=request.session, eap=packet, msk=self.msk if done else None,
                result=AaaResult.SUCCESS if done else AaaResult.MULTI_ROUND_AUTH,
            )
        )  # fmt: skip

    def answers(self) -> list[AaaAnswer]:
        found, self._answers = self._answers, []
        return found


WITH_EAP = ["v6-eap-aka", "v6-eap-aka-identity", "v6-eap-aka-eaponly",
            "deb-v6-eap-aka-radius-hostapd"]  # fmt: skip


@pytest.mark.parametrize("name", WITH_EAP)
def test_our_initiator_with_recorded_eap(name: str) -> None:
    messages = recorded(name)
    identity = messages[2].find(ikev2.IDi).identity.address
    only = "eaponly" in name
    ue, rng = new_initiator(
        name, messages, eap=Card(messages, identity), eap_only=only,
        settings={
            "authorities": () if only else AUTHORITIES[:1],
            "methods": frozenset({Method.CERTIFICATE}),
        },
    )  # fmt: skip
    ue.start(0.0)
    octets, _ = sent(ue, ())
    initial_like(octets[0], messages[0])
    ue.request_octets = messages[0].message.encode()
    for asked, answer in zip(messages[2::2], messages[1::2], strict=False):
        rng.octets = []
        rng.tell(asked)
        for unit in answer.units:
            ue.receive(unit, 0.1)
        if asked.message.exchange_type != ExchangeType.IKE_AUTH:
            break
        _, payloads = sent(ue, ue.keyring)
        wanted = asked.comparable
        if only and asked is messages[2]:
            wanted.append(ikev2.Notify(notify_type=NotifyType.EAP_ONLY_AUTHENTICATION))
        assert payloads == wanted
    else:
        raise AssertionError("the recording ends before the SA stands")
    last = next(
        one for one in reversed(messages)
        if one.message.exchange_type == ExchangeType.IKE_AUTH
    )  # fmt: skip
    assert ue.state == InitiatorState.ESTABLISHED
    assert last.message.is_response
    assert ue.established is not None
    assert ue.established.home.address == IPv6Address("2001:db8:100::1001")


@pytest.mark.parametrize("name", WITH_EAP)
def test_our_responder_with_recorded_eap(name: str) -> None:
    """The certificate and the signature are our own; all else is the recorded responder's."""
    messages = recorded(name)
    identity = messages[2].find(ikev2.IDi).identity.address
    aaa = Card(messages, identity)
    agent = ikev2.FqdnIdentity(fqdn="ha.example.org")
    ha, rng = new_responder(
        name, messages, aaa=aaa, methods=frozenset({Method.EAP}),
        credentials=Credentials(identity=agent, private_key=EC_KEY, certificates=(b"own",)),
    )  # fmt: skip
    ha.eap_only = "eaponly" in name
    others = (ikev2.Certificate, ikev2.Authentication)
    for asked, answer in zip(messages[::2], messages[1::2], strict=True):
        if asked.message.exchange_type == ExchangeType.INFORMATIONAL:
            break
        initial = answer.message.exchange_type == ExchangeType.IKE_SA_INIT
        rng.octets = [answer.message.responder_spi] if initial else []
        rng.tell(answer)
        for unit in asked.units:
            ha.receive(unit, 0.0)
        _, payloads = sent(ha, ha.keyring)
        if initial:
            admission = next(iter(ha._admissions.values()))
            admission._octets = admission._octets[0], answer.message.encode()
        elif answer.find(ikev2.IDr) is not None:
            assert [one for one in payloads if not isinstance(one, others)] == [
                one for one in answer.comparable if not isinstance(one, others)
            ]
            assert len(payloads) == len(answer.comparable)
        else:
            assert payloads == answer.comparable
    assert aaa.asked[0].user_name == identity
    assert len(ha.established) == 1
    assert ha.established[0].children


def test_the_recorded_wrong_key_is_refused() -> None:
    messages = recorded("v6-fail-auth")
    ha, rng = new_responder("v6-fail-auth", messages)
    rng.octets = [messages[1].message.responder_spi]
    rng.tell(messages[1])
    ha.receive(messages[0].units[0], 0.0)
    ha.to_send()
    rng.tell(messages[3])
    ha.receive(messages[2].units[0], 0.0)
    octets, payloads = sent(ha, ha.keyring)
    assert payloads == list(messages[3].payloads)
    same_sealed(octets, messages[3], ha.keyring)
    assert not ha.sas
