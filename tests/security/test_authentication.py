"""AUTH payloads: what real peers and openssl have signed, the RFCs' vectors, and what never passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mip6boot import capture, ikev2, packets, security
from mip6boot.errors import ConfigError, IntegrityError
from mip6boot.ikev2 import AuthenticationMethod, HashAlgorithm
from mip6boot.security.hashing import Prf
from mip6boot.security.pss import PssParameters

from ..conftest import DATA

SHARED = json.loads((DATA / "auth_shared_keys.json").read_text())
SIGNED = json.loads((DATA / "auth_signatures.json").read_text())
OPENSSL = json.loads((DATA / "auth_openssl.json").read_text())
DIGITAL = AuthenticationMethod.DIGITAL_SIGNATURE
#: SHA-1 included, which has to be asked for.
ALL = tuple(HashAlgorithm)
OCTETS = b"what a peer proves itself by"


def by_name(row: dict[str, str]) -> str:
    return f"{row['capture']}-{row['by']}"


@cache
def exchange(name: str) -> dict[bool, ikev2.IkeMessage]:
    """The IKE_SA_INIT messages that made the SA; the key is whether it is the initiator's."""
    found = {}
    for frame in capture.read(DATA / "peers" / "ikev2" / f"{name}.pcap"):
        for layer in packets.decode_packet(frame.octets, frame.linktype).layers:
            if not isinstance(layer, ikev2.IkeMessage) or layer.find(ikev2.Nonce) is None:
                continue
            if layer.exchange_type == ikev2.ExchangeType.IKE_SA_INIT:
                found[not layer.is_response] = layer
    return found


def octets_of(row: dict[str, Any]) -> bytes:
    """What the peer of a row has signed, from the capture and its SK_p."""
    initiator = row["by"] == "initiator"
    nonce = exchange(row["capture"])[not initiator].find(ikev2.Nonce)
    assert nonce is not None
    kind = ikev2.IDi if initiator else ikev2.IDr
    return security.signed_octets(
        exchange(row["capture"])[initiator].encode(),
        nonce.nonce_data,
        prf_of(row),
        bytes.fromhex(row["sk_p"]),
        kind.decode(bytes.fromhex(row["id"])),
    )


def prf_of(row: dict[str, Any]) -> Prf:
    return security.pseudorandom_function(row["prf"])


def certificate(pem: str) -> x509.Certificate:
    return security.load_certificates(pem.encode())[0]


def public_key(pem: str) -> Any:
    return certificate(pem).public_key()


def private_key(name: str) -> Any:
    return security.load_private_key(OPENSSL["keys"][name].encode())


def authentication(method: int, data: bytes) -> ikev2.Authentication:
    return ikev2.Authentication(auth_method=method, authentication_data=data)


def digital(identifier: bytes, signature: bytes) -> ikev2.Authentication:
    return authentication(DIGITAL, bytes((len(identifier),)) + identifier + signature)


def flipped(octets: bytes) -> list[bytes]:
    """One bit in each octet."""
    return [
        octets[:i] + bytes((octet ^ 1 << i % 8,)) + octets[i + 1 :]
        for i, octet in enumerate(octets)
    ]


def refused(payload: ikev2.Authentication, key: Any, octets: bytes, **how: Any) -> str:
    with pytest.raises(IntegrityError) as caught:
        security.verify_signature(payload, key, octets, **how)
    return str(caught.value)


# Shared keys


@pytest.mark.parametrize("row", SHARED, ids=by_name)
def test_shared_keys_of_real_peers(row: dict[str, Any]) -> None:
    octets, key, prf = octets_of(row), bytes.fromhex(row["key"]), prf_of(row)
    payload = security.shared_key_authentication(prf, key, octets)
    assert payload == authentication(2, bytes.fromhex(row["auth"]))
    security.verify_shared_key(payload, prf, key, octets)
    code = payload.authentication_data
    for wrong in (*flipped(code), b"", code[:-1], code + b"\0"):
        with pytest.raises(IntegrityError):
            security.verify_shared_key(authentication(2, wrong), prf, key, octets)
    for other in (flipped(key)[0], key + b"\0", key[:-1]):
        # HMAC takes zeros at the end of a short key for padding, so that one is the same key.
        if other.rstrip(b"\0") != key.rstrip(b"\0"):
            with pytest.raises(IntegrityError):
                security.verify_shared_key(payload, prf, other, octets)
    with pytest.raises(IntegrityError):
        security.verify_shared_key(payload, prf, key, octets + b"\0")


