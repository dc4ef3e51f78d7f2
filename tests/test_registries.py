"""Code tables equal the facts of the registries; every number has a class or a name."""

from __future__ import annotations

import csv
import enum
import re
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
import pytest

from mip6boot import dhcpv6, diameter, eap, ikev2, mipv6
from mip6boot.schema import elements
from mip6boot.schema.registry import Split
from mip6boot.schema.second import key_of

from .conftest import DATA


def facts(name: str) -> list[dict[str, str]]:
    with (DATA / "registries" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: list[dict[str, str]]) -> dict[str, int]:
    return {row["python_name"]: int(row["value"]) for row in rows if row["value"].isdigit()}


@pytest.mark.parametrize(
    ("table", "members"),
    [
        ("binding_ack_status", mipv6.BindingStatus),
        ("handoff_indicator", mipv6.HandoffIndicator),
        ("access_technology_type", mipv6.AccessTechnologyType),
        ("access_technology_type", dhcpv6.AccessTechnologyType),
        ("mn_id_subtypes", mipv6.MnIdentifierSubtype),
        ("dhcpv6_messages", dhcpv6.MessageType),
        ("dhcpv6_status_codes", dhcpv6.StatusCode),
        ("duid_types", dhcpv6.DuidType),
        ("ikev2_exchange_types", ikev2.ExchangeType),
        ("ikev2_payload_types", ikev2.PayloadType),
        ("ikev2_notify_types", ikev2.NotifyType),
        ("ikev2_protocol_ids", ikev2.ProtocolId),
        ("ikev2_id_types", ikev2.IdType),
        ("ikev2_cert_encodings", ikev2.CertificateEncoding),
        ("ikev2_auth_methods", ikev2.AuthenticationMethod),
        ("ikev2_ts_types", ikev2.TrafficSelectorType),
        ("ikev2_cfg_types", ikev2.ConfigurationType),
        ("ikev2_cfg_attributes", ikev2.ConfigurationAttributeType),
        ("ikev2_transform_types", ikev2.TransformType),
        ("ikev2_encr", ikev2.EncryptionAlgorithm),
        ("ikev2_prf", ikev2.PseudorandomFunction),
        ("ikev2_integ", ikev2.IntegrityAlgorithm),
        ("ikev2_ke", ikev2.KeyExchangeMethod),
        ("ikev2_esn", ikev2.SequenceNumbers),
        ("ikev2_hash_algorithms", ikev2.HashAlgorithm),
    ],
)
def test_enumerations(table: str, members: type[enum.IntEnum]) -> None:
    assert numbers(facts(table)) == {m.name: int(m) for m in members}


@pytest.mark.parametrize(
    ("table", "registry", "members"),
    [
        ("binding_revocation", "trigger", mipv6.RevocationTrigger),
        ("binding_revocation", "status", mipv6.RevocationStatus),
        ("flow_binding", "status", mipv6.FlowBindingStatus),
        ("mip6_misc", "auth_subtype", mipv6.AuthenticationSubtype),
        ("mip6_misc", "dns_update_status", mipv6.DnsUpdateStatus),
        ("mip6_misc", "ipv4_ack_status", mipv6.Ipv4AddressStatus),
        ("mip6_misc", "binding_error_status", mipv6.BindingErrorStatus),
        ("mip6_misc", "upn_reason", mipv6.UpdateNotificationReason),
        ("mip6_misc", "upa_status", mipv6.UpdateNotificationStatus),
        ("eap_aka", "eap_code", eap.EapCode),
        ("eap_aka", "eap_type", eap.EapType),
        ("eap_aka", "aka_subtype", eap.AkaSubtype),
        ("eap_aka", "aka_attribute", eap.AkaAttributeType),
        ("eap_aka", "aka_notification", eap.AkaNotificationCode),
        ("eap_aka", "aka_client_error", eap.AkaClientErrorCode),
        ("eap_aka", "aka_identity_prefix", eap.AkaIdentityPrefix),
    ],
)
def test_parts_of_tables(table: str, registry: str, members: type[enum.IntEnum]) -> None:
    rows = [row for row in facts(table) if row["registry"] == registry]
    assert numbers(rows) == {m.name: int(m) for m in members}


