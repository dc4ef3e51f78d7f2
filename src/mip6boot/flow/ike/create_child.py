"""CREATE_CHILD_SA for child SAs: further ones, and rekeying (RFC 7296 1.3.1, 1.3.3, 2.8, 2.25)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...errors import DecodeError
from ...ikev2 import (
    InvalidKePayload,
    KeyExchange,
    KeyExchangeMethod,
    Nonce,
    Notify,
    NotifyType,
    Payload,
    ProtocolId,
    SecurityAssociation,
)
from ...security import EspSuite
from ...security.key_exchange import KeyPair
from ..parts import name_of
from . import informational, rekey
from .children import Agreement, agree, offered, taken
from .initial import nonce_fits
from .payloads import error_of, find, notification
from .sa import IkeSa
from .session import Payloads, Request, Task
from .settings import ChildRequest, ChildSa

__all__ = ["answer", "ask", "ask_rekeying"]


def ask(sa: IkeSa, request: ChildRequest, now: float) -> None:
    """Ask for one more child SA."""
    sa.ask(_Asking(request), now)


def ask_rekeying(sa: IkeSa, child: ChildSa, now: float) -> None:
    """Ask for a child SA in place of another one, of the same algorithms."""
    same = ChildRequest(
        local=child.local,  # type: ignore[arg-type]
        remote=child.remote,  # type: ignore[arg-type]
        transport=child.transport,
        suites=_alike(child.suite, sa.end.settings.suites.esp),
    )
    sa.ask(_Asking(same, child), now)


def _alike(suite: EspSuite, suites: Sequence[EspSuite]) -> tuple[EspSuite, ...]:
    """The suites of the same algorithms, whose key exchanges count now."""

    def bare(one: EspSuite) -> EspSuite:
        return msgspec.structs.replace(one, key_exchange=None)

    return tuple(one for one in suites if bare(one) == bare(suite)) or (suite,)


class _Asking(Request):
    """A request for a child SA."""

    def __init__(
        self,
        wanted: ChildRequest,
        rekeyed: ChildSa | None = None,
        method: KeyExchangeMethod | None = None,
    ) -> None:
        super().__init__(Task.REKEY_CHILD if rekeyed else Task.CREATE_CHILD, rekeyed)
        self.wanted, self.rekeyed, self.method = wanted, rekeyed, method
        self.pair: KeyPair | None = None
        self.suites: tuple[EspSuite, ...] = wanted.suites or ()
        self.spi = self.nonce = b""
        self.nonces = b"", b""

    def build(self, sa: IkeSa) -> Payloads | None:
        if self.rekeyed is not None and self.rekeyed not in sa.session.children:
            return None
        end = sa.end
        self.suites = self.wanted.suites or end.settings.suites.esp
        self.spi = end.new_spi(4)
        self.nonce = end.rng.randbytes(end.settings.nonce_octets)
        before, after = offered(self.wanted, self.suites, self.spi, forward=True)
        return [*self._rekeys(), *before, Nonce(nonce_data=self.nonce), *self._public(sa), *after]

    def _rekeys(self) -> list[Payload]:
        if self.rekeyed is None:
            return []
        kind, esp = NotifyType.REKEY_SA, ProtocolId.ESP
        return [Notify(notify_type=kind, protocol_id=esp, spi=self.rekeyed.spi)]

    def _public(self, sa: IkeSa) -> list[Payload]:
        """The KE payload of the method asked for, or of the first suite that has one."""
        suite = _with_method(self.suites, self.method)
        if suite is None or suite.key_exchange is None:
            return []
        self.method = suite.key_exchange
        self.pair = rekey.group_of(suite).generate(sa.end.rng)
        return [KeyExchange(method=self.method, key_exchange_data=self.pair.public)]

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        error = error_of(payloads)
        if error is not None:
            self._refused(sa, error, payloads, now)
            return
        try:
            child = self._child(sa, payloads)
        except DecodeError:
            child = None
        if child is None:
            sa.end.broken(sa, self.task, now)
            return
        sa.end.add_child(sa.session, child, now)
        if self.wanted.transport and not child.transport:
            sa.end.note(now, "child SA refused", "it is not in transport mode")
            informational.ask_delete_child(sa, child, now)
        elif self.rekeyed is not None:
            self._replace(sa, self.rekeyed, child, now)

    def _child(self, sa: IkeSa, payloads: Payloads) -> ChildSa | None:
        nonce, public = find(payloads, Nonce), find(payloads, KeyExchange)
        if not nonce_fits(nonce) or (public is None) != (self.pair is None):
            return None
        shared = b""
        self.nonces = self.nonce, nonce.nonce_data
        if self.pair is not None and public is not None:
            if public.method != self.method:
                return None
            shared = self.pair.shared(public.key_exchange_data)
        suites = tuple(one for one in self.suites if one.key_exchange == self.method)
        return taken(sa, self.wanted, suites, self.spi, payloads, self.nonces, shared, forward=True)

    def _replace(self, sa: IkeSa, before: ChildSa, child: ChildSa, now: float) -> None:
        """Delete the old SA, or after a collision the one of the lowest nonce (RFC 7296 2.8.1)."""
        if self.collision is not None and min(self.nonces) < self.collision[0]:
            sa.end.note(now, "redundant", "of two that replace a child SA")
            informational.ask_delete_child(sa, child, now)
        else:
            informational.ask_delete_child(sa, before, now)

    def _refused(self, sa: IkeSa, error: NotifyType | int, payloads: Payloads, now: float) -> None:
        wanted = notification(payloads, NotifyType.INVALID_KE_PAYLOAD)
        other = None if wanted is None else _with_method(self.suites, wanted.method)
        if other is not None and wanted.method != self.method:
            sa.ask(_Asking(self.wanted, self.rekeyed, wanted.method), now)
            return
        sa.end.note(now, "child SA refused", name_of(error))
        lost = error == NotifyType.CHILD_SA_NOT_FOUND and self.collision is None
        if lost and self.rekeyed in sa.session.children:
            # The peer does not have it any more, so a new one is made (RFC 7296 2.25).
            assert self.rekeyed is not None
            sa.end.remove_child(sa.session, self.rekeyed, now)
            ask(sa, self.wanted, now)


def _with_method(
    suites: Sequence[EspSuite], method: KeyExchangeMethod | int | None
) -> EspSuite | None:
    """The first suite, or the first one with a key exchange method."""
    if method is None:
        return suites[0]
    return next((one for one in suites if one.key_exchange == method), None)


def answer(sa: IkeSa, payloads: Payloads, now: float) -> None:
    """Answer a request of CREATE_CHILD_SA."""
    offer = find(payloads, SecurityAssociation)
    if offer is not None and any(p.protocol_id == ProtocolId.IKE for p in offer.proposals):
        rekey.answer(sa, payloads, now)
        return
    found = _answer(sa, payloads, now)
    if found is not None:
        kind = found.notify_type
        sa.end.note(now, "child SA refused here", NotifyType(kind).name)
        sa.answer([found], now)
        if kind == NotifyType.INVALID_SYNTAX:
            sa.end.drop(sa, "INVALID_SYNTAX", now)


def _answer(sa: IkeSa, payloads: Payloads, now: float) -> Notify | InvalidKePayload | None:
    """Answer, or the error to answer with."""
    session, rekeys = sa.session, notification(payloads, NotifyType.REKEY_SA)
    if sa.busy in (Task.REKEY_IKE, Task.DELETE_IKE) or session.current is not sa:
        return Notify(notify_type=NotifyType.TEMPORARY_FAILURE)
    before = None if rekeys is None else session.child(peer_spi=rekeys.spi)
    if rekeys is not None and before is None:
        kind, esp = NotifyType.CHILD_SA_NOT_FOUND, ProtocolId.ESP
        return Notify(notify_type=kind, protocol_id=esp, spi=rekeys.spi)
    if before is not None and sa.busy == Task.DELETE_CHILD and sa.pending_subject == before:
        return Notify(notify_type=NotifyType.TEMPORARY_FAILURE)
    end = sa.end
    allowed = end.allowed(sa) if before is None else _like(before)
    agreement = agree(payloads, allowed, end.settings.suites.esp, forward=True)
    if isinstance(agreement, NotifyType):
        return Notify(notify_type=agreement)
    return _make(sa, payloads, agreement, before, now)


def _like(child: ChildSa) -> ChildRequest:
    return ChildRequest(local=child.local, remote=child.remote, transport=child.transport)  # type: ignore[arg-type]


def _make(
    sa: IkeSa, payloads: Payloads, agreement: Agreement, before: ChildSa | None, now: float
) -> Notify | InvalidKePayload | None:
    theirs, public = find(payloads, Nonce), find(payloads, KeyExchange)
    if not nonce_fits(theirs):
        return Notify(notify_type=NotifyType.INVALID_SYNTAX)
    end, shared, own = sa.end, b"", []
    spi = end.new_spi(4)
    nonce = end.rng.randbytes(end.settings.nonce_octets)
    method = agreement.suite.key_exchange
    if method is not None:
        if public is None or public.method != method:
            return InvalidKePayload(method=method)
        try:
            data, shared = rekey.group_of(agreement.suite).respond(
                end.rng, public.key_exchange_data
            )
        except DecodeError:
            return Notify(notify_type=NotifyType.INVALID_SYNTAX)
        own = [KeyExchange(method=method, key_exchange_data=data)]
    nonces = theirs.nonce_data, nonce
    child = agreement.child(sa, spi, nonces, shared)
    end.add_child(sa.session, child, now)
    if before is not None and sa.pending is not None and sa.pending_subject == before:
        sa.pending.collision = min(nonces), child
    sa.answer([*agreement.before(spi), Nonce(nonce_data=nonce), *own, *agreement.after()], now)
    return None