def test_shared_keys_are_not_taken_for_something_else() -> None:
    prf = security.pseudorandom_function(5)
    right = security.shared_key_authentication(prf, b"key", OCTETS).authentication_data
    for method in (0, 1, 3, 9, 12, 13, 14, 255):
        with pytest.raises(IntegrityError, match=rf"method {method}\b.* where a shared key"):
            security.verify_shared_key(authentication(method, right), prf, b"key", OCTETS)
    with pytest.raises(ConfigError, match="empty"):
        security.verify_shared_key(authentication(2, right), prf, b"", OCTETS)
    with pytest.raises(ConfigError, match="empty"):
        security.shared_key_authentication(prf, b"", OCTETS)
    with pytest.raises(IntegrityError) as caught:
        security.verify_shared_key(authentication(2, right), prf, b"secret-of-mine", OCTETS)
    assert "secret-of-mine" not in str(caught.value)


def test_signed_octets_count_every_bit() -> None:
    """Reserved bits of the identity count, those of the payload's header and its type do not."""
    prf = security.pseudorandom_function(2)

    def octets(payload: ikev2.Identification, **more: bytes) -> bytes:
        return security.signed_octets(b"message", b"nonce", prf, b"sk_p", payload, **more)

    identity = ikev2.FqdnIdentity("ha.example.org")
    plain = octets(ikev2.IDr(identity))
    assert plain == b"messagenonce" + prf.compute(b"sk_p", b"\2\0\0\0ha.example.org")
    assert octets(ikev2.IDr(identity, critical=True, reserved=5)) == plain
    assert octets(ikev2.IDi(identity)) == plain
    odd = octets(ikev2.IDr(identity.replace(reserved=0x010203)))
    assert odd == b"messagenonce" + prf.compute(b"sk_p", b"\2\1\2\3ha.example.org")
    assert octets(ikev2.IDr(identity), intermediate=b"int\0\0\0\2") == plain + b"int\0\0\0\2"


# Signatures of others


@pytest.mark.parametrize("row", SIGNED["signatures"], ids=by_name)
def test_signatures_of_real_peers(row: dict[str, Any]) -> None:
    payload = ikev2.Authentication.decode(bytes.fromhex(row["auth"]))
    octets, key = octets_of(row), public_key(SIGNED["certificates"][row["certificate"]])
    assert octets == bytes.fromhex(row["signed_octets"])
    security.verify_signature(payload, key, octets)
    for wrong in flipped(payload.authentication_data):
        refused(payload.replace(authentication_data=wrong), key, octets)
    for wrong in (octets[:-1], octets + b"\0", flipped(octets)[-1]):
        refused(payload, key, wrong)


def test_the_methods_that_were_seen() -> None:
    seen = {
        (payload.auth_method, row["certificate"])
        for row in SIGNED["signatures"]
        for payload in (ikev2.Authentication.decode(bytes.fromhex(row["auth"])),)
        if row["by"] == "responder"
    }
    assert seen == {
        (1, "ha-rsa2048.crt"),
        (9, "ha-ecp256.crt"),
        (14, "ha-rsa2048.crt"),
        (14, "ha-ecp256.crt"),
        (14, "ha-ed25519.crt"),
    }


@cache
def made_by_openssl(name: str) -> tuple[Any, bytes, bytes, bytes]:
    """Key, octets, AlgorithmIdentifier and signature of a certificate that is its own authority.

    Behind what is signed stand just these two, and the signature is a BIT STRING.
    """
    own = certificate(OPENSSL["certificates"][name])
    octets = own.tbs_certificate_bytes
    whole = own.public_bytes(Encoding.DER)
    at = whole.index(octets) + len(octets)
    identifier = whole[at : at + 2 + whole[at + 1]]
    assert whole.endswith(own.signature)
    return own.public_key(), octets, identifier, own.signature


@pytest.mark.parametrize("name", OPENSSL["certificates"])
def test_signatures_of_openssl(name: str) -> None:
    key, octets, identifier, signature = made_by_openssl(name)
    payload = digital(identifier, signature)
    if "sha1" in name:
        assert "SHA1 has not been offered" in refused(payload, key, octets)
    security.verify_signature(payload, key, octets, hash_algorithms=ALL)
    for wrong in flipped(payload.authentication_data):
        refused(authentication(DIGITAL, wrong), key, octets, hash_algorithms=ALL)
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature, signature[1:]):
        refused(digital(identifier, wrong), key, octets, hash_algorithms=ALL)
    refused(payload, key, octets + b"\0", hash_algorithms=ALL)


