"""What becomes of damaged messages and packets: ours here, Scapy's in a process of its own."""

from __future__ import annotations

import json
import random
import subprocess
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mip6boot import capture, dhcpv6, ikev2, mipv6, packets
from mip6boot.errors import DecodeError
from mip6boot.schema import Message

HERE = Path(__file__).parent

#: The payload that the inside of the workload's IKE_AUTH begins with: IDi.
FIRST = 35


def mutant(octets: bytes, rng: random.Random) -> bytes:
    """The octets with one to three changes; the same that the peers were measured with."""
    out = bytearray(octets)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kind = rng.randrange(7)
        at = rng.randrange(len(out)) if out else 0
        if kind == 0 and out:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and out:
            out[at] = rng.randrange(256)
        elif kind == 2 and out:
            out[at] = rng.choice((0, 255))
        elif kind == 3:
            del out[at:]
        elif kind == 4:
            out[at:at] = rng.randbytes(rng.randint(1, 8))
        elif kind == 5:
            del out[at : at + rng.randint(1, 8)]
        elif kind == 6 and len(out) > 8:
            other = rng.randrange(len(out))
            size = rng.randint(1, 8)
            swapped = out[other : other + size], out[at : at + size]
            out[at : at + size], out[other : other + size] = swapped
    return bytes(out)


def mutants(name: str, octets: bytes, count: int) -> list[bytes]:
    """So many mutants of a message; each has a seed of its own."""
    return [mutant(octets, random.Random(f"1/{name}/{number}")) for number in range(count)]


def workload() -> dict[str, bytes]:
    items = json.loads((HERE / "workload.json").read_text())
    return {name: bytes.fromhex(item["hex"]) for name, item in items.items()}


class Subject(NamedTuple):
    """How octets are read, strictly or leniently, and what can be done with what was read."""

    decode: Callable[..., Any]
    encode: Callable[[Any], bytes]
    explain: Callable[[bytes], Any]
    message: Callable[[Any], Any]
    "What has `str`, `to_dict` and a room's `from_dict`."
    from_dict: Callable[[Any], Any]


def subjects() -> dict[str, Subject]:
    """The six messages of the workload; each is read as whatever message of its room it is."""
    rooms = {
        "bu": (mipv6, "mipv6"), "ba": (mipv6, "mipv6"), "dhcp6_reply": (dhcpv6, "dhcpv6"),
        "dhcp6_inforeq": (dhcpv6, "dhcpv6"), "ike_sa_init": (ikev2, "ikev2"),
    }  # fmt: skip
    found = {
        name: Subject(
            room.decode,
            Message.encode,
            lambda octets, kind=kind: packets.explain(octets, kind),
            lambda message: message,
            room.from_dict,
        )
        for name, (room, kind) in rooms.items()
    }
    return {**found, "ike_auth_inner": chain_subject()}


def chain_subject() -> Subject:
    """Payloads without an IKE header, which are put behind one where only a message will do."""
    header = ikev2.IkeMessage(initiator_spi=bytes(8), exchange_type=35, message_id=1)
    return Subject(
        lambda octets, lenient=False: ikev2.decode_chain(octets, FIRST, lenient=lenient),
        lambda payloads: ikev2.encode_chain(payloads)[1],
        lambda octets: ikev2.explain_chain(octets, FIRST),
        lambda payloads: header.replace(payloads=payloads),
        ikev2.from_dict,
    )


def packet_subject(linktype: int) -> Subject:
    """Frames of a link type; what of one does not decode is a layer of octets."""

    def message(packet: packets.Packet) -> packets.Packet:
        assert packet.checksums is not None
        assert packet.errors is not None
        return packet

    return Subject(
        lambda octets, lenient=False: packets.decode_packet(octets, linktype, lenient=lenient),
        packets.Packet.encode,
        lambda octets: packets.explain(octets, linktype=linktype),
        message,
        packets.from_dict,
    )


def judged(subject: Subject, octets: bytes, found: Counter[str]) -> None:
    """Count what becomes of octets; `raw` is any exception that is not of our family."""
    for lenient in (False, True):
        grade = "lenient" if lenient else "strict"
        try:
            message = subject.decode(octets, lenient=lenient)
        except DecodeError:
            found[f"{grade} refused"] += 1
            continue
        except Exception as e:
            raw(found, "decode", e, octets)
            continue
        found[f"{grade} accepted"] += 1
        used(subject, message, octets, found)
    try:
        rows = subject.explain(octets)
        if b"".join(row.octets for row in rows if row.mask is None) != octets:
            found["changed"] += 1
            found[f"changed: explain of {octets.hex()}"] += 1
    except DecodeError:
        pass
    except Exception as e:
        raw(found, "explain", e, octets)


def used(subject: Subject, read: Any, octets: bytes, found: Counter[str]) -> None:
    """Do with what was read all that can be done; nothing of it may raise."""
    what = "encode"
    try:
        same = subject.encode(read) == octets
        message = subject.message(read)
        what = "str"
        str(message)  # An empty packet has no lines.
        what = "to_dict and from_dict"
        same = same and subject.from_dict(message.to_dict()) == message
    except Exception as e:
        raw(found, what, e, octets)
        return
    if not same:
        found["changed"] += 1
        found[f"changed: {octets.hex()}"] += 1


def raw(found: Counter[str], what: str, error: Exception, octets: bytes) -> None:
    found["raw"] += 1
    found[f"raw: {what}: {type(error).__name__}: {error} of {octets.hex()}"] += 1


def of_messages(count: int) -> dict[str, Counter[str]]:
    """What becomes of so many mutants of each message."""
    found: dict[str, Counter[str]] = {}
    readers = subjects()
    for name, octets in workload().items():
        found[name] = Counter()
        for other in mutants(name, octets, count):
            judged(readers[name], other, found[name])
    return found


def of_captures(folder: Path, count: int) -> dict[str, Counter[str]]:
    """What becomes of a folder's packets as they are, and of so many mutants of each."""
    found = {"packets": Counter[str](), "mutants of packets": Counter[str]()}
    for path in sorted(folder.rglob("*.pcap*")):
        for frame in frames(path):
            subject = packet_subject(frame.linktype)
            judged(subject, frame.octets, found["packets"])
            name = f"{path.name}/{frame.number}"
            for other in mutants(name, frame.octets, count):
                judged(subject, other, found["mutants of packets"])
    return found


def frames(path: Path) -> Iterator[capture.Frame]:
    """The frames of a capture up to where it is broken; none of what is no capture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", capture.CaptureWarning)
        try:
            yield from capture.read(path)
        except capture.CaptureError:
            return


def of_scapy(python: str, count: int) -> dict[str, Counter[str]]:
    """What Scapy makes of the same mutants of each message."""
    asked = [
        f"{name} {other.hex()}"
        for name, octets in workload().items()
        for other in mutants(name, octets, count)
    ]
    peer = subprocess.run(
        [python, str(HERE / "peers" / "scapy_mutants.py")],
        input="\n".join(asked) + "\n", stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Counter[str]] = {}
    for line, answer in zip(asked, peer.stdout.splitlines(), strict=True):
        found.setdefault(line.partition(" ")[0], Counter())[answer] += 1
    return found
