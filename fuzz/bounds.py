"""What an input may cost: so much, and so much more for each of its octets.

The first input of a class waits for its codec to be written, and instrumented code is several times
slower than the library is: these bounds are met by what is linear and missed by what is not.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

__all__ = ["bounded"]

#: CPU seconds.
SECONDS, SECONDS_PER_OCTET = 5.0, 0.002

#: Octets that the process grows by, beyond the most that it ever had before.
MEMORY, MEMORY_PER_OCTET = 64 << 20, 16 << 10


def bounded(one: Callable[[bytes], None], octets: bytes) -> None:
    """Run a target on an input; AssertionError where that costs more than it may."""
    seconds, memory = time.process_time(), _peak()
    one(octets)
    seconds, memory = time.process_time() - seconds, _peak() - memory
    size = len(octets)
    assert seconds <= SECONDS + SECONDS_PER_OCTET * size, f"{seconds:.1f} s for {size} octets"
    assert memory <= MEMORY + MEMORY_PER_OCTET * size, f"{memory} octets more for {size} octets"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
