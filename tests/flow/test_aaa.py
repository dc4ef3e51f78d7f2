"""EAP peer and server, access authentication, and the local AAA."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import capture, eap, ikev2, packets
from mip6boot.eap import AkaPacket, AkaSubtype, EapPacket, EapType
from mip6boot.errors import IntegrityError
from mip6boot.flow import (
    AUTHENTICATION_DATA_UNAVAILABLE,
    IDENTITY_ALREADY_REGISTERED,
    UNKNOWN_SESSION_ID,
    Aaa,
    AaaAnswer,
    AaaEnd,
    AaaInterface,
    AaaOrder,
    AaaRequest,
    AaaResult,
    AgentInfo,
    ApnProfile,
    Authenticator,
    AuthenticatorState,
    EapMemory,
    EapPeer,
    EapPeerState,
    EapServer,
    EapServerState,
    HomeSubscriberServer,
    LocalAaa,
    MmeContexts,
    Resynchronisation,
    RoundTripEstimate,
    Subscriber,
    Supplicant,
    SupplicantState,
    Unit,
    Usim,
    VectorRequest,
)
from mip6boot.packets import KeyDeriver, OpenedChain, Opener, Secrets
from mip6boot.security import AuthenticationVector, EapKeys, Keyring, Milenage, Secret, with_mac

from ..security.test_eap_peers import CARD, FOLDER, IDENTITY, MSKS, RADIUS, conversation, keys_of

IMSI = "001010000000001"
NETWORK = "HRPD:FOO"
AKA, PRIME = EapType.AKA, EapType.AKA_PRIME
BOTH = pytest.mark.parametrize("method", [AKA, PRIME])
AGENT, OTHER = IPv6Address("2001:db8:1::1"), IPv6Address("2001:db8:1::2")
HOME = AgentInfo(addresses=(AGENT,), host="ha.example.org")
Change = Callable[[Any], Any]


def subscriber(**changes: Any) -> Subscriber:
    profile = ApnProfile(
        agents=(HOME,),
        home_address=IPv6Address("2001:db8:2::5"),
        home_prefix=IPv6Network("2001:db8:2::/64"),
    )
    plain = Subscriber(imsi=IMSI, milenage=CARD, sqn=32, apns={"internet": profile})
    return msgspec.structs.replace(plain, **changes)


class Pair:
    """A peer and a server; what goes between them is octets, and each packet is legal."""

    def __init__(self, method: EapType, **peer: Any) -> None:
        self.method = method
        self.hss = HomeSubscriberServer("hss", [subscriber()], Random(1))
        self.usim = Usim(IMSI, CARD, 32)
        self.memory, self.rng = EapMemory(), Random(3)
        name = NETWORK if method == PRIME else ""
        self.peer = EapPeer(
            "ue", self.usim, Random(2), **({"methods": (method,), "network_name": name} | peer)
        )
        self.server = self.new_server()
        self.packets: list[EapPacket] = []

    def new_server(self, **settings: Any) -> EapServer:
        name = NETWORK if self.method == PRIME else ""
        vectors = settings.pop("vectors", self.hss.vector)
        settings.setdefault("network_name", name)
        self.server = EapServer("aaa", self.method, vectors, self.memory, self.rng, **settings)
        return self.server

    def run(
        self, first: EapPacket | None = None, *, requests: Change = bytes, responses: Change = bytes
    ) -> Pair:
        """From the request for an identity to the end; octets each way may be changed."""
        request: EapPacket | None = first or eap.IdentityRequest(7)
        self.packets = []
        while request is not None:
            assert len(self.packets) < 40, "it goes on and on"
            self.packets.append(request)
            response = self.peer.receive(requests(request), 0.0)
            if response is None:
                break
            assert self.peer.receive(bytes(request), 0.0) == response or requests is not bytes
            self.packets.append(response)
            request = self.server.receive(responses(response), 0.0)
        for packet in self.packets:
            assert eap.check(packet) == [], packet
            assert eap.decode(packet.encode()) == packet
        return self

    @property
    def names(self) -> list[str]:
        """What was sent, in words."""
        return [
            AkaSubtype(packet.subtype).name
            if isinstance(packet, AkaPacket)
            else type(packet).__name__
            for packet in self.packets
        ]

    def has_succeeded(self) -> bool:
        both = (self.peer.state, self.server.state)
        if both == (EapPeerState.SUCCEEDED, EapServerState.SUCCEEDED):
            assert self.peer.msk is not None
            assert self.peer.keys == self.server.keys
            assert self.peer.msk == self.server.msk
            assert self.server.result == AaaResult.SUCCESS
            return True
        assert self.peer.msk is None
        assert self.server.msk is None
        return False

    def told(self) -> list[str]:
        return [
            f"{event.name}: {event.text}" for event in [*self.peer.events(), *self.server.events()]
        ]


def changed(
    kind: type[AkaPacket], subtype: AkaSubtype, change: Callable[[AkaPacket], bytes]
) -> Change:
    """Octets of one message changed on their way."""

    def to_octets(packet: EapPacket) -> bytes:
        if isinstance(packet, AkaPacket) and packet.subtype == subtype:
            return change(packet)
        return packet.encode()

    return to_octets


def challenge(change: Callable[[AkaPacket], bytes]) -> Change:
    return changed(AkaPacket, AkaSubtype.CHALLENGE, change)


def with_attributes(packet: AkaPacket, *attributes: eap.AkaAttribute) -> bytes:
    return msgspec.structs.replace(packet, attributes=attributes).encode()


BEGIN = ["IdentityRequest", "IdentityResponse"]
REJECTED = [*BEGIN, "CHALLENGE", "AUTHENTICATION_REJECT", "Failure"]
UNABLE = [*BEGIN, "CHALLENGE", "CLIENT_ERROR", "Failure"]


# -- full authentication ------------------------------------------------------------------------
@BOTH
def test_full_authentication(method: EapType) -> None:
    pair = Pair(method).run()
    assert pair.names == [*BEGIN, "CHALLENGE", "CHALLENGE", "Success"]
    assert pair.has_succeeded()
    assert pair.server.imsi == IMSI
    assert pair.usim.sqn == 33
    prefix = {AKA: "0", PRIME: "6"}[method]
    assert isinstance(pair.packets[1], eap.IdentityResponse)
    assert pair.packets[1].identity == f"{prefix}{IMSI}@nai.epc.mnc001.mcc001.3gppnetwork.org"


@BOTH
def test_identity_rounds_are_in_the_checkcode(method: EapType) -> None:
    pair = Pair(method)
    pair.new_server(ask_identity=True)
    pair.run()
    assert pair.names[2:] == ["IDENTITY", "IDENTITY", "CHALLENGE", "CHALLENGE", "Success"]
    assert pair.has_succeeded()
    for packet in pair.packets[4:6]:
        sent = packet.find(eap.AtCheckcode)
        assert sent is not None
        assert sent.size == {AKA: 20, PRIME: 32}[method]


@BOTH
def test_an_identity_that_was_changed_on_its_way(method: EapType) -> None:
    """The checkcode finds it, where the keys do not."""
    pair = Pair(method)
    pair.new_server(ask_identity=True)
    other = changed(
        AkaPacket, AkaSubtype.IDENTITY,
        lambda packet: with_attributes(packet, eap.AtPermanentIdReq()),
    )  # fmt: skip
    pair.run(requests=other)
    assert not pair.has_succeeded()
    assert "unable to process: the AT_CHECKCODE does not fit" in pair.told()


@BOTH
def test_protected_success(method: EapType) -> None:
    pair = Pair(method)
    pair.new_server(result_indications=True)
    pair.run()
    assert pair.names[3:] == ["CHALLENGE", "NOTIFICATION", "NOTIFICATION", "Success"]
    assert pair.has_succeeded()


@BOTH
def test_success_is_not_taken_before_the_protected_one(method: EapType) -> None:
    pair = Pair(method)
    server = pair.new_server(result_indications=True)
    request = pair.server.receive(eap.IdentityResponse(0, pair.usim.identity(method)), 0.0)
    assert request is not None
    response = pair.peer.receive(request, 0.0)
    assert response is not None
    assert pair.peer.receive(eap.Success(response.identifier), 0.0) is None
    assert pair.peer.state == EapPeerState.AWAITING_RESULT
    notification = server.receive(response, 0.0)
    assert notification is not None
    changed_one = bytearray(notification.encode())
    changed_one[-1] ^= 1
    other = EapPeer("ue", Usim(IMSI, CARD, 32), Random(2), methods=(method,))
    other.receive(request, 0.0)
    answer = other.receive(bytes(changed_one), 0.0)
    assert isinstance(answer, AkaPacket)
    assert answer.subtype == AkaSubtype.CLIENT_ERROR
    acknowledged = pair.peer.receive(notification, 0.0)
    assert acknowledged is not None
    # Whatever the response holds, success follows (RFC 4187 6.2).
    assert isinstance(server.receive(with_attributes(acknowledged), 0.0), eap.Success)  # type: ignore[arg-type]
    assert pair.peer.receive(eap.Failure(acknowledged.identifier), 0.0) is None
    assert pair.peer.state == EapPeerState.CONFIRMED
    pair.peer.receive(eap.Success(acknowledged.identifier), 0.0)
    assert pair.has_succeeded()


@BOTH
def test_a_peer_without_result_indications(method: EapType) -> None:
    pair = Pair(method, result_indications=False, checkcodes=False)
    pair.new_server(result_indications=True)
    pair.run()
    assert pair.names[3:] == ["CHALLENGE", "Success"]
    assert pair.has_succeeded()


@BOTH
def test_a_vector_that_comes_later(method: EapType) -> None:
    pair = Pair(method)
    asked: list[VectorRequest] = []
    server = pair.new_server(vectors=asked.append)
    assert server.receive(eap.IdentityResponse(0, pair.usim.identity(method)), 0.0) is None
    assert server.state == EapServerState.WAITING
    request = server.supply(pair.hss.vector(asked[0]), 1.0)
    assert request is not None
    assert pair.run(request).has_succeeded()
    assert server.supply(5001, 2.0) is None


@BOTH
@pytest.mark.parametrize("indications", [False, True])
@pytest.mark.parametrize("result", [2001, 5451])
def test_an_authorisation_that_comes_later(method: EapType, result: int, indications: bool) -> None:
    pair = Pair(method)
    asked: list[str] = []
    server = pair.new_server(authorise=asked.append, result_indications=indications)
    assert server.authorised(2001, 0.0) is None
    pair.run()
    assert (pair.names[3:], server.state) == (["CHALLENGE"], EapServerState.AUTHORISING)
    assert asked == [IMSI]
    assert pair.server.receive(pair.packets[-1], 0.5) is None  # Sent again by the peer.
    packet = server.authorised(result, 1.0)
    assert packet is not None
    assert isinstance(packet, eap.Success) == (result == 2001 and not indications)
    pair.run(packet)
    assert pair.has_succeeded() if result == 2001 else not pair.has_succeeded()
    assert server.result == result
    assert server.authorised(2001, 2.0) is None
    assert server.is_over


# -- the network is not what it should be ---------------------------------------------------------
@BOTH
def test_a_wrong_autn(method: EapType) -> None:
    def spoilt(packet: AkaPacket) -> bytes:
        octets = bytearray(packet.encode())
        octets[8 + 20 + 4 + 15] ^= 1  # The last octet of the AUTN.
        return bytes(octets)

    pair = Pair(method).run(requests=challenge(spoilt))
    assert pair.names == REJECTED
    assert not pair.has_succeeded()
    assert pair.server.result == AaaResult.AUTHENTICATION_REJECTED
    assert pair.usim.sqn == 32


@BOTH
def test_sequence_numbers_out_of_step(method: EapType) -> None:
    pair = Pair(method)
    pair.usim.sqn = 5000
    pair.run()
    assert pair.names == [
        *BEGIN, "CHALLENGE", "SYNCHRONIZATION_FAILURE", "CHALLENGE", "CHALLENGE", "Success",
    ]  # fmt: skip
    assert pair.has_succeeded()
    assert pair.hss.sqn[IMSI] == pair.usim.sqn == 5001


@BOTH
def test_synchronisation_fails_twice(method: EapType) -> None:
    pair = Pair(method)
    pair.usim.sqn = 5000

    def stale(request: VectorRequest) -> AuthenticationVector | int:
        pair.hss.sqn[IMSI] = 1
        return pair.hss.vector(msgspec.structs.replace(request, resynchronisation=None))

    pair.new_server(vectors=stale)
    pair.run()
    assert pair.names[3:] == [
        "SYNCHRONIZATION_FAILURE", "CHALLENGE", "SYNCHRONIZATION_FAILURE", "NOTIFICATION",
        "NOTIFICATION", "Failure",
    ]  # fmt: skip
    assert not pair.has_succeeded()


@BOTH
def test_an_auts_that_the_card_did_not_make(method: EapType) -> None:
    pair = Pair(method)
    pair.usim.sqn = 5000
    forged = changed(
        AkaPacket, AkaSubtype.SYNCHRONIZATION_FAILURE,
        lambda packet: with_attributes(packet, eap.AtAuts(bytes(14)), *packet.attributes[1:]),
    )  # fmt: skip
    pair.run(responses=forged)
    assert pair.names[4:] == ["NOTIFICATION", "NOTIFICATION", "Failure"]
    assert pair.server.result == AaaResult.AUTHENTICATION_REJECTED
    assert pair.hss.sqn[IMSI] == 33


@BOTH
def test_every_octet_of_a_challenge_counts(method: EapType) -> None:
    """Whatever is changed, the peer does not answer the challenge."""
    first = Pair(method)
    request = first.server.receive(eap.IdentityResponse(0, first.usim.identity(method)), 0.0)
    assert request is not None
    octets = request.encode()
    allowed = {
        AkaSubtype.CLIENT_ERROR,
        AkaSubtype.AUTHENTICATION_REJECT,
        AkaSubtype.SYNCHRONIZATION_FAILURE,
    }
    for bit in range(0, 8 * len(octets), 3):  # In each octet, and each bit of some.
        spoilt = bytearray(octets)
        spoilt[bit // 8] ^= 1 << bit % 8
        peer = EapPeer("ue", Usim(IMSI, CARD, 32), Random(2), methods=(method,))
        answer = peer.receive(bytes(spoilt), 0.0)
        if isinstance(answer, AkaPacket):
            kdf_wish = answer.find(eap.AtKdf) is not None and answer.find(eap.AtRes) is None
            assert answer.subtype in allowed or kdf_wish, bit
        assert peer.receive(eap.Success(request.identifier), 0.0) is None
        assert peer.msk is None


@BOTH
@pytest.mark.parametrize(
    "what", ["missing", "twice", "unknown", "skippable", "malformed", "subtype"]
)
def test_attributes_of_a_challenge(method: EapType, what: str) -> None:
    def change(packet: AkaPacket) -> bytes:
        attributes = list(packet.attributes)
        if what == "missing":
            return with_attributes(packet, *attributes[1:])
        if what == "twice":
            return with_attributes(packet, *attributes, attributes[0])
        if what == "malformed":
            return packet.encode(overrides={"attributes[0].length": 4})
        if what == "subtype":
            return msgspec.structs.replace(packet, subtype=99).encode()
        code = 99 if what == "unknown" else 200
        return with_attributes(packet, *attributes, eap.UnknownAkaAttribute(code))

    pair = Pair(method).run(requests=challenge(change))
    # One that may be skipped is under the MAC all the same.
    assert pair.names == UNABLE
    assert not pair.has_succeeded()


def test_an_attribute_that_may_be_skipped() -> None:
    pair = Pair(AKA)
    request = pair.server.receive(eap.IdentityResponse(0, pair.usim.identity(AKA)), 0.0)
    assert isinstance(request, AkaPacket)
    _, keys = keys_of(request)  # type: ignore[arg-type]
    more = (eap.UnknownAkaAttribute(200), *request.attributes[:-1])
    response = pair.peer.receive(
        with_mac(msgspec.structs.replace(request, attributes=more), keys), 0.0
    )
    assert isinstance(response, AkaPacket)
    assert response.find(eap.AtRes)


# -- EAP-AKA' alone -------------------------------------------------------------------------------
def test_the_network_name_binds_the_keys() -> None:
    """Vectors for another network than AT_KDF_INPUT tells: AT_MAC does not fit."""
    pair = Pair(PRIME)
    pair.new_server(
        vectors=lambda request: pair.hss.vector(
            msgspec.structs.replace(request, network_name="WLAN")
        )
    )
    assert pair.run().names == UNABLE


@pytest.mark.parametrize(
    ("own", "told", "same"),
    [("", "A:B", True), ("A", "A:B", True), ("A:B", "A:B", True), ("A:B:C", "A:B", True),
     ("A", "AB", False), ("A:B", "A:C", False)],
)  # fmt: skip
def test_names_are_compared_by_fields(own: str, told: str, same: bool) -> None:
    for strict in (True, False):
        pair = Pair(PRIME, network_name=own, strict_network_name=strict)
        pair.new_server(network_name=told)
        pair.run()
        assert pair.has_succeeded() == (same or not strict)
        assert pair.names == REJECTED or pair.has_succeeded()
        assert (f"warning: the network calls itself {told}" in pair.told()) == (
            not same and not strict
        )


def kdfs(packet: AkaPacket, *numbers: int, name: str = NETWORK) -> bytes:
    others = [a for a in packet.attributes if not isinstance(a, eap.AtKdf | eap.AtKdfInput)]
    return with_attributes(
        packet, *others[:2], *map(eap.AtKdf, numbers), eap.AtKdfInput(name), *others[2:]
    )


@pytest.mark.parametrize("numbers", [(), (1, 1), (2,), (2, 3), (2, 1, 2)])
def test_no_suitable_key_derivation(numbers: Sequence[int]) -> None:
    pair = Pair(PRIME).run(requests=challenge(lambda packet: kdfs(packet, *numbers)))
    assert pair.names == REJECTED


def test_an_empty_network_name() -> None:
    pair = Pair(PRIME).run(requests=challenge(lambda packet: kdfs(packet, 1, name="")))
    assert pair.names == REJECTED


def test_no_network_name_at_all() -> None:
    def without(packet: AkaPacket) -> bytes:
        return with_attributes(
            packet, *(a for a in packet.attributes if not isinstance(a, eap.AtKdfInput))
        )

    assert Pair(PRIME).run(requests=challenge(without)).names == UNABLE


def test_another_key_derivation_is_agreed_on() -> None:
    pair = Pair(PRIME)
    pair.new_server(key_derivation_functions=(2, 1))
    pair.usim.sqn = 5000
    pair.run()
    assert pair.names == [
        *BEGIN, "CHALLENGE", "CHALLENGE", "CHALLENGE", "SYNCHRONIZATION_FAILURE", "CHALLENGE",
        "CHALLENGE", "Success",
    ]  # fmt: skip
    assert pair.has_succeeded()
    numbers = [
        [int(a.key_derivation_function) for a in p.find_all(eap.AtKdf)] for p in pair.packets
    ]
    assert numbers == [[], [], [2, 1], [1], [1, 2, 1], [1, 2, 1], [1, 2, 1], [], []]


def test_functions_that_change_on_their_way() -> None:
    """What was agreed on differs: as if AT_MAC were wrong (RFC 9048 3.2)."""
    pair = Pair(PRIME)
    pair.new_server(key_derivation_functions=(2, 1))
    seen: list[int] = []

    def second(packet: AkaPacket) -> bytes:
        seen.append(1)
        keys = pair.server._session_keys
        assert keys is not None
        changed_one = eap.AkaPrimeRequest.decode(kdfs(packet, 1, 3, 1))
        return packet.encode() if len(seen) == 1 else with_mac(changed_one, keys).encode()

    pair.run(requests=challenge(second))
    assert pair.names[3:] == ["CHALLENGE", "CHALLENGE", "CLIENT_ERROR", "Failure"]


def test_functions_that_change_in_a_resynchronisation() -> None:
    pair = Pair(PRIME)
    pair.usim.sqn = 5000
    other = changed(
        AkaPacket, AkaSubtype.SYNCHRONIZATION_FAILURE,
        lambda packet: with_attributes(packet, packet.attributes[0], eap.AtKdf(2)),
    )  # fmt: skip
    pair.run(responses=other)
    assert pair.names[3:] == ["SYNCHRONIZATION_FAILURE", "NOTIFICATION", "NOTIFICATION", "Failure"]


@pytest.mark.parametrize("wish", [(1,), (3,), (2, 1)])
def test_a_wish_that_was_not_offered(wish: Sequence[int]) -> None:
    """The first one, another one, or several: the server refuses (RFC 9048 3.2)."""
    pair = Pair(PRIME)
    pair.new_server(key_derivation_functions=(1, 2))
    other = challenge(lambda packet: with_attributes(packet, *map(eap.AtKdf, wish)))
    pair.run(responses=other)
    assert pair.names[4:] == ["NOTIFICATION", "NOTIFICATION", "Failure"]


def test_the_separation_bit() -> None:
    pair = Pair(PRIME)
    plain = CARD.vector(bytes(16), 40, bytes(2))
    pair.new_server(vectors=lambda _: plain)
    assert pair.run().names == REJECTED
    assert pair.usim.sqn == 32


def test_bidding_down() -> None:
    """Both sides would rather use EAP-AKA', and yet EAP-AKA runs (RFC 9048 4)."""
    pair = Pair(AKA, methods=(PRIME, AKA))
    pair.new_server(prefers_aka_prime=True, ask_identity=True)
    pair.run()
    assert pair.names[4:] == ["CHALLENGE", "AUTHENTICATION_REJECT", "Failure"]
    for methods, prefers in (((AKA, PRIME), True), ((PRIME, AKA), False), ((AKA,), True)):
        pair = Pair(AKA, methods=methods)
        pair.new_server(prefers_aka_prime=prefers, ask_identity=True)
        assert pair.run().has_succeeded()


