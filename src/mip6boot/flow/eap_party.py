"""What the two sides of an EAP conversation have in common."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec

from .. import eap
from ..eap import AkaAttribute, AkaPacket, AkaSubtype, EapPacket, NestedAttributes
from ..errors import DecodeError
from ..schema import Malformed
from ..security import EapHash, EapKeys, Rng, Secret, seal_attributes
from .actor import Reporter, Transitions, row_of

__all__ = ["EapParty", "Reauthentication"]

#: A packet to send, and the next state where it is not the table's.
Step = tuple[EapPacket | None, Any]

A = TypeVar("A", bound=AkaAttribute)


class Reauthentication(msgspec.Struct, frozen=True, kw_only=True):
    """What both sides keep for a fast re-authentication (RFC 4187 5.1)."""

    identity: str
    "Good for one time."
    keys: EapKeys
    "Of the full authentication."
    counter: int = 1
    "The lowest that is fresh."
    network_name: str = ""
    "EAP-AKA' is not to change it (RFC 9048 3.3)."


class EapParty(Reporter):
    """Base of `EapPeer` and `EapServer`: packets in, packets out, and a table of transitions.

    `TRANSITIONS` reads as that of `Machine`; its methods give the packet to send as well.
    """

    TRANSITIONS: ClassVar[Transitions] = {}

    def __init__(self, name: str, state: Any, rng: Rng) -> None:
        super().__init__(name)
        self.state, self.rng = state, rng
        self.keys: EapKeys | None = None
        "Once the authentication has succeeded."
        self._identities: list[bytes] = []
        "The packets of AKA-Identity, for AT_CHECKCODE."

    @property
    def msk(self) -> Secret | None:
        """The master session key, once the authentication has succeeded."""
        return None if self.keys is None else self.keys.msk

    def _step(self, what: str, now: float, *arguments: Any) -> EapPacket | None:
        """Feed an input to the table; what is to be sent."""
        row = row_of(self.TRANSITIONS, self.state, what)
        if row is None:
            self.note(now, "ignored", f"{what} in the state {self.state}")
            return None
        method, following = row
        reply: EapPacket | None
        reply, found = getattr(self, method)(now, *arguments) if method else (None, None)
        self._enter(following if found is None else found, now)
        return reply

    def _enter(self, state: Any, now: float) -> None:
        if state is not None and state != self.state:
            self.note(now, "state", f"{self.state} -> {state}")
            self.state = state

    def _read(self, packet: EapPacket | bytes, now: float) -> EapPacket | None:
        """The packet, without what a lower layer padded it with; None where it is no packet."""
        if isinstance(packet, EapPacket):
            return packet
        try:
            return eap.decode(packet[: int.from_bytes(packet[2:4], "big")], lenient=True)
        except DecodeError as error:
            self.note(now, "dropped", f"no EAP packet: {error}")
            return None

    def _sealed(self, keys: EapKeys, *attributes: AkaAttribute) -> tuple[AkaAttribute, ...]:
        return seal_attributes(attributes, keys, initialization_vector=self.rng.randbytes(16))


def subtype_name(packet: AkaPacket) -> str:
    """What a message of EAP-AKA and EAP-AKA' is called."""
    try:
        words = AkaSubtype(packet.subtype).name.split("_")
    except ValueError:
        return "AKA of an unknown subtype"
    return "AKA-" + "-".join(word.capitalize() for word in words)


def fault(packet: AkaPacket | NestedAttributes, *besides: type[AkaAttribute]) -> str:
    """Why a receiver is not able to process a packet (RFC 4187 6.3); empty where it is.

    What is reserved is ignored on reception, and so is padding but that of AT_PADDING.
    `besides` are attributes whose number and content are looked at elsewhere.
    """
    for attribute in packet.attributes:
        if isinstance(attribute, Malformed):
            return f"malformed attribute {attribute.registry_code}: {attribute.reason}"
    for violation in eap.check(packet):
        rule = violation.rule
        field = getattr(rule, "field", "")
        if field == "reserved" or (field == "padding" and rule.container is not eap.AtPadding):
            continue
        if getattr(rule, "element", rule.container) not in besides:
            return str(violation)
    return ""


def one(packet: AkaPacket | NestedAttributes, kind: type[A]) -> A:
    """The attribute of which there is one, as `fault` has seen."""
    (found,) = packet.find_all(kind)
    return found


def mac_hash(method: int) -> EapHash:
    """The hash of AT_CHECKCODE."""
    return EapHash.SHA256 if method == eap.EapType.AKA_PRIME else EapHash.SHA1
