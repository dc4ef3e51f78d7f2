"""Keys: what seals and opens IKEv2, ESP, EAP-AKA and the authenticators of Mobile IPv6."""

from __future__ import annotations

from . import (
    algorithms,
    esp,
    fragments,
    ike_keys,
    keyring,
    replay,
    sealing,
    secret,
    suites,
    wireshark,
)
from .algorithms import *
from .esp import *
from .fragments import *
from .ike_keys import *
from .keyring import *
from .replay import *
from .sealing import *
from .secret import *
from .suites import *
from .wireshark import *

__all__: list[str] = []
__all__ += algorithms.__all__
__all__ += esp.__all__
__all__ += fragments.__all__
__all__ += ike_keys.__all__
__all__ += keyring.__all__
__all__ += replay.__all__
__all__ += sealing.__all__
__all__ += secret.__all__
__all__ += suites.__all__
__all__ += wireshark.__all__
