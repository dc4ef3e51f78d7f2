"""Warnings of captures as lines on standard error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from ..capture import CaptureWarning

__all__ = ["warnings_shown"]


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Show what the block was warned of, once it has ended."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CaptureWarning)
        try:
            yield
        finally:
            for warning in caught:
                print(f"mip6boot: warning: {warning.message}", file=sys.stderr)
