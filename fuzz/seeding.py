"""Makes the seeds anew: `python -m fuzz.seeding`, from the folder of the clone.

Messages are those of `mip6boot corpus`, packets and what is sealed in them those of an attach.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Hashable, Iterable
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TypeVar

from mip6boot import capture, packets
from mip6boot.capture import Frame
from mip6boot.flow.attach import AttachResult, Later, attach
from mip6boot.flow.scenario import Variant
from mip6boot.packets import OpenedChain, protocol_of

from .sealing import clear_of
from .targets.decode_packet import LINKTYPES

__all__ = ["main"]

HERE = Path(__file__).parent
PROTOCOLS = ("mipv6", "dhcpv6", "ikev2", "diameter")
BY_THEMSELVES = ("eap_aka", "flow_home_agent", "flow_ue")
MESSAGES, MOST_OCTETS, MOST_TEXT = 300, 320, 2000

T = TypeVar("T")


def main() -> None:
    """Make all seeds, and write them."""
    result = attach(
        Variant(), lambda name: Random(f"1/{name}"), later=(Later.MOVE, Later.DEREGISTRATION)
    )
    for protocol in PROTOCOLS:
        _write(f"decode_{protocol}", _messages(protocol))
    _write("decode_packet", _packets(result))
    _write("decode_capture", _captures(result))
    _write("from_dict", _json(result))
    _write("unseal_sk", _sealed(result))
    for name in BY_THEMSELVES:
        _write(name, import_module(f"fuzz.targets.{name}").seeds())


def _write(target: str, seeds: Iterable[bytes]) -> None:
    folder = HERE / "seeds" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, octets in enumerate(sorted(set(seeds), key=lambda seed: (len(seed), seed))):
        (folder / f"{number:02d}").write_bytes(octets)


def _least(things: Iterable[T], kind: Callable[[T], Hashable], size: Callable[[T], int]) -> list[T]:
    """The first in order of size of each kind."""
    found: dict[Hashable, T] = {}
    for thing in sorted(things, key=size, reverse=True):
        found[kind(thing)] = thing
    return list(found.values())


def _messages(protocol: str) -> list[bytes]:
    """The longest of each class, none too long; of IKE, of each exchange and first payload."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "mip6boot", "corpus", "-o", f"{folder}/new", "--seed", "1",
            "--protocol", protocol, "--grade", "legal", "--count", str(MESSAGES),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        found = [path.read_bytes() for path in sorted(Path(folder, "new").iterdir())]
    at = slice(16, 19) if protocol == "ikev2" else slice(0)
    return _least(
        [octets for octets in found if len(octets) <= MOST_OCTETS],
        lambda octets: (packets.message_class(octets, protocol), octets[at]),
        lambda octets: -len(octets),
    )


def _packets(result: AttachResult) -> list[bytes]:
    """One packet of each stack of protocols."""
    found = _least(
        [message.packet for message in result.messages],
        lambda packet: tuple(map(protocol_of, packet.layers)),
        lambda packet: len(packet.octets),
    )
    ethernet = bytes((LINKTYPES.index(packets.LinkType.ETHERNET),))
    seeds = [ethernet + packet.octets for packet in found]
    # The same without Ethernet around it.
    bare = bytes((LINKTYPES.index(packets.LinkType.RAW),))
    return seeds + [bare + seed[15:] for seed in seeds]


def _captures(result: AttachResult) -> list[bytes]:
    frames = [
        Frame(message.frame, time_ns=round(message.time * 1e9))
        for message in result.messages
        if len(message.frame) < 400
    ]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("pcap", "pcapng"):
            for count in (1, 6):
                capture.write(Path(folder, f"{count}.{kind}"), frames[:count])
        found = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    return [*found, gzip.compress(found[0], mtime=0)]


def _json(result: AttachResult) -> list[bytes]:
    """Packets, and the messages of each class alone."""
    layers = [layer for message in result.messages for layer in message.packet.layers]
    forms = [message.packet.to_dict() for message in result.messages]
    forms += [layer.to_dict() for layer in layers if hasattr(layer, "to_dict")]
    texts = [json.dumps(form, separators=(",", ":")).encode() for form in forms]
    return [text for text in _least(texts, lambda text: text[:60], len) if len(text) <= MOST_TEXT][
        :40
    ]


def _sealed(result: AttachResult) -> list[bytes]:
    """What was sealed, in the clear."""
    opened = [one for message in result.messages for one in message.opened]
    chains = [one for one in opened if isinstance(one, OpenedChain) and len(one.parts) == 1]
    seeds = [
        clear_of(chain.parts[0].message.encode(), chain.first_payload, chain.content)
        for chain in chains
    ]
    return [*seeds, *_messages("ikev2")]


if __name__ == "__main__":
    main()
