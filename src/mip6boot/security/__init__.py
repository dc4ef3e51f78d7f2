"""Keys: what seals and opens IKEv2, ESP, EAP-AKA and the authenticators of Mobile IPv6.

Where to begin: `encryption` and its neighbours look up algorithms in the one table, `PRIMITIVES`;
`IkeKeys.derive` and `child_sas` make keys; `seal` and `unseal` use them on IKE messages, `EspSa` on
packets.  `signed_octets`, `sign`, `verify_signature` and `validate_chain` are about AUTH payloads
and certificates; `Milenage`, `EapKeys`, `with_mac` and `verify_mac` about EAP-AKA;
`with_authentication` and `with_binding_authorization` about Binding Updates without IPsec.
`read_tables` and `write_tables` are Wireshark's key tables.  Keys are `Secret`: no text that is
made of them shows them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import (
    algorithms,
    authentication,
    binding_authorization,
    eap_keys,
    eap_protection,
    esp,
    esp_ends,
    fragments,
    ike_keys,
    keyring,
    milenage,
    mobility,
    private_keys,
    replay,
    return_routability,
    sealing,
    secret,
    suites,
    wireshark,
)
from .algorithms import *
from .authentication import *
from .binding_authorization import *
from .eap_keys import *
from .eap_protection import *
from .esp import *
from .esp_ends import *
from .fragments import *
from .ike_keys import *
from .keyring import *
from .milenage import *
from .mobility import *
from .private_keys import *
from .replay import *
from .return_routability import *
from .sealing import *
from .secret import *
from .suites import *
from .wireshark import *

if TYPE_CHECKING:
    from .certificates import *

#: X.509 takes its time to import, and most of what is here goes without.
_OF_CERTIFICATES = ("authority_hash", "certificates_of", "load_certificates", "validate_chain")

__all__: list[str] = [*_OF_CERTIFICATES]
__all__ += algorithms.__all__
__all__ += authentication.__all__
__all__ += binding_authorization.__all__
__all__ += eap_keys.__all__
__all__ += eap_protection.__all__
__all__ += esp.__all__
__all__ += esp_ends.__all__
__all__ += fragments.__all__
__all__ += ike_keys.__all__
__all__ += keyring.__all__
__all__ += milenage.__all__
__all__ += mobility.__all__
__all__ += private_keys.__all__
__all__ += replay.__all__
__all__ += return_routability.__all__
__all__ += sealing.__all__
__all__ += secret.__all__
__all__ += suites.__all__
__all__ += wireshark.__all__


def __getattr__(name: str) -> Any:
    if name in _OF_CERTIFICATES:
        return getattr(import_module(".certificates", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
