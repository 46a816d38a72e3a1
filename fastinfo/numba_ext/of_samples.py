"""Histograms, and information of samples, inside ``@njit``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from fastinfo._core.in_njit import jitable, typed_as
from fastinfo.histograms.one_variable import histogram
from fastinfo.histograms.two_variables import histogram2d
from fastinfo.information import entropies, mutual
from fastinfo.information.labels import mutual_info_score
from fastinfo.kernels import fused
from fastinfo.kernels.binning.edges import sample_range
from fastinfo.kernels.distributions.divergences import total
from fastinfo.kernels.elementary.memory import (
    as_matrix,
    as_vector,
    new_array,
    new_matrix,
    new_zeros,
)
from fastinfo.kernels.information.plug_in import margins
from fastinfo.numba_ext import bins as coding
from fastinfo.numba_ext import counts as counting
from fastinfo.numba_ext.arguments import as_common, as_floats, as_labels, is_complete
from fastinfo.numba_ext.types import (
    Plan,
    absent,
    bins_kind,
    in_base,
    left_out,
    narrow,
    number_or_none,
    plan_of,
    refuse,
    vector,
)

__all__: list[str] = []

# Histograms


@jitable
def _refuse_missing(a):
    """Raise an error if samples contain NaN, and thus have no finite range in NumPy."""
    if sample_range(a)[2] < a.size:
        raise ValueError("the range of samples with NaN is not finite")


def _is_pair(a: Any) -> bool:
    return isinstance(a, types.BaseTuple) and len(a) == 2


@typed_as(histogram)
def _histogram(a, bins=10, range=None, density=None, weights=None):
    function = "histogram"
    vector(function, "a", a)
    left_out(function, density=density, weights=weights)
    if narrow(a):
        refuse(function, "a", "must be float64 or integers: convert it with astype")
    if isinstance(bins, types.BaseTuple):
        refuse(function, "bins", f"must be an integer or edges, got {bins}")
    detected = absent(range)
    if not (detected or _is_pair(range)):
        refuse(function, "range", f"must be None or a pair of numbers, got {range}")
    if bins_kind(function, bins, "an integer or edges") == "edges":

        def among(a, bins=10, range=None, density=None, weights=None):
            return counting.count_one(coding.code_between(a, bins), bins.size - 1), bins.copy()

        return among

    def counted(a, bins=10, range=None, density=None, weights=None):
        samples = as_floats(a)
        if detected:
            _refuse_missing(samples)
            edges = coding.widths_of(samples, bins)
        else:
            edges = coding.edges_within(samples, bins, np.float64(range[0]), np.float64(range[1]))
        for i in np.arange(bins):
            if not edges[i] < edges[i + 1]:
                raise ValueError(
                    "Too many bins for data range. Cannot create so many finite-sized bins."
                )
        return counting.count_one(coding.code_among(samples, edges), bins), edges

    return counted


@typed_as(histogram2d)
def _histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    function = "histogram2d"
    vector(function, "x", x)
    vector(function, "y", y)
    left_out(function, range=range, density=density, weights=weights)
    parts = list(bins) if _is_pair(bins) else [bins, bins]
    kinds = [bins_kind(function, part, "an integer, edges, or a pair of those") for part in parts]
    x_edges_of, y_edges_of = (coding.edges_by(kind, False) for kind in kinds)
    first, second = (coding.setting_by(kind, i, bins, None) for i, kind in enumerate(kinds))
    detected = [kind != "edges" for kind in kinds]
    x_detected, y_detected = detected
    whole = [isinstance(a.dtype, types.Integer) for a in (x, y)]
    if all(whole) and x.dtype == y.dtype and not any(detected):

        def of_integers(x, y, bins=10, range=None, density=None, weights=None):
            if x.size != y.size:
                raise ValueError("x and y must have the same length")
            x_edges, y_edges = first(bins, 0), second(bins, 0)
            p, q = coding.code_between(x, x_edges), coding.code_between(y, y_edges)
            table = counting.count_table(p, x_edges.size - 1, q, y_edges.size - 1)
            return table, x_edges.copy(), y_edges.copy()

        return of_integers

    def counted(x, y, bins=10, range=None, density=None, weights=None):
        p, q = as_common(x, y)
        if p.size != q.size:
            raise ValueError("x and y must have the same length")
        if x_detected:
            _refuse_missing(p)
        if y_detected:
            _refuse_missing(q)
        x_edges = x_edges_of(p, first(bins, p.size))
        y_edges = y_edges_of(q, second(bins, q.size))
        return counting.count_between(p, q, x_edges, y_edges), x_edges, y_edges

    return counted


# Two variables


@jitable
def _check_sizes(x, y):
    if x.size != y.size:
        raise ValueError("x and y must have the same length")
    if x.size == 0:
        raise ValueError("x and y must hold at least one sample")


def _count_numbers(plan: Plan, bins: Any) -> Any:
    """Return a compiled function that counts two variables of numbers."""
    x_rule, y_rule = (kind == "mi" for kind in plan.kinds)
    x_edges_of, y_edges_of = (coding.edges_by(kind, plan.by_counts) for kind in plan.kinds)
    first, second = (
        coding.setting_by("number" if kind == "mi" else kind, i, bins, None)
        for i, kind in enumerate(plan.kinds)
    )
    by_number = "edges" not in plan.kinds
    by_counts = plan.by_counts

    @jitable
    def settings(p, q, bins):
        number = 0
        if x_rule or y_rule:
            if by_counts:
                number = coding.mi_bins(p.size, 0.0)
            else:
                number = coding.number_by_correlation(p, q)
        if x_rule:
            if y_rule:
                return number, number
            return number, second(bins, 0)
        if y_rule:
            return first(bins, 0), number
        return first(bins, 0), second(bins, 0)

    @jitable
    def none():
        return new_zeros(0, np.float64), new_zeros(0, np.float64), new_zeros(0, np.float64)

    @jitable
    def step_by_step(p, q, bins):
        if not (is_complete(p) and is_complete(q)):
            return none()
        x_setting, y_setting = settings(p, q, bins)
        table = counting.count_between(p, q, x_edges_of(p, x_setting), y_edges_of(q, y_setting))
        x_counts = new_array(table.shape[0], np.float64)
        y_counts = new_array(table.shape[1], np.float64)
        margins(table, x_counts, y_counts)
        return as_vector(table), x_counts, y_counts

    @jitable
    def by_order(p, q, bins):
        if not (is_complete(p) and is_complete(q)):
            return none()
        x_setting, y_setting = settings(p, q, bins)
        x_edges = coding.edges_of_equal_counts(p, x_setting)
        y_edges = coding.edges_of_equal_counts(q, y_setting)
        nx, ny = x_edges.size - 1, y_edges.size - 1
        if nx * ny > coding.MOST_CELLS:
            raise ValueError("bins must be fewer: compiled code allows no table of so many cells")
        counts = new_matrix(nx, ny, np.float64)
        x_counts = new_array(nx, np.float64)
        y_counts = new_array(ny, np.float64)
        fused.count_between(p, q, x_edges, y_edges, counts, x_counts, y_counts)
        return as_vector(counts), x_counts, y_counts

    @jitable
    def at_once(p, q, bins):
        x_low, x_high, n = sample_range(p)
        y_low, y_high, m = sample_range(q)
        if n == p.size and m == q.size and np.isfinite(x_high - x_low + (y_high - y_low)):
            nx, ny = settings(p, q, bins)
            if nx > 0 and ny > 0 and nx * ny < coding.MOST_CELLS:
                cells = nx * ny
                memory = new_array(cells + nx + ny + fused.work_size(nx, ny), np.float64)
                counts = memory[:cells]
                x_counts = memory[cells : cells + nx]
                y_counts = memory[cells + nx : cells + nx + ny]
                work = memory[cells + nx + ny :]
                table = as_matrix(counts, nx, ny)
                if fused.count_numbers_inline(
                    p, q, x_low, x_high, y_low, y_high, table, x_counts, y_counts, work
                ):
                    return counts, x_counts, y_counts
        return step_by_step(p, q, bins)

    if by_counts:
        chosen = by_order if by_number else step_by_step

        @jitable
        def counted_by_order(x, y, bins):
            _check_sizes(x, y)
            return chosen(coding.as_binned(x), coding.as_binned(y), bins)

        return counted_by_order
    chosen = at_once if by_number else step_by_step

    @jitable
    def counted(x, y, bins):
        _check_sizes(x, y)
        p, q = as_common(x, y)
        return chosen(p, q, bins)

    return counted


def _count_labels(plan: Plan, bins: Any, gaps: bool) -> Any:
    """Return a compiled function that counts two variables, at least one of which is labels."""
    x_codes_of, y_codes_of = (
        coding.codes_by(label, kind, plan.by_counts, i, bins, gaps=gaps)
        for i, (label, kind) in enumerate(zip(plan.labels, plan.kinds, strict=True))
    )
    both = all(plan.labels)

    @jitable
    def counted(x, y, bins):
        _check_sizes(x, y)
        none = new_array(0, np.uint32)
        if not (is_complete(x) and is_complete(y)):
            return (
                new_zeros(0, np.float64),
                new_zeros(0, np.float64),
                new_zeros(0, np.float64),
                none,
                none,
            )
        if both:
            table, x_counts, y_counts = fused.count_labels(as_labels(x), as_labels(y))
            if table.size > 0:
                return as_vector(table), x_counts, y_counts, none, none
        p, nx = x_codes_of(x, bins)
        q, ny = y_codes_of(y, bins)
        return counting.count_codes(p, nx, q, ny)

    return counted


def _overload_pair(public: Any, measure_by: Any) -> None:
    """Overload a function of two variables; `measure_by` returns the measure of their counts."""
    function = public.__name__

    @typed_as(public)
    def typed(
        x,
        y,
        bins="mi",
        strategy="quantile",
        range=None,
        discrete="auto",
        base=None,
        correction=None,
    ):
        plan = plan_of(function, {"x": x, "y": y}, bins, strategy, discrete)
        left_out(function, range=range)
        number_or_none(function, "base", base)
        numbers = not any(plan.labels)
        counted = (
            _count_numbers(plan, bins) if numbers else _count_labels(plan, bins, absent(correction))
        )
        measure = measure_by(function, correction, numbers)
        scaled = in_base(base)

        def measured(
            x,
            y,
            bins="mi",
            strategy="quantile",
            range=None,
            discrete="auto",
            base=None,
            correction=None,
        ):
            counts = counted(x, y, bins)
            if not total(counts[1]) > 0.0:
                return np.nan
            return scaled(measure(counts, correction), base)

        return measured


_overload_pair(mutual.mutual_information, counting.information_by)
for _name in ("joint_entropy", "conditional_entropy", "variation_of_information"):
    _overload_pair(getattr(entropies, _name), counting.MEASURES[_name])


@typed_as(mutual_info_score)
def _mutual_info_score(labels_true, labels_pred):
    for name, a in (("labels_true", labels_true), ("labels_pred", labels_pred)):
        vector("mutual_info_score", name, a)
        if isinstance(a.dtype, types.Float):
            refuse("mutual_info_score", name, "must be integers or booleans")
    return lambda labels_true, labels_pred: mutual.mutual_information(labels_true, labels_pred)
