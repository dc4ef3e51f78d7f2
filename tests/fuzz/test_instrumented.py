"""A fuzzer sees which way generated codecs take: the compiler's hook shows them to it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")

#: Executions that do not take a minute, and are many times those that it needs.
BUDGET = 500_000


def searched(folder: Path, executions: int, *arguments: str) -> tuple[bool, int]:
    """Whether the bug was found, and after how many executions."""
    found = subprocess.run(
        [
            sys.executable, "-m", "tests.fuzz.behind_compares", *arguments, "-seed=1",
            f"-runs={executions}", "-max_total_time=60", "-max_len=64", "-print_final_stats=1",
            f"-artifact_prefix={folder}/",
        ],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    count = re.search(r"number_of_executed_units: (\d+)", found.stdout)
    assert count is not None, found.stdout
    return "RuntimeError: behind four compares" in found.stdout, int(count[1])


def test_a_bug_behind_four_compares_is_found(tmp_path: Path) -> None:
    is_found, executions = searched(tmp_path, BUDGET)
    assert is_found
    (artifact,) = tmp_path.glob("crash-*")
    assert artifact.read_bytes() == bytes.fromhex("6bc117d8")
    # As many inputs again do not meet it where nobody sees the codec.
    is_found, blind = searched(tmp_path, 2 * executions, "--without-codecs")
    assert not is_found
    assert blind >= 2 * executions
