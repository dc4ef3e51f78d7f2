"""The public face: names, lazy rooms, what importing costs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import mip6boot

ROOMS = (
    "capture", "dhcpv6", "diameter", "eap", "errors", "flow", "ikev2", "ip", "mipv6", "packets", "schema",
    "security", "strategies",
)  # fmt: skip

#: Names that others build on; one that goes missing here is a new major version.
PUBLIC = {
    "errors": "CaptureError ConfigError DecodeError EncodeError IntegrityError Mip6bootError UnknownSa",
    "flow": "Aaa AaaAnswer AaaRequest AccessRouter Actor AgentInfo Authenticator BindingCache Composite"
    " DhcpClient DhcpRelay DhcpServer EapPeer EapServer Event HomeAgent HomeRegistrations LocalAaa"
    " Machine MobileNode Network Port ServingGateway SlaacHost Supplicant Ue Unit Usim Framer ike",
    "schema": "Message Registry Unknown Malformed Unaligned OptionList Items Nested OneOf ByLength When"
    " Bits Flags OpenEnum Scaled Code Const FrameLength LengthOf CountOf Mapped Leaf Element UInt8"
    " UInt16 UInt24 UInt32 UInt64 IPv4 IPv6 Octets Utf8 WireName WireNames WireDuid DomainName Duid"
    " explain interpret walk diff tree Row Chain FirstOf FromNext FromRegistry Substructures Optional"
    " Sized Chunk PadTo BitLengthOf IsShort ShortOrLong decode_elements encode_elements"
    " SecondCode FamilyAddress OptionalOneOf cited",
    "mipv6": "decode from_dict check with_checksum checksum_of RULES MESSAGES OPTIONS BindingUpdate"
    " BindingAcknowledgement MobilityHeader MobilityOption BindingUpdateFlags BindingStatus"
    " UnknownMobilityOption UnknownMobilityHeader",
    "dhcpv6": "decode from_dict check RULES MESSAGES OPTIONS Dhcpv6Message Dhcpv6Option OptionCode"
    " MessageType StatusCode Solicit Reply InformationRequest RelayForward RelayReply IaNa IaAddress"
    " IaPd ClientIdentifier ServerIdentifier OptionRequest RelayMessage HomeNetworkIdFqdn"
    " VisitedHomeNetworkInformation IdentifiedHomeNetworkInformation HomeNetworkPrefix"
    " UnrestrictedHomeNetworkInformation HomeAgentAddress HomeAgentFqdn RelaySuppliedOptions",
    "ikev2": "decode decode_chain encode_chain from_dict check RULES SEALED_RULES PAYLOADS IDENTITIES"
    " TRAFFIC_SELECTORS CONFIGURATION_ATTRIBUTES IkeMessage IkeFlags Payload UnknownPayload"
    " SecurityAssociation Proposal Transform KeyExchange Nonce IDi IDr Certificate Authentication"
    " Notify NotifyPayload NotifyType Delete VendorId TSi TSr Ipv6AddressRange Configuration"
    " InternalIp6Address Mip6HomePrefix HomeAgentAddress Eap Encrypted EncryptedFragment",
    "diameter": "decode from_dict check RULES COMMANDS AVPS DiameterMessage Avp IetfAvp VendorAvp"
    " MandatoryAvp InformationalAvp MandatoryVendorAvp InformationalVendorAvp UnknownAvp"
    " UnknownVendorAvp UnknownRequest UnknownAnswer Application Result ThreeGppResult THREE_GPP"
    " vendor_of answer_to interfaces DiameterEapRequest DiameterEapAnswer AaRequest Mip6Request"
    " SessionId ResultCode FailedAvp EapPayload Mip6AgentInfo MipHomeAgentAddress Mip6FeatureVector",
    "eap": "decode from_dict check RULES PACKETS ATTRIBUTES EapPacket Success Failure Request Response"
    " IdentityRequest IdentityResponse AkaRequest AkaResponse AkaPrimeRequest AkaPrimeResponse"
    " SimRequest SimResponse AkaAttribute AtRand AtAutn AtRes AtMac decode_attributes"
    " encode_attributes",
    "ip": "Ipv6Header Ipv4Header UdpHeader TcpHeader EspPacket DestinationOptions HomeAddressOption"
    " Type2RoutingHeader FragmentHeader ICMPV6 IPV6_OPTIONS ND_OPTIONS ROUTING_HEADERS",
    "packets": "decode_packet from_dict explain patch Packet Payload Trailer Undecoded Reassembler"
    " LinkType NatKeepalive NonEspMarker PORT_PROTOCOLS Opener OpenedChain OpenedPacket OpenedPart"
    " NotOpened KeyDeriver Secrets seal_transport seal_tunnel",
    "security": "PRIMITIVES encryption integrity pseudorandom_function key_exchange Secret Rng IkeSuite"
    " EspSuite IkeKeys EspSa Keyring child_sas skeyseed seal unseal fragment FragmentAssembler Opened"
    " OpenedEsp ReplayWindow read_tables write_tables ikev2_table esp_table",
    "capture": "read write Frame CaptureWarning",
    "strategies": "messages legal_messages near_legal_messages NearLegal Lie Misalignment hostile_messages mutated Chooser"
    " dhcpv6_messages diameter_messages ikev2_messages mobility_messages samples packets"
    " near_legal_packets NearLegalPacket PacketRule hostile_packets sealed_messages SealedMessage"
    " sealed_fragments SealedFragments esp_packets SealedPacket Conversation Sent"
    " Dhcpv6Conversation DiameterConversation Ikev2Conversation MobilityConversation",
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
        "import mip6boot.mipv6; assert 'hypothesis' not in sys.modules;"
        "import mip6boot.packets; assert 'cryptography' not in sys.modules;"
        "import mip6boot.security; assert 'cryptography.x509' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {*ROOMS, "DecodeError"} <= set(dir(mip6boot))
    with pytest.raises(AttributeError):
        _ = mip6boot.nothing
