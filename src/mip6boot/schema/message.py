"""The base of every message, option and payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

import msgspec

from ..declared import tell
from .jsontext import writes_when_called
from .limits import ENCODE_FAULTS

if TYPE_CHECKING:
    from .registry import Registry

__all__ = ["Message", "OctetString"]

T = TypeVar("T", bound="Message")

#: What may be decoded; all but bytes are copied once.
OctetString = bytes | bytearray | memoryview


class _Derived:
    """A derived field on the class: reading it on an object computes what encoding would write."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, obj: Any, owner: Any) -> Any:
        if obj is None:
            return self
        return owner.schema.derived(obj, self.name)


class _Schema:
    """`Cls.schema`, made when it is first asked for."""

    def __get__(self, obj: Any, owner: Any) -> Any:
        from .interpreter import schema_of

        return schema_of(owner)


@dataclass_transform(frozen_default=True)
class Message(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is declared: the class body is the layout, in the order of the wire.

    Objects are immutable and compare, hash, pickle, copy and match like values.
    """

    #: The construct of the class: `parse` gives objects, `build` takes them; embeddable in others.
    schema: ClassVar[Any] = _Schema()
    #: The field that a tree shows beside the class, leaving out others that are as usual.
    __brief__: ClassVar[str] = ""
    __registry__: ClassVar[Any] = None
    __registration__: ClassVar[Any] = None
    __decode__: ClassVar[Any]
    __encode__: ClassVar[Any]
    __to_dict__: ClassVar[Any]
    __to_text__: ClassVar[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        from .compiler.codec import install
        from .layout import derived_names

        for name in derived_names(cls):
            setattr(cls, name, _Derived(name))
        install(cls)
        cls.__to_text__ = writes_when_called(cls)
        tell(cls)

    @classmethod
    def __check_layout__(cls) -> None:
        from .layout import check_names

        check_names(cls)

    @property
    def registry_code(self) -> int:
        """The code under which the class is registered; 0 for a class in no registry."""
        registration = type(self).__registration__
        return registration.codes[0] if registration and registration.codes else 0

    @classmethod
    def decode(
        cls, octets: OctetString, *, lenient: bool = False, registry: Registry[Any] | None = None
    ) -> Self:
        """The message that takes all of `octets`; DecodeError says where and why not.

        With `lenient`, an option that does not parse becomes a Malformed that keeps its octets.
        `registry` is a child of one that the layout uses, with classes of one's own.
        """
        raw = octets if type(octets) is bytes else bytes(memoryview(octets))
        if lenient or registry is not None:
            from .compiler.codec import Family

            decoder = Family.of(lenient, registry).decoder(cls, "exact")
            return decoder(raw, 0, len(raw), 1)  # type: ignore[no-any-return]
        return cls.__decode__(raw, 0, len(raw), 1)  # type: ignore[no-any-return]

    @classmethod
    def decode_prefix(cls, octets: OctetString, *, lenient: bool = False) -> tuple[Self, bytes]:
        """The message at the start of `octets`, and the octets behind it."""
        from .compiler.codec import Family

        raw = octets if type(octets) is bytes else bytes(memoryview(octets))
        message, end = Family.of(lenient, None).decoder(cls, "prefix")(raw, 0, len(raw), 1)
        return message, raw[end:]

    def encode(self, overrides: Mapping[str, int] | None = None) -> bytes:
        """The octets; EncodeError with path for a value that does not fit.

        `overrides` writes numbers over derived fields, constants, counts and markers after all else
        is computed: `{"header_len": 0, "options[1].length": 9}`, paths as `explain` prints them.
        """
        try:
            octets: bytes = self.__encode__(1)
        except ENCODE_FAULTS as e:
            from .compiler.codec import why_not

            raise why_not(self, e) from None
        if overrides:
            from .octetmap import override

            return override(type(self), octets, overrides)
        return octets

    def __bytes__(self) -> bytes:
        return self.encode()

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: `"type"` names the class; octets are hex, addresses text.

        EncodeError for a value that has none because it is of a wrong type.
        """
        try:
            return self.__to_dict__(1)  # type: ignore[no-any-return]
        except ENCODE_FAULTS as e:
            from .compiler.codec import why_not

            raise why_not(self, e) from None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The object of a JSON form; DecodeError with path for anything else."""
        return cls.__from_dict__(data, 1)

    @classmethod
    def __from_dict__(cls, data: Any, level: int) -> Self:
        from .jsonform import from_dict

        return from_dict(cls, data, level)  # type: ignore[no-any-return]

    def find(self, kind: type[T]) -> T | None:
        """The first element of the class, at any depth; None if there is none."""
        return next(self.find_all(kind), None)

    def find_all(self, kind: type[T]) -> Iterator[T]:
        """Every element of the class, at any depth, in the order of the wire."""
        from .tree import walk

        return (element for _, element in walk(self) if isinstance(element, kind))

    def __str__(self) -> str:
        from .tree import tree

        return tree(self)
