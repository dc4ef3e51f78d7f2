"""Secrets: no text that is made of them, or of what holds them, shows an octet."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest
from rich.pretty import pretty_repr

from mip6boot import packets, security
from mip6boot.ikev2 import EncryptionAlgorithm, KeyExchangeMethod
from mip6boot.security import EspSa, EspSuite, IkeKeys, Keyring, Secret

from .suites import ESP_SUITES, IKE_SUITES, esp_sa, ike_keys, secrets_of

SHOWN: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": lambda value: f"{value}",
    "format repr": lambda value: f"{value!r}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031
    "in a list": lambda value: str([value]),
    "in an error": lambda value: repr(ValueError(value)) + str(ValueError(value)),
    "rich": lambda value: pretty_repr(value),
}
shown = pytest.mark.parametrize("form", SHOWN)

KEYS = ike_keys(IKE_SUITES[3])
SA = esp_sa(ESP_SUITES[4])
HOLDERS: list[Any] = [KEYS, SA, Keyring([KEYS, SA]), KEYS.from_initiator, SA.protection]


def hidden(text: str, secrets: list[bytes]) -> bool:
    forms = (
        form for octets in secrets for form in (octets.hex(), octets.hex(":"), repr(octets)[2:-1])
    )
    return not any(form in text for form in forms) and not any(
        repr(list(octets)) in text for octets in secrets
    )


@shown
def test_a_secret_shows_its_length(form: str) -> None:
    text = SHOWN[form](Secret(b"mip6-shared-secret"))
    assert "<18 secret octets>" in text
    assert hidden(text, [b"mip6-shared-secret"])


def test_format_specifications_do_not_matter() -> None:
    for specification in ("", "s", ">40", "x", "!r"):
        assert format(Secret(b"abc"), specification) == "<3 secret octets>"


@shown
@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_what_holds_keys_shows_none(form: str, holder: Any) -> None:
    secrets = secrets_of(KEYS) + secrets_of(SA)
    assert len(secrets) == 9
    assert hidden(SHOWN[form](holder), secrets)


@shown
@pytest.mark.parametrize(
    "method",
    [KeyExchangeMethod.MODP2048, KeyExchangeMethod.ECP256, KeyExchangeMethod.CURVE25519],
)
def test_key_pairs_show_none(form: str, method: KeyExchangeMethod) -> None:
    group = security.key_exchange(method)
    pair = group.generate(Random(1))
    secrets = [bytes(pair.private), bytes(pair.shared(pair.public))]
    for holder in (pair, pair.private, pair.shared(pair.public), group):
        assert hidden(SHOWN[form](holder), secrets)


def test_a_secret_is_octets() -> None:
    secret = Secret(b"secret")
    assert secret == b"secret"
    assert hash(secret) == hash(b"secret")
    assert secret + b"" == b"secret"
    assert type(secret[:3]) is bytes
    assert bytes(secret) == b"secret"
    assert type(bytes(secret)) is bytes
    assert secret.hex() == b"secret".hex()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_secrets_survive_pickle_and_copy(protocol: int) -> None:
    for again in (
        pickle.loads(pickle.dumps(Secret(b"secret"), protocol)),
        copy.copy(Secret(b"secret")),
        copy.deepcopy(Secret(b"secret")),
    ):
        assert again == b"secret"
        assert type(again) is Secret


@pytest.mark.parametrize("used", [False, True])
def test_keys_survive_pickle_and_copy(used: bool) -> None:
    keys, sa = ike_keys(IKE_SUITES[0]), esp_sa(ESP_SUITES[0])
    if used:
        assert keys.from_initiator is keys.from_initiator
        assert sa.protection is sa.protection
    for holder in (keys, sa):
        for again in (pickle.loads(pickle.dumps(holder)), copy.copy(holder), copy.deepcopy(holder)):
            assert again == holder
            assert isinstance(again, (IkeKeys, EspSa))
            for name in holder.__struct_fields__:
                assert type(getattr(again, name)) is type(getattr(holder, name))


def test_keys_that_are_given_as_mere_octets_are_hidden_too() -> None:
    """A type checker refuses them; where nobody asks one, they are not shown all the same."""
    octets = b"octets of a key, with its salt"
    names = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")
    plain: Any = dict.fromkeys(names, octets)
    keys = IkeKeys(spi_i=b"", spi_r=b"", suite=KEYS.suite, **plain)
    sa = EspSa(spi=1, suite=SA.suite, encryption_key=octets, integrity_key=octets)  # type: ignore[arg-type]
    again = msgspec.structs.replace(keys, **plain)
    for holder, count in ((keys, 7), (sa, 2), (again, 7)):
        assert hidden(repr(holder), [octets])
        assert repr(holder).count("<30 secret octets>") == count
        assert secrets_of(holder) == [octets] * count


def test_so_are_those_of_eap_of_cards_and_of_nonces() -> None:
    octets: Any = b"16 octets of key"
    holders = (
        security.EapKeys(
            k_encr=octets, k_aut=octets, msk=octets, emsk=octets, mac_hash=security.EapHash.SHA1
        ),
        security.AuthenticationVector(b"rand", b"autn", octets, octets, octets),
        security.AkaAnswer(b"res", octets, octets, 1, b"amf"),
        security.CorrespondentNonce(octets, octets),
        packets.Secrets(shared=(octets,), private=(octets,), sk_d=(octets,)),
    )
    for holder, count in zip(holders, (4, 3, 2, 2, 3), strict=True):
        assert hidden(repr(holder), [octets])
        assert repr(holder).count("<16 secret octets>") == count


def test_keys_may_be_written_out_by_who_wants_to() -> None:
    sa = EspSa(
        spi=1, suite=EspSuite(encryption=EncryptionAlgorithm.NULL), encryption_key=Secret(b"ab")
    )
    assert sa.encryption_key.hex() == "6162"
