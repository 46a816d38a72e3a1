"""Mutual information that chance alone would give: its expectation over tables of given margins."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.information import expected as kernels

_SIZES = 16  # distinct counts that one call of the kernel sees
_FEW = 256  # cells of distinct margins that are no work for several threads


def _distinct(margin: Array) -> tuple[Array, Array]:
    """The counts above 0, each once, and how often each occurs; float64."""
    values, times = np.unique(margin[margin > 0.0], return_counts=True)
    return read_only(values.astype(np.float64)), read_only(times.astype(np.float64))


def expected_of_margins(x_counts: Array, y_counts: Array, n: float) -> float:
    """
    Expected mutual information, in nats, of all tables of `n` samples with these whole margins.

    Vinh, Epps & Bailey 2010, https://jmlr.org/papers/v11/vinh10a.html, theorem 2. The cost grows
    with the number of distinct counts in both margins, not with the number of samples.
    """
    sizes = [_distinct(x_counts), _distinct(y_counts)]
    # The same sum for both orders of the variables, to the bit.
    if (sizes[0][0].size, *sizes[0][0].tolist()) > (sizes[1][0].size, *sizes[1][0].tolist()):
        sizes.reverse()
    (few, few_times), (many, many_times) = sizes

    large = True if few.size and few[-1] * many[-1] >= kernels.LARGE * n else None

    def add_up(span: tuple[int, int]) -> float:
        part = slice(*span)
        return float(
            kernels.expected_mutual_information(
                many[part], many_times[part], few, few_times, n, large
            )
        )

    if few.size * many.size <= _FEW:
        return add_up((0, many.size))
    return sum(run_in_order(add_up, spans(many.size, _SIZES)), 0.0)


def chance_of_levels(n: Array, rows: Array, columns: Array) -> Array:
    """Information of independent columns in tables of `n` samples, about, in nats."""
    fewer = np.maximum(np.minimum.outer(rows, columns) - 1.0, 0.0)
    more = np.maximum(np.maximum.outer(rows, columns) - 1.0, 1.0)
    # E log(1 + X) - log(mean) of a Poisson variable X, the samples in a cell, to a few percent
    mean = np.maximum(n, 1.0) / (more * np.maximum(fewer, 1e-300))
    found = np.log1p((1.0 + 1.0 / (1.0 + mean)) / (2.0 * mean))
    # and where a row has one sample each: all of the entropy
    one_each = np.log1p(fewer / (2.0 * np.maximum((n - 1.0) / more, 1.0) - 1.0))
    most: Array = np.minimum(np.maximum(found, one_each), np.log1p(fewer))
    return most
