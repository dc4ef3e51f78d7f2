"""Codecs: written when first used, kept for good, safe to reach from many threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ...errors import EncodeError
from .decode import DecodeWriter, decoder_name
from .encode import EncodeWriter

__all__ = ["Family", "encoder", "install", "told_by", "why_not"]

_lock = threading.RLock()


class Family:
    """Decoders that go together: strict or lenient, with or without a registry of one's own."""

    _families: dict[Any, Family] = {}

    def __init__(self, lenient: bool, overlay: Any) -> None:
        self.lenient, self.overlay = lenient, overlay
        self.functions: dict[Any, Any] = {}
        #: For those that are being written, seen by the thread that does so.
        self.stand_ins: dict[Any, Any] = {}

    @classmethod
    def of(cls, lenient: bool, overlay: Any) -> Family:
        """The family; one for each combination."""
        # A child registry keeps its own family, so that it does not live on in a global.
        place = cls._families if overlay is None else overlay.families
        with _lock:
            if ("family", lenient) not in place:
                place["family", lenient] = cls(lenient, overlay)
            family: Family = place["family", lenient]
            return family

    def decoder(self, cls: Any, kind: str) -> Any:
        """The decoder of a class, exact or prefix; a stand-in while it is being written."""
        key = (kind, cls)
        found = self.functions.get(key)
        if found is None:
            with _lock:
                found = self.functions.get(key) or self.stand_ins.get(key)
                if found is None:
                    found = self._write(cls, kind)
        return found

    def _write(self, cls: Any, kind: str) -> Any:
        key = (kind, cls)

        def later(*arguments: Any) -> Any:
            # Other threads wait here, where what holds the stand-in is written before its class is.
            return self.decoder(cls, kind)(*arguments)

        later.__name__ = decoder_name(cls, kind)
        self.stand_ins[key] = later
        try:
            self.functions[key] = DecodeWriter(cls, kind, self).write()
        finally:
            del self.stand_ins[key]
        return self.functions[key]


def encoder(cls: Any) -> Any:
    """The encoder of a class, written when first asked for."""
    if getattr(cls.__encode__, "__name__", "") == "encode_first":
        with _lock:
            cls.__encode__ = EncodeWriter(cls).write()
    return cls.__encode__


def install(cls: Any) -> None:
    """Give a new class stand-ins that write its codec when first called."""

    def decode(*arguments: Any) -> Any:
        cls.__decode__ = Family.of(False, None).decoder(cls, "exact")
        return cls.__decode__(*arguments)

    def encode_first(self: Any, level: int) -> Any:
        return encoder(cls)(self, level)

    def to_dict(self: Any, level: int) -> Any:
        from ..jsonform import writer

        with _lock:
            cls.__to_dict__ = writer(cls)
        return cls.__to_dict__(self, level)

    cls.__decode__, cls.__encode__, cls.__to_dict__ = decode, encode_first, to_dict


def why_not(obj: Any, fault: Exception) -> EncodeError:
    """The error, with its path, of an object that does not encode."""
    return told_by(lambda: type(obj).schema.octets(obj), fault)


def told_by(interpret: Callable[[], Any], fault: Exception) -> EncodeError:
    """The error of what does not encode: the interpreted form, which knows the path, tells."""
    try:
        interpret()
    except EncodeError as e:
        return e
    reason = fault.reason if isinstance(fault, EncodeError) else " ".join(str(fault).split())
    return EncodeError(reason)