# -- the peer is not what it should be ------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("what", ["RES", "MAC", "missing", "checkcode", "malformed"])
def test_answers_that_do_not_fit(method: EapType, what: str) -> None:
    pair = Pair(method)

    def change(packet: AkaPacket) -> bytes:
        attributes = list(packet.attributes)
        if what == "MAC":
            return with_attributes(packet, *attributes[:-1], eap.AtMac(mac=bytes(16)))
        if what == "missing":
            return with_attributes(packet, *attributes[1:])
        if what == "malformed":
            return packet.encode(overrides={"attributes[0].length": 1})
        keys = pair.server._session_keys
        assert keys is not None
        at = 0 if what == "RES" else 1
        wrong = (
            eap.AtRes(bytes(8))
            if what == "RES"
            else eap.AtCheckcode(checkcode=bytes({AKA: 20, PRIME: 32}[method]))
        )
        attributes[at] = wrong
        return with_mac(
            msgspec.structs.replace(packet, attributes=tuple(attributes)), keys
        ).encode()

    pair.run(responses=challenge(change))
    assert pair.names == [
        *BEGIN,
        "CHALLENGE",
        "CHALLENGE",
        "NOTIFICATION",
        "NOTIFICATION",
        "Failure",
    ]
    assert not pair.has_succeeded()
    code = pair.packets[4].find(eap.AtNotification)
    assert code is not None
    assert code.code == eap.AkaNotificationCode.GENERAL_FAILURE
    assert pair.server.result == AaaResult.AUTHENTICATION_REJECTED


