"""tshark's names for IKEv2 and for what shares its UDP ports."""

from __future__ import annotations

from .mobile import Steps

__all__ = ["FIELDS", "FLAGS", "IKEV1", "NOT_COMPARED", "PARTS", "SPANS"]

FIELDS: dict[str, Steps] = {
    # The header.
    "isakmp.ispi": "initiator_spi",
    "isakmp.rspi": "responder_spi",
    "isakmp.version": "major_version|minor_version",
    "isakmp.exchangetype": "exchange_type",
    "isakmp.flags": "reserved_high|flags|reserved_low",
    "isakmp.messageid": "message_id",
    "isakmp.length": "length",
    # What every payload, proposal and transform begins with.
    "isakmp.nextpayload": ("next_payload", "more"),
    "isakmp.payloadlength": ("payload_length", "proposal_length", "transform_length"),
    "isakmp.reserved": ("reserved", "reserved2", "octet2"),
    # Security Association.
    "isakmp.prop.number": "proposal_num",
    "isakmp.prop.protoid": "protocol_id",
    "isakmp.spisize": "spi_size",
    "isakmp.prop.transforms": "num_transforms",
    "isakmp.spi": "spi",
    "isakmp.tf.type": "transform_type",
    "isakmp.tf.id": "transform_id",
    "isakmp.tf.id.encr": "transform_id",
    "isakmp.tf.id.prf": "transform_id",
    "isakmp.tf.id.integ": "transform_id",
    "isakmp.tf.id.dh": "transform_id",
    "isakmp.tf.id.esn": "transform_id",
    "isakmp.ike2.attr.length": "length",
    "isakmp.ike2.attr.value": "value",
    "isakmp.ike2.attr.key_length": "value",
    # Key Exchange, Identification, Certificate, Authentication, Nonce.
    "isakmp.key_exchange.dh_group": "method",
    "isakmp.key_exchange.data": "key_exchange_data",
    "isakmp.id.type": "id_type",
    "isakmp.cert.encoding": "cert_encoding",
    "isakmp.certreq.type": "cert_encoding",
    "isakmp.auth.method": "auth_method",
    "isakmp.nonce": "nonce_data",
    # Notify, Delete, Vendor ID.
    "isakmp.notify.protoid": "protocol_id",
    "isakmp.notify.msgtype": "notify_type",
    "isakmp.delete.protoid": "protocol_id",
    "isakmp.spinum": "num_spis",
    "isakmp.delete.spi": "spis",
    "isakmp.vid_bytes": "vendor_id",
    "isakmp.gspm.data": "data",
    "isakmp.datapayload": ("data", "solution"),
    # Traffic Selectors.
    "isakmp.ts.number": "number_of_tss",
    "isakmp.ts.type": "ts_type",
    "isakmp.ts.protoid": "ip_protocol",
    "isakmp.ts.selector_length": "selector_length",
    "isakmp.ts.start_port": "start_port",
    "isakmp.ts.end_port": "end_port",
    "isakmp.ts.start_ipv4": "starting_address",
    "isakmp.ts.end_ipv4": "ending_address",
    "isakmp.ts.start_ipv6": "starting_address",
    "isakmp.ts.end_ipv6": "ending_address",
    # Configuration.
    "isakmp.cfg.type": "cfg_type",
    "isakmp.cfg.attr.length": "length",
    # Encrypted Fragment.
    "isakmp.frag.number": "fragment_number",
    "isakmp.frag.total": "total_fragments",
    # ESP in UDP.
    "udpencap.nat_keepalive": "octet",
    "udpencap.non_esp_marker": "marker",
    "esp.spi": "spi",
    "esp.sequence": "sequence",
}

FLAGS: dict[str, tuple[str, int]] = {
    "isakmp.mjver": ("major_version", 0xF0),
    "isakmp.mnver": ("minor_version", 0x0F),
    "isakmp.flag_i": ("flags", 0x08),
    "isakmp.flag_v": ("flags", 0x10),
    "isakmp.flag_r": ("flags", 0x20),
    "isakmp.criticalpayload": ("critical", 0x80),
    "isakmp.reserved7": ("reserved", 0x7F),
    "isakmp.ike2.attr.format": ("short", 0x8000),
    "isakmp.ike2.attr.type": ("attribute_type", 0x7FFF),
    "isakmp.cfg.attr.format": ("reserved_bit", 0x8000),
    "isakmp.cfg.attr.type": ("attribute_type", 0x7FFF),
}

