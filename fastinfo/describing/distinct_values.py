"""Estimate the number of different values of a column in parts, in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import missing_packages

_KEPT = 4096  # hashes: the standard error is 1 / sqrt of that


class DistinctValues:
    """
    Estimate the number of different values of a column from their smallest hashes.

    Hashes are spread evenly. So the more there are, the closer together the smallest ones lie.
    Bar-Yossef, Jayram, Kumar, Sivakumar & Trevisan (2002), Counting Distinct Elements in a Data
    Stream, https://doi.org/10.1007/3-540-45726-7_1, and Beyer et al. (2007), On Synopses for
    Distinct-Value Estimation Under Multiset Operations, https://doi.org/10.1145/1247480.1247504.
    """

    def __init__(self) -> None:
        self._least = np.zeros(0, np.uint64)

    def add(self, hashes: Array) -> None:
        """Add the hashes of a part of the column."""
        found = hashes[hashes < self._least[-1]] if self._least.size == _KEPT else hashes
        self._least = np.union1d(self._least, found)[:_KEPT]

    @property
    def number(self) -> int:
        """Number of different values: an estimate, but exact up to a few thousand."""
        if self._least.size < _KEPT:
            return self._least.size
        return round((_KEPT - 1) / (int(self._least[-1]) / 2.0**64))


class Hashes:
    """64-bit hashes of Arrow columns, computed by DuckDB."""

    def __init__(self) -> None:
        try:
            import duckdb
        except ImportError as error:
            work = "describing data that is read part by part needs"
            raise missing_packages(work, "duckdb", extra="frames") from error
        self._connection = duckdb.connect()

    def of(self, columns: Sequence[Any]) -> list[Array]:
        """Hashes of the values of each column, without missing values."""
        import duckdb

        try:
            return self._of(columns)
        except duckdb.Error:  # it has not all of Arrow's types
            return self._of([_written_out(column) for column in columns])

    def _of(self, columns: Sequence[Any]) -> list[Array]:
        import pyarrow as pa

        names = [f"c{i}" for i in range(len(columns))]
        values = self._connection.from_arrow(pa.table(list(columns), names))
        wanted = ", ".join(f"case when {c} is not null then hash({c}) end as {c}" for c in names)
        found = values.project(wanted).fetchnumpy()
        return [np.ma.compressed(found[name]) for name in names]


def _written_out(column: Any) -> Any:
    """Cast a column to text, unless it holds integers, floats or text."""
    import pyarrow as pa

    kind = column.type
    plain = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_string)
    return column if any(is_kind(kind) for is_kind in plain) else column.cast(pa.string())
