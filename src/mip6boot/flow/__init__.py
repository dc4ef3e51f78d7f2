"""Actors of Mobile IPv6 bootstrapping, without input and output: each may be a peer of your own.

Every actor takes units (`receive`), gives units (`to_send`), says when it wants to be woken
(`next_timeout`, `handle_timeout`) and tells what happens (`events`).
"""

from __future__ import annotations

from . import (
    aaa,
    actor,
    dhcp_client,
    dhcp_lease,
    dhcp_pools,
    dhcp_relay,
    dhcp_server,
    frames,
    home_agent_choice,
    home_networks,
    network,
    retransmission,
)
from .aaa import *
from .actor import *
from .dhcp_client import *
from .dhcp_lease import *
from .dhcp_pools import *
from .dhcp_relay import *
from .dhcp_server import *
from .frames import *
from .home_agent_choice import *
from .home_networks import *
from .network import *
from .retransmission import *

__all__: list[str] = []
__all__ += aaa.__all__
__all__ += actor.__all__
__all__ += dhcp_client.__all__
__all__ += dhcp_lease.__all__
__all__ += dhcp_pools.__all__
__all__ += dhcp_relay.__all__
__all__ += dhcp_server.__all__
__all__ += frames.__all__
__all__ += home_agent_choice.__all__
__all__ += home_networks.__all__
__all__ += network.__all__
__all__ += retransmission.__all__
