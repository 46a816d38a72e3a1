"""Samples of two variables to counts: what is binned, between which edges, and what is missing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo import _tables
from fastinfo._cells import unit_of
from fastinfo._codes import Coded
from fastinfo._integers import count_integers
from fastinfo._occupied import Occupied, count_cells, is_dense
from fastinfo._validate import Array, as_labels, as_samples, as_weights, choice, same_length
from fastinfo.binning import (
    bin_samples,
    compares_in_float64,
    count_of,
    find_edges,
    find_range,
    pair_summary,
    split_bins,
    split_range,
)
from fastinfo.encoding import encode, encode_column, said_discrete, warn_if_unique

__all__ = ["STRATEGIES", "Counted", "count_codes", "count_samples", "read_variable"]

STRATEGIES = ("uniform", "quantile")


class Counted(NamedTuple):
    """Counts of pairs, and what the rows and columns stand for."""

    table: Array | Occupied
    x_edges: Array | None
    y_edges: Array | None
    x_levels: Array | None
    y_levels: Array | None
    n_dropped: int
    n_missing: int
    unit_weight: float = 1.0  #: of one effective sample


class _Read(NamedTuple):
    """Samples of one variable as they came."""

    samples: Array
    coded: Coded | None  #: of a column that comes with codes
    labels: bool  #: whether they are labels, and not numbers to be binned


def _read(a: Any, name: str, discrete: bool | None) -> _Read:
    if discrete is False:
        samples = as_samples(a, name)
        if samples.dtype.kind not in "biuf":
            raise TypeError(f"{name} must be real numbers to be binned, got dtype {samples.dtype}")
        return _Read(samples, None, False)
    coded = encode_column(a)
    if coded is not None and coded.codes.size:
        return _Read(coded.codes, coded, True)
    samples = as_labels(a, name, said=discrete is True)
    return _Read(samples, None, discrete is True or samples.dtype.kind != "f")


def _codes_of(
    read: _Read, name: str, discrete: bool | None, stacklevel: int | None
) -> Coded | None:
    """Codes of labels, None for numbers; `stacklevel` is the caller's."""
    if not read.labels:
        return None
    coded = encode(read.samples) if read.coded is None else read.coded
    if discrete is None and stacklevel is not None:
        n = coded.codes.size - int(np.count_nonzero(coded.invalid))
        warn_if_unique(coded.levels, n, name, stacklevel=stacklevel + 3)
    return coded


def read_variable(
    a: Any, name: str, discrete: bool | None, stacklevel: int | None = None
) -> tuple[Array, Coded | None]:
    """
    Samples of one variable, and their codes where they are labels.

    `discrete` is the user's word, None where the dtype decides. Labels that are nearly all
    different are warned of, if it does and there is a `stacklevel` of the user's call.
    """
    read = _read(a, name, discrete)
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
    Count pairs of samples; floats in bins, the rest by label.

    With a `stacklevel` of the user's call, labels that are nearly all different are warned of.
    """
    choice(strategy, "strategy", STRATEGIES)
    words = said_discrete(discrete, 0), said_discrete(discrete, 1)
    reads = _read(x, "x", words[0]), _read(y, "y", words[1])
    a, b = (read.samples for read in reads)
    same_length(a, b)
    weights = as_weights(sample_weight, a.size)
    settings, ranges = split_bins(bins), split_range(range)
    if weights is None and all(read.labels and read.coded is None for read in reads):
        counted = count_integers(a, b)
        if counted is not None:
            for levels, name, word in zip(counted[1:], "xy", words, strict=True):
                if word is None and stacklevel is not None:
                    warn_if_unique(levels, a.size, name, stacklevel=stacklevel + 2)
            return Counted(counted[0], None, None, *counted[1:], 0, 0)
    x_labels = _codes_of(reads[0], "x", words[0], stacklevel)  # no loop: it may be a frame
    y_labels = _codes_of(reads[1], "y", words[1], stacklevel)
    if x_labels is None and y_labels is None:
        return _count_numbers(a, b, settings, strategy, ranges, weights)
    coded = [x_labels, y_labels]
    for i, (samples, partner) in enumerate(((a, coded[1]), (b, coded[0]))):
        if coded[i] is None:
            assert partner is not None
            complete = samples[~partner.invalid] if partner.invalid.any() else samples
            low, high, n = find_range(complete)
            edges = find_edges(
                complete,
                settings[i],
                "bins",
                (low, high),
                n,
                given_range=ranges[i],
                strategy=strategy,
            )
            coded[i] = bin_samples(samples, edges)
    x_coded, y_coded = coded
    assert x_coded is not None
    assert y_coded is not None
    return count_codes((a, x_coded), (b, y_coded), weights)


def _count_numbers(
    x: Array,
    y: Array,
    bins: tuple[Any, Any],
    strategy: str,
    ranges: tuple[Any, Any],
    weights: Array | None,
) -> Counted:
    """Count numbers in bins of both."""
    _tables.check_size(count_of(bins[0]), count_of(bins[1]))
    n, x_bounds, y_bounds, r = pair_summary(x, y)
    common = np.result_type(x, y)
    if common.itemsize > 8:  # more digits than the summary has
        complete = ~(np.isnan(x) | np.isnan(y))
        x_bounds, y_bounds = (find_range(a[complete].astype(common))[:2] for a in (x, y))
    edges = []
    for a, setting, bounds, given in zip((x, y), bins, (x_bounds, y_bounds), ranges, strict=True):
        samples = a
        by_rule = isinstance(setting, str) and setting != "mi"
        if n < x.size and (by_rule or strategy == "quantile"):
            samples = a[~(np.isnan(x) | np.isnan(y))]
        found = find_edges(samples, setting, "bins", bounds, n, r, given, common, strategy=strategy)
        edges.append(found)
    dense = is_dense(edges[0].size - 1, edges[1].size - 1, x.size)
    if dense and weights is None and all(compares_in_float64(common, e) for e in edges):
        table = _tables.count_between(x, y, *edges)
        if table is not None:
            n_dropped = n - int(table.sum())
            return Counted(table, edges[0], edges[1], None, None, n_dropped, x.size - n)
    coded = [bin_samples(a, e, common) for a, e in zip((x, y), edges, strict=True)]
    return count_codes((x, coded[0]), (y, coded[1]), weights)


def count_codes(
    x: tuple[Array, Coded], y: tuple[Array, Coded], weights: Array | None = None
) -> Counted:
    """Count pairs of samples by their codes."""
    (a, x_coded), (b, y_coded) = x, y
    table = count_cells(x_coded, y_coded, weights)
    unit = 1.0
    if weights is None:
        counts = table.counts if isinstance(table, Occupied) else table
        invalid = len(x_coded.codes) - int(counts.sum())
    else:
        outside = x_coded.invalid | y_coded.invalid
        invalid = int(np.count_nonzero(outside))
        unit = unit_of(weights[~outside] if invalid else weights)
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
        unit,
    )


def _is_missing(a: Array, coded: Coded) -> npt.NDArray[np.bool_]:
    """Which samples are missing, and not just outside the edges."""
    if coded.edges is None:
        return coded.invalid
    return np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)
