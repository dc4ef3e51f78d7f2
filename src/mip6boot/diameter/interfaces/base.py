"""Messages between neighbours: who they are, whether they live, and good-bye (RFC 6733 5)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ..avps.base import Avp
from ..avps.base_protocol import (
    AcctApplicationId,
    AuthApplicationId,
    DisconnectCause,
    ErrorMessage,
    FailedAvp,
    FirmwareRevision,
    HostIpAddress,
    InbandSecurityId,
    OriginHost,
    OriginRealm,
    OriginStateId,
    ProductName,
    ResultCode,
    SupportedVendorId,
    VendorId,
    VendorSpecificApplicationId,
)
from ..messages import (
    CapabilitiesExchangeAnswer,
    CapabilitiesExchangeRequest,
    DeviceWatchdogAnswer,
    DeviceWatchdogRequest,
    DiameterMessage,
    DisconnectPeerAnswer,
    DisconnectPeerRequest,
)
from .groups import VendorApplication
from .typed import Typed

__all__ = ["Cea", "Cer", "Dpa", "Dpr", "Dwa", "Dwr"]

_Address = IPv4Address | IPv6Address | bytes


class _Neighbour(Typed, frozen=True, kw_only=True):
    """A message that no agent passes on."""

    PROXIABLE: ClassVar[bool] = False


class Cer(_Neighbour, frozen=True, kw_only=True):
    """Capabilities-Exchange-Request."""

    MESSAGE: ClassVar[type[DiameterMessage]] = CapabilitiesExchangeRequest
    SECTION: ClassVar[str] = "6733 5.3.1"
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    host_ip_addresses: Annotated[tuple[_Address, ...], HostIpAddress, 1]
    vendor_id: Annotated[int, VendorId]
    product_name: Annotated[str, ProductName]
    origin_state_id: Annotated[int | None, OriginStateId] = None
    supported_vendor_ids: Annotated[tuple[int, ...], SupportedVendorId] = ()
    auth_application_ids: Annotated[tuple[int, ...], AuthApplicationId] = ()
    inband_security_ids: Annotated[tuple[int, ...], InbandSecurityId] = ()
    acct_application_ids: Annotated[tuple[int, ...], AcctApplicationId] = ()
    vendor_applications: Annotated[tuple[VendorApplication, ...], VendorSpecificApplicationId] = ()
    firmware_revision: Annotated[int | None, FirmwareRevision] = None


class Cea(_Neighbour, frozen=True, kw_only=True):
    """Capabilities-Exchange-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = CapabilitiesExchangeAnswer
    SECTION: ClassVar[str] = "6733 5.3.2"
    result_code: Annotated[int, ResultCode]
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    host_ip_addresses: Annotated[tuple[_Address, ...], HostIpAddress, 1]
    vendor_id: Annotated[int, VendorId]
    product_name: Annotated[str, ProductName]
    origin_state_id: Annotated[int | None, OriginStateId] = None
    error_message: Annotated[str | None, ErrorMessage] = None
    failed_avps: Annotated[tuple[tuple[Avp, ...], ...], FailedAvp] = ()
    supported_vendor_ids: Annotated[tuple[int, ...], SupportedVendorId] = ()
    auth_application_ids: Annotated[tuple[int, ...], AuthApplicationId] = ()
    inband_security_ids: Annotated[tuple[int, ...], InbandSecurityId] = ()
    acct_application_ids: Annotated[tuple[int, ...], AcctApplicationId] = ()
    vendor_applications: Annotated[tuple[VendorApplication, ...], VendorSpecificApplicationId] = ()
    firmware_revision: Annotated[int | None, FirmwareRevision] = None


class Dwr(_Neighbour, frozen=True, kw_only=True):
    """Device-Watchdog-Request."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DeviceWatchdogRequest
    SECTION: ClassVar[str] = "6733 5.5.1"
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    origin_state_id: Annotated[int | None, OriginStateId] = None


class Dwa(_Neighbour, frozen=True, kw_only=True):
    """Device-Watchdog-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DeviceWatchdogAnswer
    SECTION: ClassVar[str] = "6733 5.5.2"
    result_code: Annotated[int, ResultCode]
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    error_message: Annotated[str | None, ErrorMessage] = None
    failed_avps: Annotated[tuple[tuple[Avp, ...], ...], FailedAvp] = ()
    origin_state_id: Annotated[int | None, OriginStateId] = None


class Dpr(_Neighbour, frozen=True, kw_only=True):
    """Disconnect-Peer-Request."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DisconnectPeerRequest
    SECTION: ClassVar[str] = "6733 5.4.1"
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    disconnect_cause: Annotated[int, DisconnectCause]


class Dpa(_Neighbour, frozen=True, kw_only=True):
    """Disconnect-Peer-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DisconnectPeerAnswer
    SECTION: ClassVar[str] = "6733 5.4.2"
    result_code: Annotated[int, ResultCode]
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    error_message: Annotated[str | None, ErrorMessage] = None
    failed_avps: Annotated[tuple[tuple[Avp, ...], ...], FailedAvp] = ()
