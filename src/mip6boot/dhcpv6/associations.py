"""Identity associations and the leases in them (RFC 8415 12)."""

from __future__ import annotations

from ipaddress import IPv6Network

from ..schema import IPv6, UInt8, UInt32
from .base import OPTIONS, Dhcpv6Option, Dhcpv6Options
from .prefixes import network_of

__all__ = ["IaAddress", "IaNa", "IaPd", "IaPrefix", "IaTa", "IdentityAssociation"]


class IdentityAssociation(Dhcpv6Option):
    """Base of the identity associations."""

    iaid: UInt32
    "Told apart within each kind of association of a client."


@OPTIONS.register(3, rfc="8415 21.4")
class IaNa(IdentityAssociation):
    """IA_NA: addresses that are not temporary."""

    t1: UInt32 = 0
    "Seconds until the client asks the server that gave the leases; 0 leaves it to the client."
    t2: UInt32 = 0
    "Seconds until the client asks any server."
    options: Dhcpv6Options = ()


@OPTIONS.register(4, rfc="8415 21.5")
class IaTa(IdentityAssociation):
    """IA_TA: temporary addresses; obsolete since RFC 9915."""

    options: Dhcpv6Options = ()


@OPTIONS.register(5, rfc="8415 21.6")
class IaAddress(Dhcpv6Option):
    """IA Address: one address of an association."""

    address: IPv6
    preferred_lifetime: UInt32 = 0
    "Seconds; 0 from a client."
    valid_lifetime: UInt32 = 0
    "Seconds, at least the preferred lifetime; 0xffffffff is for ever."
    options: Dhcpv6Options = ()


@OPTIONS.register(25, rfc="8415 21.21")
class IaPd(IdentityAssociation):
    """IA_PD: delegated prefixes."""

    t1: UInt32 = 0
    "Seconds until the client asks the server that gave the leases; 0 leaves it to the client."
    t2: UInt32 = 0
    "Seconds until the client asks any server."
    options: Dhcpv6Options = ()


@OPTIONS.register(26, rfc="8415 21.22")
class IaPrefix(Dhcpv6Option, kw_only=True):
    """IA Prefix: one prefix of an association."""

    preferred_lifetime: UInt32 = 0
    "Seconds; 0 from a client."
    valid_lifetime: UInt32 = 0
    "Seconds, at least the preferred lifetime; 0xffffffff is for ever."
    prefix_length: UInt8
    prefix: IPv6
    options: Dhcpv6Options = ()

    @property
    def network(self) -> IPv6Network | None:
        """The prefix with its length, bits behind it left out; None for a length above 128."""
        return network_of(self.prefix, self.prefix_length)
