"""The whole attach: every variant, what comes afterwards, the same octets, and tshark's reading."""

from __future__ import annotations

import itertools
from collections import Counter
from ipaddress import IPv6Network
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mip6boot import capture, dhcpv6, diameter, eap, ikev2, ip, mipv6, packets
from mip6boot.cli.attach import run as attaching
from mip6boot.flow import HomeAgentDiscovery, HostAddress, SlaacHost, UeState
from mip6boot.flow.attach import AttachResult, Later, attach
from mip6boot.flow.scenario import Authentication, HomeAddress, Profile, Scenario, Variant
from mip6boot.packets import OpenedChain, OpenedPacket
from mip6boot.schema import Malformed, Message, walk

from ..conftest import DATA
from ..test_tshark import dissected

#: The same octets on every machine; it is written anew only with a line in CHANGELOG.md.
GOLDEN = DATA / "attach-seed-1.pcapng"

VARIANTS = [
    Variant(discovery=discovery, authentication=authentication, home_address=home)
    for discovery, authentication, home in itertools.product(
        HomeAgentDiscovery, Authentication, HomeAddress
    )
]


def run(variant: Variant, *later: Later, seed: int = 1) -> AttachResult:
    return attach(variant, lambda name: Random(f"{seed}/{name}"), later=later)


def name(variant: Variant) -> str:
    return "-".join((variant.discovery, variant.authentication, variant.home_address))


def inside(result: AttachResult) -> list[Any]:
    """Every message of the attach, opened ones too."""
    found: list[Any] = []
    for message in result.messages:
        found += message.packet.layers
        for within in message.opened:
            if isinstance(within, OpenedPacket):
                found += within.packet.layers
            elif isinstance(within, OpenedChain):
                found += within.payloads
    return found


CHECKS = {
    ikev2.IkeMessage: ikev2.check, dhcpv6.Dhcpv6Message: dhcpv6.check, eap.EapPacket: eap.check,
    mipv6.MobilityHeader: mipv6.check, diameter.DiameterMessage: diameter.check,
}  # fmt: skip


def sound(result: AttachResult) -> None:
    """Nothing malformed, no rule broken, all checksums good, and all that is sealed is opened."""
    for message in result.messages:
        assert message.packet.errors == ()
        assert packets.decode_packet(message.frame).encode() == message.frame
        assert set(message.packet.checksums.values()) <= {"good"}
        sealed = message.packet.find(ikev2.Encrypted) or message.packet.find(ip.EspPacket)
        assert bool(message.opened) == (sealed is not None), message.text
        for within in message.opened:
            assert within.errors == ()
            if isinstance(within, OpenedPacket):
                assert set(within.packet.checksums.values()) == {"good"}
        assert message.text
    for layer in inside(result):
        for kind, check in CHECKS.items():
            if isinstance(layer, kind):
                assert check(layer) == []
        if isinstance(layer, Message):
            assert not any(isinstance(element, Malformed) for _, element in walk(layer))


@pytest.mark.parametrize("variant", VARIANTS, ids=name)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_variant_attaches(variant: Variant, seed: int) -> None:
    result = run(variant, seed=seed)
    assert result.connected, (result.reason, [str(event) for event in result.events[-20:]])
    sound(result)
    home = result.home_address
    assert home is not None
    scenario = result.scenario
    assert scenario.home_agent.tunnels(scenario.network.now) == {home: result.care_of_address}
    assert scenario.is_registered()  # The HSS knows which home agent is in use.
    steps = [message.step for message in result.messages if message.step]
    assert {2, 3, 4, 5, 6, 7} == set(steps)
    assert not any(event.name == "ignored" for event in result.events)


