"""Peers, corpus and Hypothesis profiles for all tests."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

DATA = Path(__file__).parent / "data"

# A machine with other work is no reason to fail.  Where `CI` is set, Hypothesis would add how to
# reproduce an example to what tests compare.
settings.register_profile(
    "dev",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", parent=settings.get_profile("dev"), max_examples=100)
settings.load_profile(os.environ.get("MIP6BOOT_PROFILE", "dev"))

# Hypothesis also draws numbers that it finds in modules that are not installed ones, so that what a
# test draws would depend on how this package is installed, and on which tests have run before.
setattr(providers, "_get_local_constants", lambda: providers._local_constants)  # noqa: B010


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests counted: inputs accepted and rejected, values compared."""
    totals: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, count in report.user_properties:
            totals[name] += count
    for name, count in sorted(totals.items()):
        terminalreporter.write_line(f"{name}: {count}")


@pytest.fixture(scope="session")
def tshark() -> str:
    """The path of tshark; without it the test skips, or fails where peers are required."""
    found = shutil.which("tshark")
    if found is None:
        if os.environ.get("MIP6BOOT_REQUIRE_PEERS") == "1":
            pytest.fail("tshark is required here and not installed")
        pytest.skip("tshark is not installed")
    return found


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of public captures; it is not part of the project, so without it tests skip."""
    folder = os.environ.get("MIP6BOOT_CORPUS")
    if not folder:
        pytest.skip("MIP6BOOT_CORPUS is not set")
    return Path(folder)
