"""Mobility messages, one module a family."""

from __future__ import annotations

from . import binding, codes, fast_handover, proxy, return_routability

__all__ = ["binding", "codes", "fast_handover", "proxy", "return_routability"]
