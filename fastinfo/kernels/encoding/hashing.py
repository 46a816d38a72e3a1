"""Codes of labels by hashing, numbered in the order in which the labels first appear.

A table of ``2**k`` slots holds the distinct keys and their codes. An empty slot has the code
`EMPTY`. Slots are probed one after another. The table does not grow here: kernels stop before it
holds more than `limit` keys, and return how far they got.

What the kernels expect: keys are uint64, words and codes uint32, all C-contiguous. `limit` is below
the number of slots, which is a power of two above 1. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel

EMPTY = np.uint32(0xFFFFFFFF)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_U5 = np.uint64(5)
_U32 = np.uint64(32)
_U59 = np.uint64(59)


@kernel(inline=True)
def _shift(slots):
    """By how many bits a hash is shifted to give the number of a slot."""
    shift = np.uint64(64)
    while slots > 1:
        slots >>= 1
        shift -= _ONE
    return shift


@kernel(inline=True)
def _hash_key(key):
    return (key ^ (key >> _U32)) * _MULTIPLIER


@kernel(inline=True)
def _hash_row(words, start, width):
    h = width
    for k in range(start, start + width - _ONE, _TWO):
        pair = np.uint64(words[k]) | (np.uint64(words[k + _ONE]) << _U32)
        h = (((h << _U5) | (h >> _U59)) ^ pair) * _MULTIPLIER
    if width & _ONE:
        last = np.uint64(words[start + width - _ONE])
        h = (((h << _U5) | (h >> _U59)) ^ last) * _MULTIPLIER
    return (h ^ (h >> _U32)) * _MULTIPLIER


@kernel(inline=True)
def _differ(a, a_start, b, b_start, width):
    different = np.uint32(0)
    for k in range(width):
        different |= a[a_start + k] ^ b[b_start + k]
    return different != 0


@kernel
def codes_of_keys(keys, slot_keys, slot_codes, n, limit, out):
    """Write the code of each key; return the numbers of distinct keys and of coded keys."""
    shift = _shift(slot_codes.size)
    mask = np.uint64(slot_codes.size - 1)
    for i in range(keys.size):
        key = keys[i]
        slot = _hash_key(key) >> shift
        code = slot_codes[slot]
        while code != EMPTY and slot_keys[slot] != key:
            slot = (slot + _ONE) & mask
            code = slot_codes[slot]
        if code == EMPTY:
            if n == limit:
                return n, i
            code = np.uint32(n)
            slot_keys[slot] = key
            slot_codes[slot] = code
            n += 1
        out[i] = code
    return n, keys.size


@kernel
def move_keys(slot_keys, slot_codes, new_keys, new_codes):
    """Copy the keys of one table into a larger, empty one."""
    shift = _shift(new_codes.size)
    mask = np.uint64(new_codes.size - 1)
    for i in range(slot_codes.size):
        if slot_codes[i] != EMPTY:
            slot = _hash_key(slot_keys[i]) >> shift
            while new_codes[slot] != EMPTY:
                slot = (slot + _ONE) & mask
            new_keys[slot] = slot_keys[i]
            new_codes[slot] = slot_codes[i]


@kernel
def codes_of_rows(words, width, store, slot_codes, n, limit, out):
    """
    Write the code of each row of `width` words; distinct rows are copied to `store`.

    Returns the numbers of distinct rows and of coded rows.
    """
    shift = _shift(slot_codes.size)
    mask = np.uint64(slot_codes.size - 1)
    w = np.uint64(width)
    for i in range(out.size):
        start = np.uint64(i) * w
        slot = _hash_row(words, start, w) >> shift
        code = slot_codes[slot]
        while code != EMPTY and _differ(store, np.uint64(code) * w, words, start, w):
            slot = (slot + _ONE) & mask
            code = slot_codes[slot]
        if code == EMPTY:
            if n == limit:
                return n, i
            code = np.uint32(n)
            for k in range(w):
                store[np.uint64(n) * w + k] = words[start + k]
            slot_codes[slot] = code
            n += 1
        out[i] = code
    return n, out.size


@kernel
def move_rows(store, width, n, new_codes):
    """Enter the first `n` stored rows into an empty table."""
    shift = _shift(new_codes.size)
    mask = np.uint64(new_codes.size - 1)
    w = np.uint64(width)
    for i in range(n):
        slot = _hash_row(store, np.uint64(i) * w, w) >> shift
        while new_codes[slot] != EMPTY:
            slot = (slot + _ONE) & mask
        new_codes[slot] = np.uint32(i)


@kernel(fastmath=())  # adding 0.0 must not be optimised away, since it changes -0.0
def float_keys(x, out):
    """Bits of float64 numbers; both zeros have one key, and NaN has another (all bits set)."""
    for i in range(x.size):
        v = x[i] + 0.0
        bits = np.float64(v).view(np.uint64)
        out[i] = bits if v == v else ~np.uint64(0)


@kernel
def relabel(codes, lookup, out):
    """Write ``lookup[code]`` for each code."""
    for i in range(codes.size):
        out[i] = lookup[np.uint64(codes[i])]