@BOTH
def test_another_key(method: EapType) -> None:
    pair = Pair(method)
    pair.usim._milenage = Milenage(bytes(16), bytes(16))
    assert pair.run().names == REJECTED


@BOTH
def test_messages_out_of_order(method: EapType) -> None:
    pair = Pair(method)
    other = changed(
        AkaPacket, AkaSubtype.CHALLENGE,
        lambda p: msgspec.structs.replace(
            p, subtype=AkaSubtype.IDENTITY, attributes=(eap.AtIdentity("x"),)
        ).encode(),
    )  # fmt: skip
    pair.run(responses=other)
    assert pair.names[4:] == ["NOTIFICATION", "NOTIFICATION", "Failure"]


@BOTH
def test_not_authorised_after_authentication(method: EapType) -> None:
    """A protected notification, and no success any more (RFC 4187 6.3.4)."""
    for result, code in ((AaaResult.NO_APN_SUBSCRIPTION, 1031), (AaaResult.ROAMING_NOT_ALLOWED, 0)):
        pair = Pair(method)
        pair.new_server(authorise=lambda imsi, result=result: result, result_indications=True)
        pair.run()
        assert pair.names[4:] == ["NOTIFICATION", "NOTIFICATION", "Failure"]
        assert [int(a.code) for a in pair.packets[4].find_all(eap.AtNotification)] == [code]
        assert pair.server.result == result
        assert not pair.has_succeeded()


@BOTH
def test_no_vector(method: EapType) -> None:
    pair = Pair(method)
    pair.new_server(vectors=lambda _: AaaResult.USER_UNKNOWN)
    pair.run()
    assert pair.names == [*BEGIN, "Failure"]
    assert pair.server.result == AaaResult.USER_UNKNOWN
    assert pair.peer.state == EapPeerState.FAILED
    pair = Pair(method)
    pair.new_server(vectors=lambda _: AaaResult.USER_UNKNOWN, ask_identity=True)
    pair.run()
    assert pair.names[4:] == ["NOTIFICATION", "NOTIFICATION", "Failure"]
    assert pair.server.result == AaaResult.USER_UNKNOWN


# -- identities, pseudonyms and fast re-authentication --------------------------------------------
def again(pair: Pair, **settings: Any) -> Pair:
    pair.new_server(**settings)
    pair.peer.restart()
    return pair.run()


