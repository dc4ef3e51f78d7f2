"""Diameter actors: what every node does, and the systems of the AAA leg."""

from __future__ import annotations

from . import (
    client,
    hss,
    hss_base,
    mme,
    node,
    peer,
    proxy,
    results,
    server,
    server_session,
    server_settings,
    session_base,
    settings,
)
from .client import *
from .hss import *
from .hss_base import *
from .mme import *
from .node import *
from .peer import *
from .proxy import *
from .results import *
from .server import *
from .server_session import *
from .server_settings import *
from .session_base import *
from .settings import *

__all__: list[str] = []
__all__ += client.__all__
__all__ += hss.__all__
__all__ += hss_base.__all__
__all__ += mme.__all__
__all__ += node.__all__
__all__ += peer.__all__
__all__ += proxy.__all__
__all__ += results.__all__
__all__ += server.__all__
__all__ += server_session.__all__
__all__ += server_settings.__all__
__all__ += session_base.__all__
__all__ += settings.__all__