def test_home_addresses_are_from_where_they_ought_to_be() -> None:
    found = {home: run(Variant(home_address=home)) for home in HomeAddress}
    texts = {home: str(result.home_address) for home, result in found.items()}
    assert texts[HomeAddress.POOL] == "2001:db8:100::1000"
    assert texts[HomeAddress.AAA] == "2001:db8:100::2000"
    assert texts[HomeAddress.HOME_DHCP].startswith("2001:db8:100::3")
    assert texts[HomeAddress.AUTOCONFIGURED].startswith("2001:db8:100:7:")
    leased = [
        layer for layer in inside(found[HomeAddress.HOME_DHCP]) if isinstance(layer, dhcpv6.Reply)
    ]
    assert any(reply.find(dhcpv6.IaAddress) for reply in leased)
    prefixes = [
        one.find(ikev2.Mip6HomePrefix) for one in inside(found[HomeAddress.AUTOCONFIGURED])
        if isinstance(one, ikev2.Configuration)
    ]  # fmt: skip
    assert any(one is not None and one.value is not None for one in prefixes)


def test_the_home_agent_is_found_as_it_ought_to_be() -> None:
    by_dhcp, by_dns = (run(Variant(discovery=found)) for found in HomeAgentDiscovery)
    supplied = [layer for layer in inside(by_dhcp) if isinstance(layer, dhcpv6.RelayForward)]
    assert supplied[0].find(dhcpv6.RelaySuppliedOptions) is not None
    texts = " ".join(message.text for message in by_dns.messages)
    assert "SRV _mip6._ipv6.home.example.org." in texts
    assert "SRV" not in " ".join(message.text for message in by_dhcp.messages)


def test_the_seed_profile_tells_the_old_mme() -> None:
    for profile, present in ((Profile.SEED, False), (Profile.TS23402, True)):
        result = run(Variant(profile=profile))
        assert list(result.scenario.aaa.mme.contexts.values()) == [present]
        told = any(event.name == "location cancelled" for event in result.events)
        assert told is not present


@pytest.mark.parametrize("variant", VARIANTS[:4], ids=name)
@pytest.mark.parametrize("what", list(Later))
def test_what_comes_afterwards(variant: Variant, what: Later) -> None:
    result = run(variant, what)
    assert result.connected, (result.reason, [str(event) for event in result.events[-20:]])
    sound(result)
    texts = [message.text for message in result.messages if message.step == 9]
    wanted = {
        Later.REFRESH: ["Binding Update", "Binding Acknowledgement ACCEPTED"],
        Later.MOVE: ["Router Advertisement 2001:db8:201::/64", "Binding Update", "ACCEPTED"],
        Later.DEREGISTRATION: ["lifetime 0", "lifetime 0", "INFORMATIONAL request {D}"],
        Later.NETWORK_DETACH: [
            "Binding Revocation Indication ADMIN",
            "Binding Revocation Acknowledgement SUCCESS",
        ],
        Later.RETURN_HOME: ["Router Advertisement 2001:db8:100::/64", "Neighbor Advertisement"],
    }[what]
    at = 0
    for text in wanted:
        at = next((i + 1 for i in range(at, len(texts)) if text in texts[i]), 0)
        assert at, (text, texts)


def test_one_thing_after_the_other() -> None:
    """Refreshed, moved, refreshed there, and let go."""
    result = run(Variant(), Later.REFRESH, Later.MOVE, Later.REFRESH, Later.DEREGISTRATION)
    assert result.connected, result.reason
    assert result.scenario.ue.state == UeState.DOWN
    numbers = [layer.sequence for layer in inside(result) if isinstance(layer, mipv6.BindingUpdate)]
    assert numbers == [(numbers[0] + i) % 65536 for i in range(5)]


def test_somebody_has_the_home_address() -> None:
    """Status 134: with a prefix of its own the UE makes another address (RFC 5026 5.3.2)."""
    scenario = Scenario(
        Variant(home_address=HomeAddress.AUTOCONFIGURED), lambda n: Random(f"1/{n}")
    )
    first = run(scenario.variant).home_address
    assert first is not None
    node = SlaacHost("squatter", bytes((2, 0, 0, 0, 1, 1)))
    scenario.network.join(node, "home", node.link_layer_address, lambda: (first,))
    node.link_up("home", 0.0)
    network = IPv6Network((first, 64), strict=False)
    node._addresses[network] = HostAddress(
        address=first, network=network, valid_until=1e9, preferred_until=1e9
    )
    scenario.start()
    scenario.run(60, stop=lambda: scenario.ue.state in (UeState.CONNECTED, UeState.FAILED))
    assert scenario.ue.state == UeState.CONNECTED
    assert scenario.ue.home_address == first + 1
    assert first in scenario.ue.mobile.duplicates


