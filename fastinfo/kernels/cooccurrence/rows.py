"""Association of the cells of a dense table, row by row."""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.cooccurrence.cells import PPMI, measure_cells
from fastinfo.kernels.elementary.memory import new_array

_BLOCK = 512


@kernel
def measure_rows(
    measure, table, row_sums, column_sums, n, half, least, unseen, shift, divisor, out
):
    """
    Measure the cells of some rows of a table; `row_sums` are the sums of these rows.

    A cell with a count of 0 or below `least` gets the value `unseen`. If that is NaN, a count of 0
    is measured like any other. A value is ``nats / divisor - shift``.
    """
    rows, columns = table.shape
    row = new_array(_BLOCK, np.float64)
    cells = new_array(_BLOCK, np.float64)
    sums = new_array(_BLOCK, np.float64)
    values = new_array(_BLOCK, np.float64)
    all_seen = np.isnan(unseen)
    for i in range(rows):
        total = row_sums[i]
        for k in range(_BLOCK):
            row[k] = total
        start = np.int64(0)
        while start < columns:
            size = columns - start if columns - start < _BLOCK else np.int64(_BLOCK)
            for k in range(np.uint64(size)):
                cells[k] = table[i, np.uint64(start) + k]
                sums[k] = column_sums[np.uint64(start) + k]
            measure_cells(measure, cells, row, sums, n, half, size, values)
            for k in range(np.uint64(size)):
                value = values[k] / divisor - shift
                value = value if (value > 0.0) | (measure != PPMI) else 0.0
                seen = (cells[k] >= least) & ((cells[k] > 0.0) | all_seen)
                value = value if seen else unseen
                known = (total > 0.0) & (sums[k] > 0.0)
                out[i, np.uint64(start) + k] = value if known else np.nan
            start += size
