"""One line, shown once, when a process has been compiling for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
from numba.core import event

from fastinfo._core.compiled_code.made_for import why_unusable
from fastinfo._core.compiled_code.places import cache_directory

_SECONDS = 1.0


class _Listener(event.Listener):  # type: ignore[misc]
    """Called by numba at the beginning and the end of each compilation."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._depth = 0  # compilations are nested
        self._spent = 0.0  # seconds in finished compilations
        self._begin = 0.0
        self._said = False

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._begin = time.monotonic()
        self._depth += 1
        self._look(time.monotonic() - self._begin)

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        running = time.monotonic() - self._begin
        if self._depth == 0:
            self._spent += running
            running = 0.0
        self._look(running)

    def _look(self, running: float) -> None:
        if not self._said and self._spent + running > _SECONDS:
            self._said = True
            self._say(_line())


def say_when_compiling(say: Callable[[str], None]) -> None:
    """Call `say` with a line as soon as this process has compiled for a second."""
    event.register("numba:compile", _Listener(say))


def _line() -> str:
    provided = numba.config.CACHE_DIR
    reason = why_unusable(provided) if provided else None
    if cache_directory() is None:
        return (
            "compiling at each start, since no directory for compiled code is writable: set "
            "NUMBA_CACHE_DIR to one that is"
        )
    line = "compiling, once for this version; later runs find the code"
    return f"{line}. The code in {provided} can't be used: {reason}" if reason else line