@BOTH
@pytest.mark.parametrize("asks", [False, True])
def test_pseudonym_the_next_time(method: EapType, asks: bool) -> None:
    pair = Pair(method)
    pair.new_server(reauthentications=0)
    pair.run()
    assert again(pair, ask_identity=asks, reauthentications=0).has_succeeded()
    told = pair.packets[1]
    assert isinstance(told, eap.IdentityResponse)
    assert told.identity[0] == {AKA: "2", PRIME: "7"}[method]
    assert IMSI not in told.identity
    assert pair.server.imsi == IMSI
    assert pair.names.count("CHALLENGE") == 2


@BOTH
def test_pseudonyms_that_are_known(method: EapType) -> None:
    """The one used last and the one issued last, but none before (RFC 4187 4.1.1.7)."""
    pair = Pair(method)
    pair.new_server(reauthentications=0)
    pair.run()
    names = [pair.peer.pseudonyms[method]]
    for _ in range(2):
        assert again(pair, reauthentications=0).has_succeeded()
        names.append(pair.peer.pseudonyms[method])
    known = [pair.memory.classify(name, method).imsi for name in names]
    assert known == ["", IMSI, IMSI]


@BOTH
def test_a_pseudonym_that_the_server_lost(method: EapType) -> None:
    for conservative in (False, True):
        pair = Pair(method, conservative=conservative)
        pair.new_server(reauthentications=0)
        pair.run()
        pair.memory = EapMemory()
        again(pair)
        assert pair.packets[2].find(eap.AtPermanentIdReq)
        assert pair.has_succeeded() != conservative
        assert not conservative or pair.names[3:] == ["CLIENT_ERROR", "Failure"]


@BOTH
@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("protected", [False, True])
def test_fast_reauthentication(method: EapType, asks: bool, protected: bool) -> None:
    pair = Pair(method)
    pair.run()
    msks = {pair.peer.msk}
    for _ in range(3):
        again(pair, ask_identity=asks, result_indications=protected)
        assert pair.has_succeeded()
        assert pair.names.count("REAUTHENTICATION") == 2
        assert pair.names.count("NOTIFICATION") == 2 * protected
        assert "CHALLENGE" not in pair.names
        msks.add(pair.peer.msk)
    assert len(msks) == 4
    assert pair.usim.sqn == 33


@BOTH
def test_reauthentications_are_limited(method: EapType) -> None:
    pair = Pair(method)
    pair.new_server(reauthentications=1)
    pair.run()
    again(pair, reauthentications=1)
    assert "REAUTHENTICATION" in pair.names
    again(pair, reauthentications=1)
    assert "REAUTHENTICATION" not in pair.names
    assert pair.has_succeeded()


@BOTH
def test_identities_for_one_time(method: EapType) -> None:
    """One for fast re-authentication is not told again, whatever became of the exchange."""
    pair = Pair(method)
    pair.run()
    # The realm leads the next authentication to this server, too.
    assert pair.peer.reauthentications[method].identity.endswith(f"@{pair.usim.realm}")
    told = []
    for _ in range(2):
        pair.peer.restart()
        answer = pair.peer.receive(eap.IdentityRequest(1), 0.0)
        assert isinstance(answer, eap.IdentityResponse)
        told.append(answer.identity[0])
    assert told == {AKA: ["4", "2"], PRIME: ["8", "7"]}[method]
    # Nor does the server take it twice.
    name = next(iter(pair.memory._contexts))
    for expected in (AkaSubtype.REAUTHENTICATION, AkaSubtype.IDENTITY):
        request = pair.new_server().receive(eap.IdentityResponse(0, name), 0.0)
        assert isinstance(request, AkaPacket)
        assert request.subtype == expected


@BOTH
def test_a_context_that_the_server_lost(method: EapType) -> None:
    pair = Pair(method)
    pair.run()
    pair.memory = EapMemory()
    again(pair)
    # Its pseudonym is lost, too.
    assert pair.names[2:] == ["IDENTITY"] * 4 + ["CHALLENGE"] * 2 + ["Success"]
    assert pair.packets[2].find(eap.AtFullauthIdReq)
    assert pair.packets[4].find(eap.AtPermanentIdReq)
    assert pair.has_succeeded()


@BOTH
def test_counter_too_small(method: EapType) -> None:
    pair = Pair(method)
    pair.run()
    context = pair.peer.reauthentications[method]
    pair.peer.reauthentications[method] = msgspec.structs.replace(context, counter=9)
    again(pair)
    assert pair.names[2:] == ["REAUTHENTICATION"] * 2 + ["CHALLENGE"] * 2 + ["Success"]
    assert pair.has_succeeded()


@BOTH
def test_every_octet_of_a_reauthentication_counts(method: EapType) -> None:
    pair = Pair(method)
    pair.run()
    context = pair.peer.reauthentications[method]
    server = pair.new_server()
    request = server.receive(eap.IdentityResponse(0, context.identity), 0.0)
    assert request is not None
    octets = request.encode()
    for bit in range(48, 8 * len(octets), 3):
        spoilt = bytearray(octets)
        spoilt[bit // 8] ^= 1 << bit % 8
        pair.peer.restart()
        pair.peer.reauthentications[method] = context
        answer = pair.peer.receive(bytes(spoilt), 0.0)
        assert isinstance(answer, AkaPacket)
        assert answer.subtype == AkaSubtype.CLIENT_ERROR, bit


def test_another_network_is_no_reauthentication() -> None:
    pair = Pair(PRIME, network_name="")
    pair.run()
    again(pair, network_name="WLAN")
    assert pair.packets[2].find(eap.AtFullauthIdReq)
    assert pair.has_succeeded()
    pair.peer.network_name = "HRPD"
    assert again(pair, network_name="HRPD").names == [*BEGIN, "CHALLENGE", "CHALLENGE", "Success"]


def test_sequence_of_requests_for_identities() -> None:
    any_, full, permanent = eap.AtAnyIdReq(), eap.AtFullauthIdReq(), eap.AtPermanentIdReq()

    def answers(*wanted: eap.AkaAttribute) -> list[AkaSubtype]:
        peer = EapPeer("ue", Usim(IMSI, CARD), Random(1))
        found = []
        for number, attribute in enumerate(wanted):
            answer = peer.receive(
                eap.AkaRequest(number, AkaSubtype.IDENTITY, attributes=(attribute,)), 0.0
            )
            assert isinstance(answer, AkaPacket)
            found.append(AkaSubtype(answer.subtype))
        return found

    good, bad = AkaSubtype.IDENTITY, AkaSubtype.CLIENT_ERROR
    assert answers(any_, full, permanent) == [good, good, good]
    assert answers(any_, any_) == [good, bad]
    assert answers(permanent, full) == [good, bad]
    assert answers(any_, permanent, permanent, permanent) == [good, good, good, bad]


# -- EAP itself (RFC 3748) ------------------------------------------------------------------------
def test_nak_and_notification() -> None:
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(1))
    assert peer.receive(eap.NotificationRequest(3, "hello"), 0.0) == eap.NotificationResponse(3)
    for request in (
        eap.Md5Request(4, bytes(16)),
        eap.SimRequest(5, 10),
        eap.ExpandedRequest(6, 1, 2),
    ):
        assert peer.receive(request, 0.0) == eap.NakResponse(request.identifier, (PRIME, AKA))
    assert peer.receive(eap.Success(6), 0.0) is None
    assert peer.state == EapPeerState.IDLE
    assert peer.receive(eap.Failure(6), 0.0) is None
    assert peer.state == EapPeerState.FAILED


def test_what_a_peer_drops() -> None:
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(1))
    for octets in (b"", b"\1", bytes.fromhex("0101000a17"), bytes.fromhex("0501000400"),
                   eap.IdentityResponse(1, "x").encode()):  # fmt: skip
        assert peer.receive(octets, 0.0) is None
        assert [event.name for event in peer.events()] == ["dropped"]
    peer.receive(eap.AkaRequest(1, AkaSubtype.IDENTITY, attributes=(eap.AtAnyIdReq(),)), 0.0)
    # Within a method nothing else is asked (RFC 3748 2.1), and failure is discarded (4187 6.3.3).
    for packet in (eap.IdentityRequest(2), eap.Md5Request(3, bytes(16)), eap.Failure(1),
                   eap.AkaPrimeRequest(4, AkaSubtype.IDENTITY, attributes=(eap.AtAnyIdReq(),))):  # fmt: skip
        assert peer.receive(packet, 0.0) is None
        assert peer.state == EapPeerState.METHOD


def test_padding_of_the_link() -> None:
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(1))
    assert peer.receive(eap.IdentityRequest(1).encode() + bytes(41), 0.0) is not None


def test_a_retransmitted_challenge_is_answered_the_same() -> None:
    pair = Pair(PRIME)
    request = pair.server.receive(eap.IdentityResponse(0, pair.usim.identity(PRIME)), 0.0)
    assert request is not None
    first = pair.peer.receive(bytes(request), 0.0)
    assert first is not None
    assert pair.peer.receive(bytes(request), 1.0) == first
    assert pair.usim.sqn == 33


