"""Binding Authorization Data (RFC 6275 6.2.7): what authenticates a correspondent registration.

>>> from ipaddress import IPv6Address
>>> from mip6boot import mipv6, security
>>> addresses = {
...     "care_of_address": IPv6Address("2001:db8:200::10"),
...     "correspondent": IPv6Address("2001:db8:300::1"),
... }
>>> kbm = security.binding_management_key(bytes(8), bytes(8))
>>> update = mipv6.BindingUpdate(1, lifetime=400, options=(mipv6.NonceIndices(7, 8),))
>>> update = security.with_binding_authorization(update, kbm, **addresses)
>>> update.options[1].authenticator.hex()
'fe6e992f49150db525515fbb'
>>> security.verify_binding_authorization(update, kbm, **addresses)
"""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address
from typing import TypeVar

import msgspec

from ..errors import EncodeError, IntegrityError
from ..mipv6 import BindingAuthorizationData
from .authenticators import Binding, around, filled

__all__ = ["verify_binding_authorization", "with_binding_authorization"]

_AUTHENTICATOR_OCTETS = 12

B = TypeVar("B", bound=Binding)


def with_binding_authorization(
    message: B, kbm: bytes, *, care_of_address: IPv6Address, correspondent: IPv6Address
) -> B:
    """A copy with the right Binding Authorization Data, put last where there is none.

    `care_of_address` is the one to register, or the home address where the binding ends;
    `correspondent` is the home address of a correspondent that is mobile itself (RFC 6275 6.2.7).
    EncodeError where the option stands before another one.
    """
    if not any(isinstance(option, BindingAuthorizationData) for option in message.options):
        options = (*message.options, BindingAuthorizationData(b""))
        message = msgspec.structs.replace(message, options=options)
    if _last(message) is None:
        raise EncodeError("Binding Authorization Data is the last option, once", "options")
    octets = b"".join(_around(message))
    data = _authenticator(kbm, care_of_address, correspondent, octets)
    return filled(message, len(message.options) - 1, authenticator=data)


def verify_binding_authorization(
    message: Binding, kbm: bytes, *, care_of_address: IPv6Address, correspondent: IPv6Address
) -> None:
    """Return if the Binding Authorization Data fits; else raise IntegrityError.

    Also where it is not the last option, or padding follows it (RFC 6275 9.5.1).  The addresses are
    as those of `with_binding_authorization`.
    """
    option = _last(message)
    if option is None:
        raise IntegrityError("Binding Authorization Data is not the last option, once")
    before, behind = _around(message)
    if behind:
        raise IntegrityError("padding stands behind the Binding Authorization Data")
    expected = _authenticator(kbm, care_of_address, correspondent, before)
    if not hmac.compare_digest(expected, option.authenticator):
        raise IntegrityError("the Binding Authorization Data does not fit")


def _last(message: Binding) -> BindingAuthorizationData | None:
    """The option, if it is the last one and the only one of its kind."""
    found = [option for option in message.options if isinstance(option, BindingAuthorizationData)]
    return found[0] if len(found) == 1 and found[0] is message.options[-1] else None


def _around(message: Binding) -> tuple[bytes, bytes]:
    """The octets before and behind the authenticator of the last option."""
    return around(message, len(message.options) - 1, "authenticator", _AUTHENTICATOR_OCTETS)


def _authenticator(
    kbm: bytes, care_of_address: IPv6Address, correspondent: IPv6Address, octets: bytes
) -> bytes:
    covered = care_of_address.packed + correspondent.packed + octets
    return hmac.digest(kbm, covered, "sha1")[:_AUTHENTICATOR_OCTETS]
