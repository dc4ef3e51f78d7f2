"""Mobile IPv6: every mobility message and option (RFC 6275 and its successors).

    >>> from mip6boot import mipv6
    >>> message = mipv6.decode(bytes.fromhex("3b010500fa42002ac000009601020000"))
    >>> message.sequence, message.flags.name, message.lifetime
    (42, 'A|H', 600)

`decode` picks the class by the message's type; `check` tells which rules of the RFCs a message
breaks; `with_checksum` gives a copy with the right checksum.  `MESSAGES` and `OPTIONS` are the
registries: `@mipv6.OPTIONS.register(200)` adds an option of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import codes, header
from .checksum import checksum_of, with_checksum
from .codes import *
from .header import *
from .messages import binding, fast_handover, proxy, return_routability
from .messages import codes as message_codes
from .messages.binding import *
from .messages.codes import *
from .messages.fast_handover import *
from .messages.proxy import *
from .messages.return_routability import *
from .options import (
    access_network,
    base,
    control,
    flows,
    identity,
    ipv4,
    multicast,
    quality,
    redirect,
    rfc6275,
    route_optimization,
    service,
    traffic_selectors,
)
from .options import codes as option_codes
from .options import fast_handover as fast_handover_options
from .options import proxy as proxy_options
from .options.access_network import *
from .options.base import *
from .options.codes import *
from .options.control import *
from .options.fast_handover import *
from .options.flows import *
from .options.identity import *
from .options.ipv4 import *
from .options.multicast import *
from .options.proxy import *
from .options.quality import *
from .options.redirect import *
from .options.rfc6275 import *
from .options.route_optimization import *
from .options.service import *
from .options.traffic_selectors import *
from .rules import RULES, check

__all__ = ["RULES", "check", "checksum_of", "decode", "from_dict", "with_checksum"]
__all__ += codes.__all__
__all__ += header.__all__
__all__ += binding.__all__
__all__ += message_codes.__all__
__all__ += fast_handover.__all__
__all__ += proxy.__all__
__all__ += return_routability.__all__
__all__ += access_network.__all__
__all__ += base.__all__
__all__ += option_codes.__all__
__all__ += control.__all__
__all__ += fast_handover_options.__all__
__all__ += flows.__all__
__all__ += identity.__all__
__all__ += ipv4.__all__
__all__ += multicast.__all__
__all__ += proxy_options.__all__
__all__ += quality.__all__
__all__ += redirect.__all__
__all__ += rfc6275.__all__
__all__ += route_optimization.__all__
__all__ += service.__all__
__all__ += traffic_selectors.__all__


#: The mobility message that takes all of the octets; arguments as those of `Registry.decode`.
#: DecodeError says where and why not; a wrong checksum is never refused.  With `lenient`, an option
#: that does not parse becomes a Malformed that keeps its octets.
decode = MESSAGES.decode


def from_dict(data: Mapping[str, Any]) -> MobilityHeader:
    """The message of a JSON form; DecodeError with path for anything else."""
    return MESSAGES.from_dict(data)
