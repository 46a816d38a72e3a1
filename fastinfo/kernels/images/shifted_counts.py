"""Mutual information at each shift of one image against another, from sums over counts.

The terms ``round(c log c 2**k)`` are integers from a table. So neither the order of the counts nor
the method by which they were found changes the sum.

What the kernels expect: codes are below the number of levels. A code equal to that number means
that the pixel does not count. Tables have an entry for each possible count. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.lanes import LANES, in_lanes
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros
from fastinfo.kernels.images import butterflies as steps
from fastinfo.kernels.images.butterflies import ROW
from fastinfo.kernels.images.transforms import backward

_FEW_CELLS = 4096  # four tables of up to this many cells fit into the first-level cache


def _add(on, z, at, digits, d, table, sums, to, count):
    left = on.floor(on.load(z, at) + 0.5)
    total = on.load(sums, to)
    for k in range(count - 1):  # from the last digit to the second
        digit = on.floor((left + 0.5) * on.spread(digits, d + 2 * k))
        left = left - digit * on.spread(digits, d + (2 * k + 1))
        total = total + on.looked_up(table, digit)
    on.store(sums, to, total + on.looked_up(table, left))


@in_lanes
def _add_one(on, z, at, digits, d, table, sums, to):
    _add(on, z, at, digits, d, table, sums, to, 1)


@in_lanes
def _add_two(on, z, at, digits, d, table, sums, to):
    _add(on, z, at, digits, d, table, sums, to, 2)


@in_lanes
def _add_three(on, z, at, digits, d, table, sums, to):
    _add(on, z, at, digits, d, table, sums, to, 3)


@kernel
def _add_rows(z, start, first, last, part, count, digits, table, sums):
    """Add the table's terms of the counts in one part of the rows to the sums."""
    d = 4 * part
    for i in range(start + first, start + last):
        at = i * ROW + part * LANES
        if count == 3:
            _add_three(z, at, digits, d, table, sums, i * LANES)
        elif count == 2:
            _add_two(z, at, digits, d, table, sums, i * LANES)
        else:
            _add_one(z, at, digits, d, table, sums, i * LANES)


