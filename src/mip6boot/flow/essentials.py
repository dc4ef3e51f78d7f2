"""What a message is about, in a line: for call flows and comments in captures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import singledispatch
from typing import Any

from .. import dhcpv6, diameter, eap, ikev2, ip, mipv6, packets
from ..packets import OpenedChain, OpenedPacket, Packet, Within

__all__ = ["essentials"]

#: Interfaces by the application that they have.
_INTERFACES: dict[int, str] = {
    diameter.Application.STA: "STa", diameter.Application.SWM: "SWm",
    diameter.Application.S6B: "S6b", diameter.Application.SWX: "SWx",
    diameter.Application.S6A: "S6a",
}  # fmt: skip
_USER = diameter.UserName

#: What payloads are called in the RFCs.
_SHORT = {
    "SecurityAssociation": "SA", "KeyExchange": "KE", "Authentication": "AUTH",
    "Certificate": "CERT", "CertificateRequest": "CERTREQ", "Configuration": "CP", "Nonce": "Nonce",
    "Delete": "D", "Eap": "EAP", "Encrypted": "SK", "EncryptedFragment": "SKF",
}  # fmt: skip


def essentials(packet: Packet, opened: Sequence[Within] = ()) -> str:
    """The innermost message of a packet, with what matters of it."""
    for within in opened:
        if isinstance(within, OpenedPacket):
            return essentials(within.packet, within.opened)
    chains = [within for within in opened if isinstance(within, OpenedChain)]
    for layer in reversed(packet.layers):
        if isinstance(layer, ikev2.IkeMessage):
            return _ike(layer, chains[0].payloads if chains else layer.payloads)
        text = _line(layer)
        if text:
            return text
    return ""


@singledispatch
def _line(layer: Any) -> str:
    """The line of one layer; empty for one that only carries another."""
    return ""


# -- the access -----------------------------------------------------------------------------------
@_line.register
def _(layer: packets.EapolHeader) -> str:
    return {1: "EAPOL-Start", 2: "EAPOL-Logoff"}.get(layer.packet_type, "")


@_line.register
def _(layer: eap.EapPacket) -> str:
    return _eap(layer)


def _eap(packet: eap.EapPacket) -> str:
    kind = type(packet).__name__
    if isinstance(packet, (eap.Success, eap.Failure)):
        return f"EAP-{kind}"
    side = "Request" if packet.registry_code == 1 else "Response"
    if isinstance(packet, eap.AkaPacket):
        method = "AKA'" if "Prime" in kind else "AKA"
        subtype = packet.subtype
        name = getattr(subtype, "name", str(subtype)).replace("_", "-").title()
        return f"EAP-{side}/{method}-{name}"
    identity = getattr(packet, "identity", None)
    about = f" {identity}" if identity else ""
    return f"EAP-{side}/{kind.removesuffix(side)}{about}"


@_line.register
def _(layer: ip.RouterAdvertisement) -> str:
    prefixes = (one for one in layer.options if isinstance(one, ip.PrefixInformation))
    shown = ", ".join(f"{one.prefix}/{one.prefix_length}" for one in prefixes)
    return f"Router Advertisement {shown}".rstrip()


@_line.register
def _(layer: ip.RouterSolicitation) -> str:
    return "Router Solicitation"


@_line.register
def _(layer: ip.NeighborSolicitation) -> str:
    return f"Neighbor Solicitation for {layer.target}"


@_line.register
def _(layer: ip.NeighborAdvertisement) -> str:
    return f"Neighbor Advertisement of {layer.target}"


# -- the AAA --------------------------------------------------------------------------------------
@_line.register
def _(layer: diameter.DiameterMessage) -> str:
    # Documents write the abbreviation in brackets: Diameter-EAP-Request (DER).
    name = (type(layer).__doc__ or "").partition("(")[2].partition(")")[0] or type(layer).__name__
    interface = _INTERFACES.get(layer.application_id, "")
    told = {type(avp) for avp in layer.avps}
    # What EAP is about says who it is about.
    shown = [avp for avp in layer.avps if diameter.EapPayload not in told or type(avp) is not _USER]
    return " ".join(filter(None, [interface, name, *map(_avp, shown)]))


@_line.register
def _(layer: packets.SctpChunk) -> str:
    return {6: "SCTP ABORT"}.get(layer.chunk_type, "")


@singledispatch
def _avp(avp: Any) -> str:
    """What of an AVP matters; empty for most."""
    return ""


@_avp.register(diameter.ResultCode)
@_avp.register(diameter.ServerAssignmentType)
@_avp.register(diameter.CancellationType)
@_avp.register(diameter.TerminationCause)
@_avp.register(diameter.ReAuthRequestType)
def _(avp: Any) -> str:
    return str(getattr(avp.value, "name", avp.value)).removeprefix("DIAMETER_")


@_avp.register(diameter.ExperimentalResult)
@_avp.register(diameter.SipAuthDataItem)
def _(avp: Any) -> str:
    return " ".join(filter(None, map(_avp, avp.value)))


@_avp.register
def _(avp: diameter.ExperimentalResultCode) -> str:
    return str(getattr(avp.value, "name", avp.value)).removeprefix("DIAMETER_ERROR_")


@_avp.register
def _(avp: diameter.SipAuthenticationScheme) -> str:
    return str(avp.value)


@_avp.register
def _(avp: diameter.EapPayload) -> str:
    return "EAP-Start" if avp.value is None else _eap(avp.value)


@_avp.register
def _(avp: diameter.UserName) -> str:
    return str(avp.value)


@_avp.register
def _(avp: diameter.Mip6AgentInfo) -> str:
    found = avp.find(diameter.MipHomeAgentAddress) or avp.find(diameter.DestinationHost)
    return "" if found is None else f"home agent {found.value!s}"


# -- finding the home agent -----------------------------------------------------------------------
@_line.register
def _(layer: dhcpv6.Dhcpv6Message) -> str:
    # As RFC 8415 writes them: Information-request, Relay-forward.
    names = [_words(layer).capitalize().replace(" ", "-")]
    inside = layer.find(dhcpv6.RelayMessage)
    if inside is not None:
        names.append(_line(inside.message))
        return f"{names[0]} {{{names[1]}}}"
    agent = layer.find(dhcpv6.HomeAgentAddress)
    address, prefix = layer.find(dhcpv6.IaAddress), layer.find(dhcpv6.IaPrefix)
    if agent is not None:
        names.append(f"home agent {agent.address}")
    names += [str(address.address)] if address is not None else []
    names += [str(prefix.network)] if prefix is not None else []
    return " ".join(names)


@_line.register
def _(layer: packets.Payload) -> str:
    return _dns(layer.octets) if layer.protocol == "udp-53" else ""


def _dns(octets: bytes) -> str:
    try:
        import dns.exception
        import dns.message
        import dns.rdatatype
    except ImportError:
        return "DNS"
    try:
        message = dns.message.from_wire(octets)
    except dns.exception.DNSException:
        return "DNS, malformed"
    asked = "".join(f"{dns.rdatatype.to_text(q.rdtype)} {q.name}" for q in message.question)
    found = [str(record) for rrset in message.answer for record in rrset]
    return f"DNS {asked}{': ' + ', '.join(found) if found else ''}"


# -- keys -----------------------------------------------------------------------------------------
def _ike(message: ikev2.IkeMessage, payloads: Iterable[ikev2.Payload]) -> str:
    kind = message.exchange_type
    name = getattr(kind, "name", str(kind))
    side = "response" if message.is_response else "request"
    inside = " ".join(filter(None, map(_payload, payloads)))
    return f"{name} {side} {{{inside}}}"


def _payload(payload: ikev2.Payload) -> str:
    name = type(payload).__name__
    if isinstance(payload, ikev2.Eap):
        return _eap(payload.message)
    if isinstance(payload, ikev2.Configuration):
        values = (_address(one) for one in payload.attributes)
        return " ".join(["CP", *filter(None, values)])
    if isinstance(payload, (ikev2.Notify, ikev2.NotifyPayload)):
        kind = getattr(payload, "notify_type", 0)
        known = kind in ikev2.NotifyType.__members__.values()
        return f"N({ikev2.NotifyType(kind).name if known else kind})"
    return _SHORT.get(name, name)


def _address(attribute: Any) -> str:
    if isinstance(attribute, ikev2.InternalIp6Address):
        return str(attribute.address or "address?")
    if isinstance(attribute, ikev2.Mip6HomePrefix):
        value = attribute.value
        return "prefix?" if value is None else f"{value.home_prefix}/{value.prefix_length}"
    return ""


# -- the binding ----------------------------------------------------------------------------------
@_line.register
def _(layer: mipv6.BindingUpdate) -> str:
    flags = "".join(flag.name or "" for flag in mipv6.BindingUpdateFlags if flag in layer.flags)
    care_of = layer.find(mipv6.AlternateCareOfAddress)
    where = f" care-of {care_of.address}" if care_of is not None else ""
    return f"Binding Update {flags} sequence {layer.sequence} lifetime {layer.lifetime}{where}"


@_line.register
def _(layer: mipv6.BindingAcknowledgement) -> str:
    status = getattr(layer.status, "name", layer.status)
    return f"Binding Acknowledgement {status} sequence {layer.sequence} lifetime {layer.lifetime}"


@_line.register
def _(layer: mipv6.BindingRevocationIndication) -> str:
    trigger = getattr(layer.trigger, "name", layer.trigger)
    return f"Binding Revocation Indication {trigger} sequence {layer.sequence}"


@_line.register
def _(layer: mipv6.BindingRevocationAcknowledgement) -> str:
    status = getattr(layer.status, "name", layer.status)
    return f"Binding Revocation Acknowledgement {status} sequence {layer.sequence}"


@_line.register
def _(layer: mipv6.MobilityHeader) -> str:
    return _words(layer)


def _words(layer: Any) -> str:
    """The name of a class as words: Binding Error."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", type(layer).__name__)


@_line.register
def _(layer: ip.EspPacket) -> str:
    return f"ESP {layer.spi:#010x}"
