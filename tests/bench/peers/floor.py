"""The floor: hand-written struct code with slotted dataclasses and address objects.

`floor_template.py` is plain struct code for the benchmark's messages; its record classes and address
types are put in here.
"""

from __future__ import annotations

import re
from dataclasses import make_dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

SPEC = """
Pad1 -
PadN data
UnkMobOpt type data
BindRefreshAdvice interval
AltCoA address
NonceIndices home careof
BindAuthData authenticator
MnId subtype identifier
V4AddrAck status preflen address
BindingUpdate nh reserved checksum seq flags lifetime options
BindingAck nh reserved checksum status flags seq lifetime options
UnkMH nh mh_type reserved checksum data
DuidLLT hwtype time lladdr
DuidRaw data
ClientId duid
ServerId duid
IaNa iaid t1 t2 options
IaAddr address preferred valid options
Oro codes
Elapsed time
RelayMsg message
StatusCode code message
InterfaceId data
DnsServers servers
Hnidf name
IdInf options
Hnp plen prefix
Haa address
Haf name
UnkDhcpOpt code data
RelayMessage msgtype hops link peer options
DhcpMessage msgtype xid options
Attr type value
Transform type id attrs
Proposal num proto spi transforms
SA critical proposals
KE critical group data
IDi critical idtype data
IDr critical idtype data
CertReq critical encoding authority
Nonce critical data
Notify critical proto type spi data
Vendor critical data
TsV6 proto sport eport start end
TsRaw type proto data
TSi critical selectors
TSr critical selectors
CfgEmpty type
CfgIp6Address address plen
CfgHomePrefix lifetime prefix plen
CfgHomeAgent address
CfgIp6Dns address
CfgRaw type data
CP critical cfgtype attrs
RawPayload type critical data
IkeMessage spi_i spi_r version exchange flags mid payloads
"""


def floor() -> dict[str, Any]:
    """The names of the template, with dataclasses for records and `ipaddress` objects."""
    text = (Path(__file__).parent / "floor_template.py").read_text()
    text = re.sub(r"\bA6\(", "IPv6Address(", text)
    text = re.sub(r"\bA4\(", "IPv4Address(", text)
    text = re.sub(r"\bP[46]\(([^()]*)\)", r"\1.packed", text)
    names: dict[str, Any] = {"IPv6Address": IPv6Address, "IPv4Address": IPv4Address}
    for line in SPEC.strip().splitlines():
        name, *fields = line.split()
        names[name] = make_dataclass(name, [f for f in fields if f != "-"], slots=True)
    exec(compile(text, "floor_template", "exec"), names)
    return names
