"""Keys: what seals and opens IKEv2, ESP, EAP-AKA and the authenticators of Mobile IPv6."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import algorithms, authentication, private_keys, secret, suites
from .algorithms import *
from .authentication import *
from .private_keys import *
from .secret import *
from .suites import *

if TYPE_CHECKING:
    from .certificates import *

#: X.509 takes its time to import, and most of what is here goes without.
_OF_CERTIFICATES = ("authority_hash", "certificates_of", "load_certificates", "validate")

__all__: list[str] = [*_OF_CERTIFICATES]
__all__ += algorithms.__all__
__all__ += authentication.__all__
__all__ += private_keys.__all__
__all__ += secret.__all__
__all__ += suites.__all__


def __getattr__(name: str) -> Any:
    if name in _OF_CERTIFICATES:
        return getattr(import_module(".certificates", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