@pytest.mark.parametrize("name", OPENSSL["certificates"])
def test_keys_of_another_kind(name: str) -> None:
    key, octets, identifier, signature = made_by_openssl(name)
    payload = digital(identifier, signature)
    for other in OPENSSL["keys"]:
        its = private_key(other).public_key()
        if its != key:
            refused(payload, its, octets, hash_algorithms=ALL)


@pytest.mark.parametrize(
    ("name", "key", "hash_algorithm"),
    [
        ("rsa-sha1", "rsa", HashAlgorithm.SHA1),
        ("rsa-sha256", "rsa", HashAlgorithm.SHA2_256),
        ("rsa-sha384", "rsa", HashAlgorithm.SHA2_384),
        ("rsa-sha512", "rsa", HashAlgorithm.SHA2_512),
        ("ed25519", "ed25519", HashAlgorithm.IDENTITY),
        ("ed448", "ed448", HashAlgorithm.IDENTITY),
    ],
)
def test_signs_as_openssl_does(name: str, key: str, hash_algorithm: HashAlgorithm) -> None:
    """Where the algorithm leaves no choice, the octets are the same."""
    _, octets, identifier, signature = made_by_openssl(name)
    payload = security.sign(DIGITAL, private_key(key), octets, hash_algorithm=hash_algorithm)
    assert payload == digital(identifier, signature)


# RFC 4754 8: private key, r and s over "abc".  The payloads printed there have the method in the
# second octet, where the field is one octet and comes first.
RFC4754 = [
    (
        9,
        ec.SECP256R1(),
        "DC51D3866A15BACDE33D96F992FCA99DA7E6EF0934E7097559C27F1614C88A7F",
        "CB28E0999B9C7715FD0A80D8E47A77079716CBBF917DD72E97566EA1C066957C",
        "86FA3BB4E26CAD5BF90B7F81899256CE7594BB1EA0C89212748BFF3B3D5B0315",
    ),
    (
        10,
        ec.SECP384R1(),
        "0BEB646634BA87735D77AE4809A0EBEA865535DE4C1E1DCB692E84708E81A5AF"
        "62E528C38B2A81B35309668D73524D9F",
        "FB017B914E29149432D8BAC29A514640B46F53DDAB2C69948084E2930F1C8F7E"
        "08E07C9C63F2D21A07DCB56A6AF56EB3",
        "B263A1305E057F984D38726A1B46874109F417BCA112674C528262A40A629AF1"
        "CBB9F516CE0FA7D2FF630863A00E8B9F",
    ),
    (
        11,
        ec.SECP521R1(),
        "0065FDA3409451DCAB0A0EAD45495112A3D813C17BFD34BDF8C1209D7DF58491"
        "20597779060A7FF9D704ADF78B570FFAD6F062E95C7E0C5D5481C5B153B48B375FA1",
        "0154FD3836AF92D0DCA57DD5341D3053988534FDE8318FC6AAAAB68E2E6F4339"
        "B19F2F281A7E0B22C269D93CF8794A9278880ED7DBB8D9362CAEACEE544320552251",
        "017705A7030290D1CEB605A9A1BB03FF9CDD521E87A696EC926C8C10C8362DF4"
        "975367101F67D1CF9BCCBF2F3D239534FA509E70AAC851AE01AAC68D62F866472660",
    ),
]


