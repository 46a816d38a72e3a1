"""Data frames of pandas and Polars: read their counts, return a frame with the same labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_numeric, library_of
from fastinfo.cooccurrence.dense import measure_table
from fastinfo.cooccurrence.measures import Asked
from fastinfo.cooccurrence.sparse_matrices import measure_matrix


def is_frame(table: Any) -> bool:
    """Whether `table` is a data frame that :func:`measure_frame` accepts."""
    if library_of(type(table)) not in ("pandas", "polars"):
        return False
    return len(getattr(table, "shape", ())) == 2


def measure_frame(frame: Any, asked: Asked) -> Any:
    """Measure each cell of a data frame; the result is a frame with the same labels."""
    if library_of(type(frame)) == "polars":
        import polars as pl

        found = measure_table(_numbers(frame.columns, frame.get_columns()), asked)
        return pl.DataFrame(found, schema=frame.columns, orient="row")
    import pandas as pd

    kinds = list(frame.dtypes)
    if kinds and all(isinstance(kind, pd.SparseDtype) and kind.fill_value == 0 for kind in kinds):
        return _measure_sparse(frame, asked)
    columns = [frame.iloc[:, j] for j in range(len(kinds))]
    found = measure_table(_numbers(list(frame.columns), columns), asked)
    return pd.DataFrame(found, index=frame.index, columns=frame.columns, copy=False)


def _numbers(names: list[Any], columns: list[Any]) -> Array:
    """The columns as one array."""
    if not columns:
        raise ValueError("table_or_sparse must hold at least one cell, got a frame without columns")
    return np.column_stack(
        [as_numeric(a, f"column {n!r}") for n, a in zip(names, columns, strict=True)]
    )


def _measure_sparse(frame: Any, asked: Asked) -> Any:
    """Measure a frame of Sparse columns; the result is filled with the value of an empty cell."""
    import pandas as pd

    matrix = frame.sparse.to_coo().tocsc()
    found = measure_matrix(matrix, asked)
    plain = pd.DataFrame.sparse.from_spmatrix(
        found, index=frame.index, columns=range(found.shape[1])
    )
    columns = {}
    for j in range(found.shape[1]):
        columns[j] = plain.iloc[:, j].array.copy()
        columns[j].fill_value = asked.measure.unseen
    result = pd.DataFrame(columns, index=frame.index, copy=False)
    result.columns = frame.columns
    return result
