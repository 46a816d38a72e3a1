"""Information of single samples without bins: terms whose mean is the estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._neighbors.distances import (
    counts_in_column,
    counts_of_all,
    joined,
    rank,
    standardized,
    tree_distances,
)
from fastinfo._neighbors.estimators import check_number, tell_ties
from fastinfo._neighbors.gaussian import local_gaussian_information, scores
from fastinfo._neighbors.options import Options
from fastinfo._neighbors.samples import Group
from fastinfo._neighbors.sums import bounds_of, digamma_of, digammas_of
from fastinfo.kernels.neighbors import strips


def local_values(groups: Sequence[Group], names: Sequence[str], options: Options) -> Array:
    """Information of each sample in nats of two variables, given the third if there is one."""
    columns = [group.numbers for group in groups]
    x, y, *given = [a for a in columns if a is not None]
    z = given[0] if given else None
    if options.estimator == "ksg":
        return _by_neighbors(x, y, z, names, options)
    of_columns = standardized if options.estimator == "gaussian" else scores
    return local_gaussian_information(*[of_columns(a) for a in (x, y, *given)])


def _by_neighbors(
    x: Array, y: Array, z: Array | None, names: Sequence[str], options: Options
) -> Array:
    """
    ``psi(k) + psi(n) - psi(n_x + 1) - psi(n_y + 1)`` of each sample, by Kraskov and others.

    Given z ``psi(k) + psi(n_z + 1) - psi(n_xz + 1) - psi(n_yz + 1)``, by Frenzel and Pompe.
    """
    n, k = len(x), options.k
    check_number(n, k)
    x, y, known = (np.zeros((n, 0)) if a is None else _varying(a) for a in (x, y, z))
    if not x.shape[1] or not y.shape[1]:
        return np.zeros(n)
    reach = tree_distances(joined(x, y, known), k)
    tell_ties(int(np.count_nonzero(reach.tied)), n, names, options)
    sides = [joined(a, known) for a in (x, y)]
    with_x, with_y = (digammas_of(_nearer(side, reach.distances) + 1) for side in sides)
    rest: Array | float = digamma_of(n)
    if known.shape[1]:
        rest = digammas_of(_nearer(known, reach.distances) + 1)
    found: Array = digamma_of(k) + rest - with_x - with_y
    return found


def _varying(a: Array) -> Array:
    """Columns that vary, divided by their standard deviations."""
    out = standardized(a)
    return np.ascontiguousarray(out[:, (out != 0.0).any(axis=0)])


def _nearer(points: Array, distances: Array) -> Array:
    """How many other points are nearer to each point than its distance."""
    if points.shape[1] > 1:
        return counts_of_all(points, distances * strips.LESS, False)
    return counts_in_column(rank(points.ravel()), bounds_of(distances, "ksg"), False)
