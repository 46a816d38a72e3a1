"""CPU time of this process and of those that it has waited for: other programs don't count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

try:
    import resource
except ImportError:  # Windows, which tells no time of processes that have ended
    clock = time.perf_counter
else:

    def clock() -> float:
        """Seconds that a difference can be taken of."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime


def seconds(function: Callable[[], Any]) -> float:
    """Time of one call."""
    start = clock()
    function()
    return clock() - start
