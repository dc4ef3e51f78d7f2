"""What initiator and responder have in common: units, SAs by SPI, and exchanges once they stand."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from ...errors import DecodeError
from ...ikev2 import ExchangeType, IkeFlags, IkeMessage, Notify, NotifyType
from ...security import IkeKeys, Keyring, Rng
from ..actor import Actor, Port, Unit
from . import create_child, informational, rekey
from .children import RESERVED_SPIS
from .sa import IkeSa, Where
from .session import Payloads, Session, Task
from .settings import ChildRequest, ChildSa, Settings

__all__ = ["End", "IKE_PORT", "NAT_PORT"]

IKE_PORT, NAT_PORT = 500, 4500
_IKE_SPI_OCTETS = 8
_MARKER = bytes(4)
_KEEPALIVE = b"\xff"

#: Seconds for which a peer may ask again for the last answer of an IKE SA that is gone: about as
#: long as requests are sent again.  And how many of these are kept at most.
_RETIREMENT, _MOST_RETIRED = 180.0, 1024

#: IKE SAs, and ESP SAs, whose keys are shown: peers make as many as they like.
_MOST_KEYS = 4096


class End(Actor):
    """An end of IKEv2; `sas` are its IKE SAs by the SPI that it chose."""

    def __init__(self, name: str, settings: Settings, rng: Rng, **more: Any) -> None:
        super().__init__(name, **more)
        self.settings, self.rng = settings, rng
        self.sas: dict[bytes, IkeSa] = {}
        self._retired: dict[bytes, IkeSa] = {}
        self.keyring = Keyring(most=_MOST_KEYS)
        "The keys there have been, the newest of them, for who looks at what was sent."
        self.children_changed: Callable[[Session], None] = lambda session: None
        "Hears of sessions that have one child SA more, or less."

    # -- what an owner may want -------------------------------------------------------------------
    def create_child(self, session: Session, request: ChildRequest, now: float) -> None:
        """Make one more child SA; a suite with a key exchange has perfect forward secrecy."""
        create_child.ask(_current(session), request, now)

    def rekey_child(self, session: Session, child: ChildSa, now: float) -> None:
        """Replace a child SA."""
        create_child.ask_rekeying(_current(session), child, now)

    def delete_child(self, session: Session, child: ChildSa, now: float) -> None:
        """Delete a child SA."""
        informational.ask_delete_child(_current(session), child, now)

    def rekey(self, session: Session, now: float) -> None:
        """Replace the IKE SA; the child SAs are those of the new one then."""
        rekey.ask(_current(session), now)

    def close(self, session: Session, now: float) -> None:
        """Delete the IKE SA, and with it its child SAs."""
        informational.ask_delete_ike(_current(session), now)

    def check_liveness(self, session: Session, now: float) -> None:
        """Ask whether the peer is there; one that does not answer is dead (RFC 7296 2.4)."""
        informational.ask_liveness(_current(session), now)

    def move(
        self,
        session: Session,
        *,
        local: IPv4Address | IPv6Address | None = None,
        remote: IPv4Address | IPv6Address | None = None,
    ) -> None:
        """The IKE SAs go to another address, as K flags in a binding say (RFC 6275 11.3.2)."""
        for sa in session.sas:
            sa.local = (local or sa.local[0], sa.local[1])
            sa.remote = (remote or sa.remote[0], sa.remote[1])

    # -- units ------------------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        octets = self._without_marker(unit, now)
        if not octets:
            return
        try:
            message = IkeMessage.decode(octets, lenient=True)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        if message.major_version != 2:
            self._refuse_version(message, unit, now)
        elif message.exchange_type == ExchangeType.IKE_SA_INIT:
            self.initial(message, octets, unit, now)
        else:
            spi = message.responder_spi if message.from_initiator else message.initiator_spi
            sa = self.sas.get(spi) or self._retired.get(spi)
            if sa is None:
                self.note(now, "dropped", "the IKE SA is not known")
            else:
                sa.receive(message, octets, unit, now)

    def _without_marker(self, unit: Unit, now: float) -> bytes | None:
        """The octets of the IKE message; None for what is none."""
        if unit.port != Port.UDP or unit.destination_port not in (IKE_PORT, NAT_PORT):
            self.note(now, "dropped", "not of a port of IKE")
        elif unit.destination_port == IKE_PORT:
            return unit.octets
        elif unit.octets.startswith(_MARKER):
            return unit.octets[len(_MARKER) :]
        elif unit.octets != _KEEPALIVE:
            self.note(now, "dropped", "ESP in UDP is not for this actor")
        return None

    def _refuse_version(self, message: IkeMessage, unit: Unit, now: float) -> None:
        """A later version is answered with this one (RFC 7296 2.5), an older one not at all."""
        self.note(now, "dropped", f"version {message.major_version}")
        if message.major_version > 2 and not message.is_response:
            answer = message.replace(
                major_version=2,
                flags=IkeFlags.R,
                payloads=(Notify(notify_type=NotifyType.INVALID_MAJOR_VERSION),),
            )
            marker = _MARKER if unit.destination_port == NAT_PORT else b""
            self.send(unit.answer(marker + answer.encode()))

    def transmit(self, local: Where, remote: Where, octets: bytes) -> None:
        """Send a message, on port 4500 with the marker that says that it is not ESP."""
        marker = _MARKER if local[1] == NAT_PORT else b""
        self.send(
            Unit(
                port=Port.UDP,
                source=local[0],
                destination=remote[0],
                source_port=local[1],
                destination_port=remote[1],
                octets=marker + octets,
            )
        )

    # -- SAs --------------------------------------------------------------------------------------
    def add(self, sa: IkeSa, keys: IkeKeys) -> None:
        """An IKE SA has its keys."""
        sa.keys = keys
        self.sas[sa.own_spi] = sa
        self.keyring.add(keys)

    def add_child(self, session: Session, child: ChildSa, now: float) -> None:
        """A child SA stands."""
        session.children.append(child)
        self.children_changed(session)
        self.keyring.add(child.inbound)
        self.keyring.add(child.outbound)
        self.note(
            now, "child SA", "transport mode" if child.transport else "tunnel mode",
            inbound=child.inbound.spi, outbound=child.outbound.spi,
        )  # fmt: skip

    def remove_child(self, session: Session, child: ChildSa, now: float) -> None:
        """A child SA is gone."""
        if child in session.children:
            session.children.remove(child)
            self.children_changed(session)
            self.note(now, "child SA gone", inbound=child.inbound.spi)

    def drop(self, sa: IkeSa, reason: str, now: float) -> None:
        """An IKE SA is gone; with the last one of its session the child SAs are."""
        session = sa.session
        self.sas.pop(sa.own_spi, None)
        sa.forget_request()
        self.stop_timer(("left over", sa.own_spi))
        if sa not in session.sas:
            return
        if sa.has_answered:
            self._retire(sa, now)
        session.sas.remove(sa)
        if session.current is sa:
            session.current = session.sas[-1] if session.sas else None
        self.note(now, "IKE SA gone", reason, spi=sa.own_spi.hex())
        if not session.sas:
            for child in list(session.children):
                self.remove_child(session, child, now)
            self.over(session, reason, now)

    def _retire(self, sa: IkeSa, now: float) -> None:
        """Its last answer may be asked for again."""
        sa.retired = True
        self._retired[sa.own_spi] = sa
        self.start_timer(("retired", sa.own_spi), now + _RETIREMENT)
        if len(self._retired) > _MOST_RETIRED:
            oldest = next(iter(self._retired))
            del self._retired[oldest]
            self.stop_timer(("retired", oldest))

    def expire(self, sa: IkeSa, now: float) -> None:
        """The peer is to delete an IKE SA; one that it forgets goes all the same."""
        self.start_timer(("left over", sa.own_spi), now + _RETIREMENT)

    def new_spi(self, octets: int) -> bytes:
        """An SPI that nothing else has."""
        while True:
            spi = self.rng.randbytes(octets)
            if octets == _IKE_SPI_OCTETS:
                taken = spi in self.sas or spi in self._retired
            else:
                taken = any(sa.session.child(spi=spi) for sa in self.sas.values())
            if not taken and int.from_bytes(spi, "big") > RESERVED_SPIS:
                return spi

    # -- what SAs tell ----------------------------------------------------------------------------
    def unreachable(self, sa: IkeSa, task: Task, now: float) -> None:
        """A request was never answered: the peer is dead, and so is the SA."""
        self.note(now, "peer is dead", f"{task} was never answered")
        self.drop(sa, "the peer is dead", now)

    def broken(self, sa: IkeSa, task: Task, now: float) -> None:
        """An answer makes no sense: the SA is deleted."""
        self.note(now, "bad answer", str(task))
        informational.ask_delete_ike(sa, now)

    def request(self, sa: IkeSa, kind: ExchangeType | int, payloads: Payloads, now: float) -> None:
        """Answer a request of the peer."""
        if kind == ExchangeType.INFORMATIONAL:
            informational.answer(sa, payloads, now)
        elif kind == ExchangeType.CREATE_CHILD_SA and sa.session.established:
            create_child.answer(sa, payloads, now)
        elif kind == ExchangeType.IKE_AUTH and not sa.session.established:
            self.authenticate(sa, payloads, now)
        else:
            self.note(now, "refused", f"exchange {int(kind)} at this time")
            sa.answer([Notify(notify_type=NotifyType.INVALID_SYNTAX)], now)
            self.drop(sa, "INVALID_SYNTAX", now)

    def expired(self, timer: Any, now: float) -> None:
        if isinstance(timer, tuple) and timer[0] == "answer":
            if timer[1] in self.sas:
                self.sas[timer[1]].unanswered(now)
        elif isinstance(timer, tuple) and timer[0] == "left over":
            sa = self.sas.get(timer[1])
            if sa is not None and sa.session.current is not sa:
                self.drop(sa, "the peer did not delete it", now)
        elif isinstance(timer, tuple) and timer[0] == "retired":
            self._retired.pop(timer[1], None)
        else:
            super().expired(timer, now)

    # -- for initiator and responder --------------------------------------------------------------
    def initial(self, message: IkeMessage, octets: bytes, unit: Unit, now: float) -> None:
        """A message of IKE_SA_INIT has come."""
        raise NotImplementedError

    def authenticate(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        """A request of IKE_AUTH has come."""
        raise NotImplementedError

    def allowed(self, sa: IkeSa) -> ChildRequest:
        """What the peer may have child SAs of."""
        raise NotImplementedError

    def over(self, session: Session, reason: str, now: float) -> None:
        """The last IKE SA of a session is gone."""
        raise NotImplementedError


def _current(session: Session) -> IkeSa:
    if session.current is None or not session.established:
        raise ValueError("the session has no IKE SA")
    return session.current
