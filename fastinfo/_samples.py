"""Samples of two variables to counts: what is binned, between which edges, and what is missing."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo import _dense
from fastinfo._codes import Coded
from fastinfo._integers import count_integers
from fastinfo._limits import check_size, is_dense
from fastinfo._objects import numbers_of
from fastinfo._selected import Spread
from fastinfo._table import Table
from fastinfo._validate import Array, as_labels, as_samples, as_weights, choice, same_length
from fastinfo.binning import (
    STRATEGIES,
    bin_samples,
    code_numbers,
    compares_in_float64,
    count_of,
    counts_alone,
    find_edges,
    find_range,
    mi_bins,
    pair_summary,
    split_bins,
    split_range,
    strategy_of,
)
from fastinfo.encoding import (
    MOST_LABELS,
    as_times,
    encode,
    encode_column,
    few_values,
    said_discrete,
    warn_if_many,
    warn_if_unique,
)

_LOOKED_AT = 64  # samples that tell whether some are likely to be missing

__all__ = ["Counted", "count_codes", "count_samples", "read_variable"]


class Counted(NamedTuple):
    """Counts of pairs, and what the rows and columns stand for."""

    table: Table
    x_edges: Array | None
    y_edges: Array | None
    x_levels: Array | None
    y_levels: Array | None
    n_dropped: int
    n_missing: int


class _Read(NamedTuple):
    """Samples of one variable as they came."""

    samples: Array
    coded: Coded | None  #: of a column that comes with codes
    labels: bool | None  #: whether they are labels; None for integers of which that is open
    n_levels: int | None = None  #: how many values there are, where that is known to be many


def _as_numbers(a: Any, name: str) -> Array:
    """Samples that are to be binned."""
    samples = as_samples(a, name)
    if samples.dtype.kind == "O":
        found = numbers_of(samples)
        samples = samples if found is None else found.values
    if samples.dtype.kind in "mM":
        return as_times(samples)
    if samples.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers to be binned, got dtype {samples.dtype}")
    return samples


def _read(a: Any, name: str, discrete: bool | None) -> _Read:
    if discrete is False:
        return _Read(_as_numbers(a, name), None, False)
    coded = encode_column(a)
    if coded is not None and coded.codes.size:
        levels = coded.levels
        whole = levels is not None and levels.dtype.kind in "iu"
        if discrete is None and whole and not few_values(np.asarray(levels)):
            return _Read(_as_numbers(a, name), None, None, coded.n_levels)
        return _Read(coded.codes, coded, True)
    samples = as_labels(a, name, said=discrete is True)
    if discrete is None and samples.dtype.kind == "O":
        found = numbers_of(samples)
        if found is not None and not found.whole:
            return _Read(found.values, None, False)
        if found is not None and found.n_levels > MOST_LABELS and not few_values(found.values):
            return _Read(found.values, None, None, found.n_levels)
    if discrete is True or samples.dtype.kind not in "fiumM":
        return _Read(samples, None, True)
    return _Read(samples, None, False if samples.dtype.kind == "f" else None)


def _settled(read: _Read, name: str, stacklevel: int | None) -> _Read:
    """
    Integers and times as labels, or as numbers where there are many; `stacklevel` is the caller's.

    One rule for every container: see :data:`fastinfo.encoding.MOST_LABELS`.
    """
    if read.labels is not None:
        return read
    if read.n_levels is None and few_values(read.samples):
        return read._replace(labels=True)
    if stacklevel is not None:
        n_levels = encode(read.samples).n_levels if read.n_levels is None else read.n_levels
        warn_if_many(n_levels, name, stacklevel=stacklevel + 2)
    samples = as_times(read.samples) if read.samples.dtype.kind in "mM" else read.samples
    return _Read(samples, None, False)


def _codes_of(
    read: _Read, name: str, discrete: bool | None, stacklevel: int | None
) -> Coded | None:
    """Codes of labels, None for numbers; `stacklevel` is the caller's."""
    if not read.labels:
        return None
    coded = encode(read.samples) if read.coded is None else read.coded
    if discrete is None and stacklevel is not None:
        warn_if_unique(coded, name, stacklevel=stacklevel + 3)
    return coded


