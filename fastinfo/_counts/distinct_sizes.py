"""Distinct sizes of levels, on which everything about the margins of a table depends."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, as_vector, read_only
from fastinfo.kernels.information.expected import distinct_counts

_FEW = 64  # with up to this many counts, comparing them one by one is faster


class Distinct(NamedTuple):
    """Distinct counts above 0 in ascending order, and how often each occurs; float64."""

    sizes: Array
    times: Array


def distinct_sizes(counts: Array) -> Distinct:
    """The distinct counts of a margin."""
    vector = as_vector(counts) if counts.size <= _FEW else None
    if vector is not None and vector.dtype == np.float64:
        sizes, times = np.empty(vector.size), np.empty(vector.size)
        m = distinct_counts(vector, sizes, times)
        return Distinct(read_only(sizes[:m]), read_only(times[:m]))
    counts = counts[counts > 0]
    largest = counts.max(initial=0)
    if 4.0 * counts.size + 1024.0 >= largest and largest == math.floor(largest):
        all_times = np.bincount(counts.astype(np.int64))
        found = np.flatnonzero(all_times)
        often = all_times[found]
    else:
        values = np.sort(counts)
        last = np.flatnonzero(np.append(values[1:] != values[:-1], values.size > 0))
        found, often = values[last], np.diff(last, prepend=-1)
    return Distinct(read_only(found.astype(np.float64)), read_only(often.astype(np.float64)))
