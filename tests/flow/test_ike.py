"""IKE_SA_INIT and IKE_AUTH: initiator against responder, with every method, and every refusal."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import ikev2, packets
from mip6boot.eap import IdentityResponse
from mip6boot.flow import Unit
from mip6boot.flow.aaa import AaaOrder, AaaOrderKind, AaaResult, AgentInfo
from mip6boot.flow.ike import (
    MODERN,
    TS36508,
    Admission,
    AdmissionState,
    ChildRequest,
    Credentials,
    IkeInitiator,
    InitiatorState,
    Method,
    PadEntry,
    Pool,
    Suites,
    Trust,
    Wanted,
    for_addresses,
)
from mip6boot.flow.ike.payloads import find
from mip6boot.ikev2 import (
    AuthenticationMethod,
    ExchangeType,
    IkeFlags,
    KeyExchangeMethod,
    NotifyType,
)
from mip6boot.security import Secret, seal, unseal
from mip6boot.security.sealing import _seal

from .ike_network import (
    AGENT,
    APN,
    AUTHORITY,
    EC384_KEY,
    EC_KEY,
    ED_KEY,
    HA,
    HOME,
    KEY,
    MN,
    RSA_KEY,
    UE,
    Network,
    OneRound,
    attach,
    delivered,
    initiator,
    message_of,
    opened,
    responder,
    with_certificate,
    with_key,
)

FIRST = IPv6Address("2001:db8:100::1001")
MOBILITY = ChildRequest(
    local=(ikev2.Ipv6AddressRange.for_mobility(IPv6Address("::"), 5, 6).replace(
        ending_address=IPv6Address("ffff:" * 7 + "ffff")),),
    remote=(ikev2.Ipv6AddressRange.for_mobility(HA, 5, 6),),
    transport=True,
)  # fmt: skip
CERTIFIED = (PadEntry(identity="*", methods=frozenset({Method.CERTIFICATE})),)
BY_EAP = (PadEntry(identity="*@example.org", methods=frozenset({Method.EAP})),)
K = KeyExchangeMethod


def with_groups(*methods: KeyExchangeMethod) -> Suites:
    """Suites with these key exchanges alone, in this order."""
    ike = [one for method in methods for one in MODERN.ike if one.key_exchange == method]
    return Suites(ike=tuple(ike), esp=MODERN.esp)


def agreed(ue: IkeInitiator, ha: Any) -> None:
    """Both ends have the same keys, child SAs that fit each other, and the same home address."""
    one, other = ue.established, ha.established[0]
    assert one is not None
    assert ue.state == InitiatorState.ESTABLISHED
    for name in one.keys.__struct_fields__:
        assert getattr(one.keys, name) == getattr(other.keys, name)
    assert len(one.children) == len(other.children)
    for ours, theirs in zip(one.children, other.children, strict=True):
        assert ours.inbound == theirs.outbound
        assert ours.outbound == theirs.inbound
        assert (ours.local, ours.remote) == (theirs.remote, theirs.local)
        assert ours.transport == theirs.transport
        assert ours.inbound.protection
    assert one.home.address == other.home.address
    assert one.local_identity == other.remote_identity
    assert one.remote_identity == other.local_identity


# -- authentication -------------------------------------------------------------------------------
def test_shared_key() -> None:
    ue, ha = initiator(child=MOBILITY), responder()
    network = attach(ue, ha)
    agreed(ue, ha)
    seen = opened(network, ue, ha)
    assert [one.names for one in seen[2:]] == [
        ["IDi", "INITIAL_CONTACT", "CertificateRequest", "IDr", "Authentication", "Configuration",
         "USE_TRANSPORT_MODE", "SecurityAssociation", "TSi", "TSr"],
        ["IDr", "Authentication", "Configuration", "USE_TRANSPORT_MODE", "SecurityAssociation",
         "TSi", "TSr"],
    ]  # fmt: skip
    assert ue.established is not None
    assert ue.established.home.address == FIRST
    assert ue.established.home.dns == (IPv6Address("2001:db8:100::53"),)
    child = ue.established.children[0]
    assert child.transport
    assert child.local == (ikev2.Ipv6AddressRange.for_mobility(FIRST, 5, 6),)
    assert child.remote == (ikev2.Ipv6AddressRange.for_mobility(HA, 5, 6),)
    assert ha.established[0].apn == APN.fqdn


@pytest.mark.parametrize(
    ("key", "method", "more"),
    [
        (EC_KEY, AuthenticationMethod.DIGITAL_SIGNATURE, {}),
        (RSA_KEY, AuthenticationMethod.DIGITAL_SIGNATURE, {}),
        (RSA_KEY, AuthenticationMethod.DIGITAL_SIGNATURE, {"pss": True}),
        (ED_KEY, AuthenticationMethod.DIGITAL_SIGNATURE, {}),
        (RSA_KEY, AuthenticationMethod.RSA, {"method": AuthenticationMethod.RSA}),
        (EC_KEY, AuthenticationMethod.ECDSA_P256, {"method": AuthenticationMethod.ECDSA_P256}),
        (EC384_KEY, AuthenticationMethod.ECDSA_P384, {"method": AuthenticationMethod.ECDSA_P384}),
    ],
)
def test_certificates(key: Any, method: AuthenticationMethod, more: dict[str, Any]) -> None:
    ue = initiator(credentials=with_certificate(MN, key, **more), peers=CERTIFIED)
    ha = responder(
        credentials=with_certificate(AGENT, key, **more), peers=CERTIFIED, trust=AUTHORITY.trust()
    )
    network = attach(ue, ha)
    agreed(ue, ha)
    proofs = [one.find(ikev2.Authentication) for one in opened(network, ue, ha)[2:]]
    assert [one.auth_method for one in proofs] == [method, method]


def test_an_old_peer_gets_an_old_method() -> None:
    """Without SIGNATURE_HASH_ALGORITHMS of the peer there is no method 14 (RFC 7427 4)."""
    old = msgspec.structs.replace(AUTHORITY.trust(), hash_algorithms=())
    ue = initiator(credentials=with_certificate(MN, RSA_KEY), peers=CERTIFIED)
    ha = responder(
        credentials=with_certificate(AGENT, EC_KEY), peers=CERTIFIED, trust=old,
    )  # fmt: skip
    network = attach(ue, ha)
    agreed(ue, ha)
    proofs = [one.find(ikev2.Authentication) for one in opened(network, ue, ha)[2:]]
    assert [one.auth_method for one in proofs] == [
        AuthenticationMethod.RSA,
        AuthenticationMethod.DIGITAL_SIGNATURE,
    ]


def test_a_shared_key_against_a_certificate() -> None:
    ha = responder(credentials=with_certificate(AGENT, EC_KEY))
    ue = initiator(peers=CERTIFIED)
    attach(ue, ha)
    agreed(ue, ha)


def eap_ends(aaa: OneRound, peer: OneRound | None = None, **more: Any) -> tuple[IkeInitiator, Any]:
    ue = initiator(eap=peer or OneRound(), peers=CERTIFIED, **more)
    ha = responder(
        credentials=with_certificate(AGENT, EC_KEY), peers=BY_EAP, aaa=aaa, half_open=200.0
    )
    return ue, ha


def test_eap() -> None:
    aaa = OneRound(rounds=2, user_name="permanent@example.org")
    ue, ha = eap_ends(aaa, child=MOBILITY)
    network = attach(ue, ha)
    agreed(ue, ha)
    seen = opened(network, ue, ha)
    assert [one.names for one in seen[2:]] == [
        ["IDi", "INITIAL_CONTACT", "CertificateRequest", "IDr", "Configuration",
         "USE_TRANSPORT_MODE", "SecurityAssociation", "TSi", "TSr"],
        ["IDr", "Certificate", "Authentication", "Eap"],
        ["Eap"], ["Eap"], ["Eap"], ["Eap"],
        ["Authentication"],
        ["Authentication", "Configuration", "USE_TRANSPORT_MODE", "SecurityAssociation", "TSi",
         "TSr"],
    ]  # fmt: skip
    first = aaa.asked[0]
    assert (first.user_name, first.apn) == (MN.address, APN.fqdn)
    assert first.eap is not None
    assert first.eap.encode() == bytes.fromhex("0200001401") + MN.address.encode()
    assert ha.established[0].user_name == "permanent@example.org"


def test_what_eap_has_authenticated_counts() -> None:
    """And not what IDi says, which anybody may (RFC 7296 2.16)."""
    victim, thief = "mn1@example.org", "thief@example.org"
    pool = Pool(HOME, first=0x1001, fixed={victim: HOME[0x7777]})
    ue, ha = eap_ends(OneRound(user_name=thief))
    ha.addresses = pool
    attach(ue, ha)
    agreed(ue, ha)
    assert ha.sessions[0].identity == thief
    assert ha.established[0].home.address == FIRST
    # Nor does it end what the one has whose name it took.
    other, _ = eap_ends(OneRound(), seed=7)
    ha.aaa = OneRound(user_name=victim)
    network = attach(other, ha)
    assert sorted(one.identity for one in ha.sessions) == [victim, thief]
    assert ha.sessions[-1].home.address == HOME[0x7777]
    ha.close(ha.sessions[0], network.now)
    assert not network.told("INITIAL_CONTACT")


def test_who_is_authenticated_but_not_let_in() -> None:
    ue, ha = eap_ends(OneRound(user_name="mn1@elsewhere.example"))
    network = attach(ue, ha)
    assert (ue.state, ha.established) == (InitiatorState.FAILED, ())
    assert network.told("mn1@elsewhere.example, who is not let in")


def test_one_request_at_a_time() -> None:
    """While its answer is owed, a window of 1 has no place for another (RFC 7296 2.3)."""
    aaa = OneRound(delay=1.0)
    ue, ha = eap_ends(aaa)
    ue.start(0.0)
    ha.receive(ue.to_send()[0], 0.0)
    ue.receive(ha.to_send()[0], 0.0)
    (request,) = ue.to_send()
    ha.receive(request, 0.1)
    sa = next(iter(ue.sas.values()))
    assert sa.keys is not None
    header = sa.header(ExchangeType.INFORMATIONAL, 2, IkeFlags(0))
    early = seal(header, [], sa.keys, rng=Random(3))
    ha.receive(msgspec.structs.replace(request, octets=early), 0.2)
    assert not ha.to_send()
    assert any("outside of the window" in str(event) for event in ha.events())
    aaa.now = 2.0
    ha.poll(2.0)
    (answer,) = ha.to_send()
    assert message_of(answer).message_id == 1
    ue.receive(answer, 2.1)
    assert ue.state == InitiatorState.EAP


def test_an_aaa_that_takes_its_time() -> None:
    """The initiator asks again meanwhile, and is not asked for anything twice."""
    aaa = OneRound(delay=5.0)
    ue, ha = eap_ends(aaa)
    network = Network({UE: ue, HA: ha})
    ue.start(0.0)
    for _ in range(40):
        network.run(0.5)
        aaa.now = network.now
        ha.poll(network.now)
    agreed(ue, ha)
    assert network.told("the answer is not yet there")
    assert len(aaa.asked) == 2


def test_eap_alone() -> None:
    """RFC 5998: no certificate, if both want it so."""
    ue, ha = eap_ends(OneRound(), eap_only=True)
    ha.eap_only = True
    network = attach(ue, ha)
    agreed(ue, ha)
    assert [one.names for one in opened(network, ue, ha)[3:4]] == [["IDr", "Eap"]]


def test_eap_alone_is_not_forced_on_anybody() -> None:
    ue, ha = eap_ends(OneRound(), eap_only=True)
    network = attach(ue, ha)
    assert opened(network, ue, ha)[3].names == ["IDr", "Certificate", "Authentication", "Eap"]
    ue, ha = eap_ends(OneRound())
    ha.eap_only = True
    network = attach(ue, ha)
    assert opened(network, ue, ha)[3].names == ["IDr", "Certificate", "Authentication", "Eap"]
    agreed(ue, ha)


def test_a_responder_without_proof_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves its proof to EAP although nobody offered that."""
    monkeypatch.setattr(Admission, "_is_eap_alone", lambda self: True)
    ue, ha = eap_ends(OneRound())
    network = attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert network.told("does not prove who it is")
    assert not ha.sas


