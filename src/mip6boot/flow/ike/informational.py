"""INFORMATIONAL: deletions, liveness, and what a peer tells (RFC 7296 1.4, 2.25, RFC 5685 5)."""

from __future__ import annotations

from ...ikev2 import Delete, Notify, NotifyType, Payload, ProtocolId
from ..parts import name_of
from .payloads import error_of, find_all, notification
from .sa import IkeSa
from .session import Payloads, Request, Task
from .settings import ChildSa

__all__ = ["answer", "ask_delete_child", "ask_delete_ike", "ask_liveness", "tell_and_drop"]

#: These end an IKE SA without a Delete payload (RFC 7296 2.21.2).
_FATAL = (
    NotifyType.AUTHENTICATION_FAILED,
    NotifyType.INVALID_SYNTAX,
    NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD,
)


def ask_delete_child(sa: IkeSa, child: ChildSa, now: float) -> None:
    """Delete a child SA."""
    sa.ask(_DeleteChild(Task.DELETE_CHILD, child), now)


def ask_delete_ike(sa: IkeSa, now: float) -> None:
    """Delete the IKE SA; asked again, once is enough."""
    if sa.busy != Task.DELETE_IKE:
        sa.ask(_DeleteIke(Task.DELETE_IKE), now)


def ask_liveness(sa: IkeSa, now: float) -> None:
    """Send an empty request."""
    sa.ask(_Liveness(Task.LIVENESS), now)


def tell_and_drop(sa: IkeSa, error: NotifyType, now: float) -> None:
    """Tell the peer why the SA is of no use, and forget it."""
    sa.ask(_Tell(Task.TELL, error), now)


class _DeleteChild(Request):
    subject: ChildSa

    def build(self, sa: IkeSa) -> Payloads | None:
        if self.subject not in sa.session.children:
            return None
        return [Delete(protocol_id=ProtocolId.ESP, spi_size=4, spis=(self.subject.spi,))]

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        sa.end.remove_child(sa.session, self.subject, now)


class _DeleteIke(Request):
    def build(self, sa: IkeSa) -> Payloads | None:
        return [Delete(protocol_id=ProtocolId.IKE)]

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        sa.end.drop(sa, "deleted here", now)


class _Liveness(Request):
    def build(self, sa: IkeSa) -> Payloads | None:
        return []

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        sa.end.note(now, "peer is alive")


class _Tell(Request):
    subject: NotifyType

    def build(self, sa: IkeSa) -> Payloads | None:
        return [Notify(notify_type=self.subject)]

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        sa.end.drop(sa, self.subject.name, now)


def answer(sa: IkeSa, payloads: Payloads, now: float) -> None:
    """Answer a request of INFORMATIONAL."""
    error = error_of(payloads)
    deletes = find_all(payloads, Delete)
    if error in _FATAL:
        sa.answer([], now)
        sa.end.drop(sa, f"the peer says {NotifyType(int(error or 0)).name}", now)
        return
    if error is not None:
        sa.end.note(now, "told", name_of(error))
    redirect = notification(payloads, NotifyType.REDIRECT)
    if redirect is not None:
        # An owner must not change its binding for it (RFC 5685 8).
        sa.end.note(now, "redirected", "while the IKE SA stands", gateway=redirect.new_gateway)
    if any(one.protocol_id == ProtocolId.IKE for one in deletes):
        sa.answer([], now)
        sa.end.drop(sa, "deleted by the peer", now)
        return
    sa.answer(_delete(sa, deletes, now), now)


def _delete(sa: IkeSa, deletes: list[Delete], now: float) -> list[Payload]:
    """The other halves of the child SAs, but of those that are being deleted already."""
    halves = []
    for delete in deletes:
        for spi in delete.spis if delete.protocol_id == ProtocolId.ESP else ():
            child = sa.session.child(peer_spi=spi)
            if child is None:
                continue
            if sa.busy != Task.DELETE_CHILD or sa.pending_subject != child:
                halves.append(child.spi)
            sa.end.remove_child(sa.session, child, now)
    if not halves:
        return []
    return [Delete(protocol_id=ProtocolId.ESP, spi_size=4, spis=tuple(halves))]
