"""Suites of proposals, and back."""

from __future__ import annotations

import msgspec
import pytest

from mip6boot.errors import ConfigError
from mip6boot.ikev2 import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    Proposal,
    ProtocolId,
    PseudorandomFunction,
    SequenceNumbers,
    Transform,
    TransformType,
)
from mip6boot.security import EspSuite, IkeSuite

from .suites import ESP_SUITES, IKE_SUITES, title

E, K = EncryptionAlgorithm, KeyExchangeMethod
CBC, SHA1, PRF, GROUP = (
    Transform.of(E.AES_CBC, 256),
    Transform.of(IntegrityAlgorithm.HMAC_SHA1_96),
    Transform.of(PseudorandomFunction.HMAC_SHA1),
    Transform.of(K.MODP2048),
)


def proposal(*transforms: Transform) -> Proposal:
    """As it comes from the wire."""
    return Proposal.decode(Proposal(protocol_id=ProtocolId.IKE, transforms=transforms).encode())


@pytest.mark.parametrize("method", [None, K.MODP2048, K.CURVE25519])
@pytest.mark.parametrize("suite", IKE_SUITES, ids=title)
def test_ike_suites_come_back(suite: IkeSuite, method: KeyExchangeMethod | None) -> None:
    suite = msgspec.structs.replace(suite, key_exchange=method)
    types = [transform.transform_type for transform in suite.transforms()]
    assert types == sorted(set(types))
    assert IkeSuite.of(proposal(*suite.transforms()), legacy=True) == suite
    assert IkeSuite.of(proposal(*reversed(suite.transforms())), legacy=True) == suite


@pytest.mark.parametrize("method", [None, K.ECP256])
@pytest.mark.parametrize("suite", ESP_SUITES, ids=title)
def test_esp_suites_come_back(suite: EspSuite, method: KeyExchangeMethod | None) -> None:
    suite = msgspec.structs.replace(suite, key_exchange=method)
    types = [transform.transform_type for transform in suite.transforms()]
    assert types == sorted(set(types))
    found = EspSuite.of(proposal(*suite.transforms()), legacy=True)
    assert found == suite
    assert found.extended is (suite.sequence_numbers == SequenceNumbers.ESN)


def test_none_is_as_if_there_were_no_transform() -> None:
    """RFC 7296 3.3.3."""
    none = (Transform.of(IntegrityAlgorithm.NONE), Transform.of(K.NONE))
    gcm = Transform.of(E.AES_GCM_16, 128)
    suite = IkeSuite.of(proposal(gcm, PRF, *none))
    assert (suite.integrity, suite.key_exchange) == (IntegrityAlgorithm.NONE, None)
    assert suite == IkeSuite.of(proposal(gcm, PRF))
    assert EspSuite.of(proposal(gcm, *none)) == EspSuite.of(proposal(gcm))


@pytest.mark.parametrize(
    ("transforms", "match"),
    [
        ((), "no transform of type ENCR"),
        ((PRF, SHA1, GROUP), "no transform of type ENCR"),
        ((CBC, SHA1, GROUP), "no transform of type PRF"),
        ((CBC, CBC, PRF), "two transforms of type"),
        ((CBC, PRF, GROUP, Transform.of(K.ECP256)), "two transforms of type"),
        (
            (Transform(transform_type=TransformType.ENCR, transform_id=9999), PRF),
            "ENCR 9999 does not work here",
        ),
        (
            (CBC, PRF, Transform(transform_type=TransformType.KE, transform_id=9999)),
            "KE 9999 does not work here",
        ),
    ],
)
def test_proposals_that_are_not_chosen_ones(transforms: tuple[Transform, ...], match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        IkeSuite.of(proposal(*transforms))


def test_algorithms_that_do_not_work_are_refused_when_they_are_used() -> None:
    camellia = IkeSuite.of(proposal(Transform.of(E.CAMELLIA_CBC, 128), PRF, SHA1))
    with pytest.raises(ConfigError, match="CAMELLIA_CBC does not work here"):
        _ = camellia.encryption_key_octets
    triple = IkeSuite.of(proposal(Transform.of(E.TRIPLE_DES), PRF, SHA1))
    with pytest.raises(ConfigError, match="legacy=True"):
        _ = triple.cipher
    odd = IkeSuite.of(proposal(Transform.of(E.AES_CBC, 160), PRF, SHA1))
    with pytest.raises(ConfigError, match="160 bits where 128, 192, 256"):
        _ = odd.encryption_key_octets
    with pytest.raises(ConfigError, match="no key exchange method"):
        _ = odd.group
