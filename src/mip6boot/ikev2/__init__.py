"""IKEv2: header and payloads, with the Configuration payload and what Mobile IPv6 adds to it.

A mobile node asks for a home address (RFC 4877 9), and selects its Binding Updates:

    >>> from ipaddress import IPv6Address
    >>> from mip6boot import ikev2
    >>> asks = ikev2.Configuration(
    ...     cfg_type=ikev2.ConfigurationType.REQUEST, attributes=(ikev2.InternalIp6Address(),)
    ... )
    >>> home = IPv6Address("2001:db8::1")
    >>> selects = ikev2.TSi(selectors=(ikev2.Ipv6AddressRange.for_mobility(home, 5),))
    >>> first, octets = ikev2.encode_chain((asks, selects))
    >>> first, octets[:12].hex()
    (47, '2c00000c0100000000080000')
    >>> ikev2.decode_chain(octets, first) == (asks, selects)
    True
    >>> selects.selectors[0].mh_types
    Span(first=5, last=5)

`decode` reads whole messages, in which a sealed payload is octets and the type of the first payload
inside; `decode_chain` reads those once they are opened.  `check` tells which rules of the RFCs a
message breaks.  `PAYLOADS`, `IDENTITIES`, `TRAFFIC_SELECTORS` and `CONFIGURATION_ATTRIBUTES` are
the registries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import (
    algorithms,
    chain,
    codes,
    configuration,
    configuration_prefixes,
    configuration_services,
    header,
    notify_types,
)
from .algorithms import *
from .chain import *
from .codes import *
from .configuration import *
from .configuration_prefixes import *
from .configuration_services import *
from .header import *
from .notify_types import *
from .payloads import (
    authentication,
    base,
    certificates,
    delete,
    eap,
    encrypted,
    identification,
    key_exchange,
    notify,
    notify_core,
    notify_extensions,
    notify_mobike,
    notify_redirect,
    others,
    security_association,
    traffic_selectors,
)
from .payloads.authentication import *
from .payloads.base import *
from .payloads.certificates import *
from .payloads.delete import *
from .payloads.eap import *
from .payloads.encrypted import *
from .payloads.identification import *
from .payloads.key_exchange import *
from .payloads.notify import *
from .payloads.notify_core import *
from .payloads.notify_extensions import *
from .payloads.notify_mobike import *
from .payloads.notify_redirect import *
from .payloads.others import *
from .payloads.security_association import *
from .payloads.traffic_selectors import *
from .rules import RULES, SEALED_RULES, check

__all__ = ["RULES", "SEALED_RULES", "check", "decode", "from_dict"]
__all__ += algorithms.__all__
__all__ += chain.__all__
__all__ += codes.__all__
__all__ += configuration.__all__
__all__ += configuration_prefixes.__all__
__all__ += configuration_services.__all__
__all__ += header.__all__
__all__ += notify_types.__all__
__all__ += authentication.__all__
__all__ += base.__all__
__all__ += certificates.__all__
__all__ += delete.__all__
__all__ += eap.__all__
__all__ += encrypted.__all__
__all__ += identification.__all__
__all__ += key_exchange.__all__
__all__ += notify.__all__
__all__ += notify_core.__all__
__all__ += notify_extensions.__all__
__all__ += notify_mobike.__all__
__all__ += notify_redirect.__all__
__all__ += others.__all__
__all__ += security_association.__all__
__all__ += traffic_selectors.__all__


#: The message that takes all of the octets; DecodeError says where and why not.  With `lenient`, a
#: payload or attribute that does not parse becomes a Malformed that keeps its octets.
decode = IkeMessage.decode


def from_dict(data: Mapping[str, Any]) -> IkeMessage:
    """The message of a JSON form; DecodeError with path for anything else."""
    return IkeMessage.from_dict(data)
