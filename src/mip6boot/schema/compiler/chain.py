"""Writes the functions that read and write a chain; one pair a registry.

`chain(buf, pos, end, level, code)` gives the tuple, beginning with an element of the code;
`chain(items, level)` gives the code of the first element and the octets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import needs
from ..elements.chain import HEADER, ends, missing, overrun, surplus
from ..fallback import keep_malformed
from ..limits import MAX_LEVEL, MAX_LIST, too_deep, too_deep_to_encode, too_long
from .encode import EncodeWriter
from .source import Source, generated

if TYPE_CHECKING:
    from .codec import Family

__all__ = ["chain_decoder", "chain_encoder"]


class _Decoders(dict[int, tuple[Any, bool]]):
    """Code -> decoder(buf, pos, end, level, code, following), and whether the chain goes on."""

    def __init__(self, registry: Any, family: Family) -> None:
        super().__init__()
        self.registry, self.family = registry, family
        registry.listen(self.clear)

    def __missing__(self, code: int) -> tuple[Any, bool]:
        found = self.registry.get(code)
        if not isinstance(found, (type, type(None))):
            entry = self.split(found), True
        else:
            cls = found or self.registry.unknown_or_fail(code, 0)
            entry = self.told(cls, code), not ends(cls)
        self[code] = entry
        return entry

    def told(self, cls: Any, code: int) -> Any:
        """The decoder of a class in the form that all of a chain have."""
        decode = self.family.decoder(cls, "exact")
        if cls.schema.layout.outer != ["registry_code"]:
            return decode

        def with_code(buf: bytes, pos: int, end: int, level: int, following: int) -> Any:
            return decode(buf, pos, end, level, code)

        return with_code

    def split(self, found: Any) -> Any:
        """A decoder that looks at the second code first."""
        decoders = _Second(self, found)
        at, stop = found.at, found.at + found.size

        def decode(buf: bytes, pos: int, end: int, level: int, following: int) -> Any:
            if pos + stop > end:
                raise needs(found.size, end - pos - at, "", min(pos + at, end))
            return decoders[buf[pos + at : pos + stop]](buf, pos, end, level)

        return decode


class _Second(dict[bytes, Any]):
    """Octets of a second code -> decoder."""

    def __init__(self, outer: _Decoders, found: Any) -> None:
        super().__init__()
        self.outer, self.found = outer, found
        outer.registry.listen(self.clear)

    def __missing__(self, octets: bytes) -> Any:
        cls: Any = self.found.classes.get(int.from_bytes(octets, "big"), self.found.other)
        cls = cls or self.outer.registry.unknown_or_fail(0, 0)
        decode = self.outer.family.decoder(cls, "exact")
        if len(self) < 1024:  # A peer may send every code there is.
            self[octets] = decode
        return decode


def chain_decoder(registry: Any, family: Family, name: str) -> Any:
    """The reader of a registry's chains in fields of one name; written once for each family."""
    key = ("chain", registry, name)
    if key not in family.functions:
        family.functions[key] = _ChainDecoder(registry, family, name).write()
    return family.functions[key]


