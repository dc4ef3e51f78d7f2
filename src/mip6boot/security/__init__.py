"""Keys: what seals and opens IKEv2, ESP, EAP-AKA and the authenticators of Mobile IPv6."""

from __future__ import annotations

from . import algorithms, secret, suites
from .algorithms import *
from .secret import *
from .suites import *

__all__: list[str] = []
__all__ += algorithms.__all__
__all__ += secret.__all__
__all__ += suites.__all__
