"""Count samples of two variables: what is binned, with which edges, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import count_of, edges_between
from fastinfo._bins.options import Binning
from fastinfo._bins.order_statistics import Spread
from fastinfo._bins.ranges import PairRange, Range
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.coder import bin_samples, compares_in_float64
from fastinfo._codes.column import Column, Numbers
from fastinfo._codes.integers import count_integers
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import Array, as_vector, as_weights, same_length
from fastinfo._core.coded_variable import Coded
from fastinfo._core.limits import check_size
from fastinfo._counts import dense as _dense
from fastinfo._counts.counted import Counted
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._counts.small_inputs import count_few
from fastinfo._counts.table import Table

_LOOKED_AT = 64  # so many samples are looked at, to guess whether some are missing


def count_samples(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    binning: Binning,
    sample_weight: npt.ArrayLike | None = None,
    *,
    if_unique: str | None = None,
) -> Counted:
    """
    Count pairs of samples: numbers in bins, labels as they are.

    `if_unique` is None, or says in words what labels that are almost all different mean. With a
    text, the user is warned about integers and times that are treated as numbers and, unless the
    text is empty, about such labels.
    """
    few = count_few(x, y, binning) if sample_weight is None else None
    if few is not None:
        return few
    columns = _columns_of(x, y)
    weights = as_weights(sample_weight, len(columns[0]))
    options = binning.split(("x", "y"))
    if weights is None:
        counted = _count_integers(columns, options)
        if counted is not None:
            return counted
    found = [
        column.read(own.said, moved=not own.limited, if_unique=if_unique)
        for column, own in zip(columns, options, strict=True)
    ]
    a, b = found
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        counted = _count_numbers(a.values, b.values, options, weights)
    else:
        coded = [
            own if isinstance(own, Coded) else _code_beside(own.values, partner, how)
            for own, partner, how in zip((a, b), (b, a), options, strict=True)
        ]
        samples = [read.values if isinstance(read, Numbers) else None for read in found]
        counted = count_codes((samples[0], coded[0]), (samples[1], coded[1]), weights)
    return _moved(counted, [read.origin if isinstance(read, Numbers) else 0 for read in found])


def code_samples(
    x: npt.ArrayLike, y: npt.ArrayLike, binning: Binning, *, if_unique: str | None = None
) -> tuple[Coded, Coded, Array]:
    """
    Codes of pairs of samples as in :func:`count_samples`, and which lack one of the two.

    Samples that are missing, or outside the edges, have the code after the last level.
    """
    columns = _columns_of(x, y)
    options = binning.split(("x", "y"))
    a, b = [
        column.read(own.said, moved=not own.limited, if_unique=if_unique)
        for column, own in zip(columns, options, strict=True)
    ]
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        missing = np.isnan(a.values) | np.isnan(b.values)
        return *_code_numbers(a.values, b.values, options, ~missing), missing
    p, q = [
        own if isinstance(own, Coded) else _code_beside(own.values, partner, how)
        for own, partner, how in zip((a, b), (b, a), options, strict=True)
    ]
    samples = [read.values if isinstance(read, Numbers) else None for read in (a, b)]
    return p, q, _is_missing(samples[0], p) | _is_missing(samples[1], q)


def _columns_of(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Column, Column]:
    columns = Column.of(x, "x"), Column.of(y, "y")
    same_length(*columns)
    warn_of_other_order((x, y), ("x", "y"))
    return columns


def _code_numbers(
    x: Array, y: Array, options: Sequence[Binning], complete: Array
) -> tuple[Coded, Coded]:
    """Codes of two variables of numbers, with edges from the complete pairs."""
    common = np.result_type(x, y)
    if not any(own.by_counts for own in options):
        edges, _ = _edges_of(x, y, options)
        p, q = (bin_samples(a, e, common) for a, e in zip((x, y), edges, strict=True))
        return p, q
    found = []
    for a, own in zip((x, y), options, strict=True):
        part = own.code(a[complete], None, common)
        codes = np.full(a.size, part.n_levels, part.codes.dtype)
        codes[complete] = part.codes
        found.append(Coded(codes, part.n_levels, part.edges, part.levels))
    return found[0], found[1]


def _edges_of(x: Array, y: Array, options: Sequence[Binning]) -> tuple[list[Array], int | None]:
    """Edges of numbers in the complete pairs, and the number of these pairs, if known."""
    common = np.result_type(x, y)
    ranges, r, n = _known_of(x, y, options, common)
    edges = []
    for a, own, extent in zip((x, y), options, ranges, strict=True):
        by_rule = isinstance(own.bins, str) and own.bins != "mi"
        present = a[~(np.isnan(x) | np.isnan(y))] if by_rule and n != x.size else a
        edges.append(own.edges(present, extent, r, common))
    return edges, n


def _moved(counted: Counted, origins: Sequence[int]) -> Counted:
    """Edges of numbers from which an origin was subtracted."""
    if not any(origins):
        return counted
    edges = [
        found if found is None else found + float(origin)
        for found, origin in zip((counted.x_edges, counted.y_edges), origins, strict=True)
    ]
    return counted._replace(x_edges=edges[0], y_edges=edges[1])


def _count_integers(columns: tuple[Column, Column], options: Sequence[Binning]) -> Counted | None:
    """Count integers and booleans that are labels, without codes."""
    arrays = [column.integers for column in columns]
    x, y = arrays
    if x is None or y is None or any(own.said is False for own in options):
        return None
    counted = count_integers(x, y)
    if counted is None or any(
        own.said is None and levels.size > MOST_LABELS
        for own, levels in zip(options, counted[1:], strict=True)
    ):
        return None
    return Counted(Table.of(counted[0]), None, None, *counted[1:], 0, 0)


def _code_beside(samples: Array, partner: Numbers | Coded, how: Binning) -> Coded:
    """Codes of numbers, with edges from the samples whose partner is not missing."""
    assert isinstance(partner, Coded)
    without = partner.invalid
    return how.code(samples, ~without if without.any() else None)


def _count_numbers(
    x: Array, y: Array, options: Sequence[Binning], weights: Array | None
) -> Counted:
    """Count two variables of numbers in bins."""
    check_size(*(count_of(own.bins) for own in options))
    if any(own.by_counts for own in options):
        return _count_by_codes(x, y, options, weights)
    common = np.result_type(x, y)
    edges, n = _edges_of(x, y, options)
    dense = is_dense((edges[0].size - 1) * (edges[1].size - 1), x.size)
    if dense and weights is None and all(compares_in_float64(common, e) for e in edges):
        table = _dense.count_between(x, y, *edges)
        if table is not None:
            counted = int(table.sum())
            if n is None:
                n = x.size if counted == x.size else PairRange.of(x, y).n
            missing = x.size - n
            return Counted(Table.of(table), edges[0], edges[1], None, None, n - counted, missing)
    coded = [bin_samples(a, e, common) for a, e in zip((x, y), edges, strict=True)]
    return count_codes((x, coded[0]), (y, coded[1]), weights)


def count_plain_numbers(x: Any, y: Any, bins: Any, strategy: str, limits: Any) -> Table | None:
    """
    Count pairs of floats of one dtype, none missing, in bins of equal width.

    This is a short cut for samples that need no reading. The result is None for all others, which
    :func:`count_samples` counts.
    """
    p, q = as_vector(x), as_vector(y)
    if p is None or q is None or p.dtype is not q.dtype or not 0 < p.size == q.size:
        return None
    if strategy != "uniform" or type(bins) is not int or not 0 < bins < p.size:
        return None
    if not is_dense(bins * bins, p.size):
        return None
    ranges: Sequence[Any]
    if limits is None:
        ranges = Range.of_each(p, q)
        if any(extent.n < p.size for extent in ranges):
            return None
        ranges = [extent[:2] for extent in ranges]
    elif _is_pair(limits) and _is_pair(limits[0]) and _is_pair(limits[1]):
        ranges = limits
    else:
        return None
    edges = [edges_between(bins, "bins", p.dtype, own, detected=limits is None) for own in ranges]
    table = _dense.count_between(p, q, *edges)
    counted = 0 if table is None else int(table.sum())
    if table is None or not counted or (counted < p.size and PairRange.of(p, q).n < p.size):
        return None
    return Table.of(table)


def _is_pair(a: Any) -> bool:
    return type(a) in (list, tuple) and len(a) == 2


def _known_of(
    x: Array, y: Array, options: Sequence[Binning], common: np.dtype[Any]
) -> tuple[Sequence[Range], float, int | None]:
    """
    Ranges of the complete pairs, their correlation and number, as far as bins need them.

    The number is None if the samples were not looked at.
    """
    if common.itemsize <= 8 and not any(isinstance(own.bins, str) for own in options):
        if all(own.limited for own in options):
            return (Range(), Range()), 0.0, None
        ranges = Range.of_each(x, y)
        if all(extent.n == x.size for extent in ranges):
            return ranges, 0.0, x.size
    pair = PairRange.of(x, y)
    if common.itemsize <= 8:
        return pair.ranges, pair.correlation, pair.n
    complete = ~(np.isnan(x) | np.isnan(y))  # a dtype with more digits than the sums
    exact = [Range.of(a[complete].astype(common)) for a in (x, y)]
    return exact, pair.correlation, pair.n


def _count_by_codes(
    x: Array, y: Array, options: Sequence[Binning], weights: Array | None
) -> Counted:
    """Count the complete pairs of numbers if one or both have bins of equal counts."""
    some = slice(None, None, max(x.size // _LOOKED_AT, 1))
    if not (np.isnan(x[some]) | np.isnan(y[some])).any():
        counted = _count_complete(x, y, options, weights)
        if not counted.n_missing:
            return counted
    complete = ~(np.isnan(x) | np.isnan(y))
    weights = None if weights is None else weights[complete]
    counted = _count_complete(x[complete], y[complete], options, weights)
    return counted._replace(n_missing=x.size - int(np.count_nonzero(complete)))


def _count_complete(
    x: Array, y: Array, options: Sequence[Binning], weights: Array | None
) -> Counted:
    """Count numbers in bins of equal counts; if any is missing, only return how many are."""
    counted = None if weights is not None else _count_spread(x, y, options)
    if counted is not None:
        return counted
    common = np.result_type(x, y)
    x_coded, y_coded = (own.code(a, None, common) for a, own in zip((x, y), options, strict=True))
    return count_codes((x, x_coded), (y, y_coded), weights)


def _count_spread(x: Array, y: Array, options: Sequence[Binning]) -> Counted | None:
    """Count many numbers in bins of equal counts without codes; None if that is impossible."""
    found = []
    for a, own in zip((x, y), options, strict=True):
        number = mi_bins(a.size) if own.by_rule_mi else count_of(own.bins)
        spread = Spread.find(a, number) if own.alone and number > 1 else None
        if spread is None:
            return None
        found.append(spread)
    table = found[0].count_with(found[1])
    n_missing = x.size - int(table.sum())
    return Counted(Table.of(table), found[0].edges(), found[1].edges(), None, None, 0, n_missing)


def count_codes(
    x: tuple[Array | None, Coded], y: tuple[Array | None, Coded], weights: Array | None = None
) -> Counted:
    """Count pairs of samples by their codes; binned samples show which are missing."""
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


def _is_missing(a: Array | None, coded: Coded) -> Any:
    """Which samples are missing, and not only outside the edges."""
    if a is None or coded.edges is None:
        return coded.invalid
    return np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)
