"""An IKE SA as one end has it: message ids, requests sent again, answers kept, keys and fragments.

The window is 1 both ways: a request is sent once the one before is answered (RFC 7296 2.3).
"""

from __future__ import annotations

from collections import deque
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from ...errors import ConfigError, DecodeError, IntegrityError, UnknownSa
from ...ikev2 import (
    EncryptedFragment,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    Notify,
    NotifyType,
    Payload,
)
from ...security import FragmentAssembler, IkeKeys, Opened, WholeMessage, fragment, seal, unseal
from ..actor import Unit
from ..retransmission import Retransmission
from .payloads import objection
from .session import Payloads, Request, Session, Task
from .settings import Established

if TYPE_CHECKING:
    from .end import End

__all__ = ["IkeSa", "where"]

#: Of the non-ESP marker (RFC 7296 2.23).
_MARKER_OCTETS = 4

Where = tuple[IPv4Address | IPv6Address, int]


_EXCHANGES = {
    Task.AUTHENTICATE: ExchangeType.IKE_AUTH,
    Task.CREATE_CHILD: ExchangeType.CREATE_CHILD_SA,
    Task.REKEY_CHILD: ExchangeType.CREATE_CHILD_SA,
    Task.REKEY_IKE: ExchangeType.CREATE_CHILD_SA,
}


