"""Information of sparse columns of labels and a target, in time that grows with stored values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fastinfo._codes.labels import encode
from fastinfo._column_readers.sparse_columns import SparseColumns
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.threads import run_in_order
from fastinfo._counts.dense_or_sparse import DENSE_CELLS
from fastinfo._counts.table import Table
from fastinfo._measures.information import information_of
from fastinfo.kernels.counting.sparse_columns import count_beside
from fastinfo.kernels.encoding import sparse_levels as kernels
from fastinfo.kernels.information.many.tables import informations

_MOST_LEVELS = 254  # of a column that is counted beside others
_STORED = 1 << 20  # samples that are counted at a time, about
_LARGEST = 2**53  # integers up to here are float64 numbers


def information_of_labels(columns: SparseColumns, target: Coded) -> Array:
    """Mutual information in nats of each column of labels with the target; nothing is missing."""
    starts, f = columns.starts, len(columns)
    margin = np.bincount(target.codes, minlength=target.n_levels + 1).astype(np.int64)
    others = read_only(np.ascontiguousarray(target.codes))
    most = max(min(_MOST_LEVELS, DENSE_CELLS // max(target.n_levels, 1)), 1)
    steps = np.flatnonzero(np.diff(starts[:-1] // _STORED)) + 1 if f else np.zeros(0, np.int64)
    bounds = [0, *steps.tolist(), f]

    def measure(span: tuple[int, int]) -> Array:
        part = columns[slice(*span)]
        m = len(part)
        sizes, levels = np.full(m, -1, np.int64), np.empty(m * most)
        codes, usual = np.zeros(part.values.size, np.uint8), np.zeros(m, np.uint8)
        sides = read_only(part.starts), read_only(part.values.astype(np.float64)), part.n_rows
        if _is_exact(part.values):
            kernels.few_levels(*sides, 0.0, most, levels, sizes)
            known = levels, sizes, codes, usual, np.empty(m, np.int64)
            kernels.codes_of_levels(*sides, 0.0, most, *known)
        few = np.flatnonzero(sizes >= 0)
        found = np.empty(m)
        if few.size:
            kept = sizes[few]
            layout = read_only(np.stack([np.cumsum(kept) - kept, kept], axis=1))
            out = np.empty((int(kept.sum()), target.n_levels), np.int64)
            stored = read_only(part.starts), part.rows, read_only(codes), read_only(usual)
            count_beside(*stored, few, layout, others, read_only(margin), out, 0)
            own = np.empty(few.size)
            informations(out, layout, own)
            found[few] = own
        for i in np.flatnonzero(sizes < 0).tolist():
            found[i] = information_of(Table.count(encode(np.asarray(part[i])), target))
        return found

    return np.concatenate(run_in_order(measure, list(pairwise(bounds))))


def _is_exact(values: Array) -> bool:
    """Whether all values remain different when converted to float64."""
    if values.dtype.kind not in "iu" or values.itemsize < 8 or not values.size:
        return True
    return max(-int(values.min()), int(values.max())) < _LARGEST
