"""`mip6boot corpus`: seeds for fuzzers in any language."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from .. import capture, ip, mipv6, packets
from ..errors import ConfigError
from ..packets.jsontext import json_text
from ..packets.octets import MESSAGE_BASES
from ..schema import Message
from ..schema.rules import FieldRule, Rule
from .output import JSON_VERSION
from .progress import Counted

__all__ = ["run"]

#: What fits into a packet of IPv6 behind a header of TCP.
_MOST = 65_535 - 20

#: From a mobile node to whoever it speaks to.
_SOURCE, _DESTINATION = IPv6Address("2001:db8:200::2"), IPv6Address("2001:db8:beef::1")


def run(*, output: Path, protocol: str, grade: str, count: int, seed: int, format: str) -> int:
    """Write the corpus into a new or empty folder, whole or not at all; 0 if there are `count`."""
    name = f"{protocol}-{grade}"
    stage = _stage(output)
    try:
        with Counted(name, count) as progress:
            values = _values(protocol, grade, count, seed, _MOST if format == "pcap" else None)
            (folder := stage / name).mkdir()
            written = _FORMATS[format](folder, name, protocol, progress.watched(values))
        output.parent.mkdir(parents=True, exist_ok=True)
        folder.replace(output)
    except OSError as e:
        raise ConfigError(f"{output}: {e.strerror}") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    if written < count:
        print(f"mip6boot: {written} of {count}: there are no more of them", file=sys.stderr)
    return 0 if written == count else 1


def _stage(output: Path) -> Path:
    """A folder for the one to be made, near the place that it takes when all is well."""
    try:
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            raise ConfigError(f"{output}: a new or empty folder is expected")
        near = next(folder for folder in output.absolute().parents if folder.exists())
        return Path(tempfile.mkdtemp(dir=near, prefix=f".{output.name}."))
    except OSError as e:
        raise ConfigError(f"{output}: {e.strerror}") from None


def _values(protocol: str, grade: str, count: int, seed: int, most: int | None) -> Iterator[Any]:
    """The values, of at most so many octets."""
    from .. import strategies

    # Hypothesis would leave a folder with what it remembers where the command is run.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.devnull)
    try:
        made = _frames(grade) if protocol == "packet" else _messages(MESSAGE_BASES[protocol], grade)
    except ImportError as e:
        if e.name != "hypothesis":
            raise
        raise ConfigError("hypothesis is missing: pip install 'mip6boot[hypothesis]'") from None
    if most is not None:
        made = made.filter(lambda value: len(_octets(value)) <= most)
    return strategies.samples(made, count, seed=seed)


def _messages(base: type[Message], grade: str) -> Any:
    from .. import strategies

    make: Any = {
        "any": strategies.messages,
        "legal": strategies.legal_messages,
        "near_legal": strategies.near_legal_messages,
        "hostile": strategies.hostile_messages,
    }[grade]
    return make(base)


def _frames(grade: str) -> Any:
    """Frames of Ethernet; those that are whatever encodes are legal ones."""
    from .. import strategies

    if grade == "near_legal":
        return strategies.near_legal_packets(link=packets.LinkType.ETHERNET)
    if grade == "hostile":
        return strategies.hostile_packets()
    return strategies.packets(link=packets.LinkType.ETHERNET).map(packets.Packet.encode)


def _octets(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    octets: bytes = value.encode() if isinstance(value, Message) else value.octets
    return octets


# -- formats --------------------------------------------------------------------------------------
def _bin(stage: Path, name: str, protocol: str, values: Iterable[Any]) -> int:
    """A file a message, as libFuzzer and AFL++ want it."""
    number = 0
    for number, value in enumerate(values, 1):
        (stage / f"{name}-{number:06}.bin").write_bytes(_octets(value))
    return number


def _jsonl(stage: Path, name: str, protocol: str, values: Iterable[Any]) -> int:
    """A line a message, with what is wrong in it."""
    written = 0
    with open(stage / f"{name}.jsonl", "w", encoding="utf-8") as file:
        for value in values:
            line = {"v": JSON_VERSION, "type": "seed", "protocol": protocol, **_wrong(value)}
            file.write(json_text(line | {"octets": _octets(value).hex()}) + "\n")
            written += 1
    return written


def _wrong(value: Any) -> dict[str, Any]:
    """What a nearly legal message says of itself."""
    if isinstance(value, (bytes, Message)):
        return {}
    rule = value.rule
    kind = "row" if isinstance(rule, (Rule, FieldRule)) else type(rule).__name__.lower()
    return {"path": value.path, "wrong": kind, "reason": value.reason, "section": rule.section}


def _pcap(stage: Path, name: str, protocol: str, values: Iterable[Any]) -> int:
    """One capture: the octets in frames that are right around them."""
    frames = (capture.Frame(_frame(protocol, _octets(value))) for value in values)
    return capture.write(stage / f"{name}.pcap", frames)


def _frame(protocol: str, octets: bytes) -> bytes:
    """The octets where the protocol has its place, with lengths and checksums for them."""
    if protocol == "packet":
        return octets
    station = {"destination": b"\2\0\0\0\0\1", "source": b"\2\0\0\0\0\2"}
    if protocol == "eap":
        link = packets.EthernetHeader(**station, ethertype=0x888E)
        layers: tuple[Any, ...] = (link, packets.EapolHeader(), packets.Payload(octets))
        return packets.Packet(layers).build().encode()
    if protocol == "mipv6" and len(octets) >= 6:
        octets = octets[:4] + bytes(2) + octets[6:]
        checksum = mipv6.checksum_of(octets, _SOURCE, _DESTINATION)
        octets = octets[:4] + checksum.to_bytes(2, "big") + octets[6:]
    number, transport = _TRANSPORTS[protocol]
    link = packets.EthernetHeader(**station, ethertype=0x86DD)
    header = ip.Ipv6Header(next_header=number, source=_SOURCE, destination=_DESTINATION)
    return packets.Packet((link, header, *transport, packets.Payload(octets))).build().encode()


def _udp(port: int) -> tuple[int, tuple[Any, ...]]:
    return ip.Protocol.UDP, (ip.UdpHeader(source_port=port, destination_port=port),)


_TRANSPORTS: dict[str, tuple[int, tuple[Any, ...]]] = {
    "dhcpv6": _udp(547),
    "diameter": (
        ip.Protocol.TCP,
        (ip.TcpHeader(source_port=49152, destination_port=3868, ack=True, psh=True),),
    ),
    "ikev2": _udp(500),
    "mipv6": (ip.Protocol.MOBILITY, ()),
}

_FORMATS = {"bin": _bin, "jsonl": _jsonl, "pcap": _pcap}
