"""Random tables in which all rows except one are small, from the labels of their few samples.

The labels of the samples in all rows except the largest are drawn without replacement from the
columns of the table. Each table takes the first labels of the sequence, one for each sample of its
small rows. So one sequence of labels serves tables with any rows, and what two tables have in
common is added up only once. The sum over a small row depends on where it begins and ends in the
sequence. The sum over the largest row depends on how many labels have been taken.

Sums are fixed-point numbers, as in :mod:`fastinfo.kernels.information.independence`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros
from fastinfo.kernels.information.independence import fixed_term
from fastinfo.kernels.random.substreams import below, start

BLOCK = 64  # how many draws are added up together


@kernel
def fixed_terms(scale, out):
    """``c log(c)`` for each count c, in units of ``1 / scale``."""
    for c in range(out.size):
        out[np.uint64(c)] = fixed_term(c, scale)


@kernel
def draw_labels(columns, key, first, out):
    """
    Labels of the first samples in random order, a row for each draw, from number `first` on.

    The labels of a draw do not depend on how many are drawn, or on other draws.
    """
    n = np.int64(0)
    for j in range(columns.size):
        n += columns[j]
    codes = new_array(n, np.uint32)
    k = 0
    for j in range(columns.size):
        for _ in range(columns[j]):
            codes[np.uint64(k)] = j
            k += 1
    draws, size = out.shape
    places = new_array(size, np.int64)
    state = new_array(4, np.uint64)
    for d in range(draws):
        start(key, first + d, state)
        for i in range(size):
            other = np.uint64(i) + below(state, n - i)
            code = codes[other]
            codes[other] = codes[np.uint64(i)]
            codes[np.uint64(i)] = code
            places[np.uint64(i)] = np.int64(other)
            out[d, i] = code
        for i in range(size - 1, -1, -1):  # restore the order for the next draw
            other = np.uint64(places[np.uint64(i)])
            code = codes[other]
            codes[other] = codes[np.uint64(i)]
            codes[np.uint64(i)] = code


@kernel
def sums_of_rows(labels, columns, terms, begins, ends, gone, bounds, items, out):
    """
    Sums of ``c log(c)`` over the cells of tables: a row for each table, a number for each draw.

    The small rows of the tables are parts of the sequences, from `begins` to `ends`, sorted by
    these. `gone` has, in ascending order, how many labels have been taken from the largest row of a
    table. Table t is the sum of ``items[bounds[t]:bounds[t + 1]]``. An item is the place of a small
    row among the parts or, after all of those, the place of a largest row in `gone`.
    """
    draws = labels.shape[0]
    n_parts = begins.size
    n_items = n_parts + gone.size
    values = new_array(n_items * BLOCK, np.int64)
    counts = new_zeros(columns.size, np.int64)
    left = new_array(columns.size, np.int64)
    whole = np.int64(0)
    for j in range(columns.size):
        left[j] = columns[j]
        whole += terms[np.uint64(columns[j])]
    for first in range(0, draws, BLOCK):
        size = draws - first if draws - first < BLOCK else BLOCK
        for b in range(size):
            d = first + b
            s = whole
            place = 0
            for q in range(gone.size):
                while place < gone[q]:
                    code = np.uint64(labels[d, place])
                    c = left[code]
                    s -= terms[np.uint64(c)] - terms[np.uint64(c - 1)]
                    left[code] = c - 1
                    place += 1
                values[np.uint64((n_parts + q) * BLOCK + b)] = s
            for i in range(place):
                left[np.uint64(labels[d, i])] += 1
            p = 0
            while p < n_parts:
                begin = begins[p]
                place = begin
                s = np.int64(0)
                while p < n_parts and begins[p] == begin:
                    while place < ends[p]:
                        code = np.uint64(labels[d, place])
                        c = counts[code]
                        s += terms[np.uint64(c + 1)] - terms[np.uint64(c)]
                        counts[code] = c + 1
                        place += 1
                    values[np.uint64(p * BLOCK + b)] = s
                    p += 1
                for i in range(begin, place):
                    counts[np.uint64(labels[d, i])] = 0
        for t in range(bounds.size - 1):
            for b in range(size):
                out[t, first + b] = 0
            for k in range(bounds[t], bounds[t + 1]):
                at = items[k] * BLOCK
                for b in range(size):
                    out[t, first + b] += values[np.uint64(at + b)]


@kernel
def count_reached(sums, tables, least, out):
    """Count the drawn sums of each variable's table that are at least its own value."""
    for i in range(tables.size):
        found = np.int64(0)
        t = tables[i]
        bound = least[i]
        for d in range(sums.shape[1]):
            found += np.int64(np.float64(sums[t, d]) >= bound)
        out[i] = found
