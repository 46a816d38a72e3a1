"""Columns of narwhals: those of the library beneath."""

from __future__ import annotations

from typing import Any

from fastinfo import _column_readers
from fastinfo._column_readers.forms import Form


def read(samples: Any, subject: str) -> Form:
    """Read a series of narwhals."""
    return _column_readers.read(samples.to_native(), subject)