def test_what_a_server_drops() -> None:
    pair = Pair(AKA)
    server = pair.server
    request = server.receive(eap.IdentityResponse(4, pair.usim.identity(AKA)), 0.0)
    assert request is not None
    assert request.identifier == 5
    for packet in (eap.IdentityRequest(5), eap.AkaResponse(6, AkaSubtype.AUTHENTICATION_REJECT),
                   eap.AkaPrimeResponse(5, AkaSubtype.AUTHENTICATION_REJECT),
                   eap.IdentityResponse(5, "x"), b"\2\5"):  # fmt: skip
        assert server.receive(packet, 0.0) is None
        assert server.state == EapServerState.CHALLENGE
    assert server.receive(eap.NakResponse(5, (PRIME,)), 0.0) == eap.Failure(5)
    assert server.result == AaaResult.AUTHENTICATION_REJECTED


def test_notifications_that_do_not_belong() -> None:
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(1))
    for code, subtype in ((16384, AkaSubtype.NOTIFICATION), (0, AkaSubtype.CLIENT_ERROR),
                          (32768, AkaSubtype.CLIENT_ERROR), (0xC000, AkaSubtype.CLIENT_ERROR)):  # fmt: skip
        peer.restart()
        attributes: tuple[eap.AkaAttribute, ...] = (eap.AtNotification(code),)
        if code in (0, 32768):
            attributes += (eap.AtMac(),)
        answer = peer.receive(
            eap.AkaRequest(1, AkaSubtype.NOTIFICATION, attributes=attributes), 0.0
        )
        assert isinstance(answer, AkaPacket)
        assert answer.subtype == subtype
        assert peer.receive(eap.Success(1), 0.0) is None
        peer.receive(eap.Failure(1), 0.0)
        assert peer.state == EapPeerState.FAILED


def answered(method: EapType, *, again: bool = False, **settings: Any) -> tuple[EapPeer, EapServer]:
    """A peer that has answered the challenge, or the re-authentication, of its server."""
    pair = Pair(method)
    if again:
        pair.run()
        pair.peer.restart()
    server = pair.new_server(result_indications=True, **settings)
    request = server.receive(eap.IdentityResponse(0, pair.peer.identity), 0.0)
    assert request is not None
    pair.peer.receive(request, 0.0)
    return pair.peer, server


@BOTH
@pytest.mark.parametrize("is_fast", [False, True])
@pytest.mark.parametrize("what", ["twice", "another counter", "no counter", "forged", "early"])
def test_notifications_after_the_challenge(method: EapType, is_fast: bool, what: str) -> None:
    peer, server = answered(method, again=is_fast)
    keys = server._session_keys
    assert keys is not None
    code = {"twice": 0x8001, "early": 16384}.get(what, 32768)
    attributes: list[eap.AkaAttribute] = [eap.AtNotification(code)]
    counter = {"another counter": 77, "no counter": None}.get(what, 1)
    if is_fast and counter is not None and what != "early":
        attributes += server._sealed(keys, eap.AtCounter(counter))
    kind = {AKA: eap.AkaRequest, PRIME: eap.AkaPrimeRequest}[method]
    request = kind(50, AkaSubtype.NOTIFICATION, attributes=tuple(attributes))
    if what == "forged":
        request = request.replace(attributes=(*attributes, eap.AtMac()))
    elif what != "early":
        request = with_mac(request, keys)
    answer = peer.receive(request, 0.0)
    assert isinstance(answer, AkaPacket)
    assert eap.check(answer) == []
    wrong = what == "forged" or (is_fast and what.endswith("counter"))
    assert (answer.subtype == AkaSubtype.CLIENT_ERROR) == wrong
    if what == "twice":
        assert peer.state == EapPeerState.AWAITING_RESULT
        request = with_mac(request.replace(identifier=51), keys)
        answer = peer.receive(request, 0.0)
        assert isinstance(answer, AkaPacket)
        assert answer.subtype == AkaSubtype.CLIENT_ERROR
    ending = wrong or what in ("twice", "early")
    assert peer.state == (EapPeerState.ENDING if ending else EapPeerState.CONFIRMED)
    peer.receive(eap.Success(50), 0.0)
    assert (peer.msk is None) == ending


def test_a_protected_success_that_was_not_agreed_on() -> None:
    pair = Pair(AKA, result_indications=False)
    server = pair.new_server(result_indications=True)
    request = server.receive(eap.IdentityResponse(0, pair.peer.identity), 0.0)
    assert request is not None
    pair.peer.receive(request, 0.0)
    keys = server._session_keys
    assert keys is not None
    success = eap.AkaRequest(9, AkaSubtype.NOTIFICATION, attributes=(eap.AtNotification(32768),))
    answer = pair.peer.receive(with_mac(success, keys), 0.0)
    assert isinstance(answer, AkaPacket)
    assert answer.subtype == AkaSubtype.CLIENT_ERROR
    # And a second challenge has no place behind the first.
    pair.peer.restart()
    pair.usim.sqn = 32
    pair.peer.receive(request, 0.0)
    answer = pair.peer.receive(request.replace(identifier=99), 0.0)
    assert isinstance(answer, AkaPacket)
    assert answer.subtype == AkaSubtype.CLIENT_ERROR


@BOTH
def test_a_reauthentication_that_nobody_can_answer(method: EapType) -> None:
    pair = Pair(method)
    pair.run()
    server = pair.new_server()
    request = server.receive(eap.IdentityResponse(0, pair.peer.identity), 0.0)
    assert request is not None
    stranger = EapPeer("other", Usim(IMSI, CARD, 32), Random(1), methods=(method,))
    answer = stranger.receive(request, 0.0)
    assert isinstance(answer, AkaPacket)
    assert answer.subtype == AkaSubtype.CLIENT_ERROR


@BOTH
@pytest.mark.parametrize("what", ["MAC", "counter", "nothing", "no attributes"])
def test_answers_to_a_reauthentication_that_do_not_fit(method: EapType, what: str) -> None:
    pair = Pair(method)
    pair.run()
    keys = pair.peer.keys
    assert keys is not None
    pair.new_server()
    pair.peer.restart()

    def change(packet: AkaPacket) -> bytes:
        inside = {"counter": (eap.AtCounter(5),), "nothing": (eap.AtNonceS(nonce_s=bytes(16)),)}
        sealed = pair.server._sealed(keys, *inside.get(what, (eap.AtCounter(1),)))
        if what == "no attributes":
            sealed = (sealed[0], eap.AtEncrData(encrypted_data=bytes(16)))
        kept = packet.replace(attributes=(*sealed, *packet.attributes[2:]))
        octets = with_mac(kept, keys, b"" if what == "MAC" else pair.server._nonce_s)
        return octets.encode()

    pair.run(responses=changed(AkaPacket, AkaSubtype.REAUTHENTICATION, change))
    assert pair.names[3:] == ["REAUTHENTICATION", "NOTIFICATION", "NOTIFICATION", "Failure"]
    assert not pair.has_succeeded()


# -- recorded peers -------------------------------------------------------------------------------
class Script:
    """Random octets that are known."""

    def __init__(self, *octets: bytes) -> None:
        self.octets = list(octets)

    def randbytes(self, n: int, /) -> bytes:
        found = self.octets.pop(0)
        assert len(found) == n
        return found


def recorded(name: str) -> list[bytes]:
    """The EAP packets of a capture: of RADIUS, or out of IKE_AUTH messages that are opened."""
    if name == RADIUS:
        return list(conversation(name))
    keys = json.loads((FOLDER / "keys.json").read_text())[name]["ike_keys"]
    shared = tuple(Secret(bytes.fromhex(row["dh_shared"])) for row in keys)
    ring = Keyring()
    deriver, opener = KeyDeriver(Secrets(shared=shared), ring), Opener(ring, lenient=True)
    found = []
    for frame in capture.read(FOLDER / f"{name}.pcap"):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        deriver.feed(packet)
        for within in opener.open(packet):
            if isinstance(within, OpenedChain):
                found += [p.message.encode() for p in within.payloads if isinstance(p, ikev2.Eap)]
    return found


