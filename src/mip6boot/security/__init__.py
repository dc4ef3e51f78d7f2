"""Keys: what seals and opens IKEv2, ESP, EAP-AKA and the authenticators of Mobile IPv6."""

from __future__ import annotations

from . import (
    algorithms,
    binding_authorization,
    eap_keys,
    eap_protection,
    esp,
    fragments,
    ike_keys,
    keyring,
    milenage,
    mobility,
    replay,
    return_routability,
    sealing,
    secret,
    suites,
    wireshark,
)
from .algorithms import *
from .binding_authorization import *
from .eap_keys import *
from .eap_protection import *
from .esp import *
from .fragments import *
from .ike_keys import *
from .keyring import *
from .milenage import *
from .mobility import *
from .replay import *
from .return_routability import *
from .sealing import *
from .secret import *
from .suites import *
from .wireshark import *

__all__: list[str] = []
__all__ += algorithms.__all__
__all__ += binding_authorization.__all__
__all__ += eap_keys.__all__
__all__ += eap_protection.__all__
__all__ += esp.__all__
__all__ += fragments.__all__
__all__ += ike_keys.__all__
__all__ += keyring.__all__
__all__ += milenage.__all__
__all__ += mobility.__all__
__all__ += replay.__all__
__all__ += return_routability.__all__
__all__ += sealing.__all__
__all__ += secret.__all__
__all__ += suites.__all__
__all__ += wireshark.__all__