def read_variable(
    a: Any, name: str, discrete: bool | None, stacklevel: int | None = None
) -> tuple[Array, Coded | None]:
    """
    Samples of one variable, and their codes where they are labels.

    `discrete` is the user's word, None where the values decide. Labels that are nearly all
    different, and integers that are taken as numbers, are warned of if there is a `stacklevel` of
    the user's call.
    """
    read = _read(a, name, discrete)
    read = _settled(read, name, None if stacklevel is None else stacklevel + 1)
    return read.samples, _codes_of(read, name, discrete, stacklevel)


def count_samples(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    bins: Any,
    strategy: str,
    range: Any,
    discrete: Any,
    sample_weight: npt.ArrayLike | None,
    stacklevel: int | None = None,
) -> Counted:
    """
    Count pairs of samples: numbers in bins, labels as they are.

    With a `stacklevel` of the user's call, labels that are nearly all different are warned of, and
    integers and times that are taken as numbers.
    """
    choice(strategy, "strategy", STRATEGIES)
    words = said_discrete(discrete, 0), said_discrete(discrete, 1)
    reads = [_read(x, "x", words[0]), _read(y, "y", words[1])]
    a, b = (read.samples for read in reads)
    same_length(a, b)
    weights = as_weights(sample_weight, a.size)
    settings, ranges = split_bins(bins), split_range(range)
    plain = all(r.labels is not False and r.coded is None and r.n_levels is None for r in reads)
    if weights is None and plain:
        counted = count_integers(a, b)
        if counted is not None and all(
            read.labels or levels.size <= MOST_LABELS
            for read, levels in zip(reads, counted[1:], strict=True)
        ):
            return Counted(Table.of(counted[0]), None, None, *counted[1:], 0, 0)
    inner = None if stacklevel is None else stacklevel + 1
    reads = [_settled(reads[0], "x", inner), _settled(reads[1], "y", inner)]
    x_labels = _codes_of(reads[0], "x", words[0], stacklevel)
    y_labels = _codes_of(reads[1], "y", words[1], stacklevel)
    if x_labels is None and y_labels is None:
        numbers = reads[0].samples, reads[1].samples
        return _count_numbers(*numbers, settings, strategy, ranges, weights)
    coded = [x_labels, y_labels]
    for i, partner in enumerate((y_labels, x_labels)):
        if coded[i] is None:
            assert partner is not None
            coded[i] = _code_complete(
                reads[i].samples, partner.invalid, settings[i], ranges[i], strategy
            )
    x_coded, y_coded = coded
    assert x_coded is not None
    assert y_coded is not None
    return count_codes((reads[0].samples, x_coded), (reads[1].samples, y_coded), weights)


def _code_complete(
    samples: Array, without: Array, bins: Any, given_range: Any, strategy: str
) -> Coded:
    """Codes of numbers, between edges found in those that have a partner."""
    if not without.any():
        low, high, n = find_range(samples)
        return code_numbers(samples, bins, "bins", (low, high), n, 0.0, given_range, None, strategy)
    complete = samples[~without]
    low, high, n = find_range(complete)
    edges = find_edges(
        complete, bins, "bins", (low, high), n, given_range=given_range, strategy=strategy
    )
    return bin_samples(samples, edges)


def _count_numbers(
    x: Array,
    y: Array,
    bins: tuple[Any, Any],
    strategy: str,
    ranges: tuple[Any, Any],
    weights: Array | None,
) -> Counted:
    """Count numbers in bins of both."""
    check_size(count_of(bins[0]), count_of(bins[1]))
    if any(strategy_of(strategy, setting) == "quantile" for setting in bins):
        return _count_by_codes(x, y, bins, strategy, ranges, weights)
    n, x_bounds, y_bounds, r = pair_summary(x, y)
    common = np.result_type(x, y)
    if common.itemsize > 8:  # more digits than the summary has
        complete = ~(np.isnan(x) | np.isnan(y))
        x_bounds, y_bounds = (find_range(a[complete].astype(common))[:2] for a in (x, y))
    edges = []
    for a, setting, bounds, given in zip((x, y), bins, (x_bounds, y_bounds), ranges, strict=True):
        samples = a
        by_rule = isinstance(setting, str) and setting != "mi"
        if n < x.size and by_rule:
            samples = a[~(np.isnan(x) | np.isnan(y))]
        found = find_edges(samples, setting, "bins", bounds, n, r, given, common, strategy=strategy)
        edges.append(found)
    dense = is_dense((edges[0].size - 1) * (edges[1].size - 1), x.size)
    if dense and weights is None and all(compares_in_float64(common, e) for e in edges):
        table = _dense.count_between(x, y, *edges)
        if table is not None:
            n_dropped = n - int(table.sum())
            return Counted(Table.of(table), edges[0], edges[1], None, None, n_dropped, x.size - n)
    coded = [bin_samples(a, e, common) for a, e in zip((x, y), edges, strict=True)]
    return count_codes((x, coded[0]), (y, coded[1]), weights)


