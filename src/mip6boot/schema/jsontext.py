"""The JSON form of messages as text: what `to_dict` and an encoder make in two steps, in one.

For each class a function is written that puts an object's values into the text which all objects of
the class have in common.  A capture of many messages is printed in half the time so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from .compiler.source import Source, generated
from .remembered import Remembered

if TYPE_CHECKING:
    from .message import Message

__all__ = ["Texts", "json_text", "json_text_of", "texts_joined", "writer", "writes_when_called"]

_encode = msgspec.json.Encoder().encode


def json_text(data: Any) -> str:
    """Any JSON form as text."""
    return _encode(data).decode()


def json_text_of(message: Message) -> str:
    """`message.to_dict()` as JSON text, for a message that was decoded.

    Values that a constructor was given are not checked; `to_dict` is the way for such messages.
    """
    return message.__to_text__()  # type: ignore[no-any-return]


def writes_when_called(cls: Any) -> Any:
    """A stand-in for a class's function that writes it when first called."""

    def to_text(self: Any) -> Any:
        cls.__to_text__ = writer(cls)
        return cls.__to_text__(self)

    return to_text


def writer(cls: Any, before: str = "", behind: str = "") -> Any:
    """A function `text(o)` for the class; what it writes stands between two texts."""
    from .fallback import Malformed, Unaligned

    if issubclass(cls, (Malformed, Unaligned)):
        # These have a JSON form of their own.
        return lambda o: f"{before}{json_text(o.__to_dict__(1))}{behind}"
    source = Source()
    with source.block("def text(o):"):
        pieces = [f'"type":{_constant(json_text(cls.__name__), source)}']
        for name, part in cls.schema.layout.fields.items():
            pieces.append(f'"{name}":{part.element.writes_text(f"o.{name}", source)}')
        head, tail = _constant(before, source), _constant(behind, source)
        source(f"return f'{head}{{{{{','.join(pieces)}}}}}{tail}'")
    return generated("text", source)


def _constant(text: str, source: Source) -> str:
    """A text as a piece of an f-string; only plain characters may become part of a function."""
    if text.isascii() and all(c.isalnum() or c in '_-{}":,' for c in text):
        return text.replace("{", "{{").replace("}", "}}")
    return f"{{{source.bind(text, 'constant')}}}"


def texts_joined(value: str, one: str, written: str, source: Source) -> str:
    """`writes_text` of a list; `written` is the piece of an f-string for its item `one`."""
    texts = source.local("texts")
    # Many lists are empty, and a comprehension is a call.
    source(f"{texts} = ','.join([f'{written}' for {one} in {value}]) if {value} else ''")
    return f"[{{{texts}}}]"


class Texts(dict[int, str]):
    """Identity -> JSON text of values that decoders remember, and so give again and again.

    Nothing is found faster than by its identity; what `write` makes is never empty.
    """

    #: Characters of a text; long ones would only fill the memory.
    longest = 4096

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self.write = write
        #: A value that is kept here cannot go away and leave its identity to another one.
        self._kept: list[Any] = []
        self._lock = threading.Lock()

    def of(self, value: Any) -> str:
        """The text of a value, remembered."""
        text = self.write(value)
        if len(text) > self.longest:
            return text
        with self._lock:
            if len(self) >= Remembered.limit:
                self.clear()
                self._kept.clear()
            self._kept.append(value)
            self[id(value)] = text
        return text

    def writes(self, value: str, source: Source) -> str:
        """The text of the expression `value` as an expression."""
        known, of = source.bind(self.get, "known_text"), source.bind(self.of, "text_of")
        return f"{known}(id({value})) or {of}({value})"
