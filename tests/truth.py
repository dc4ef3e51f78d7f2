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
    "mip6.fbu.seqnr": "sequence",
    "mip6.fbu.lifetime": "lifetime",
    "mip6.fback.status": "status",
    "mip6.fback.seqnr": "sequence",
    "mip6.fback.lifetime": "lifetime",
    "mip6.has.num_addrs": "address_count",
    "mip6.has.reserved": "reserved2",
    "mip6.has.address": "addresses[0]",
    "mip6.hb.seqnr": "sequence",
    "mip6.hi.seqnr": "sequence",
    "mip6.hi.code": "code",
    "mip6.hack.seqnr": "sequence",
    "mip6.hack.code": "code",
    "mip6.bri_br.type": "br_type",
    "mip6.bri_r.trigger": "trigger",
    "mip6.bri_status": "status",
    "mip6.bri_seqnr": "sequence",
    "mip6.mnid.identifier": "nai|address|octets|duid|data",
    "mip6.cgar.cga_par": "cga_parameters",
    "mip6.sign.sign": "signature",
    "mip6.phkt.phkt": "token",
    "mip6.dnsu.status": "status",
    "mip6.dnsu.mn_id": "mn_identity",
    "mip6.em.data": "data",
    "mip6.vsm.vendorId": "vendor_id",
    "mip6.vsm.subtype": "sub_type",
    "mip6.ss.identifier": "identifier",
    "mip6.badff.spi": "spi",
    "mip6.badff.auth": "authenticator",
    "mip6.hi": "handoff_indicator",
    "mip6.att": "access_technology_type",
    "mip6.mnlli.reserved": "reserved",
    "mip6.mnlli.lli": "link_layer_identifier",
    "mip6.timestamp_tmp": "timestamp",
    "mip6.lila_lla": "address",
    "mip6.rc": "restart_counter",
    "mip6.ipv4ha.ha": "address",
    "mip6.ipv4aa.sts": "status",
    "mip6.natd.refresh_t": "refresh_time",
    "mip6.ipv4coa.reserved": "reserved",
    "mip6.ipv4coa.addr": "address",
    "mip6.gre_key": "key",
    "mip6.mhipv6ap.opt_code": "option_code",
    "mip6.mhipv6ap.len": "prefix_length",
    "mip6.mhipv6ap.ipv6_address": "address",
    "mip6.bi.bid": "bid",
    "mip6.bi.status": "status",
    "mip6.bi.coa_ipv4": "care_of_address",
    "mip6.bi.coa_ipv6": "care_of_address",
    "mip6.ipv4dra.reserved": "reserved",
    "mip6.ipv4dra.dra": "address",
    "mip6.cr.reserved": "reserved",
    "mip6.cr.req_type": "type",
    "mip6.cr.req_length": "length",
    "mip6.lmaa.opt_code": "option_code",
    "mip6.lmaa.reserved": "reserved",
    "mip6.lmaa.ipv4": "address",
    "mip6.lmaa.ipv6": "address",
    "mip6.recap.reserved": "reserved",
    "mip6.redir.addr_r2lma_ipv6": "address",
    "mip6.redir.addr_r2lma_ipv4": "address",
    "mip6.load_inf.priority": "priority",
    "mip6.load_inf.sessions_in_use": "sessions_in_use",
    "mip6.load_inf.maximum_sessions": "maximum_sessions",
    "mip6.load_inf.used_capacity": "used_capacity",
    "mip6.load_inf.maximum_capacity": "maximum_capacity",
    "mip6.alt_ip4": "address",
    "mip6.mng.sub_type": "sub_type",
    "mip6.mng.reserved": "reserved",
    "mip6.mng.mng_id": "group_identifier",
    "mip6.mag_ipv6.reserved": "reserved",
    "mip6.mag_ipv6.address_length": "address_length",
    "mip6.mag_ipv6.address": "address",
    "mip6.acc_net_id.net_name_len": "network_name_length",
    "mip6.acc_net_id.ap_name_len": "access_point_name_length",
    "mip6.acc_net_id.op_id.type": "op_id_type",
    "mip6.acc_net_id.geo.latitude_degrees": "latitude_fixed",
    "mip6.acc_net_id.geo.longitude_degrees": "longitude_fixed",
    "mip6.dmnp.prefix_len": "prefix_length",
    "mip6.dmnp.dmnp_ipv4": "prefix",
    "mip6.dmnp.dmnp_ipv6": "prefix",
    "icmpv6.type": "type",
    "icmpv6.code": "code",
    "icmpv6.checksum": "checksum",
    "icmpv6.mtu": "mtu",
    "icmpv6.echo.identifier": "identifier",
    "icmpv6.echo.sequence_number": "sequence",
    "icmpv6.nd.ra.cur_hop_limit": "hop_limit",
    "icmpv6.nd.ra.router_lifetime": "router_lifetime",
    "icmpv6.nd.ra.reachable_time": "reachable_time_ms",
    "icmpv6.nd.ra.retrans_timer": "retrans_timer_ms",
    "icmpv6.nd.ns.target_address": "target",
    "icmpv6.nd.na.target_address": "target",
    "icmpv6.rd.na.target_address": "target",
    "icmpv6.opt.type": "type",
    "icmpv6.opt.length": "length",
    "icmpv6.opt.linkaddr": "link_layer_address",
    "icmpv6.opt.prefix.length": "prefix_length",
    "icmpv6.opt.prefix.valid_lifetime": "valid_lifetime",
    "icmpv6.opt.prefix.preferred_lifetime": "preferred_lifetime",
    "icmpv6.opt.mtu": "mtu",
    "icmpv6.opt.advertisement_interval": "interval_ms",
    "icmpv6.opt.home_agent.preference": "preference",
    "icmpv6.opt.home_agent.lifetime": "lifetime",
    "icmpv6.opt.route_lifetime": "lifetime",
    "icmpv6.opt.rdnss.lifetime": "lifetime",
    "icmpv6.opt.rdnss": "addresses[0]",
    "icmpv6.opt.dnssl.lifetime": "lifetime",
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
FAULTY_SIZE = {
    "mip6.auth.auth_data": 2,
    "mip6.mocot.co_keygen_tok": 2,
    "mip6.cgar.cga_par": 2,
    "mip6.sign.sign": 2,
    "mip6.phkt.phkt": 2,
    "mip6.dnsu.mn_id": 2,
    "mip6.badff.auth": 6,  # Here also the SPI, which this option's length does not count.
}

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
    names = "home_keygen_token|care_of_keygen_token" if name == _KEYGEN else FIELDS[name]
    wanted = names.split("|")
    for row in here:
        if row.path.rpartition(".")[2] in wanted:
            same = row.octets.startswith(bytes.fromhex(node[4]))
            return None if same else f"{name} at {offset}: {row.octets.hex()}, tshark {node[4]}"
    return f"{name} at {offset}+{size}: no such field"
