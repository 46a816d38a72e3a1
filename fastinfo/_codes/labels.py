"""Codes of labels: integers, booleans, strings, dates, objects."""

from __future__ import annotations

import functools
import itertools
import operator
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._codes.hashing import code_rows, distinct_keys, ranks, relabel
from fastinfo._codes.integers import as_few, as_keys, likely_window, shifted
from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.encoding import hashing
from fastinfo.kernels.encoding import integers as kernels

_NEAR = 64  # a range in which the bits of one word show which integers occur
_FEW_LEVELS = 255  # with up to this many levels, codes are bytes


def encode(a: Array) -> Coded:
    """Codes of labels of any dtype; the levels that occur are sorted if they can be compared."""
    return _ENCODERS.get(a.dtype.kind if a.dtype.itemsize else "", _encode_objects)(a)


def encode_few(a: Array) -> Coded | None:
    """Codes of a few integers or booleans of few values, by one kernel call; else None."""
    labels = as_few(a)
    if labels is None:
        return None
    codes, levels = np.empty(a.size, np.uint8), np.empty(_FEW_LEVELS, np.int64)
    n = kernels.code_few(labels, codes, levels)
    return Coded(codes, n, levels=levels[:n].astype(a.dtype, copy=False)) if n else None


def _encode_integers(a: Array) -> Coded:
    """Codes of booleans and integers; without sorting or hashing if their range is small."""
    few = encode_few(a)
    if few is not None:
        return few
    level_dtype = a.dtype
    a = a.view(np.uint8) if a.dtype.kind == "b" else a
    near = _encode_near(a, level_dtype)
    if near is not None:
        return near
    least, most = int(a.min()), int(a.max())
    if most - least >= max(4 * a.size, 1 << 16):
        dtype = np.int64 if a.dtype.kind == "i" else np.uint64
        levels, codes = distinct_keys(a.size, lambda start, stop: as_keys(a[start:stop]), dtype)
        return Coded(codes, levels.size, levels=levels.astype(a.dtype))
    origin = np.uint64(least % 2**64)
    seen = np.zeros(most - least + 1, np.bool_)
    for start, stop in spans(a.size, CHUNK):
        kernels.mark_integers(as_keys(a[start:stop]), origin, seen)
    offsets = np.flatnonzero(seen)
    lookup = np.zeros(seen.size, code_dtype(offsets.size))
    lookup[offsets] = np.arange(offsets.size, dtype=lookup.dtype)
    lookup = read_only(lookup)
    codes = np.empty(a.size, lookup.dtype)

    def relabel(span: tuple[int, int]) -> None:
        part = slice(*span)
        kernels.codes_from_integers(as_keys(a[part]), origin, lookup, codes[part])

    run_in_order(relabel, spans(a.size, CHUNK))
    return Coded(codes, offsets.size, levels=shifted(offsets, least, level_dtype))


def _encode_near(a: Array, level_dtype: np.dtype[Any]) -> Coded | None:
    """Codes of integers within a range of 64, judged by some of them; else None."""
    least, width = likely_window(a)
    if width > _NEAR:
        return None
    codes = np.empty(a.size, np.uint8)
    origin = np.uint64(least % 2**64)
    block = functools.partial(as_block, dtype=np.uint8) if a.dtype == np.uint8 else as_keys

    def code(span: tuple[int, int]) -> tuple[int, int]:
        part = slice(*span)
        most, seen = kernels.codes_of_near(block(a[part]), origin, codes[part])
        return int(most), int(seen)

    found = run_in_order(code, spans(a.size, CHUNK))
    if max(most for most, _ in found) >= width:
        return None
    occurring = functools.reduce(operator.or_, [seen for _, seen in found])
    offsets = np.array([k for k in range(width) if occurring >> k & 1])
    if offsets.size < width:
        lookup = np.zeros(width, np.uint8)
        lookup[offsets] = np.arange(offsets.size)
        codes = lookup[codes]
    return Coded(codes, offsets.size, levels=shifted(offsets, least, level_dtype))


def _encode_floats(a: Array) -> Coded:
    """Codes of floats; NaN is missing."""
    if a.dtype.itemsize > 8:
        levels, codes = np.unique(a, return_inverse=True)
        return _without_missing(levels, codes.reshape(-1), a.dtype)

    def keys_of(start: int, stop: int) -> Array:
        keys = np.empty(stop - start, np.uint64)
        hashing.float_keys(as_block(a[start:stop], np.float64), keys)
        return read_only(keys)

    return _without_missing(*distinct_keys(a.size, keys_of, np.float64), a.dtype)