@pytest.mark.parametrize(("method", "curve", "w", "r", "s"), RFC4754, ids=["256", "384", "521"])
def test_ecdsa_of_rfc_4754(method: int, curve: ec.EllipticCurve, w: str, r: str, s: str) -> None:
    own = ec.derive_private_key(int(w, 16), curve)
    key, signature = own.public_key(), bytes.fromhex(r + s)
    security.verify_signature(authentication(method, signature), key, b"abc")
    half, order = len(signature) // 2, curve.group_order
    one, other = signature[:half], signature[half:]
    number = int(s, 16)
    der = encode_dss_signature(int(r, 16), number)
    wrong = [
        *flipped(signature),
        other + one,
        bytes(half) + other,
        one + bytes(half),
        bytes(2 * half),
        one + order.to_bytes(half, "big"),
        one + ((number + order) % (1 << 8 * half)).to_bytes(half, "big"),
        one[:-1] + other[:-1],
        b"\0" + one + b"\0" + other,
        one + b"\0" + other,
        signature[:-1],
        signature + b"\0",
        der,
        b"",
    ]
    for octets in wrong:
        refused(authentication(method, octets), key, b"abc")
    for another in {9, 10, 11} - {method}:
        assert "ECDSA on secp" in refused(authentication(another, signature), key, b"abc")
    payload = security.sign(AuthenticationMethod(method), own, b"abc")
    assert len(payload.authentication_data) == 2 * half
    assert payload == security.sign(AuthenticationMethod(method), own, b"abc")
    security.verify_signature(payload, key, b"abc")


def test_ecdsa_of_rfc_6979() -> None:
    """A.2.5: P-256 and SHA-256 over "sample"."""
    own = ec.derive_private_key(
        0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1()
    )
    signature = bytes.fromhex(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )
    payload = security.sign(AuthenticationMethod.ECDSA_P256, own, b"sample")
    assert payload == authentication(9, signature)


def test_der_of_ecdsa() -> None:
    """r and s in range, and written in one way only."""
    key, octets, identifier, signature = made_by_openssl("ecdsa-p256-sha256")
    r, s = decode_dss_signature(signature)
    order = key.curve.group_order
    long_form = b"\x30\x81" + signature[1:]
    padded = signature[2:]
    padded = b"\x02" + bytes((padded[1] + 1,)) + b"\0" + padded[2:]
    wrong = [
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
        encode_dss_signature(0, 0),
        encode_dss_signature(order, s),
        encode_dss_signature(r + order, s),
        encode_dss_signature(r, s + order),
        encode_dss_signature(s, r),
        long_form,
        bytes((0x30, len(padded))) + padded,
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        *(signature[:end] for end in range(len(signature))),
    ]
    for octets_of_signature in wrong:
        refused(digital(identifier, octets_of_signature), key, octets)


# AlgorithmIdentifiers


def test_identifiers_are_taken_whole() -> None:
    key, octets, identifier, signature = made_by_openssl("rsa-sha256")
    bare = bytes.fromhex("300b06092a864886f70d01010b")
    security.verify_signature(digital(bare, signature), key, octets)  # RFC 4055 5
    for wrong in (
        b"",
        identifier[:-1],
        identifier + b"\0",
        bytes.fromhex("300e06092a864886f70d01010b050000"),
        bytes.fromhex("300d06092a864886f70d01010b3000"),
        bytes.fromhex("300d06092a864886f70d01010e0500"),  # SHA-224
        bytes.fromhex("300d06092a864886f70d0101040500"),  # MD5
        bytes.fromhex("30810d06092a864886f70d01010b0500"),
    ):
        assert "the algorithm of the signature" in refused(digital(wrong, signature), key, octets)
    for data in (b"", b"\xff" + identifier + signature[:100], b"\x01"):
        text = refused(authentication(DIGITAL, data), key, octets)
        assert "there is no AlgorithmIdentifier" in text
    key, octets, identifier, signature = made_by_openssl("ed25519")
    null = bytes.fromhex("300706032b65700500")
    refused(digital(null, signature), key, octets)
    key, octets, identifier, signature = made_by_openssl("ecdsa-p256-sha256")
    null = bytes.fromhex("300c06082a8648ce3d0403020500")
    refused(digital(null, signature), key, octets)


# RFC 7427 A.4: no parameters, the defaults written out, SHA-256.
PSS = [
    ("300d06092a864886f70d01010a3000", PssParameters()),
    (
        "303e06092a864886f70d01010a3031a00b300906052b0e03021a0500a118301606092a864886f70d0101083009"
        "06052b0e03021a0500a203020114a303020101",
        PssParameters(),
    ),
    (
        "304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d01"
        "0108300d06096086480165030402010500a203020120a303020101",
        PssParameters(
            hash_algorithm=HashAlgorithm.SHA2_256,
            mask_hash_algorithm=HashAlgorithm.SHA2_256,
            salt_octets=32,
        ),
    ),
]


