"""Drawn tables of which all but one row are small, from the labels of their few samples.

The labels of the samples of all rows but the largest are drawn without replacement from the columns
of the table; each table takes as many of them as its small rows have samples, its largest one of
those first. So one sequence of labels serves tables of any rows, and what two tables have in
common is added up once: the sum over a row depends on where in the sequence it begins and ends, the
sum over the largest row on how many labels are gone.

Sums are of fixed-point numbers, as in :mod:`fastinfo.kernels.information.independence`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_zeros
from fastinfo.kernels.information.independence import fixed_term
from fastinfo.kernels.random.substreams import below, start

BLOCK = 64  # draws that are added up together


@kernel
def fixed_terms(scale, out):
    """``c log(c)`` of each count, in units of ``1 / scale``."""
    for c in range(out.size):
        out[np.uint64(c)] = fixed_term(c, scale)


@kernel
def draw_labels(columns, key, first, out):
    """
    Labels of the first samples in a random order, a row for each draw, from number `first` on.

    The labels of a draw are the same however many there are, and whatever else is drawn.
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
        for i in range(size - 1, -1, -1):  # the same order again for the next one
            other = np.uint64(places[np.uint64(i)])
            code = codes[other]
            codes[other] = codes[np.uint64(i)]
            codes[np.uint64(i)] = code


@kernel
def sums_of_rows(labels, columns, terms, begins, ends, gone, bounds, items, out):
    """
    Sums of ``c log(c)`` over the cells of tables, a row for each table and a number for each draw.

    Parts of the sequences from `begins` to `ends`, sorted by those, are the small rows of some
    table; so many labels are `gone`, rising, from the largest row of some. Table t is the sum of
    ``items[bounds[t]:bounds[t + 1]]``: places of its rows among the parts and, behind all of
    those, of what is left of the largest one.
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
    """How many drawn sums of the table of each variable are at least a number of its own."""
    for i in range(tables.size):
        found = np.int64(0)
        t = tables[i]
        bound = least[i]
        for d in range(sums.shape[1]):
            found += np.int64(np.float64(sums[t, d]) >= bound)
        out[i] = found
