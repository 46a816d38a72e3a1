"""Bin edges that separate classes, by minimum description length (Fayyad & Irani 1993)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import check_number, check_range, is_scalar
from fastinfo._bins.quantiles import between
from fastinfo._codes.coder import bin_samples
from fastinfo._codes.column import Column, tell_if_unique
from fastinfo._core.checks import Array, as_block, infinite_range, read_only, same_length, shown
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._core.threads import SMALL, run_in_order
from fastinfo.kernels.binning.entropy_cuts import (
    entries_of,
    entries_of_cells,
    entropy_cuts,
)
from fastinfo.kernels.binning.sorted_samples import plain_edges
from fastinfo.kernels.encoding.sorted_codes import keys_with_codes, sort_with_codes

_MOST_SAMPLES = 2**31
_EXACT = 2**53  # integers up to here are all float64
_BY_CHANCE = (
    "with such labels, many cuts are accepted by chance. If y is a number, put it into a few bins "
    "first: discretize(y, 4, strategy='quantile').codes"
)
_TOP = np.uint64(1 << 63)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)


class Classes(NamedTuple):
    """The class of each sample, in the form that kernels accept."""

    codes: Array  #: uint32, read-only; `n` where it is missing
    n: int
    coded: Coded

    @classmethod
    def of(cls, y: Any, samples: Array, name: str) -> Classes:
        """Read a target as labels, whatever its type; `name` is the samples' name in errors."""
        column = Column.of(y, "y")
        same_length(samples, column, name, "y")
        coded = column.labels()
        tell_if_unique(coded, "y", _BY_CHANCE)
        codes = np.ascontiguousarray(coded.codes, np.uint32)
        return cls(read_only(codes), coded.n_levels, coded)


def most_bins(bins: Any) -> int:
    """Return the maximum number of bins for the option `bins`."""
    if isinstance(bins, str) and bins == "mi":
        return _MOST_SAMPLES
    if isinstance(bins, str) or not is_scalar(bins):
        raise ValueError(
            f"bins must be a number, the largest allowed, or 'mi' for no limit, with "
            f"strategy='mdl', got {shown(bins)}"
        )
    return check_number(bins, "bins")


def code_by_classes(
    array: Array, classes: Classes, bins: Sequence[Any], ranges: Sequence[Any]
) -> tuple[Array, list[Array]]:
    """Codes of each column (contiguous) between edges that separate the classes, and the edges."""
    limits = [None if own is None else check_range(own) for own in ranges]
    most = [most_bins(setting) for setting in bins]
    array = array.view(np.uint8) if array.dtype.kind == "b" else array
    if array.dtype.itemsize > 8 and array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            array = array.astype(np.float64)
    absent = np.flatnonzero(classes.codes == classes.n)

    def code(i: int) -> Coded:
        column = array[:, i]
        edges = supervised_edges(column, classes, most[i], limits[i])
        coded = bin_samples(column, edges)
        coded.codes[absent] = coded.n_levels
        return coded

    found = run_in_order(code, range(array.shape[1]), small=array.size <= SMALL)
    codes = np.empty(array.shape, code_dtype(max((c.n_levels for c in found), default=0)), "F")
    for target, coded in zip(codes.T, found, strict=True):
        target[:] = coded.codes
    return codes, [coded.edges for coded in found if coded.edges is not None]


def supervised_edges(a: Array, classes: Classes, most: int, limits: Any = None) -> Array:
    """
    Edges of at most `most` bins that separate the classes, for numbers or dates.

    Samples outside the `limits` and samples without a class are ignored.
    """
    if a.size >= _MOST_SAMPLES:
        raise ValueError(f"strategy='mdl' is for fewer than 2**31 samples, got {a.size}")
    if a.dtype.kind in "mM":
        whole = a.astype(a.dtype.newbyteorder("="), copy=False).view(np.int64)
        return _of_integers(whole, classes, most, limits, ~np.isnat(a)).view(
            a.dtype.newbyteorder("=")
        )
    if _is_long(a):
        return _of_integers(a, classes, most, limits, None)
    return _of_floats(as_block(a), classes, most, limits)


def _is_long(a: Array) -> bool:
    """Whether samples are integers of which some are not exact in float64."""
    if a.dtype.kind not in "iu" or a.dtype.itemsize < 8 or not a.size:
        return False
    return max(-int(a.min()), int(a.max())) > _EXACT


def _of_floats(x: Array, classes: Classes, most: int, limits: Any) -> Array:
    low, high = (-math.inf, math.inf) if limits is None else limits
    keys, codes = np.empty(x.size, np.uint64), np.empty(x.size, np.uint32)
    n, infinite = keys_with_codes(
        x, classes.codes, np.uint32(classes.n), float(low), float(high), keys, codes
    )
    if infinite:
        raise infinite_range(np.nanmin(x), np.nanmax(x))
    if not n:
        return np.array([0.0, 1.0])
    keys, places = _cuts(keys[:n], codes[:n], classes.n, most)
    ends = _floats(keys[[0, -1]])
    return _halfway(_floats(keys[places - 1]), _floats(keys[places]), ends)


