"""How values are chosen: any that encode, or those that the documents know and the rules allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...schema import Unknown
from ...schema.rules import AllOf, AnyOf, AtMost, Bit, Equal, FieldRule, Includes, Not, Rule

__all__ = ["ANY", "Style"]


class Style:
    """What the values of a message are to be like.

    `known`: codes that have a name, texts and names of the usual form, reserved fields as they have
    to be.  By `rules` elements are left out that have no place where they would stand.
    """

    def __init__(self, *, known: bool = False, rules: tuple[Rule | FieldRule, ...] = ()) -> None:
        self.known, self.rules = known, rules
        self._barring: dict[type, list[Rule]] = {}

    def __repr__(self) -> str:
        # Hypothesis writes out the arguments of strategies, and there are hundreds of rows.
        return f"Style(known={self.known}, rules=({len(self.rules)}))"

    def elements(
        self, container: type, values: dict[str, Any], classes: Iterable[Any]
    ) -> list[Any]:
        """The classes that may stand in a container whose fields so far are `values`."""
        if not self.known:
            return list(classes)
        barred = [
            row
            for row in self._barring_from(container)
            if all(_holds(condition, values) for condition in row.conditions)
        ]
        return [
            cls
            for cls in classes
            if not issubclass(cls, Unknown) and not any(issubclass(cls, r.element) for r in barred)
        ]

    def _barring_from(self, container: type) -> list[Rule]:
        """The rows that bar an element from a container by what it is, and by nothing else."""
        if container not in self._barring:
            self._barring[container] = [
                row
                for row in self.rules
                if isinstance(row, Rule)
                and row.most == 0
                and row.where is None
                and not row.inside
                and not row.outside
                and issubclass(container, row.container)
            ]
        return self._barring[container]


#: Whatever encodes.
ANY = Style()


def _holds(condition: Any, values: dict[str, Any]) -> bool | None:
    """Whether a condition holds as far as fields tell; None where it is not known yet."""
    match condition:
        case Not(inner):
            known = _holds(inner, values)
            return None if known is None else not known
        case AllOf(inners):
            each = [_holds(inner, values) for inner in inners]
            return False if False in each else None if None in each else True
        case AnyOf(inners):
            each = [_holds(inner, values) for inner in inners]
            return True if True in each else None if None in each else False
        case Bit() | Equal() | AtMost() | Includes() if condition.field in values:
            return condition.holds(_Fields(values))
    return None


class _Fields:
    """The fields of a message that is not made yet."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)
