"""CREATE_CHILD_SA for the IKE SA itself (RFC 7296 1.3.2, 2.8.2, 2.18, 2.25.2)."""

from __future__ import annotations

from ...errors import DecodeError
from ...ikev2 import (
    InvalidKePayload,
    KeyExchange,
    KeyExchangeMethod,
    Nonce,
    Notify,
    NotifyType,
    Payload,
    SecurityAssociation,
)
from ...security import EspSuite, IkeKeys, IkeSuite, key_exchange
from ...security.key_exchange import KeyExchangeGroup
from ..parts import name_of
from . import informational
from .initial import nonce_fits
from .payloads import error_of, find, notification
from .proposals import choose, offer
from .sa import IkeSa
from .session import Payloads, Request, Task

__all__ = ["answer", "ask", "group_of"]

_SPI_OCTETS = 8
#: While one of these is under way, the IKE SA is not rekeyed (RFC 7296 2.25.1 and 2.25.2).
_NOT_WHILE = (Task.CREATE_CHILD, Task.REKEY_CHILD, Task.DELETE_CHILD, Task.DELETE_IKE)


def group_of(suite: EspSuite) -> KeyExchangeGroup:
    """The key exchange of a suite that has one."""
    assert suite.key_exchange is not None
    return key_exchange(suite.key_exchange, legacy=suite.legacy)


def ask(sa: IkeSa, now: float) -> None:
    """Ask for an IKE SA in place of this one."""
    sa.ask(_Asking(None), now)


class _Asking(Request):
    def __init__(self, method: KeyExchangeMethod | int | None) -> None:
        super().__init__(Task.REKEY_IKE)
        self.method = method

    def build(self, sa: IkeSa) -> Payloads:
        assert sa.keys is not None
        end = sa.end
        # What was agreed on before is likely to be so again.
        self.suites = (
            sa.keys.suite,
            *(one for one in end.settings.suites.ike if one != sa.keys.suite),
        )
        suite = next(one for one in self.suites if self.method in (None, one.key_exchange))
        self.method = suite.key_exchange
        self.spi = end.new_spi(_SPI_OCTETS)
        self.nonce = end.rng.randbytes(end.settings.nonce_octets)
        self.pair = suite.group.generate(end.rng)
        return [
            offer(self.suites, self.spi),
            Nonce(nonce_data=self.nonce),
            KeyExchange(method=self.method or 0, key_exchange_data=self.pair.public),
        ]

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        error = error_of(payloads)
        if error is not None:
            self._refused(sa, error, payloads, now)
            return
        try:
            successor = self._successor(sa, payloads, now)
        except DecodeError:
            successor = None
        if successor is None:
            sa.end.broken(sa, self.task, now)
            return
        session = sa.session
        if self.collision is not None and min(self.nonces) < self.collision[0]:
            sa.end.note(now, "redundant", "of two that replace the IKE SA")
            session.current = self.collision[1]
            informational.ask_delete_ike(successor, now)
        else:
            session.current = successor
            informational.ask_delete_ike(sa, now)
            if self.collision is not None:
                # The peer deletes it, unless it has never heard of it.
                sa.end.expire(self.collision[1], now)
        if session.current is not None:
            sa.hand_over(session.current, now)

    def _successor(self, sa: IkeSa, payloads: Payloads, now: float) -> IkeSa | None:
        answer, nonce = find(payloads, SecurityAssociation), find(payloads, Nonce)
        public = find(payloads, KeyExchange)
        if answer is None or not nonce_fits(nonce) or public is None or len(answer.proposals) != 1:
            return None
        suites = tuple(one for one in self.suites if one.key_exchange == self.method)
        chosen = choose(answer, suites)
        if chosen is None or len(chosen[1].spi) != _SPI_OCTETS or public.method != self.method:
            return None
        self.nonces = self.nonce, nonce.nonce_data
        shared = self.pair.shared(public.key_exchange_data)
        spis = self.spi, chosen[1].spi
        return _succeed(sa, chosen[0], spis, self.nonces, shared, now, initiator=True)

    def _refused(self, sa: IkeSa, error: NotifyType | int, payloads: Payloads, now: float) -> None:
        wanted = notification(payloads, NotifyType.INVALID_KE_PAYLOAD)
        methods = [suite.key_exchange for suite in self.suites]
        if wanted is not None and wanted.method in methods and wanted.method != self.method:
            sa.ask(_Asking(wanted.method), now)
            return
        sa.end.note(now, "rekeying refused", name_of(error))
        if self.collision is not None:
            sa.session.current = self.collision[1]
            sa.hand_over(self.collision[1], now)


