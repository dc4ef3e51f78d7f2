"""Published vectors of tests/data/security, with their hexadecimal digits as octets."""

from __future__ import annotations

import json
import string
from typing import Any

from ..conftest import DATA


def vectors(name: str) -> Any:
    """The file of that name; even strings of hexadecimal digits become octets."""
    return octets(json.loads((DATA / "security" / f"{name}.json").read_text()))


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = vectors(name)["cases"]
    return found


def octets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: octets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [octets(item) for item in value]
    is_hex = isinstance(value, str) and len(value) % 2 == 0 and set(value) <= set(string.hexdigits)
    return bytes.fromhex(value) if is_hex else value
