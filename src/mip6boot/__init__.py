"""mip6boot speaks Mobile IPv6 bootstrapping: every message, typed, octet for octet.

Rooms: `mipv6` (Mobility Header), `dhcpv6`, `ikev2`, `diameter`, `eap`, `ip` (headers below),
`security` (keys), `packets` (frames), `capture` (files), `flow` (actors), `strategies`
(Hypothesis), `schema` (declare your own), `errors`.  They are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    CaptureError,
    ConfigError,
    DecodeError,
    EncodeError,
    IntegrityError,
    Mip6bootError,
    UnknownSa,
)

if TYPE_CHECKING:
    from . import (
        capture,
        dhcpv6,
        diameter,
        eap,
        errors,
        flow,
        ikev2,
        ip,
        mipv6,
        packets,
        schema,
        security,
        strategies,
    )

__version__ = "0.1.0"

_ROOMS = (
    "capture",
    "dhcpv6",
    "diameter",
    "eap",
    "errors",
    "flow",
    "ikev2",
    "ip",
    "mipv6",
    "packets",
    "schema",
    "security",
    "strategies",
)

__all__ = [
    "CaptureError",
    "ConfigError",
    "DecodeError",
    "EncodeError",
    "IntegrityError",
    "Mip6bootError",
    "UnknownSa",
    "__version__",
    "capture",
    "dhcpv6",
    "diameter",
    "eap",
    "errors",
    "flow",
    "ikev2",
    "ip",
    "mipv6",
    "packets",
    "schema",
    "security",
    "strategies",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