def _count_by_codes(
    x: Array,
    y: Array,
    bins: tuple[Any, Any],
    strategy: str,
    ranges: tuple[Any, Any],
    weights: Array | None,
) -> Counted:
    """Count numbers of which one or both are in bins of equal counts, over the complete pairs."""
    common = np.result_type(x, y)

    def count(x: Array, y: Array, weights: Array | None) -> Counted:
        counted = None if weights is not None else _count_spread(x, y, bins, strategy, ranges)
        if counted is not None:
            return counted
        coded = []
        for a, setting, given in zip((x, y), bins, ranges, strict=True):
            alone = counts_alone(strategy, setting, given)
            low, high, n = (math.nan, math.nan, a.size) if alone else find_range(a)
            options = (setting, "bins", (low, high), n, 0.0, given, common, strategy)
            coded.append(code_numbers(a, *options))
        return count_codes((x, coded[0]), (y, coded[1]), weights)

    some = slice(None, None, max(x.size // _LOOKED_AT, 1))
    if not (np.isnan(x[some]) | np.isnan(y[some])).any():
        counted = count(x, y, weights)
        if not counted.n_missing:
            return counted
    complete = ~(np.isnan(x) | np.isnan(y))
    weights = None if weights is None else weights[complete]
    counted = count(x[complete], y[complete], weights)
    return counted._replace(n_missing=x.size - int(np.count_nonzero(complete)))


def _count_spread(
    x: Array, y: Array, bins: tuple[Any, Any], strategy: str, ranges: tuple[Any, Any]
) -> Counted | None:
    """Count many numbers, both in bins of equal counts, without codes; None where it can't be."""
    if not all(counts_alone(strategy, b, given) for b, given in zip(bins, ranges, strict=True)):
        return None
    found = []
    for a, setting in zip((x, y), bins, strict=True):
        known = isinstance(setting, (int, np.integer)) and setting > 0
        if not known and not (isinstance(setting, str) and setting == "mi"):
            return None
        spread = Spread.find(a, int(setting) if known else mi_bins(a.size))
        if spread is None:
            return None
        found.append(spread)
    table = found[0].count_with(found[1])
    n_missing = x.size - int(table.sum())
    return Counted(Table.of(table), found[0].edges(), found[1].edges(), None, None, 0, n_missing)


def count_codes(
    x: tuple[Array, Coded], y: tuple[Array, Coded], weights: Array | None = None
) -> Counted:
    """Count pairs of samples by their codes."""
    (a, x_coded), (b, y_coded) = x, y
    table = Table.count(x_coded, y_coded, weights)
    if weights is None:
        invalid = len(x_coded.codes) - int(table.n)
    else:
        invalid = int(np.count_nonzero(x_coded.invalid | y_coded.invalid))
    n_missing = invalid
    if invalid and not (x_coded.edges is None and y_coded.edges is None):
        n_missing = int(np.count_nonzero(_is_missing(a, x_coded) | _is_missing(b, y_coded)))
    return Counted(
        table,
        x_coded.edges,
        y_coded.edges,
        x_coded.levels,
        y_coded.levels,
        invalid - n_missing,
        n_missing,
    )


def _is_missing(a: Array, coded: Coded) -> npt.NDArray[np.bool_]:
    """Which samples are missing, and not just outside the edges."""
    if coded.edges is None:
        return coded.invalid
    return np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)