@pytest.mark.parametrize(("identifier", "parameters"), PSS)
def test_pss_parameters(identifier: str, parameters: PssParameters) -> None:
    octets = bytes.fromhex(identifier)
    assert PssParameters.decode(octets) == parameters
    # DER has no defaults in it, whatever the RFC's examples have.
    assert PssParameters.decode(parameters.encode()) == parameters
    assert b"\xa3" not in parameters.encode()
    for wrong in (*(octets[:end] for end in range(len(octets))), octets + b"\0"):
        with pytest.raises(ValueError, match="RSASSA-PSS"):
            PssParameters.decode(wrong)
    for wrong in flipped(octets):
        try:
            read = PssParameters.decode(wrong)
        except ValueError:
            continue
        assert read != parameters


def test_pss_of_rfc_7427_verifies() -> None:
    """The long forms of A.4 name what openssl's short ones do."""
    key, octets, identifier, signature = made_by_openssl("pss-sha256")
    long = bytes.fromhex(PSS[2][0])
    assert long != identifier
    security.verify_signature(digital(long, signature), key, octets)
    key, octets, identifier, signature = made_by_openssl("pss-sha1")
    assert identifier.hex() == PSS[0][0]
    security.verify_signature(
        digital(bytes.fromhex(PSS[1][0]), signature), key, octets, hash_algorithms=ALL
    )


@pytest.mark.parametrize("salt", [0, 20, 31, 33, 64, 127, 128, 222, 223, 255, 256, 0x7FFF, 0xFFFF])
def test_pss_whose_salt_length_lies(salt: int) -> None:
    key, octets, _, signature = made_by_openssl("pss-sha256")
    lying = PssParameters(
        hash_algorithm=HashAlgorithm.SHA2_256,
        mask_hash_algorithm=HashAlgorithm.SHA2_256,
        salt_octets=salt,
    ).encode()
    assert PssParameters.decode(lying).salt_octets == salt
    assert "does not fit" in refused(digital(lying, signature), key, octets)


def test_pss_whose_parameters_are_none() -> None:
    head, sha256 = "06092a864886f70d01010a", "300d06096086480165030402010500"
    for parameters in (
        "a2030201ff",  # a negative salt
        "a204020200ff00",
        "a20402020020",  # not the shortest form
        "a20502030100 00",  # a salt of 65,536 octets
        "a2020200",
        "a303020102",  # trailer 2
        "a203020120a00f" + sha256,  # out of order
        f"a00f{sha256}a00f{sha256}",
        "a00d300b0609608648016503040204",  # SHA-224
        "a00f" + sha256[:-2] + "01",
        "a4020500",
        "0500",
    ):
        content = bytes.fromhex(parameters)
        inner = b"\x30" + bytes((len(content),)) + content
        outer = bytes.fromhex(head) + inner
        with pytest.raises(ValueError, match="RSASSA-PSS"):
            PssParameters.decode(b"\x30" + bytes((len(outer),)) + outer)
    for wrong in ("300b06092a864886f70d01010a", "300f06092a864886f70d01010a30000500"):
        with pytest.raises(ValueError, match="RSASSA-PSS"):
            PssParameters.decode(bytes.fromhex(wrong))
    with pytest.raises(ValueError, match="RSASSA-PSS"):
        PssParameters.decode(bytes.fromhex("300d06092a864886f70d01010a0500"))


# Method 1


@pytest.mark.parametrize(
    "hash_algorithm", [h for h in HashAlgorithm if 1 <= h <= 4], ids=lambda h: h.name
)
def test_method_1_finds_the_hash(hash_algorithm: HashAlgorithm) -> None:
    own = private_key("rsa")
    payload = security.sign(AuthenticationMethod.RSA, own, OCTETS, hash_algorithm=hash_algorithm)
    name = {1: "sha1", 2: "sha256", 3: "sha384", 4: "sha512"}[hash_algorithm]
    wanted = own.sign(OCTETS, padding.PKCS1v15(), getattr(hashes, name.upper())())
    assert payload == authentication(1, wanted)
    security.verify_signature(payload, own.public_key(), OCTETS)
    for wrong in flipped(wanted):
        refused(authentication(1, wrong), own.public_key(), OCTETS)


