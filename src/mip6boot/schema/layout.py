"""From annotations to a layout: which elements stand on the wire, in which order."""

from __future__ import annotations

import inspect
import typing
from typing import Any, ClassVar

import construct as cs

from .element import Element
from .elements import (
    BitGroup,
    CountOf,
    Derived,
    FrameLength,
    FromNext,
    FromRegistry,
    Items,
    LengthOf,
    OptionList,
    Telling,
)
from .elements.foreign import element_of

__all__ = ["Layout", "Part", "check_names", "derived_names"]

#: Methods and marks of every message; a field of such a name would hide them.
RESERVED = frozenset(
    [
        "decode",
        "decode_prefix",
        "encode",
        "replace",
        "find",
        "find_all",
        "schema",
        "to_dict",
        "from_dict",
        "registry_code",
        "type",  # In the JSON form it names the class.
    ]
)


class Part:
    """One field of the figure: its name, its element, and whether the object has it."""

    __slots__ = ("derived", "element", "hint", "name")

    def __init__(self, name: str, element: Element, *, derived: bool, hint: Any) -> None:
        self.name, self.element, self.derived, self.hint = name, element, derived, hint


class Layout:
    """The parts of a message class in wire order.

    `steps` are the parts with neighbouring bit fields joined to words.  `lengths` and `tellers`
    name, for a field, the derived part that fences it or tells it how to read itself.
    """

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.parts = _parts(cls)
        self.lengths: dict[str, Part] = {}
        self.tellers: dict[str, Part] = {}
        self.frame: Part | None = None
        self.fields = {p.name: p for p in self.parts if not p.derived}
        self._resolve()
        self.steps = _joined([p for p in self.parts if not isinstance(p.element, FromRegistry)])
        self._check()
        self.arguments = _arguments(cls)

    def _resolve(self) -> None:
        """Bind lengths and counts to the fields that they speak of."""
        names = [p.name for p in self.parts]
        for part in self.parts:
            element = part.element
            if isinstance(element, FrameLength):
                if self.frame is not None:
                    raise self._wrong(part, "there is a second FrameLength")
                self.frame = part
            if isinstance(element, (LengthOf, Telling)):
                if element.target not in names[names.index(part.name) + 1 :]:
                    raise self._wrong(part, f"no later field is called {element.target}")
                known = self.lengths if isinstance(element, LengthOf) else self.tellers
                known[element.target] = part
            needed = element.needs
            if needed and needed not in names[: names.index(part.name)]:
                raise self._wrong(part, f"no earlier field is called {needed}")
        for name, teller in self.tellers.items():
            if isinstance(teller.element, CountOf):
                target = self.fields[name]
                if not isinstance(target.element, Items):
                    raise self._wrong(target, "only Items can be counted")
                target.element = target.element.with_count()

    def _check(self) -> None:
        """Refuse what could not be read: something behind a field that takes all."""
        for part in self.steps[:-1]:
            if part.element.greedy and part.name not in self.lengths:
                raise self._wrong(
                    part, "it takes all octets, so it must be last or have a LengthOf"
                )
        if self.frame is not None:
            before = self.steps[
                : next(i for i, s in enumerate(self.steps) if self.frame in _members(s))
            ]
            if any(step.element.size is None for step in before):
                raise self._wrong(self.frame, "a FrameLength stands behind fields of fixed size")
        for part in self.steps:
            if isinstance(part.element, OptionList):
                self._check_list(part)

    def _check_list(self, part: Part) -> None:
        element: Any = part.element
        if element.multiple > 1:
            unit = self.frame.element.unit if self.frame else 1  # type: ignore[attr-defined]
            if unit % element.multiple or part is not self.steps[-1]:
                raise self._wrong(
                    part, "multiple needs a FrameLength with such a unit, and the last place"
                )

    def _wrong(self, part: Part, why: str) -> TypeError:
        return TypeError(f"{self.cls.__name__}.{part.name}: {why}")

    @property
    def greedy(self) -> bool:
        """The message has no end of its own."""
        if self.frame is not None or not self.steps:
            return False
        last = self.steps[-1]
        return last.element.greedy and last.name not in self.lengths

    @property
    def outer(self) -> list[str]:
        """Fields that the list around knows: the decoder is told the code, or what follows."""
        return [
            name
            for name, part in self.fields.items()
            if isinstance(part.element, FromRegistry)
            and (isinstance(part.element, FromNext) or not self.code_in_body)
        ]

    @property
    def ends_chain(self) -> bool:
        """What a chain says behind an element of the class belongs to the element."""
        return any(isinstance(part.element, FromNext) for part in self.parts)

    @property
    def code_in_body(self) -> bool:
        """An unknown element whose code is one of its own fields on the wire."""
        from .elements import Code

        return any(isinstance(p.element, Code) and p.element.level == 0 for p in self.parts)