@pytest.mark.parametrize("name", MSKS)
def test_our_peer_answers_as_strongswan_did(name: str) -> None:
    """Every response octet for octet: AT_CHECKCODE is a choice, and strongSwan sends none."""
    octets = recorded(name)
    decoded = [eap.decode(packet) for packet in octets]
    (request,) = (p for p in decoded if isinstance(p, eap.AkaRequest) and p.subtype == 1)
    answer, _ = keys_of(request)
    usim = Usim(IMSI, CARD, answer.sqn - 1)
    peer = EapPeer("ue", usim, Random(1), methods=(AKA,), checkcodes=False)
    requests = [packet for packet in octets if packet[0] != 2]
    responses = [packet for packet in octets if packet[0] == 2]
    if decoded[0].code == 2:  # The authenticator's request is not in RADIUS.
        requests.insert(0, eap.IdentityRequest(decoded[0].identifier).encode())
    replies = [peer.receive(packet, 0.0) for packet in requests]
    assert [reply.encode() for reply in replies if reply] == responses
    assert peer.state == EapPeerState.SUCCEEDED
    assert peer.msk is not None
    assert peer.msk.hex() == MSKS[name]
    assert usim.sqn == answer.sqn


@pytest.mark.parametrize("name", MSKS)
def test_our_server_takes_what_strongswan_answered(name: str) -> None:
    octets = recorded(name)
    decoded = [eap.decode(packet) for packet in octets]
    (request,) = (p for p in decoded if isinstance(p, eap.AkaRequest) and p.subtype == 1)
    answer, _ = keys_of(request)
    rand = request.find(eap.AtRand)
    assert rand is not None
    vector = CARD.vector(rand.rands[0], answer.sqn, answer.amf)
    server = EapServer("aaa", AKA, lambda _: vector, EapMemory(), Random(1), ask_identity=True)
    first = next(p for p in decoded if isinstance(p, eap.AkaRequest))
    server.receive(eap.IdentityResponse(first.identifier - 1, IDENTITY), 0.0)
    replies = [server.receive(p.encode(), 0.0) for p in decoded if isinstance(p, eap.AkaResponse)]
    assert isinstance(replies[-1], eap.Success)
    assert replies[-1] == decoded[-1]
    assert server.msk is not None
    assert server.msk.hex() == MSKS[name]


def test_our_server_asks_as_hostapd_did() -> None:
    """Every request octet for octet, once it draws the octets that hostapd drew."""
    octets = recorded(RADIUS)
    decoded = [eap.decode(packet) for packet in octets]
    request = decoded[3]
    assert isinstance(request, eap.AkaRequest)
    answer, keys = keys_of(request)
    iv, rand = request.find(eap.AtIv), request.find(eap.AtRand)
    assert iv is not None
    assert rand is not None
    script = Script(
        bytes.fromhex("f1d76cba0406ba51b15c"), bytes.fromhex("ccc6b61ca3a76916ed10"),
        iv.initialization_vector,
    )  # fmt: skip
    vector = CARD.vector(rand.rands[0], answer.sqn, answer.amf)
    server = EapServer(
        "aaa", AKA, lambda _: vector, EapMemory(), script, ask_identity=True,
        reauthentication_realm="",
    )  # fmt: skip
    asked = [server.receive(packet, 0.0) for packet in octets if packet[0] == 2]
    assert [found.encode() for found in asked if found] == [p for p in octets if p[0] != 2]
    assert server.keys == keys


# -- the local AAA --------------------------------------------------------------------------------
def aaa_of(*subscribers: Subscriber, mme: MmeContexts | None = None, **settings: Any) -> LocalAaa:
    hss = HomeSubscriberServer("hss", subscribers or [subscriber()], Random(4), mme=mme)
    return LocalAaa("aaa", hss, Random(5), **settings)


def attach(
    aaa: LocalAaa, usim: Usim, interface: AaaInterface = AaaInterface.STA, **changes: Any
) -> AaaAnswer:
    """An authentication by itself, from the identity to the last answer."""
    method = PRIME if interface == AaaInterface.STA else AKA
    peer = EapPeer("ue", usim, Random(6), methods=(method,))
    request = AaaRequest(
        session="s1",
        interface=interface,
        user_name=usim.identity(method),
        network_name=NETWORK if method == PRIME else "",
    )
    request = msgspec.structs.replace(request, **changes)
    response: EapPacket | None = eap.IdentityResponse(0, peer.identity)
    while True:
        answer = aaa.answer(msgspec.structs.replace(request, eap=response), 0.0)
        response = None if answer.eap is None else peer.receive(answer.eap.encode(), 0.0)
        if answer.result != AaaResult.MULTI_ROUND_AUTH:
            assert answer.msk == peer.msk
            assert answer.session == "s1"
            return answer


def test_access_and_home_agent() -> None:
    mme = MmeContexts("mme", [IMSI])
    aaa, usim = aaa_of(mme=mme), Usim(IMSI, CARD)
    answer = attach(aaa, usim, visited_network="visited")
    assert answer.result == AaaResult.SUCCESS
    assert answer.msk is not None
    assert answer.agents == (HOME,)
    assert answer.user_name == usim.identity(PRIME)
    assert (answer.home_address, answer.home_prefix) == (None, None)
    assert mme.contexts == {IMSI: False}
    told = [event.name for event in aaa.events() if event.actor == "hss"]
    assert told == ["registered", "location cancelled"]
    answer = attach(aaa, usim, AaaInterface.S6B, apn="internet", home_agent=AGENT)
    assert answer.result == AaaResult.SUCCESS
    assert answer.msk is not None
    assert answer.agents == ()
    assert answer.user_name == usim.identity(AKA)
    assert answer.home_address == IPv6Address("2001:db8:2::5")
    assert answer.home_prefix == IPv6Network("2001:db8:2::/64")
    assert aaa.subscribers.gateways == {}
    bound = AaaRequest(
        session="s1", interface=AaaInterface.S6B, user_name=usim.identity(AKA), apn="internet",
        home_agent=AGENT, bound=True,
    )  # fmt: skip
    assert aaa.answer(bound, 0.0).result == AaaResult.SUCCESS
    assert aaa.subscribers.gateways == {IMSI: {"internet": HOME}}
    assert [event.name for event in aaa.events() if event.actor == "hss"] == ["gateway registered"]
    aaa.subscribers.deregister(IMSI, 9.0)
    assert aaa.subscribers.servers == {}
    assert aaa.next_timeout() is None


def test_another_home_agent() -> None:
    aaa = aaa_of()
    answer = attach(aaa, Usim(IMSI, CARD), AaaInterface.S6B, apn="internet", home_agent=OTHER)
    assert (answer.result, answer.agents) == (AaaResult.SUCCESS_RELOCATE_HA, (HOME,))
    assert answer.msk is not None
    request = AaaRequest(
        session="s1", interface=AaaInterface.S6B, user_name=IMSI, home_agent=OTHER, bound=True
    )
    assert aaa.answer(request, 0.0).result == AaaResult.SUCCESS_RELOCATE_HA
    assert aaa.subscribers.gateways == {}


def test_the_last_session_ends() -> None:
    aaa = aaa_of()
    client = aaa.client()
    for session, interface in (("a", AaaInterface.STA), ("b", AaaInterface.S6B)):
        request = AaaRequest(session=session, interface=interface, user_name=IMSI)
        assert aaa.answer(request, 0.0).session_timeout is None
    client.end("a", 1.0)
    client.end("a", 1.0)
    assert aaa.subscribers.servers == {IMSI: "aaa"}
    client.end("b", 2.0)
    assert aaa.subscribers.servers == {}
    told = [(event.time, event.name) for event in aaa.events()]
    assert told == [(0.0, "registered"), (2.0, "deregistered")]


def test_an_authorisation_takes_the_place_of_the_one_before() -> None:
    aaa = aaa_of()
    for session in ("a", "b"):
        request = AaaRequest(session=session, interface=AaaInterface.STA, user_name=IMSI)
        assert aaa.answer(request, 0.0).result == AaaResult.SUCCESS
    aaa.end("a", 1.0)
    assert aaa.subscribers.servers == {IMSI: "aaa"}
    aaa.end("b", 2.0)
    assert aaa.subscribers.servers == {}


def test_home_agents_of_the_visited_network() -> None:
    local = AgentInfo(addresses=(OTHER,))
    for allowed in (False, True):
        profile = ApnProfile(agents=(HOME,), visited_agents=allowed)
        aaa = aaa_of(subscriber(apns={"internet": profile}), visited_agents={"visited": (local,)})
        answer = attach(aaa, Usim(IMSI, CARD), visited_network="visited")
        more = (msgspec.structs.replace(local, local=True),) if allowed else ()
        assert answer.agents == (HOME, *more)


