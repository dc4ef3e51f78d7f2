"""What a fuzzer once found, and the seeds it begins with, given to the targets as plain functions."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fuzz.bounds import bounded

FUZZ = Path(__file__).parents[2] / "fuzz"
TARGETS = sorted(path.stem for path in (FUZZ / "targets").glob("[!_]*.py"))


FOUND = [
    pytest.param(path, id=f"{path.parent.name}-{path.name}")
    for path in sorted((FUZZ / "regressions").glob("*/*"))
]


def target(name: str) -> Any:
    return import_module(f"fuzz.targets.{name}")


@pytest.mark.parametrize("path", FOUND)
def test_what_was_found_is_mended(path: Path) -> None:
    bounded(target(path.parent.name).one, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    seeds = sorted((FUZZ / "seeds" / name).iterdir())
    assert 4 <= len(seeds) <= 60
    for path in seeds:
        bounded(target(name).one, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_mutations(name: str) -> None:
    """They are drawn from `rng` alone, and give what a target takes."""
    module = target(name)
    seeds = [path.read_bytes() for path in sorted((FUZZ / "seeds" / name).iterdir())]
    changed = 0
    for number in range(60):
        octets = seeds[number % len(seeds)]
        found = module.mutate(octets, Random(number))
        assert found == module.mutate(octets, Random(number))
        changed += found != octets
        bounded(module.one, found)
    assert changed > 40


def test_folders_are_those_of_targets() -> None:
    assert len(TARGETS) == 11
    for kind in ("regressions", "seeds"):
        assert {path.name for path in (FUZZ / kind).iterdir()} <= set(TARGETS)


def test_every_find_has_its_line() -> None:
    text = (FUZZ / "README.md").read_text()
    for path in (FUZZ / "regressions").glob("*/*"):
        assert f"`{path.parent.name}/{path.name}`" in text
