"""Finding the home agent by DNS (RFC 5026 5.1): a server, and a resolver for the mobile node.

Messages are those of dnspython, real octets on UDP 53; it comes with `mip6boot[flow]`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec

from ..errors import ConfigError
from ..security import Rng
from .actor import Actor, Machine, Port, Unit
from .chance import number
from .retransmission import Retransmission

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rrset
except ImportError as e:
    raise ConfigError("dnspython is missing: pip install 'mip6boot[flow]'") from e

__all__ = ["DNS_PORT", "DnsResolver", "DnsServer", "DnsState", "Service"]

DNS_PORT = 53
#: What a home agent's service is called in a domain (RFC 5026 5.1.1).
SERVICE = "_mip6._ipv6."
#: Seconds that a record may be kept, and that a query waits first; the tries of a query.
_TTL, _FIRST, _TRIES = 3600, 1.0, 4

AddressOfIp = IPv4Address | IPv6Address


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A SRV record (RFC 2782); the port has no meaning for a home agent."""

    target: str
    priority: int = 0
    weight: int = 0
    port: int = 500


class DnsServer(Actor):
    """Answers for the names it is told, and for no others: NXDOMAIN.

    `addresses` are AAAA and A records by name, `services` SRV records by domain.
    """

    def __init__(
        self,
        name: str,
        *,
        addresses: Mapping[str, Iterable[AddressOfIp]],
        services: Mapping[str, Iterable[Service]] | None = None,
    ) -> None:
        super().__init__(name)
        self._records: dict[tuple[Any, Any], list[str]] = {}
        for owner, found in addresses.items():
            for address in found:
                kind = "AAAA" if isinstance(address, IPv6Address) else "A"
                self._add(owner, kind, str(address))
        for domain, offered in (services or {}).items():
            for s in offered:
                text = f"{s.priority} {s.weight} {s.port} {_absolute(s.target)}"
                self._add(SERVICE + domain, "SRV", text)

    def _add(self, owner: str, kind: str, text: str) -> None:
        key = (_absolute(owner), dns.rdatatype.from_text(kind))
        self._records.setdefault(key, []).append(text)

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port is not Port.UDP or unit.destination_port != DNS_PORT:
            self.note(now, "dropped", "not for port 53")
            return
        try:
            query = dns.message.from_wire(unit.octets)
        except dns.exception.DNSException as e:
            self.note(now, "dropped", f"no DNS message: {type(e).__name__}")
            return
        if query.flags & dns.flags.QR or len(query.question) != 1:
            self.note(now, "dropped", "not one question")
            return
        self.send(unit.answer(self._answered(query, now).to_wire()))

    def _answered(self, query: Any, now: float) -> Any:
        question = query.question[0]
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        found = self._rrset(question.name, question.rdtype)
        if found is not None:
            answer.answer.append(found)
            for target in (getattr(record, "target", None) for record in found):
                self._additional(answer, target)
        elif not any(name == question.name for name, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.note(
            now, "answered", f"{kind} {question.name}", records=0 if found is None else len(found)
        )
        return answer

    def _additional(self, answer: Any, target: Any) -> None:
        """The addresses of a service's host, so that nobody has to ask again (RFC 2782)."""
        for kind in (dns.rdatatype.AAAA, dns.rdatatype.A):
            found = None if target is None else self._rrset(target, kind)
            if found is not None:
                answer.additional.append(found)

    def _rrset(self, owner: Any, kind: Any) -> Any:
        texts = self._records.get((owner, kind))
        if not texts:
            return None
        return dns.rrset.from_text_list(owner, _TTL, dns.rdataclass.IN, kind, texts)


class DnsState(enum.StrEnum):
    """What a resolver does."""

    IDLE = "idle"
    SERVICE = "asking for the service"
    ADDRESS = "asking for addresses"
    FOUND = "found"
    FAILED = "failed"


class DnsResolver(Machine):
    """Finds home agents by name or by service; `found` are their addresses, the best first.

    By service (RFC 5026 5.1.2) the targets come by priority, and within one in an order drawn by
    weight; IPv6 addresses of a target come before IPv4 ones.
    """

    TRANSITIONS = {
        (DnsState.IDLE, "find service"): ("_ask_service", DnsState.SERVICE),
        (DnsState.IDLE, "find host"): ("_ask_host", DnsState.ADDRESS),
        (DnsState.SERVICE, "answer"): ("_services", None),
        (DnsState.ADDRESS, "answer"): ("_addresses", None),
        (DnsState.SERVICE, "retransmit over"): ("_again", None),
        (DnsState.ADDRESS, "retransmit over"): ("_again", None),
        (DnsState.FOUND, "answer"): (None, None),
        (DnsState.FAILED, "answer"): (None, None),
    }

    def __init__(self, name: str, *, server: IPv6Address, rng: Rng, link: str = "") -> None:
        super().__init__(name, DnsState.IDLE)
        self.server, self.source, self.link, self._rng = server, IPv6Address(0), link, rng
        self.found: tuple[AddressOfIp, ...] = ()
        self._targets: list[Any] = []
        self._known: dict[Any, list[AddressOfIp]] = {}
        self._query: Any = None
        self._again_at: Retransmission | None = None

    def find_service(self, domain: str, source: IPv6Address, now: float) -> None:
        """Look for the home agents that a domain offers; `source` is the own address."""
        self.source = source
        self.step("find service", now, domain)

    def find_host(self, host: str, source: IPv6Address, now: float) -> None:
        """Look for the addresses of a home agent whose name is known."""
        self.source = source
        self.step("find host", now, host)

    def receive(self, unit: Unit, now: float) -> None:
        if unit.source != self.server or unit.source_port != DNS_PORT or self._query is None:
            self.note(now, "dropped", "not from the server that was asked")
            return
        try:
            answer = dns.message.from_wire(unit.octets)
        except dns.exception.DNSException as e:
            self.note(now, "dropped", f"no DNS message: {type(e).__name__}")
            return
        if not self._query.is_response(answer):
            self.note(now, "dropped", "no answer to the question")
            return
        self.stop_timer("retransmit")
        self.step("answer", now, answer)

    # -- transitions --------------------------------------------------------------------------
    def _ask_service(self, now: float, domain: str) -> None:
        self._ask(now, SERVICE + domain, dns.rdatatype.SRV)

    def _ask_host(self, now: float, host: str) -> None:
        self._targets = [_absolute(host)]
        self._ask(now, host, dns.rdatatype.AAAA)

    def _services(self, now: float, answer: Any) -> DnsState | None:
        records = _records(answer.answer, dns.rdatatype.SRV)
        # A target of "." says that there is no such service (RFC 2782).
        records = [record for record in records if record.target != dns.name.root]
        if not records:
            return self._end(now)
        self._targets = [record.target for record in self._ordered(records)]
        self._learn(answer.additional)
        return self._next(now)

    def _addresses(self, now: float, answer: Any) -> DnsState | None:
        question = self._query.question[0]
        self._known.setdefault(question.name, [])
        self._learn(answer.answer)
        if question.rdtype == dns.rdatatype.AAAA:
            self._ask(now, question.name, dns.rdatatype.A)
            return None
        return self._next(now)

    def _again(self, now: float) -> DnsState | None:
        assert self._again_at is not None
        if self._again_at.is_over(now):
            self.note(now, "no answer", str(self._query.question[0].name))
            return self._end(now)
        self._transmit(now)
        return None

    # -- what they use ------------------------------------------------------------------------
    def _next(self, now: float) -> DnsState:
        """Ask for the first target whose addresses are not known; else all is found."""
        for target in self._targets:
            if target not in self._known:
                self._ask(now, target, dns.rdatatype.AAAA)
                return DnsState.ADDRESS
        return self._end(now)

    def _end(self, now: float) -> DnsState:
        self._query = None
        self.found = tuple(
            address
            for target in self._targets
            for address in sorted(self._known.get(target, ()), key=lambda a: -a.version)
        )
        return DnsState.FOUND if self.found else DnsState.FAILED

    def _learn(self, rrsets: Iterable[Any]) -> None:
        for rrset in rrsets:
            for record in _records([rrset], dns.rdatatype.AAAA, dns.rdatatype.A):
                kind = IPv6Address if record.rdtype == dns.rdatatype.AAAA else IPv4Address
                self._known.setdefault(rrset.name, []).append(kind(record.address))

    def _ordered(self, records: list[Any]) -> list[Any]:
        """By priority, those of one in an order drawn by weight (RFC 2782)."""
        out: list[Any] = []
        for priority in sorted({record.priority for record in records}):
            # Records without weight come first into the draw, so that they have a small chance.
            left = sorted(
                (r for r in records if r.priority == priority), key=lambda r: r.weight > 0
            )
            while left:
                draw = self._draw(sum(record.weight for record in left))
                total = 0
                for record in left:
                    total += record.weight
                    if total >= draw:
                        break
                left.remove(record)
                out.append(record)
        return out

    def _draw(self, most: int) -> int:
        """A number from 0 to `most`."""
        return number(self._rng, 8) % (most + 1)

    def _ask(self, now: float, owner: Any, kind: Any) -> None:
        self._query = dns.message.make_query(_absolute(owner), kind, id=number(self._rng, 2))
        self._again_at = Retransmission(self._rng, first=_FIRST, tries=_TRIES)
        self._transmit(now)

    def _transmit(self, now: float) -> None:
        assert self._again_at is not None
        self.start_timer("retransmit", self._again_at.sent_at(now))
        self.send(
            Unit(
                port=Port.UDP,
                source=self.source,
                destination=self.server,
                source_port=49152 + self._query.id % 16384,
                destination_port=DNS_PORT,
                octets=self._query.to_wire(),
                link=self.link,
            )
        )


def _records(rrsets: Iterable[Any], *kinds: Any) -> list[Any]:
    """Those of the Internet: in another class the same type has other contents."""
    return [
        record
        for rrset in rrsets
        for record in rrset
        if record.rdtype in kinds and record.rdclass == dns.rdataclass.IN
    ]


def _absolute(name: Any) -> Any:
    return dns.name.from_text(name) if isinstance(name, str) else name
