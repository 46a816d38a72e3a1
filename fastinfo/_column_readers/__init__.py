"""Readers of columns, one module for each library, loaded when the library is in use."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from fastinfo._column_readers.forms import Form
from fastinfo._core.checks import library_of, refuse_unreadable
from fastinfo._core.threads import unforked

#: The module that reads the columns of a library. What is of none of them is an array, or a list.
_READERS = {
    "narwhals": "narwhals",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "arrow",
}

Reader = Callable[[Any, str], Form]
_LOADED: dict[str, Reader] = {}


def reader_of(library: str) -> Reader:
    """The function that reads columns of a library."""
    module = _READERS.get(library, "numpy")
    if module not in _LOADED:
        with unforked:  # a child would wait for ever for a module that another thread imports
            _LOADED[module] = importlib.import_module(f"fastinfo._column_readers.of_{module}").read
    return _LOADED[module]


def read(samples: Any, subject: str) -> Form:
    """What a column holds; errors name it as the `subject`."""
    try:
        return reader_of(library_of(type(samples)))(samples, subject)
    except Exception as error:
        refuse_unreadable(samples, subject, error)
        raise
