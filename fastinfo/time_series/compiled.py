"""Transfer entropy inside ``@njit``."""

from __future__ import annotations

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._core.in_njit import typed_as
from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros
from fastinfo.numba_ext import bins as coding
from fastinfo.numba_ext import counts as counting
from fastinfo.numba_ext.arguments import is_complete
from fastinfo.numba_ext.types import in_base, left_out, number_or_none, plan_of
from fastinfo.time_series.transfer import transfer_entropy


@kernel
def _predicted(source, ns, target, nt, history, source_history, lag):
    """Times of the target values that are predicted: those whose pasts have no sample outside."""
    if history < 0 or source_history < 1 or lag < 0:
        raise ValueError("history and lag must be at least 0, source_history at least 1")
    first = max(history, lag + source_history - 1)
    if first >= target.size:
        raise ValueError(
            "source and target must have more samples than the number of steps looked back"
        )
    times = new_array(target.size - first, np.int64)
    m = 0
    for t in range(first, target.size):
        inside = target[t] < nt
        for back in range(1, history + 1):
            inside = inside and target[t - back] < nt
        for back in range(lag, lag + source_history):
            inside = inside and source[t - back] < ns
        if inside:
            times[m] = t
            m += 1
    return times[:m]


@kernel
def _past(codes, n, times, first, last):
    """Codes of the values from `first` to `last` steps back, and the number of levels."""
    out = new_zeros(times.size, np.uint32)
    keys = new_array(times.size, np.int64)
    levels = np.int64(1)
    for back in range(first, last + 1):
        for i in range(times.size):
            keys[i] = np.int64(out[i]) * n + np.int64(codes[times[i] - back])
        out, levels = coding.number_labels(keys, False)
    return out, levels


@typed_as(transfer_entropy)
def _transfer_entropy(
    source,
    target,
    history=1,
    source_history=1,
    lag=1,
    given=None,
    bins="mi",
    strategy="quantile",
    range=None,
    discrete="auto",
    base=None,
):
    function = "transfer_entropy"
    plan = plan_of(function, {"source": source, "target": target}, bins, strategy, discrete)
    left_out(function, given=given, range=range)
    number_or_none(function, "base", base)
    s_codes, t_codes = (
        coding.codes_by(label, kind, plan.by_counts, i, bins, MANY_BINS, gaps=True)
        for i, (label, kind) in enumerate(zip(plan.labels, plan.kinds, strict=True))
    )
    measure = counting.conditional_by(function, None)
    scaled = in_base(base)

    def measured(
        source,
        target,
        history=1,
        source_history=1,
        lag=1,
        given=None,
        bins="mi",
        strategy="quantile",
        range=None,
        discrete="auto",
        base=None,
    ):
        if source.size != target.size:
            raise ValueError("source and target must have the same length")
        if source.size == 0:
            raise ValueError("source and target must hold at least one sample")
        if not (is_complete(source) and is_complete(target)):
            return np.nan
        p, ns = s_codes(source, bins)
        q, nt = t_codes(target, bins)
        times = _predicted(p, ns, q, nt, history, source_history, lag)
        if times.size == 0:
            return np.nan
        x, y = q[times], _past(p, ns, times, lag, lag + source_history - 1)
        z = _past(q, nt, times, 1, history)
        return scaled(measure(x, nt, y[0], y[1], z[0], z[1], None), base)

    return measured
