"""Code a few samples of plain columns, each by one or two calls of a kernel.

This is a short cut for cases in which calling kernels takes longer than the kernels themselves:
NumPy vectors of the same length, with integers of few values, or floats without missing values in
bins of equal counts. For all others, the general code codes them or raises an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._bins.quantiles import edges_of_sorted
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import encode_few
from fastinfo._core.checks import Array, as_vector, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo.kernels.binning import edges as kernels

_MOST = 1 << 13  # coding more samples than this takes longer than calling a kernel
_MOST_BINS = 254  # with up to this many bins, codes are bytes


def few_edges(a: Array, bins: int) -> Array | None:
    """Edges of equal counts of floats that are all finite, and not all equal."""
    values = a.copy()
    values.sort()
    if not -math.inf < values[0] < values[-1] < math.inf:  # NaN is sorted to the end
        return None
    return read_only(edges_of_sorted(read_only(values.astype(np.float64, copy=False)), bins))


def code_few(
    samples: Sequence[Any], binning: Binning, mi_rule: Callable[[int], int]
) -> list[Coded] | None:
    """
    Codes of columns, each as :func:`fastinfo._bins.coded_variables.code_columns` codes it.

    None if one is not plain, or if bins are not a number of bins of equal counts for all.
    """
    if not _are_plain(samples, binning):
        return None
    coded = []
    dtype = None
    for a in samples:
        if a.dtype.kind in "biu":
            found = encode_few(a)
            if found is None or found.n_levels > MOST_LABELS:
                return None
        else:
            if dtype is not None and dtype != a.dtype:
                return None
            dtype = a.dtype
            found = code_floats(a, binning, mi_rule)
            if found is None:
                return None
        coded.append(found)
    return coded


def _are_plain(samples: Sequence[Any], binning: Binning) -> bool:
    """Whether the short cut can be used for columns, given their types and the options."""
    n = -1
    for a in samples:
        if type(a) is not np.ndarray or a.ndim != 1:
            return False
        if n < 0:
            n = a.size
        if a.size != n:
            return False
    word = isinstance(binning.discrete, str) and binning.discrete == "auto"
    return word and binning.range is None and 0 < n <= _MOST


def code_floats(
    a: Array, own: Binning, mi_rule: Callable[[int], int], out: Array | None = None
) -> Coded | None:
    """
    Codes of a few floats in bins of equal counts, as by :func:`.quantiles.code_equal_counts`.

    They are written to `out` if that holds bytes. None if a sample is missing or infinite, if all
    are equal, or if bins are not a number, or the rule "mi", of equal counts.
    """
    vector = as_vector(a) if 0 < a.size <= _MOST and own.range is None else None
    bins = own.bins
    if isinstance(bins, str):
        bins = mi_rule(a.size) if bins == "mi" else 0
    if vector is None or own.strategy != "quantile":
        return None
    if type(bins) is not int or not 0 < bins <= _MOST_BINS:
        return None
    edges = few_edges(vector, bins)
    if edges is None or edges.size > _MOST_BINS:
        return None
    codes = out if out is not None and out.dtype == np.uint8 else np.empty(a.size, np.uint8)
    kernels.codes_from_edges(vector, edges, codes)
    return Coded(codes, edges.size - 1, edges=edges)
