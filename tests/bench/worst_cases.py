"""The worst inputs that we know, and what each may cost: one table."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import worst_actors as actors
import worst_octets as octets

#: How many times larger the input is than the one that its growth is measured from.
TIMES = 10

#: CPU seconds below which the clock and the caches tell more than the growth.
_TELLING = 0.05


class Case(NamedTuple):
    """An input, and the bounds of what it costs: of the time on the slowest machine that counts."""

    work: Callable[[int], Callable[[], Any]]
    size: int
    "Octets, or messages."
    seconds: float
    "CPU time."
    megabytes: float
    "The most memory that is taken at a time, the input itself not counted."
    entries: int | None = None
    "What an actor, or who puts parts together, has in all its tables when the flood is over."
    growth: float = 1.6 * TIMES
    "How many times the CPU time of a tenth of the input; with a square in it it would be 100."


#: 64 kB of a datagram, as much as fits with its headers; and the largest Mobility Header.
_DATAGRAM, _MOBILITY = 65_000, 2032
_MB = 1 << 20

#: Growth where timers run out within the longer flood, and not within a tenth of it.
_TIMED = 3.0 * TIMES

CASES = {
    # Messages are read strictly and leniently, written, printed, mapped, checked, to JSON and back.
    "Mobile IPv6: Pad1 alone": Case(octets.pads, _MOBILITY, 0.5, 2),
    "Mobile IPv6: options that are malformed": Case(octets.nonces, _MOBILITY, 0.5, 2),
    "DHCPv6: empty options": Case(octets.empty_options, _DATAGRAM, 4, 20),
    "DHCPv6: unknown empty options": Case(octets.unknown_options, _DATAGRAM, 5, 25),
    "DHCPv6: malformed options": Case(octets.malformed_options, _DATAGRAM, 5, 30),
    "DHCPv6: an Option Request of 32,000 codes": Case(octets.requested_codes, _DATAGRAM, 2, 20),
    "DHCPv6: names of one octet": Case(octets.names, _DATAGRAM, 2, 20),
    "DHCPv6: names with compression pointers": Case(octets.pointers, _DATAGRAM, 0.2, 2),
    "DHCPv6: a name without an end": Case(octets.endless_name, _DATAGRAM, 0.2, 2),
    "DHCPv6: a User Class of empty entries": Case(octets.classes, _DATAGRAM, 2, 20),
    "DHCPv6: relayed as deep as it goes": Case(octets.relays, _DATAGRAM, 0.3, 2),
    "DHCPv6: IA_NA in IA_NA": Case(octets.associations, _DATAGRAM, 0.3, 2),
    "IKEv2: empty payloads": Case(octets.empty_payloads, _DATAGRAM, 8, 40),
    "IKEv2: proposals without transforms": Case(octets.proposals, _DATAGRAM, 8, 40),
    "IKEv2: proposals of 255 transforms": Case(octets.transforms, _DATAGRAM, 6, 40),
    "IKEv2: empty configuration attributes": Case(octets.attributes, _DATAGRAM, 8, 40),
    "Diameter: empty AVPs": Case(octets.empty_avps, _DATAGRAM, 6, 30),
    "Diameter: malformed AVPs": Case(octets.malformed_avps, _DATAGRAM, 6, 20),
    "Diameter: Grouped in Grouped": Case(octets.groups, _DATAGRAM, 0.2, 2),
    "Diameter: a message of 16 MB": Case(octets.large_message, 16 * _MB - 4, 0.1, 1),
    "EAP-AKA: unknown attributes": Case(octets.aka_attributes, _DATAGRAM, 6, 40),
    # Packets also with checksum verdicts, and built anew.
    "packet: IPv6 in IPv6": Case(octets.tunnels, _DATAGRAM, 0.5, 2),
    "packet: Destination Options in a row": Case(octets.extensions, _DATAGRAM, 0.3, 2),
    "packet: chunks of SCTP": Case(octets.chunks, _DATAGRAM, 0.5, 2),
    "packet: Neighbor Discovery options": Case(octets.neighbour_options, _DATAGRAM, 3, 30),
    "packet: Diameter messages in a segment": Case(octets.segment_messages, _DATAGRAM, 4, 25),
    "packet: an error that quotes an error": Case(octets.quotations, _DATAGRAM, 0.2, 2),
    # Captures, of 16 MB most of them.
    "pcap: empty records": Case(octets.empty_records, 16 * _MB, 5, 1),
    "pcap: a record that says 200 MB": Case(octets.lying_record, 16 * _MB, 0.3, 40),
    "pcapng: a block that says 200 MB": Case(octets.lying_block, 16 * _MB, 0.3, 40),
    "pcapng: interfaces alone": Case(octets.interfaces, 4 * _MB, 6, 20),
    "pcap.gz: 64 MB of zeros in 64 kB": Case(octets.compressed, 64 * _MB, 1, 2),
    "JSON: relayed messages, 10,000 deep": Case(octets.json_objects, 10_000, 0.1, 1),
    "JSON: options of a DHCPv6 message": Case(octets.json_options, 16_000, 1, 2),
    # Parts that never become whole.
    "IP: first fragments": Case(actors.first_fragments, 10_000, 1, 1, 64),
    "IP: fragments of eight octets": Case(actors.small_fragments, 100_000, 6, 24, 64_000),
    "IKEv2: encrypted fragments": Case(actors.fragments_of_ike, 10_000, 0.5, 3, 1600),
    "TCP: segments with gaps": Case(actors.gaps, 20_000, 2, 40, 256 * 64),
    "TCP: streams with half a message": Case(actors.streams, 3000, 0.5, 5, 256),
    "TCP: segments that repeat what is there": Case(actors.overlapping_segments, 2000, 0.5, 2, 1024),
    "SCTP: chunks without beginning": Case(actors.unfinished_chunks, 10_000, 2, 1, 256),
    # Floods.
    "IKEv2: initiators that see no cookie": Case(actors.spoofed_initiators, 10_000, 5, 1, 5 * 64),
    "IKEv2: half-open exchanges": Case(actors.half_open_initiators, 10_000, 40, 16, 4 * 1024 + 4096),
    "DHCPv6: Solicits of 10,000 DUIDs": Case(actors.solicits, 10_000, 4, 2, 0),
    "DHCPv6: Solicits, pool all given": Case(actors.solicits_of_a_full_pool, 10_000, 16, 2, 1001),
    "DHCPv6: Requests of 10,000 DUIDs": Case(actors.requests, 10_000, 5, 10, 10_001),
    "DHCPv6: Requests of 625 leases each": Case(actors.requests_of_many, 10_000, 2, 10, 10_001),
    "DHCPv6: all that is leased is declined": Case(actors.declines, 10_000, 15, 10, 10_001),
    "DHCPv6: a relay supplies 15,000 options": Case(actors.supplied_options, 60_000, 0.3, 2, 0),
    "DHCPv6: messages at a relay": Case(actors.relayed_messages, 10_000, 2, 2, 0),
    "Mobile IPv6: Binding Updates not sealed": Case(actors.open_updates, 10_000, 3, 4, 0),
    "Mobile IPv6: Binding Updates, 64 taken": Case(actors.unprotected_updates, 5000, 15, 3, 4 * 64),
    "Mobile IPv6: Binding Updates, all taken": Case(actors.bound_nodes, 5000, 15, 20, 4 * 5000, _TIMED),
    "Diameter: requests of strangers": Case(actors.strangers, 10_000, 1, 1, 0),
    "Diameter: forged origins": Case(actors.forged_requests, 10_000, 6, 1, 0),
    "Diameter: sessions, 200 taken": Case(actors.sessions, 5000, 15, 6, 5 * 200),
    "EAPOL: starts of nodes, 64 known": Case(actors.starting_nodes, 5000, 15, 3, 64),
    "EAPOL: starts of nodes, all known": Case(actors.known_nodes, 5000, 5, 15, 5000, _TIMED),
}  # fmt: skip


class Cost(NamedTuple):
    """What a case has cost."""

    seconds: float
    growth: float
    megabytes: float
    entries: int | None


def cost_of(case: Case) -> Cost:
    """Measure a case: its time, that of a tenth of it, and, in a run of its own, its memory."""
    small = min(seconds(case.work(case.size // TIMES)) for _ in range(3))
    large = seconds(case.work(case.size))
    work = case.work(case.size)
    gc.collect()
    tracemalloc.start()
    kept = work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    entries = kept.entries if isinstance(kept, actors.Kept) else None
    return Cost(large, large / max(small, 1e-6), peak / 1e6, entries)


def seconds(work: Callable[[], Any]) -> float:
    """CPU time; garbage of what was before does not count."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def kept_within(case: Case, cost: Cost) -> bool:
    """Nothing has cost more than it may."""
    return (
        cost.seconds <= case.seconds
        and (cost.growth <= case.growth or cost.seconds < _TELLING)
        and cost.megabytes <= case.megabytes
        and (cost.entries or 0) <= (case.entries or 0)
    )


def measured(names: Iterable[str] = ()) -> bool:
    """Measure the cases whose names have one of the words, or all; print measured/bound."""
    wanted, fine = tuple(names), True
    head = ("CPU s", f"for {TIMES}x", "MB", "entries kept")
    print(f"\n{'worst case, measured/bound':42s}{'input':>9s}" + "".join(f"{x:>16s}" for x in head))
    for name, case in CASES.items():
        if wanted and not any(word in name for word in wanted):
            continue
        cost = cost_of(case)
        within = kept_within(case, cost)
        fine = fine and within
        telling = f"{cost.growth:.1f}/{case.growth:g}" if cost.seconds >= _TELLING else "-"
        row = [
            f"{cost.seconds:.2f}/{case.seconds:g}",
            telling,
            f"{cost.megabytes:.1f}/{case.megabytes:g}",
        ]
        row.append("" if case.entries is None else f"{cost.entries}/{case.entries}")
        text = "".join(f"{one:>16s}" for one in row)
        print(f"{name:42s}{case.size:9d}{text}{'' if within else '  EXCEEDED'}", flush=True)
    return fine