def test_a_shared_key_does_not_go_with_eap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither end has it (RFC 7296 2.16)."""
    peers = (PadEntry(identity="*", shared_key=KEY),)
    for patched in (False, True):
        ue, ha = initiator(eap=OneRound(), peers=peers), responder(peers=peers, aaa=OneRound())
        if patched:
            monkeypatch.setattr(
                Admission, "_is_eap_alone", lambda self: find(self._wishes, ikev2.IDi) is None
            )
            monkeypatch.setattr(Admission, "_begin_eap", begin_eap)
        network = attach(ue, ha)
        assert ue.state == InitiatorState.FAILED
        assert network.told("with EAP the responder needs a certificate")
        assert not ha.sas


def begin_eap(self: Admission, now: float) -> AdmissionState:
    """As a responder does that does not care."""
    self._ask_aaa(now, IdentityResponse(identifier=0, identity="somebody"))
    return AdmissionState.AAA


@pytest.mark.parametrize("eap", [False, True])
def test_redirection_in_ike_auth(monkeypatch: pytest.MonkeyPatch, eap: bool) -> None:
    """It counts once the responder has proved itself, without a child SA (RFC 5685 6)."""
    gateway = ikev2.FqdnGateway(fqdn="other.example.org")
    redirect = ikev2.Redirect(new_gateway=gateway)
    monkeypatch.setattr(Admission, "_child", lambda self, now, failed: [redirect])
    ue, ha = eap_ends(OneRound()) if eap else (initiator(), responder())
    network = attach(ue, ha)
    assert ue.state == InitiatorState.REDIRECTED
    assert ue.redirect == gateway
    assert not ue.sas
    opened(network, ue, ha)


@pytest.mark.parametrize("whose", ["initiator", "responder"])
def test_credentials_that_prove_nothing(whose: str) -> None:
    """An end without a key gives up, and raises nothing."""
    none: dict[str, Any] = {
        "credentials": Credentials(identity=MN if whose == "initiator" else AGENT)
    }
    ue = initiator(**(none if whose == "initiator" else {}))
    ha = responder(**(none if whose == "responder" else {}))
    network = attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert network.told("the shared key is empty")
    assert not ha.established


def test_failure_of_eap() -> None:
    """EAP-Failure ends it, without AUTHENTICATION_FAILED (RFC 7296 2.21)."""
    ue, ha = eap_ends(OneRound(result=AaaResult.AUTHENTICATION_REJECTED))
    network = attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert ue.reason == "EAP failure"
    assert opened(network, ue, ha)[-1].names == ["Eap"]
    assert not ha.sas
    assert not ue.sas


def test_eap_that_is_refused_at_once() -> None:
    ue, ha = eap_ends(OneRound(rounds=0, result=AaaResult.USER_UNKNOWN))
    attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert not ha.sas


def test_different_msks() -> None:
    ue, ha = eap_ends(OneRound(), OneRound(key=b"x" * 64))
    attach(ue, ha)
    assert (ue.state, ue.reason) == (InitiatorState.FAILED, "AUTHENTICATION_FAILED")
    assert not ha.sas


def test_eap_without_a_key() -> None:
    peer = OneRound()
    peer.key = b""
    ue, ha = eap_ends(OneRound(), peer)
    attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert "without a key" in ue.reason
    assert not ha.sas


@pytest.mark.parametrize("result", [AaaResult.SUCCESS, AaaResult.NO_APN_SUBSCRIPTION])
def test_authorization_after_a_shared_key(result: AaaResult) -> None:
    aaa = OneRound(result=result, home_address=IPv6Address("2001:db8:100::77"))
    peers = (PadEntry(identity="*", shared_key=KEY, authorize=True),)
    ue, ha = initiator(), responder(peers=peers, aaa=aaa)
    attach(ue, ha)
    assert aaa.asked[0].eap is None
    if result == AaaResult.SUCCESS:
        agreed(ue, ha)
        assert ue.established is not None
        assert ue.established.home.address == IPv6Address("2001:db8:100::77")
    else:
        assert (ue.state, ue.reason) == (InitiatorState.FAILED, "AUTHENTICATION_FAILED")


@pytest.mark.parametrize(
    "more",
    [
        {"credentials": with_key(MN, b"wrong")},
        {"credentials": with_key(ikev2.Rfc822Identity(address="mn1@elsewhere.org"))},
        {"credentials": with_certificate(MN, EC_KEY)},
        {"credentials": with_key(MN), "eap": OneRound()},
    ],
)
def test_who_is_not_let_in(more: dict[str, Any]) -> None:
    """A wrong key, an unknown identity, and methods that are not for the peer."""
    peers = (PadEntry(identity="*@example.org", shared_key=KEY,
                      methods=frozenset({Method.SHARED_KEY})),)  # fmt: skip
    ue, ha = initiator(**more), responder(peers=peers, aaa=OneRound())
    network = attach(ue, ha)
    assert (ue.state, ue.reason) == (InitiatorState.FAILED, "AUTHENTICATION_FAILED")
    assert ue.established is None
    assert not ha.sas
    assert opened(network, ue, ha)[-1].names == ["AUTHENTICATION_FAILED"]


def test_a_responder_with_a_wrong_key() -> None:
    """The initiator tells it, and neither keeps the SA (RFC 7296 2.21.2)."""
    ue = initiator(peers=(PadEntry(identity="*", shared_key=Secret(b"other")),))
    ha = responder()
    network = attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    seen = opened(network, ue, ha)
    assert seen[-2].names == ["AUTHENTICATION_FAILED"]
    assert seen[-2].message.exchange_type == ExchangeType.INFORMATIONAL
    assert not ue.sas
    assert not ha.sas


@pytest.mark.parametrize(
    "certificate",
    [
        with_certificate(ikev2.FqdnIdentity(fqdn="other.example.org"), EC_KEY),
        with_certificate(AGENT, RSA_KEY),
    ],
)
def test_certificates_of_others(certificate: Any) -> None:
    """A name, or a key, that is not the certificate's."""
    credentials = msgspec.structs.replace(certificate, identity=AGENT, private_key=EC_KEY)
    ue, ha = initiator(peers=CERTIFIED), responder(credentials=credentials)
    attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert not ha.sas


