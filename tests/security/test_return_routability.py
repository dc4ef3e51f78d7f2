"""Keygen tokens and Kbm by the formulas of RFC 6275 5.2.5; no vectors are published."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv6Address
from random import Random

import pytest

from mip6boot import mipv6
from mip6boot.errors import IntegrityError, UnknownSa
from mip6boot.security import (
    CorrespondentNonce,
    Secret,
    binding_management_key,
    care_of_test,
    home_test,
    key_of_update,
    verify_binding_authorization,
    with_binding_authorization,
)

HOME = IPv6Address("2001:db8:100::10")
CARE_OF = IPv6Address("2001:db8:200::10")
CORRESPONDENT = IPv6Address("2001:db8:300::1")
KCN, NONCE = bytes(range(20)), bytes(range(8))
NONCES = {
    7: CorrespondentNonce(Secret(KCN), Secret(NONCE)),
    8: CorrespondentNonce(Secret(KCN[::-1]), Secret(NONCE[::-1])),
}
HOME_TOKEN = hmac.digest(KCN, HOME.packed + NONCE + b"\0", "sha1")[:8]
CARE_OF_TOKEN = hmac.digest(KCN[::-1], CARE_OF.packed + NONCE[::-1] + b"\1", "sha1")[:8]
UPDATE = mipv6.BindingUpdate(1, lifetime=400, options=(mipv6.NonceIndices(7, 8),))


def key_of(update: mipv6.BindingUpdate) -> Secret:
    return key_of_update(update, NONCES, home_address=HOME, care_of_address=CARE_OF)


def test_tokens() -> None:
    assert NONCES[7].home_keygen_token(HOME) == HOME_TOKEN
    assert NONCES[8].care_of_keygen_token(CARE_OF) == CARE_OF_TOKEN
    assert NONCES[7].care_of_keygen_token(HOME) != HOME_TOKEN


def test_test_messages() -> None:
    init = mipv6.HomeTestInit(home_init_cookie=b"cookie01")
    assert home_test(init, HOME, 7, NONCES[7]) == mipv6.HomeTest(7, b"cookie01", HOME_TOKEN)
    care_of_init = mipv6.CareOfTestInit(care_of_init_cookie=b"cookie02")
    answer = care_of_test(care_of_init, CARE_OF, 8, NONCES[8])
    assert answer == mipv6.CareOfTest(8, b"cookie02", CARE_OF_TOKEN)
    assert mipv6.decode(answer.encode()) == answer


def test_binding_management_key() -> None:
    both = hashlib.sha1(HOME_TOKEN + CARE_OF_TOKEN).digest()
    assert binding_management_key(HOME_TOKEN, CARE_OF_TOKEN) == key_of(UPDATE) == both
    alone = hashlib.sha1(HOME_TOKEN).digest()
    ending = UPDATE.replace(lifetime=0)
    assert binding_management_key(HOME_TOKEN) == key_of(ending) == alone
    # The care-of nonce is not looked at where a binding ends.
    unknown = ending.replace(options=(mipv6.NonceIndices(7, 99),))
    assert key_of(unknown) == alone
    for tokens in ((HOME_TOKEN[:7],), (HOME_TOKEN + b"\0",), (HOME_TOKEN, b""), (b"", HOME_TOKEN)):
        with pytest.raises(ValueError, match="8 octets"):
            binding_management_key(*tokens)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "no Nonce Indices"),
        ((mipv6.NonceIndices(9, 8),), "home nonce index 9"),
        ((mipv6.NonceIndices(7, 9),), "care-of nonce index 9"),
    ],
)
def test_unknown_nonces(options: tuple[mipv6.MobilityOption, ...], reason: str) -> None:
    with pytest.raises(UnknownSa, match=reason):
        key_of(UPDATE.replace(options=options))


def test_a_whole_registration() -> None:
    """The mobile node has the tokens, the correspondent its nonces; both make the same key."""
    kbm = binding_management_key(HOME_TOKEN, CARE_OF_TOKEN)
    addresses = {"care_of_address": CARE_OF, "correspondent": CORRESPONDENT}
    sent = with_binding_authorization(UPDATE, kbm, **addresses)
    received = mipv6.BindingUpdate.decode(sent.encode())
    verify_binding_authorization(received, key_of(received), **addresses)
    # With the indices changed, the key is another one.
    options = (mipv6.NonceIndices(8, 7), *received.options[1:])
    changed = received.replace(options=options)
    with pytest.raises(IntegrityError):
        verify_binding_authorization(changed, key_of(changed), **addresses)
    with pytest.raises(IntegrityError):
        verify_binding_authorization(received, key_of(received.replace(lifetime=0)), **addresses)


def test_random_ones() -> None:
    made = CorrespondentNonce.new(Random(1))
    assert (len(made.node_key), len(made.nonce)) == (20, 8)
    assert made == CorrespondentNonce.new(Random(1)) != CorrespondentNonce.new(Random(2))
    assert repr(made) == "CorrespondentNonce(node_key=<20 secret octets>, nonce=<8 secret octets>)"
