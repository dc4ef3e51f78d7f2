"""Diameter messages, and the records of the interfaces (RFC 6733 3)."""

from __future__ import annotations

from typing import Any

from mip6boot import diameter
from mip6boot.diameter import DiameterMessage, interfaces

from ..laws import attempted, message_holds
from ..mutators import of_kind

__all__ = ["mutate", "one"]

mutate = of_kind("diameter")

_INTERFACES: tuple[Any, ...] = (
    interfaces.base, interfaces.s6a, interfaces.s6b, interfaces.session, interfaces.sta,
    interfaces.swm, interfaces.swx,
)  # fmt: skip
RECORDS: list[type[interfaces.Typed]] = [
    found
    for interface in _INTERFACES
    for name in interface.__all__
    if isinstance(found := getattr(interface, name), type)
    and issubclass(found, interfaces.Typed)
    and hasattr(found, "MESSAGE")
]


def one(octets: bytes) -> None:
    """The laws for a message, and for what each interface takes it for."""
    message_holds("diameter", octets, _holds)


def _holds(message: DiameterMessage) -> None:
    diameter.check(message)
    for record in RECORDS:
        if not isinstance(message, record.MESSAGE):
            continue
        found = attempted(lambda record=record: record.of(message))  # type: ignore[misc]
        assert (found is None) == (record.refusal(message) is not None)
        if found is not None:
            again = found.message(hop_by_hop_id=1, end_to_end_id=2)
            # EAP that does not parse is passed on as it is.
            assert record.of(diameter.decode(again.encode(), lenient=True)) == found
