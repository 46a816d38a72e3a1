"""Labels to codes: integers, booleans, strings, dates, objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._codes import CHUNK, Coded, code_dtype
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, as_block, read_only
from fastinfo.kernels import encoding as kernels

__all__ = ["distinct_numbers", "encode", "is_discrete", "join_levels", "said_discrete"]


def encode(a: Array) -> Coded:
    """Code labels of any dtype; the levels are those that occur, sorted where they can be."""
    kind = a.dtype.kind
    if kind == "b":
        return _encode_integers(a.view(np.uint8) if a.dtype == np.bool_ else a, np.dtype(np.bool_))
    if kind in "iu":
        least, most = int(a.min()), int(a.max())
        if most - least < max(4 * a.size, 1 << 16):
            return _encode_integers(a, a.dtype)
        return _encode_sortable(a, None)
    if kind == "f":
        return _encode_sortable(a, np.isnan(a))
    if kind in "mM":
        return _encode_sortable(a, np.isnat(a))
    if kind in "US":
        return _encode_sortable(a, None)
    return _encode_objects(a)


def _encode_integers(a: Array, level_dtype: np.dtype[np.generic]) -> Coded:
    """Integers whose range is not much larger than their number: no sort, no hash."""
    least, most = int(a.min()), int(a.max())
    origin = np.uint64(least % 2**64)
    seen = np.zeros(most - least + 1, np.bool_)
    for start, stop in spans(a.size, CHUNK):
        kernels.mark_integers(_as_uint64(a[start:stop]), origin, seen)
    offsets = np.flatnonzero(seen)
    dtype = code_dtype(offsets.size)
    lookup = np.zeros(seen.size, dtype)
    lookup[offsets] = np.arange(offsets.size, dtype=dtype)
    lookup = read_only(lookup)
    codes = np.empty(a.size, dtype)

    def relabel(span: tuple[int, int]) -> None:
        part = slice(*span)
        kernels.codes_from_integers(_as_uint64(a[part]), origin, lookup, codes[part])

    run_in_order(relabel, spans(a.size, CHUNK))
    levels = np.array([least + int(offset) for offset in offsets], dtype=level_dtype)
    return Coded(codes, offsets.size, levels=levels)


def _as_uint64(a: Array) -> Array:
    if a.dtype.kind == "i":
        return as_block(as_block(a, np.int64).view(np.uint64), np.uint64)
    return as_block(a, np.uint64)


def _encode_sortable(a: Array, missing: Array | None) -> Coded:
    """Any dtype that NumPy sorts; `missing` tells which labels are none."""
    if missing is None or not missing.any():
        levels, inverse = np.unique(a, return_inverse=True)
        codes = inverse.reshape(-1).astype(code_dtype(levels.size))
        return Coded(codes, levels.size, levels=levels)
    present = ~missing
    levels, inverse = np.unique(a[present], return_inverse=True)
    codes = np.full(a.size, levels.size, code_dtype(levels.size))
    codes[present] = inverse.reshape(-1)
    return Coded(codes, levels.size, levels=levels)


def _is_missing(label: object) -> bool:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(label != label)
    except (TypeError, ValueError):
        return False


def _encode_objects(a: Array) -> Coded:
    """Python objects: hashed, then sorted if they can be compared, else in order of appearance."""
    places: dict[object, int] = {}
    found = np.empty(a.size, np.int64)
    try:
        for i, label in enumerate(a):
            if _is_missing(label):
                found[i] = -1
            else:
                found[i] = places.setdefault(label, len(places))
    except TypeError as error:
        raise TypeError(f"labels must be hashable, got {type(label).__name__}") from error
    labels = list(places)
    try:
        order = sorted(range(len(labels)), key=lambda i: labels[i])  # type: ignore[arg-type, return-value]
    except TypeError:
        order = list(range(len(labels)))
    levels = np.empty(len(labels), object)
    levels[:] = [labels[i] for i in order]
    dtype = code_dtype(len(labels))
    lookup = np.empty(len(labels) + 1, dtype)
    lookup[order] = np.arange(len(labels), dtype=dtype)
    lookup[-1] = len(labels)  # where found is -1
    return Coded(lookup[found], len(labels), levels=levels)


def _as_objects(levels: Array) -> list[object]:
    """Levels as Python objects; dates stay NumPy's, which would turn into integers."""
    return list(levels) if levels.dtype.kind in "mM" else levels.tolist()


def distinct_numbers(a: Array, limit: int) -> Array | None:
    """Sorted distinct numbers of an array, NaN apart; None if there are more than `limit`."""
    if a.dtype.kind in "iu" and a.size and max(-int(a.min()), int(a.max())) >= 2**53:
        # float64 does not tell them apart: as distances from the least one, if those are small.
        least = int(a.min())
        if int(a.max()) - least < 2**53:
            few = distinct_numbers(a - a.dtype.type(least), limit)
            return None if few is None else few.astype(a.dtype) + a.dtype.type(least)
        levels = np.unique(a)
        return levels if levels.size <= limit else None
    values = np.empty(limit)
    slots = np.full(1025, -1, np.int64)
    slots[-1] = n = 0
    for start, stop in spans(a.size, CHUNK):
        n = kernels.distinct(as_block(a[start:stop], np.float64), limit, values, slots)
        if n > limit:
            return None
    levels = np.sort(values[:n])
    return levels.astype(a.dtype) if a.dtype.kind in "iu" else levels


def join_levels(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Union of two lists of levels, and the place of each level of `a` and of `b` in it."""
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


def said_discrete(discrete: Any, place: int) -> bool | None:
    """What the user says of a variable: that it is labels, that it is not, or nothing."""
    pair = isinstance(discrete, (tuple, list)) and len(discrete) == 2
    word = discrete[place] if pair else discrete
    if isinstance(word, (bool, np.bool_)):
        return bool(word)
    if not (isinstance(word, str) and word == "auto"):
        raise ValueError(
            f"discrete must be 'auto', True, False or a pair of those, got {discrete!r}"
        )
    return None


def is_discrete(a: Array, discrete: Any, place: int) -> bool:
    """Whether a variable is labels, by the user's word or by its dtype."""
    said = said_discrete(discrete, place)
    if said is False and a.dtype.kind not in "biuf":
        raise TypeError(f"{'xy'[place]} must be real numbers to be binned, got dtype {a.dtype}")
    return a.dtype.kind != "f" if said is None else said
