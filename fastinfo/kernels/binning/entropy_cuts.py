"""Cuts of sorted samples that minimise the entropy of their classes.

Fayyad & Irani (1993), Multi-Interval Discretization of Continuous-Valued Attributes for
Classification Learning, IJCAI-93, 1022-1027. An interval is cut where the mean entropy of the
classes is smallest, provided that the cut shortens the description of the classes by more than the
description of the cut takes. Then both parts are cut in the same way. The best cut is always at a
boundary: a place between two neighbouring values at which not all samples of both values have the
same class (theorem 1 of the same authors, 1992, Machine Learning 8,
https://doi.org/10.1007/BF00994007).

Samples are given as entries: runs of samples of one class, with a flag if a boundary follows. ``n
log n`` of all counts is a fixed-point number, so sums over classes can be updated exactly from
entry to entry, and equal sums are equal wherever they began.

What the kernels expect: arrays are C-contiguous; entries are uint64; there are fewer than 2**31
samples, or 2**45 in a table, and fewer than 2**32 classes. This is not checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros
from fastinfo.kernels.elementary.scalar import log64

_TABLE = 1 << 20  # n log n of counts below this is looked up
_UNITS = 52  # bits of the fixed-point number n log n for all samples
_LOG3 = math.log(3.0)
_SIDE = np.uint64(32)
_ENDS = np.uint64(1 << 31)
_COUNT = np.uint64((1 << 31) - 1)
_NONE = np.int64(-1)

# Columns of the array of intervals that are still to be cut
_FIRST, _LAST, _START, _CUT, _PLACE = range(5)


@kernel
def entries_of(keys, classes, n_classes, entries):
    """
    Write the entries of sorted keys and their classes; return the number of entries.

    An entry is ``class << 32 | boundary << 31 | count``. There are at most as many entries as keys.
    """
    counts = new_zeros(n_classes, np.uint32)
    n = keys.size
    m = np.uint64(0)
    open_class = _NONE  # class of the last entry, which may continue
    start = 0
    while start < n:
        key = keys[start]
        code = np.int64(classes[start])
        stop = start + 1
        pure = True
        while stop < n and keys[stop] == key:
            pure &= np.int64(classes[stop]) == code
            stop += 1
        if pure:
            if code == open_class:
                entries[m - np.uint64(1)] += np.uint64(stop - start)
            else:
                if m > 0:
                    entries[m - np.uint64(1)] |= _ENDS
                entries[m] = (np.uint64(code) << _SIDE) | np.uint64(stop - start)
                m += np.uint64(1)
            open_class = code
        else:
            if m > 0:
                entries[m - np.uint64(1)] |= _ENDS
            first = m
            for i in range(start, stop):
                c = classes[i]
                if counts[c] == 0:
                    entries[m] = np.uint64(c)
                    m += np.uint64(1)
                counts[c] += np.uint32(1)
            for e in range(first, m):
                c = entries[e]
                entries[e] = (c << _SIDE) | np.uint64(counts[c])
                counts[c] = np.uint32(0)
            open_class = _NONE
        start = stop
    return np.int64(m)


@kernel
def entries_of_cells(rows, columns, counts, entries):
    """
    Write the entries of a table with a row for each value and a column for each class.

    Returns the number of entries. Cells are in the order of the table, and none is empty. A count
    of 2**31 or more becomes several entries, for which there must be room.
    """
    most = np.int64(_COUNT)
    m = np.uint64(0)
    open_class = _NONE
    start = 0
    while start < rows.size:
        stop = start + 1
        while stop < rows.size and rows[stop] == rows[start]:
            stop += 1
        code = np.int64(columns[start])
        pure = stop == start + 1
        if m > 0 and not (pure and code == open_class):
            entries[m - np.uint64(1)] |= _ENDS
        for i in range(start, stop):
            left = np.int64(counts[i])
            while left > 0:
                part = left if left < most else most
                entries[m] = (np.uint64(columns[i]) << _SIDE) | np.uint64(part)
                m += np.uint64(1)
                left -= part
        open_class = code if pure else _NONE
        start = stop
    return np.int64(m)


@kernel(fastmath=(), inline=True)
def _exact(count, scale):
    """``n log n`` in fixed point."""
    x = np.float64(count)
    return np.int64(np.floor(x * log64(x) * scale + 0.5))


@kernel(inline=True)
def _weight(count, table, scale):
    """``n log n`` in fixed point; small counts are looked up."""
    k = np.uint64(count)
    if k < np.uint64(table.size):
        return table[k]
    return _exact(count, scale)


@kernel(fastmath=())
def _scale_of(n):
    """The unit of the fixed-point numbers for counts up to `n`."""
    largest = n * math.log(n) if n > 1 else 1.0
    return 2.0 ** (_UNITS - math.ceil(math.log2(largest + 1.0)))


@kernel(fastmath=())
def _description(n, classes, entropy, classes_1, entropy_1, classes_2, entropy_2):
    """Length of the description of a cut, in nats, times n: the right side of the criterion."""
    three = classes * _LOG3 + math.log1p(-2.0 * math.exp(-classes * _LOG3))
    return (
        math.log(n - 1.0)
        + three
        - (classes * entropy - classes_1 * entropy_1 - classes_2 * entropy_2)
    )


@kernel(fastmath=())
def _best_cut(entries, first, last, start, table, scale, left, right, found):
    """
    The gain of the best cut of the entries from `first` to `last`, or -1 if none is accepted.

    Writes the entry and the sample that follow the cut; `start` is the number of the first sample
    here. `left` and `right` have a count for each class, and are all 0 before and after.
    """
    by_class = left.size <= last - first
    n = np.int64(0)
    classes = np.int64(0)
    whole = np.int64(0)  # sum of n log n
    for e in range(first, last):
        entry = entries[np.uint64(e)]
        c = entry >> _SIDE
        count = np.int64(entry & _COUNT)
        before = right[c]
        classes += np.int64(before == 0)
        right[c] = before + count
        n += count
        if not by_class:
            whole += _weight(before + count, table, scale) - _weight(before, table, scale)
    if by_class:
        for c in range(right.size):
            whole += _weight(right[c], table, scale)
    best = np.int64(0x7FFFFFFFFFFFFFFF)
    rest = whole
    done = np.int64(0)
    n_left = np.int64(0)
    classes_left = np.int64(0)
    classes_right = classes
    at = _NONE
    best_place = np.int64(0)
    best_done = np.int64(0)
    best_rest = np.int64(0)
    best_classes_left = np.int64(0)
    best_classes_right = np.int64(0)
    rounded = 4 * (classes + 2)  # units by which equal sums may differ
    if classes > 1:
        for e in range(first, last - 1):
            entry = entries[np.uint64(e)]
            c = entry >> _SIDE
            count = np.int64(entry & _COUNT)
            a = left[c]
            b = right[c]
            left[c] = a + count
            right[c] = b - count
            classes_left += np.int64(a == 0)
            classes_right -= np.int64(b == count)
            done += _weight(a + count, table, scale) - _weight(a, table, scale)
            rest += _weight(b - count, table, scale) - _weight(b, table, scale)
            n_left += count
            if entry & _ENDS:
                both = _weight(n_left, table, scale) + _weight(n - n_left, table, scale)
                score = both - done - rest
                if score < best - rounded:
                    best = score
                    at = np.int64(e) + 1
                    best_place = n_left
                    best_done = done
                    best_rest = rest
                    best_classes_left = classes_left
                    best_classes_right = classes_right
    if by_class:
        for c in range(left.size):
            left[c] = 0
            right[c] = 0
    else:
        for e in range(first, last):
            c = entries[np.uint64(e)] >> _SIDE
            left[c] = 0
            right[c] = 0
    if at < 0:
        return -1.0
    unit = 1.0 / scale
    total = np.float64(_weight(n, table, scale) - whole) * unit
    gain = total - np.float64(best) * unit
    n_right = n - best_place
    entropy_left = (
        np.float64(_weight(best_place, table, scale) - best_done) * unit / np.float64(best_place)
    )
    entropy_right = (
        np.float64(_weight(n_right, table, scale) - best_rest) * unit / np.float64(n_right)
    )
    taken = _description(
        np.float64(n),
        np.float64(classes),
        total / np.float64(n),
        np.float64(best_classes_left),
        entropy_left,
        np.float64(best_classes_right),
        entropy_right,
    )
    found[0] = at
    found[1] = start + best_place
    return gain if gain > taken else -1.0


@kernel
def _grown(a):
    """A copy of an array, or of a matrix, with twice as many rows."""
    more = new_matrix(2 * a.shape[0], a.shape[1], np.int64)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            more[i, j] = a[i, j]
    return more


@kernel(fastmath=())
def entropy_cuts(entries, n, n_classes, most):
    """
    Places of the accepted cuts among the sorted samples, in no particular order.

    A place is the number of the sample after the cut. If there are more than `most` cuts, intervals
    are cut in the order of the gain in nats of all their samples, largest first, and the first
    `most` cuts are taken. `n` is the number of samples.
    """
    scale = _scale_of(n)
    table = new_array(n + 1 if n < _TABLE else _TABLE, np.int64)
    table[0] = 0
    for k in range(1, table.size):
        table[k] = _exact(k, scale)
    left = new_zeros(n_classes, np.int64)
    right = new_zeros(n_classes, np.int64)
    found = new_zeros(2, np.int64)
    waiting = new_matrix(16, 5, np.int64)
    gains = new_array(16, np.float64)
    cuts = new_matrix(16, 1, np.int64)
    n_cuts = 0
    gain = _best_cut(entries, 0, entries.size, 0, table, scale, left, right, found)
    n_waiting = 0
    if gain >= 0.0:
        waiting[0, _FIRST] = 0
        waiting[0, _LAST] = entries.size
        waiting[0, _START] = 0
        waiting[0, _CUT] = found[0]
        waiting[0, _PLACE] = found[1]
        gains[0] = gain
        n_waiting = 1
    while n_waiting > 0 and n_cuts < most:
        k = n_waiting - 1
        if most < n:  # otherwise all cuts are taken and their order does not matter
            for i in range(n_waiting):
                if gains[i] > gains[k] or (
                    gains[i] == gains[k] and waiting[i, _PLACE] < waiting[k, _PLACE]
                ):
                    k = i
        first = waiting[k, _FIRST]
        last = waiting[k, _LAST]
        start = waiting[k, _START]
        cut = waiting[k, _CUT]
        place = waiting[k, _PLACE]
        n_waiting -= 1
        for j in range(5):
            waiting[k, j] = waiting[n_waiting, j]
        gains[k] = gains[n_waiting]
        if n_cuts == cuts.shape[0]:
            cuts = _grown(cuts)
        cuts[n_cuts, 0] = place
        n_cuts += 1
        if n_waiting + 2 > waiting.shape[0]:
            waiting = _grown(waiting)
            more = new_array(2 * gains.size, np.float64)
            for i in range(gains.size):
                more[i] = gains[i]
            gains = more
        for side in range(2):
            a = first if side == 0 else cut
            b = cut if side == 0 else last
            begin = start if side == 0 else place
            gain = _best_cut(entries, a, b, begin, table, scale, left, right, found)
            if gain >= 0.0:
                waiting[n_waiting, _FIRST] = a
                waiting[n_waiting, _LAST] = b
                waiting[n_waiting, _START] = begin
                waiting[n_waiting, _CUT] = found[0]
                waiting[n_waiting, _PLACE] = found[1]
                gains[n_waiting] = gain
                n_waiting += 1
    return cuts[:n_cuts, 0]