def test_initial_contact_ends_what_was_before() -> None:
    ha = responder()
    attach(initiator(seed=1), ha)
    before = ha.established[0]
    network = Network({UE: initiator(seed=3), HA: ha})
    network.actors[UE].start(10.0)  # type: ignore[attr-defined]
    network.now = 10.0
    network.run()
    assert len(ha.established) == 1
    after = ha.established[0]
    assert after.keys.spis != before.keys.spis
    assert after.home.address == before.home.address


# -- IKE_SA_INIT ----------------------------------------------------------------------------------
def test_cookie() -> None:
    """The first payload of the request that comes again, which is else the same (2.6)."""
    ue, ha = initiator(), responder(cookies_from=0)
    network = attach(ue, ha)
    agreed(ue, ha)
    first, cookie, again = opened(network, ue, ha)[:3]
    assert cookie.names == ["COOKIE"]
    assert cookie.message.responder_spi == bytes(8)
    assert again.names[0] == "COOKIE"
    assert again.payloads[1:] == first.payloads
    assert again.payloads[0] == cookie.payloads[0]


def test_a_cookie_of_somebody_else() -> None:
    ue, ha = initiator(), responder(cookies_from=0)
    network = attach(ue, ha, lambda unit, number: delivered(unit, number) if number < 2 else ())
    unit = next(u for _, u in network.seen if message_of(u).find(ikev2.Cookie) and u.source == UE)
    other = msgspec.structs.replace(unit, source=IPv6Address("2001:db8::99"))
    ha.receive(other, network.now)
    assert [message_of(u).find(ikev2.Cookie) is None for u in ha.to_send()] == [False]
    assert not ha.sas
    late = msgspec.structs.replace(unit, source=UE)
    ha.receive(late, network.now + 500)
    assert not ha.sas
    ha.to_send()
    ha.receive(late, network.now)
    assert ha.sas


