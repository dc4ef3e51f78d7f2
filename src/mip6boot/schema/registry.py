"""Registries: code -> class, open to everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from ..errors import DecodeError, EncodeError
from .element import needs, short
from .fallback import make_malformed, make_unaligned
from .limits import MAX_LEVEL
from .message import Message, OctetString
from .padding import Padding
from .second import SecondCode, code_of_key, key_of, second_of_key

if TYPE_CHECKING:
    from .compiler.codec import Family

__all__ = ["Chooser", "Registration", "Registry", "Split"]

M = TypeVar("M", bound=Message)
C = TypeVar("C", bound=type[Message])


class Registration(msgspec.Struct, frozen=True):
    """What `register` says of a class."""

    registry: Any
    codes: tuple[int, ...]
    align: tuple[int, int] | Callable[[Any], tuple[int, int]]
    length_rule: tuple[int, int]
    rfc: str


class Split(msgspec.Struct):
    """A code that a second code tells apart; `other` stands for second codes without a class."""

    at: int
    size: int
    classes: dict[int, type[Message]]
    other: type[Message] | None = None

    def choose(self, octets: bytes, pos: int, end: int) -> type[Message] | None:
        """The class of the element whose own octets begin at `pos`."""
        at = pos + self.at
        if at + self.size > end:
            raise needs(self.size, end - at, "", min(at, end))
        return self.classes.get(int.from_bytes(octets[at : at + self.size], "big"), self.other)


class Registry(Generic[M]):
    """The classes of one space of codes.

    With `length` the elements stand in lists as code, length, body (see `OptionList`); without it
    they are messages that carry their code themselves, at octet `at`.  `length_rule` (unit, bias)
    says how many octets follow the length field: value * unit + bias.

    `headed`: the elements of a list carry its header in their own layout, because more stands in it
    than code and length; `code_mask` are the bits of the code, `length_mask` those of the length,
    and `multiple` is what elements are filled up to without being counted.  `chained`: each element
    says the code of the next one (see `Chain`).

    `second`: a class is registered under two codes, or under one where the second one may be
    missing.
    """

    def __init__(
        self,
        base: type[M],
        what: str,
        *,
        code: Any,
        length: Any = None,
        at: int = 0,
        length_rule: tuple[int, int] = (1, 0),
        pad1: int | None = None,
        padn: int | None = None,
        headed: bool = False,
        code_mask: int | None = None,
        length_mask: int | None = None,
        multiple: int = 1,
        chained: bool = False,
        second: SecondCode | None = None,
        parent: Registry[M] | None = None,
    ) -> None:
        from .elements import leaf_of

        self.headed, self.code_mask, self.chained = headed, code_mask, chained
        self.length_mask, self.multiple, self.second = length_mask, multiple, second
        self.base, self.what, self.at, self.length_rule = base, what, at, length_rule
        self.code = leaf_of(code)
        self.length = None if length is None else leaf_of(length)
        self.pad1, self.padn, self.parent = pad1, padn, parent
        self.classes: dict[int, Any] = {}
        self.names: dict[str, type[M]] = {}
        #: Code octets -> class, for the codes of a single class: the quick way of `decode`.
        self._usual: dict[bytes, Any] = {}
        self._code_end = at + self.code.size
        #: What the compiler wrote for this registry alone.
        self.families: dict[Any, Any] = {}
        self._padding: Padding | None = None
        self._listeners: list[Callable[[], None]] = []
        if parent is None:
            base.__registry__ = self
            self.unknown_class: type[M] | None = None
            #: By second code, for those with an unknown class of their own.
            self.other_unknown: dict[int | None, type[M]] = {}
            self.malformed: type[Any] = make_malformed(base, self)
            self.unaligned: type[Any] = make_unaligned(base, self)
            for cls in (self.malformed, self.unaligned):
                self.names[cls.__name__] = cls
        else:
            self.unknown_class, self.malformed = parent.unknown_class, parent.malformed
            self.other_unknown, self.unaligned = parent.other_unknown, parent.unaligned

    def code_of(self, word: int) -> int:
        """The code in the first word of a header."""
        return word if self.code_mask is None else word & self.code_mask

    def length_of(self, word: int) -> int:
        """The length in the second word of a header."""
        return word if self.length_mask is None else word & self.length_mask

    def extent(self, length: int, unit: int, bias: int) -> int:
        """Octets of an element behind its length field, what fills it up included."""
        octets = length * unit + bias
        return octets + -octets % self.multiple

    def key_at(self, code: int, octets: bytes, pos: int) -> int:
        """What `get` takes for the element at `pos`: its code, with the second one if there is."""
        return code if self.second is None else key_of(code, self.second.read(octets, pos))

    @property
    def padding(self) -> Padding:
        """What is written between options for alignment."""
        if self._padding is None:
            self._padding = Padding(self)
        return self._padding

    # -- declaring ----------------------------------------------------------------------------
    def register(
        self,
        *codes: int,
        align: tuple[int, int] | Callable[[Any], tuple[int, int]] = (1, 0),
        length: tuple[int, int] | None = None,
        rfc: str = "",
    ) -> Callable[[C], C]:
        """Decorator: the class stands for the code, or for the second code of a split code.

        A class registered under a split code alone stands for the second codes without a class.
        """

        def add(cls: C) -> C:
            self._of_base(cls)
            if length is not None and self.pad1 is None:
                raise TypeError(
                    f"{cls.__name__}: only a registry with padding has length rules of its classes"
                )
            if length is not None and length[1] < min(self.length_rule[1], 0):
                raise ValueError(
                    f"{cls.__name__}: a length rule may not end before the body begins"
                )
            self._put(codes, cls)
            cls.__registration__ = Registration(self, codes, align, length or self.length_rule, rfc)
            cls.__check_layout__()
            self.names[cls.__name__] = cast("type[M]", cls)
            self._changed()
            return cls

        return add

    def unknown(self, cls: C) -> C:
        """Decorator: the class keeps the elements whose code nobody registered."""
        self.unknown_class = self._keeping(cls)
        return cls

    def unknown_with(self, second: int | None) -> Callable[[C], C]:
        """Decorator: the class keeps those with such a second code; None for those without one."""

        def add(cls: C) -> C:
            self.other_unknown[second] = self._keeping(cls)
            return cls

        return add

    def _keeping(self, cls: Any) -> type[M]:
        self._of_base(cls)
        cls.__registration__ = Registration(self, (), (1, 0), self.length_rule, "")
        cls.__check_layout__()
        self.names[cls.__name__] = cls
        return cls  # type: ignore[no-any-return]

    def _of_base(self, cls: Any) -> None:
        if not issubclass(cls, self.base):
            raise TypeError(f"{cls.__name__} is not a {self.base.__name__}")

    def split(self, code_value: int, *, at: int, code: Any) -> None:
        """Tell the classes of `code_value` apart by a second code at octet `at`."""
        from .elements import leaf_of

        self.classes[code_value] = Split(at, leaf_of(code).size, {})
        self._changed()

    def child(self) -> Registry[M]:
        """A registry of one's own that falls back on this one: `decode(octets, registry=mine)`."""
        return Registry(
            self.base,
            self.what,
            code=self.code,
            length=self.length,
            at=self.at,
            length_rule=self.length_rule,
            pad1=self.pad1,
            padn=self.padn,
            headed=self.headed,
            code_mask=self.code_mask,
            length_mask=self.length_mask,
            multiple=self.multiple,
            chained=self.chained,
            second=self.second,
            parent=self,
        )

    def _put(self, codes: tuple[int, ...], cls: Any) -> None:
        if self.second is not None:
            key = key_of(codes[0], codes[1] if len(codes) == 2 else None)
            self._free(self.classes.get(key), codes, cls)
            self.classes[key] = cls
            return
        split = self.get(codes[0])
        if len(codes) == 2 and not isinstance(split, Split):
            raise TypeError(f"{self.what} {codes[0]} is not split")
        if isinstance(split, Split):
            self._put_split(self._own_split(codes[0], split), codes, cls)
            return
        self._free(self.classes.get(codes[0]), codes, cls)
        self.classes[codes[0]] = cls
        self._usual[codes[0].to_bytes(self.code.size, "big")] = cls

    def _own_split(self, code: int, split: Split) -> Split:
        """The split of a code in this registry; a child begins with what its parent has."""
        if code not in self.classes:
            self.classes[code] = Split(split.at, split.size, dict(split.classes), split.other)
        return self.classes[code]  # type: ignore[no-any-return]

    def _put_split(self, split: Split, codes: tuple[int, ...], cls: Any) -> None:
        old = split.other if len(codes) == 1 else split.classes.get(codes[1])
        self._free(None if self.parent else old, codes, cls)
        if len(codes) == 1:
            split.other = cls
        else:
            split.classes[codes[1]] = cls

    def _free(self, old: Any, codes: tuple[int, ...], cls: Any) -> None:
        """ValueError where another class has the place; the same one may be declared again."""
        if old is not None and (old.__module__, old.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise ValueError(
                f"{self.what} {codes[-1]} is {old.__module__}.{old.__qualname__} already,"
                f" so {cls.__module__}.{cls.__qualname__} cannot take it"
            )

    def listen(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when a class is added, here or in the registry behind."""
        self._listeners.append(tell)
        if self.parent is not None:
            self.parent.listen(tell)

    def _changed(self) -> None:
        for tell in self._listeners:
            tell()

    # -- looking up ---------------------------------------------------------------------------
    def get(self, code: int) -> Any:
        """The class (or split) of a code; None where nobody registered one.

        Where there are second codes, `key_of` makes one number of both.
        """
        found = self.classes.get(code)
        return self.parent.get(code) if found is None and self.parent is not None else found

    def __iter__(self) -> Iterator[type[M]]:
        """Every registered class, in order of codes, the unknown class last."""
        if self.parent is not None:
            yield from self.parent
        for code in sorted(self.classes):
            entry = self.classes[code]
            if isinstance(entry, Split):
                yield from (entry.classes[c] for c in sorted(entry.classes))  # type: ignore[misc]
                if entry.other is not None:
                    yield entry.other  # type: ignore[misc]
            else:
                yield entry
        if self.parent is None:
            yield from self.other_unknown.values()
            if self.unknown_class is not None:
                yield self.unknown_class

    def codes(self) -> frozenset[int]:
        """The codes that have a class, with any second code."""
        own = frozenset(map(code_of_key, self.classes))
        return own | (self.parent.codes() if self.parent else frozenset())

    def overlaid(self, overlay: Any) -> Registry[M]:
        """`overlay` where it is a child of this registry, else this one."""
        place = overlay
        while isinstance(place, Registry):
            if place is self:
                return overlay  # type: ignore[no-any-return]
            place = place.parent
        return self

    def check(self, cls: Any) -> None:
        """EncodeError where objects of the class are no elements of this registry."""
        if not issubclass(cls, self.base) or cls.__registration__ is None:
            raise EncodeError(f"a {cls.__name__} is not a {self.what}")

    def unknown_or_fail(self, code: int, pos: int) -> type[M]:
        """The class for codes that nobody registered, in the form that `get` takes."""
        found = self.unknown_class
        if self.other_unknown:
            found = self.other_unknown.get(second_of_key(code), found)
        if found is None:
            raise DecodeError(f"{self.what} {code} is not known", "", pos)
        return found

    # -- messages that carry their code themselves --------------------------------------------
    def choose(self, octets: bytes, pos: int, end: int) -> type[M]:
        """The class of the message at `pos`."""
        at, size = pos + self.at, self.code.size
        if at + size > end:
            raise needs(size, end - at, "", min(at, end))
        code = int.from_bytes(octets[at : at + size], "big")
        return self.class_of(self.key_at(code, octets, pos), octets, pos, end)

    def class_of(self, code: int, octets: bytes, pos: int, end: int) -> type[M]:
        """The class for a code; a second code is looked up in the element's octets at `pos`."""
        entry = self.get(code)
        if isinstance(entry, Split):
            entry = entry.choose(octets, pos, end)
        return entry or self.unknown_or_fail(code, pos + self.at)

    def chooser(self, family: Family, kind: str = "exact") -> Chooser:
        """What finds the decoder of the message at a position."""
        return Chooser(self, family, kind)

    def decode(
        self, octets: OctetString, *, lenient: bool = False, registry: Registry[Any] | None = None
    ) -> M:
        """The message that takes all of `octets`; DecodeError says where and why not."""
        if type(octets) is bytes and not lenient and registry is None:
            usual = self._usual.get(octets[self.at : self._code_end])
            if usual is not None:
                return usual.__decode__(octets, 0, len(octets), 1)  # type: ignore[no-any-return]
        raw = octets if type(octets) is bytes else bytes(memoryview(octets))
        cls = (self if registry is None else self.overlaid(registry)).choose(raw, 0, len(raw))
        return cls.decode(raw, lenient=lenient, registry=registry)

    # -- JSON ---------------------------------------------------------------------------------
    def from_dict(self, data: Any, level: int = 1) -> M:
        """The element of a JSON form, its class named by `"type"`."""
        if not isinstance(data, dict):
            raise DecodeError(f"{short(data)} where an object is expected")
        if level > MAX_LEVEL:
            raise DecodeError(f"nested deeper than {MAX_LEVEL} elements")
        name = data.get("type")
        cls = self._named(name) if isinstance(name, str) else None
        if cls is None:
            raise DecodeError(f"{short(name)} is not a {self.what}", "type")
        return cls.__from_dict__(data, level)

    def _named(self, name: str) -> type[M] | None:
        found = self.names.get(name)
        return self.parent._named(name) if found is None and self.parent is not None else found


class Chooser:
    """Finds the decoder of a message that carries its code itself."""

    def __init__(self, registry: Registry[Any], family: Family, kind: str) -> None:
        self.registry, self.family, self.kind = registry, family, kind
        #: Code -> decoder, for the codes of a single class.
        self.usual: dict[int, Any] = {}
        registry.listen(self.usual.clear)

    def choose(self, octets: bytes, pos: int, end: int) -> Any:
        """The decoder; DecodeError where the octets end before the code."""
        cls = self.registry.choose(octets, pos, end)
        decoder = self.family.decoder(cls, self.kind)
        code = octets[pos + self.registry.at]
        if self.registry.get(code) is cls and self.registry.code.size == 1:
            self.usual[code] = decoder
        return decoder