def test_method_1_has_one_padding_and_few_hashes() -> None:
    own = private_key("rsa")
    assert security.sign(AuthenticationMethod.RSA, own, OCTETS) == security.sign(
        AuthenticationMethod.RSA, own, OCTETS, hash_algorithm=HashAlgorithm.SHA1
    )
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for wrong in (
        own.sign(OCTETS, pss, hashes.SHA256()),
        own.sign(OCTETS, padding.PKCS1v15(), hashes.SHA224()),
        own.sign(OCTETS, padding.PKCS1v15(), hashes.SHA3_256()),
        bytes(256),
        b"",
    ):
        refused(authentication(1, wrong), own.public_key(), OCTETS)
    # RFC 7296 would have the hash inside an ASN.1 structure, which the bare hash of IKEv1 lacks.
    modulus = own.private_numbers()
    digest = hashes.Hash(hashes.SHA1())
    digest.update(OCTETS)
    block = b"\0\1" + b"\xff" * (256 - 23) + b"\0" + digest.finalize()
    bare = pow(int.from_bytes(block, "big"), modulus.d, modulus.public_numbers.n)
    refused(authentication(1, bare.to_bytes(256, "big")), own.public_key(), OCTETS)


# Own signatures


@pytest.mark.parametrize("name", OPENSSL["keys"])
def test_signs_and_verifies(name: str) -> None:
    own = private_key(name)
    for hash_algorithm in security.hash_algorithms_for(own):
        payload = security.sign(DIGITAL, own, OCTETS, hash_algorithm=hash_algorithm)
        assert payload == security.sign(DIGITAL, own, OCTETS, hash_algorithm=hash_algorithm)
        security.verify_signature(
            payload, own.public_key(), OCTETS, hash_algorithms=[hash_algorithm]
        )
        others = set(HashAlgorithm) - {hash_algorithm}
        assert "has not been offered" in refused(
            payload, own.public_key(), OCTETS, hash_algorithms=others
        )
    first = security.hash_algorithms_for(own)[0]
    assert security.sign(DIGITAL, own, OCTETS) == security.sign(
        DIGITAL, own, OCTETS, hash_algorithm=first
    )


def test_signs_by_pss() -> None:
    own = private_key("rsa")
    for hash_algorithm, name in zip(
        security.hash_algorithms_for(own), ("sha256", "sha384", "sha512"), strict=True
    ):
        payload = security.sign(DIGITAL, own, OCTETS, hash_algorithm=hash_algorithm, pss=True)
        assert payload.digital_signature is not None
        identifier = payload.digital_signature.algorithm_identifier
        assert identifier == made_by_openssl(f"pss-{name}")[2]
        security.verify_signature(payload, own.public_key(), OCTETS)
        refused(payload, own.public_key(), OCTETS + b"\0")


def test_what_does_not_go_together() -> None:
    own, curve, edwards = private_key("rsa"), private_key("p256"), private_key("ed25519")
    method = AuthenticationMethod
    wrong: list[Callable[[], ikev2.Authentication]] = [
        lambda: security.sign(method.RSA, curve, OCTETS),
        lambda: security.sign(method.RSA, own, OCTETS, hash_algorithm=HashAlgorithm.IDENTITY),
        lambda: security.sign(method.RSA, own, OCTETS, pss=True),
        lambda: security.sign(method.ECDSA_P384, curve, OCTETS),
        lambda: security.sign(method.ECDSA_P256, own, OCTETS),
        lambda: security.sign(
            method.ECDSA_P256, curve, OCTETS, hash_algorithm=HashAlgorithm.SHA2_512
        ),
        lambda: security.sign(DIGITAL, edwards, OCTETS, hash_algorithm=HashAlgorithm.SHA2_512),
        lambda: security.sign(DIGITAL, own, OCTETS, hash_algorithm=HashAlgorithm.IDENTITY),
        lambda: security.sign(DIGITAL, curve, OCTETS, hash_algorithm=HashAlgorithm.STREEBOG_256),
        lambda: security.sign(DIGITAL, curve, OCTETS, pss=True),
        lambda: security.sign(method.SHARED_KEY, own, OCTETS),
        lambda: security.sign(method.NULL, own, OCTETS),
    ]
    for how in wrong:
        with pytest.raises(ConfigError, match="method"):
            how()


@pytest.mark.parametrize("method", [0, 2, 3, 4, 12, 13, 15, 255])
def test_methods_that_are_no_signatures(method: int) -> None:
    key, octets, _, signature = made_by_openssl("rsa-sha1")
    for data in (signature, b""):
        text = refused(authentication(method, data), key, octets, hash_algorithms=ALL)
        assert f"method {method}" in text
        assert "no signatures that work here" in text


