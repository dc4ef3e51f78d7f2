"""Which AVP may stand in which message or group, and how often: one row a rule, with its section.

Decoding refuses none of this.  The rows of messages and groups are made from `interfaces`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..schema.rules import AnyOf, Before, Equal, FieldRule, Rule, Violation, violations
from .avps.base import (
    Avp,
    IetfAvp,
    InformationalAvp,
    InformationalVendorAvp,
    MandatoryAvp,
    MandatoryVendorAvp,
    UnknownVendorAvp,
    VendorAvp,
)
from .avps.base_protocol import SessionId
from .avps.mobility import HomeLinkPrefix
from .interfaces import base, groups, s6a, s6b, session, sta, swm, swx
from .interfaces.typed import Group, Record, Typed
from .messages import DiameterMessage

__all__ = ["RULES", "check"]

_MESSAGES = [
    getattr(module, name)
    for module in (base, session, sta, swm, s6b, swx, s6a)
    for name in module.__all__
]
_GROUPS: list[type[Group]] = [getattr(groups, name) for name in groups.__all__]

#: All that are not malformed.
_AVPS = (IetfAvp, VendorAvp, UnknownVendorAvp)

#: Any of the sessions that the messages of `session` are about.
_SESSIONS = AnyOf(
    tuple(Equal("application_id", one.APPLICATION) for one in (sta.Der, swm.Der, s6b.Der))
)


def _of_message(cls: type[Typed]) -> Iterator[Rule]:
    application = Equal("application_id", cls.APPLICATION)
    shared = cls.__module__ == session.__name__
    conditions = (_SESSIONS if shared else application, Equal("is_error", False))
    yield from _of_record(cls, cls.MESSAGE, conditions)


def _of_record(cls: type[Record], container: type, conditions: tuple[Any, ...]) -> Iterator[Rule]:
    for field in cls.fields():
        if field.least or field.most is not None:
            yield Rule(
                container=container,
                element=field.avp,
                least=field.least,
                most=field.most,
                conditions=conditions,
                section=cls.SECTION,
            )


RULES: tuple[Rule | FieldRule, ...] = (
    FieldRule(container=DiameterMessage, field="version", allowed=(1,), section="6733 3"),
    FieldRule(container=DiameterMessage, field="reserved", allowed=(0,), section="6733 3"),
    FieldRule(container=DiameterMessage, field="is_error", allowed=(False,),
              conditions=(Equal("is_request", 1),), section="6733 3"),
    FieldRule(container=DiameterMessage, field="retransmitted", allowed=(False,),
              conditions=(Equal("is_request", 0),), section="6733 3"),
    Rule(container=DiameterMessage, element=SessionId, position=Before((Avp,)), section="6733 8.8"),
    FieldRule(container=(MandatoryAvp, MandatoryVendorAvp), field="mandatory", allowed=(True,),
              section="6733 4.5"),
    FieldRule(container=(InformationalAvp, InformationalVendorAvp), field="mandatory",
              allowed=(False,), section="6733 4.5"),
    FieldRule(container=_AVPS, field="protected", allowed=(False,), section="6733 4.1"),
    FieldRule(container=_AVPS, field="reserved", allowed=(0,), section="6733 4.1"),
    FieldRule(container=_AVPS, field="padding", allowed=(b"",), section="6733 4"),
    FieldRule(container=UnknownVendorAvp, field="vendor_id", forbidden=(0,), section="6733 4.1.1"),
    FieldRule(container=HomeLinkPrefix, field="prefix_length", most=128, section="5447 4.2.4"),
    *(row for cls in _MESSAGES for row in _of_message(cls)),
    *(row for cls in _GROUPS for row in _of_record(cls, cls.AVP, ())),
)  # fmt: skip


def check(message: DiameterMessage) -> list[Violation]:
    """The rules that a message breaks, in the order of the wire."""
    return violations(message, RULES)
