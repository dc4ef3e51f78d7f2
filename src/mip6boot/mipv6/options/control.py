"""LMA-controlled MAG parameters (RFC 8127) and distributed mobility (RFC 8885)."""

from __future__ import annotations

from typing import Annotated

from ...schema import (
    Int8ub,
    Int16ub,
    IPv6,
    Message,
    Octets,
    OptionList,
    Registry,
    RegistryCode,
    Scaled,
    UInt8,
    UInt16,
    Unknown,
)
from .base import OPTIONS, MobilityOption
from .proxy import natural_alignment

__all__ = [
    "LCMP_SUBOPTIONS",
    "AnchoredPrefix",
    "BindingReregistrationControl",
    "DlifLinkLayerAddress",
    "DlifLinkLocalAddress",
    "HeartbeatControl",
    "LcmpSuboption",
    "LmaControlledMagParameters",
    "LocalPrefix",
    "PreviousMaar",
    "ServingMaar",
    "UnknownLcmpSuboption",
]


class LcmpSuboption(Message):
    """Base of the sub-options of LMA-Controlled MAG Parameters."""


LCMP_SUBOPTIONS: Registry[LcmpSuboption] = Registry(
    LcmpSuboption, "LCMP sub-option", code=Int8ub, length=Int8ub
)


@LCMP_SUBOPTIONS.unknown
class UnknownLcmpSuboption(LcmpSuboption, Unknown):
    """An LCMP sub-option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@LCMP_SUBOPTIONS.register(1, rfc="8127 3.1.1")
class BindingReregistrationControl(LcmpSuboption):
    """Binding Re-registration Control."""

    start_time: Annotated[int, Scaled(Int16ub, 4)]
    "Seconds before the end of a binding, a multiple of 4."
    initial_retransmission_time: UInt16
    "Seconds."
    maximum_retransmission_time: UInt16
    "Seconds."


@LCMP_SUBOPTIONS.register(2, rfc="8127 3.1.2")
class HeartbeatControl(LcmpSuboption):
    """Heartbeat Control."""

    interval: UInt16
    "Seconds between heartbeats."
    retransmission_delay: UInt16
    "Seconds."
    maximum_retransmissions: UInt16


@OPTIONS.register(62, align=(4, 2), rfc="8127 3")
class LmaControlledMagParameters(MobilityOption):
    """LMA-Controlled MAG Parameters."""

    suboptions: Annotated[tuple[LcmpSuboption, ...], OptionList(LCMP_SUBOPTIONS)] = ()


@OPTIONS.register(65, align=(8, 4), rfc="8885 4.3")
class AnchoredPrefix(MobilityOption, kw_only=True):
    """Anchored Prefix of a mobile node."""

    reserved: UInt8 = 0
    prefix_length: UInt8
    "Bits."
    prefix: IPv6


@OPTIONS.register(66, align=(8, 4), rfc="8885 4.4")
class LocalPrefix(MobilityOption, kw_only=True):
    """Local Prefix of a mobile node."""

    reserved: UInt8 = 0
    prefix_length: UInt8
    "Bits."
    prefix: IPv6


@OPTIONS.register(67, align=(8, 4), rfc="8885 4.5")
class PreviousMaar(MobilityOption, kw_only=True):
    """Previous MAAR: an anchor of the mobile node, and the prefix it anchors."""

    reserved: UInt8 = 0
    prefix_length: UInt8
    "Bits of the home network prefix."
    address: IPv6
    home_network_prefix: IPv6


@OPTIONS.register(68, align=(8, 6), rfc="8885 4.6")
class ServingMaar(MobilityOption):
    """Serving MAAR: where the mobile node is now."""

    address: IPv6


@OPTIONS.register(69, align=(8, 6), rfc="8885 4.7")
class DlifLinkLocalAddress(MobilityOption):
    """Link-local address of a distributed logical interface."""

    address: IPv6


@OPTIONS.register(70, align=lambda o: natural_alignment(len(o.link_layer_address)), rfc="8885 4.8")
class DlifLinkLayerAddress(MobilityOption, kw_only=True):
    """Link-layer address of a distributed logical interface."""

    reserved: UInt16 = 0
    link_layer_address: Octets
