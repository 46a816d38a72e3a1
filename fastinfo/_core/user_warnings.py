"""Warnings that point at the user's line, wherever in the package they are given."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from types import FrameType

_MOST_NAMED = 10


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside of the package from which it was called."""
    level = 2
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def listed(names: Sequence[object]) -> str:
    """The first ten names, and how many more there are."""
    more = len(names) - _MOST_NAMED
    said = ", ".join(str(name) for name in names[:_MOST_NAMED])
    return f"{said} and {more} more" if more > 0 else said


def _is_ours(module: str) -> bool:
    return module == "fastinfo" or module.startswith("fastinfo.")