@pytest.mark.parametrize(
    ("table", "flags"),
    [("bu_flags", mipv6.BindingUpdateFlags), ("ba_flags", mipv6.BindingAcknowledgementFlags)],
)
def test_flags(table: str, flags: type[enum.IntFlag]) -> None:
    wanted = {row["python_name"]: int(row["mask_hex"], 16) for row in facts(table)}
    assert {name: int(flag) for name, flag in flags.__members__.items()} == wanted


def test_every_message_and_option_has_a_class() -> None:
    types = {int(row["value"]) for row in facts("mobility_header_types")}
    options = {int(row["value"]) for row in facts("mobility_options")}
    assert mipv6.MESSAGES.codes() == types == set(range(24))
    assert mipv6.OPTIONS.codes() == options == set(range(71))


@pytest.mark.parametrize("row", facts("mobility_options"), ids=lambda row: row["value"])
def test_option_alignment(row: dict[str, str]) -> None:
    """The alignment of each option is what the registry's facts say, where they say one."""
    cls: Any = mipv6.OPTIONS.get(int(row["value"]))
    align, text = cls.__registration__.align, row["alignment"]
    first = row["reference"].split()[1]
    assert first in cls.__registration__.rfc
    if text in ("none", "none stated"):
        assert align == (1, 0)
    elif text[1:2] == "n" and "," not in text and "(" not in text:
        modulus, _, remainder = text.partition("n+")
        wanted = (int(modulus), int(remainder)) if remainder else (int(text[:-1]), 0)
        assert align == wanted


def test_instance_alignment() -> None:
    def at(option: Any) -> Any:
        return type(option).__registration__.align(option)

    bid = mipv6.BindingIdentifier(bid=1)
    assert at(bid) == (2, 0)
    for address in (IPv4Address("192.0.2.1"), IPv6Address("2001:db8::1")):
        assert at(bid.replace(care_of_address=address)) == (8, 2)
    for size, wanted in ((6, (2, 0)), (8, (8, 4)), (4, (4, 0)), (5, (1, 0)), (0, (1, 0))):
        assert at(mipv6.MnLinkLayerIdentifier(link_layer_identifier=bytes(size))) == wanted
        assert at(mipv6.DlifLinkLayerAddress(link_layer_address=bytes(size))) == wanted


# -- DHCPv6 ---------------------------------------------------------------------------------------
def by_code(table: str, column: str = "value") -> dict[int, dict[str, str]]:
    """The rows of a table with a number, by it."""
    return {int(row[column]): row for row in facts(table) if row[column].isdigit()}


_DOCUMENT = re.compile(r"(?:RFC|TS) ([\d.]+)(?: ([\d.A-Z]+))?")


def named_after(row: dict[str, str], cls: Any) -> bool:
    """The class cites the document, and the section or one below it, that the facts give first."""
    found = _DOCUMENT.search(row["reference"])
    if found is None:
        return False
    document, section = found.groups()
    cited = ""
    for part in cls.__registration__.rfc.replace("TS ", "").split(", "):
        words = part.split()
        cited = words[0] if len(words) > 1 or not cited else cited
        if cited == document and (section is None or f"{words[-1]}.".startswith(f"{section}.")):
            return True
    return False


def test_dhcpv6_options_have_a_name() -> None:
    rows = by_code("dhcpv6_options", "code")
    assert {row["python_name"]: code for code, row in rows.items()} == {
        m.name: int(m) for m in dhcpv6.OptionCode
    }


def test_dhcpv6_messages_have_a_class() -> None:
    rows = by_code("dhcpv6_messages")
    assert dhcpv6.MESSAGES.codes() == rows.keys() - {dhcpv6.MessageType.RESERVED}
    assert [
        code
        for code in dhcpv6.MESSAGES.codes()
        if not named_after(rows[code], dhcpv6.MESSAGES.get(code))
    ] == []


def test_dhcpv6_options_have_a_class_or_keep_octets() -> None:
    rows = by_code("dhcpv6_options", "code")
    assert rows.keys() - dhcpv6.OPTIONS.codes() == UNTYPED_OPTIONS.keys()
    assert dhcpv6.OPTIONS.codes() <= rows.keys()
    for code in UNTYPED_OPTIONS:
        option = dhcpv6.UnknownDhcpv6Option(code, b"\0\xff")
        assert dhcpv6.OptionCode(code).name in str(option)


