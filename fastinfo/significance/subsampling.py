"""Intervals of estimates without bins, from subsamples drawn without replacement."""

from __future__ import annotations

import math
import statistics

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order
from fastinfo._neighbors.estimators import Samples
from fastinfo._neighbors.options import Options

_PARTS = 4  # a subsample is one of so many parts


def subsampled_interval(
    samples: Samples, options: Options, n_resamples: int, key: Array, tail: float, method: str
) -> tuple[float, float, float, float]:
    """
    Return the lower and upper end, the estimate and the standard error, in nats.

    The variance of an estimate from n samples falls as 1 / n (Holmes & Nemenman 2019). If m of n
    samples are drawn without replacement, the variance between subsamples is the variance for m
    samples minus the variance for n. So the deviations of subsamples from their mean, times
    ``sqrt(m / (n - m))``, are those of the whole. Draws with replacement would repeat samples, and
    a repeated sample is its own neighbour.
    """
    n, m = samples.n, samples.n // _PARTS
    if m <= options.k:
        raise ValueError(
            f"x and y must have at least {_PARTS * (options.k + 1)} complete samples for an "
            f"interval with estimator={options.estimator!r} and n_neighbors={options.k}, got {n}"
        )
    samples = samples.with_noise()
    found = samples.estimate()
    if not math.isfinite(found):
        return found, found, found, math.nan
    entropy = [int(word) for word in key]

    def of(i: int) -> float:
        rng = np.random.default_rng([*entropy, i])
        rows = np.sort(rng.choice(n, m, replace=False, shuffle=False))
        return samples.take(rows).estimate(told=False)  # the whole is told of

    drawn = [value for value in run_in_order(of, range(n_resamples)) if math.isfinite(value)]
    if not drawn:
        return math.nan, math.nan, found, math.nan
    mean, scale = statistics.fmean(drawn), math.sqrt(m / (n - m))
    low, high = (scale * (np.quantile(drawn, [tail, 1.0 - tail]) - mean)).tolist()
    error = scale * statistics.stdev(drawn) if len(drawn) > 1 else math.nan
    ends = (found + low, found + high) if method == "percentile" else (found - high, found - low)
    return *ends, found, error
