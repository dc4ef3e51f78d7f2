"""Domain names that lose nothing: label octets, and whether the name is complete."""

from __future__ import annotations

import re

import msgspec

from ..errors import DecodeError, EncodeError

__all__ = ["DomainName"]

_MAX_NAME, _MAX_LABEL = 255, 63
#: The octet in front of a label, by the label's length.
_SIZES = {size: bytes((size,)) for size in range(1, _MAX_LABEL + 1)}
#: Octets that stand for themselves in a text; the dots between labels too.
_PLAIN = re.compile(rb"[!-\[\]-~]*").fullmatch
_PIECE = re.compile(rb"\\(?:(\d{3})|(.))|([^\\.])|(\.)", re.DOTALL)


class DomainName(msgspec.Struct, frozen=True, gc=False):
    """A name in DNS wire form (RFC 1035 3.1, RFC 8415 10): no compression, octets as they came.

    `complete` is False for a name without the root label at its end, a partial one (RFC 4704 4.2).
    Comparison does not look at case, as DNS does not (RFC 4343).
    """

    labels: tuple[bytes, ...]
    complete: bool = True

    @classmethod
    def parse(cls, text: str) -> DomainName:
        r"""The name of a text such as `ha1.example.net.`, with `\.` and `\DDD` escapes.

        A partial name is written with a final `...`.
        """
        complete = not text.endswith("...")
        octets = (text if complete else text[:-3]).encode("utf-8", "surrogateescape")
        label, at = bytearray(), 0
        labels: list[bytes] = []
        while at < len(octets):
            piece = _PIECE.match(octets, at)
            if piece is None or (piece[1] and int(piece[1]) > 255):
                raise DecodeError(f"a wrong escape at character {at} of a domain name")
            at = piece.end()
            if piece[4] is None:
                label += bytes((int(piece[1]),)) if piece[1] else piece[2] or piece[3]
                continue
            if not label and not (at == len(octets) == 1):
                raise DecodeError("an empty label in a domain name")
            labels += [bytes(label)] if label else []
            label.clear()
        name = cls((*labels, bytes(label)) if label else tuple(labels), complete)
        try:
            name.to_wire()
        except EncodeError as e:
            raise DecodeError(e.reason) from None
        return name

    @classmethod
    def from_wire(cls, octets: bytes) -> DomainName:
        """The name that takes all of `octets`; DecodeError if it does not."""
        if len(octets) > _MAX_NAME:
            raise DecodeError(
                f"a domain name of {len(octets)} octets, at most {_MAX_NAME} are allowed"
            )
        labels: list[bytes] = []
        pos, end = 0, len(octets)
        while pos < end:
            size = octets[pos]
            pos += 1
            stop = pos + size
            if not size:
                if pos != end:
                    raise DecodeError(f"{end - pos} octets after the domain name")
                return cls(tuple(labels))
            if size > _MAX_LABEL or stop > end:
                raise DecodeError(f"a label of {size} octets with {end - pos} left")
            labels.append(octets[pos:stop])
            pos = stop
        return cls(tuple(labels), complete=False)

    @classmethod
    def list_from_wire(cls, octets: bytes) -> tuple[DomainName, ...]:
        """The names that take all of `octets`; without a root label the last one is partial."""
        names: list[DomainName] = []
        start = pos = 0
        while pos < len(octets):
            size = octets[pos]
            pos += 1 + size
            if not size or pos >= len(octets):
                names.append(cls.from_wire(octets[start:pos]))
                start = pos
        return tuple(names)

    def to_wire(self) -> bytes:
        """The octets; EncodeError for an empty or long label or a long name."""
        labels = self.labels
        try:
            octets = b"".join([_SIZES[len(label)] + label for label in labels])
        except (KeyError, TypeError):
            raise EncodeError(f"a label of a domain name has 1 to {_MAX_LABEL} octets") from None
        if self.complete:
            octets += b"\0"
        if len(octets) > _MAX_NAME:
            raise EncodeError(
                f"a domain name of {len(octets)} octets, at most {_MAX_NAME} are allowed"
            )
        return octets

    def __str__(self) -> str:
        plain = b".".join(self.labels)
        if _PLAIN(plain) and plain.count(b".") < max(len(self.labels), 1):
            text = plain.decode("ascii")
        else:
            text = ".".join(_label_text(label) for label in self.labels)
        return f"{text}..." if not self.complete else text or "."

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DomainName):
            return NotImplemented
        return self._folded() == other._folded()

    def __hash__(self) -> int:
        return hash(self._folded())

    def _folded(self) -> tuple[tuple[bytes, ...], bool]:
        return tuple(label.lower() for label in self.labels), self.complete


def _label_text(label: bytes) -> str:
    out = []
    for octet in label:
        if octet in b".\\":
            out.append("\\" + chr(octet))
        elif 0x21 <= octet <= 0x7E:
            out.append(chr(octet))
        else:
            out.append(f"\\{octet:03d}")
    return "".join(out)