def _encode_times(a: Array) -> Coded:
    """Codes of dates and durations; NaT is missing."""
    native = a.dtype.newbyteorder("=")

    def keys_of(start: int, stop: int) -> Array:
        return as_block(as_block(a[start:stop], native).view(np.uint64), np.uint64)

    return _without_missing(*distinct_keys(a.size, keys_of, native), a.dtype)


def _without_missing(levels: Array, codes: Array, dtype: np.dtype[Any]) -> Coded:
    """Remove a last level of NaN or NaT; its code becomes that of missing samples."""
    n = levels.size - int((levels[-1:] != levels[-1:]).sum())
    return Coded(codes.astype(code_dtype(n), copy=False), n, levels=levels[:n].astype(dtype))


def _encode_strings(a: Array) -> Coded:
    """Codes of strings of fixed width, hashed by their bytes."""
    kind, size = a.dtype.kind, a.dtype.itemsize
    padded = a.dtype if size % 4 == 0 else np.dtype(f"{kind}{4 * (size // 4 + 1)}")

    def words_of(start: int, stop: int) -> Array:
        part = np.ascontiguousarray(a[start:stop], padded)
        return as_block(part.view(np.uint32), np.uint32)

    rows, codes = code_rows(a.size, padded.itemsize // 4, words_of)
    levels = rows.view(padded).reshape(-1)
    order = np.argsort(levels)
    return Coded(relabel(codes, ranks(order)), levels.size, levels=levels[order].astype(a.dtype))


def is_missing(label: object) -> bool:
    """Whether a Python object means a missing sample."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(label != label)
    except ArithmeticError:  # a signalling NaN
        return True
    except (TypeError, ValueError):
        return False


def _encode_objects(a: Array) -> Coded:
    """Codes of Python objects, hashed; sorted if comparable, else in order of appearance."""
    try:
        places: dict[object, int] = defaultdict(itertools.count().__next__)
        found = np.fromiter(map(places.__getitem__, a.tolist()), np.int64, a.size)
    except TypeError:  # an object is not hashable, or can't be compared with a missing one
        places, found = _places_one_by_one(a)
    present = [label for label in places if not is_missing(label)]
    try:
        present.sort()
    except TypeError:
        present = [label for label in places if not is_missing(label)]
    n = len(present)
    lookup = np.full(len(places) + 1, n, code_dtype(n))  # the last entry is for places of -1
    lookup[[places[label] for label in present]] = np.arange(n, dtype=lookup.dtype)
    levels = np.empty(n, object)
    levels[:] = present
    return Coded(lookup[found], n, levels=levels)


def _places_one_by_one(a: Array) -> tuple[dict[object, int], Array]:
    places: dict[object, int] = {}
    found = np.full(a.size, -1, np.int64)
    for i, label in enumerate(a):
        if not is_missing(label):
            try:
                found[i] = places.setdefault(label, len(places))
            except TypeError as error:
                raise TypeError(f"labels must be hashable, got {type(label).__name__}") from error
    return places, found


#: Functions that code labels, by the kind of their dtype; all others are Python objects.
_ENCODERS: dict[str, Callable[[Array], Coded]] = {
    "b": _encode_integers,
    "i": _encode_integers,
    "u": _encode_integers,
    "f": _encode_floats,
    "m": _encode_times,
    "M": _encode_times,
    "S": _encode_strings,
    "U": _encode_strings,
}


def _as_objects(levels: Array) -> list[object]:
    """Levels as Python objects; dates stay NumPy's, because they would become integers."""
    return list(levels) if levels.dtype.kind in "mM" else levels.tolist()


def join_levels(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Union of two lists of levels, and the place in it of each level of `a` and of `b`."""
    if a.dtype == b.dtype and a.shape == b.shape and bool(np.all(a == b)):
        places = np.arange(a.size)
        return a, places, places
    if a.dtype != object and b.dtype != object and (a.dtype.kind == b.dtype.kind):
        levels = np.union1d(a, b)
        return levels, np.searchsorted(levels, a), np.searchsorted(levels, b)
    together = np.empty(a.size + b.size, object)
    together[: a.size] = _as_objects(a)
    together[a.size :] = _as_objects(b)
    coded = _encode_objects(together)
    assert coded.levels is not None
    places = coded.codes.astype(np.intp)
    return coded.levels, places[: a.size], places[a.size :]
