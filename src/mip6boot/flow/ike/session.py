"""What IKE SAs have in common: sessions that outlive them, and requests that wait."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any

from ...ikev2 import Identification, NotifyType, Payload
from ..aaa import AaaEnd
from .addresses import Home
from .credentials import PadEntry
from .settings import ChildSa

if TYPE_CHECKING:
    from .sa import IkeSa

__all__ = ["Payloads", "Request", "Session", "Task"]

Payloads = Sequence[Payload]


class Task(enum.StrEnum):
    """What a request is for."""

    INITIAL = "IKE_SA_INIT"
    AUTHENTICATE = "IKE_AUTH"
    CREATE_CHILD = "child SA"
    REKEY_CHILD = "rekeying of a child SA"
    DELETE_CHILD = "deletion of a child SA"
    REKEY_IKE = "rekeying of the IKE SA"
    DELETE_IKE = "deletion of the IKE SA"
    LIVENESS = "liveness check"
    TELL = "notification"


class Session:
    """What outlives an IKE SA that is rekeyed: who the peers are, and their child SAs.

    All IKE SAs of a session share the child SAs, so that the one that survives has inherited them.
    """

    def __init__(self) -> None:
        self.sas: list[IkeSa] = []
        self.current: IkeSa | None = None
        "The IKE SA that new requests belong on."
        self.children: list[ChildSa] = []
        self.local: Identification | None = None
        self.remote: Identification | None = None
        self.identity = ""
        "Who the peer has proved to be: as its ID payload says, or after EAP the AAA."
        self.entry: PadEntry | None = None
        self.user_name, self.apn = "", ""
        self.aaa_session = ""
        "What the session is called at the AAA, while there is one."
        self.ends = AaaEnd.LOGOUT
        "Why it ends, as the AAA is told."
        self.home = Home()
        self.bound: IPv6Address | None = None
        "The home address that was registered last."
        self.child_failure: NotifyType | int | None = None
        self.established = False
        self.leased = False
        "A home address is to be given back."

    def child(self, *, spi: bytes = b"", peer_spi: bytes = b"") -> ChildSa | None:
        """The child SA of an SPI."""
        for one in self.children:
            if spi == one.spi or peer_spi == one.peer_spi:
                return one
        return None


class Request:
    """A request that waits for its answer, or to be sent."""

    def __init__(self, task: Task, subject: object = None) -> None:
        self.task, self.subject = task, subject
        self.octets: list[bytes] = []
        self.collision: tuple[bytes, Any] | None = None
        "The lowest nonce of the exchange by which the peer does the same, and what it made."

    def build(self, sa: IkeSa) -> Payloads | None:
        """The payloads, when it is sent; None if there is no need for it any more."""
        raise NotImplementedError

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        """The answer has come."""
        raise NotImplementedError
