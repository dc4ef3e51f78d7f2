"""Actors of Mobile IPv6 bootstrapping, without input and output: each may be a peer of your own.

Every actor takes units (`receive`), gives units (`to_send`), says when it wants to be woken
(`next_timeout`, `handle_timeout`) and tells what happens (`events`).

`Ue`, `ServingGateway` and `HomeAgent` are made of the others: `Supplicant` and `Authenticator`
(access), `DhcpClient`, `DhcpRelay` and `DhcpServer`, the ends of IKEv2 in `flow.ike`, `MobileNode`
and `HomeRegistrations` (bindings), `SlaacHost` and `AccessRouter`; `LocalAaa` is the AAA side in
one piece, `flow.diameter` has it system by system, and its clients.  `Network` carries what they
say in memory; `flow.scenario` puts all of them on links, `flow.attach` runs the procedure, and
`flow.dns` needs `mip6boot[flow]`.
"""

from __future__ import annotations

from . import (
    aaa,
    aaa_local,
    actor,
    authenticator,
    binding_cache,
    binding_updates,
    composite,
    dhcp_client,
    dhcp_lease,
    dhcp_lease_keeper,
    dhcp_pools,
    dhcp_relay,
    dhcp_server,
    eap_memory,
    eap_party,
    eap_peer,
    eap_peer_exchange,
    eap_server,
    eap_server_session,
    eapol,
    frames,
    gateway,
    home_addresses,
    home_agent,
    home_agent_choice,
    home_binding,
    home_networks,
    home_policy,
    home_registration,
    home_subscribers,
    ike,
    mobile_node,
    mobility_checks,
    mobility_end,
    mobility_packets,
    neighbours,
    network,
    registration,
    retransmission,
    round_trip,
    router,
    slaac_host,
    supplicant,
    ue,
    ue_settings,
    usim,
)
from .aaa import *
from .aaa_local import *
from .actor import *
from .authenticator import *
from .binding_cache import *
from .binding_updates import *
from .composite import *
from .dhcp_client import *
from .dhcp_lease import *
from .dhcp_lease_keeper import *
from .dhcp_pools import *
from .dhcp_relay import *
from .dhcp_server import *
from .eap_memory import *
from .eap_party import *
from .eap_peer import *
from .eap_peer_exchange import *
from .eap_server import *
from .eap_server_session import *
from .eapol import *
from .frames import *
from .gateway import *
from .home_addresses import *
from .home_agent import *
from .home_agent_choice import *
from .home_binding import *
from .home_networks import *
from .home_policy import *
from .home_registration import *
from .home_subscribers import *
from .mobile_node import *
from .mobility_checks import *
from .mobility_end import *
from .mobility_packets import *
from .neighbours import *
from .network import *
from .registration import *
from .retransmission import *
from .round_trip import *
from .router import *
from .slaac_host import *
from .supplicant import *
from .ue import *
from .ue_settings import *
from .usim import *

__all__: list[str] = ["ike"]
__all__ += aaa.__all__
__all__ += aaa_local.__all__
__all__ += actor.__all__
__all__ += authenticator.__all__
__all__ += binding_cache.__all__
__all__ += binding_updates.__all__
__all__ += composite.__all__
__all__ += dhcp_client.__all__
__all__ += dhcp_lease.__all__
__all__ += dhcp_lease_keeper.__all__
__all__ += dhcp_pools.__all__
__all__ += dhcp_relay.__all__
__all__ += dhcp_server.__all__
__all__ += eap_memory.__all__
__all__ += eap_party.__all__
__all__ += eap_peer.__all__
__all__ += eap_peer_exchange.__all__
__all__ += eap_server.__all__
__all__ += eap_server_session.__all__
__all__ += eapol.__all__
__all__ += frames.__all__
__all__ += gateway.__all__
__all__ += home_addresses.__all__
__all__ += home_agent.__all__
__all__ += home_agent_choice.__all__
__all__ += home_binding.__all__
__all__ += home_networks.__all__
__all__ += home_policy.__all__
__all__ += home_registration.__all__
__all__ += home_subscribers.__all__
__all__ += mobile_node.__all__
__all__ += mobility_checks.__all__
__all__ += mobility_end.__all__
__all__ += mobility_packets.__all__
__all__ += neighbours.__all__
__all__ += network.__all__
__all__ += registration.__all__
__all__ += retransmission.__all__
__all__ += round_trip.__all__
__all__ += router.__all__
__all__ += slaac_host.__all__
__all__ += supplicant.__all__
__all__ += ue.__all__
__all__ += ue_settings.__all__
__all__ += usim.__all__