class _ChainDecoder:
    """The reader of one registry's chains, being written."""

    def __init__(self, registry: Any, family: Family, name: str) -> None:
        self.registry, self.family, self.source = registry, family, Source()
        self.name = name  # of the field: errors get it here, before they travel

    def step(self, code: int, index: int, buf: bytes, pos: int, end: int) -> str:
        """The step of an error's path."""
        try:
            cls = self.registry.class_of(code, buf, pos, end)
            return f"{self.name}[{index}]({cls.__name__})"
        except DecodeError:
            return f"{self.name}[{index}]"

    def write(self) -> Any:
        s = self.source
        table = s.bind(_Decoders(self.registry, self.family), "decoders")
        with s.block("def chain(buf, pos, end, level, code):"):
            long = f"{s.bind(too_long, 'too_long')}(pos, end - pos, {self.name!r})"
            s.fail(f"end - pos > {MAX_LIST}", long)
            deep = f"{s.bind(too_deep, 'too_deep')}(pos, {self.name!r})"
            s.fail(f"level >= {MAX_LEVEL} and pos < end", deep)
            s("level += 1")
            s("out = []")
            with s.block("while code or pos < end:"):
                self._bounds()
                s(f"fn, more = {table}[code]")
                self._body()
                s("code = buf[pos] if more else 0")
                s("pos = stop")
            s("return tuple(out)")
        return generated("chain", s)

    def _bounds(self) -> None:
        """Find the end of the element, or refuse what has none."""
        s, what = self.source, self.registry.what
        self._refuse("not code", f"{s.bind(surplus, 'surplus')}(end - pos, pos)", "None")
        self._refuse("pos == end", f"{s.bind(missing, 'missing')}(code, {what!r}, pos)", "None")
        self._refuse(
            f"end - pos < {HEADER}",
            f"{s.bind(needs, 'needs')}({HEADER}, end - pos, '', pos)",
            "None",
        )
        s("n = buf[pos + 2] << 8 | buf[pos + 3]")
        s("stop = pos + n")
        error = f"{s.bind(overrun, 'overrun')}(n, end - pos, pos)"
        self._refuse(f"n < {HEADER} or stop > end", error, "n")

    def _refuse(self, condition: str, error: str, declared: str) -> None:
        s = self.source
        error = f"{error}.within(f'{self.name}[{{len(out)}}]')"
        if not self.family.lenient:
            s.fail(condition, error)
            return
        with s.block(f"if {condition}:"):
            s(f"out.append({s.bind(self._keep, 'keep')}(buf, pos, end, code, {declared}, {error}))")
            s("break")

    def _keep(self, buf: bytes, pos: int, end: int, code: int, says: int | None, e: Any) -> Any:
        """What lenient reading keeps of an element that does not parse."""
        return keep_malformed(self.registry, code, buf[pos:end], says, e)

    def _body(self) -> None:
        s = self.source
        with s.block("try:"):
            s("out.append(fn(buf, pos + 1, stop, level, buf[pos]))")
        with s.block(f"except {s.bind(DecodeError, 'DecodeError')} as e:"):
            step = f"e.within({s.bind(self.step, 'step')}(code, len(out), buf, pos + 1, stop))"
            if self.family.lenient:
                s(f"out.append({s.bind(self._keep, 'keep')}(buf, pos, stop, code, None, {step}))")
            else:
                s(step)
                s("raise")


class _Encoders(dict[Any, tuple[Any, int | None, str | None]]):
    """Class -> encoder, code of a plain one, and the field that ends the chain, if there is one.

    No encoder: octets are kept.
    """

    def __init__(self, registry: Any) -> None:
        super().__init__()
        self.registry = registry

    def __missing__(self, cls: Any) -> tuple[Any, int | None, str | None]:
        self.registry.check(cls)
        if issubclass(cls, self.registry.malformed):
            return None, None, None
        codes = cls.__registration__.codes
        names = [name for name in cls.schema.layout.outer if name != "registry_code"]
        code = codes[0] if codes and not names else None
        name = names[0] if names else None
        entry = self[cls] = (EncodeWriter(cls, self.registry).write(), code, name)
        return entry


def chain_encoder(registry: Any) -> Any:
    """The writer of a registry's chains; made once."""
    if "chain" not in registry.families:
        registry.families["chain"] = _written(registry)
    return registry.families["chain"]


def _written(registry: Any) -> Any:
    encoders = _Encoders(registry)

    def chain(items: Any, level: int) -> tuple[int, bytes]:
        if level >= MAX_LEVEL and items:
            raise too_deep_to_encode()
        level += 1
        out = []
        following: Any = 0
        last = True
        # From the last element to the first, so that each one knows what follows it.
        for item in reversed(items):
            encode, code, name = encoders[type(item)]
            if code is not None:
                out.append(encode(item, level, following))
                following, last = code, False
                continue
            if encode is None:
                out.append(bytes(item.octets))
            else:
                if name is not None:
                    if not last:
                        raise EncodeError(f"a {type(item).__name__} ends the chain")
                    following = int(getattr(item, name))
                out.append(encode(item, level, following))
                last = False
                if not item.registry_code:
                    raise EncodeError("the code 0 is that of the end")
            following = item.registry_code
        out.reverse()
        raw = b"".join(out)
        if len(raw) > MAX_LIST:
            raise EncodeError(f"a list longer than {MAX_LIST} octets")
        return following, raw

    return chain
