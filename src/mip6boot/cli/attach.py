"""`mip6boot attach`: the S2c roaming attach, message by message."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from .. import capture
from ..errors import ConfigError
from ..flow.attach import AttachMessage, AttachResult, Later, attach
from ..flow.scenario import EPOCH, LATENCY, Authentication, HomeAddress, Profile, Variant
from ..flow.ue_settings import HomeAgentDiscovery, UeState
from ..packets.jsontext import json_text, packet_text
from ..security import Rng, write_tables
from .output import JSON_VERSION

__all__ = ["run"]

#: What is said at the end, by where the UE is.
_END = {
    UeState.CONNECTED: "IP connectivity is up",
    UeState.HOME: "IP connectivity is up: the UE is at home, and needs no binding",
    UeState.DOWN: "the UE is detached, and its binding is gone",
}

#: What the steps of the procedure are.
_STEPS = {
    1: "link up", 2: "authentication at the access, through the AAA", 3: "the home agent is found",
    4: "IKEv2 with the home agent: keys and a home address", 5: "Binding Update",
    6: "Binding Acknowledgement", 7: "the HSS learns which home agent serves the UE",
    9: "afterwards",
}  # fmt: skip


def run(
    *,
    profile: str,
    discovery: str,
    authentication: str,
    home_address: str,
    later: tuple[str, ...],
    seed: int,
    output: Path | None,
    keys: Path | None,
    form: str | None,
) -> int:
    """Attach, print, and write what is asked for; 0 if IP connectivity is up, else 1."""
    variant = Variant(
        profile=Profile(profile),
        discovery=HomeAgentDiscovery(discovery),
        authentication=Authentication(authentication),
        home_address=HomeAddress(home_address),
    )

    def rng_of(name: str) -> Rng:
        return Random(f"{seed}/{name}")

    result = attach(variant, rng_of, later=tuple(map(Later, later)))
    _write(result, output, keys)
    for text in {"json": _json, "tree": _tree}.get(form or "", _flow)(result):
        sys.stdout.write(text + "\n")
    return 0 if result.connected else 1


def _write(result: AttachResult, output: Path | None, keys: Path | None) -> None:
    """Write the capture and the tables, or where one of them cannot be written, neither."""
    if keys is None:
        if output is not None:
            capture.write(output, _frames(result))
        return
    is_new = not keys.exists()
    stage = _stage(keys)
    try:
        write_tables(stage, result.keyring)
        for table in stage.iterdir():
            if (keys / table.name).is_dir():
                raise ConfigError(f"{keys / table.name}: it is a folder")
        if output is not None:
            capture.write(output, _frames(result))
        for table in stage.iterdir():
            table.replace(keys / table.name)
    except BaseException as e:
        shutil.rmtree(stage if not is_new else keys)
        if isinstance(e, OSError):
            raise ConfigError(f"{keys}: {e.strerror}") from None
        raise
    stage.rmdir()


def _stage(keys: Path) -> Path:
    """A folder in the one for the tables, which is made if it is not there."""
    if keys.exists() and not keys.is_dir():
        raise ConfigError(f"{keys}: a folder is expected")
    try:
        keys.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=keys, prefix="."))
    except OSError as e:
        raise ConfigError(f"{keys}: {e.strerror}") from None


def _frames(result: AttachResult) -> Iterator[capture.Frame]:
    """All links, an interface each; comments name the step."""
    links = list(LATENCY)
    for message in result.messages:
        comment = f"step {message.step}: {message.text}" if message.step else message.text
        yield capture.Frame(
            message.frame,
            1,
            time_ns=EPOCH * 1_000_000_000 + round(message.time * 1e9),
            interface=links.index(message.link),
            comments=(comment,),
        )


# -- for people -----------------------------------------------------------------------------------
def _flow(result: AttachResult) -> Iterator[str]:
    """The call flow: a line a message."""
    yield from _call_flow(result)
    yield from _verdict(result)


def _call_flow(result: AttachResult) -> Iterator[str]:
    yield f"step    1  {_STEPS[1]}"
    before = 1
    for message in result.messages:
        if not message.step:
            continue
        # Some messages cross those of the next step; each step is headed once.
        if message.step > before:
            before = message.step
            yield f"step {before:>4}  {_STEPS[before]}"
        yield _line(message)


def _line(message: AttachMessage) -> str:
    receivers = ", ".join(message.receivers) or "-"
    way = f"{message.sender} > {receivers}"
    return f"{message.step:>4} {message.time:10.3f}  {message.link:8}  {way:34}  {message.text}"


def _verdict(result: AttachResult) -> Iterator[str]:
    scenario = result.scenario
    known = scenario.aaa.mme.contexts
    for imsi, present in known.items():
        if not present:
            yield f"           the old MME was told: {imsi} is not present any more"
    if _is_up(result):
        binding = f"{result.home_address} at {result.care_of_address}"
        yield f"step    8  {binding}, home agent {result.home_agent}, {result.lifetime} s"
    yield _END[scenario.ue.state] if result.connected else f"no IP connectivity: {result.reason}"


def _is_up(result: AttachResult) -> bool:
    scenario = result.scenario
    tunnels = scenario.home_agent.tunnels(scenario.network.now)
    return result.home_address in tunnels


def _tree(result: AttachResult) -> Iterator[str]:
    """The call flow with each message as a tree."""
    for message in result.messages:
        yield _line(message)
        for part in (message.packet, *message.opened):
            yield "\n".join(f"      {line}" for line in str(part).split("\n"))
    yield from _verdict(result)


# -- for programs ---------------------------------------------------------------------------------
def _json(result: AttachResult) -> Iterator[str]:
    """A line a message, and one for the result."""
    for message in result.messages:
        head = {
            "v": JSON_VERSION,
            "type": "message",
            "step": message.step,
            "time": f"{message.time:.6f}",
            "link": message.link,
            "sender": message.sender,
            "receivers": message.receivers,
            "text": message.text,
        }
        opened = ",".join(within.json_text() for within in message.opened)
        yield f'{json_text(head)[:-1]},{packet_text(message.packet)},"opened":[{opened}]}}'
    yield json_text(_result(result))


def _result(result: AttachResult) -> dict[str, Any]:
    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return {
        "v": JSON_VERSION,
        "type": "result",
        "connected": result.connected,
        "reason": result.reason,
        "home_address": text(result.home_address),
        "home_agent": text(result.home_agent),
        "care_of_address": text(result.care_of_address),
        "lifetime": result.lifetime,
    }