def written(path: Path, keys: Path | None = None, **options: Any) -> Path:
    usual: dict[str, Any] = {
        "profile": "ts23402", "discovery": "dhcpv6", "authentication": "eap-aka",
        "home_address": "pool", "later": (), "seed": 1, "form": None,
    }  # fmt: skip
    assert attaching(**(usual | options), output=path, keys=keys) == 0
    return path


def test_the_same_seed_is_the_same_octets(tmp_path: Path, capsys: Any) -> None:
    path = written(tmp_path / "a.pcapng", profile="seed", later=("move", "de-registration"))
    assert path.read_bytes() == GOLDEN.read_bytes()
    other = written(
        tmp_path / "b.pcapng", profile="seed", later=("move", "de-registration"), seed=2
    )
    assert other.read_bytes() != GOLDEN.read_bytes()
    capsys.readouterr()


def test_comments_name_the_steps() -> None:
    frames = list(capture.read(GOLDEN))
    assert {frame.interface for frame in frames} == {0, 1, 2, 3}
    count = Counter(
        frame.comments[0][:6] for frame in frames if frame.comments[0].startswith("step")
    )
    assert set(count) == {f"step {i}" for i in (2, 3, 4, 5, 6, 7, 9)}
    times = [frame.time_ns for frame in frames]
    assert times == sorted(times)  # type: ignore[type-var]


@pytest.mark.parametrize("variant", [VARIANTS[0], VARIANTS[7], VARIANTS[18]], ids=name)
def test_tshark_reads_it(
    variant: Variant, tshark: str, tmp_path: Path, capsys: Any, record_property: Any
) -> None:
    """No malformed packet; with the keys written beside it, IKE_AUTH and ESP are open."""
    keys = tmp_path / "keys"
    path = written(
        tmp_path / "attach.pcapng", keys, discovery=str(variant.discovery),
        authentication=str(variant.authentication), home_address=str(variant.home_address),
        later=("move", "network-detach"),
    )  # fmt: skip
    capsys.readouterr()
    (keys / "preferences").write_text(
        "esp.enable_encryption_decode: TRUE\nesp.enable_authentication_check: TRUE\n"
    )
    count: Counter[str] = Counter()
    for reading in dissected(tshark, path, keys):
        names: Counter[str] = Counter()
        for layer in reading["layers"]:
            tally(layer, names, count)
        assert not names["_ws.malformed"]
        count += names
    result = run(variant, Later.MOVE, Later.NETWORK_DETACH)
    updates = sum(isinstance(layer, mipv6.BindingUpdate) for layer in inside(result))
    assert count["mip6.bu.seqnr"] == updates >= 2
    assert count["mip6.ba.seqnr"] == updates
    assert count["isakmp.cfg.attr.internal_ip6_address"] + count["isakmp.cfg.attr"] > 0
    assert count["esp good"] == sum(isinstance(layer, ip.EspPacket) for layer in inside(result))
    assert count["isakmp.enc.decrypted"] == sum(
        isinstance(layer, ikev2.IkeMessage) and layer.find(ikev2.Encrypted) is not None
        for layer in inside(result)
    )
    record_property("attach: fields of tshark without a malformed packet", sum(count.values()))


def tally(node: list[Any], names: Counter[str], count: Counter[str]) -> None:
    names[node[0]] += 1
    if node[0] == "esp.icv_good" and node[3] in ("1", "True"):
        count["esp good"] += 1
    for child in node[5] if len(node) > 5 else []:
        tally(child, names, count)
