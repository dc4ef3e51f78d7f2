"""tshark's reading of a packet beside ours: every field it names must be a field of ours.

Each field name that tshark uses for our protocols stands in one of five tables: FIELDS (the same
place, the same octets), FLAGS (the same bits), PARTS (it lies inside a field of ours), SPANS (it
is several fields of ours) or NOT_COMPARED with one word that says why.  Where tshark is wrong, a
comment in the tables names the section that shows it.  Values are compared as octets, so names of
codes, in which tshark 4.0 is wrong or old for several fields, do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mip6boot import packets
from mip6boot.schema import Row

from . import carriers, dhcpv6, eap, ikev2, mobile
from .mobile import Steps

__all__ = [
    "FIELDS",
    "FLAGS",
    "NOT_COMPARED",
    "PARTS",
    "SPANS",
    "Opened",
    "compared",
    "differences",
    "disagreements",
    "leaves",
    "named",
    "opened",
    "undecided",
]

_TABLES = (carriers, mobile, dhcpv6, ikev2, eap)
#: Field of tshark -> last step of our path, without the index of an item.
FIELDS: dict[str, Steps] = {k: v for table in _TABLES for k, v in table.FIELDS.items()}
#: Bits of tshark -> field and mask of the word.
FLAGS = {k: v for table in _TABLES for k, v in table.FLAGS.items()}
#: Field of tshark -> last step of the row that it lies in.  A field may be in FIELDS and here: then
#: it is one or the other.
PARTS: dict[str, Steps] = {k: v for table in _TABLES for k, v in table.PARTS.items()}
#: What is one or more fields of ours, whatever their names.
SPANS = {name for table in _TABLES for name in table.SPANS}
#: One word why not, for each.
NOT_COMPARED = {k: v for table in _TABLES for k, v in table.NOT_COMPARED.items()}
FAULTY_SIZE = {**mobile.FAULTY_SIZE}

_INDEX = re.compile(r"\[\d+\]$")
_PROTOCOLS = (
    "dhcpv6", "eap", "eapol", "esp", "eth", "icmpv6", "ip", "ipv6", "isakmp", "l2tp", "mip6",
    "mipv6", "ppp", "pppoe", "pppoes", "sctp", "tcp", "udp", "udpencap",
)  # fmt: skip
#: Places inside these nodes count from the start of what was opened.
_OPENED = "isakmp.enc.decrypted"
#: The nodes behind this one belong to fragments put together.
_JOINED = "isakmp.fragments"
_PAYLOAD = "isakmp.typepayload"
_INVALID = "field length invalid!"


def leaves(nodes: list[Any]) -> Iterator[list[Any]]:
    """Every named node of a dissection whose place is in the frame."""
    for node in nodes:
        if node[0]:
            yield node
        if node[0] == _JOINED:
            return  # What follows is in what was put together.
        if len(node) > 5 and node[0] != _OPENED:
            yield from leaves(node[5])


def named(nodes: list[Any], name: str) -> Iterator[list[Any]]:
    """Every node of the name, at any depth."""
    for node in nodes:
        if node[0] == name:
            yield node
        yield from named(node[5] if len(node) > 5 else [], name)


class Opened(NamedTuple):
    """Payloads that tshark has decrypted: the type of the first, all octets, and the nodes."""

    first: int
    octets: bytes
    nodes: list[list[Any]]


def opened(nodes: list[Any]) -> Iterator[Opened]:
    """Each chain of payloads that tshark has decrypted, fragments put together."""
    for i, node in enumerate(nodes):
        inside = node[5] if len(node) > 5 else []
        if node[0] == _JOINED:
            octets = b"".join(bytes.fromhex(n[4]) for n in inside if n[0] == "isakmp.fragment")
            yield _chain(nodes[i + 1 :], octets)
            return
        if node[0] == _OPENED:
            contained = next((n for n in inside if n[0] == "isakmp.enc.contained"), None)
            payloads = contained[5] if contained is not None and len(contained) > 5 else []
            # With a wrong key nothing sensible comes out.
            if payloads and not any(n[4] == _INVALID for n in payloads):
                octets = b"".join(bytes.fromhex(n[4]) for n in payloads if n[0] == _PAYLOAD)
                yield _chain(payloads, octets)
        else:
            yield from opened(inside)


def _chain(payloads: list[Any], octets: bytes) -> Opened:
    first = next(n for n in payloads if n[0] == _PAYLOAD)
    # The place of a payload as a whole is wrong where fragments were put together.
    nodes = [leaf for leaf in leaves(payloads) if leaf[0] != _PAYLOAD]
    return Opened(int(first[3]), octets, nodes)


def undecided(nodes: list[Any]) -> set[str]:
    """Names of our protocols that stand in none of the tables."""
    known = FIELDS.keys() | FLAGS.keys() | PARTS.keys() | SPANS | NOT_COMPARED.keys()
    parts = [*leaves(nodes), *(leaf for chain in opened(nodes) for leaf in chain.nodes)]
    return {
        node[0]
        for node in parts
        if node[0].split(".")[0] in _PROTOCOLS and not node[0].startswith(eap.METHODS)
    } - known


def compared(nodes: Iterable[list[Any]]) -> list[list[Any]]:
    """The nodes that can be compared."""
    known = FIELDS.keys() | FLAGS.keys() | PARTS.keys() | SPANS
    return [node for node in nodes if node[0] in known and node[2]]


def disagreements(frame: dict[str, Any], octets: bytes, linktype: int) -> list[str]:
    """Where our octet map has no such field at the place that tshark says, or other octets."""
    return differences(leaves(frame["layers"]), packets.explain(octets, linktype=linktype))


def differences(nodes: Iterable[list[Any]], rows: list[Row], shift: int = 0) -> list[str]:
    """The same for nodes and rows; the rows begin `shift` octets before the nodes."""
    places: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        places.setdefault((row.offset - shift, row.length), []).append(row)
    masked = [row for row in rows if row.mask is not None]
    runs = _runs(rows)
    whole = [row for row in rows if row.mask is None]
    octets = b"".join(row.octets for row in whole)
    ends = {row.offset - shift for row in whole} | {
        row.offset + row.length - shift for row in whole
    }
    refused = [(row.offset - shift, row.length) for row in rows if _refused(row)]
    out = []
    for node in compared(nodes):
        offset = node[1]
        if any(at <= offset < at + size for at, size in refused):
            continue  # It lies in what is not decoded; the list of refusals says why.
        here = places.get((offset, node[2] + FAULTY_SIZE.get(node[0], 0)), [])
        text: str | None = f"{_at(node)}: no such field"
        if node[0] in FLAGS:
            text = _other_bits(node, masked, shift)
        if node[0] in FIELDS:
            text = _other_field(node, here)
        if node[0] in SPANS:
            text = _broken(node, ends, octets, shift)
        if text is not None and node[0] in PARTS:
            text = _outside(node, runs, shift)
        if text is not None:
            out.append(text)
    return out


def _refused(row: Row) -> bool:
    return row.meaning.startswith(("undecoded:", "malformed:"))


def _last(path: str) -> str:
    """The last step of a path, without the index of an item."""
    return _INDEX.sub("", path.rpartition(".")[2])


def _named(path: str, steps: Steps) -> bool:
    last = _last(path)
    return last in steps if isinstance(steps, tuple) else last == steps


def _runs(rows: list[Row]) -> list[tuple[int, str, bytes]]:
    """Offset, path and octets of each field; the items of a list are one."""
    out: list[tuple[int, str, bytes]] = []
    for row in rows:
        if row.mask is None:
            path = _INDEX.sub("", row.path)
            if out and path == out[-1][1]:
                out[-1] = (out[-1][0], path, out[-1][2] + row.octets)
            else:
                out.append((row.offset, path, row.octets))
    return out


def _other_bits(node: list[Any], masked: list[Row], shift: int) -> str | None:
    field, mask = FLAGS[node[0]]
    first, last = node[1] + shift, node[1] + shift + node[2]
    for row in masked:
        start, end = row.offset, row.offset + row.length
        # Some tell the octet that a bit is in, others the whole word.
        same_place = (start <= first and last <= end) or (first <= start and end <= last)
        if same_place and _named(row.path, field):
            value = (int.from_bytes(row.octets, "big") & mask) // (mask & -mask)
            same = value == int(node[3], 0)
            return None if same else f"{_at(node)}: {value}, tshark {node[3]}"
    return f"{_at(node)}: no such bits"


def _other_field(node: list[Any], here: list[Row]) -> str | None:
    found = next((row for row in here if _named(row.path, FIELDS[node[0]])), None)
    if found is None:
        return f"{_at(node)}: no such field"
    if found.octets.startswith(bytes.fromhex(node[4])):
        return None
    return f"{_at(node)}: {found.octets.hex()}, tshark {node[4]}"


def _outside(node: list[Any], runs: list[tuple[int, str, bytes]], shift: int) -> str | None:
    _, offset, size = node[:3]
    for start, path, octets in runs:
        at = offset + shift - start
        if at >= 0 and at + size <= len(octets) and _named(path, PARTS[node[0]]):
            same = octets[at : at + size].startswith(bytes.fromhex(node[4]))
            return None if same else f"{_at(node)}: other octets than {node[4]}"
    return f"{_at(node)}: in no such field"


def _broken(node: list[Any], ends: set[int], octets: bytes, shift: int) -> str | None:
    offset, size = node[1], node[2] + FAULTY_SIZE.get(node[0], 0)
    if not {offset, offset + size} <= ends:
        return f"{_at(node)}: not where fields of ours begin and end"
    same = octets[offset + shift :][:size].startswith(bytes.fromhex(node[4]))
    return None if same else f"{_at(node)}: other octets than {node[4]}"


def _at(node: list[Any]) -> str:
    return f"{node[0]} at {node[1]}+{node[2]}"
