"""Every AUTH payload of the captured peers, checked as each peer had to check the other.

Nothing is known but the shared secrets of the key exchanges, the pre-shared key, the subscriber's
K and OPc, and the certificates of the two authorities.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mip6boot import capture, eap, ikev2, packets, security
from mip6boot.errors import IntegrityError
from mip6boot.ikev2 import AuthenticationMethod
from mip6boot.packets import KeyDeriver, OpenedChain, Secrets
from mip6boot.security import EapKeys, IkeKeys, Keyring, Milenage, Secret

from ..conftest import DATA

PEERS = DATA / "peers" / "ikev2"
RECORDED: dict[str, Any] = json.loads((PEERS / "keys.json").read_text())
CERTIFICATES = json.loads((DATA / "auth_signatures.json").read_text())["certificates"]
AUTHORITIES = tuple(
    certificate
    for name in ("ca.crt", "carsa.crt")
    for certificate in security.load_certificates(CERTIFICATES[name].encode())
)
PSK = b"mip6-shared-secret"
CARD = Milenage(
    bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"),
    bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf"),
)
#: The MSK of EAP-MSCHAPv2, from the log of the peers: the method is not one of this library.
MSCHAP_MSK = next(
    Secret(bytes.fromhex(row["key"]))
    for row in json.loads((DATA / "auth_shared_keys.json").read_text())
    if row["capture"] == "v6-eap-mschapv2"
)
#: All certificates were valid then.
NOW = datetime(2026, 11, 24, tzinfo=UTC)

#: A pre-shared key that the peers did not agree on: the responder refuses the initiator's AUTH.
WRONG_PSK = "v6-fail-auth"
#: Captures with keys; what was never authenticated has none.
WITH_KEYS = sorted(name for name, found in RECORDED.items() if found["ike_keys"])


class Side:
    """What is seen of one peer until it authenticates itself."""

    def __init__(self) -> None:
        self.message, self.nonce = b"", b""
        self.identification: Any = None
        self.certificates: list[ikev2.Certificate] = []


class Observer:
    """Follows the first exchanges of a capture, and checks each AUTH payload."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sides = {True: Side(), False: Side()}  # by "is the initiator"
        self.keys: Any = None
        self.eap_request: Any = None
        self.eap_keys: EapKeys | None = None
        self.checked: list[str] = []

    def run(self) -> None:
        ring = Keyring()
        shared = [Secret(bytes.fromhex(k["dh_shared"])) for k in RECORDED[self.name]["ike_keys"]]
        deriver = KeyDeriver(Secrets(shared=tuple(shared)), ring)
        opener = packets.Opener(ring, lenient=True)
        for frame in capture.read(PEERS / f"{self.name}.pcap"):
            packet = packets.decode_packet(frame.octets, frame.linktype)
            deriver.feed(packet)
            message = packet.find(ikev2.IkeMessage)
            if message is not None and message.exchange_type == ikev2.ExchangeType.IKE_SA_INIT:
                self.initial(message)
            for within in opener.open(packet):
                if isinstance(within, OpenedChain):
                    self.keys = ring.of_message(within.parts[0].message)
                    self.authentication(within)

    def initial(self, message: ikev2.IkeMessage) -> None:
        nonce = message.find(ikev2.Nonce)
        if nonce is not None:
            side = self.sides[message.from_initiator]
            side.message, side.nonce = message.encode(), nonce.nonce_data

    def authentication(self, within: OpenedChain) -> None:
        message = within.parts[0].message
        if message.exchange_type != ikev2.ExchangeType.IKE_AUTH:
            return
        initiator = message.from_initiator
        side = self.sides[initiator]
        wanted = ikev2.IDi if initiator else ikev2.IDr
        for payload in within.payloads:
            if isinstance(payload, wanted):
                side.identification = payload
            elif isinstance(payload, ikev2.Certificate):
                side.certificates.append(payload)
            elif isinstance(payload, ikev2.Eap):
                self.eap(payload.message)
            elif isinstance(payload, ikev2.Authentication):
                self.check(payload, initiator=initiator)

    def eap(self, packet: eap.EapPacket) -> None:
        """EAP-AKA: the card answers as the peer did, and both AT_MACs fit its keys."""
        if isinstance(packet, eap.AkaRequest) and packet.find(eap.AtRand):
            self.eap_request = packet
        elif isinstance(packet, eap.AkaResponse) and packet.find(eap.AtRes):
            rand = self.eap_request.find(eap.AtRand).rand
            answer = CARD.answer(rand, self.eap_request.find(eap.AtAutn).autn)
            answered = packet.find(eap.AtRes)
            assert answered is not None
            assert answered.res == answer.res
            identity = self.sides[True].identification.identity.address
            self.eap_keys = EapKeys.aka(identity, ck=answer.ck, ik=answer.ik)
            security.verify_mac(self.eap_request, self.eap_keys)
            security.verify_mac(packet, self.eap_keys)
            self.checked.append("AT_MAC of both sides")

    def check(self, payload: ikev2.Authentication, *, initiator: bool) -> None:
        side, other = self.sides[initiator], self.sides[not initiator]
        keys: IkeKeys = self.keys
        prf = keys.suite.pseudorandom_function
        sk_p = keys.sk_pi if initiator else keys.sk_pr
        octets = security.signed_octets(side.message, other.nonce, prf, sk_p, side.identification)
        if payload.auth_method == AuthenticationMethod.SHARED_KEY:
            kind, key = self.shared_key(sk_p)
            if self.name == WRONG_PSK:
                with pytest.raises(IntegrityError):
                    security.verify_shared_key(payload, prf, key, octets)
                kind = "PSK refused"
            else:
                security.verify_shared_key(payload, prf, key, octets)
        else:
            chain = security.certificates_of(side.certificates)
            public = security.validate_chain(chain, AUTHORITIES, side.identification, now=NOW)
            security.verify_signature(payload, public, octets)
            kind = AuthenticationMethod(payload.auth_method).name
        self.checked.append(kind)

    def shared_key(self, sk_p: bytes) -> tuple[str, bytes]:
        if self.eap_keys is not None:
            return "MSK of EAP-AKA", self.eap_keys.msk
        if self.name == "v6-eap-mschapv2":
            return "MSK of EAP-MSCHAPv2", MSCHAP_MSK
        if self.name == "v6-eap-md5":
            return "SK_p after EAP-MD5", sk_p
        return "PSK", PSK


@pytest.mark.parametrize("name", WITH_KEYS)
def test_both_sides_prove_themselves(name: str, record_property: Any) -> None:
    observer = Observer(name)
    observer.run()
    assert len(observer.checked) >= (1 if name == WRONG_PSK else 2), observer.checked
    for kind in observer.checked:
        record_property(f"AUTH of peers verified: {kind}", 1)
