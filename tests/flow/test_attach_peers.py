"""The Diameter messages of a whole attach, as tshark and python-diameter read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from diameter import message as peer
from mip6boot import capture, diameter, packets
from mip6boot.cli.attach import run as attaching
from mip6boot.diameter import DiameterMessage
from mip6boot.flow.attach import Later, attach
from mip6boot.flow.scenario import Profile, Variant

from ..diameter.readings import DiameterReading, code_of
from ..diameter.test_python_diameter import differences, read
from ..diameter.test_wireshark import OTHER
from ..test_registries import avp_class, avps
from ..test_tshark import dissected
from .aaa_leg import values

LATER = [Later.DEREGISTRATION, Later.NETWORK_DETACH, Later.MOVE]

#: Comments of the capture are expert items, too; the severity of warnings and errors is above them.
COMMENT = 0x00100000


@cache
def sent(later: Later) -> tuple[DiameterMessage, ...]:
    """The messages of an attach and of what comes afterwards, in the order of the wire."""
    result = attach(Variant(profile=Profile.SEED), lambda name: Random(f"1/{name}"), later=(later,))
    assert result.connected
    layers = (one.packet.layers[-1] for one in result.messages)
    return tuple(layer for layer in layers if isinstance(layer, DiameterMessage))


@pytest.fixture(scope="module", params=LATER)
def later(request: Any) -> Any:
    return request.param


# -- tshark -------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def path(later: Later, tmp_path_factory: Any) -> Path:
    """attach.pcapng, as the command writes it."""
    path: Path = tmp_path_factory.mktemp("attach") / "attach.pcapng"
    code = attaching(
        profile="seed", discovery="dhcpv6", authentication="eap-aka", home_address="pool",
        later=(str(later),), seed=1, form=None, output=path, keys=None,
    )  # fmt: skip
    assert code == 0
    return path


def nodes(node: list[Any]) -> Iterator[list[Any]]:
    yield node
    for child in node[5] if len(node) > 5 else []:
        yield from nodes(child)


def names() -> dict[str, str]:
    """What Wireshark calls the AVP of each class."""
    return {avp_class(row).__name__: OTHER.get(name, (name,))[0] for name, row in avps().items()}


def test_tshark(tshark: str, later: Later, path: Path, record_property: Any) -> None:
    """No item is malformed, a warning or an error; every AVP has its name, and all is the same."""
    called, counts = names(), Counter[str]()
    wrong: list[str] = []
    found = list(dissected(tshark, path))
    of_frames = iter(sent(later))
    for frame, reading in zip(capture.read(path), found, strict=True):
        trees = [layer for layer in reading["layers"] if layer[0] == "diameter"]
        own = packets.decode_packet(frame.octets, frame.linktype).layers[-1]
        assert len(trees) == isinstance(own, DiameterMessage)
        if not trees:
            continue
        message = next(of_frames)
        assert own == message
        told = DiameterReading(trees[0])
        wrong += told.differs(message)
        wrong += [f"{name}, not {called[cls]}" for cls, name in told.names if name != called[cls]]
        wrong += objections(reading["layers"])
        # An AVP that is not in Wireshark's dictionary has no value there.
        assert told.counts["avps"] == told.counts["values"] == inside(message)
        counts += told.counts
    assert wrong == []
    assert next(of_frames, None) is None
    assert counts["messages"] == len(sent(later)) >= 36
    for name, count in counts.items():
        record_property(f"Diameter of an attach: {name} compared with tshark", count)


def objections(layers: list[Any]) -> Iterator[str]:
    """What tshark has against a packet."""
    for layer in layers:
        for node in nodes(layer):
            if node[0] == "_ws.malformed" or "unknown" in node[0].lower():
                yield node[0]
            if node[0] == "_ws.expert":
                told = {child[0]: child[3] for child in node[5]}
                if int(told["_ws.expert.severity"]) > COMMENT:
                    yield f"{layer[0]}: {told['_ws.expert.message']}"


def inside(holder: Any) -> int:
    """How many AVPs there are, nested ones included."""
    avps = holder if isinstance(holder, tuple) else getattr(holder, "avps", ())
    return sum(1 + (inside(avp.value) if isinstance(avp.value, tuple) else 0) for avp in avps)


def test_tshark_finds_the_request_of_each_answer(tshark: str, later: Later, path: Path) -> None:
    """By the connection and the hop-by-hop identifier."""
    numbers: dict[int, int] = {}  # Of the frame of each message.
    messages = iter(sent(later))
    pairs = set()
    for number, reading in enumerate(dissected(tshark, path), 1):
        for layer in reading["layers"]:
            if layer[0] != "diameter":
                continue
            message = next(messages)
            if message.is_request:
                numbers[message.hop_by_hop_id] = number
                continue
            (told,) = [int(node[3]) for node in nodes(layer) if node[0] == "diameter.answer_to"]
            assert told == numbers[message.hop_by_hop_id]
            pairs.add((told, number))
    assert len(pairs) * 2 == len(sent(later))


# -- python-diameter ----------------------------------------------------------------------------------
def test_python_diameter(later: Later, record_property: Any) -> None:
    """Headers, AVPs and values are the same there, and the commands have the same names."""
    counts, wrong = Counter[str](), list[str]()
    for message in sent(later):
        octets = message.encode()
        found: Any = read(octets)
        header = found.header
        fields = {
            "version": (header.version, message.version),
            "length": (header.length, len(octets)),
            "command": (header.command_code, code_of(message)),
            "request": (header.is_request, message.is_request),
            "proxiable": (header.is_proxyable, message.proxiable),
            "error": (header.is_error, message.is_error),
            "retransmitted": (header.is_retransmit, message.retransmitted),
            "application": (header.application_id, int(message.application_id)),
            "hop by hop": (header.hop_by_hop_identifier, message.hop_by_hop_id),
            "end to end": (header.end_to_end_identifier, message.end_to_end_id),
        }
        wrong += [f"{name}: {pair}" for name, pair in fields.items() if pair[0] != pair[1]]
        wrong += differences(message.avps, found.avps, counts)
        counts["messages"] += 1
    assert wrong == []
    assert counts["avps"] == sum(map(inside, sent(later)))
    for name, count in counts.items():
        record_property(f"Diameter of an attach: {name} compared with python-diameter", count)


#: Attributes of its messages, and the AVPs that they are.
ATTRIBUTES = {
    "session_id": diameter.SessionId,
    "origin_host": diameter.OriginHost,
    "origin_realm": diameter.OriginRealm,
    "destination_host": diameter.DestinationHost,
    "destination_realm": diameter.DestinationRealm,
    "result_code": diameter.ResultCode,
    "user_name": diameter.UserName,
    "auth_request_type": diameter.AuthRequestType,
    "auth_session_state": diameter.AuthSessionState,
    "termination_cause": diameter.TerminationCause,
    "cancellation_type": diameter.CancellationType,
    "server_assignment_type": diameter.ServerAssignmentType,
}


def test_python_diameter_knows_the_commands(later: Later) -> None:
    """Its typed messages say the same, each command by its name there."""
    compared = Counter[str]()
    for message in sent(later):
        found: Any = peer.Message.from_bytes(message.encode())
        assert type(found).__name__ == type(message).__name__
        for name, kind in ATTRIBUTES.items():
            if not hasattr(found, name):
                continue
            value = getattr(found, name)
            value = value.decode() if isinstance(value, bytes) else value
            own = next(iter(values(message, kind)), None)
            assert value == own, (message, name)
            compared[name] += 1
    assert compared["origin_host"] == len(sent(later))
    assert len(compared) >= 8
