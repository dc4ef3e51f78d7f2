"""Which AVPs the messages of an attach have: those of TS 29.273, RFC 5447 and RFC 5778, and no others."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from mip6boot import diameter
from mip6boot.diameter import DiameterMessage
from mip6boot.flow.attach import AttachMessage, AttachResult, Later, attach
from mip6boot.flow.scenario import Profile, Variant

from .aaa_leg import APN, HOME, IMSI, VISITED, values

REQUEST = "OriginHost OriginRealm DestinationRealm"
ORIGIN = "ResultCode OriginHost OriginRealm"
#: How messages of SWx and S6a begin, and those of sessions.
VENDOR = "SessionId VendorSpecificApplicationId AuthSessionState"
BEGIN = f"SessionId AuthApplicationId {REQUEST}"
ACCESS = "OriginStateId AuthRequestType UserName EapPayload CallingStationId RatType Anid"
ANSWER = f"SessionId AuthApplicationId {ORIGIN} AuthRequestType"
GRANTED = "Mip6FeatureVector Mip6AgentInfo SessionTimeout ApnConfiguration"
VISITING = "VisitedNetworkIdentifier RouteRecord"
MAR = "SipNumberAuthItems SipAuthDataItem"

#: Who sends it and what it is called, in the order of the wire, and its AVPs.
CONTENTS = [
    ("gateway: STa DER", f"{BEGIN} {ACCESS} Mip6FeatureVector"),
    ("AAA proxy: STa DER", f"{BEGIN} {ACCESS} Mip6FeatureVector {VISITING}"),
    (
        "AAA server: SWx MAR",
        f"{VENDOR} {REQUEST} DestinationHost UserName RatType Anid VisitedNetworkIdentifier {MAR}",
    ),
    ("HSS: SWx MAA", f"{VENDOR} {ORIGIN} UserName {MAR}"),
    ("AAA server: STa DEA", f"{ANSWER} EapPayload MultiRoundTimeOut"),
    ("AAA proxy: STa DEA", f"{ANSWER} EapPayload MultiRoundTimeOut"),
    ("gateway: STa DER", f"{BEGIN} DestinationHost {ACCESS}"),
    ("AAA proxy: STa DER", f"{BEGIN} DestinationHost {ACCESS} {VISITING}"),
    (
        "AAA server: SWx SAR",
        f"{VENDOR} {REQUEST} DestinationHost UserName ServerAssignmentType "
        "VisitedNetworkIdentifier",
    ),
    ("HSS: SWx SAA", f"{VENDOR} {ORIGIN} UserName Non3gppUserData"),
    ("HSS: S6a CLR", f"{VENDOR} {REQUEST} DestinationHost UserName CancellationType"),
    (
        "AAA server: STa DEA",
        f"{ANSWER} UserName EapPayload EapMasterSessionKey {GRANTED} AnTrusted",
    ),
    ("MME: S6a CLA", f"{VENDOR} {ORIGIN}"),
    (
        "AAA proxy: STa DEA",
        f"{ANSWER} UserName EapPayload EapMasterSessionKey {GRANTED} AnTrusted",
    ),
    (
        "HA: S6b DER",
        f"{BEGIN} OriginStateId AuthRequestType UserName EapPayload RatType ServiceSelection "
        "Mip6FeatureVector Mip6AgentInfo MipMobileNodeAddress",
    ),
    ("AAA server: SWx MAR", f"{VENDOR} {REQUEST} DestinationHost UserName RatType {MAR}"),
    ("HSS: SWx MAA", f"{VENDOR} {ORIGIN} UserName {MAR}"),
    ("AAA server: S6b DEA", f"{ANSWER} EapPayload MultiRoundTimeOut"),
    (
        "HA: S6b DER",
        f"{BEGIN} DestinationHost OriginStateId AuthRequestType UserName EapPayload RatType "
        "ServiceSelection",
    ),
    ("AAA server: SWx SAR", f"{VENDOR} {REQUEST} DestinationHost UserName ServerAssignmentType"),
    ("HSS: SWx SAA", f"{VENDOR} {ORIGIN} UserName Non3gppUserData"),
    (
        "AAA server: S6b DEA",
        f"{ANSWER} UserName EapPayload EapMasterSessionKey Mip6FeatureVector SessionTimeout "
        "ApnConfiguration",
    ),
    (
        "HA: S6b AAR",
        f"{BEGIN} DestinationHost OriginStateId AuthRequestType UserName ServiceSelection "
        "Mip6FeatureVector Mip6AgentInfo MipMobileNodeAddress",
    ),
    (
        "AAA server: SWx SAR",
        f"{VENDOR} {REQUEST} DestinationHost UserName ServerAssignmentType ServiceSelection "
        "Mip6AgentInfo",
    ),
    ("HSS: SWx SAA", f"{VENDOR} {ORIGIN} UserName"),
    (
        "AAA server: S6b AAA",
        f"{ANSWER} UserName Mip6FeatureVector SessionTimeout ApnConfiguration",
    ),
    (
        "HA: S6b STR",
        f"{BEGIN} DestinationHost OriginStateId TerminationCause UserName",
    ),
    ("AAA server: S6b STA", f"SessionId {ORIGIN}"),
]


@pytest.fixture(scope="module")
def result() -> AttachResult:
    found = attach(
        Variant(profile=Profile.SEED), lambda name: Random(f"1/{name}"),
        later=(Later.DEREGISTRATION,),
    )  # fmt: skip
    assert found.connected
    return found


def said(result: AttachResult) -> list[tuple[AttachMessage, Any]]:
    """The Diameter messages beside those of connections."""
    found = ((one, one.packet.layers[-1]) for one in result.messages)
    return [
        (one, layer) for one, layer in found
        if isinstance(layer, DiameterMessage) and layer.application_id != 0
    ]  # fmt: skip


def named(result: AttachResult, name: str) -> list[Any]:
    """Those that somebody sends by a name: gateway: STa DER."""
    return [layer for one, layer in said(result) if f"{one.sender}: {one.text}".startswith(name)]


def test_avps(result: AttachResult) -> None:
    """Each has what its document wants, nothing else, and neither too early nor too late.

    What bootstraps Mobile IPv6 is in the first request and in the last answer (RFC 5778 5.1).
    """
    found = said(result)
    assert len(found) == len(CONTENTS)
    for (one, layer), (name, wanted) in zip(found, CONTENTS, strict=True):
        assert f"{one.sender}: {one.text}".startswith(name)
        names = [type(avp).__name__ for avp in layer.avps]
        assert set(names) == set(wanted.split()), name
        assert len(names) == len(set(names)), name
        assert names[0] == "SessionId"


def test_flags(result: AttachResult) -> None:
    """All of these commands may go by proxies; no error is among them, and nothing came twice."""
    for _, layer in said(result):
        assert layer.proxiable
        assert not layer.is_error
        assert not layer.retransmitted


def test_who_and_where(result: AttachResult) -> None:
    gateway, proxy = f"gw.{VISITED}", named(result, "AAA proxy: STa DER")
    assert [values(one, diameter.RouteRecord) for one in proxy] == [[gateway], [gateway]]
    for one in (*proxy, named(result, "AAA server: SWx MAR")[0]):
        assert values(one, diameter.VisitedNetworkIdentifier) == [VISITED.encode()]
    for name, host, realm in (
        ("gateway: STa", gateway, VISITED),
        ("AAA proxy: STa DER", gateway, VISITED),  # A proxy is not the origin.
        ("AAA proxy: STa DEA", f"aaa.{HOME}", HOME),
        ("AAA server: ", f"aaa.{HOME}", HOME),
        ("HSS: ", f"hss.{HOME}", HOME),
        ("MME: ", f"mme.{HOME}", HOME),
        ("HA: ", f"ha.{HOME}", HOME),
    ):
        origins = {
            (*values(one, diameter.OriginHost), *values(one, diameter.OriginRealm))
            for one in named(result, name)
        }
        assert origins == {(host, realm)}, name


def test_values(result: AttachResult) -> None:
    """The numbers of the documents."""
    first, second = named(result, "gateway: STa DER")
    assert values(first, diameter.AuthApplicationId) == [16777250]
    assert values(first, diameter.AuthRequestType) == [3]
    assert values(first, diameter.Mip6FeatureVector) == [1]  # MIP6_INTEGRATED
    assert values(first, diameter.SessionId) == values(second, diameter.SessionId)
    identity = values(first, diameter.UserName)[0]
    assert identity == f"6{IMSI}@nai.epc.mnc001.mcc001.3gppnetwork.org"
    assert values(first, diameter.EapPayload)[0].identity == identity
    assignments = [
        values(one, diameter.ServerAssignmentType)[0]
        for one in named(result, "AAA server: SWx SAR")
    ]
    assert assignments == [1, 1, 13]  # REGISTRATION for each session, PGW_UPDATE
    for one in (*named(result, "AAA server: SWx"), *named(result, "HSS: S6a")):
        assert values(one, diameter.UserName) == [IMSI]
        assert values(one, diameter.AuthSessionState) == [1]
    ask, register = named(result, "HA: S6b DER")[0], named(result, "HA: S6b AAR")[0]
    assert [str(a) for a in values(ask, diameter.MipMobileNodeAddress)] == ["::"]  # Any
    assert values(register, diameter.MipMobileNodeAddress) == [result.home_address]
    assert values(register, diameter.AuthRequestType) == [2]
    assert values(register, diameter.SessionId) == values(ask, diameter.SessionId)
    for one in (ask, register):
        assert values(one, diameter.ServiceSelection) == [APN]
    update = named(result, "AAA server: SWx SAR")[2]
    assert values(update, diameter.ServiceSelection) == [APN]
    for one in (register, update):
        (group,) = values(one, diameter.Mip6AgentInfo)
        assert values(group, diameter.MipHomeAgentAddress) == [result.home_agent]
    assert values(named(result, "HA: S6b STR")[0], diameter.TerminationCause) == [1]
    granted = named(result, "AAA server: STa DEA")[1]
    assert values(granted, diameter.AnTrusted) == [0]


def test_the_profile(result: AttachResult) -> None:
    """Non-3GPP-User-Data, and its APN-Configuration, which clients get as it is."""
    first, second, _ = named(result, "HSS: SWx SAA")
    (profile,) = values(first, diameter.Non3gppUserData)
    assert [type(avp).__name__ for avp in profile] == [
        "SubscriptionId", "Non3gppIpAccess", "Non3gppIpAccessApn", "ContextIdentifier",
        "ApnConfiguration",
    ]  # fmt: skip
    assert values(second, diameter.Non3gppUserData) == [profile]
    (apn,) = values(profile, diameter.ApnConfiguration)
    assert [type(avp).__name__ for avp in apn] == [
        "ContextIdentifier", "PdnType", "ServiceSelection", "VplmnDynamicAddressAllowed",
        "Mip6AgentInfo", "PdnGwAllocationType",
    ]  # fmt: skip
    assert values(apn, diameter.VplmnDynamicAddressAllowed) == [0]  # Routed home.
    told = [one for _, one in said(result) if values(one, diameter.ApnConfiguration)]
    assert len(told) == 4
    for one in told:
        assert values(one, diameter.ApnConfiguration) == [apn]
    granted = named(result, "AAA server: STa DEA")[1]
    assert values(granted, diameter.Mip6AgentInfo) == values(apn, diameter.Mip6AgentInfo)


def test_a_proxy_changes_nothing_but_what_it_adds(result: AttachResult) -> None:
    for name in ("DER", "DEA"):
        hops = [layer for one, layer in said(result) if one.text.startswith(f"STa {name}")]
        for before, after in zip(hops[0::2], hops[1::2], strict=True):
            assert after.avps[: len(before.avps)] == before.avps
            assert after.end_to_end_id == before.end_to_end_id
            assert after.hop_by_hop_id != before.hop_by_hop_id
            added = [type(avp).__name__ for avp in after.avps[len(before.avps) :]]
            assert added == (VISITING.split() if name == "DER" else [])
