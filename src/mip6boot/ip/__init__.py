"""IP headers as far as Mobile IPv6 meets them; what a header carries stays octets.

IPv6 with its extension headers (Home Address option, type 2 routing header, fragments), IPv4, UDP,
TCP, ICMPv6 with Neighbor Discovery and the four messages of RFC 6275, and the framing of ESP and
AH.  The room `packets` chains them.
"""

from __future__ import annotations

from . import extension, headers, icmpv6, nd, nd_options, numbers, pseudo
from .extension import *
from .headers import *
from .icmpv6 import *
from .nd import *
from .nd_options import *
from .numbers import *
from .pseudo import *

__all__: list[str] = []
__all__ += extension.__all__
__all__ += headers.__all__
__all__ += icmpv6.__all__
__all__ += nd.__all__
__all__ += nd_options.__all__
__all__ += numbers.__all__
__all__ += pseudo.__all__
