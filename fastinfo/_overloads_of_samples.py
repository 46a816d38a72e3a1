"""Histograms and mutual information inside ``@njit``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import register_jitable

from fastinfo import _nopython as nopython
from fastinfo._overload_types import (
    absent,
    divided,
    narrow,
    number_or_none,
    overload_public,
    refuse,
    vector,
)
from fastinfo.conditional import conditional_mutual_information
from fastinfo.counting import histogram2d
from fastinfo.histograms import histogram
from fastinfo.information import mutual_information
from fastinfo.kernels.binning import sample_range
from fastinfo.kernels.fused import count_numbers_inline, work_size
from fastinfo.kernels.information import mutual_information as measure
from fastinfo.labels import mutual_info_score
from fastinfo.rules import mi_bins

__all__: list[str] = []


def _check_bins(function: str, bins: Any) -> None:
    """Refuse what is no number of bins, no edges and no pair of those."""
    parts = bins.types if isinstance(bins, types.BaseTuple) else (bins,)
    for part in parts:
        given = isinstance(part, types.Array) and part.ndim == 1
        if not (given or isinstance(part, int | types.Integer | types.Omitted)):
            refuse(function, "bins", f"must be an integer, edges, or a pair of those, got {bins}")


@register_jitable
def _refuse_missing(a):
    """Raise where NumPy finds no finite range."""
    if sample_range(a)[2] < a.size:
        raise ValueError("the range of samples with NaN is not finite")


@overload_public(histogram)
def _histogram(a, bins=10, range=None):
    vector("histogram", "a", a)
    if narrow(a):
        refuse("histogram", "a", "must be float64 or integers: convert it with astype")
    _check_bins("histogram", bins)
    if isinstance(bins, types.BaseTuple):
        refuse("histogram", "bins", "must be an integer or edges")
    if not (absent(range) or isinstance(range, types.UniTuple | types.Tuple)):
        refuse("histogram", "range", f"must be None or a pair of numbers, got {range}")
    detected = absent(range) and not isinstance(bins, types.Array)

    def counted(a, bins=10, range=None):
        samples = nopython.as_floats(a)
        if detected:
            _refuse_missing(samples)
        edges = nopython.edges_of(samples, bins, range)
        return nopython.count_one(samples, edges), edges

    return counted


@overload_public(histogram2d)
def _histogram2d(x, y, bins=10):
    vector("histogram2d", "x", x)
    vector("histogram2d", "y", y)
    _check_bins("histogram2d", bins)

    def counted(x, y, bins=10):
        p, q = nopython.as_common(x, y)
        _refuse_missing(p)
        _refuse_missing(q)
        x_edges = nopython.edges_of(p, nopython.first_of(bins), None)
        y_edges = nopython.edges_of(q, nopython.second_of(bins), None)
        table = nopython.count_between(p, q, x_edges, y_edges)
        return table.astype(np.float64), x_edges, y_edges

    return counted


@register_jitable
def _complete(a):
    """Whether no sample is missing; at least one must be there."""
    if a.size == 0:
        raise ValueError("x and y must hold at least one sample")
    return sample_range(a)[2] == a.size


@overload_public(mutual_information, prefer_literal=True)
def _mutual_information(x, y, bins="mi", base=None):
    function = "mutual_information"
    vector(function, "x", x)
    vector(function, "y", y)
    number_or_none(function, "base", base)
    word = (
        bins if isinstance(bins, str) else getattr(bins, "literal_value", getattr(bins, "value", 0))
    )
    by_rule = word == "mi"
    if isinstance(word, str) and not by_rule:
        refuse(function, "bins", f"must be 'mi', a number, edges, or a pair of those, got {bins}")
    if not by_rule:
        _check_bins(function, bins)
    parts = bins.types if isinstance(bins, types.BaseTuple) else (bins,)
    by_number = not any(isinstance(part, types.Array) for part in parts)
    information_of = _between_labels(by_rule)
    if all(isinstance(a.dtype, types.Float) for a in (x, y)):
        information_of = _between_numbers(by_rule, by_number)
    if absent(base):
        return lambda x, y, bins="mi", base=None: information_of(x, y, bins)
    return lambda x, y, bins="mi", base=None: divided(information_of(x, y, bins), base)


def _between_numbers(by_rule: bool, by_number: bool) -> Any:
    """How two variables of floats are measured, by what their bins are."""

    @register_jitable
    def bins_of(p, q, bins):
        if by_rule:
            number = nopython.number_of_bins(p, q)
            return number, number
        return nopython.first_of(bins), nopython.second_of(bins)

    @register_jitable
    def step_by_step(p, q, bins):
        if not (_complete(p) and _complete(q)):
            return np.nan
        x_bins, y_bins = bins_of(p, q, bins)
        x_edges = nopython.edges_of(p, x_bins, None)
        y_edges = nopython.edges_of(q, y_bins, None)
        return nopython.information_of(nopython.count_between(p, q, x_edges, y_edges))

    @register_jitable
    def at_once(p, q, bins):
        x_low, x_high, n = sample_range(p)
        y_low, y_high, m = sample_range(q)
        if n == p.size and m == q.size and np.isfinite(x_high - x_low + (y_high - y_low)):
            nx, ny = bins_of(p, q, bins)
            if nx > 0 and ny > 0 and nx * ny < nopython.MOST_CELLS:
                cells = nx * ny
                memory = np.empty(cells + nx + ny + work_size(nx, ny))
                counts = memory[:cells].reshape((nx, ny))
                x_counts = memory[cells : cells + nx]
                y_counts = memory[cells + nx : cells + nx + ny]
                work = memory[cells + nx + ny :]
                if count_numbers_inline(
                    p, q, x_low, x_high, y_low, y_high, counts, x_counts, y_counts, work
                ):
                    return measure(counts, x_counts, y_counts)
        return step_by_step(p, q, bins)

    chosen = at_once if by_rule or by_number else step_by_step

    @register_jitable
    def information_of(x, y, bins):
        p, q = nopython.as_common(x, y)
        if p.size != q.size:
            raise ValueError("x and y must have the same length")
        return chosen(p, q, bins)

    return information_of


def _between_labels(by_rule: bool) -> Any:
    """How two variables are measured, one of which or both are labels."""

    @register_jitable
    def information_of(x, y, bins):
        if not (_complete(x) and _complete(y)):
            return np.nan
        if by_rule:
            number = mi_bins(x.size, 0.0)
            p, nx = nopython.codes_of(x, number)
            q, ny = nopython.codes_of(y, number)
        else:
            p, nx = nopython.codes_of(x, nopython.first_of(bins))
            q, ny = nopython.codes_of(y, nopython.second_of(bins))
        return nopython.information_of(nopython.count_codes(p, nx, q, ny))

    return information_of


@overload_public(mutual_info_score)
def _mutual_info_score(labels_true, labels_pred):
    for name, a in (("labels_true", labels_true), ("labels_pred", labels_pred)):
        vector("mutual_info_score", name, a)
        if isinstance(a.dtype, types.Float):
            refuse("mutual_info_score", name, "must be integers or booleans")
    return lambda labels_true, labels_pred: mutual_information(labels_true, labels_pred)


@overload_public(conditional_mutual_information)
def _conditional_mutual_information(x, y, z, bins=8, base=None):
    function = "conditional_mutual_information"
    for name, a in (("x", x), ("y", y), ("z", z)):
        vector(function, name, a)
    number_or_none(function, "base", base)
    if not isinstance(bins, int | types.Integer | types.Omitted):
        refuse(function, "bins", f"must be an integer, got {bins}")
    if absent(base):

        def in_nats(x, y, z, bins=8, base=None):
            if not (_complete(x) and _complete(y) and _complete(z)):
                return np.nan
            p, nx = nopython.codes_of(x, bins)
            q, ny = nopython.codes_of(y, bins)
            r, nz = nopython.codes_of(z, bins)
            return nopython.conditional_information(p, nx, q, ny, r, nz)

        return in_nats
    return lambda x, y, z, bins=8, base=None: divided(
        conditional_mutual_information(x, y, z, bins), base
    )