def test_cookies_begin_with_many_half_open_sas() -> None:
    ha = responder(cookies_from=3)
    for seed in range(5):
        ue = initiator(seed=100 + seed)
        ue.start(0.0)
        ha.receive(ue.to_send()[0], 0.0)
    kinds = [message_of(unit).find(ikev2.Cookie) is not None for unit in ha.to_send()]
    assert kinds == [False, False, False, True, True]
    ha.handle_timeout(31.0)
    assert not ha.sas


def test_another_key_exchange() -> None:
    """INVALID_KE_PAYLOAD, also after a cookie (RFC 7296 2.6.1)."""
    for cookies_from in (64, 0):
        ue = initiator(suites=with_groups(K.MODP2048, K.ECP256))
        ha = responder(suites=with_groups(K.ECP256), cookies_from=cookies_from)
        network = attach(ue, ha)
        agreed(ue, ha)
        seen = opened(network, ue, ha)
        refusals = [one for one in seen if one.names == ["INVALID_KE_PAYLOAD"]]
        assert [one.payloads[0].method for one in refusals] == [K.ECP256]  # type: ignore[attr-defined]
        offers = [one.find(ikev2.SecurityAssociation) for one in seen[:6:2]]
        assert offers[0] == offers[1]


@pytest.mark.parametrize("mine", [TS36508, with_groups(K.CURVE25519), with_groups(K.MODP2048)])
def test_suites(mine: Suites) -> None:
    both = Suites(ike=(*MODERN.ike, *TS36508.ike), esp=(*MODERN.esp, *TS36508.esp))
    ue, ha = initiator(suites=mine), responder(suites=both)
    attach(ue, ha)
    agreed(ue, ha)
    assert ue.established is not None
    assert ue.established.keys.suite in mine.ike


def test_no_proposal_chosen() -> None:
    """Nobody has authenticated the error, so it counts after some time only (2.21.1)."""
    ue, ha = initiator(suites=TS36508), responder()
    network = attach(ue, ha, seconds=5.0)
    assert ue.state == InitiatorState.INITIAL
    network.run(10.0)
    assert (ue.state, ue.reason) == (InitiatorState.FAILED, "NO_PROPOSAL_CHOSEN")
    assert not ha.sas
    assert opened(network, ue, ha)[1].names == ["NO_PROPOSAL_CHOSEN"]


def test_a_forged_error_changes_nothing() -> None:
    ue, ha = initiator(), responder()
    ue.start(0.0)
    request = ue.to_send()[0]
    message = message_of(request)
    for payload in (
        ikev2.Notify(notify_type=NotifyType.NO_PROPOSAL_CHOSEN),
        ikev2.InvalidKePayload(method=K.CURVE25519),
        ikev2.InvalidKePayload(method=K.MODP8192),
    ):
        forged = message.replace(flags=IkeFlags.R, payloads=(payload,))
        ue.receive(request.answer(forged.encode()), 0.5)
    assert not ue.to_send()
    ha.receive(request, 1.0)
    network = Network({UE: ue, HA: ha})
    network.now = 1.0
    network.run(20.0)
    agreed(ue, ha)


def test_a_forged_error_does_not_count_once_the_responder_has_asked() -> None:
    ue, ha = initiator(), responder(cookies_from=0)
    ue.start(0.0)
    request = ue.to_send()[0]
    refusal = ikev2.Notify(notify_type=NotifyType.NO_PROPOSAL_CHOSEN)
    forged = message_of(request).replace(flags=IkeFlags.R, payloads=(refusal,))
    ue.receive(request.answer(forged.encode()), 0.5)
    ha.receive(request, 9.0)
    ue.receive(ha.to_send()[0], 9.5)
    network = Network({UE: ue, HA: ha}, lambda unit, number: (3.0,))
    network.now = 9.5
    network.run(30.0)
    agreed(ue, ha)


def test_redirection_of_the_first_request() -> None:
    """Whose nonce is the initiator's, else it is forged (RFC 5685 3)."""
    for nonce, state in ((b"x" * 32, InitiatorState.INITIAL), (None, InitiatorState.REDIRECTED)):
        ue = initiator()
        ue.start(0.0)
        request = ue.to_send()[0]
        message = message_of(request)
        own = message.find(ikev2.Nonce)
        assert own is not None
        gateway = ikev2.Ipv6Gateway(address=IPv6Address("2001:db8::2"))
        redirect = ikev2.Redirect(new_gateway=gateway, nonce_data=nonce or own.nonce_data)
        answer = message.replace(flags=IkeFlags.R, payloads=(redirect,))
        ue.receive(request.answer(answer.encode()), 0.1)
        assert ue.state == state
        assert ue.redirect == (gateway if nonce is None else None)
    again = initiator(redirected_from=HA)
    again.start(0.0)
    found = message_of(again.to_send()[0]).find(ikev2.RedirectedFrom)
    assert found is not None
    assert found.original_gateway == ikev2.Ipv6Gateway(address=HA)


class Translated(Network):
    """A NAT stands before the initiator."""

    outside = IPv6Address("2001:db8:ffff::1")

    def _collect(self) -> None:
        super()._collect()
        self._flying = [(at, n, self._translated(unit)) for at, n, unit in self._flying]

    def _translated(self, unit: Unit) -> Unit:
        if unit.source == UE:
            port = unit.source_port + 30000
            return msgspec.structs.replace(unit, source=self.outside, source_port=port)
        if unit.destination == self.outside:
            port = unit.destination_port - 30000
            return msgspec.structs.replace(unit, destination=UE, destination_port=port)
        return unit


