"""Actors of Mobile IPv6 bootstrapping, without input and output: each may be a peer of your own.

Every actor takes units (`receive`), gives units (`to_send`), says when it wants to be woken
(`next_timeout`, `handle_timeout`) and tells what happens (`events`).
"""

from __future__ import annotations

from . import aaa, actor, frames, network, retransmission
from .aaa import *
from .actor import *
from .frames import *
from .network import *
from .retransmission import *

__all__: list[str] = []
__all__ += aaa.__all__
__all__ += actor.__all__
__all__ += frames.__all__
__all__ += network.__all__
__all__ += retransmission.__all__
