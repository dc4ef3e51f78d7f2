"""tshark's reading of Diameter, against ours.

A reading is a tree of nodes in the form of the truth files: name, position, size, what is shown,
the octets in hexadecimal digits, and the nodes inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from mip6boot import diameter
from mip6boot.diameter import Avp, DiameterMessage
from mip6boot.schema import Unknown

__all__ = ["DiameterReading"]

#: Nodes of an AVP beside the one of its value, whose name is the AVP's.
_HEADER = {
    "diameter.avp.code", "diameter.avp.flags", "diameter.avp.len", "diameter.avp.vendorId",
    "diameter.avp.pad", "diameter.avp.code.unknown", "diameter.avp.unknown",
    "diameter.unknown_vendor", "diameter.avp.pad.non_zero",
}  # fmt: skip


class DiameterReading:
    """One message as tshark reads it; `counts` and `names` say what was compared with ours."""

    def __init__(self, node: list[Any]) -> None:
        self.children = below(node)
        self.counts: Counter[str] = Counter()
        #: Class and tshark's name of each AVP with a value.
        self.names: set[tuple[str, str]] = set()

    def differs(self, message: DiameterMessage) -> Iterator[str]:
        """Where the message is another one, a line each."""
        self.counts["messages"] += 1
        flags = message.encode()[4]
        wanted = {
            "diameter.version": message.version,
            "diameter.length": len(message.encode()),
            "diameter.flags": flags,
            "diameter.cmd.code": code_of(message),
            "diameter.applicationId": int(message.application_id),
            "diameter.hopbyhopid": message.hop_by_hop_id,
            "diameter.endtoendid": message.end_to_end_id,
        }
        for name, number in wanted.items():
            if number_of(self.children, name) != number:
                yield f"{name} is not {number}"
        bits = {
            "request": type(message).__name__.endswith("Request"),
            "proxyable": message.proxiable,
            "error": message.is_error,
            "T": message.retransmitted,
        }
        for name, bit in bits.items():
            [of_flags] = [n for n in self.children if n[0] == "diameter.flags"]
            if number_of(below(of_flags), f"diameter.flags.{name}") != bit:
                yield f"flag {name} is not {bit}"
        yield from self.lists_differ("avps", message.avps, self.children)

    def lists_differ(self, path: str, avps: tuple[Avp, ...], nodes: list[Any]) -> Iterator[str]:
        """Where the AVPs are others than those that stand directly below."""
        read = [node for node in nodes if node[0] == "diameter.avp"]
        if len(read) != len(avps):
            yield f"{path}: {len(read)} AVPs, not {len(avps)}"
            return
        for index, (avp, node) in enumerate(zip(avps, read, strict=True)):
            yield from self.avp_differs(f"{path}[{index}]({type(avp).__name__})", avp, node)

    def avp_differs(self, path: str, avp: Any, node: list[Any]) -> Iterator[str]:
        children = below(node)
        octets = avp.encode()
        vendor = diameter.vendor_of(avp)
        padding = octets[len(octets) - len(avp.padding) :] if avp.padding else b""
        wanted = {
            "diameter.avp.code": code_of(avp),
            "diameter.avp.flags": octets[4],
            "diameter.avp.len": int.from_bytes(octets[5:8], "big"),
            "diameter.avp.vendorId": vendor if octets[4] & 0x80 else None,
        }
        if padding:
            wanted["diameter.avp.pad"] = int.from_bytes(padding, "big")
        for name, number in wanted.items():
            if number_of(children, name) != number:
                yield f"{path}: {name} is not {number}"
        self.counts["avps"] += 1
        of_value = [n for n in children if n[0].startswith("diameter.") and n[0] not in _HEADER]
        # What is unknown here tshark may know, and vendor 0 is the IETF to it.
        if of_value and not isinstance(avp, Unknown):
            yield from self.value_differs(path, avp, of_value[0])

    def value_differs(self, path: str, avp: Any, node: list[Any]) -> Iterator[str]:
        """Where the value is another one."""
        value, (name, _, _, shown, digits) = avp.value, node[:5]
        inside = below(node)
        self.counts["values"] += 1
        self.names.add((type(avp).__name__, name.removeprefix("diameter.")))
        if isinstance(value, tuple):
            yield from self.lists_differ(f"{path}.value", value, inside)
            return
        head = 12 if avp.encode()[4] & 0x80 else 8
        octets = avp.encode()[head : int.from_bytes(avp.encode()[5:8], "big")]
        if octets.hex() != digits:
            yield f"{path}.value: {digits}, not {octets.hex()}"
        if not shown_as(value, shown, digits, inside):
            yield f"{path}.value: {shown} {inside}, not {value}"


def below(node: list[Any]) -> list[Any]:
    """The nodes inside; those of the truth files have no place for them where there are none."""
    return list(node[5]) if len(node) > 5 else []


def shown_as(value: Any, shown: str, digits: str, inside: list[Any]) -> bool:
    """The value is what tshark shows, where it shows the value and not mere octets."""
    if isinstance(value, (IPv4Address, IPv6Address)):
        parts = {node[0].rpartition(".")[2]: node[3] for node in inside}
        return parts.get(f"IPv{value.version}") == str(value)
    if isinstance(value, int):
        return int(digits, 16) == value
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return shown == value
    return True


def code_of(element: Any) -> int:
    """The code of a command or an AVP."""
    if isinstance(element, Unknown):
        return int(element.registry_code)
    return int(type(element).__registration__.codes[0])


def number_of(nodes: list[Any], name: str) -> int | None:
    """The number of the node of that name; None where there is none."""
    for node in nodes:
        if node[0] == name:
            return int(node[4], 16)
    return None
