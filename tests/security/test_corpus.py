"""Public captures that have known keys: opened as recorded, and sealed to the same octets.

They are not part of the project: MIP6BOOT_CORPUS names the folder, and without it these tests skip.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture, ikev2, ip, packets, security
from mip6boot.errors import IntegrityError, UnknownSa
from mip6boot.ikev2 import EncryptionAlgorithm, IkeMessage, IntegrityAlgorithm
from mip6boot.ikev2 import PseudorandomFunction as Prf
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Secret

E, I = EncryptionAlgorithm, IntegrityAlgorithm

ESP_CIPHERS = {
    "3DES-CBC": (E.TRIPLE_DES, None), "AES-CBC-128": (E.AES_CBC, 128), "AES-CBC-256": (E.AES_CBC, 256),
    "AES-GCM-128": (E.AES_GCM_16, 128),
}  # fmt: skip
ESP_INTEGRITY = {"HMAC-SHA1-96": I.HMAC_SHA1_96, "NONE": I.NONE, "AEAD": I.NONE}

#: Keys of the check value, of 12 octets, are not published, or are others than those that were.
UNKNOWN_ICV = {
    "tcpdump__02-sunrise-sunset-esp.pcap", "tcpdump__08-sunrise-sunset-aes.pcap",
    "tcpdump__08-sunrise-sunset-esp2.pcap", "tcpdump__ikev2pI2.pcap",
}  # fmt: skip


def frame(corpus: Path, name: str, number: int) -> Any:
    for found in capture.read(corpus / "pcap" / name):
        if found.number == number:
            return packets.decode_packet(found.octets, found.linktype, lenient=True)
    raise AssertionError(f"{name} has no frame {number}")


def connections(corpus: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((corpus / "keys_ike.json").read_text())["connections"]
    return found


def ike_keys(connection: dict[str, Any], *, unchecked: bool = False) -> IkeKeys:
    """Of one direction only, where the other one's are not known."""
    names = ("sk_ai", "sk_ar", "sk_ei", "sk_er")
    suite = IkeSuite(
        encryption=E(connection["encr_transform_id"]),
        key_length=connection["encr_key_bits"],
        integrity=I.NONE if unchecked else getattr(I, connection["integ"] or "NONE"),
        unchecked_icv=12 if unchecked else 0,
        prf=Prf.HMAC_SHA1,  # Not known, and nothing is derived.
        legacy=True,
    )
    return IkeKeys(
        spi_i=bytes.fromhex(connection["spi_i"]),
        spi_r=bytes.fromhex(connection["spi_r"]),
        suite=suite,
        **{name: Secret(bytes.fromhex(connection[name] or "")) for name in names},
    )


@pytest.mark.filterwarnings("ignore::mip6boot.capture.CaptureWarning")
def test_messages_open_as_recorded(corpus: Path, record_property: Any) -> None:
    count: Counter[str] = Counter()
    for connection in connections(corpus):
        name, keys = connection["file"], ike_keys(connection)
        for recorded in connection["messages"]:
            message = frame(corpus, name, recorded["frame"]).find(IkeMessage)
            assert message.from_initiator is (recorded["dir"] == "I")
            if name in UNKNOWN_ICV:
                with pytest.raises(IntegrityError):
                    security.unseal(message, keys)
                opened = security.unseal(message, ike_keys(connection, unchecked=True))
                assert opened.content.hex() == recorded["plaintext"]
                assert not opened.verified
                count["opened without a check"] += 1
                continue
            opened = security.unseal(message, keys)
            assert opened.content.hex() == recorded["plaintext"]
            assert opened.sealed.first_payload == recorded["inner_first_payload"]
            assert ikev2.encode_chain(opened.payloads) == (
                recorded["inner_first_payload"],
                opened.content,
            )
            assert opened.verified
            assert opened.seal(keys) == message.encode()
            turned = message.replace(flags=message.flags ^ ikev2.IkeFlags.I)
            with pytest.raises((IntegrityError, UnknownSa)):
                security.unseal(turned, keys)
            count["opened"] += 1
    assert count == {"opened": 41, "opened without a check": 1}
    record_property("corpus: IKE messages opened and sealed", count["opened"])


@pytest.mark.filterwarnings("ignore::mip6boot.capture.CaptureWarning")
def test_packets_open_as_recorded(corpus: Path, record_property: Any) -> None:
    count: Counter[str] = Counter()
    for recorded in json.loads((corpus / "keys_esp.json").read_text())["sas"]:
        unchecked = recorded["file"] in UNKNOWN_ICV
        encryption, length = ESP_CIPHERS[recorded["encr"]]
        sa = EspSa(
            spi=int(recorded["spi"], 16),
            suite=EspSuite(
                encryption=encryption,
                key_length=length,
                integrity=I.NONE if unchecked else ESP_INTEGRITY[recorded["integ"]],
                unchecked_icv=12 if unchecked else 0,
                legacy=True,
            ),
            encryption_key=Secret(bytes.fromhex(recorded["key"] + (recorded["salt"] or ""))),
            integrity_key=Secret(bytes.fromhex(recorded["integ_key"] or "")),
        )
        for known in recorded["packets"]:
            packet = frame(corpus, recorded["file"], known["frame"]).find(ip.EspPacket)
            opened = sa.unseal(packet)
            assert opened.payload.hex() == known["plaintext"]
            assert (opened.next_header, opened.sequence) == (known["next_header"], known["seq"])
            assert len(opened.padding) == known["pad_len"]
            assert opened.verified is (known["icv_verified"] is True)
            again = sa.reseal(opened)
            if unchecked:
                assert again.data[:-12] == packet.data[:-12]
                count["opened without a check"] += 1
            else:
                assert again == packet
                count["opened"] += 1
    assert count == {"opened": 8, "opened without a check": 24}
    record_property("corpus: ESP packets opened and sealed", count["opened"])
    record_property("corpus: ESP packets opened without a check", 24)
