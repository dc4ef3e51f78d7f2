"""tshark's names for what carries our protocols: links, IPv4, UDP, TCP, SCTP and access lines."""

from __future__ import annotations

from .mobile import Steps

__all__ = ["FIELDS", "FLAGS", "NOT_COMPARED", "PARTS", "SPANS"]

FIELDS: dict[str, Steps] = {
    "eth.dst": "destination",
    "eth.src": "source",
    "eth.type": "ethertype",
    "ip.len": "total_length",
    "ip.id": "identification",
    "ip.ttl": "ttl",
    "ip.proto": "protocol",
    "ip.checksum": "checksum",
    "ip.src": "source",
    "ip.dst": "destination",
    "udp.srcport": "source_port",
    "udp.dstport": "destination_port",
    "udp.length": "length",
    "udp.checksum": "checksum",
    "tcp.srcport": "source_port",
    "tcp.dstport": "destination_port",
    "tcp.seq_raw": "sequence",
    "tcp.ack_raw": "acknowledgment",
    "tcp.window_size_value": "window",
    "tcp.checksum": "checksum",
    "tcp.urgent_pointer": "urgent_pointer",
    "pppoe.code": "code",
    "pppoe.session_id": "session_id",
    "pppoe.payload_length": "length",
    "ppp.address": "address",
    "ppp.control": "control",
    "ppp.protocol": "protocol",
    "l2tp.tunnel": "tunnel_id",
    "l2tp.session": "session_id",
    "l2tp.offset": "size",
    "eapol.version": "version",
    "eapol.type": "packet_type",
    "eapol.len": "length",
    "sctp.srcport": "source_port",
    "sctp.dstport": "destination_port",
    "sctp.verification_tag": "verification_tag",
    "sctp.checksum": "checksum",
    "sctp.chunk_type": "chunk_type",
    "sctp.chunk_length": "length",
    "sctp.data_tsn": "tsn",
    "sctp.data_tsn_raw": "tsn",
    "sctp.data_sid": "stream",
    "sctp.data_ssn": "sequence",
    "sctp.data_payload_proto_id": "payload_protocol",
}

FLAGS: dict[str, tuple[str, int]] = {
    "ip.dsfield.dscp": ("dscp", 0xFC),
    "ip.dsfield.ecn": ("ecn", 0x03),
    "ip.flags.rb": ("reserved_bit", 0x8000),
    "ip.flags.df": ("dont_fragment", 0x4000),
    "ip.flags.mf": ("more_fragments", 0x2000),
    "ip.frag_offset": ("fragment_offset", 0x1FFF),
    "tcp.flags.cwr": ("cwr", 0x80),
    "tcp.flags.ece": ("ece", 0x40),
    "tcp.flags.urg": ("urg", 0x20),
    "tcp.flags.ack": ("ack", 0x10),
    "tcp.flags.push": ("psh", 0x08),
    "tcp.flags.reset": ("rst", 0x04),
    "tcp.flags.syn": ("syn", 0x02),
    "tcp.flags.fin": ("fin", 0x01),
    "pppoe.version": ("version", 0xF0),
    "pppoe.type": ("pppoe_type", 0x0F),
    "l2tp.type": ("control", 0x80),
    "l2tp.length_bit": ("has_length", 0x40),
    "l2tp.seq_bit": ("has_sequence", 0x08),
    "l2tp.offset_bit": ("has_offset", 0x02),
    "l2tp.priority": ("priority", 0x01),
    "l2tp.version": ("version", 0x0F),
    "sctp.data_i_bit": ("immediate", 0x08),
    "sctp.data_u_bit": ("unordered", 0x04),
    "sctp.data_b_bit": ("beginning", 0x02),
    "sctp.data_e_bit": ("ending", 0x01),
}

#: Chunks but DATA keep their octets.
PARTS: dict[str, Steps] = {
    f"sctp.{name}": "value"
    for name in (
        "cookie", "init_credit", "init_initial_tsn", "init_initiate_tag", "init_nr_in_streams",
        "init_nr_out_streams", "initack_credit", "initack_initial_tsn", "initack_initiate_tag",
        "initack_nr_in_streams", "initack_nr_out_streams", "initiate_tag",
    )
}  # fmt: skip

SPANS = {"ip.dsfield", "l2tp.flags", "sctp.chunk_flags", "sctp.chunk_padding", "eth.padding"}

NOT_COMPARED = {
    **dict.fromkeys(("eth", "ip", "udp", "tcp", "pppoes", "ppp", "l2tp", "eapol", "sctp"), "layer"),
    **dict.fromkeys(
        (
            "eth.addr", "eth.addr.oui", "eth.addr.oui_resolved", "eth.addr_resolved", "eth.dst.ig",
            "eth.dst.lg", "eth.dst.oui", "eth.dst.oui_resolved", "eth.dst_resolved", "eth.ig",
            "eth.lg", "eth.src.ig", "eth.src.lg", "eth.src.oui", "eth.src.oui_resolved",
            "eth.src_resolved", "ip.addr", "ip.dst_host", "ip.host", "ip.src_host",
            "sctp.assoc_index", "sctp.port", "tcp.ack", "tcp.analysis", "tcp.analysis.ack_rtt",
            "tcp.analysis.acks_frame", "tcp.analysis.bytes_in_flight", "tcp.analysis.initial_rtt",
            "tcp.analysis.push_bytes_sent", "tcp.completeness", "tcp.connection.syn",
            "tcp.connection.synack", "tcp.len", "tcp.nxtseq", "tcp.pdu.size", "tcp.port", "tcp.seq",
            "tcp.stream", "tcp.time_delta", "tcp.time_relative", "tcp.window_size",
            "tcp.window_size_scalefactor", "udp.port", "udp.stream", "udp.time_delta",
            "udp.time_relative",
        ),
        "derived",
    ),
    **dict.fromkeys(
        ("ip.checksum.status", "sctp.checksum.status", "tcp.checksum.status", "udp.checksum.status"),
        "verdict",
    ),
    # Bits of a word that has no such field here, or a number in another unit.
    **dict.fromkeys(("ip.flags", "ip.hdr_len", "ip.version", "sctp.chunk_bit_1", "sctp.chunk_bit_2", "tcp.flags", "tcp.flags.ae", "tcp.flags.res", "tcp.flags.str", "tcp.hdr_len"), "bits"),
    "tcp.payload": "layer",
    "udp.payload": "layer",
}  # fmt: skip
