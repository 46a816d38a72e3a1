"""No garbage collection during compilations, in processes that belong to fastinfo."""

from __future__ import annotations

import functools
import gc
from typing import Any

from numba.core import event


class _Listener(event.Listener):  # type: ignore[misc]
    """Called by numba at the beginning and the end of each compilation, by one thread at a time."""

    def __init__(self) -> None:
        self._depth = 0  # compilations are nested
        self._collects = False  # outside of them

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._collects = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._collects:
            gc.enable()


@functools.cache
def compile_uncollected() -> None:
    """
    Let this process collect no garbage while it compiles.

    A compilation makes many objects, so the collector looks again and again through all that were
    imported. This takes up to a fifth of the time.
    """
    event.register("numba:compile", _Listener())