def test_weak_and_strange_keys() -> None:
    small = rsa.generate_private_key(65537, 1024)
    security.verify_signature(security.sign(DIGITAL, small, OCTETS), small.public_key(), OCTETS)
    odd = ec.generate_private_key(ec.SECP192R1())
    signature = odd.sign(OCTETS, ec.ECDSA(hashes.SHA256()))
    identifier = made_by_openssl("ecdsa-p256-sha256")[2]
    assert "known curve" in refused(digital(identifier, signature), odd.public_key(), OCTETS)
    with pytest.raises(ConfigError, match="known curve"):
        security.sign(DIGITAL, odd, OCTETS)


def test_small_rsa_keys() -> None:
    weak = security.load_private_key(OPENSSL["weak_key"].encode())
    assert isinstance(weak, rsa.RSAPrivateKey)
    signature = weak.sign(OCTETS, padding.PKCS1v15(), hashes.SHA256())
    identifier = made_by_openssl("rsa-sha256")[2]
    for payload in (authentication(1, signature), digital(identifier, signature)):
        assert "1016 bits" in refused(payload, weak.public_key(), OCTETS)
        with pytest.raises(ConfigError, match="1016 bits"):
            security.sign(AuthenticationMethod(payload.auth_method), weak, OCTETS)


def test_common_hash() -> None:
    ours = security.hash_algorithms_for(private_key("p384"))
    assert ours == (HashAlgorithm.SHA2_384, HashAlgorithm.SHA2_512, HashAlgorithm.SHA2_256)
    longest = security.hash_algorithms_for(private_key("p521"))
    assert longest == (HashAlgorithm.SHA2_512, HashAlgorithm.SHA2_384, HashAlgorithm.SHA2_256)
    notify = ikev2.SignatureHashAlgorithms(
        protocol_id=0, hash_algorithms=(1, 2, HashAlgorithm.SHA2_512, 700)
    )
    assert security.common_hash(notify.hash_algorithms, ours) == HashAlgorithm.SHA2_512
    assert security.common_hash((1, 5), ours) is None
    assert security.common_hash((1, 5)) == HashAlgorithm.IDENTITY
    assert security.common_hash((), ours) is None
    assert HashAlgorithm.SHA1 not in security.HASH_ALGORITHMS


# Private keys


@pytest.mark.parametrize("name", OPENSSL["keys"])
def test_loads_private_keys(name: str) -> None:
    own = private_key(name)
    passphrase = security.Secret(b"open sesame")
    for encoding in (Encoding.PEM, Encoding.DER):
        plain = own.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())
        assert security.load_private_key(plain).public_key() == own.public_key()
        with pytest.raises(ConfigError, match="has no passphrase"):
            security.load_private_key(plain, passphrase)
        sealed = own.private_bytes(
            encoding, PrivateFormat.PKCS8, BestAvailableEncryption(bytes(passphrase))
        )
        assert security.load_private_key(sealed, passphrase).public_key() == own.public_key()
        with pytest.raises(ConfigError, match="needs a passphrase"):
            security.load_private_key(sealed)
        with pytest.raises(ConfigError, match="cannot be read") as caught:
            security.load_private_key(sealed, b"open barley")
        assert "barley" not in str(caught.value)


def test_what_is_no_private_key() -> None:
    pem = OPENSSL["keys"]["p256"].encode()
    for octets in (b"", b"hello", pem[:-40], pem.replace(b"M", b"N"), pem[:80]):
        with pytest.raises(ConfigError, match="private key cannot be read"):
            security.load_private_key(octets)
    other = x25519.X25519PrivateKey.generate()
    plain = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ConfigError, match="not one of"):
        security.load_private_key(plain)


def test_prehashed_edwards_signatures() -> None:
    """Ed25519 and Ed448 sign the octets; a signature of their hash is none (RFC 8420 2)."""
    digest = hashes.Hash(hashes.SHA512())
    digest.update(OCTETS)
    hashed = digest.finalize()
    for own in (
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
        ed448.Ed448PrivateKey.from_private_bytes(bytes(57)),
    ):
        payload = security.sign(DIGITAL, own, hashed)
        security.verify_signature(payload, own.public_key(), hashed)
        refused(payload, own.public_key(), OCTETS)
