"""What an operator of a AAA server decides, and whom the server knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ...diameter import Mip6Feature
from ...diameter.interfaces import Non3gppSubscription
from ...eap import KeyDerivationFunction
from ..aaa import AgentInfo
from ..home_subscribers import Profile

if TYPE_CHECKING:
    from .session_base import SessionBase

__all__ = ["AaaServerSettings"]


class AaaServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Beside those of the node."""

    hss: str = ""
    "The home subscriber server; empty for any of the realm."
    access_networks: frozenset[str] | None = None
    "Network names that keys may be bound to; None for all (RFC 9048 3.1)."
    features: int = Mip6Feature.MIP6_INTEGRATED | Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT
    "MIP6-Feature-Vector: what is supported; local home agents only for those who may have them."
    session_timeout: int = 86400
    "Seconds that a session lasts without being authorised again."
    round_timeout: int = 120
    "Seconds that a node may take for an EAP response."
    capacity: int = 100_000
    "Sessions that there may be at a time."
    mnc_digits: int = 2
    "Of the home network's code: they make the realm of permanent identities."
    ask_identity: bool = False
    result_indications: bool = False
    pseudonyms: bool = True
    reauthentications: int = 16
    key_derivation_functions: tuple[int, ...] = (KeyDerivationFunction.CK_PRIME_IK_PRIME,)
    "Of EAP-AKA', offered in this order."


class User(msgspec.Struct, kw_only=True):
    """A subscriber whom the server serves."""

    imsi: str
    subscription: Non3gppSubscription
    profile: Profile
    registered: bool = True
    "The home subscriber server has it that this server serves the subscriber."
    offered: tuple[AgentInfo, ...] = ()
    "Home agents of the visited network that were assigned."
    sessions: dict[str, SessionBase] = {}
    "By Session-Id."
