"""Mobility options, one module a family."""

from __future__ import annotations

from . import (
    access_network,
    base,
    codes,
    control,
    fast_handover,
    flows,
    identity,
    ipv4,
    multicast,
    proxy,
    quality,
    redirect,
    rfc6275,
    route_optimization,
    service,
    traffic_selectors,
)

__all__ = [
    "access_network",
    "base",
    "codes",
    "control",
    "fast_handover",
    "flows",
    "identity",
    "ipv4",
    "multicast",
    "proxy",
    "quality",
    "redirect",
    "rfc6275",
    "route_optimization",
    "service",
    "traffic_selectors",
]