def test_nat() -> None:
    """Port 4500 from IKE_AUTH on, with the marker (RFC 7296 2.23)."""
    ue, ha = initiator(), responder()
    network = Translated({UE: ue, HA: ha})
    ue.start(0.0)
    network.run()
    agreed(ue, ha)
    assert ue.established is not None
    assert ue.established.nat
    assert ha.established[0].remote == (Translated.outside, 34500)
    ports = [(u.source_port, u.destination_port) for _, u in network.seen]
    assert ports == [(500, 500), (500, 30500), (4500, 4500), (4500, 34500)]
    assert all(u.octets[:4] == bytes(4) for _, u in network.seen[2:])
    ha.close(ha.sessions[0], network.now)
    network.run()
    assert ue.state == InitiatorState.CLOSED


def test_encapsulation_without_nat() -> None:
    ue, ha = initiator(encapsulate=True), responder()
    network = attach(ue, ha)
    agreed(ue, ha)
    assert {u.source_port for _, u in network.seen} == {4500}


# -- faults ---------------------------------------------------------------------------------------
def test_retransmissions_are_the_same_octets() -> None:
    """4 s, then 1.8 times as long each; after the fifth the responder is given up."""
    ue = initiator()
    network = Network({UE: ue}, lambda unit, number: ())
    ue.start(0.0)
    network.run(400.0)
    assert len({unit.octets for _, unit in network.seen}) == 1
    times = [time for time, _ in network.seen]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps == pytest.approx([4 * 1.8**n for n in range(5)])
    assert ue.state == InitiatorState.FAILED
    assert not ue.sas
    assert ue.next_timeout() is None


@pytest.mark.parametrize("seed", range(12))
def test_loss_duplicates_and_disorder(seed: int) -> None:
    dice = Random(seed)

    def fault(unit: Unit, number: int) -> Sequence[float]:
        lot = dice.random()
        if lot < 0.25:
            return ()
        if lot < 0.5:
            return (dice.random(), dice.random() * 3)
        return (dice.random(),)

    aaa = OneRound(rounds=2)
    ue, ha = eap_ends(aaa, child=MOBILITY)
    network = attach(ue, ha, fault, seconds=150.0)
    agreed(ue, ha)
    assert len(ha.established) == 1
    octets: dict[tuple[Any, ...], set[bytes]] = {}
    for _, unit in network.seen:
        message = message_of(unit)
        key = (unit.source, message.message_id, message.responder_spi, message.exchange_type)
        octets.setdefault(key, set()).add(unit.octets)
    assert all(len(found) == 1 for found in octets.values())
    assert sum(one.eap is not None for one in aaa.asked) == 3


def test_the_last_answer_is_lost() -> None:
    """A refusal is answered again, although the SA is gone."""
    ue, ha = initiator(credentials=with_key(MN, b"wrong")), responder()
    network = attach(ue, ha, lambda unit, number: () if number == 3 else (0.01,), seconds=10.0)
    assert network.told("answered again")
    assert (ue.state, ue.reason) == (InitiatorState.FAILED, "AUTHENTICATION_FAILED")


def test_the_same_seed_gives_the_same_octets() -> None:
    runs = []
    for _ in range(2):
        network = attach(initiator(child=MOBILITY), responder())
        runs.append([unit.octets for _, unit in network.seen])
    assert runs[0] == runs[1]
    other = attach(initiator(seed=9), responder())
    assert runs[0][0] != other.seen[0][1].octets


