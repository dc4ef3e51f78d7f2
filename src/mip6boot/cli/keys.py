"""`mip6boot keys`: the keys of a capture, derived from a secret, as Wireshark's tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from .. import capture
from ..errors import ConfigError
from ..packets import KeyDeriver, Packet, Reassembler, Secrets, decode_packet
from ..packets.jsontext import json_text
from ..security import (
    EspSa,
    IkeKeys,
    Keyring,
    Secret,
    esp_table,
    ikev2_table,
    read_tables,
    write_tables,
)
from .output import JSON_VERSION
from .progress import Progress
from .warned import warnings_shown

__all__ = ["run"]

_NAMES = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")


def run(
    name: str, *, tables: str | None, output: Path | None, as_json: bool, **secrets: Any
) -> int:
    """Derive and print; 0 if all keys were derived, 1 if some or none."""
    given = Secrets(**{kind: tuple(map(_secret, texts)) for kind, texts in secrets.items()})
    if not any((given.shared, given.private, given.sk_d)):
        raise click.UsageError("a secret is expected: --shared, --private or --sk-d")
    if given.sk_d and tables is None:
        raise click.UsageError("--sk-d needs the SK_e and SK_a of the IKE SA: --keys")
    ring = Keyring() if tables is None else read_tables(Path(tables))
    known = len(ring)
    deriver = KeyDeriver(given, ring)
    with warnings_shown(), Progress(name) as progress:
        for packet in _packets(progress.watched(capture.read(name))):
            deriver.feed(packet)
    missing = [*deriver.problems, *deriver.unknown]
    if len(ring) == known and not missing:
        missing = ["no key exchange is in it, or none that makes more keys"]
    for reason in missing:
        print(f"mip6boot: {name}: {reason}", file=sys.stderr)
    if len(ring) == known:
        return 1
    if output is not None:
        write_tables(output, ring)
    else:
        sys.stdout.write(_json(ring) if as_json else _text(ring))
    return 1 if missing else 0


def _secret(text: str) -> Secret:
    """Hex digits, or a file of them behind an @; errors show none of them."""
    where = "a secret"
    if text.startswith("@"):
        where = text[1:]
        try:
            text = Path(where).read_text("ascii")
        except OSError as e:
            raise ConfigError(f"{where}: {e.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{where}: hex digits are expected") from None
    try:
        octets = bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        raise ConfigError(f"{where}: pairs of hex digits are expected") from None
    if not octets:
        raise ConfigError(f"{where}: it is empty")
    return Secret(octets)


def _packets(frames: Iterable[capture.Frame]) -> Iterator[Packet]:
    """The packets of a capture, and the datagrams that fragments make."""
    reassembler = Reassembler(lenient=True)
    for frame in frames:
        packet = decode_packet(frame.octets, frame.linktype, lenient=True)
        datagram = reassembler.feed(packet, frame.number) if packet.is_fragment else None
        yield packet if datagram is None else datagram


def _text(ring: Keyring) -> str:
    """Both tables, one behind the other."""
    return f"# ikev2_decryption_table\n{ikev2_table(ring.ike)}# esp_sa\n{esp_table(ring.esp)}"


def _json(ring: Keyring) -> str:
    """A line for each security association."""
    lines = [_ike_json(key) if isinstance(key, IkeKeys) else _esp_json(key) for key in ring]
    return "".join(json_text({"v": JSON_VERSION, **line}) + "\n" for line in lines)


def _ike_json(keys: IkeKeys) -> dict[str, Any]:
    suite = keys.suite
    return {
        "type": "ike",
        "spi_i": keys.spi_i.hex(),
        "spi_r": keys.spi_r.hex(),
        "encryption": suite.encryption.name,
        "key_length": suite.key_length,
        "integrity": suite.integrity.name,
        "prf": None if suite.prf is None else suite.prf.name,
        "key_exchange": None if suite.key_exchange is None else suite.key_exchange.name,
        **{name: bytes(getattr(keys, name)).hex() for name in _NAMES},
    }


def _esp_json(sa: EspSa) -> dict[str, Any]:
    return {
        "type": "esp",
        "spi": f"{sa.spi:08x}",
        "source": None if sa.source is None else str(sa.source),
        "destination": None if sa.destination is None else str(sa.destination),
        "encryption": sa.suite.encryption.name,
        "key_length": sa.suite.key_length,
        "integrity": sa.suite.integrity.name,
        "sequence_numbers": sa.suite.sequence_numbers.name,
        "encryption_key": sa.encryption_key.hex(),
        "integrity_key": sa.integrity_key.hex(),
    }