def test_dhcpv6_options_cite_their_document() -> None:
    rows = by_code("dhcpv6_options", "code")
    other = {
        code: dhcpv6.OPTIONS.get(code).__registration__.rfc
        for code in dhcpv6.OPTIONS.codes()
        if not named_after(rows[code], dhcpv6.OPTIONS.get(code))
    }
    assert other == OTHER_SECTIONS


#: The facts have sections 3 and 4 for these, where RFC 5678 only introduces; figures are in 4 and 5.
OTHER_SECTIONS = {54: "5678 4", 55: "5678 5"}

#: Options without a class, by the document whose text was not at hand.
UNTYPED_OPTIONS = {
    21: "3319", 22: "3319", 27: "3898", 28: "3898", 29: "3898", 30: "3898", 31: "4075",
    33: "4280", 34: "4280", 36: "4776", 40: "5192", 43: "4994", 51: "5223", 52: "5417",
    57: "5986", 58: "6011", 63: "6225", 67: "6603", 74: "6731", 75: "6784", 76: "6784",
    77: "6784", 78: "6784", 80: "6977", 81: "7037", 84: "7078", 85: "7078", 86: "7291",
    89: "7598", 90: "7598", 91: "7598", 92: "7598", 93: "7598", 94: "7598", 95: "7598",
    96: "7598", 97: "7600", 98: "7600", 99: "7600", 103: "8910", 104: "7774", 111: "8026",
    112: "8520", 113: "8115", 136: "8572", 137: "8539", 138: "8947", 139: "8947", 140: "8948",
    141: "8973", 142: "8973", 144: "9463", 145: "9527", 146: "9527", 147: "9527", 148: "9686",
    149: "draft", 150: "draft",
}  # fmt: skip


# -- IKEv2 ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("table", "registry", "untyped", "other"),
    [
        ("ikev2_payload_types", ikev2.PAYLOADS, {0}, {}),
        # RFC 5996 took 5 and 11 out; the facts name it.
        (
            "ikev2_cfg_attributes",
            ikev2.CONFIGURATION_ATTRIBUTES,
            set(),
            {5: "7296 3.15.1", 11: "7296 3.15.1"},
        ),
        ("ikev2_id_types", ikev2.IDENTITIES, set(), {}),
        # Texts of RFC 4595 and RFC 9478 were not at hand.
        ("ikev2_ts_types", ikev2.TRAFFIC_SELECTORS, {9, 10}, {}),
    ],
)
def test_ikev2_elements_have_a_class(
    table: str, registry: Any, untyped: set[int], other: dict[int, str]
) -> None:
    rows = by_code(table)
    assert rows.keys() - registry.codes() == untyped
    codes = registry.codes() - PRIVATE_ATTRIBUTES
    assert codes <= rows.keys()
    assert {
        code: cls.__registration__.rfc
        for code in codes
        for cls in (registry.get(code),)
        if not isinstance(cls, Split) and not named_after(rows[code], cls)
    } == other


#: P-CSCF addresses as networks gave them before RFC 7651; the facts have the private range as one row.
PRIVATE_ATTRIBUTES = {16389, 16390}


def test_ikev2_notifications_have_a_class_or_a_name() -> None:
    rows, split = by_code("ikev2_notify_types"), ikev2.PAYLOADS.get(ikev2.PayloadType.NOTIFY)
    assert split.classes.keys() <= rows.keys()
    assert {
        code: cls.__registration__.rfc
        for code, cls in split.classes.items()
        if not named_after(rows[code], cls)
    } == OTHER_NOTIFY_SECTIONS
    untyped = {code for code in rows if code not in split.classes and rows[code]["data"] != "none"}
    assert untyped == {code for codes in UNTYPED_NOTIFICATIONS.values() for code in codes}
    for code in rows.keys() - split.classes.keys():
        notify = split.other(protocol_id=0, notify_type=code, data=b"\0\xff")
        assert ikev2.NotifyType(code).name in str(notify)


#: The facts name the list of notifications (3.10.1), or another section of the same document; the
#: sections here say what the data are.
OTHER_NOTIFY_SECTIONS = {1: "7296 2.5", 9: "7296 2.3", 11: "7296 1.5"}

