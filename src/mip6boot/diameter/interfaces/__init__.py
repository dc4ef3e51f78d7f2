"""What each interface sends, typed: a class for each message, with exactly its AVPs.

>>> from mip6boot.diameter import interfaces
>>> request = interfaces.s6a.Clr(
...     session_id="hss;1;1", origin_host="hss", origin_realm="home", user_name="001010000000001",
...     destination_host="mme", destination_realm="home", cancellation_type=2,
... )
>>> message = request.message(hop_by_hop_id=7, end_to_end_id=9)
>>> [type(avp).__name__ for avp in message.avps][:2]
['SessionId', 'VendorSpecificApplicationId']
>>> interfaces.s6a.Clr.of(message) == request
True
"""

from __future__ import annotations

from . import base, common, groups, s6a, s6b, session, sta, swm, swx, typed
from .common import *
from .groups import *
from .typed import *

__all__ = ["base", "s6a", "s6b", "session", "sta", "swm", "swx"]
__all__ += common.__all__
__all__ += groups.__all__
__all__ += typed.__all__
