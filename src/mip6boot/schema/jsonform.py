"""The JSON form of messages: to a dict by generated code, from a dict with every error placed."""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import DecodeError, EncodeError
from .compiler.source import Source, generated
from .element import short
from .limits import MAX_LEVEL, too_deep_to_encode

__all__ = ["from_dict", "writer"]


def writer(cls: Any) -> Any:
    """A function `to_dict(o, level)` for the class."""
    source = Source()
    with source.block("def to_dict(o, level):"):
        source.fail(f"level > {MAX_LEVEL}", f"{source.bind(too_deep_to_encode, 'too_deep')}()")
        source("level += 1")
        with source.block("return {"):
            source(f"'type': {cls.__name__!r},")
            for name, part in cls.schema.layout.fields.items():
                source(f"{name!r}: {part.element.writes_json(f'o.{name}', source)},")
        source("}")
    return generated("to_dict", source)


def from_dict(cls: Any, data: Any, level: int) -> Any:
    """The object of a JSON form; DecodeError with path for anything that is not one."""
    if not isinstance(data, dict):
        raise DecodeError(f"{short(data)} where an object is expected")
    if level > MAX_LEVEL:
        raise DecodeError(f"nested deeper than {MAX_LEVEL} elements")
    if data.get("type", cls.__name__) != cls.__name__:
        raise DecodeError(f"{short(data['type'])} where {cls.__name__} is expected", "type")
    fields = cls.schema.layout.fields
    for key in data:
        if key != "type" and key not in fields:
            raise DecodeError("not a field of " + cls.__name__, _step(key))
    values = {}
    for name, part in fields.items():
        if name in data:
            values[name] = _value(name, part.element, data[name], level)
    for name in required(cls):
        if name not in values:
            raise DecodeError("missing", name)
    return cls(**values)


def _step(key: Any) -> str:
    """A key as a step of a path, which is one line and no octets of a terminal's."""
    text = str(key)[:40]
    return text if text.isprintable() else ascii(text)[1:-1]


def required(cls: Any) -> list[str]:
    """The fields that have no default."""
    names, defaults = cls.__struct_fields__, cls.__struct_defaults__
    known = zip(names[len(names) - len(defaults) :], defaults, strict=True)
    optional = {name for name, default in known if default is not msgspec.NODEFAULT}
    return [name for name in names if name not in optional]


def _value(name: str, element: Any, data: Any, level: int) -> Any:
    try:
        return element.from_json(data, level + 1)
    except (DecodeError, EncodeError) as e:
        raise DecodeError(e.reason, e.path).within(name) from None
    except (ValueError, TypeError, OverflowError, KeyError) as e:
        raise DecodeError(" ".join(str(e).split()), name) from None
