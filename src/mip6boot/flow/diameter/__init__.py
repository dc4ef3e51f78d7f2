"""Diameter actors: what every node does, and the systems of the AAA leg."""

from __future__ import annotations

from . import client, node, peer, proxy, settings
from .client import *
from .node import *
from .peer import *
from .proxy import *
from .settings import *

__all__: list[str] = []
__all__ += client.__all__
__all__ += node.__all__
__all__ += peer.__all__
__all__ += proxy.__all__
__all__ += settings.__all__
