"""The tables of elements written by hand from the figures, one case and many proofs.

Octets and fields stand in data/vectors/*.txt; every registered class has a row.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

import pytest

from mip6boot import dhcpv6, diameter, eap, ikev2, ip, mipv6
from mip6boot.errors import DecodeError
from mip6boot.schema import Chain, FirstOf, Int8ub, Message, OptionList, Registry, interpret
from mip6boot.schema.elements import FrameLength

from .conftest import DATA
from .registered import classes

_ROOMS = {
    "dhcpv6": dhcpv6, "diameter": diameter, "eap": eap, "ikev2": ikev2, "ip": ip, "mipv6": mipv6,
}  # fmt: skip
_NAMES = {"{A}": "20010db8" + "0" * 23 + "1", "{B}": "20010db8" + "0" * 23 + "2", "{4}": "c0000201"}


def rows() -> list[Any]:
    """Class, octets, fields and section of each row."""
    found = []
    for path in sorted((DATA / "vectors").glob("*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line and not line.startswith("#"):
                found.append(row(line, f"{path.stem}-{number}"))
    return found


def row(line: str, place: str) -> Any:
    name, digits, fields, section = line.split("; ")
    for short, long in _NAMES.items():
        digits = digits.replace(short, long)
    room, _, name = name.partition(".")
    cls, octets = getattr(_ROOMS[room], name), bytes.fromhex(digits)
    return pytest.param(cls, octets, json.loads(fields), section, id=f"{name}-{place}")


ROWS = rows()


def holder(registry: Registry[Any]) -> Any:
    """A message that is nothing but a list of the registry's options."""
    if registry.chained:
        chain_of = Annotated[tuple[registry.base, ...], Chain(registry)]  # type: ignore[name-defined]
        first = ClassVar[Annotated[int, FirstOf("options", Int8ub)]]
        return type(
            "Holder", (Message,), {"__annotations__": {"first": first, "options": chain_of}}
        )
    list_of = Annotated[tuple[registry.base, ...], OptionList(registry)]  # type: ignore[name-defined]
    return type("Holder", (Message,), {"__annotations__": {"options": list_of}})


def whole(cls: Any, octets: bytes) -> tuple[Any, Any]:
    """The element, read with the header that its list gives it; and the list's class, if it has one."""
    registration = cls.__registration__
    if registration is None or registration.registry.length is None:
        return cls.decode(octets), None
    list_class = holder(registration.registry)
    options = [
        option
        for option in list_class.decode(octets).options
        if not isinstance(option, registration.registry.unaligned)
    ]
    assert len(options) == 1
    return options[0], list_class


@pytest.mark.parametrize(("cls", "octets", "fields", "section"), ROWS)
def test_row(cls: Any, octets: bytes, fields: dict[str, Any], section: str) -> None:
    expected = cls.from_dict({"type": cls.__name__, **fields})
    found, list_class = whole(cls, octets)
    assert found == expected
    assert type(found) is cls
    assert cls.from_dict(json.loads(json.dumps(found.to_dict()))) == expected
    if list_class is None:
        assert expected.encode() == octets == bytes(expected)
        assert interpret(cls, octets) == expected
    else:
        same = list_class.decode(octets)
        assert same.encode() == octets
        assert interpret(list_class, octets) == same
        assert list_class.schema.octets(same) == octets
    if cls.__registration__ is not None and cls.__registration__.codes:
        assert documents(cls.__registration__.rfc) & documents(section)


def documents(sections: str) -> set[str]:
    """The documents that sections are of: `6733 8.8, TS 29.272 7.3.35` names two."""
    parts = [part.split() for part in sections.split(",")]
    return {" ".join(words[:2]) if words[0] == "TS" else words[0] for words in parts}


@pytest.mark.parametrize(("cls", "octets", "fields", "section"), ROWS)
def test_cut_and_extended(cls: Any, octets: bytes, fields: Any, section: str) -> None:
    """Every prefix, and one octet more, is refused or comes back as it was."""
    _, list_class = whole(cls, octets)
    reader = list_class or cls
    frame = any(isinstance(p.element, FrameLength) for p in cls.schema.layout.parts)
    for other in (
        *(octets[:size] for size in range(len(octets))),
        octets + b"\0",
        octets + b"\xff",
    ):
        try:
            message = reader.decode(other)
        except DecodeError as e:
            assert len(str(e).splitlines()) == 1
            continue
        assert message.encode() == other
        empty = list_class is not None and not other
        assert not frame or empty, "a class with a total length has to refuse any other"


def test_every_class_has_a_row() -> None:
    shown = {param.values[0] for param in ROWS}
    nested = _nested(param.values[2] for param in ROWS)
    missing = {cls.__name__ for cls in classes() if cls not in shown} - nested
    # Sub-options and attributes that nobody registered are like the unknown mobility option.
    assert {name for name in missing if not name.startswith("Unknown")} == set()


def _nested(values: Any) -> set[str]:
    if isinstance(values, dict):
        own = {values["type"]} if "type" in values else set()
        return own.union(*map(_nested, values.values()))
    if isinstance(values, (str, int, type(None))):
        return set()
    return set().union(*map(_nested, values))
