"""Diameter (RFC 6733) for the AAA leg: commands and AVPs of STa, SWm, S6b, SWx, S6a and of MIP6I.

    >>> from ipaddress import IPv6Address
    >>> from mip6boot import diameter
    >>> agent = diameter.Mip6AgentInfo((diameter.MipHomeAgentAddress(IPv6Address("2001:db8::1")),))
    >>> answer = diameter.DiameterEapAnswer(
    ...     application_id=diameter.Application.STA, avps=(diameter.SessionId("gw;1;2"), agent)
    ... )
    >>> answer.encode()[:32].hex()
    '010000480000010c010000220000000000000000000001074000000e67773b31'
    >>> diameter.decode(answer.encode()) == answer
    True

`decode` picks the class by command code and R flag; what is inside a Grouped AVP is found at any
depth (`answer.find(diameter.MipHomeAgentAddress)`).  `interfaces` has the messages of each
interface as records with a field for each AVP; `check` tells which rules a message breaks.  `AVPS`
and `COMMANDS` are the registries: `@diameter.AVPS.register(1, 9999)` adds an AVP of the vendor
9999.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import codes, messages
from .avps import base, base_protocol, cx, mobility, network_access, non_3gpp, subscription
from .avps.base import *
from .avps.base_protocol import *
from .avps.cx import *
from .avps.mobility import *
from .avps.network_access import *
from .avps.non_3gpp import *
from .avps.subscription import *
from .codes import *
from .messages import *

if TYPE_CHECKING:
    from . import interfaces
    from .rules import RULES, check

__all__ = ["RULES", "check", "decode", "from_dict", "interfaces"]
__all__ += base.__all__
__all__ += base_protocol.__all__
__all__ += codes.__all__
__all__ += cx.__all__
__all__ += messages.__all__
__all__ += mobility.__all__
__all__ += network_access.__all__
__all__ += non_3gpp.__all__
__all__ += subscription.__all__

#: The message that takes all of the octets; arguments as those of `Registry.decode`.
#: DecodeError says where and why not.  With `lenient`, an AVP that does not parse becomes a
#: Malformed that keeps its octets.
decode = COMMANDS.decode


def from_dict(data: Mapping[str, Any]) -> DiameterMessage:
    """The message of a JSON form; DecodeError with path for anything else."""
    return COMMANDS.from_dict(data)


def __getattr__(name: str) -> Any:
    # Who only decodes does not wait for the records of all interfaces.
    if name == "interfaces":
        return import_module(".interfaces", __name__)
    if name in ("RULES", "check"):
        return getattr(import_module(".rules", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
