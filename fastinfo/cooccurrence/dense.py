"""Association measures for the cells of a dense table."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo.cooccurrence.counts import (
    Margins,
    as_counts,
    check_counts,
    check_spread,
    has_tiny,
    in_unit,
    is_extreme,
    result_dtype,
    unit_of,
)
from fastinfo.cooccurrence.measures import Asked
from fastinfo.kernels.cooccurrence.rows import measure_rows

_CELLS = 1 << 17  # of a piece


def measure_table(table: Array, asked: Asked) -> Array:
    """Measure each cell of a two-dimensional array of real numbers."""
    if table.ndim != 2:
        raise ValueError(f"table_or_sparse must be two-dimensional, got shape {table.shape}")
    if not table.size:
        raise ValueError(f"table_or_sparse must hold at least one cell, got shape {table.shape}")
    size = float(table.size) * result_dtype(table.dtype).itemsize
    check_memory(size, f"a result of shape {table.shape}", "give a sparse matrix")
    pieces = spans(len(table), max(_CELLS // table.shape[1], 1))
    margins = _margins(table, pieces)
    if margins is None:
        exponent = unit_of(table)
        counts = in_unit(table, exponent)
        found = _margins(counts, pieces, exponent)
        assert found is not None
        check_spread(found)
    else:
        counts, found = table, margins
    out = np.empty(table.shape, result_dtype(table.dtype))
    least = found.least(asked) if asked.least else 0.0
    sums = found.smoothed(asked).columns

    def measure(span: tuple[int, int]) -> None:
        part = slice(*span)
        measure_rows(
            asked.measure.code,
            as_counts(counts[part]),
            found.rows[part],
            sums,
            found.n,
            found.half,
            least,
            asked.measure.unseen,
            asked.shift,
            asked.divisor,
            out[part],
        )

    run_in_order(measure, pieces, small=True)
    found.to_unit(out, asked)
    return out


def _margins(table: Array, pieces: list[tuple[int, int]], exponent: int = 0) -> Margins | None:
    """Row and column sums; None if counts are so large or small that products would be inexact."""
    rows, columns = np.empty(table.shape[0]), np.zeros(table.shape[1])
    odd = False
    for start, stop in pieces:
        counts = as_counts(table[start:stop])
        with np.errstate(over="ignore", invalid="ignore"):
            counts.sum(axis=1, dtype=np.float64, out=rows[start:stop])
            columns += counts.sum(axis=0, dtype=np.float64)
        odd |= bool(counts.min() < 0) or has_tiny(counts)
    with np.errstate(over="ignore", invalid="ignore"):
        margins = Margins(rows, columns, float(rows.sum()), exponent)
    if not odd and not is_extreme(margins):
        return margins
    if exponent:
        return margins
    check_counts(table, "table_or_sparse")
    return None