#: Notifications with data that have no class: the SPI is in the payload's header, or no text of the
#: document was at hand.
UNTYPED_NOTIFICATIONS: dict[str, tuple[int, ...]] = {
    "the SPI alone": (16393,),
    "5857": (16416,),
    "6467": (16424,),
    "6867": (16427,),
    "9347": (16442,),
    "9370": (47, 16441),
    "9593": (16443,),
    "9611": (48, 16444),
    "9838": (45, 46, 49, 16429),
    "9867": (16446,),
    "TS 24.302": (
        8192, 8193, 8241, 8242, 8244, 8245, 9000, 9001, 9002, 9003, 9006, 10500, 11001, 11005,
        11011, 11055, 40961, 41041, 41050, 41051, 41101, 41112, 41134, 41288, 41304, 41501, 42011,
        42014, 42015, 42017, 42020, 42094, 42095, 51015, 51115,
    ),
}  # fmt: skip


@pytest.mark.parametrize("registry", ["attr 14", "attr 18"])
def test_transform_attributes(registry: str) -> None:
    row = next(row for row in facts("ikev2_transform_types") if row["value"] == registry)
    number = int(registry.removeprefix("attr "))
    assert ikev2.TransformAttributeType[row["python_name"]] == number


# -- EAP ------------------------------------------------------------------------------------------
def test_eap_types_have_a_class() -> None:
    rows = {int(row["value"]): row for row in facts("eap_aka") if row["registry"] == "eap_type"}
    for code, without in ((1, {3}), (2, set())):
        split = eap.PACKETS.get(code)
        assert rows.keys() - split.classes.keys() == OTHER_METHODS | without
        for kind, cls in split.classes.items():
            assert named_after(rows[kind], cls), cls


def test_aka_attributes_have_a_class() -> None:
    rows = {int(r["value"]): r for r in facts("eap_aka") if r["registry"] == "aka_attribute"}
    assert rows.keys() - eap.ATTRIBUTES.codes() == UNTYPED_ATTRIBUTES
    assert eap.ATTRIBUTES.codes() <= rows.keys()
    for code in eap.ATTRIBUTES.codes():
        assert named_after(rows[code], eap.ATTRIBUTES.get(code)), code


#: Methods that no mobile node here needs: TLS, TTLS, PEAP, MSCHAPv2, FAST, PSK, IKEv2, GPSK, pwd,
#: TEAP, Experimental.
OTHER_METHODS = {13, 21, 25, 26, 43, 47, 49, 51, 52, 55, 255}

#: Attributes of TS 24.302 8.2 (137 to 144 and 151), RFC 7458 (145 to 150) and RFC 9678 (152, 153),
#: whose texts were not at hand.
UNTYPED_ATTRIBUTES = set(range(137, 154))


# -- Diameter -------------------------------------------------------------------------------------
def class_name(avp: str) -> str:
    """The name of the class for an AVP or a command."""
    words = ["QoS" if word == "QoS" else word.capitalize() for word in avp.split("-")]
    if words[0] == "3gpp":
        words[0] = "ThreeGpp"
    return "".join(words)


def base_avps() -> dict[str, dict[str, str]]:
    """The table of RFC 6733 4.5 in the form of the other facts, by name."""
    types = {"DiamIdent": "DiameterIdentity", "DiamURI": "DiameterURI"}
    return {
        row["name"]: {
            "code": row["code"],
            "vendor": "0",
            "type": types.get(row["type"], row["type"]),
            "flags_must": row["must"],
            "reference": f"RFC 6733 {row['section']}",
        }
        for row in facts("diameter_base_avps")
    }


def avps() -> dict[str, dict[str, str]]:
    """The facts of every AVP by its name; where two say something, those of RFC 6733."""
    return {row["name"]: row for row in facts("diameter_avps")} | base_avps()


