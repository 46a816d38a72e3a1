"""Joint histograms of two images by plain bins, with the counts of ``numpy.histogram2d``."""

from __future__ import annotations

import numpy as np

from fastinfo._codes.coder import bin_samples, compares_in_float64
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import CHUNK, Coded
from fastinfo._core.threads import spans
from fastinfo._counts import dense
from fastinfo.images.samples import Samples

_STAGED = 4 * CHUNK  #: samples of which copies are made at a time


def count_in_bins(samples: Samples, edges: tuple[Array, Array]) -> Array:
    """
    Count the samples of two images between edges.

    The table is int64, or float64 with weights. Weights are summed in the order of the samples.
    """
    if samples.weight is not None:
        return _weigh(samples, edges)
    if samples.is_whole:
        return _count(samples, *samples.images, edges)
    table = np.zeros((edges[0].size - 1, edges[1].size - 1), np.int64)
    for span in spans(samples.n, _STAGED):
        x, y, _ = samples.part(span).alone()
        table += _count(samples, x, y, edges)
    return table


def _count(samples: Samples, x: Array, y: Array, edges: tuple[Array, Array]) -> Array:
    if all(compares_in_float64(samples.common, e) for e in edges):
        table = dense.count_between(x, y, *edges)
        if table is not None:
            return table
    return dense.count_coded(*_coded(samples, x, y, edges))


def _weigh(samples: Samples, edges: tuple[Array, Array]) -> Array:
    table = np.zeros((edges[0].size, edges[1].size))
    for span in spans(samples.n, _STAGED):
        x, y, weights = samples.part(span).alone()
        assert weights is not None
        dense.add_coded_weighted(*_coded(samples, x, y, edges), weights, table)
    return np.ascontiguousarray(table[:-1, :-1])


def _coded(samples: Samples, x: Array, y: Array, edges: tuple[Array, Array]) -> tuple[Coded, Coded]:
    return bin_samples(x, edges[0], samples.common), bin_samples(y, edges[1], samples.common)
