"""Actors of Mobile IPv6 bootstrapping, without input and output: each may be a peer of your own.

Every actor takes units (`receive`), gives units (`to_send`), says when it wants to be woken
(`next_timeout`, `handle_timeout`) and tells what happens (`events`).
"""

from __future__ import annotations

from . import (
    aaa,
    actor,
    binding_cache,
    binding_updates,
    home_binding,
    home_policy,
    home_registration,
    mobile_node,
    mobility_checks,
    mobility_end,
    mobility_packets,
    neighbours,
    registration,
    retransmission,
    router,
    slaac_host,
)
from .aaa import *
from .actor import *
from .binding_cache import *
from .binding_updates import *
from .home_binding import *
from .home_policy import *
from .home_registration import *
from .mobile_node import *
from .mobility_checks import *
from .mobility_end import *
from .mobility_packets import *
from .neighbours import *
from .registration import *
from .retransmission import *
from .router import *
from .slaac_host import *

__all__: list[str] = []
__all__ += aaa.__all__
__all__ += actor.__all__
__all__ += retransmission.__all__
__all__ += binding_cache.__all__
__all__ += home_binding.__all__
__all__ += home_registration.__all__
__all__ += mobile_node.__all__
__all__ += mobility_checks.__all__
__all__ += mobility_packets.__all__
__all__ += neighbours.__all__
__all__ += router.__all__
__all__ += slaac_host.__all__
__all__ += registration.__all__
__all__ += home_policy.__all__
__all__ += mobility_end.__all__
__all__ += binding_updates.__all__
