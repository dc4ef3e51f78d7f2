"""Messages and groups as records: a field for each AVP, which says how often it may be there.

A field is `Annotated[type, AVP class]`: exactly one; `Annotated[type | None, ...] = None`: at most
one; `Annotated[tuple[type, ...], ...] = ()`: any number, or at least the number behind the class.
`Annotated[type | None, AVP class, 1]`: exactly one, which may be empty.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

import msgspec

from ...errors import DecodeError
from ...schema import FamilyAddress, Malformed, Message, Unknown
from ..avps.base import AVPS, Avp, IetfAvp, UnknownAvp, UnknownVendorAvp, vendor_of
from ..codes import Result
from ..messages import DiameterMessage

__all__ = ["Group", "Record", "Refusal", "Typed"]


class Refusal(msgspec.Struct, frozen=True):
    """Why a message is not acceptable (RFC 6733 7.1)."""

    result: Result
    reason: str
    failed: tuple[Avp, ...] = ()
    "For Failed-AVP (RFC 6733 7.5)."


class Field(msgspec.Struct, frozen=True):
    """One field of a record."""

    name: str
    avp: type[Avp]
    group: type[Group] | None
    "The record of a Grouped AVP."
    least: int
    most: int | None
    "None: any number."

    def avps(self, value: Any) -> list[Avp]:
        """The AVPs of the field's value."""
        absent = value is None and not self.least
        values = value if self.most is None else () if absent else (value,)
        make: Any = self.avp
        return [make(value=one if self.group is None else one.avps()) for one in values]

    def value(self, avps: list[Any]) -> Any:
        """The field's value for the AVPs that are there, as many as may be."""
        group = self.group
        values = [avp.value if group is None else group.made(avp.value) for avp in avps]
        if self.most is None:
            return tuple(values)
        return values[0] if values else None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of typed messages and groups."""

    SECTION: ClassVar[str] = ""
    "Where the AVPs are listed."

    @classmethod
    def fields(cls) -> tuple[Field, ...]:
        """The fields, in the order in which their AVPs are sent."""
        return _fields(cls)

    def avps(self) -> tuple[Avp, ...]:
        """The AVPs of all fields."""
        return tuple(
            avp for field in self.fields() for avp in field.avps(getattr(self, field.name))
        )

    @classmethod
    def refusal_of(cls, avps: Iterable[Avp]) -> Refusal | None:
        """Why the AVPs are not those of the record; None where they are."""
        return next(_refusals(cls, tuple(avps)), None)

    @classmethod
    def of_avps(cls, avps: Iterable[Avp]) -> Self:
        """The record of the AVPs; others are left out.  DecodeError where one is missing or bad."""
        there = tuple(avps)
        _raise(cls, cls.refusal_of(there))
        return cls.made(there)

    @classmethod
    def made(cls, avps: tuple[Avp, ...]) -> Self:
        """The record of AVPs that are not refused."""
        return cls(
            **{
                field.name: field.value([avp for avp in avps if isinstance(avp, field.avp)])
                for field in cls.fields()
            }
        )


class Group(Record, frozen=True, kw_only=True):
    """What a Grouped AVP holds."""

    AVP: ClassVar[type[Avp]]

    @classmethod
    def of(cls, avps: Iterable[Avp]) -> Self:
        """The group of the AVPs inside."""
        return cls.of_avps(avps)


class Typed(Record, frozen=True, kw_only=True):
    """A message of one interface."""

    MESSAGE: ClassVar[type[DiameterMessage]]
    APPLICATION: ClassVar[int] = 0
    PROXIABLE: ClassVar[bool] = True

    @property
    def application(self) -> int:
        """The Application-Id of the header."""
        return self.APPLICATION

    def message(self, *, hop_by_hop_id: int, end_to_end_id: int) -> DiameterMessage:
        """The message; an answer takes both numbers from its request (RFC 6733 6.2)."""
        return self.MESSAGE(
            proxiable=self.PROXIABLE,
            application_id=self.application,
            hop_by_hop_id=hop_by_hop_id,
            end_to_end_id=end_to_end_id,
            avps=self.avps(),
        )

    @classmethod
    def refusal(cls, message: DiameterMessage) -> Refusal | None:
        """Why the message is none of this kind; None where it is one."""
        if not isinstance(message, cls.MESSAGE):
            reason = f"a {type(message).__name__} is no {cls.MESSAGE.__name__}"
            return Refusal(Result.DIAMETER_COMMAND_UNSUPPORTED, reason)
        if cls.APPLICATION and message.application_id != cls.APPLICATION:
            reason = f"application {int(message.application_id)}"
            return Refusal(Result.DIAMETER_APPLICATION_UNSUPPORTED, reason)
        return cls.refusal_of(message.avps)

    @classmethod
    def of(cls, message: DiameterMessage) -> Self:
        """The typed form of a message; DecodeError says why it is none."""
        _raise(cls, cls.refusal(message))
        return cls.made(message.avps)


def _raise(cls: type[Record], refusal: Refusal | None) -> None:
    if refusal is not None:
        raise DecodeError(f"{cls.__name__}: {refusal.reason}")


# -- from annotations to fields -------------------------------------------------------------------
@functools.cache
def _fields(cls: type[Record]) -> tuple[Field, ...]:
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base is not Record and issubclass(base, Record):
            hints.update(inspect.get_annotations(base, eval_str=True))
    return tuple(
        _field(name, hint)
        for name, hint in hints.items()
        if typing.get_origin(hint) is not ClassVar
    )


def _field(name: str, hint: Any) -> Field:
    kind, avp, *least = typing.get_args(hint)
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        return Field(name, avp, _group(arguments[0]), least[0] if least else 0, None)
    optional = isinstance(kind, types.UnionType) and type(None) in arguments
    inner = next((one for one in arguments if _group(one)), None) if optional else kind
    return Field(name, avp, _group(inner), least[0] if least else int(not optional), 1)


def _group(kind: Any) -> type[Group] | None:
    return kind if isinstance(kind, type) and issubclass(kind, Group) else None


# -- what is not acceptable (RFC 6733 7.1.5) ------------------------------------------------------
def _refusals(cls: type[Record], avps: tuple[Avp, ...]) -> Iterator[Refusal]:
    for avp in avps:
        if isinstance(avp, Malformed):
            yield _malformed(avp)
        elif isinstance(avp, Unknown) and getattr(avp, "mandatory", False):
            reason = f"AVP {avp.registry_code} of vendor {vendor_of(avp)} is not known"
            yield Refusal(Result.DIAMETER_AVP_UNSUPPORTED, reason, (avp,))
    for field in cls.fields():
        there = [avp for avp in avps if isinstance(avp, field.avp)]
        name = (field.avp.__doc__ or "").partition(":")[0].rstrip(".")
        if len(there) < field.least:
            failed = (missing(field.avp),)
            yield Refusal(Result.DIAMETER_MISSING_AVP, f"{name} is missing", failed)
        if field.most is not None and len(there) > field.most:
            result = Result.DIAMETER_AVP_OCCURS_TOO_MANY_TIMES
            yield Refusal(result, f"{name} is there {len(there)} times", (there[field.most],))
        if field.group is not None:
            for avp in there:
                inside = field.group.refusal_of(avp.value)  # type: ignore[attr-defined]
                if inside is not None:
                    yield Refusal(inside.result, f"{name}: {inside.reason}", _within(avp, inside))


def _within(group: Any, inside: Refusal) -> tuple[Avp, ...]:
    """What failed inside a Grouped AVP, with that around it (RFC 6733 7.5)."""
    return (group.replace(value=inside.failed, padding=b""),)


def _malformed(avp: Any) -> Refusal:
    """A value that is none, or a length that lies or that the data type does not have."""
    octets = avp.octets
    size = 12 if octets[4:5] >= b"\x80" else 8
    header = octets[:size].ljust(size, b"\0")
    length = int.from_bytes(header[5:8], "big")
    known = AVPS.get(AVPS.key_at(int.from_bytes(header[:4], "big"), header, 0))
    element = None if known is None else _value_of(known)
    value = octets[size:length]
    lies = avp.declared_length is not None or length < size
    if lies:
        value = b"" if element is None else _least(element)
    wrong = lies or (element is not None and element.size not in (None, len(value)))
    result = Result.DIAMETER_INVALID_AVP_LENGTH if wrong else Result.DIAMETER_INVALID_AVP_VALUE
    return Refusal(result, f"AVP {avp.registry_code}: {avp.reason}", (_copy(header, value),))


def _copy(header: bytes, value: bytes) -> Avp:
    """An AVP of the header, its length put right, and the octets of the value."""
    length = len(header) + len(value)
    octets = header[:5] + length.to_bytes(3, "big") + header[8:] + value + bytes(-length % 4)
    return (UnknownAvp if len(header) == 8 else UnknownVendorAvp).decode(octets)


def missing(avp: type[Avp]) -> Avp:
    """An example of an AVP, its value zeros, of the least size that it has (RFC 6733 7.5)."""
    zeros, code = _least(_value_of(avp)), _code(avp)
    mandatory = next(f.default for f in msgspec.structs.fields(avp) if f.name == "mandatory")
    if issubclass(avp, IetfAvp):
        return UnknownAvp(registry_code=code, mandatory=mandatory, value=zeros)
    vendor = vendor_of(avp)
    return UnknownVendorAvp(registry_code=code, vendor_id=vendor, mandatory=mandatory, value=zeros)


def _value_of(avp: type[Avp]) -> Any:
    """How the value is written."""
    return next(part.element for part in avp.schema.layout.parts if part.name == "value")


def _least(element: Any) -> bytes:
    """Zeros, as many as a value has at least: of an Address, those of IPv4 (RFC 6733 4.3.1)."""
    return bytes(6 if element is FamilyAddress else element.size or 0)


def _code(avp: type[Message]) -> int:
    return int(avp.__registration__.codes[0])
