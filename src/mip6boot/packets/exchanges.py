"""What the peers of a capture say in exchanges that make keys, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ..ikev2 import KeyExchange, Nonce, Payload, Proposal, SecurityAssociation
from ..security import EspSa, IkeKeys
from .checksums import Addresses

__all__ = ["Children", "Pair", "Sa", "Side"]

#: From and to the initiator of the exchange that made the SAs.
Pair = tuple[EspSa, EspSa]


class Side(msgspec.Struct, frozen=True):
    """What one peer says in an exchange that makes keys."""

    proposals: tuple[Proposal, ...]
    nonce: bytes
    public: KeyExchange | None
    addresses: Addresses

    @classmethod
    def of(cls, payloads: Iterable[Payload], addresses: Addresses) -> Side | None:
        """None where no proposals are in it."""
        found: dict[type[Any], Any] = {}
        for payload in payloads:
            found.setdefault(type(payload), payload)
        proposals = found.get(SecurityAssociation)
        if proposals is None or not proposals.proposals:
            return None
        nonce = found.get(Nonce)
        return cls(
            proposals.proposals,
            nonce.nonce_data if nonce else b"",
            found.get(KeyExchange),
            addresses,
        )

    def offered(self, number: int) -> Proposal | None:
        """The proposal with a number."""
        return next((p for p in self.proposals if p.proposal_num == number), None)


class Sa(msgspec.Struct):
    """An IKE SA as far as it is known."""

    keys: list[IkeKeys]
    "Those that may be right; once a message was opened, those that open it."
    nonces: tuple[bytes, bytes]
    settled: bool = False


class Children(msgspec.Struct):
    """Two child SAs whose keys no packet has shown to be right yet."""

    spis: tuple[int, int]
    pairs: list[Pair]
    "One of them may be right."

    def __str__(self) -> str:
        why = "no packet tells which secret fits" if self.pairs else "no secret fits"
        return f"ESP SAs {self.spis[0]:08x},{self.spis[1]:08x}: {why}"
