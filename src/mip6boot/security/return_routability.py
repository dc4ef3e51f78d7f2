"""Return routability: keygen tokens and the key they make (RFC 6275 5.2).

>>> from ipaddress import IPv6Address
>>> from random import Random  # In earnest, one of the system's.
>>> from mip6boot import mipv6, security
>>> home, care_of = IPv6Address("2001:db8:100::10"), IPv6Address("2001:db8:200::10")
>>> nonces = {7: security.CorrespondentNonce.new(Random(0))}
>>> init = mipv6.HomeTestInit(home_init_cookie=bytes(8))
>>> test = security.home_test(init, home, 7, nonces[7])
>>> update = mipv6.BindingUpdate(1, options=(mipv6.NonceIndices(7, 0),))  # Ends the binding.
>>> kbm = security.binding_management_key(test.home_keygen_token)
>>> kbm == security.key_of_update(update, nonces, home_address=home, care_of_address=care_of)
True
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from ipaddress import IPv6Address

import msgspec

from ..errors import UnknownSa
from ..mipv6 import (
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
    NonceIndices,
)
from .secret import Rng, Secret, hide

__all__ = [
    "CorrespondentNonce",
    "binding_management_key",
    "care_of_test",
    "home_test",
    "key_of_update",
]

_TOKEN_OCTETS = 8


class CorrespondentNonce(msgspec.Struct, frozen=True):
    """A nonce of a correspondent node, and the node key Kcn that is used with it.

    A nonce index names both (RFC 6275 5.2.7).
    """

    node_key: Secret
    nonce: Secret

    def __post_init__(self) -> None:
        hide(self, "node_key", "nonce")

    @classmethod
    def new(cls, rng: Rng) -> CorrespondentNonce:
        """Random ones, of the sizes that RFC 6275 5.2.1 and 5.2.2 give."""
        return cls(Secret(rng.randbytes(20)), Secret(rng.randbytes(8)))

    def home_keygen_token(self, home_address: IPv6Address) -> Secret:
        """What shows that the mobile node gets packets at its home address (RFC 6275 5.2.5)."""
        return self._token(home_address, b"\0")

    def care_of_keygen_token(self, care_of_address: IPv6Address) -> Secret:
        """What shows that the mobile node gets packets at its care-of address."""
        return self._token(care_of_address, b"\1")

    def _token(self, address: IPv6Address, kind: bytes) -> Secret:
        octets = address.packed + self.nonce + kind
        return Secret(hmac.digest(self.node_key, octets, "sha1")[:_TOKEN_OCTETS])


def home_test(
    init: HomeTestInit, home_address: IPv6Address, nonce_index: int, nonce: CorrespondentNonce
) -> HomeTest:
    """The correspondent's answer, to be sent to the home address; its checksum is left at 0."""
    token = nonce.home_keygen_token(home_address)
    return HomeTest(nonce_index, init.home_init_cookie, bytes(token))


def care_of_test(
    init: CareOfTestInit, care_of_address: IPv6Address, nonce_index: int, nonce: CorrespondentNonce
) -> CareOfTest:
    """The correspondent's answer, to be sent to the care-of address; its checksum is left at 0."""
    token = nonce.care_of_keygen_token(care_of_address)
    return CareOfTest(nonce_index, init.care_of_init_cookie, bytes(token))


def binding_management_key(
    home_keygen_token: bytes, care_of_keygen_token: bytes | None = None
) -> Secret:
    """Kbm; a Binding Update that ends a binding has no care-of keygen token (RFC 6275 5.2.5)."""
    if len(home_keygen_token) != _TOKEN_OCTETS:
        raise ValueError(f"a keygen token has {_TOKEN_OCTETS} octets")
    if care_of_keygen_token is None:
        return Secret(hashlib.sha1(home_keygen_token).digest())
    if len(care_of_keygen_token) != _TOKEN_OCTETS:
        raise ValueError(f"a keygen token has {_TOKEN_OCTETS} octets")
    return Secret(hashlib.sha1(home_keygen_token + care_of_keygen_token).digest())


def key_of_update(
    update: BindingUpdate,
    nonces: Mapping[int, CorrespondentNonce],
    *,
    home_address: IPv6Address,
    care_of_address: IPv6Address,
) -> Secret:
    """The Kbm that a correspondent node expects a Binding Update to be made with (RFC 6275 9.5.1).

    `nonces` are those that are valid now, by their indices.  UnknownSa where the update has no
    Nonce Indices option or names none of them; a binding ends without a care-of nonce.
    """
    indices = update.find(NonceIndices)
    if indices is None:
        raise UnknownSa("the Binding Update has no Nonce Indices option")
    home = _nonce(nonces, indices.home_nonce_index, "home")
    token = home.home_keygen_token(home_address)
    if update.lifetime == 0:
        return binding_management_key(token)
    care_of = _nonce(nonces, indices.care_of_nonce_index, "care-of")
    return binding_management_key(token, care_of.care_of_keygen_token(care_of_address))


def _nonce(nonces: Mapping[int, CorrespondentNonce], index: int, kind: str) -> CorrespondentNonce:
    nonce = nonces.get(index)
    if nonce is None:
        raise UnknownSa(f"the {kind} nonce index {index} is not valid")
    return nonce
