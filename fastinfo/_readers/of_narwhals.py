"""Columns of narwhals: those of the library beneath."""

from __future__ import annotations

from typing import Any

from fastinfo import _readers
from fastinfo._readers.forms import Form


def read(samples: Any, subject: str) -> Form:
    """Read a series of narwhals."""
    return _readers.read(samples.to_native(), subject)
