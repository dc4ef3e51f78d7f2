"""The public face: names, lazy rooms, what importing costs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import mip6boot

ROOMS = (
    "capture", "dhcpv6", "eap", "errors", "ikev2", "ip", "mipv6", "packets", "schema", "strategies",
)  # fmt: skip

#: Names that others build on; one that goes missing here is a new major version.
PUBLIC = {
    "errors": "CaptureError ConfigError DecodeError EncodeError Mip6bootError",
    "schema": "Message Registry Unknown Malformed Unaligned OptionList Items Nested OneOf ByLength When"
    " Bits Flags OpenEnum Scaled Code Const FrameLength LengthOf CountOf Mapped Leaf Element UInt8"
    " UInt16 UInt24 UInt32 UInt64 IPv4 IPv6 Octets Utf8 WireName WireDuid DomainName Duid explain"
    " interpret walk diff tree Row",
    "mipv6": "decode from_dict check with_checksum checksum_of RULES MESSAGES OPTIONS BindingUpdate"
    " BindingAcknowledgement MobilityHeader MobilityOption BindingUpdateFlags BindingStatus"
    " UnknownMobilityOption UnknownMobilityHeader",
    "ip": "Ipv6Header Ipv4Header UdpHeader EspPacket DestinationOptions HomeAddressOption"
    " Type2RoutingHeader FragmentHeader ICMPV6 IPV6_OPTIONS ND_OPTIONS ROUTING_HEADERS",
    "packets": "decode_packet from_dict explain patch Packet Payload Trailer Undecoded Reassembler"
    " LinkType",
    "capture": "read write Frame CaptureWarning",
    "strategies": "messages",
}


@pytest.mark.parametrize("room", ROOMS)
def test_names(room: str) -> None:
    module = import_module(f"mip6boot.{room}")
    assert getattr(mip6boot, room) is module
    names = list(module.__all__)
    assert len(names) == len(set(names))
    assert set(PUBLIC[room].split()) <= set(names)
    for name in names:
        assert getattr(module, name) is not None


def test_the_top_level_is_lazy() -> None:
    code = (
        "import sys, mip6boot; assert mip6boot.__version__;"
        "assert not {'construct', 'msgspec', 'hypothesis'} & set(sys.modules);"
        "import mip6boot.mipv6; assert 'hypothesis' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {*ROOMS, "DecodeError"} <= set(dir(mip6boot))
    with pytest.raises(AttributeError):
        _ = mip6boot.nothing
