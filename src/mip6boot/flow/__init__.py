"""Actors of Mobile IPv6 bootstrapping, without input and output: each may be a peer of your own.

Every actor takes units (`receive`), gives units (`to_send`), says when it wants to be woken
(`next_timeout`, `handle_timeout`) and tells what happens (`events`).
"""

from __future__ import annotations

from . import aaa, actor, ike, retransmission
from .aaa import *
from .actor import *
from .retransmission import *

#: IKEv2 has names of its own: `flow.ike.Settings`.
__all__: list[str] = ["ike"]
__all__ += aaa.__all__
__all__ += actor.__all__
__all__ += retransmission.__all__
