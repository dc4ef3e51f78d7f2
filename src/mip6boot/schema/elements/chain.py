"""Chains: each element says what the next one is, the last one says 0 (IKEv2 payloads).

The octet with the code of the next element belongs to the chain and stands in front of the
element's own layout, which goes on with flags and a length from that octet on.  Behind an element
with a `FromNext` field the chain ends, because the octet speaks of something else there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import State, needs, overlong, short
from ..limits import MAX_LEVEL, MAX_LIST, too_deep, too_deep_to_encode, too_long
from ..window import Window
from .optionlist import OptionList

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter

__all__ = ["HEADER", "Chain", "ends", "linked", "missing", "overrun", "surplus"]

#: Octets in front of an element's body: the next code, flags, and a length of two octets.
HEADER = 4


def missing(code: int, what: str, pos: int) -> DecodeError:
    """The error for an element that is announced and not there."""
    return DecodeError(f"{what} {code} is announced, and no octets are left", "", pos)


def surplus(left: int, pos: int) -> DecodeError:
    """The error for octets behind the last element."""
    return DecodeError(f"{left} octets left over behind the last element", "", pos)


def overrun(size: int, left: int, pos: int) -> DecodeError:
    """The error for a length that is too small for its header, or runs over the fence."""
    return overlong(size, left, "payload_length", pos + 2)


def ends(cls: Any) -> bool:
    """The chain ends behind an element of the class."""
    return bool(cls.schema.layout.ends_chain)


def linked(registry: Any, items: Any, following: Any, index: int) -> int:
    """The code that stands in front of element `index`; EncodeError behind the chain's end."""
    if not items[index].registry_code:
        raise EncodeError("the code 0 is that of the end")
    behind = items[index + 1 :]
    if following is None:
        following = behind[0].registry_code if behind else 0
    elif not all(isinstance(item, registry.malformed) for item in behind):
        raise EncodeError(f"a {type(items[index]).__name__} ends the chain")
    if not isinstance(following, int) or not 0 <= following < 1 << 8 * registry.code.size:
        raise EncodeError(f"{short(following)} does not fit in {registry.code.size} octets")
    return int(following)


class Chain(OptionList):
    """Elements of a chained registry up to the fence; a `FirstOf` before it says the first code."""

    # -- the interpreted form -----------------------------------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if stream.left > MAX_LIST:
            raise too_long(stream.tell(), stream.left)
        if stream.left and state.level >= MAX_LEVEL:
            raise too_deep(stream.tell())
        return _ChainReading(self, stream, state, path).run(state.told or 0)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        level = State.of(context).level
        if not isinstance(obj, (tuple, list)):
            raise EncodeError(f"{short(obj)} is not a tuple of elements")
        if obj and level >= MAX_LEVEL:
            raise too_deep_to_encode()
        out = bytearray()
        for i, item in enumerate(obj):
            try:
                out += self.element_octets(obj, i, item, level + 1)
            except EncodeError as e:
                raise e.within(f"[{i}]({type(item).__name__})") from None
        if len(out) > MAX_LIST:
            raise EncodeError(f"a list of {len(out)} octets, at most {MAX_LIST} are allowed")
        stream.write(out)
        return obj

    def element_octets(self, items: Any, index: int, item: Any, level: int) -> bytes:
        """One element with the octet in front of it."""
        registry = self.registry
        registry.check(type(item))
        if isinstance(item, registry.malformed):
            return bytes(item.octets)
        names = [n for n in type(item).schema.layout.outer if n != "registry_code"]
        following = getattr(item, names[0]) if names else None
        code = linked(registry, items, following, index)
        if index + 1 < len(items):
            registry.check(type(items[index + 1]))
        body = type(item).schema.octets(item, level)
        return bytes(registry.code.build(code) + body)

    # -- the generated form: functions of their own, shared by all messages with such a chain ----
    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        from ..compiler.chain import chain_decoder

        registry = self.registry.overlaid(w.family.overlay)
        function = w.source.bind(chain_decoder(registry, w.family, name), "chain_of")
        w.source(f"{out} = {function}(buf, {w.here}, {w.end}, level, {w.told[name]})")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        from ..compiler.chain import chain_encoder

        function = w.source.bind(chain_encoder(self.registry), "chain_to")
        w.firsts[name] = w.source.local("first")
        w.source(f"{w.firsts[name]}, {out} = {function}({value}, {w.level})")


class _ChainReading:
    """One chain being read by the interpreted form."""

    def __init__(self, element: Chain, window: Window, state: State, path: str) -> None:
        self.registry = element.registry.overlaid(state.overlay)
        self.window, self.state, self.path = window, state, path
        self.items: list[Any] = []

    def run(self, code: int) -> tuple[Any, ...]:
        """Read to the fence, beginning with an element of the code."""
        window = self.window
        while code or window.left:
            here = window.pos
            try:
                body = self.body(code)
            except DecodeError as e:
                e = e.within(f"[{len(self.items)}]")
                if not self.state.lenient:
                    raise e from None
                self.items.append(self.malformed(code, here, window.end, e, declared=True))
                window.pos = window.end
                break
            code = self.element(code, here, body)
        return tuple(self.items)

    def body(self, code: int) -> Window:
        """The window on the body of the element that starts here."""
        window, here = self.window, self.window.pos
        if not code:
            raise surplus(window.left, here)
        if not window.left:
            raise missing(code, self.registry.what, here)
        if window.left < HEADER:
            raise needs(HEADER, window.left, "", here)
        size = int.from_bytes(window.octets[here + 2 : here + HEADER], "big")
        if not HEADER <= size <= window.left:
            raise overrun(size, window.left, here)
        return Window(window.octets, here + 1, here + size)

    def element(self, code: int, here: int, body: Window) -> int:
        """Read one element; the code of the next one."""
        following = self.window.octets[here]
        self.window.pos = body.end
        recorder = self.state.recorder
        mark = 0 if recorder is None else len(recorder.rows)
        cls, step = None, f"[{len(self.items)}]"
        try:
            cls = self.registry.class_of(code, body.octets, body.pos, body.end)
            step += f"({cls.__name__})"
            if recorder is not None:
                self.row(step, here, following, cls)
            state = self.state.deeper(code)
            state.following = following
            context = {"_mip6boot": state}
            self.items.append(cls.schema.parse_in(body, context, self.path + step, exact=True))
        except DecodeError as e:
            if not self.state.lenient:
                raise e.within(step) from None
            if recorder is not None:
                recorder.forget(mark)
            self.items.append(self.malformed(code, here, body.end, e.within(step)))
        return 0 if cls is not None and ends(cls) else following

    def row(self, step: str, here: int, following: int, cls: Any) -> None:
        assert self.state.recorder is not None
        rfc = cls.__registration__.rfc
        place = f"{self.path}{step}.next_payload"
        self.state.recorder.row(place, here, here + 1, str(following), rfc=rfc)

    def malformed(
        self, code: int, here: int, end: int, e: DecodeError, *, declared: bool = False
    ) -> Any:
        from ..fallback import keep_malformed

        octets = self.window.octets[here:end]
        size = None
        if declared and code and len(octets) >= HEADER:
            size = int.from_bytes(octets[2:HEADER], "big")
        cls = self.registry.malformed
        if self.state.recorder is not None:
            place = f"{self.path}[{len(self.items)}]({cls.__name__}).octets"
            self.state.recorder.row(place, here, end, f"malformed: {e.reason}")
        return keep_malformed(self.registry, code, octets, size, e)