class IkeSa:
    """One IKE SA."""

    def __init__(
        self, end: End, session: Session, *, initiator: bool, spi_i: bytes, spi_r: bytes
    ) -> None:
        self.end, self.session, self.initiator = end, session, initiator
        self.spi_i, self.spi_r = spi_i, spi_r
        self.keys: IkeKeys | None = None
        self.local: Where
        self.remote: Where
        self.nat = self.fragments = self.retired = False
        self.redirects = False
        "The peer would go to another gateway (RFC 5685 3)."
        self.peer_hashes: tuple[int, ...] = ()
        self.pending: Request | None = None
        self.next_id = self.expected = 0
        self._waiting: deque[Request] = deque()
        self._wait: Retransmission | None = None
        self._answer: list[bytes] = []
        self._asked: Unit | None = None
        self._exchange: ExchangeType | int = ExchangeType.IKE_SA_INIT
        self._assembler = FragmentAssembler(messages=2)
        session.sas.append(self)

    @property
    def own_spi(self) -> bytes:
        """The SPI that this end has chosen."""
        return self.spi_i if self.initiator else self.spi_r

    @property
    def has_answered(self) -> bool:
        """The peer has had an answer that was sealed, and may ask for it again."""
        return bool(self._answer) and self._exchange != ExchangeType.IKE_SA_INIT

    @property
    def busy(self) -> Task | None:
        """What the request that waits for its answer is for."""
        return None if self.pending is None else self.pending.task

    @property
    def pending_subject(self) -> object:
        """What that request is about."""
        return None if self.pending is None else self.pending.subject

    @property
    def asked_from(self) -> tuple[Where, Where]:
        """Where the peer's last request came to and from."""
        assert self._asked is not None
        return where(self._asked)

    @property
    def established(self) -> Established | None:
        """What the peers have agreed on; None until they have authenticated each other."""
        session = self.session
        if not session.established or self.keys is None:
            return None
        assert session.local is not None
        assert session.remote is not None
        return Established(
            keys=self.keys,
            initiator=self.initiator,
            local=self.local,
            remote=self.remote,
            nat=self.nat,
            local_identity=session.local.identity,
            remote_identity=session.remote.identity,
            user_name=session.user_name,
            apn=session.apn,
            home=session.home,
            children=tuple(session.children),
            child_failure=session.child_failure,
        )

    # -- requests of this end ---------------------------------------------------------------------
    def ask(self, request: Request, now: float) -> None:
        """Send a request, or let it wait for those before it."""
        if self.pending is not None:
            self._waiting.append(request)
            return
        payloads = request.build(self)
        if payloads is None:
            self._ask_next(now)
            return
        self.pending = request
        kind = _EXCHANGES.get(request.task, ExchangeType.INFORMATIONAL)
        self.ask_octets(request, self._sealed(payloads, kind, self.next_id, IkeFlags(0)), now)

    def ask_octets(self, request: Request, octets: list[bytes], now: float) -> None:
        """Send a request that is octets already, in place of one that waits."""
        settings = self.end.settings
        request.octets, self.pending = octets, request
        self._wait = Retransmission(
            self.end.rng,
            first=settings.first_wait,
            factor=settings.wait_factor,
            tries=settings.retransmissions + 1,
            jitter=0.0,
        )
        self.end.note(now, "request", str(request.task), message_id=self.next_id)
        self._send_request(now)

    def _send_request(self, now: float) -> None:
        assert self.pending is not None
        assert self._wait is not None
        for octets in self.pending.octets:
            self.end.transmit(self.local, self.remote, octets)
        self.end.start_timer(("answer", self.own_spi), self._wait.sent_at(now))

    def unanswered(self, now: float) -> None:
        """Send the request again, the same octets, or take the peer for dead (RFC 7296 2.4)."""
        if self.pending is None or self._wait is None:
            return
        if self._wait.is_over(now):
            self.end.unreachable(self, self.pending.task, now)
            return
        self.end.note(now, "sent again", str(self.pending.task), tries=self._wait.sent)
        self._send_request(now)

    def settle(self) -> Request | None:
        """The request that waited; its answer has come."""
        request, self.pending = self.pending, None
        self.next_id += 1
        self.end.stop_timer(("answer", self.own_spi))
        return request

    def forget_request(self) -> None:
        """Send nothing again."""
        self.pending, self._waiting = None, deque()
        self.end.stop_timer(("answer", self.own_spi))

    def hand_over(self, successor: IkeSa, now: float) -> None:
        """What waits is asked on the IKE SA that replaces this one."""
        waiting, self._waiting = self._waiting, deque()
        for request in waiting:
            successor.ask(request, now)

    def _ask_next(self, now: float) -> None:
        if self._waiting and self.pending is None:
            self.ask(self._waiting.popleft(), now)

    # -- messages of the peer ---------------------------------------------------------------------
    def receive(self, message: IkeMessage, octets: bytes, unit: Unit, now: float) -> None:
        """Take a message that names this SA; what was not sealed by the peer is dropped."""
        if self.keys is None or message.from_initiator == self.initiator:
            self.end.note(now, "dropped", "the message is not of the peer")
            return
        try:
            opened = unseal(octets, self.keys)
        except (IntegrityError, DecodeError, UnknownSa, ConfigError) as e:
            self.end.note(now, "dropped", str(e))
            return
        if self._is_timely(opened, unit, now):
            whole = self._whole(opened, now)
            if whole is not None:
                self._take(message, whole, unit, now)

    def _is_timely(self, opened: Opened, unit: Unit, now: float) -> bool:
        """The message is the one that is expected; a request that was answered is so again."""
        number, sealed = opened.message.message_id, opened.sealed
        if opened.message.is_response:
            # Whatever it is, it is never answered (RFC 7296 2.1).
            if self.pending is not None and number == self.next_id:
                return True
        elif number == self.expected and not self.retired and not self._owes_answer:
            return True
        elif number == self.expected - 1:
            # Of a request in fragments the first one counts (RFC 7383 2.6.1).
            if not isinstance(sealed, EncryptedFragment) or sealed.fragment_number == 1:
                self._answer_again(unit, now)
            return False
        self.end.note(now, "dropped", f"message {number} is outside of the window")
        return False

    @property
    def _owes_answer(self) -> bool:
        """The last request waits for its answer: in a window of 1, no other is taken (2.3)."""
        return self._asked is not None and not self._answer

    def _answer_again(self, unit: Unit, now: float) -> None:
        if not self._answer:
            self.end.note(now, "dropped", "the answer is not yet there")
            return
        self.end.note(now, "answered again")
        for octets in self._answer:
            self.end.transmit(*where(unit), octets)

    def _whole(self, opened: Opened, now: float) -> Opened | WholeMessage | None:
        if not isinstance(opened.sealed, EncryptedFragment):
            return opened
        if not self.fragments:
            self.end.note(now, "dropped", "a fragment that was not agreed on")
            return None
        return self._assembler.feed(opened)

    def _take(
        self, message: IkeMessage, whole: Opened | WholeMessage, unit: Unit, now: float
    ) -> None:
        try:
            payloads = whole.decode(lenient=True)
            refusal = objection(payloads)
        except DecodeError:
            payloads, refusal = (), Notify(notify_type=NotifyType.INVALID_SYNTAX)
        if self.nat and self.session.established and not self.initiator:
            # A NAT may have given the peer another port (RFC 7296 2.23).
            self.local, self.remote = where(unit)
        if message.is_response:
            self._take_answer(message, payloads, refusal, now)
        else:
            self._take_request(message, payloads, refusal, unit, now)

    def _take_answer(
        self, message: IkeMessage, payloads: Payloads, refusal: Payload | None, now: float
    ) -> None:
        assert self.pending is not None
        kind = _EXCHANGES.get(self.pending.task, ExchangeType.INFORMATIONAL)
        if message.exchange_type != kind:
            self.end.note(now, "dropped", "the answer is of another exchange")
            return
        request = self.settle()
        assert request is not None
        if refusal is not None:
            # No answer is answered; the SA is of no use any more (RFC 7296 2.21).
            self.end.broken(self, request.task, now)
            return
        request.answered(self, payloads, now)
        self._ask_next(now)

    def _take_request(
        self,
        message: IkeMessage,
        payloads: Payloads,
        refusal: Payload | None,
        unit: Unit,
        now: float,
    ) -> None:
        self.expected += 1
        self._answer, self._asked = [], unit
        self._exchange = message.exchange_type
        if refusal is None:
            self.end.request(self, message.exchange_type, payloads, now)
            return
        self.end.note(now, "refused", type(refusal).__name__)
        self.answer([refusal], now)
        if isinstance(refusal, Notify):
            self.end.drop(self, "INVALID_SYNTAX", now)

    def answer(self, payloads: Payloads, now: float) -> None:
        """Answer the request of the peer; the answer is kept, to be sent again."""
        assert self._asked is not None
        self._answer = self._sealed(payloads, self._exchange, self.expected - 1, IkeFlags.R)
        for octets in self._answer:
            self.end.transmit(*where(self._asked), octets)

    def keep_answer(self, octets: bytes, unit: Unit) -> None:
        """Note the answer to IKE_SA_INIT, which is not sealed."""
        self._answer, self._asked, self.expected = [octets], unit, 1

    def answer_initial_again(self, unit: Unit, now: float) -> None:
        """The request of IKE_SA_INIT came again."""
        if self.expected == 1:
            self._answer_again(unit, now)
        else:
            self.end.note(now, "dropped", "IKE_SA_INIT is long over")

    def header(self, kind: ExchangeType | int, message_id: int, flags: IkeFlags) -> IkeMessage:
        """A message of this SA, without payloads."""
        return IkeMessage(
            initiator_spi=self.spi_i,
            responder_spi=self.spi_r,
            exchange_type=kind,
            flags=flags | (IkeFlags.I if self.initiator else IkeFlags(0)),
            message_id=message_id,
        )

    def _sealed(
        self, payloads: Payloads, kind: ExchangeType | int, message_id: int, flags: IkeFlags
    ) -> list[bytes]:
        assert self.keys is not None
        header, rng = self.header(kind, message_id, flags), self.end.rng
        if not self.fragments:
            return [seal(header, payloads, self.keys, rng=rng)]
        size = self.end.settings.fragment_size - _MARKER_OCTETS
        return fragment(header, payloads, self.keys, size=size, rng=rng)


def where(unit: Unit) -> tuple[Where, Where]:
    """Where an answer goes from and to."""
    local, remote = unit.destination, unit.source
    assert isinstance(local, IPv4Address | IPv6Address)
    assert isinstance(remote, IPv4Address | IPv6Address)
    return (local, unit.destination_port), (remote, unit.source_port)
