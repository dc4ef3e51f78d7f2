"""FreeRADIUS' texts of DHCPv6 messages beside ours: every value it prints must be one of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from typing import Any

from mip6boot import dhcpv6

__all__ = ["printed", "read"]

_PAIR = re.compile(r'([\w.-]+) = ("[^"]*"|[^,{} ][^,{}]*)')
#: Longer texts are cut at this size.
_CUT = 600
_ADDRESS = re.compile(r"[0-9a-f:]*:[0-9a-f:.]*(/\d+)?")


def printed(text: str) -> list[tuple[str, str]]:
    """Name and value of each pair in the text, where we have that value too."""
    found = _PAIR.findall(text)
    if len(text) == _CUT:
        found = found[:-1]
    pairs = [(name.rpartition(".")[2], value.strip()) for name, value in found]
    return sorted((name, _plain(value)) for name, value in pairs if name in VALUES)


def read(message: Any, names: set[str]) -> list[tuple[str, str]]:
    """The same for our object."""
    found = []
    for name in names:
        cls, get = VALUES[name]
        for element in message.find_all(cls):
            value = get(element)
            values = value if isinstance(value, (tuple, list)) else [value]
            found += [(name, _text(item)) for item in values if item is not None]
    return sorted(found)


def _plain(value: str) -> str:
    value = value.strip('"')
    if _ADDRESS.fullmatch(value) and len(value) != 17:
        return str(IPv6Network(value, strict=False)) if "/" in value else str(IPv6Address(value))
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _mac(octets: bytes) -> str:
    return octets.hex(":")


def _hardware_address(option: Any) -> str | bytes | None:
    """The address in a DUID, or beside one, where it has six octets."""
    if isinstance(option, dhcpv6.ClientLinkLayerAddress):
        octets: bytes = option.link_layer_address
        return _mac(octets) if option.link_layer_type == 1 else octets
    duid = getattr(option, "duid", None)
    view = duid and (duid.link_layer_time or duid.link_layer)
    return _mac(view.link_layer_address) if view and len(view.link_layer_address) == 6 else None


Getter = Callable[[Any], Any]
_Message, _Relay = dhcpv6.ClientServerMessage, dhcpv6.RelayAgentMessage

#: Last part of FreeRADIUS' name -> our class, and the value in its form.
VALUES: dict[str, tuple[type[Any], Getter]] = {
    "Transaction-ID": (_Message, lambda m: f"{m.transaction_id:#08x}"),
    "Hop-Count": (_Relay, lambda m: m.hop_count),
    "Relay-Link-Address": (_Relay, lambda m: m.link_address),
    "Relay-Peer-Address": (_Relay, lambda m: m.peer_address),
    "IAID": (dhcpv6.IdentityAssociation, lambda o: o.iaid),
    "T1": (dhcpv6.IdentityAssociation, lambda o: getattr(o, "t1", None)),
    "T2": (dhcpv6.IdentityAssociation, lambda o: getattr(o, "t2", None)),
    "Preferred-Lifetime": (dhcpv6.Dhcpv6Option, lambda o: getattr(o, "preferred_lifetime", None)),
    "Valid-Lifetime": (dhcpv6.Dhcpv6Option, lambda o: getattr(o, "valid_lifetime", None)),
    "Address": (dhcpv6.Dhcpv6Option, _hardware_address),
    "IPv6-Address": (dhcpv6.IaAddress, lambda o: o.address),
    "IPv6-Prefix": (dhcpv6.IaPrefix, lambda o: o.network),
    "MIP6-Home-Net-Prefix": (dhcpv6.HomeNetworkPrefix, lambda o: o.network),
    "DNS-Servers": (dhcpv6.DnsServers, lambda o: o.addresses),
    "Domain-List": (dhcpv6.DomainSearchList, lambda o: o.searchlist),
    "AFTR-Name": (dhcpv6.AftrName, lambda o: o.tunnel_endpoint_name),
    "Elapsed-Time": (dhcpv6.ElapsedTime, lambda o: o.elapsed_10ms),
    "Preference": (dhcpv6.Preference, lambda o: o.pref_value),
    "Interface-ID": (dhcpv6.InterfaceId, lambda o: o.interface_id),
    "Unicast": (dhcpv6.ServerUnicast, lambda o: o.server_address),
    "Information-Refresh-Time": (
        dhcpv6.InformationRefreshTime, lambda o: o.information_refresh_time,
    ),
    "SOL-Max-RT": (dhcpv6.SolMaxRt, lambda o: o.value),
    "INF-Max-RT": (dhcpv6.InfMaxRt, lambda o: o.value),
    "Message": (dhcpv6.StatusCodeOption, lambda o: o.status_message),
    "IS": (dhcpv6.InformationServiceAddresses, lambda o: o.addresses),
    "ES": (dhcpv6.EventServiceAddresses, lambda o: o.addresses),
    "No-Server-Update": (dhcpv6.ClientFqdn, lambda o: bool(o.flags & 4)),
    "Server-Override": (dhcpv6.ClientFqdn, lambda o: bool(o.flags & 2)),
    "Server-Update": (dhcpv6.ClientFqdn, lambda o: bool(o.flags & 1)),
    "Domain-Name": (dhcpv6.ClientFqdn, lambda o: str(o.domain_name).removesuffix("...")),
    "Bootfile-Param": (dhcpv6.BootFileParameters, lambda o: o.parameters),
    "ANI-Access-Point-BSSID": (dhcpv6.AccessPointBssid, lambda o: _mac(o.access_point_bssid)),
    "ANI-Network-Name": (dhcpv6.NetworkName, lambda o: o.network_name),
    "User-Class": (dhcpv6.UserClass, lambda o: o.user_class_data),
    "Failover-Expiration-Time": (dhcpv6.FExpirationTime, lambda o: int(o.time.timestamp())),
    "PEN": (dhcpv6.VendorClass, lambda o: o.enterprise_number),
    "Data": (dhcpv6.VendorClass, lambda o: o.vendor_class_data),
    "Subscriber-ID": (dhcpv6.SubscriberId, lambda o: o.subscriber_id.decode()),
    "New-Posix-Timezone": (dhcpv6.PosixTimezone, lambda o: o.tz_posix),
}  # fmt: skip
