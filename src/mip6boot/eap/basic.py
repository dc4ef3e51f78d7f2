"""The types that RFC 3748 itself defines (section 5)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import (
    Const,
    Int8ub,
    Items,
    LengthOf,
    Message,
    Octets,
    OpenEnum,
    UInt24,
    UInt32,
    Utf8,
)
from .codes import EapType
from .packet import PACKETS, TypedPacket

__all__ = [
    "Expanded",
    "ExpandedRequest",
    "ExpandedResponse",
    "ExpandedType",
    "GtcRequest",
    "GtcResponse",
    "IdentityRequest",
    "IdentityResponse",
    "Md5Challenge",
    "Md5Request",
    "Md5Response",
    "NakResponse",
    "NotificationRequest",
    "NotificationResponse",
    "OtpRequest",
    "OtpResponse",
]


@PACKETS.register(1, 1, rfc="3748 5.1")
class IdentityRequest(TypedPacket):
    """Asks who the peer is."""

    message: Utf8 = ""
    "Shown to a user up to a NUL; some servers put options behind it."

    @property
    def displayed(self) -> str:
        """What a user gets to see."""
        return self.message.partition("\0")[0]

    @property
    def options(self) -> str | None:
        """What stands behind a NUL; None where there is none."""
        _, nul, options = self.message.partition("\0")
        return options if nul else None


@PACKETS.register(2, 1, rfc="3748 5.1")
class IdentityResponse(TypedPacket):
    """Who the peer is, as far as it tells in the clear."""

    identity: Utf8
    "Empty where it is unknown."


@PACKETS.register(1, 2, rfc="3748 5.2")
class NotificationRequest(TypedPacket):
    """Something to tell a user."""

    message: Utf8


@PACKETS.register(2, 2, rfc="3748 5.2")
class NotificationResponse(TypedPacket):
    """A notification has arrived."""

    message: Utf8 = ""
    "Empty in every legal packet."


@PACKETS.register(2, 3, rfc="3748 5.3.1")
class NakResponse(TypedPacket):
    """Legacy Nak: the type of the request will not do, but these would."""

    desired_types: Annotated[tuple[EapType | int, ...], Items(OpenEnum(Int8ub, EapType))]
    "Nothing but 0 where none would."


class Md5Challenge(TypedPacket):
    """Base of the two packets of MD5-Challenge, which are those of CHAP."""

    value_size: ClassVar[Annotated[int, LengthOf("value", Int8ub)]]
    value: Octets
    "A challenge, or the 16 octets that answer it."
    name: Utf8 = ""
    "Who sends it."


@PACKETS.register(1, 4, rfc="3748 5.4")
class Md5Request(Md5Challenge):
    """A challenge."""


@PACKETS.register(2, 4, rfc="3748 5.4")
class Md5Response(Md5Challenge):
    """The digest that answers a challenge."""


@PACKETS.register(1, 5, rfc="3748 5.5")
class OtpRequest(TypedPacket):
    """A challenge of the One-Time Password system."""

    message: Utf8


@PACKETS.register(2, 5, rfc="3748 5.5")
class OtpResponse(TypedPacket):
    """The words of a one-time password."""

    message: Utf8


@PACKETS.register(1, 6, rfc="3748 5.6")
class GtcRequest(TypedPacket):
    """Asks for what a token card shows."""

    message: Utf8


@PACKETS.register(2, 6, rfc="3748 5.6")
class GtcResponse(TypedPacket):
    """What a token card shows."""

    message: Utf8


class ExpandedType(Message):
    """One type in the expanded form, as an Expanded Nak lists them."""

    eap_type: ClassVar[Annotated[int, Const(Int8ub, EapType.EXPANDED)]]
    vendor_id: UInt24 = 0
    "Private enterprise number; 0 is the IETF."
    vendor_type: UInt32 = 0
    "Of vendor 0: a type as it would stand in one octet; 0 where no type would do."


class _Types(Message):
    types: Annotated[tuple[ExpandedType, ...], Items(ExpandedType)]


class Expanded(TypedPacket):
    """Base of requests and responses of a vendor's own types."""

    vendor_id: UInt24
    "Private enterprise number; 0 is the IETF."
    vendor_type: UInt32
    vendor_data: Octets = b""


@PACKETS.register(1, 254, rfc="3748 5.7")
class ExpandedRequest(Expanded):
    """A request of a vendor's own type."""


@PACKETS.register(2, 254, rfc="3748 5.3.2, 5.7")
class ExpandedResponse(Expanded):
    """A response of a vendor's own type, or an Expanded Nak."""

    @classmethod
    def nak(cls, identifier: int, *desired_types: ExpandedType) -> ExpandedResponse:
        """The Expanded Nak that asks for the types; without any, nothing would do."""
        types = _Types(desired_types or (ExpandedType(),))
        return cls(identifier, 0, EapType.NAK, types.encode())

    @property
    def desired_types(self) -> tuple[ExpandedType, ...] | None:
        """The types that an Expanded Nak asks for; DecodeError where they are no such list.

        None in any other response.
        """
        if (self.vendor_id, self.vendor_type) != (0, EapType.NAK):
            return None
        return _Types.decode(self.vendor_data).types
