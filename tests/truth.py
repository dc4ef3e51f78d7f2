"""tshark's reading of a packet beside ours: every field it names must be a field of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mip6boot import packets
from mip6boot.schema import Row

__all__ = ["FIELDS", "FLAGS", "compared", "disagreements", "leaves"]

#: Field of tshark -> last step of our path.  Values are compared as octets, so names of codes, in
#: which tshark 4.0 is wrong or old for several fields, do not matter.
FIELDS = {
    "mip6.proto": "payload_proto",
    "mip6.hlen": "header_len",
    "mip6.mhtype": "mh_type",
    "mip6.reserved": "reserved",
    "mip6.csum": "checksum",
    "mip6.bu.seqnr": "sequence",
    "mip6.bu.lifetime": "lifetime",
    "mip6.ba.status": "status",
    "mip6.ba.seqnr": "sequence",
    "mip6.ba.lifetime": "lifetime",
    "mip6.be.status": "status",
    "mip6.be.haddr": "home_address",
    "mip6.hoti.cookie": "home_init_cookie",
    "mip6.coti.cookie": "care_of_init_cookie",
    "mip6.hot.nindex": "home_nonce_index",
    "mip6.hot.cookie": "home_init_cookie",
    "mip6.cot.nindex": "care_of_nonce_index",
    "mip6.cot.cookie": "care_of_init_cookie",
    "mip6.mobility_opt.len": "length",
    "mip6.bra.interval": "interval",
    "mip6.acoa.acoa": "address",
    "mip6.ni.hni": "home_nonce_index",
    "mip6.ni.cni": "care_of_nonce_index",
    "mip6.bad.auth": "authenticator",
    "mip6.mocot.co_keygen_tok": "care_of_keygen_token",
    "mip6.lla.optcode": "option_code",
    "mip6.lla": "link_layer_address",
    "mip6.auth.subtype": "subtype",
    "mip6.auth.mobility_spi": "mobility_spi",
    "mip6.auth.auth_data": "authentication_data",
    "mip6.nemo.mnp.pfl": "prefix_length",
    "mip6.nemo.mnp.mnp": "prefix",
    "mip6.mseg_id.timestamp": "timestamp",
    "mip6.mnid.subtype": "subtype",
    "ipv6.opt.mipv6.home_address": "home_address",
    "ipv6.dstopts.nxt": "next_header",
    "ipv6.dstopts.len": "header_len",
    "ipv6.routing.mipv6.home_address": "home_address",
    "icmpv6.mip6.identifier": "identifier",
}

#: Flag of tshark -> field and mask of the word.
FLAGS = {
    **{f"mip6.bu.{name}_flag": ("flags", mask) for name, mask in
       (("a", 0x8000), ("h", 0x4000), ("l", 0x2000), ("k", 0x1000), ("m", 0x0800), ("p", 0x0200),
        ("f", 0x0100), ("t", 0x0080), ("b", 0x0040))},
    "mip6.nemo.bu.r_flag": ("flags", 0x0400),
    **{f"mip6.ba.{name}_flag": ("flags", mask) for name, mask in
       (("k", 0x80), ("p", 0x20), ("t", 0x10), ("b", 0x08))},
    "mip6.nemo.ba.r_flag": ("flags", 0x40),
    "icmpv6.mip6.flag.m": ("managed", 0x8000),
    "icmpv6.mip6.flag.o": ("other", 0x4000),
}  # fmt: skip

#: Sizes that tshark 4.0 reports wrongly: it takes the option's header off the data once more.
FAULTY_SIZE = {"mip6.auth.auth_data": 2, "mip6.mocot.co_keygen_tok": 2}

#: The token of a Care-of Test shows under the name of the Home Test's.
_KEYGEN = "mip6.hot.token"


def leaves(nodes: list[Any]) -> Iterator[list[Any]]:
    """Every named node of a dissection."""
    for node in nodes:
        if node[0]:
            yield node
        if len(node) > 5:
            yield from leaves(node[5])


def compared(frame: dict[str, Any]) -> list[list[Any]]:
    """The nodes of a dissected frame that can be compared."""
    known = FIELDS.keys() | FLAGS.keys() | {_KEYGEN}
    return [node for node in leaves(frame["layers"]) if node[0] in known and node[2]]


def disagreements(frame: dict[str, Any], octets: bytes, linktype: int) -> list[str]:
    """Where our octet map has no such field at the place that tshark says, or other octets."""
    rows = packets.explain(octets, linktype=linktype)
    return [text for node in compared(frame) if (text := _differs(node, rows)) is not None]


def _refused(row: Row) -> bool:
    return row.meaning.startswith(("undecoded:", "malformed:"))


def _differs(node: list[Any], rows: list[Row]) -> str | None:
    name, offset, size = node[:3]
    if any(row.offset <= offset < row.offset + row.length for row in rows if _refused(row)):
        return None  # It lies in what is not decoded; the list of refusals says why.
    size += FAULTY_SIZE.get(name, 0)
    here = [row for row in rows if (row.offset, row.length) == (offset, size)]
    if name in FLAGS:
        field, mask = FLAGS[name]
        word = next((row for row in here if row.path.endswith(f".{field}") and row.mask), None)
        value = None if word is None else bool(int.from_bytes(word.octets, "big") & mask)
        return (
            None if value == (node[3] == "1") else f"{name} at {offset}: {value}, tshark {node[3]}"
        )
    wanted = ("home_keygen_token", "care_of_keygen_token") if name == _KEYGEN else (FIELDS[name],)
    for row in here:
        if row.path.rpartition(".")[2] in wanted:
            same = row.octets.startswith(bytes.fromhex(node[4]))
            return None if same else f"{name} at {offset}: {row.octets.hex()}, tshark {node[4]}"
    return f"{name} at {offset}+{size}: no such field"
