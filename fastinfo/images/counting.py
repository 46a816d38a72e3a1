"""Tables of two images by plain bins, with the counts of ``numpy.histogram2d``."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._codes.coder import bin_samples, compares_in_float64
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import spans
from fastinfo._counts import dense
from fastinfo.images.samples import Samples

_STAGED = 4 * CHUNK  #: samples of which copies are made at a time


def count_in_bins(samples: Samples, edges: tuple[Array, Array]) -> Array:
    """
    Count the samples of two images among edges: int64, or float64 sums of their weights.

    Weights add up in the order of the samples.
    """
    if samples.is_whole and samples.weight is None:
        return _count(samples.common, *samples.images, None, edges)
    shape = edges[0].size - 1, edges[1].size - 1
    table = np.zeros(shape, np.int64 if samples.weight is None else np.float64)
    for span in spans(samples.n, _STAGED):
        part = _count(samples.common, *samples.part(span).alone(), edges)
        with np.errstate(over="ignore"):  # of weights: others refuse that
            table += part
    return table


def _count(
    common: np.dtype[Any],
    x: Array,
    y: Array,
    weights: Array | None,
    edges: tuple[Array, Array],
) -> Array:
    if weights is None and all(compares_in_float64(common, e) for e in edges):
        table = dense.count_between(x, y, *edges)
        if table is not None:
            return table
    coded = bin_samples(x, edges[0], common), bin_samples(y, edges[1], common)
    if weights is None:
        return dense.count_coded(*coded)
    return dense.count_coded_weighted(*coded, weights)
