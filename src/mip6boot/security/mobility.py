"""The authentication options MN-HA and MN-AAA (RFC 4285 5).

>>> from ipaddress import IPv6Address
>>> from mip6boot import mipv6, security
>>> addresses = {
...     "home_address": IPv6Address("2001:db8:100::10"),
...     "care_of_address": IPv6Address("2001:db8:200::10"),
... }
>>> option = mipv6.Authentication(mipv6.AuthenticationSubtype.MN_HA, 256, b"")
>>> update = mipv6.BindingUpdate(1, lifetime=3600, options=(option,))
>>> update = security.with_authentication(update, {option.subtype: bytes(16)}, **addresses)
>>> update.options[0].authentication_data.hex()
'63ee1cc91254bf5a140ad183'
>>> security.verify_authentication(update, option.subtype, bytes(16), **addresses)

The checksum of the message is made afterwards: it covers the authenticators, they do not cover it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import TypeVar

from ..errors import ConfigError, EncodeError, IntegrityError
from ..mipv6 import Authentication, AuthenticationSubtype, Pad1, PadN
from ..schema import Unaligned
from .authenticators import Binding, around, filled

__all__ = ["HMAC_SHA1_SPI", "verify_authentication", "with_authentication"]

#: The mobility SPI that says how an MN-AAA option is computed (RFC 4285 8).
HMAC_SHA1_SPI = 3

#: Octets of authentication data: MN-HA's are cut to 96 bits, MN-AAA's are the whole HMAC-SHA1.
_SIZES: Mapping[int, int] = {AuthenticationSubtype.MN_HA: 12, AuthenticationSubtype.MN_AAA: 20}

#: What may stand behind an authentication option.
_UNCOVERED = (Authentication, Pad1, PadN, Unaligned)

B = TypeVar("B", bound=Binding)


def with_authentication(
    message: B,
    keys: Mapping[AuthenticationSubtype, bytes],
    *,
    home_address: IPv6Address,
    care_of_address: IPv6Address,
) -> B:
    """A copy with the right data in the authentication options of the subtypes in `keys`.

    All of them at once, because each covers the length of the whole message.  EncodeError for an
    option that is not there, ConfigError for a subtype, or an SPI of MN-AAA, that nobody defined.
    """
    places = []
    for subtype, key in keys.items():
        found = _options(message, subtype)
        if len(found) != 1:
            reason = f"{len(found)} authentication options of subtype {int(subtype)}, not one"
            raise EncodeError(reason, "options")
        places.append((*found[0], key))
    for index, option, _ in places:
        message = filled(message, index, authentication_data=bytes(_size(option.subtype)))
    addresses = care_of_address.packed + home_address.packed
    # What stands behind covers what stands in front of it.
    for index, option, key in sorted(places):
        data = _data(message, index, option, key, addresses)
        message = filled(message, index, authentication_data=data)
    return message


def verify_authentication(
    message: Binding,
    subtype: int,
    key: bytes,
    *,
    home_address: IPv6Address,
    care_of_address: IPv6Address,
) -> None:
    """Return if the authentication option of the subtype fits; else raise IntegrityError.

    Also where there is none, or another option than authentication behind it, which it would not
    cover.  ConfigError for a subtype, or an SPI of MN-AAA, that nobody defined.
    """
    found = _options(message, subtype)
    if len(found) != 1:
        raise IntegrityError(f"not one authentication option of subtype {int(subtype)}")
    index, option = found[0]
    if not all(isinstance(behind, _UNCOVERED) for behind in message.options[index + 1 :]):
        raise IntegrityError("an option stands behind the authentication option")
    expected = _data(message, index, option, key, care_of_address.packed + home_address.packed)
    if not hmac.compare_digest(expected, option.authentication_data):
        raise IntegrityError(f"the authentication option of subtype {int(subtype)} does not fit")


def _options(message: Binding, subtype: int) -> list[tuple[int, Authentication]]:
    """The options of a subtype, with their indices."""
    return [
        (index, option)
        for index, option in enumerate(message.options)
        if isinstance(option, Authentication) and option.subtype == subtype
    ]


def _size(subtype: int) -> int:
    if subtype not in _SIZES:
        raise ConfigError(f"the authentication subtype {int(subtype)} does not work here")
    return _SIZES[subtype]


def _data(
    message: Binding, index: int, option: Authentication, key: bytes, addresses: bytes
) -> bytes:
    """The authentication data, over the addresses and the message up to the option's SPI."""
    size = _size(option.subtype)
    # RFC 4285 says only of MN-HA that the checksum is 0, but it cannot be known before either.
    before, _ = around(message, index, "authentication_data", size)
    octets = addresses + before
    if option.subtype == AuthenticationSubtype.MN_AAA:
        if option.mobility_spi != HMAC_SHA1_SPI:
            raise ConfigError(f"the mobility SPI {option.mobility_spi} does not work here")
        octets = hashlib.sha1(octets).digest()
    return hmac.digest(key, octets, "sha1")[:size]
