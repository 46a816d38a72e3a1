"""Memory that parts took and nobody needs: given back to the system, which the C library delays."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

#: Parts after which memory is given back.
OFTEN = 4


@cache
def _trim() -> Any:
    """What gives memory back where the C library is that of GNU, None elsewhere."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back_memory() -> None:
    """Give memory back to the system that is free within this process."""
    trim = _trim()
    if trim is not None:
        trim(0)
