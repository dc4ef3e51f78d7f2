"""Mobility options (RFC 6275 6.2): their registry, their padding, and the list of them."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int8ub, Message, Octets, OptionList, Registry, RegistryCode, Unknown

__all__ = ["OPTIONS", "MobilityOption", "MobilityOptions", "Pad1", "PadN", "UnknownMobilityOption"]


class MobilityOption(Message):
    """Base of every mobility option."""


OPTIONS: Registry[MobilityOption] = Registry(
    MobilityOption, "mobility option", code=Int8ub, length=Int8ub, pad1=0, padn=1
)

MobilityOptions = Annotated[tuple[MobilityOption, ...], OptionList(OPTIONS, multiple=8)]


@OPTIONS.unknown
class UnknownMobilityOption(MobilityOption, Unknown):
    """A mobility option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@OPTIONS.register(0, rfc="6275 6.2.2")
class Pad1(MobilityOption):
    """One octet of padding; listed only where an encoder would not put it by itself."""


@OPTIONS.register(1, rfc="6275 6.2.3")
class PadN(MobilityOption):
    """Two or more octets of padding; listed only where an encoder would not put it by itself."""

    data: Octets = b""
    "Receivers ignore these octets, which ought to be zero."