def test_diameter_tables_agree() -> None:
    """Of AVPs in both, the facts say the same as RFC 6733, other names of types left out."""
    base, same = base_avps(), {"AppId": "Unsigned32", "VendorId": "Unsigned32"}
    found = {
        row["name"]: row["type"]
        for row in facts("diameter_avps")
        if row["name"] in base
        and (same.get(row["type"], row["type"]), row["flags_must"], row["code"], row["vendor"])
        != tuple(base[row["name"]][key] for key in ("type", "flags_must", "code", "vendor"))
    }
    assert found == {
        "Result-Code": "Enumerated",  # RFC 6733 7.1: Unsigned32
        "Authorization-Lifetime": "Integer32",  # RFC 6733 8.9: Unsigned32
        "Experimental-Result-Code": "Enumerated",  # RFC 6733 7.7: Unsigned32
    }


def avp_class(row: dict[str, str]) -> Any:
    vendor = int(row["vendor"])
    return diameter.AVPS.get(key_of(int(row["code"]), vendor or None))


def test_every_avp_has_a_class() -> None:
    classes = {cls for cls in diameter.AVPS if cls.__registration__.codes}
    assert {avp_class(row) for row in avps().values()} == classes
    assert {name: class_name(name) for name in avps()} == {
        name: avp_class(row).__name__ for name, row in avps().items()
    }


@pytest.mark.parametrize("name", avps())
def test_avp(name: str) -> None:
    """Vendor, flags, type and document of each AVP are those of the facts."""
    row = avps()[name]
    cls = avp_class(row)
    vendor = int(row["vendor"])
    assert cls.__registration__.codes == (int(row["code"]), *((vendor,) if vendor else ()))
    assert diameter.vendor_of(cls) == vendor
    flags = row["flags_must"].split()
    assert ("V" in flags) == bool(vendor)
    parts = {part.name: part.element for part in cls.schema.layout.parts}
    assert parts["vendor_specific"].expected == bool(vendor)
    defaults = {field.name: field.default for field in msgspec.structs.fields(cls)}
    assert defaults["mandatory"] == ("M" in flags)
    assert not defaults["protected"]
    assert not defaults["reserved"]
    element = parts["value"]
    wanted = MORE_THAN_A_TYPE.get(name) or TYPES[OTHER_TYPES.get(name, row["type"])]
    assert isinstance(element, wanted)
    if isinstance(element, (elements.Integer, elements.OpenEnum)):
        assert element.size == (8 if row["type"].endswith("64") else 4)
    assert named_after(row, cls) == (name not in OTHER_AVP_SECTIONS)


def kind(element: Any) -> type[Any]:
    """The class of an element that has one object."""
    return type(element)


_NUMBER: tuple[type[Any], ...] = (elements.Integer, elements.OpenEnum)

#: What each data type of RFC 6733 4.2 and 4.3 is read with.
TYPES: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "Address": kind(elements.FamilyAddress),
    "AppId": _NUMBER,
    "DiameterIdentity": kind(elements.Text),
    "DiameterURI": kind(elements.Text),
    "Enumerated": _NUMBER,
    "Grouped": elements.OptionList,
    "OctetString": kind(elements.GreedyOctets),
    "Time": elements.Integer,
    "UTF8String": kind(elements.Text),
    "Unsigned32": _NUMBER,
    "Unsigned64": elements.Integer,
    "VendorId": elements.Integer,
}

#: Strings of octets that are something more.
MORE_THAN_A_TYPE: dict[str, type[Any]] = {
    "EAP-Payload": elements.OptionalOneOf,
    "EAP-Reissued-Payload": elements.OneOf,
    "MIP6-Home-Link-Prefix": elements.Nested,
}

#: Where the facts have another type than the document.
OTHER_TYPES = {
    "Chargeable-User-Identity": "OctetString",  # RFC 5778 4.3, 6.19
    "EAP-Key-Name": "OctetString",  # RFC 4072 4.1.4
}

#: Where the facts have another section than the document, or leave it open.
OTHER_AVP_SECTIONS = {
    "MIP-MN-AAA-SPI",  # "7.x"; RFC 4004 was not at hand
    "Mobile-Node-Identifier",  # "4.x"; RFC 5779 5.6
    "NAS-Identifier",  # "4.2.x"; RFC 7155 uses it and leaves its definition to RFC 2865 5.32
    "NAS-Port-Type",  # "4.2.2"; RFC 7155 4.2.4
}


