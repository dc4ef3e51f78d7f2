"""IKEv2: initiator and responder of IKE SAs and child SAs (RFC 7296, RFC 4877, RFC 5026).

`IkeInitiator` and `IkeResponder` are actors; `Settings` say who they are, whom they believe and
which algorithms they know.  What both have in common is `End`, with an `IkeSa` for each IKE SA and
a `Session` for what outlives its rekeying.
"""

from __future__ import annotations

from . import (
    addresses,
    admission,
    credentials,
    end,
    initiator,
    initiator_authentication,
    proposals,
    responder,
    sa,
    selectors,
    settings,
)
from .addresses import *
from .admission import *
from .credentials import *
from .end import *
from .initiator import *
from .initiator_authentication import *
from .proposals import *
from .responder import *
from .sa import *
from .selectors import *
from .settings import *

__all__: list[str] = []
__all__ += addresses.__all__
__all__ += admission.__all__
__all__ += credentials.__all__
__all__ += end.__all__
__all__ += initiator.__all__
__all__ += initiator_authentication.__all__
__all__ += proposals.__all__
__all__ += responder.__all__
__all__ += sa.__all__
__all__ += selectors.__all__
__all__ += settings.__all__
