"""DHCPv6: every message, and the options of RFC 8415, RFC 6610 and their neighbours.

A mobile node asks for the home agents of its home network:

    >>> from mip6boot import dhcpv6
    >>> message = dhcpv6.decode(bytes.fromhex("0b3a5c7e0031000e04686f6d65076578616d706c6500"))
    >>> message.options[0]
    HomeNetworkIdFqdn(fqdn=DomainName(labels=(b'home', b'example'), complete=True))
    >>> for violation in dhcpv6.check(message):
    ...     print(violation)
    message: 0 ElapsedTime, at least 1 needed (RFC 8415 21.9)
    message: 0 OptionRequest, at least 1 needed (RFC 8415 21.7)

`decode` picks the class by the message's type; `check` tells which rules of the RFCs a message
breaks.  `MESSAGES` and `OPTIONS` are the registries: `@dhcpv6.OPTIONS.register(65001)` adds an
option of one's own.  Options without a class here keep their octets, and their name where they
have one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import (
    access_network,
    associations,
    base,
    boot,
    codes,
    configuration,
    core,
    failover,
    home_network,
    leasequery,
    messages,
    relay,
    services,
    vendor,
)
from .access_network import *
from .associations import *
from .base import *
from .boot import *
from .codes import *
from .configuration import *
from .core import *
from .failover import *
from .home_network import *
from .leasequery import *
from .messages import *
from .relay import *
from .rules import RSOO_ENABLED, RSOO_ENABLED_WITH_MIP6, RULES, check
from .services import *
from .vendor import *

__all__ = ["RSOO_ENABLED", "RSOO_ENABLED_WITH_MIP6", "RULES", "check", "decode", "from_dict"]
__all__ += access_network.__all__
__all__ += associations.__all__
__all__ += base.__all__
__all__ += boot.__all__
__all__ += codes.__all__
__all__ += configuration.__all__
__all__ += core.__all__
__all__ += failover.__all__
__all__ += home_network.__all__
__all__ += leasequery.__all__
__all__ += messages.__all__
__all__ += relay.__all__
__all__ += services.__all__
__all__ += vendor.__all__


#: The message that takes all of the octets; arguments as those of `Registry.decode`.
#: DecodeError says where and why not.  With `lenient`, an option that does not parse becomes a
#: Malformed that keeps its octets.
decode = MESSAGES.decode


def from_dict(data: Mapping[str, Any]) -> Dhcpv6Message:
    """The message of a JSON form; DecodeError with path for anything else."""
    return MESSAGES.from_dict(data)
