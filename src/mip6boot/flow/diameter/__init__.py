"""Diameter actors: what every node does, and the systems of the AAA leg."""

from __future__ import annotations

from . import node, peer, settings
from .node import *
from .peer import *
from .settings import *

__all__: list[str] = []
__all__ += node.__all__
__all__ += peer.__all__
__all__ += settings.__all__
