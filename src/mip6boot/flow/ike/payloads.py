"""Payloads found, and judged as RFC 7296 2.5 and 3.10.1 say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ikev2 import (
    Identity,
    Notify,
    NotifyPayload,
    NotifyType,
    Payload,
    UnknownPayload,
    UnsupportedCriticalPayload,
)
from ...schema import Malformed
from ..parts import find, find_all

__all__ = ["error_of", "find", "find_all", "identity_text", "notification", "objection"]

#: Below are errors (RFC 7296 3.10.1).
_STATUS = 16384


def notification(payloads: Sequence[Payload], kind: NotifyType) -> Any:
    """The first notification of a type."""
    for one in find_all(payloads, NotifyPayload):
        if getattr(one, "notify_type", None) == kind:
            return one
    return None


def error_of(payloads: Sequence[Payload]) -> NotifyType | int | None:
    """The first error that is notified; USE_ASSIGNED_HoA is none (RFC 5026 5.3.2)."""
    for one in find_all(payloads, NotifyPayload):
        kind = int(getattr(one, "notify_type", _STATUS))
        if kind < _STATUS and kind != NotifyType.USE_ASSIGNED_HOA:
            return NotifyType(kind) if kind in _KNOWN else kind
    return None


def objection(payloads: Sequence[Payload]) -> NotifyPayload | None:
    """What a request is refused with before anything else is looked at; None for nothing.

    Elements inside of a payload that do not parse, such as configuration attributes, are passed
    over; a payload that does not is the message's fault (RFC 7296 2.21.2).
    """
    for one in payloads:
        if isinstance(one, UnknownPayload) and one.critical:
            return UnsupportedCriticalPayload(payload_type=one.registry_code)
        if isinstance(one, Malformed):
            return Notify(notify_type=NotifyType.INVALID_SYNTAX)
    return None


def identity_text(identity: Identity | None) -> str:
    """An identity as one writes it; empty for none."""
    for name in ("address", "fqdn", "key_id", "der", "name", "data"):
        value = getattr(identity, name, None)
        if value is not None:
            return value.hex() if isinstance(value, bytes) else str(value)
    return ""


_KNOWN = frozenset(map(int, NotifyType))
