"""From codes to counts to information inside ``@njit``, with every correction.

Counts of pairs are a tuple: the counts of the cells as a vector, the counts of x and those of y. If
only occupied cells are stored, their rows and columns follow; else these are empty.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numba import types

from fastinfo._core.in_njit import jitable
from fastinfo._core.jit import kernel
from fastinfo._measures.corrections import ESTIMATORS
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.distributions.divergences import total
from fastinfo.kernels.elementary.memory import as_matrix, new_array, new_matrix, new_zeros
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.encoding.sorting import count_runs, sort_keys
from fastinfo.kernels.information import corrections
from fastinfo.kernels.information import plug_in as information
from fastinfo.kernels.information.expected import distinct_sizes, expected_of_margins
from fastinfo.kernels.information.nsb import entropy_nsb
from fastinfo.numba_ext.bins import MOST_CELLS, code_among, number_labels
from fastinfo.numba_ext.types import absent, literal_or_none

_DENSE = 1 << 16  # a table of no more cells than this, or than four a sample, is dense


# Counts


@kernel
def count_one(codes, bins):
    """Counts of codes, without those of samples outside the edges."""
    counts = new_zeros(bins + 1, np.int64)
    counting.count_codes(codes, counts)
    return counts[:bins].copy()


@kernel
def count_between(x, y, x_edges, y_edges):
    """Table of counts of two variables between edges, float64."""
    nx = x_edges.size - 1
    ny = y_edges.size - 1
    if (nx + 1) * (ny + 1) > MOST_CELLS:
        raise ValueError("bins must be fewer: compiled code allows no table of so many cells")
    table = as_matrix(new_zeros((nx + 1) * (ny + 1), np.uint32), nx + 1, ny + 1)
    x_exact = x_edges.astype(np.float64)
    y_exact = y_edges.astype(np.float64)
    x_grid = binning.grid(x_exact)
    y_grid = binning.grid(y_exact)
    if max(x_grid[1], y_grid[1]) < 0.25:
        counting.count_samples(x, y, x_exact, y_exact, x_grid, y_grid, table)
    else:
        counting.count_pairs(code_among(x, x_edges), code_among(y, y_edges), table)
    return table[:nx, :ny].astype(np.float64)


@kernel
def count_table(x, nx, y, ny):
    """Table of counts of the codes of two variables with `nx` and `ny` levels, float64."""
    if (nx + 1) * (ny + 1) > MOST_CELLS:
        raise ValueError("bins must be fewer: compiled code allows no table of so many cells")
    table = as_matrix(new_zeros((nx + 1) * (ny + 1), np.uint32), nx + 1, ny + 1)
    counting.count_pairs(x, y, table)
    return table[:nx, :ny].astype(np.float64)


@kernel
def count_codes(x, nx, y, ny):
    """Counts of pairs of codes, for all cells of the table or only the occupied ones."""
    x_counts = new_zeros(nx + 1, np.float64)
    y_counts = new_zeros(ny + 1, np.float64)
    none = new_array(0, np.uint32)
    if nx * ny <= max(_DENSE, 4 * x.size):
        table = as_matrix(new_zeros((nx + 1) * (ny + 1), np.uint32), nx + 1, ny + 1)
        counting.count_pairs(x, y, table)
        counts = new_array(nx * ny, np.float64)
        for i in range(nx):
            for j in range(ny):
                c = np.float64(table[i, j])
                counts[i * ny + j] = c
                x_counts[i] += c
                y_counts[j] += c
        return counts, x_counts[:nx], y_counts[:ny], none, none
    keys = new_array(x.size, np.uint64)
    n = 0
    for i in range(x.size):
        if x[i] < nx and y[i] < ny:
            keys[n] = np.uint64(x[i]) * np.uint64(ny) + np.uint64(y[i])
            n += 1
            x_counts[x[i]] += 1.0
            y_counts[y[i]] += 1.0
    keys = sort_keys(keys[:n])[0]
    rows = new_array(n, np.uint32)
    columns = new_array(n, np.uint32)
    counts = new_array(n, np.float64)
    n = count_runs(keys, np.uint64(ny), rows, columns, counts)
    return counts[:n], x_counts[:nx], y_counts[:ny], rows[:n], columns[:n]


# Entropies


@kernel
def _entropy_nsb(counts, n_cells):
    scratch = new_matrix(2, counts.size, np.float64)
    n = distinct_sizes(counts, scratch[0], scratch[1])
    return entropy_nsb(scratch[0, :n], scratch[1, :n], n_cells)[0]


@jitable
def _pseudo_count(correction):
    """Check a pseudo-count, and return it as a float."""
    value = np.float64(correction)
    if not 0.0 <= value < math.inf:
        raise ValueError("correction must be a pseudo-count that is finite and not negative")
    return value


def _name_of(function: str, correction: Any, names: tuple[str, ...]) -> str | None:
    """Name of the correction, known at compile time; "pseudo-count" for a number."""
    number = types.Integer | types.Float | int | float
    if isinstance(correction, number) and not isinstance(correction, bool):
        return "pseudo-count"
    if absent(correction):
        return None
    return literal_or_none(function, "correction", correction, names, "or a number or None")


_NAMES = tuple(name for name in ESTIMATORS if name is not None)


def _vector_entropy(name: str | None) -> Any:
    """Return a compiled function: the entropy of a vector of counts and a number of cells."""
    if name == "nsb":
        return _entropy_nsb
    estimator = ESTIMATORS[name]
    entropy = estimator.kernel
    if estimator.takes_cells:
        return jitable(lambda counts, n_cells: entropy(counts, n_cells))
    return jitable(lambda counts, n_cells: entropy(counts))


def entropies_by(function: str, correction: Any) -> Any:
    """Return a compiled function that computes H(X), H(Y) and H(X, Y) from counts of pairs."""
    name = _name_of(function, correction, _NAMES)

    if name == "pseudo-count":

        @jitable
        def of_prior(counted, correction):
            counts, x, y = counted[0], counted[1], counted[2]
            nx, ny, pseudo = np.float64(x.size), np.float64(y.size), _pseudo_count(correction)
            return corrections.joint_dirichlet(counts, x, y, nx, ny, pseudo)

        return of_prior
    if name == "shrinkage":

        @jitable
        def of_shrunk(counted, correction):
            counts, x, y = counted[0], counted[1], counted[2]
            return corrections.joint_shrinkage(counts, x, y, np.float64(x.size), np.float64(y.size))

        return of_shrunk
    entropy = _vector_entropy(name)

    @jitable
    def of_each(counted, correction):
        counts, x, y = counted[0], counted[1], counted[2]
        nx, ny = np.float64(x.size), np.float64(y.size)
        return entropy(x, nx), entropy(y, ny), entropy(counts, nx * ny)

    return of_each


# Information


@jitable
def _of_table(counted, correction):
    """Plug-in information of counts with all cells."""
    counts, x, y = counted
    return information.mutual_information(as_matrix(counts, x.size, y.size), x, y)


@jitable
def _of_cells(counted, correction):
    """Plug-in information of counts with all cells, or only the occupied ones."""
    counts, x, y, rows, columns = counted
    if rows.size > 0:
        return information.mutual_information_of_pairs(rows, columns, counts, x, y)
    return information.mutual_information(as_matrix(counts, x.size, y.size), x, y)


def information_by(function: str, correction: Any, dense: bool) -> Any:
    """Return a compiled function that computes the information from counts of pairs."""
    name = _name_of(function, correction, (*_NAMES, "chance"))
    plain = _of_table if dense else _of_cells
    if name is None:
        return plain
    if name == "chance":

        @jitable
        def above_chance(counted, correction):
            x, y = counted[1], counted[2]
            scratch = new_matrix(4, max(x.size, y.size), np.float64)
            expected = expected_of_margins(x, y, total(x), scratch)
            return plain(counted, correction) - expected if expected == expected else 0.0

        return above_chance
    entropies = entropies_by(function, correction)
    of_table = name in ("shrinkage", "pseudo-count")

    @jitable
    def corrected(counted, correction):
        hx, hy, hxy = entropies(counted, correction)
        return max(hx + hy - hxy, 0.0) if of_table else hx + hy - hxy

    return corrected


def _joint(function: str, correction: Any, dense: bool) -> Any:
    entropies = entropies_by(function, correction)
    return jitable(lambda counted, correction: entropies(counted, correction)[2])


def _left(function: str, correction: Any, dense: bool, both: bool) -> Any:
    """Return a compiled function that computes H(X|Y), or H(X|Y) + H(Y|X) if `both` is true."""
    entropies = entropies_by(function, correction)
    name = _name_of(function, correction, _NAMES)
    of_table = name in (None, "shrinkage", "pseudo-count")
    informed = name is None
    plain = _of_table if dense else _of_cells

    @jitable
    def left(counted, correction):
        hx, hy, hxy = entropies(counted, correction)
        if informed:
            shared = plain(counted, correction)
            x, y = hx - shared, hy - shared
        else:
            x, y = hxy - hy, hxy - hx
        if of_table:
            x, y = max(x, 0.0), max(y, 0.0)
        return x + y if both else x

    return left


#: How counts of pairs are measured, by the names of the functions.
MEASURES = {
    "conditional_entropy": functools.partial(_left, both=False),
    "joint_entropy": _joint,
    "variation_of_information": functools.partial(_left, both=True),
}


# Three variables


@kernel
def kept(x, nx, y, ny, z, nz):
    """Codes of the rows in which no variable is outside its edges."""
    m = 0
    out = new_matrix(3, x.size, np.uint32)
    for i in range(x.size):
        if x[i] < nx and y[i] < ny and z[i] < nz:
            out[0, m] = x[i]
            out[1, m] = y[i]
            out[2, m] = z[i]
            m += 1
    return out[0, :m], out[1, :m], out[2, :m]


@kernel
def _joined(x, nx, y):
    """Codes of the pairs that occur, and their number."""
    keys = new_array(x.size, np.int64)
    for i in range(x.size):
        keys[i] = np.int64(y[i]) * np.int64(nx) + np.int64(x[i])
    return number_labels(keys, False)


@kernel
def _counts(codes, n):
    counts = new_zeros(n, np.float64)
    for i in range(codes.size):
        counts[codes[i]] += 1.0
    return counts


@kernel
def _conditional_of_cells(x, nx, y, ny, z, nz):
    """``I(x; y | z)`` of codes in nats, from the combinations that occur."""
    xz, n_xz = _joined(x, nx, z)
    yz, n_yz = _joined(y, ny, z)
    xyz, n_xyz = _joined(xz, n_xz, yz)
    xz_counts = _counts(xz, n_xz)
    yz_counts = _counts(yz, n_yz)
    xyz_counts = _counts(xyz, n_xyz)
    z_counts = _counts(z, nz)
    s = 0.0
    for i in range(x.size):
        a = xyz_counts[xyz[i]] * z_counts[z[i]]
        s += log64(a / (xz_counts[xz[i]] * yz_counts[yz[i]]))
    return max(s / x.size, 0.0)


@kernel
def _conditional_information(x, nx, y, ny, z, nz, correction):
    """``I(x; y | z)`` of codes in nats; `nx`, `ny` and `nz` are their numbers of levels."""
    if (nx + 1) * (ny + 1) * (nz + 1) > max(_DENSE, 4 * x.size):
        x, y, z = kept(x, nx, y, ny, z, nz)
        return _conditional_of_cells(x, nx, y, ny, z, nz) if x.size > 0 else np.nan
    table = np.zeros((nz + 1, nx + 1, ny + 1))
    for i in range(x.size):
        table[z[i], x[i], y[i]] += 1.0
    x_counts = new_array(nx, np.float64)
    y_counts = new_array(ny, np.float64)
    s = 0.0
    n = 0.0
    for k in range(nz):
        part = np.ascontiguousarray(table[k, :nx, :ny])
        information.margins(part, x_counts, y_counts)
        m = total(x_counts)
        n += m
        s += m * information.mutual_information(part, x_counts, y_counts)
    return s / n if n > 0.0 else np.nan


def conditional_by(function: str, correction: Any) -> Any:
    """Return a compiled function that computes ``I(x; y | z)`` from codes."""
    name = _name_of(function, correction, _NAMES)
    if name is None:
        return _conditional_information
    of_table = name in ("shrinkage", "pseudo-count")
    if name == "pseudo-count":

        @jitable
        def entropy(counts, n_cells, whole, n_whole, correction):
            pseudo = min(_pseudo_count(correction) * (n_whole / n_cells), 1e308)
            return corrections.entropy_dirichlet(counts, pseudo, n_cells)

    elif name == "shrinkage":

        @jitable
        def entropy(counts, n_cells, whole, n_whole, correction):
            intensity = corrections.shrinkage_intensity(whole, n_whole)
            return corrections.entropy_shrunk(counts, intensity, n_cells)

    else:
        of_vector = _vector_entropy(name)

        @jitable
        def entropy(counts, n_cells, whole, n_whole, correction):
            return of_vector(counts, n_cells)

    @jitable
    def corrected(x, nx, y, ny, z, nz, correction):
        x, y, z = kept(x, nx, y, ny, z, nz)
        if x.size == 0:
            return np.nan
        cells = np.float64(nx) * np.float64(nz), np.float64(ny) * np.float64(nz)
        n_whole = cells[0] * np.float64(ny)
        xz, n_xz = _joined(x, nx, z)
        yz, n_yz = _joined(y, ny, z)
        xyz, n_xyz = _joined(xz, n_xz, yz)
        whole = _counts(xyz, n_xyz)
        found = entropy(_counts(xz, n_xz), cells[0], whole, n_whole, correction)
        found += entropy(_counts(yz, n_yz), cells[1], whole, n_whole, correction)
        found -= entropy(whole, n_whole, whole, n_whole, correction)
        found -= entropy(_counts(z, nz), np.float64(nz), whole, n_whole, correction)
        return max(found, 0.0) if of_table else found

    return corrected