@kernel
def back_along_y(
    z,
    first,
    last,
    y_size,
    chosen,
    places,
    all_blocks,
    plan,
    roots,
    twist,
    low,
    high,
    counts,
    digits,
    table,
    sums,
):
    """
    Transform images of counts back along y, and add the terms of the counts to the sums.

    A complex number holds several counts: `counts` says how many in its real and how many in its
    imaginary part. They are the digits of these parts. `digits` (2, 2, 2) are the reciprocals of
    the place values of the last and the second digit, and the place values. `chosen` are the blocks
    along x, `places` those along the outer dimensions. Rows before `low` and from `high` on are
    used.
    """
    for run in range(first, last):
        place = places[run // chosen.shape[0]]
        start = (place * all_blocks + chosen[run % chosen.shape[0]]) * y_size
        if twist.size > 0:
            for i in range(start, start + y_size):
                steps.multiply_by(twist, i, z, i)
        backward(z, start, y_size, plan, roots)
        for part in range(2):
            if counts[part] > 0:
                _add_rows(z, start, 0, low, part, counts[part], digits, table, sums)
                _add_rows(z, start, high, y_size, part, counts[part], digits, table, sums)


@kernel
def _count_overlap(fixed, moving, start, lengths, table, sides):
    """
    Count the pairs of codes in an overlap, which begins at `start` in both images.

    The codes of the fixed image are already places of rows in the table. `lengths` (3, d) are those
    of the overlap, and the steps along each dimension in both images. Neighbours are counted in
    `sides` tables, 1 or 4.
    """
    d = lengths.shape[1]
    n = lengths[0, d - 1]
    lines = 1
    for k in range(d - 1):
        lines *= lengths[0, k]
    cells = np.uint64(table.shape[0] // sides)
    one = np.uint64(1)
    second = cells if sides > 1 else np.uint64(0)
    third = second + second
    fourth = third + second
    for line in range(lines):
        i = start[0]
        j = start[1]
        left = line
        for k in range(d - 2, -1, -1):
            place = left % lengths[0, k]
            left //= lengths[0, k]
            i += place * lengths[1, k]
            j += place * lengths[2, k]
        x = np.uint64(i)
        y = np.uint64(j)
        for _ in range(n // 4):
            table[np.uint64(fixed[x]) + np.uint64(moving[y])] += one
            table[second + np.uint64(fixed[x + one]) + np.uint64(moving[y + one])] += one
            table[
                third + np.uint64(fixed[x + np.uint64(2)]) + np.uint64(moving[y + np.uint64(2)])
            ] += one
            table[
                fourth + np.uint64(fixed[x + np.uint64(3)]) + np.uint64(moving[y + np.uint64(3)])
            ] += one
            x += np.uint64(4)
            y += np.uint64(4)
        for _ in range(n % 4):
            table[np.uint64(fixed[x]) + np.uint64(moving[y])] += one
            x += one
            y += one


@kernel
def information_by_counting(fixed, moving, shapes, radius, first, last, levels, terms, scale, out):
    """
    Information in nats at the shifts `first` to `last`, by counting each overlap.

    `shapes` (2, d) are those of the images, and `radius` is the largest shift along each dimension.
    The images are flat. Codes of the fixed image are multiplied by the number of moving `levels`
    plus one. `terms` are ``c log c`` in units of `scale`.
    """
    d = radius.size
    rows = levels[0]
    columns = levels[1]
    cells = (rows + 1) * (columns + 1)
    sides = 4 if cells <= _FEW_CELLS else 1
    table = new_zeros(cells * sides, np.uint64)
    column_counts = new_array(columns, np.uint64)
    lengths = new_matrix(3, d, np.int64)
    start = new_array(2, np.int64)
    for number in range(first, last):
        left = number
        start[0] = 0
        start[1] = 0
        lengths[1, d - 1] = 1
        lengths[2, d - 1] = 1
        overlap = 1
        for k in range(d - 1, -1, -1):
            if k < d - 1:
                lengths[1, k] = lengths[1, k + 1] * shapes[0, k + 1]
                lengths[2, k] = lengths[2, k + 1] * shapes[1, k + 1]
            shift = left % (2 * radius[k] + 1) - radius[k]
            left //= 2 * radius[k] + 1
            low = -shift if shift < 0 else 0
            high = shapes[1, k] - shift
            high = high if high < shapes[0, k] else shapes[0, k]
            lengths[0, k] = high - low if high > low else 0
            overlap *= lengths[0, k]
            start[0] += low * lengths[1, k]
            start[1] += (low + shift) * lengths[2, k]
        if overlap == 0:
            out[number] = np.nan
            continue
        for k in range(table.size):
            table[k] = np.uint64(0)
        _count_overlap(fixed, moving, start, lengths, table, sides)
        out[number] = _information(table, rows, columns, sides, column_counts, terms, scale)


@kernel
def _information(table, rows, columns, sides, column_counts, terms, scale):
    """
    Information of counts that are distributed over several tables, side by side.

    The last row and column of each table, for pixels that do not count, are left out.
    """
    cells = np.uint64(table.size // sides)
    total = np.uint64(0)
    s = np.int64(0)
    for j in range(columns):
        column_counts[j] = np.uint64(0)
    for i in range(rows):
        begin = np.uint64(i * (columns + 1))
        in_row = np.uint64(0)
        for j in range(np.uint64(columns)):
            c = table[begin + j]
            for side in range(1, sides):
                c += table[np.uint64(side) * cells + begin + j]
            s += terms[c]
            in_row += c
            column_counts[j] += c
        s -= terms[in_row]
        total += in_row
    for j in range(columns):
        s -= terms[column_counts[j]]
    return information_of_sum(s + terms[total], total, scale)


@kernel
def information_of_sum(s, n, scale):
    """Information of `n` samples; the sum of their terms is `s`, in units of `scale`."""
    if n == 0:
        return np.nan
    return np.float64(s) * scale / np.float64(n) if s > 0 else 0.0


@kernel
def information_of_sums(sums, totals, terms, scale, out):
    """Information at each shift, from the sums of the terms and the sizes of the overlaps."""
    for k in range(sums.size):
        n = totals[k]
        out[k] = information_of_sum(sums[k] + terms[np.uint64(n)], n, scale)