@pytest.mark.parametrize(
    ("changes", "asked", "result"),
    [
        ({}, {}, AaaResult.SUCCESS),
        ({"imsi": "001010000000002"}, {}, AaaResult.USER_UNKNOWN),
        ({"non_3gpp_access": False}, {}, AaaResult.NO_SUBSCRIPTION),
        ({"apns": {}}, {}, AaaResult.NO_APN_SUBSCRIPTION),
        ({"roaming": frozenset()}, {"visited_network": "v"}, AaaResult.ROAMING_NOT_ALLOWED),
        ({"roaming": frozenset({"v"})}, {"visited_network": "v"}, AaaResult.SUCCESS),
        ({"roaming": frozenset()}, {}, AaaResult.SUCCESS),
        ({}, {"apn": "other"}, AaaResult.NO_APN_SUBSCRIPTION),
        ({"rat_types": frozenset({2001})}, {}, AaaResult.RAT_NOT_ALLOWED),
        ({"rat_types": frozenset({2001})}, {"rat_type": 2001}, AaaResult.SUCCESS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("interface", AaaInterface)
def test_authorisation(
    interface: AaaInterface, changes: Any, asked: Any, result: AaaResult
) -> None:
    aaa, usim = aaa_of(subscriber(**changes)), Usim(IMSI, CARD)
    answer = attach(aaa, usim, interface, **asked)
    assert answer.result == result
    assert isinstance(answer.eap, eap.Success if result == AaaResult.SUCCESS else eap.Failure)
    assert bool(aaa.subscribers.servers) == (result == AaaResult.SUCCESS)
    # Without EAP, after a certificate.
    request = AaaRequest(session="s2", interface=interface, user_name=usim.identity(AKA), **asked)
    answer = aaa.answer(request, 0.0)
    # What the access is like is not known then.
    alone = AaaResult.SUCCESS if result == AaaResult.RAT_NOT_ALLOWED else result
    assert (answer.result, answer.msk, answer.eap) == (alone, None, None)


def test_results_of_the_home_subscriber_server() -> None:
    aaa, usim = aaa_of(), Usim(IMSI, CARD)
    aaa.subscribers.available = False
    assert attach(aaa, usim).result == AUTHENTICATION_DATA_UNAVAILABLE
    aaa.subscribers.available = True
    aaa.subscribers.servers[IMSI] = "another"
    assert attach(aaa, usim).result == IDENTITY_ALREADY_REGISTERED
    aaa.subscribers.servers.clear()
    usim.sqn = 1 << 20
    assert attach(aaa, usim).result == AaaResult.SUCCESS
    assert aaa.subscribers.sqn[IMSI] == usim.sqn == (1 << 20) + 1
    assert (
        attach(aaa, Usim(IMSI, Milenage(bytes(16), bytes(16)))).result
        == AaaResult.AUTHENTICATION_REJECTED
    )


def test_names_of_access_networks() -> None:
    aaa, usim = aaa_of(access_networks=frozenset({NETWORK})), Usim(IMSI, CARD)
    for name in ("", "WLAN"):
        assert attach(aaa, usim, network_name=name).result == AaaResult.AUTHORIZATION_REJECTED
    assert attach(aaa, usim).result == AaaResult.SUCCESS


def test_names_without_eap() -> None:
    aaa = aaa_of(subscriber(names=frozenset({"mn@example.org"})))
    own = Usim(IMSI, CARD).identity(AKA)
    for name, result in (
        ("mn@example.org", 2001), (IMSI, 2001), (own, 2001), ("x@example.org", 5001),
        # The user of another realm is not the subscriber of this one.
        (f"0{IMSI}@elsewhere.example", 5001), (f"{IMSI}@elsewhere.example", 5001),
    ):  # fmt: skip
        request = AaaRequest(session="a", interface=AaaInterface.S6B, user_name=name)
        assert aaa.answer(request, 0.0).result == result


def test_sessions() -> None:
    """A response without a session is refused; what is discarded gets the last request again."""
    aaa, usim = aaa_of(), Usim(IMSI, CARD)
    request = AaaRequest(
        session="s", interface=AaaInterface.S6B, user_name="x",
        eap=eap.AkaResponse(3, AkaSubtype.AUTHENTICATION_REJECT),
    )  # fmt: skip
    assert aaa.answer(request, 0.0).result == UNKNOWN_SESSION_ID
    first = aaa.answer(
        msgspec.structs.replace(request, eap=eap.IdentityResponse(2, usim.identity(AKA))), 0.0
    )
    second = aaa.answer(
        msgspec.structs.replace(request, eap=eap.AkaResponse(9, AkaSubtype.CHALLENGE)), 1.0
    )
    assert (second.result, second.eap) == (AaaResult.MULTI_ROUND_AUTH, first.eap)
    assert aaa.next_timeout() == 121.0
    aaa.handle_timeout(121.0)
    assert aaa.answer(request, 122.0).result == UNKNOWN_SESSION_ID


def test_everyone_gets_their_own_answers() -> None:
    aaa = aaa_of()
    askers: list[Aaa] = [aaa, aaa.client(), aaa.client()]
    for number, asker in enumerate(askers):
        asker.ask(AaaRequest(session=str(number), interface=AaaInterface.S6B, user_name=IMSI), 0.0)
    for number, asker in enumerate(askers):
        assert [answer.session for answer in asker.answers()] == [str(number)]
        assert asker.answers() == []


def test_two_sessions_side_by_side() -> None:
    other = "001010000000002"
    aaa = aaa_of(subscriber(), subscriber(imsi=other)).client()
    peers = {name: EapPeer(name, Usim(name, CARD), Random(1)) for name in (IMSI, other)}
    waiting: dict[str, EapPacket] = {
        name: eap.IdentityResponse(0, peer.identity) for name, peer in peers.items()
    }
    msks = {}
    while waiting:
        for name, packet in waiting.items():
            aaa.ask(AaaRequest(session=name, interface=AaaInterface.STA, user_name="", eap=packet,
                               network_name=NETWORK), 0.0)  # fmt: skip
        waiting = {}
        for answer in aaa.answers():
            assert answer.eap is not None
            reply = peers[answer.session].receive(answer.eap, 0.0)
            if reply is not None:
                waiting[answer.session] = reply
            else:
                msks[answer.session] = answer.msk
    assert msks == {name: peer.msk for name, peer in peers.items()}
    assert len(set(msks.values())) == 2


# -- access: supplicant and authenticator over EAPOL ----------------------------------------------
UE, NAS = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


class Access:
    """A link with a mobile node and its authenticator, in virtual time; frames may get lost."""

    def __init__(self, lost: Sequence[int] = (), aaa: Any = None, usim: Usim | None = None) -> None:
        self.lost, self.frames, self.now = lost, 0, 0.0
        self.aaa = aaa or aaa_of().client()
        peer = EapPeer("eap", usim or Usim(IMSI, CARD), Random(7), network_name=NETWORK)
        self.supplicant = Supplicant("ue", peer, address=UE, link="access")
        self.authenticator = Authenticator(
            "nas", self.aaa, Random(8), address=NAS, peer=UE, link="access", network_name=NETWORK
        )
        self.units: list[tuple[float, Unit]] = []
        self.events: list[Any] = []

    def run(self, until: float = 400.0) -> Access:
        parts = (self.supplicant, self.authenticator)
        while True:
            self.authenticator.poll(self.now)
            moving = [(part, unit) for part in parts for unit in part.to_send()]
            for part, unit in moving:
                self.units.append((self.now, unit))
                self.frames += 1
                if self.frames not in self.lost:
                    parts[part is self.supplicant].receive(unit, self.now)
            self.events += [event for part in parts for event in part.events()]
            if moving:
                continue
            due = min(
                (at for part in parts if (at := part.next_timeout()) is not None), default=until
            )
            if due >= until:
                return self
            self.now = due
            for part in parts:
                part.handle_timeout(self.now)

    @property
    def states(self) -> tuple[SupplicantState, AuthenticatorState]:
        return self.supplicant.state, self.authenticator.state


GOOD = (SupplicantState.AUTHENTICATED, AuthenticatorState.AUTHORISED)
REFUSED = (SupplicantState.FAILED, AuthenticatorState.REFUSED)


def test_access_is_authorised() -> None:
    access = Access()
    access.supplicant.start(0.0)
    access.run()
    assert access.states == GOOD
    assert access.supplicant.msk == access.authenticator.msk
    assert access.supplicant.msk is not None
    assert access.authenticator.agents == (HOME,)
    assert access.authenticator.result == AaaResult.SUCCESS
    assert access.authenticator.user_name.startswith(f"6{IMSI}@")
    assert access.units[0][1].octets.hex() == "02010000"
    assert access.now == 0.0
    names = [event.name for event in access.events]
    assert "authorised" in names
    assert "authenticated" in names
    # Again, by either side: fast re-authentication, and another MSK.
    before = access.supplicant.msk
    access.authenticator.start(1.0)
    assert access.run().states == GOOD
    assert access.supplicant.msk == access.authenticator.msk != before
    access.supplicant.stop(2.0)
    access.run()
    assert access.states == (SupplicantState.DOWN, AuthenticatorState.DOWN)
    for side in (access.supplicant, access.authenticator):
        assert side.msk is None


@pytest.mark.parametrize("lost", range(1, 8))
def test_any_frame_may_get_lost(lost: int) -> None:
    access = Access([lost])
    access.supplicant.start(0.0)
    access.run()
    assert access.states == GOOD
    assert access.supplicant.msk == access.authenticator.msk


def test_requests_are_sent_again_and_given_up() -> None:
    access = Access(range(2, 1000))
    access.authenticator.start(0.0)
    access.frames = 1
    access.run()
    times = [at for at, _ in access.units]
    assert len(times) == 5
    assert len({unit.octets for _, unit in access.units}) == 1
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert 0.9 <= gaps[0] <= 1.1
    assert all(1.9 * a <= b <= 2.1 * a for a, b in itertools.pairwise(gaps))
    assert access.authenticator.state == AuthenticatorState.REFUSED
    assert access.authenticator.result is None


def test_nobody_asks() -> None:
    access = Access(range(1, 1000))
    access.supplicant.start(0.0)
    access.run()
    assert [at for at, _ in access.units] == [0.0, 30.0, 60.0]
    assert access.supplicant.state == SupplicantState.FAILED


def test_access_is_refused() -> None:
    access = Access(usim=Usim(IMSI, Milenage(bytes(16), bytes(16))))
    access.supplicant.start(0.0)
    access.run()
    assert access.states == REFUSED
    assert access.authenticator.result == AaaResult.AUTHENTICATION_REJECTED
    assert (access.supplicant.msk, access.authenticator.msk) == (None, None)
    access = Access(aaa=aaa_of(subscriber(non_3gpp_access=False)).client())
    access.supplicant.start(0.0)
    access.run()
    assert access.states == REFUSED
    assert access.authenticator.result == AaaResult.NO_SUBSCRIPTION


class Silent:
    """An AAA that never answers, or refuses without a packet."""

    def __init__(self, result: int | None) -> None:
        self.result, self.waiting = result, list[AaaAnswer]()
        self.ended: list[str] = []

    def ask(self, request: AaaRequest, now: float) -> None:
        if self.result is not None:
            self.waiting.append(AaaAnswer(session=request.session, result=self.result))
            self.waiting.append(AaaAnswer(session="another", result=2001))

    def answers(self) -> list[AaaAnswer]:
        answers, self.waiting = self.waiting, []
        return answers

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        self.ended.append(session)

    def orders(self) -> list[AaaOrder]:
        return []


@pytest.mark.parametrize("result", [None, 3002, 1001])
def test_an_aaa_that_does_not_answer(result: int | None) -> None:
    aaa = Silent(result)
    access = Access(aaa=aaa)
    access.supplicant.start(0.0)
    access.run(until=31.0)
    refused = [event for event in access.events if event.name == "refused"]
    assert [(event.time, event.text) for event in refused] == [
        (30.0, "no answer") if result is None else (0.0, f"result {result}")
    ]
    assert aaa.ended == ["nas;1"]
    failure = next(unit for _, unit in access.units if unit.octets[4:5] == b"\4")
    assert eap.decode(failure.octets[4:]) == eap.Failure(failure.octets[5])
    assert access.authenticator.msk is None


def test_frames_that_do_not_belong() -> None:
    access = Access()
    access.supplicant.start(0.0)
    (start,) = access.supplicant.to_send()
    access.supplicant.events()
    wrong: Iterator[dict[str, Any]] = iter(
        [{"link": "other"}, {"source": NAS}, {"destination": bytes(6)}, {"octets": b""},
         {"octets": bytes.fromhex("02000005 0201")}, {"octets": bytes.fromhex("0203000100")},
         {"octets": bytes.fromhex("02000005 0209000501")}]
    )  # fmt: skip
    for changes in wrong:
        access.authenticator.receive(msgspec.structs.replace(start, **changes), 0.0)
        assert [event.name for event in access.authenticator.events()] == ["dropped"], changes
        assert access.authenticator.to_send() == []
    access.authenticator.receive(start, 0.0)
    (request,) = access.authenticator.to_send()
    for changes in (
        {"link": "other"},
        {"destination": NAS},
        {"octets": b"\2"},
        {"octets": start.octets},
    ):
        access.supplicant.receive(msgspec.structs.replace(request, **changes), 0.0)
        assert [event.name for event in access.supplicant.events()] == ["dropped"], changes
    for identifier in (request.octets[5] ^ 1, request.octets[5] ^ 128):
        packet = eap.IdentityResponse(identifier, "x").encode()
        octets = b"\2\0" + len(packet).to_bytes(2, "big") + packet
        access.authenticator.receive(request.answer(octets), 0.0)
        assert access.authenticator.state == AuthenticatorState.IDENTITY
    # A Nak to the request for an identity is no identity.
    nak = eap.NakResponse(request.octets[5], (PRIME,)).encode()
    frame = b"\2\0" + len(nak).to_bytes(2, "big") + nak
    access.authenticator.receive(request.answer(frame), 0.0)
    assert access.authenticator.state == AuthenticatorState.IDENTITY


def test_round_trips() -> None:
    estimate = RoundTripEstimate()
    for _ in range(50):
        estimate.sample(0.01)
    assert estimate.timeout == 0.2
    estimate.sample(500.0)
    assert estimate.timeout == 20.0


def test_what_was_sent_twice_is_no_sample() -> None:
    """Karn: who knows which of the two is answered (RFC 3748 4.3)."""
    access = Access([2])
    access.supplicant.start(0.0)
    access.run()
    assert access.states == GOOD
    assert access.now > 0.9
    assert access.authenticator.estimate.timeout == 0.2


def test_the_same_seed_is_the_same_octets() -> None:
    runs = []
    for _ in range(2):
        access = Access([3])
        access.supplicant.start(0.0)
        access.run()
        runs.append([(at, unit.octets) for at, unit in access.units])
    assert runs[0] == runs[1]


# -- the card and the home subscriber server ------------------------------------------------------
def test_a_card_takes_no_challenge_twice() -> None:
    usim = Usim(IMSI, CARD, 6)
    vector = CARD.vector(bytes(16), 7, bytes(2))
    assert not isinstance(usim.answer(vector.rand, vector.autn), Resynchronisation)
    found = usim.answer(vector.rand, vector.autn)
    assert isinstance(found, Resynchronisation)
    assert CARD.resynchronise(found.rand, found.auts) == 7
    with pytest.raises(IntegrityError):
        usim.answer(bytes(16), bytes(16))


def test_vectors_of_the_home_subscriber_server() -> None:
    hss = HomeSubscriberServer("hss", [subscriber(amf=bytes(2))], Random(1))
    vector = hss.vector(VectorRequest(imsi=IMSI, method=PRIME, network_name=NETWORK))
    assert isinstance(vector, AuthenticationVector)
    answer = CARD.answer(vector.rand, vector.autn)
    assert answer.separation
    assert (answer.sqn, vector.ck == answer.ck) == (33, False)
    plain = hss.vector(VectorRequest(imsi=IMSI, method=AKA))
    assert isinstance(plain, AuthenticationVector)
    assert CARD.answer(plain.rand, plain.autn).ck == plain.ck
    # The own sequence number is kept where it is the higher one (TS 33.102 6.3.5).
    auts = Resynchronisation(plain.rand, CARD.auts(plain.rand, 5))
    assert hss.vector(VectorRequest(imsi=IMSI, method=AKA, resynchronisation=auts))
    assert hss.sqn[IMSI] == 35


def test_a_card_that_says_the_highest_sequence_number() -> None:
    """After which none is fresh: the card has ended itself, and nobody else."""
    aaa, usim = aaa_of(), Usim(IMSI, CARD)
    usim.sqn = (1 << 48) - 1
    assert attach(aaa, usim).result == AUTHENTICATION_DATA_UNAVAILABLE
    assert attach(aaa, usim).result == AUTHENTICATION_DATA_UNAVAILABLE


def test_three_digits_of_a_network() -> None:
    usim = Usim("310150123456789", CARD, mnc_digits=3)
    assert usim.identity(AKA) == "0310150123456789@nai.epc.mnc150.mcc310.3gppnetwork.org"


def test_keys_of_the_identity() -> None:
    """The keys are of the identity as it was told, here a pseudonym."""
    pair = Pair(AKA)
    pair.new_server(reauthentications=0)
    pair.run()
    again(pair)
    told, request = pair.packets[1], pair.packets[2]
    assert isinstance(told, eap.IdentityResponse)
    assert isinstance(request, eap.AkaRequest)
    answer, _ = keys_of(request)
    assert pair.peer.keys == EapKeys.aka(told.identity, ck=answer.ck, ik=answer.ik)
