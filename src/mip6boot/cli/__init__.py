"""The command `mip6boot`; needs the extra `mip6boot[cli]`."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command: exit 0 all well, 1 some packets failed, 2 usage or unreadable file."""
    try:
        from .commands import run
    except ImportError as e:
        if e.name not in ("click", "rich"):
            raise
        print(f"mip6boot: {e.name} is missing: pip install 'mip6boot[cli]'", file=sys.stderr)
        sys.exit(2)
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; the flush at exit must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    sys.exit(status)
