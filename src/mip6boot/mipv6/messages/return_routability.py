"""The test messages of return routability (RFC 6275 6.1.3 to 6.1.6)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Bytes, UInt16
from ..header import MESSAGES, MobilityHeader
from ..options.base import MobilityOptions

__all__ = ["CareOfTest", "CareOfTestInit", "HomeTest", "HomeTestInit"]

Octets8 = Annotated[bytes, Bytes(8)]


@MESSAGES.register(1, rfc="6275 6.1.3")
class HomeTestInit(MobilityHeader, kw_only=True):
    """Home Test Init: asks a correspondent for a home keygen token."""

    reserved2: UInt16 = 0
    home_init_cookie: Octets8
    options: MobilityOptions = ()


@MESSAGES.register(2, rfc="6275 6.1.4")
class CareOfTestInit(MobilityHeader, kw_only=True):
    """Care-of Test Init: asks a correspondent for a care-of keygen token."""

    reserved2: UInt16 = 0
    care_of_init_cookie: Octets8
    options: MobilityOptions = ()


@MESSAGES.register(3, rfc="6275 6.1.5")
class HomeTest(MobilityHeader):
    """Home Test: the home keygen token of a correspondent."""

    home_nonce_index: UInt16
    home_init_cookie: Octets8
    home_keygen_token: Octets8
    options: MobilityOptions = ()


@MESSAGES.register(4, rfc="6275 6.1.6")
class CareOfTest(MobilityHeader):
    """Care-of Test: the care-of keygen token of a correspondent."""

    care_of_nonce_index: UInt16
    care_of_init_cookie: Octets8
    care_of_keygen_token: Octets8
    options: MobilityOptions = ()