def test_flipped_bits_are_dropped() -> None:
    """A message whose check value does not fit is not there, and what was sent still counts."""
    ue, ha = initiator(), responder()
    ue.start(0.0)
    ha.receive(ue.to_send()[0], 0.0)
    ue.receive(ha.to_send()[0], 0.0)
    request = ue.to_send()[0]
    for at in (16, 17, 30, 40, len(request.octets) // 2, len(request.octets) - 1):
        octets = bytearray(request.octets)
        octets[at] ^= 1
        ha.receive(msgspec.structs.replace(request, octets=bytes(octets)), 0.0)
        assert not ha.established
    ha.receive(msgspec.structs.replace(request, octets=request.octets[:-1]), 0.0)
    ha.to_send()
    assert not ha.established
    ha.receive(request, 0.0)
    assert ha.established


# -- fragments ------------------------------------------------------------------------------------
def certified(size: int) -> tuple[IkeInitiator, Any]:
    ue = initiator(credentials=with_certificate(MN, RSA_KEY), peers=CERTIFIED, fragment_size=size)
    ha = responder(
        credentials=with_certificate(AGENT, RSA_KEY), peers=CERTIFIED, trust=AUTHORITY.trust(),
        fragment_size=size,
    )  # fmt: skip
    return ue, ha


def test_fragments() -> None:
    ue, ha = certified(600)
    network = attach(ue, ha)
    agreed(ue, ha)
    parts = [message_of(u).find(ikev2.EncryptedFragment) for _, u in network.seen]
    assert sum(part is not None for part in parts) >= 4
    assert max(len(u.octets) for _, u in network.seen[2:]) <= 600
    assert opened(network, ue, ha)[2].names[0] == "IDi"


@pytest.mark.parametrize("seed", range(6))
def test_fragments_with_faults(seed: int) -> None:
    dice = Random(seed)

    def fault(unit: Unit, number: int) -> Sequence[float]:
        times = dice.choice((0, 1, 1, 1, 2))
        return [dice.random() for _ in range(times)]

    ue, ha = certified(500)
    attach(ue, ha, fault, seconds=150.0)
    agreed(ue, ha)
    assert len(ha.established) == 1


def test_fragments_that_nobody_agreed_on() -> None:
    ue, ha = certified(500)
    ue.start(0.0)
    ha.receive(ue.to_send()[0], 0.0)
    ue.receive(ha.to_send()[0], 0.0)
    next(iter(ha.sas.values())).fragments = False
    for unit in ue.to_send():
        ha.receive(unit, 0.0)
    assert not ha.to_send()
    assert any("not agreed on" in str(event) for event in ha.events())


# -- configuration --------------------------------------------------------------------------------
PREFIX = IPv6Network("2001:db8:aaaa:1::/64")


def test_a_home_prefix() -> None:
    """MIP6_HOME_PREFIX in the form of RFC 5026, and a child SA for what is made of it."""
    ue = initiator(wanted=Wanted(prefix=True), child=MOBILITY)
    ha = responder(addresses=Pool(HOME, prefixes=[PREFIX], lifetime=7200))
    network = attach(ue, ha)
    agreed(ue, ha)
    assert ue.established is not None
    assert (ue.established.home.prefix, ue.established.home.lifetime) == (PREFIX, 7200)
    assert ue.established.home.address is None
    reply = opened(network, ue, ha)[3].find(ikev2.Mip6HomePrefix)
    assert reply is None
    configuration = opened(network, ue, ha)[3].find(ikev2.Configuration)
    assert (
        configuration.encode()
        .hex()
        .endswith("00001c20" + PREFIX.network_address.packed.hex() + "40")
    )
    own = PREFIX[0x99]
    wish = ChildRequest(
        local=(ikev2.Ipv6AddressRange.for_mobility(own, 5),),
        remote=(ikev2.Ipv6AddressRange.for_mobility(HA, 6),),
        transport=True,
    )
    ue.create_child(ue.session, wish, network.now)
    network.run()
    assert len(ha.established[0].children) == 2
    agreed(ue, ha)
    elsewhere = msgspec.structs.replace(
        wish, local=(ikev2.Ipv6AddressRange.for_mobility(IPv6Address("2001:db8::1"), 5),)
    )
    ue.create_child(ue.session, elsewhere, network.now)
    network.run()
    assert network.told("TS_UNACCEPTABLE")
    assert len(ha.established[0].children) == 2


def test_an_address_in_place_of_a_prefix() -> None:
    """USE_ASSIGNED_HoA is no error (RFC 5026 5.3.2)."""
    ue, ha = initiator(wanted=Wanted(prefix=True)), responder()
    network = attach(ue, ha)
    agreed(ue, ha)
    assert ue.established is not None
    assert ue.established.home.assigned
    assert ue.established.home.address == FIRST
    assert opened(network, ue, ha)[3].names[-1] == "USE_ASSIGNED_HOA"


def test_the_address_that_is_preferred() -> None:
    for preferred, given in ((HOME[0x77], HOME[0x77]), (IPv6Address("2001:db8::1"), FIRST)):
        ue, ha = initiator(wanted=Wanted(address=True, preferred=preferred)), responder()
        attach(ue, ha)
        agreed(ue, ha)
        assert ue.established is not None
        assert ue.established.home.address == given


def test_addresses_by_identity_and_release() -> None:
    pool = Pool(HOME, fixed={MN.address: HOME[0x42]})
    ue, ha = initiator(), responder(addresses=pool)
    network = attach(ue, ha)
    assert ha.established[0].home.address == HOME[0x42]
    ue.close(ue.session, network.now)
    network.run()
    pool.ask("other@example.org", "", Wanted(address=True), 0.0)
    assert pool.answers()[0].home is not None
    assert not pool._given.get((MN.address, APN.fqdn))


@pytest.mark.parametrize("addresses", [None, Pool(IPv6Network("2001:db8::/128"))])
def test_no_address_is_left(addresses: Pool | None) -> None:
    """INTERNAL_ADDRESS_FAILURE: an IKE SA without child SA."""
    ue, ha = initiator(), responder(addresses=addresses)
    network = attach(ue, ha)
    assert opened(network, ue, ha)[3].names == [
        "IDr", "Authentication", "INTERNAL_ADDRESS_FAILURE",
    ]  # fmt: skip
    assert ue.state == InitiatorState.ESTABLISHED
    assert ue.established is not None
    assert ue.established.child_failure == NotifyType.INTERNAL_ADDRESS_FAILURE
    assert not ue.established.children


class Slow(Pool):
    """Its answers come when somebody says so."""

    ready = False

    def answers(self) -> list[Any]:
        return super().answers() if self.ready else []


def test_addresses_that_do_not_come_in_time() -> None:
    pool = Slow(HOME)
    ue, ha = initiator(), responder(addresses=pool)
    network = attach(ue, ha, seconds=10.0)
    assert ue.established is not None
    assert ue.established.child_failure == NotifyType.INTERNAL_ADDRESS_FAILURE
    pool.ready = True
    ha.poll(network.now)
    network.run()
    assert network.told("home answer that nobody waits for")
    assert ha.established[0].home.address is None


@pytest.mark.parametrize(
    ("mine", "theirs", "error"),
    [
        ({"wanted": Wanted()}, {"demands_configuration": True}, NotifyType.FAILED_CP_REQUIRED),
        ({}, {"local": for_addresses(HA, protocol=17)}, None),
        ({"child": MOBILITY}, {"local": for_addresses(HA, protocol=17)}, NotifyType.TS_UNACCEPTABLE),
        ({}, {"single_pair": True}, NotifyType.SINGLE_PAIR_REQUIRED),
        (
            {"suites": Suites(ike=MODERN.ike, esp=TS36508.esp)}, {},
            NotifyType.NO_PROPOSAL_CHOSEN,
        ),
    ],
)  # fmt: skip
def test_refused_child_sas(
    mine: dict[str, Any], theirs: dict[str, Any], error: NotifyType | None
) -> None:
    ue, ha = initiator(**mine), responder(**theirs)
    network = attach(ue, ha)
    assert ue.established is not None
    assert ue.established.child_failure == error
    assert ha.established[0].child_failure == error
    assert bool(ue.established.children) == (error is None)
    opened(network, ue, ha)


def test_no_transport_mode() -> None:
    """The initiator deletes a child SA that is not as it has to be (RFC 7296 1.3.1)."""
    ue, ha = initiator(child=MOBILITY), responder(transport=False)
    network = attach(ue, ha)
    assert network.told("not in transport mode")
    assert ue.established is not None
    assert not ue.established.children
    assert not ha.established[0].children


ELSEWHERE = IPv6Address("2001:db8::2")
OTHER_AGENT = AgentInfo(addresses=(ELSEWHERE,), host="other.example.org")


def test_the_aaa_sends_the_mobile_node_to_another_home_agent() -> None:
    """REDIRECT is in the last answer, behind AUTH, and there is no child SA (RFC 5685 6)."""
    for result in (AaaResult.SUCCESS, AaaResult.SUCCESS_RELOCATE_HA):
        aaa = OneRound(agents=(OTHER_AGENT,), result=result)
        ue, ha = eap_ends(aaa)
        network = attach(ue, ha)
        assert ue.state == InitiatorState.REDIRECTED
        assert ue.redirect == ikev2.Ipv6Gateway(address=ELSEWHERE)
        answers = [one for one in opened(network, ue, ha) if one.message.is_response]
        assert answers[-2].names == ["Authentication", "REDIRECT"]
        assert answers[-2].find(ikev2.Redirect).nonce_data == b""
        # The initiator deletes the IKE SA, and with it goes what the AAA has granted.
        assert answers[-1].message.exchange_type == ExchangeType.INFORMATIONAL
        assert answers[-1].names == []
        assert (ue.sas, ha.sas, ha.sessions) == ({}, {}, ())
        assert aaa.ended == [aaa.asked[0].session]


def test_redirection_without_eap() -> None:
    aaa = OneRound(agents=(OTHER_AGENT,))
    entry = PadEntry(identity="*@example.org", shared_key=KEY, authorize=True)
    ue, ha = initiator(), responder(peers=(entry,), aaa=aaa)
    network = attach(ue, ha)
    assert ue.redirect == ikev2.Ipv6Gateway(address=ELSEWHERE)
    answers = [one for one in opened(network, ue, ha) if one.message.is_response]
    assert answers[-2].names == ["IDr", "Authentication", "REDIRECT"]
    assert (ue.sas, ha.sas, aaa.ended) == ({}, {}, [aaa.asked[0].session])


def test_a_redirected_initiator_that_does_not_delete() -> None:
    aaa = OneRound(agents=(OTHER_AGENT,))
    entry = PadEntry(identity="*@example.org", shared_key=KEY, authorize=True)
    ue, ha = initiator(), responder(peers=(entry,), aaa=aaa)
    # IKE_SA_INIT and IKE_AUTH arrive, the deletion does not.
    network = attach(ue, ha, lambda unit, number: (0.01,) if number < 4 else ())
    assert (len(ha.sas), ha.sessions, aaa.ended) == (1, (), [])
    network.run(31.0)
    assert (ha.sas, aaa.ended) == ({}, [aaa.asked[0].session])


@pytest.mark.parametrize(
    ("agents", "gateway"),
    [
        ((OTHER_AGENT,), ikev2.Ipv6Gateway(address=ELSEWHERE)),
        ((AgentInfo(addresses=(IPv4Address("192.0.2.1"), ELSEWHERE)),), ikev2.Ipv6Gateway(address=ELSEWHERE)),
        ((AgentInfo(addresses=(IPv4Address("192.0.2.1"),)),), ikev2.Ipv4Gateway(address=IPv4Address("192.0.2.1"))),
        ((AgentInfo(host="other.example.org"),), ikev2.FqdnGateway(fqdn="other.example.org")),
        # It is one of those that will do, or there is none.
        ((OTHER_AGENT, AgentInfo(addresses=(HA,))), None),
        ((AgentInfo(host="no name of a host..",),), None),
        ((), None),
    ],
)  # fmt: skip
def test_which_home_agent_is_told(agents: Any, gateway: Any) -> None:
    for result in (AaaResult.SUCCESS, AaaResult.SUCCESS_RELOCATE_HA):
        aaa = OneRound(agents=agents, result=result)
        ue, ha = eap_ends(aaa)
        ha.home_agent = HA
        attach(ue, ha)
        assert ue.redirect == gateway
        if gateway is None and result == AaaResult.SUCCESS:
            agreed(ue, ha)
        elif gateway is None:
            # The node must be moved (RFC 5778 7.1), and nobody says where to.
            assert (ue.state, ue.reason) == (InitiatorState.FAILED, "AUTHENTICATION_FAILED")
            assert aaa.ended == [aaa.asked[0].session]


def test_an_initiator_that_cannot_be_redirected(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is served where that is allowed; REDIRECT must not be sent (RFC 5685 3)."""
    for result in (AaaResult.SUCCESS, AaaResult.SUCCESS_RELOCATE_HA):
        ue, ha = eap_ends(OneRound(agents=(OTHER_AGENT,), result=result))
        monkeypatch.setattr(
            ue, "_about_redirection",
            lambda: ikev2.Notify(notify_type=NotifyType.CHILDLESS_IKEV2_SUPPORTED),
        )  # fmt: skip
        network = attach(ue, ha)
        assert network.told("other home agents")
        assert not any(one.find(ikev2.Redirect) for one in opened(network, ue, ha))
        if result == AaaResult.SUCCESS:
            agreed(ue, ha)
        else:
            assert ue.state == InitiatorState.FAILED


# -- what the AAA says later ----------------------------------------------------------------------
def admitted(**answer: Any) -> tuple[IkeInitiator, Any, OneRound, Network]:
    aaa = OneRound(user_name="permanent@example.org", **answer)
    ue, ha = eap_ends(aaa)
    network = attach(ue, ha)
    agreed(ue, ha)
    return ue, ha, aaa, network


def order(aaa: OneRound, kind: AaaOrderKind, ha: Any, network: Network) -> None:
    aaa.ordered.append(AaaOrder(session=aaa.asked[0].session, kind=kind))
    ha.poll(network.now)
    network.run()


def test_the_end_of_the_ike_sa_is_the_end_of_the_session() -> None:
    ue, _, aaa, network = admitted()
    assert aaa.ended == []
    ue.close(ue.session, network.now)
    network.run()
    assert aaa.ended == [aaa.asked[0].session]


def test_an_order_to_abort() -> None:
    ue, ha, aaa, network = admitted()
    order(aaa, AaaOrderKind.ABORT, ha, network)
    assert (ue.state, ha.sas) == (InitiatorState.CLOSED, {})
    assert aaa.ended == [aaa.asked[0].session]
    order(aaa, AaaOrderKind.ABORT, ha, network)
    assert network.told("an order about a session that is over")


def test_an_order_to_authorise_again() -> None:
    ue, ha, aaa, network = admitted()
    order(aaa, AaaOrderKind.REAUTHORISE, ha, network)
    again, first = aaa.asked[-1], aaa.asked[0]
    assert (again.session, again.eap, again.bound) == (first.session, None, False)
    assert again.user_name == "permanent@example.org"
    assert again.home_address == ha.sessions[0].home.address
    assert network.told("authorised again")
    agreed(ue, ha)
    # Nobody could be asked: that is no refusal.
    aaa.result = AaaResult.UNABLE_TO_DELIVER
    order(aaa, AaaOrderKind.REAUTHORISE, ha, network)
    assert network.told("not authorised again (result 3002)")
    agreed(ue, ha)
    aaa.result = AaaResult.AUTHORIZATION_REJECTED
    order(aaa, AaaOrderKind.REAUTHORISE, ha, network)
    assert (ue.state, ha.sas) == (InitiatorState.CLOSED, {})


def test_the_session_timeout() -> None:
    ue, ha, aaa, network = admitted(session_timeout=60)
    network.run(50.0)
    # It lasts longer where the AAA says so again.
    order(aaa, AaaOrderKind.REAUTHORISE, ha, network)
    again = network.now - 2.0
    network.run(again + 59.0 - network.now)
    agreed(ue, ha)
    network.run(3.0)
    assert ue.state == InitiatorState.CLOSED
    assert network.told("the session is over")
    assert (aaa.ended, ha.next_timeout() is None) == ([aaa.asked[0].session], False)
    network.run(400.0)
    assert ha.next_timeout() is None


def test_who_does_not_come_to_an_end_has_no_session() -> None:
    """What is granted to an initiator that does not prove itself is given back (RFC 6733 8.4)."""
    aaa = OneRound()
    ue, ha = eap_ends(aaa, peer=OneRound(key=b"another" * 10))
    attach(ue, ha)
    assert ue.state == InitiatorState.FAILED
    assert aaa.ended == [aaa.asked[0].session]
    # An order that comes between EAP and AUTH ends it, too.
    aaa = OneRound()
    ue, ha = eap_ends(aaa)
    network = attach(ue, ha, lambda unit, number: (0.01,) if number < 6 else ())
    assert len(ha.sas) == 1
    order(aaa, AaaOrderKind.ABORT, ha, network)
    assert (ha.sas, aaa.ended) == ({}, [aaa.asked[0].session])


# -- what makes no sense --------------------------------------------------------------------------
def half_open() -> tuple[IkeInitiator, Any, Unit]:
    """Ends between which IKE_SA_INIT is done, and the request of IKE_AUTH."""
    ue, ha = initiator(), responder()
    ue.start(0.0)
    ha.receive(ue.to_send()[0], 0.0)
    ue.receive(ha.to_send()[0], 0.0)
    return ue, ha, ue.to_send()[0]


@pytest.mark.parametrize(
    ("payloads", "answer"),
    [
        ([ikev2.UnknownPayload(registry_code=200, critical=True, data=b"?")],
         NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD),
        ([], NotifyType.INVALID_SYNTAX),
        ([ikev2.UnknownPayload(registry_code=40, data=b"")], None),
    ],
)  # fmt: skip
def test_strange_payloads(payloads: list[Any], answer: NotifyType | None) -> None:
    _, ha, request = half_open()
    sa = next(iter(ha.sas.values()))
    header = message_of(request).replace(payloads=())
    if answer is None:
        payloads = [ikev2.TSi(selectors=())]
    octets = seal(header, payloads, sa.keys, rng=Random(7))
    if answer is None:
        # A payload that does not parse: the number of selectors is a lie.
        bad = bytes.fromhex("0000000803000000")
        protection = sa.keys.protection(header)
        payload = ikev2.Encrypted(first_payload=44)
        octets = _seal(header, (), payload, bad, protection, bytes(protection.iv_octets), None)
        answer = NotifyType.INVALID_SYNTAX
    ha.receive(msgspec.structs.replace(request, octets=octets), 0.0)
    found = unseal(ha.to_send()[0].octets, sa.keys).payloads
    assert [one.notify_type for one in found] == [answer]  # type: ignore[attr-defined]
    assert bool(ha.sas) == (answer == NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD)


def test_strange_first_requests() -> None:
    ue, ha = initiator(), responder()
    ue.start(0.0)
    request = ue.to_send()[0]
    message = message_of(request)

    def answers(changed: ikev2.IkeMessage) -> list[int]:
        ha.receive(msgspec.structs.replace(request, octets=changed.encode()), 0.0)
        found = [message_of(unit).payloads[0] for unit in ha.to_send()]
        return [one.notify_type for one in found]  # type: ignore[attr-defined]

    unknown = ikev2.UnknownPayload(registry_code=200, critical=True)
    some = message.payloads
    assert answers(message.replace(payloads=some[:2])) == [NotifyType.INVALID_SYNTAX]
    assert answers(message.replace(payloads=(*some, unknown))) == [
        NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD
    ]
    assert answers(message.replace(major_version=3)) == [NotifyType.INVALID_MAJOR_VERSION]
    assert answers(message.replace(major_version=1)) == []
    assert answers(message.replace(message_id=1)) == []
    assert answers(message.replace(responder_spi=b"x" * 8)) == []
    assert answers(message.replace(flags=IkeFlags.I | IkeFlags.R)) == []
    point = ikev2.KeyExchange(method=K.CURVE25519, key_exchange_data=bytes(32))
    assert answers(message.replace(payloads=(some[0], point, *some[2:]))) == [
        NotifyType.INVALID_SYNTAX
    ]
    assert not ha.sas


@pytest.mark.parametrize(
    ("port", "octets"),
    [(500, b""), (500, b"\0" * 28), (4500, b"\xff"), (4500, b"\x12\x34\x56\x78esp"), (53, b"x")],
)
def test_other_units(port: int, octets: bytes) -> None:
    ue, ha = initiator(), responder()
    ue.start(0.0)
    unit = msgspec.structs.replace(ue.to_send()[0], octets=octets, destination_port=port)
    ha.receive(unit, 0.0)
    assert not ha.to_send()
    assert not ha.sas


def test_garbage_never_raises() -> None:
    dice = Random(5)
    ue, ha, request = half_open()
    for _ in range(600):
        octets = bytearray(request.octets[: dice.randrange(1, len(request.octets) + 1)])
        for _ in range(dice.randrange(1, 6)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        ha.receive(msgspec.structs.replace(request, octets=bytes(octets)), 0.0)
        back = request.answer(bytes(octets))
        ue.receive(back, 0.0)
    assert not ha.established
    ha.to_send()
    ha.receive(request, 0.0)
    assert ha.established


def test_secrets_are_nowhere_to_be_read() -> None:
    ue, ha = initiator(), responder()
    network = attach(ue, ha)
    text = " ".join(network.events) + repr(ue.established) + repr(ue.settings)
    assert KEY.decode() not in text
    assert ue.established is not None
    assert repr(bytes(ue.established.keys.sk_d)) not in text
    assert packets.decode_packet(b"", 101) is not None
    assert Trust().request() == []