PARTS: dict[str, Steps] = {
    # Kinds of identities that RFC 7296 3.5 does not have, read as those of IKEv1.
    "isakmp.id.data.ipv4_addr": "data",
    "isakmp.id.data.ipv4_subnet": "data",
    # The parts of RFC 7427 3 are a view here.
    "isakmp.auth.data.sig.asn1.len": "authentication_data",
    "isakmp.auth.data.sig.asn1.data": "authentication_data",
    "isakmp.auth.data.sig.value": "authentication_data",
    "isakmp.enc.iv": "sealed",
    "isakmp.enc.data": "sealed",
    "isakmp.enc.icd": "sealed",
    "isakmp.cert.x509.hash": "certificate_data",
    "isakmp.cert.x509.url": "certificate_data",
    # An attribute that RFC 5996 took out.
    "isakmp.cfg.attr.internal_address_expiry": "data",
    "isakmp.vid.ms_nt5_isakmpoakley": "vendor_id",
    "isakmp.ike.certreq.authority": "certification_authority",
}

#: What is one field of ours or several, as its type says.
SPANS = {
    "isakmp.auth.data", "isakmp.cert.data", "isakmp.cfg.attr", "isakmp.ike2.attr",
    "isakmp.notify.data", "isakmp.ts.data", "isakmp.typepayload",
    *(f"isakmp.cfg.attr.{name}" for name in (
        "application_version", "internal_address_expiry", "internal_ip4_address",
        "internal_ip4_dhcp", "internal_ip4_dns", "internal_ip4_nbns", "internal_ip4_netmask",
        "internal_ip4_subnet_ip", "internal_ip4_subnet_netmask", "internal_ip6_address",
        "internal_ip6_address.prefix", "internal_ip6_dhcp", "internal_ip6_dns",
        "internal_ip6_link_id", "internal_ip6_link_interface", "internal_ip6_nbns",
        "internal_ip6_netmask", "internal_ip6_prefix_ip", "internal_ip6_prefix_length",
        "internal_ip6_subnet_ip", "internal_ip6_subnet_prefix", "p_cscf_ip4_address",
        "p_cscf_ip6_address", "supported_attributes", "value",
    )),
    *(f"isakmp.id.{name}" for name in (
        "data", "data.der_asn1_dn", "data.fqdn", "data.ipv4_addr", "data.ipv6_addr", "data.key_id",
        "data.user_fqdn",
    )),
    *(f"isakmp.notify.data.{name}" for name in (
        "accepted_dh_group", "auth_lifetime", "ha.expected_recv_req_message_id",
        "ha.expected_send_req_message_id", "ha.incoming_ipsec_sa_delta_value", "ha.nonce_data",
        "ipcomp.cpi", "ipcomp.transform_id", "qcd.token_secret_data", "redirect.gw_ident.len",
        "redirect.gw_ident.type", "redirect.new_resp_gw_ident.data",
        "redirect.new_resp_gw_ident.fqdn", "redirect.new_resp_gw_ident.ipv4",
        "redirect.new_resp_gw_ident.ipv6", "redirect.nonce_data",
        "redirect.org_resp_gw_ident.data", "redirect.org_resp_gw_ident.ipv4",
        "redirect.org_resp_gw_ident.ipv6", "signature_hash_algorithms", "ticket_opaque.data",
        "ticket_opaque.lifetime",
    )),
}  # fmt: skip

NOT_COMPARED = {
    "isakmp": "layer",
    "udpencap": "layer",
    "esp": "layer",
    "isakmp.vid_string": "text",
    "isakmp.enc.contained": "layer",
    "isakmp.enc.decrypted": "layer",
    "isakmp.enc.padding": "sealed",
    "isakmp.enc.pad_length": "sealed",
    "isakmp.extradata": "trailer",
    "isakmp.fragment": "reassembly",
    "isakmp.fragments": "reassembly",
    "isakmp.fragment.count": "reassembly",
    "isakmp.reassembled.length": "reassembly",
    "isakmp.attribute_value_empty": "verdict",
    "isakmp.fragment_number.invalid": "verdict",
    "isakmp.ikev2.integrity_checksum": "verdict",
    "isakmp.payloadlength.invalid": "verdict",
    "esp.sequence-analysis.expected-sn": "verdict",
    "esp.sequence-analysis.previous-frame": "verdict",
    "esp.sequence-analysis.wrong-sequence-number": "verdict",
}

#: Names that occur in IKEv1 alone, which is not decoded here.
IKEV1 = (
    "isakmp.flag_a", "isakmp.flag_c", "isakmp.flag_e", "isakmp.ike.attr",
    "isakmp.ike.attr.authentication_method", "isakmp.ike.attr.encryption_algorithm",
    "isakmp.ike.attr.format", "isakmp.ike.attr.group_description", "isakmp.ike.attr.hash_algorithm",
    "isakmp.ike.attr.key_length", "isakmp.ike.attr.length", "isakmp.ike.attr.life_duration",
    "isakmp.ike.attr.life_type", "isakmp.ike.attr.type", "isakmp.ike.attr.value",
    "isakmp.ike.nat_hash", "isakmp.sa.doi", "isakmp.sa.situation",
    "isakmp.sa.situation.identity_only", "isakmp.sa.situation.integrity",
    "isakmp.sa.situation.secrecy", "isakmp.trans.id", "isakmp.trans.number",
)  # fmt: skip
NOT_COMPARED |= dict.fromkeys(IKEV1, "IKEv1")
