"""Return the memory of parts to the system, because the C library would delay this."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

#: Memory is returned after so many parts.
OFTEN = 4


@cache
def _trim() -> Any:
    """The function of the GNU C library that returns memory; None on other systems."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back_memory() -> None:
    """Return the free memory of this process to the system."""
    trim = _trim()
    if trim is not None:
        trim(0)
