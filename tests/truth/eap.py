"""tshark's names for EAP."""

from __future__ import annotations

from .mobile import Steps

__all__ = ["FIELDS", "FLAGS", "METHODS", "NOT_COMPARED", "PARTS", "SPANS"]

FIELDS: dict[str, Steps] = {
    "eap.code": "code",
    "eap.id": "identifier",
    "eap.len": "length",
    "eap.type": "eap_type",
    "eap.desired_type": "desired_types",
    "eap.md5.extra_data": "name",
    "eap.md5.value_size": "value_size",
    "eap.md5.value": "value",
    "eap.aka.subtype": "subtype",
    "eap.aka.reserved": "reserved",
    "eap.aka.subtype.type": "type",
    "eap.aka.subtype.len": "length",
    "eap.sim.subtype": "subtype",
    "eap.sim.reserved": "reserved",
    "eap.sim.subtype.type": "type",
    "eap.sim.subtype.len": "length",
    "eap.sim.error_code": "code",
    "eap.ext.vendor_type": "vendor_type",
}

FLAGS: dict[str, tuple[str, int]] = {}

#: What is one field of ours or several, as its type says.
SPANS = {
    "eap.notification",
    "eap.sim.notification_type",
    "eap.aka.notification_type",
    "eap.aka.error_code",
    "eap.identity",
    "eap.identity.actual_len",
    "eap.identity.padding",
    "eap.aka.subtype.attribute",
    "eap.aka.subtype.value",
    "eap.sim.subtype.attribute",
    "eap.sim.subtype.value",
    "eap.ext.vendor_id",
}

#: EAP-MSCHAPv2 and EAP-TLS are not decoded here; their data are octets.
_OTHER_METHODS = (
    "eap.data", "eap.tls.flags", "eap.tls.len",
    "eap.ms_chap_v2.challenge", "eap.ms_chap_v2.flags", "eap.ms_chap_v2.id",
    "eap.ms_chap_v2.length", "eap.ms_chap_v2.message", "eap.ms_chap_v2.name",
    "eap.ms_chap_v2.nt_response", "eap.ms_chap_v2.opcode", "eap.ms_chap_v2.peer_challenge",
    "eap.ms_chap_v2.reserved", "eap.ms_chap_v2.value_size",
)  # fmt: skip
PARTS: dict[str, Steps] = dict.fromkeys(_OTHER_METHODS, ("data", "message"))

NOT_COMPARED = {
    "eap.tls.flags.len_included": "bits",
    "eap.tls.flags.more_fragments": "bits",
    "eap.tls.flags.start": "bits",
    "eap": "layer",
    "eap.identity.nonascii": "verdict",
    "eap.mitm_attacks": "verdict",
    "eap.retransmission": "verdict",
}

#: What the names of methods begin with that are not decoded here.
METHODS = (
    "eap.fast.", "eap.gpsk.", "eap.ikev2.", "eap.ikve2.", "eap.leap.", "eap.ms_chap_v2.",
    "eap.msauth-tlv.", "eap.pax.", "eap.psk.", "eap.sake.", "eap.tls.", "eap.wps.",
)  # fmt: skip
