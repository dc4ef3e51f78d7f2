"""A second code that every element of a registry has, or that a flag says is there."""

from __future__ import annotations

import msgspec

__all__ = ["SecondCode", "code_of_key", "key_of", "second_of_key"]

_CODE = 0xFFFFFFFF


def key_of(code: int, second: int | None) -> int:
    """Code and second code in one number; the code itself where there is no second one."""
    return code if second is None else second + 1 << 32 | code


def code_of_key(key: int) -> int:
    """The code without the second one."""
    return key & _CODE


def second_of_key(key: int) -> int | None:
    """The second code; None where there is none."""
    return (key >> 32) - 1 if key > _CODE else None


class SecondCode(msgspec.Struct, frozen=True):
    """Where the second code of a registry's elements stands.

    Without `at` it is the flag itself, 0 or 1 (whether a Diameter message is a request); with it,
    it is there only where the flag is set (the vendor of a Diameter AVP).
    """

    flag_at: int
    "Octet of the element that has the flag."
    flag: int
    "Its mask in that octet."
    at: int | None = None
    size: int = 4

    def read(self, octets: bytes, pos: int) -> int | None:
        """The second code of the element at `pos`, as far as it is there; None without one."""
        at = pos + self.flag_at
        flag = int.from_bytes(octets[at : at + 1], "big") & self.flag
        if self.at is None:
            return int(bool(flag))
        at = pos + self.at
        return int.from_bytes(octets[at : at + self.size], "big") if flag else None

    def writes(self) -> str:
        """A line that makes the key of the local `code`, for the element at `pos` of `buf`."""
        flag = f"buf[pos + {self.flag_at}] & {self.flag:#x}"
        if self.at is None:
            return f"code |= 2 << 32 if {flag} else 1 << 32"
        second = f"int.from_bytes(buf[pos + {self.at} : pos + {self.at + self.size}], 'big')"
        return f"code |= ({second} + 1) << 32 if {flag} else 0"