def answer(sa: IkeSa, payloads: Payloads, now: float) -> None:
    """Answer a request that rekeys the IKE SA."""
    refusal = _answer(sa, payloads, now)
    if refusal is not None:
        kind = NotifyType(refusal.notify_type)  # type: ignore[attr-defined]
        sa.end.note(now, "rekeying refused here", kind.name)
        sa.answer([refusal], now)
        if kind == NotifyType.INVALID_SYNTAX:
            sa.end.drop(sa, "INVALID_SYNTAX", now)


def _answer(sa: IkeSa, payloads: Payloads, now: float) -> Payload | None:
    """Answer, or the error to answer with."""
    session, end = sa.session, sa.end
    if sa.busy in _NOT_WHILE or session.current is not sa:
        return Notify(notify_type=NotifyType.TEMPORARY_FAILURE)
    asked, theirs = find(payloads, SecurityAssociation), find(payloads, Nonce)
    public = find(payloads, KeyExchange)
    if asked is None or not nonce_fits(theirs) or public is None:
        return Notify(notify_type=NotifyType.INVALID_SYNTAX)
    chosen = choose(asked, end.settings.suites.ike)
    if chosen is None or len(chosen[1].spi) != _SPI_OCTETS:
        return Notify(notify_type=NotifyType.NO_PROPOSAL_CHOSEN)
    suite, proposal = chosen
    if public.method != suite.key_exchange:
        return InvalidKePayload(method=suite.key_exchange or 0)
    spi = end.new_spi(_SPI_OCTETS)
    nonce = end.rng.randbytes(end.settings.nonce_octets)
    try:
        data, shared = suite.group.respond(end.rng, public.key_exchange_data)
    except DecodeError:
        return Notify(notify_type=NotifyType.INVALID_SYNTAX)
    nonces = theirs.nonce_data, nonce
    successor = _succeed(sa, suite, (proposal.spi, spi), nonces, shared, now, initiator=False)
    sa.answer(
        [
            SecurityAssociation(proposals=(proposal.replace(spi=spi),)),
            Nonce(nonce_data=nonce),
            KeyExchange(method=public.method, key_exchange_data=data),
        ],
        now,
    )
    if sa.pending is not None and sa.busy == Task.REKEY_IKE:
        # Which of the two survives is known once both are answered.
        sa.pending.collision = min(nonces), successor
    else:
        session.current = successor
        sa.hand_over(successor, now)
        end.expire(sa, now)
    return None


def _succeed(
    sa: IkeSa,
    suite: IkeSuite,
    spis: tuple[bytes, bytes],
    nonces: tuple[bytes, bytes],
    shared: bytes,
    now: float,
    *,
    initiator: bool,
) -> IkeSa:
    """The IKE SA that replaces another one, whose keys come from that one's SK_d."""
    assert sa.keys is not None
    keys: IkeKeys = sa.keys.rekey(
        suite,
        spi_i=spis[0],
        spi_r=spis[1],
        nonce_i=nonces[0],
        nonce_r=nonces[1],
        shared=shared,
    )
    successor = IkeSa(sa.end, sa.session, initiator=initiator, spi_i=spis[0], spi_r=spis[1])
    successor.local, successor.remote = sa.local, sa.remote
    successor.nat, successor.fragments = sa.nat, sa.fragments
    successor.peer_hashes = sa.peer_hashes
    sa.end.add(successor, keys)
    sa.end.note(now, "IKE SA rekeyed", spi=successor.own_spi.hex())
    return successor