def check_names(cls: Any) -> None:
    """Refuse fields that hide a method; cheap enough for registration time."""
    for name in cls.__struct_fields__:
        if name in RESERVED - {"registry_code"} or name.startswith("_"):
            raise TypeError(f"{cls.__name__}.{name}: the name is reserved")


def derived_names(cls: Any) -> list[str]:
    """Names that the class body annotates as ClassVar and gives no value: its derived fields.

    Annotations may still be text here, so that is all that can be seen of them.
    """
    namespace = cls.__dict__
    return [
        name
        for name, hint in namespace.get("__annotations__", {}).items()
        if name not in namespace
        and (
            hint.startswith(("ClassVar[", "typing.ClassVar[", "t.ClassVar["))
            if isinstance(hint, str)
            else typing.get_origin(hint) is ClassVar
        )
    ]


def _parts(cls: Any) -> list[Part]:
    check_names(cls)
    parts = []
    for name, hint in _hints(cls).items():
        is_field = name in cls.__struct_fields__
        if typing.get_origin(hint) is ClassVar:
            hint = (typing.get_args(hint) or (None,))[0]
        metadata = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, cs.Construct)]
        if not metadata:
            if is_field:
                raise TypeError(f"{cls.__name__}.{name}: the annotation has no wire type")
            continue
        element = element_of(metadata[-1])
        derived = isinstance(element, Derived)
        if derived is is_field:
            raise TypeError(
                f"{cls.__name__}.{name}: a derived field is a ClassVar, and only a derived one is"
            )
        python_type = typing.get_args(hint)[0]
        if not derived:
            element = element.for_type(python_type)
        parts.append(Part(name, element, derived=derived, hint=python_type))
    return parts


def _hints(cls: Any) -> dict[str, Any]:
    """Annotations of a class and its bases, base first; a field declared anew keeps its place."""
    from .message import Message

    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, Message) and base is not Message:
            try:
                hints.update(inspect.get_annotations(base, eval_str=True))
            except NameError as e:
                raise TypeError(f"{base.__name__}: an annotation cannot be resolved: {e}") from None
    return hints


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbouring bit fields as one step, cut where they fill whole octets."""
    steps: list[Part] = []
    word: list[Part] = []
    bits = 0
    for part in parts:
        if part.element.bits is None:
            if word:
                raise TypeError(f"the bits up to {word[-1].name} do not fill whole octets")
            steps.append(part)
            continue
        word.append(part)
        bits += part.element.bits
        if bits % 8 == 0 and _closes(word, parts):
            steps.append(_group(word))
            word, bits = [], 0
    if word:
        steps.append(_group(word))
    return steps


def _closes(word: list[Part], parts: list[Part]) -> bool:
    """A word ends with its octets, unless flags inside speak of a longer one."""
    from .elements import Flags

    after = parts[parts.index(word[-1]) + 1 :]
    following = after[0].element.bits if after else None
    if following is None:
        return True
    total, top = sum(p.element.bits or 0 for p in word), 0
    at = 0
    for part in word:
        at += part.element.bits or 0
        if isinstance(part.element, Flags):
            top = max(top, part.element.named.bit_length() + at - (part.element.bits or 0))
    return total >= top


def _group(word: list[Part]) -> Part:
    return Part("|".join(p.name for p in word), BitGroup(word), derived=False, hint=None)


def _members(step: Part) -> list[Part]:
    if isinstance(step.element, BitGroup):
        return [m.part for m in step.element.members]
    return [step]


def _arguments(cls: Any) -> tuple[list[str], list[str]]:
    """Fields that a call may give by position, and those it must name."""
    positional = list(cls.__match_args__)
    return positional, [n for n in cls.__struct_fields__ if n not in positional]