def test_diameter_commands_have_classes() -> None:
    rows = facts("diameter_commands")
    answers, requests = (
        {
            cls.__registration__.codes[0]: cls
            for cls in diameter.COMMANDS
            if cls.__registration__.codes[1:] == (bit,)
        }
        for bit in (0, 1)
    )
    for classes, word, short in ((requests, "Request", "request"), (answers, "Answer", "answer")):
        assert {int(row["code"]): command_name(row["name"], word) for row in rows} == {
            code: cls.__name__ for code, cls in classes.items()
        }
        for row in rows:
            cls = classes[int(row["code"])]
            assert f"({row[short]})" in (cls.__doc__ or "")
            assert named_after(row, cls) or cls is diameter.AaAnswer  # RFC 7155 3.2


def command_name(name: str, word: str) -> str:
    return class_name(name.removesuffix("-Request")) + word


def test_diameter_applications() -> None:
    found = {application.name: int(application) for application in diameter.Application}
    assert found.pop("RELAY") == 0xFFFFFFFF  # RFC 6733 2.4
    assert numbers(facts("diameter_applications")) == found


#: The values of an AVP, and what has a name for each.
VALUES: dict[str, type[enum.IntEnum] | type[enum.IntFlag]] = {
    "Accounting-Realtime-Required": diameter.RealtimeRequired,
    "Accounting-Record-Type": diameter.RecordType,
    "AN-Trusted": diameter.Trust,
    "Auth-Request-Type": diameter.AuthKind,
    "Auth-Session-State": diameter.SessionState,
    "Cancellation-Type": diameter.Cancellation,
    "Disconnect-Cause": diameter.Disconnect,
    "Experimental-Result-Code (3GPP)": diameter.ThreeGppResult,
    "MIP6-Feature-Vector": diameter.Mip6Feature,
    "Non-3GPP-IP-Access": diameter.IpAccess,
    "Non-3GPP-IP-Access-APN": diameter.IpAccessApn,
    "PDN-GW-Allocation-Type": diameter.Allocation,
    "PDN-Type": diameter.Pdn,
    "RAT-Type": diameter.Rat,
    "Re-Auth-Request-Type": diameter.ReAuthKind,
    "Redirect-Host-Usage": diameter.RedirectUsage,
    "Result-Code": diameter.Result,
    "Server-Assignment-Type": diameter.ServerAssignment,
    "Session-Server-Failover": diameter.Failover,
    "Termination-Cause": diameter.Termination,
    "VPLMN-Dynamic-Address-Allowed": diameter.DynamicAddress,
}


@pytest.mark.parametrize(("avp", "members"), VALUES.items())
def test_values_of_avps(avp: str, members: type[enum.IntEnum]) -> None:
    """Facts and RFC 6733 together have exactly the members."""
    rows = facts("diameter_base_enums") + facts("diameter_enums")
    wanted = {row["name"].upper(): int(row["value"], 0) for row in rows if row["avp"] == avp}
    assert wanted == {m.name: int(m) for m in members}
    if avp in avps() and avp != "MIP6-Feature-Vector":
        parts = {p.name: p.element for p in avp_class(avps()[avp]).schema.layout.parts}
        assert isinstance(parts["value"], elements.OpenEnum)
        assert parts["value"].members is members


def test_every_enumeration_of_diameter_is_checked() -> None:
    """Here or, where no document was at hand, against tshark: see tests/diameter."""
    checked = {*VALUES.values(), diameter.Application}
    enumerations = {
        value
        for name in diameter.__all__
        if isinstance(value := getattr(diameter, name), enum.EnumType)
    }
    assert enumerations - checked == {
        diameter.Mip6Authentication,
        diameter.MipAlgorithm,
        diameter.MipReplay,
        diameter.Reason,
        diameter.SubscriptionType,
    }
    # RFC 5778 6.20, 6.13 (RFC 4004 9.8), 6.14 and RFC 8506 8.47.
    assert {m.name: int(m) for m in diameter.Mip6Authentication} == {"MIP6_AUTH_MN_AAA": 1}
    assert {m.name: int(m) for m in diameter.MipAlgorithm} == {"HMAC_SHA_1": 2}
    assert {m.name: int(m) for m in diameter.MipReplay} == {"NONE": 1, "TIMESTAMP": 2, "NONCES": 3}
