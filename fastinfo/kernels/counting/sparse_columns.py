"""Count the columns of a sparse matrix of codes; the cost depends on the stored codes only.

The stored codes of column i are ``codes[starts[i]:starts[i + 1]]``, and their rows are the same
part of `rows`. All other rows have the code ``usual[i]``. Their counts are the margin of the other
variable minus what was counted. Codes from the number of levels on mean missing, and have no cell.

What the kernels expect: rows are within the other variable, codes are at most the number of levels,
and tables have room for all levels. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros


@kernel
def spread_column(rows, codes, out):
    """Write the stored codes to their rows."""
    for k in range(rows.size):
        out[np.uint64(rows[k])] = codes[k]


@kernel
def count_levels(starts, codes, usual, n_rows, i, counts):
    """How often each code of a column occurs; the last count is of missing samples."""
    for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
        counts[np.uint64(codes[k])] += 1
    counts[np.uint64(usual[i])] += n_rows - (starts[i + 1] - starts[i])


@kernel
def _count_beside(start, stop, rows, codes, others, width, table):
    for k in range(np.uint64(start), np.uint64(stop)):
        row = np.uint64(codes[k]) * np.uint64(width)
        table[row + np.uint64(others[np.uint64(rows[k])])] += 1


@kernel
def count_beside(starts, rows, codes, usual, columns, layout, others, margin, out, to):
    """
    Count some columns against the codes of a variable.

    `margin` has the counts of the variable, missing last. `layout` has the first row in `out` and
    the number of levels of each column. The counts are written to the columns of `out` from `to`
    on.
    """
    width = margin.size
    most = np.int64(0)
    for c in range(columns.size):
        most = layout[c, 1] if layout[c, 1] > most else most
    table = new_array((most + 1) * width, np.int64)
    for c in range(columns.size):
        i = columns[c]
        levels = layout[c, 1]
        for k in range((levels + 1) * width):
            table[np.uint64(k)] = 0
        _count_beside(starts[i], starts[i + 1], rows, codes, others, width, table)
        own = np.int64(usual[i]) * width
        for j in range(width):
            rest = margin[j]
            for a in range(levels + 1):
                rest -= table[np.uint64(a * width + j)]
            table[np.uint64(own + j)] += rest
        for a in range(levels):
            for j in range(width - 1):
                out[layout[c, 0] + a, to + j] = table[np.uint64(a * width + j)]


@kernel
def rows_of_columns(starts, rows, codes, columns, first, ends, slots):
    """
    Transpose some columns, so that what is stored of a row lies together.

    `ends` has one entry more than there are rows. All are 0, and become the places where the slots
    of each row end. The slot of a code is the code plus the `first` slot of its column.
    """
    for c in range(columns.size):
        i = columns[c]
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            ends[np.uint64(rows[k]) + np.uint64(1)] += 1
    total = np.int64(0)
    for r in range(ends.size):  # where the previous row begins
        total += ends[r]
        ends[r] = total
    for r in range(ends.size - 1, 0, -1):
        ends[r] = ends[r - 1]
    for c in range(columns.size):
        i = columns[c]
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            row = np.uint64(rows[k]) + np.uint64(1)
            slots[np.uint64(ends[row])] = first[c] + codes[k]
            ends[row] += 1


@kernel
def count_both(
    starts, rows, codes, usual, n_rows, x, others_usual, x_layout, y_layout, ends, slots, out
):
    """
    Count some columns against others, by what is stored in the same rows.

    `x` are the places of columns. The layouts have the first row or column in `out` and the number
    of levels of each. `ends` and `slots` are the other columns, transposed, with one more slot each
    for missing; `others_usual` are their usual codes.
    """
    n_slots = np.int64(0)
    for c in range(others_usual.size):
        n_slots += y_layout[c, 1] + 1
    most = np.int64(0)
    for c in range(x.size):
        most = x_layout[c, 1] if x_layout[c, 1] > most else most
    stored = new_zeros(n_slots, np.int64)  # for each code of the other columns
    for k in range(slots.size):
        stored[np.uint64(slots[k])] += 1
    table = new_array((most + 1) * n_slots, np.int64)
    own = new_array(most + 1, np.int64)
    sums = new_array(n_slots, np.int64)
    for c in range(x.size):
        i = x[c]
        levels = x_layout[c, 1]
        for k in range((levels + 1) * n_slots):
            table[np.uint64(k)] = 0
        for a in range(levels + 1):
            own[np.uint64(a)] = 0
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            own[np.uint64(codes[k])] += 1
            line = np.uint64(codes[k]) * np.uint64(n_slots)
            row = np.uint64(rows[k])
            for t in range(np.uint64(ends[row]), np.uint64(ends[row + np.uint64(1)])):
                table[line + np.uint64(slots[t])] += 1
        x_usual = np.int64(usual[i])
        x_stored = starts[i + 1] - starts[i]
        first = np.int64(0)
        for d in range(others_usual.size):
            width = y_layout[d, 1] + 1
            y_usual = np.int64(others_usual[d])
            both = np.int64(0)
            y_stored = np.int64(0)
            for j in range(width):
                sums[np.uint64(j)] = stored[np.uint64(first + j)]
                y_stored += stored[np.uint64(first + j)]
            for a in range(levels + 1):
                rest = own[np.uint64(a)]
                for j in range(width):
                    count = table[np.uint64(a * n_slots + first + j)]
                    sums[np.uint64(j)] -= count
                    rest -= count
                    both += count
                table[np.uint64(a * n_slots + first + y_usual)] += rest
            for j in range(width):
                table[np.uint64(x_usual * n_slots + first + j)] += sums[np.uint64(j)]
            neither = ((n_rows - x_stored) - y_stored) + both
            table[np.uint64(x_usual * n_slots + first + y_usual)] += neither
            for a in range(levels):
                for j in range(width - 1):
                    out[x_layout[c, 0] + a, y_layout[d, 0] + j] = table[
                        np.uint64(a * n_slots + first + j)
                    ]
            first += width


@kernel
def number_levels(starts, rows, codes, usual, n_levels, places, labels, ends):
    """
    The rows of each column that do not have the usual code, and their codes.

    Codes are numbered in the order in which they appear. Missing is the largest number of 32 bits.
    The results of a column begin where its codes do, and end at ``ends[i]``.
    """
    numbers = new_array(256, np.uint32)
    for i in range(starts.size - 1):
        for a in range(n_levels[i] + 1):
            numbers[np.uint64(a)] = np.uint32(0xFFFFFFFF)
        following = np.uint32(0)
        to = starts[i]
        for k in range(np.uint64(starts[i]), np.uint64(starts[i + 1])):
            code = codes[k]
            if code == usual[i]:
                continue
            if code < n_levels[i] and numbers[np.uint64(code)] == np.uint32(0xFFFFFFFF):
                numbers[np.uint64(code)] = following
                following += np.uint32(1)
            places[np.uint64(to)] = rows[k]
            labels[np.uint64(to)] = numbers[np.uint64(code)]
            to += 1
        ends[i] = to
