"""Codes by hashing, in tables that grow with the number of distinct keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK, code_dtype
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.encoding import hashing as kernels
from fastinfo.kernels.encoding import sorting

_SLOTS = 1 << 12  # initial number of slots
_GROWTH = 8  # small tables grow by this factor, large ones by 2
_LARGE = 1 << 22
_MOST = 2**32 - 2  # the most distinct keys
_DIGIT = 8  # bits of a digit
_FEW = 1 << 16  # up to this many distinct keys are always hashed


def _grown(slots: int) -> int:
    return slots * (_GROWTH if slots * _GROWTH <= _LARGE else 2)


def code_keys(
    n: int, keys_of: Callable[[int, int], Array], most: int = _MOST
) -> tuple[Array, Array] | None:
    """
    Distinct keys in the order of their first appearance, and the code of each of `n` keys.

    ``keys_of(start, stop)`` returns contiguous, read-only uint64. The result is None if there are
    more than about `most` distinct keys.
    """
    codes = np.empty(n, np.uint32)
    slot_keys = np.empty(_SLOTS, np.uint64)
    slot_codes = np.full(_SLOTS, kernels.EMPTY)
    found = 0
    for start, stop in spans(n, CHUNK):
        keys, out, done = keys_of(start, stop), codes[start:stop], 0
        while True:
            limit = min(slot_codes.size // 2, _MOST)
            found, more = kernels.codes_of_keys(
                keys[done:], slot_keys, slot_codes, found, limit, out[done:]
            )
            done += more
            if done == keys.size:
                break
            if found > most:
                return None
            code_dtype(found + 2)  # raises an error if codes would not fit
            new_keys = np.empty(_grown(slot_codes.size), np.uint64)
            new_codes = np.full(new_keys.size, kernels.EMPTY)
            kernels.move_keys(slot_keys, slot_codes, new_keys, new_codes)
            slot_keys, slot_codes = new_keys, new_codes
    used = np.flatnonzero(slot_codes != kernels.EMPTY)
    distinct = np.empty(found, np.uint64)
    distinct[slot_codes[used]] = slot_keys[used]
    return distinct, codes


def distinct_keys(
    n: int, keys_of: Callable[[int, int], Array], dtype: npt.DTypeLike = np.uint64
) -> tuple[Array, Array]:
    """Sorted distinct keys as numbers of `dtype`, and the place of each key among them."""
    found = code_keys(n, keys_of, max(_FEW, n // 4))
    if found is None:
        keys = np.empty(n, np.uint64)
        for start, stop in spans(n, CHUNK):
            keys[start:stop] = keys_of(start, stop)
        if dtype is np.uint64:
            return _sorted_keys(keys)
        levels, places = np.unique(keys.view(dtype), return_inverse=True)
        return levels, places.reshape(-1).astype(code_dtype(levels.size))
    keys, codes = found
    keys = keys.view(dtype)
    order = np.argsort(keys)
    return keys[order], relabel(codes, ranks(order))


def _sorted_keys(keys: Array) -> tuple[Array, Array]:
    """Sorted distinct keys and places of fewer than 2**32 keys, by a radix sort."""
    n, bits, shift = keys.size, int(keys.max()).bit_length(), 0
    places = np.arange(n, dtype=np.uint32)
    spare = np.empty(n, np.uint64), np.empty(n, np.uint32)
    while shift < bits:
        sorting.sort_by_digit(read_only(keys), read_only(places), shift, _DIGIT, *spare)
        (keys, places), spare = spare, (keys, places)
        shift += _DIGIT
    distinct, codes = spare
    n = sorting.number_runs(read_only(keys), read_only(places), distinct, codes)
    return distinct[:n].copy(), codes.astype(code_dtype(n), copy=False)


def ranks(order: Array) -> Array:
    """The place of each code, if `order` sorts the codes."""
    places = np.empty(order.size, code_dtype(order.size))
    places[order] = np.arange(order.size, dtype=places.dtype)
    return places


def code_rows(n: int, width: int, words_of: Callable[[int, int], Array]) -> tuple[Array, Array]:
    """
    Distinct rows in the order of their first appearance, and the code of each of `n` rows.

    ``words_of(start, stop)`` returns rows of `width` words, contiguous, read-only uint32.
    """
    codes = np.empty(n, np.uint32)
    slot_codes = np.full(_SLOTS // 8, kernels.EMPTY)
    store = np.empty(slot_codes.size // 2 * width, np.uint32)
    found = 0
    for start, stop in spans(n, CHUNK):
        words, out, done = words_of(start, stop), codes[start:stop], 0
        while True:
            limit = min(slot_codes.size // 2, _MOST)
            found, more = kernels.codes_of_rows(
                words[done * width :], width, store, slot_codes, found, limit, out[done:]
            )
            done += more
            if done == out.size:
                break
            code_dtype(found + 2)
            slot_codes = np.full(_grown(slot_codes.size), kernels.EMPTY)
            new_store = np.empty(slot_codes.size // 2 * width, np.uint32)
            new_store[: found * width] = store[: found * width]
            store = new_store
            kernels.move_rows(store, width, found, slot_codes)
    return store[: found * width].reshape(found, width), codes


def relabel(codes: Array, lookup: Array) -> Array:
    """``lookup[codes]`` for unsigned codes; the lookup may itself hold codes."""
    out = np.empty(codes.size, lookup.dtype)
    lookup, codes = read_only(lookup), read_only(codes)

    def fill(span: tuple[int, int]) -> None:
        part = slice(*span)
        kernels.relabel(codes[part], lookup, out[part])

    run_in_order(fill, spans(codes.size, CHUNK))
    return out
