"""How many different values a column has that is read part by part: an estimate in little memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array

_KEPT = 4096  # hashes: the standard error is 1 / sqrt of that


class DistinctValues:
    """
    The smallest hashes of the values of a column, from which the number of values is estimated.

    Hashes are spread evenly, so that the smallest ones lie the closer together the more there are.
    Bar-Yossef, Jayram, Kumar, Sivakumar & Trevisan (2002), Counting Distinct Elements in a Data
    Stream, https://doi.org/10.1007/3-540-45726-7_1, and Beyer et al. (2007), On Synopses for
    Distinct-Value Estimation Under Multiset Operations, https://doi.org/10.1145/1247480.1247504.
    """

    def __init__(self) -> None:
        self._least = np.zeros(0, np.uint64)

    def add(self, column: Any) -> None:
        """Take a part of the column, as Arrow has it."""
        found = _hashes(column.drop_null())
        if self._least.size == _KEPT:
            found = found[found < self._least[-1]]
        self._least = np.union1d(self._least, found)[:_KEPT]

    @property
    def number(self) -> int:
        """How many different values there are, about; the exact number of a few thousand."""
        if self._least.size < _KEPT:
            return self._least.size
        return round((_KEPT - 1) / (int(self._least[-1]) / 2.0**64))


def _hashes(column: Any) -> Array:
    """Hashes of 64 bits of the values of a column."""
    try:
        import duckdb
    except ImportError as error:
        raise ImportError(
            "to describe data that is read part by part DuckDB is needed: "
            'pip install "fastinfo[frames]"'
        ) from error
    import pyarrow as pa

    with duckdb.connect() as connection:
        values = connection.from_arrow(pa.table({"value": column}))
        found: Array = values.project("hash(value) as h").fetchnumpy()["h"]
    return found
