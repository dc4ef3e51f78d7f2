"""Elements that nobody declared: unknown codes, bad bodies, options off their alignment."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import DecodeError
from .message import Message

__all__ = [
    "Malformed",
    "Unaligned",
    "Unknown",
    "keep_malformed",
    "make_malformed",
    "make_unaligned",
    "malformed_made",
]

_lock = threading.Lock()
_made = 0


class Unknown:
    """Mixin of the classes that keep the octets of codes nobody registered."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def registry_code(self) -> int: ...
        @property
        def data(self) -> bytes: ...


class Malformed:
    """Mixin of what lenient decoding puts in place of an element whose octets do not parse.

    `registry_code` is the element's code, `octets` are all its octets, header included, and
    `declared_length` is what its length field said where that ran over the fence.  `reason`, `path`
    (inside the element) and `offset` tell of the error; they do not count when two are compared.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def registry_code(self) -> int: ...
        @property
        def octets(self) -> bytes: ...
        @property
        def declared_length(self) -> int | None: ...
        @property
        def reason(self) -> str: ...
        @property
        def path(self) -> str: ...
        @property
        def offset(self) -> int: ...

    def _key(self) -> tuple[type, int, bytes]:
        return type(self), self.registry_code, self.octets

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Malformed) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> Any:
        values = (self.registry_code, self.octets, self.declared_length)
        error = (self.reason, self.path, self.offset)
        return malformed_again, (_base(type(self)), *values, *error)


class Unaligned:
    """Mixin of the mark that stands before an option which its sender did not align; no octets."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        return unaligned_again, (_base(type(self)),)


def unaligned_again(base: Any) -> Any:
    """Make the mark anew; pickle and copy call this."""
    return base.__registry__.unaligned()


def malformed_again(base: Any, *values: Any) -> Any:
    """Make a Malformed anew; pickle and copy call this."""
    return _malformed(base.__registry__, *values)


def _malformed(registry: Any, code: int, octets: bytes, *more: Any) -> Any:
    """A Malformed; the bits that its class has for all elements are read off its octets."""
    return registry.malformed(code, octets, *more, **_common_bits(registry, octets))


def _common_bits(registry: Any, octets: bytes) -> dict[str, Any]:
    """Values of the bit fields that the elements of a registry begin with, where they are there."""
    from .elements import BitGroup

    if not registry.base.__struct_fields__:
        return {}
    word = registry.base.schema.layout.steps[0].element
    # In a chain the octet in front names the next element.
    head = octets[registry.code.size if registry.chained else 0 :]
    if not isinstance(word, BitGroup) or len(head) < word.size:
        return {}
    number = int.from_bytes(head[: word.size], "big")
    return {
        member.part.name: word.value_of(member, (number & member.mask) >> member.shift)
        for member in word.members
        if not member.part.derived
    }


def keep_malformed(
    registry: Any, code: int, octets: bytes, declared: int | None, error: DecodeError
) -> Any:
    """What lenient reading puts in place of an element that does not parse.

    The first step of the error's path is the element itself, so it is left out.
    """
    global _made
    with _lock:
        _made += 1
    inside = error.path.partition(".")[2]
    return _malformed(registry, code, octets, declared, error.reason, inside, error.offset or 0)


def malformed_made() -> int:
    """How many Malformed lenient decoding has made so far, in all threads.

    The same number before and after a decoding says that there is none to look for.
    """
    return _made


def _base(cls: Any) -> Any:
    return cls.__registry__.base


def make_malformed(base: type[Message], registry: Any) -> Any:
    """The Malformed class of a registry: one of its base, so that types hold."""
    fields: list[Any] = [
        ("registry_code", int),
        ("octets", bytes),
        ("declared_length", int | None, None),
        ("reason", str, ""),
        ("path", str, ""),
        ("offset", int, 0),
    ]
    cls = _declared(f"Malformed{base.__name__}", fields, (base, Malformed), Malformed, registry)
    cls.__doc__ = f"A {registry.what} that does not parse; lenient decoding keeps its octets."
    cls.__encode__ = lambda self, level: bytes(self.octets)
    cls.__to_dict__ = _malformed_to_dict
    cls.__from_dict__ = classmethod(_malformed_from_dict)
    return cls


def make_unaligned(base: type[Message], registry: Any) -> Any:
    """The Unaligned class of a registry."""
    cls = _declared(f"Unaligned{base.__name__}", [], (base, Unaligned), Unaligned, registry)
    cls.__doc__ = f"Stands before a {registry.what} that is off its alignment."
    cls.__encode__ = lambda self, level: b""
    cls.__to_dict__ = lambda self, level: {"type": type(self).__name__}
    cls.__from_dict__ = classmethod(lambda cls, data, level: cls())
    return cls


def _declared(name: str, fields: list[Any], bases: Any, mixin: Any, registry: Any) -> Any:
    from .registry import Registration

    # The struct machinery writes its own versions of these unless the class body has them.
    kept = {k: v for k, v in vars(mixin).items() if k in ("__eq__", "__hash__", "__reduce__")}
    cls: Any = msgspec.defstruct(
        name,
        fields,
        bases=bases,
        module=bases[0].__module__,
        namespace=kept,
        frozen=True,
        gc=False,
        kw_only=False,
    )
    cls.__registration__ = Registration(registry, (), (1, 0), (1, 0), "")
    return cls


def _malformed_to_dict(self: Any, level: int) -> dict[str, Any]:
    return {
        "type": type(self).__name__,
        "registry_code": self.registry_code,
        "octets": self.octets.hex(),
        "declared_length": self.declared_length,
    }


def _malformed_from_dict(cls: Any, data: Any, level: int) -> Any:
    from .elements.integers import integer_from_json
    from .elements.octets import octets_from_json

    unknown = set(data) - {"type", "registry_code", "octets", "declared_length"}
    if unknown:
        raise DecodeError("not a field", min(unknown))
    for name in ("registry_code", "octets"):
        if name not in data:
            raise DecodeError("missing", name)
    declared = data.get("declared_length")
    return _malformed(
        cls.__registration__.registry,
        integer_from_json(data["registry_code"]),
        octets_from_json(data["octets"]),
        None if declared is None else integer_from_json(declared),
    )