def _of_integers(
    a: Array, classes: Classes, most: int, limits: Any, present: Array | None
) -> Array:
    """Edges that are integers, since neighbouring integers may have no float64 between them."""
    taken = classes.codes != classes.n
    if present is not None:
        taken &= present
    if limits is not None:
        taken &= (a >= limits[0]) & (a <= limits[1])
    some = a[taken]
    signed = a.dtype.kind == "i"
    keys = some.astype(np.int64 if signed else np.uint64).view(np.uint64)
    keys = keys ^ _TOP if signed else keys
    if not keys.size:
        return np.array([0, 1], np.int64)
    keys, places = _cuts(keys, classes.codes[taken], classes.n, most)
    edges = _halfway_integers(keys[places - 1], keys[places], keys[[0, -1]])
    return (edges ^ _TOP).view(np.int64) if signed else edges


def edges_of_values(values: Array) -> Array:
    """Edges that separate ascending numbers: halfway between neighbours, and at both ends."""
    if not _is_long(values):
        found = values.astype(np.float64)
        return _halfway(found[:-1], found[1:], found[[0, -1]])
    signed = values.dtype.kind == "i"
    keys = values.astype(np.int64 if signed else np.uint64).view(np.uint64)
    keys = keys ^ _TOP if signed else keys
    edges = _halfway_integers(keys[:-1], keys[1:], keys[[0, -1]])
    return (edges ^ _TOP).view(np.int64) if signed else edges


def _halfway(below: Array, above: Array, ends: Array) -> Array:
    """Edges between each float of `below` and the next one, above the former, and both ends."""
    low, high = ends.tolist()
    if low == high:
        edges = np.empty(6)
        return edges[: plain_edges(read_only(np.array([low])), 1, edges)].copy()
    middle = between(below, above)
    last = high if not middle.size or high > middle[-1] else np.nextafter(high, np.inf)
    return np.concatenate([[low], middle, [last]])


def _halfway_integers(below: Array, above: Array, ends: Array) -> Array:
    """Edges halfway between the keys of integers; the edges are keys too."""
    distance = above - below
    cuts = below + distance // np.uint64(2) + (distance & np.uint64(1))
    low, high = ends
    last = cuts[-1] if cuts.size else low
    if last == high:
        if high < np.iinfo(np.uint64).max:
            high = high + np.uint64(1)
        elif not cuts.size:
            low = low - np.uint64(1)
    return np.concatenate([[low], cuts, [high]]).astype(np.uint64)


def _cuts(keys: Array, codes: Array, n_classes: int, most: int) -> tuple[Array, Array]:
    """Sorted keys, and the ascending places of the cuts; a cut lies before the key at its place."""
    n = keys.size
    more_keys, more_codes = np.empty(n, np.uint64), np.empty(n, np.uint32)
    if sort_with_codes(keys, codes, more_keys, more_codes):
        keys, codes, more_keys = more_keys, more_codes, keys
    entries = more_keys
    m = entries_of(keys, codes, n_classes, entries)
    places = entropy_cuts(entries[:m], n, n_classes, min(most - 1, n))
    return keys, np.sort(places)


def cuts_of_cells(
    rows: Array, columns: Array, counts: Array, n_classes: int, n: int, most: int
) -> Array:
    """
    Find the cuts of a table of values (rows) and classes (columns).

    Returns the row before which each cut lies. If there are empty rows between two parts, the cut
    is in their middle.
    """
    x, y, times = (
        read_only(np.ascontiguousarray(a, dtype))
        for a, dtype in ((rows, np.int64), (columns, np.uint32), (counts, np.int64))
    )
    entries = np.empty(rows.size + (n >> 31), np.uint64)
    m = entries_of_cells(x, y, times, entries)
    places = np.sort(entropy_cuts(entries[:m], n, n_classes, min(most - 1, n)))
    ends = np.flatnonzero(np.diff(rows)) + 1  # of rows, among the cells
    before = np.searchsorted(np.cumsum(counts), places)  # the last cell of what is below
    last, following = rows[before], rows[ends[np.searchsorted(ends, before, side="right")]]
    found: Array = (last.astype(np.int64) + 1 + following) // 2
    return found


def _floats(keys: Array) -> Array:
    """Convert keys, which sort like float64 numbers, back to these numbers."""
    signed = (keys ^ _TOP).view(np.int64)
    bits = np.where(signed < 0, signed ^ _MAGNITUDE, signed)
    return bits.view(np.float64)
