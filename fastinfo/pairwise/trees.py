"""The tree of the strongest pairs of columns: :func:`chow_liu_tree`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.information_units import unit_name
from fastinfo._columns.matrix.information_matrix import InformationMatrix
from fastinfo._columns.matrix.strongest_pairs import PairInformation, Pairs
from fastinfo._columns.pairs.spanning_tree import (
    Edges,
    forest_of,
    strongest_first,
    tree_of_pairs,
)
from fastinfo._core.checks import base_divisor
from fastinfo._core.progress import reporting
from fastinfo._measures.corrections import check_correction
from fastinfo.pairwise.coded_tables import code_table

_CHANCE = "chance"
_DEFAULTS = ("mi", EQUAL_COUNTS, "auto", None, _CHANCE, "omit", None)  # beside a matrix


def chow_liu_tree(
    X: Any,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = _CHANCE,
    nan_policy: str = "omit",
    missing: str | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Pairs:
    """
    Find the tree that joins all columns by the pairs with the most mutual information.

    Of all distributions in which each column depends on one other alone, that of this tree is the
    closest to the data (Chow & Liu 1968): the sum of the information along its edges is the largest
    that any tree has. By default information is what is above chance, ``I - E[I]`` with the exact
    mean over all tables with the same margins: plug-in information joins everything to the columns
    with the most levels.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, source or InformationMatrix
        The columns: whatever :func:`rank_features` takes; of what is read part by part, the codes
        are kept. Of a matrix of one table that is computed already, its entries are the weights,
        and no other option is to be given.
    bins : int, edges or str, optional
        As in :func:`mutual_information_matrix`.
    strategy : {"quantile", "uniform"}, optional
        Equal counts (default) or equal widths, as in :func:`mutual_information`.
    discrete : {"auto", True, False}, or a mapping of names to those, optional
        Whether the columns are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        "chance" (default) takes off what chance would give. None is plug-in information, as in the
        paper; others are those of :func:`entropy_from_counts`.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for the pairs of its column (default), leaves its
        column without edges, or raises.
    missing : {"category"}, optional
        Makes missing a level of its own.
    progress : bool or callable, optional
        Shows a bar, or is called with the numbers of pairs that are counted and to be counted.

    Returns
    -------
    Pairs
        The edges, the strongest first: rows with ``x``, ``y`` (names, in the order of the table)
        and ``information``. Of f columns there are f - 1; fewer where columns have no complete row
        with any of the others. Of edges with the same information the one of the first columns is
        taken. A tree joins independent columns as well, by edges with about 0, below it too: cut
        those that are too weak, as in ``[edge for edge in tree if edge.information > 0.01]``.

    Raises
    ------
    TypeError
        If `X` is no array or table, or no column can be read as numbers or labels, or one that
        `discrete` names.
    ValueError
        If there are no rows or columns, an option is unknown, a sample is missing under
        ``nan_policy="raise"``, or `X` is a matrix of two tables, or one with other options.

    Warns
    -----
    UserWarning
        Names the columns that are all missing, constant or nearly all different, as
        :func:`mutual_information_matrix` does.

    See Also
    --------
    strongest_pairs : The pairs with the most information, with p-values.
    network : Weights that take the information by third columns off.

    Notes
    -----
    No matrix is kept: memory grows with the number of columns, beside the codes of the samples. The
    time is about that of :func:`mutual_information_matrix`: what chance would give is found out by
    sums over tables only of pairs that may be edges by a bound.

    References
    ----------
    Chow, C. & Liu, C. (1968), Approximating discrete probability distributions with dependence
    trees, IEEE Transactions on Information Theory 14, 462-467.
    https://doi.org/10.1109/TIT.1968.1054142

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> a, noise = rng.integers(0, 2, (2, 1000))
    >>> b, c = (np.where(rng.random((2, 1000)) < 0.2, 1 - a, a))
    >>> d = np.where(rng.random(1000) < 0.1, 1 - c, c)
    >>> tree = fastinfo.chow_liu_tree({"a": a, "b": b, "c": c, "d": d, "noise": noise})
    >>> [(edge.x, edge.y) for edge in tree if edge.information > 0.01]
    [('c', 'd'), ('a', 'c'), ('a', 'b')]
    """
    divisor = base_divisor(base)
    correction = check_correction(correction, of_information=True)
    binning = Binning(bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy)
    if isinstance(X, InformationMatrix):
        given = bins, strategy, discrete, base, correction, nan_policy, missing
        if any(type(a) is not type(b) or a != b for a, b in zip(given, _DEFAULTS, strict=True)):
            raise ValueError("X must be a table where options are given, got an InformationMatrix")
        return _of_matrix(X)
    matrix = code_table(X, binning)
    if nan_policy == "propagate" and matrix.n_missing.any():
        matrix = matrix.chosen(np.flatnonzero(matrix.n_missing == 0))
    f = matrix.n_columns
    with reporting(progress, "pairs") as report:
        done = (lambda n: report(n, f * (f + 1) // 2)) if report is not None else None
        edges = tree_of_pairs(matrix, correction, done)
    about = unit_name(base)
    if correction is not None:
        about += " above chance" if correction == _CHANCE else f", correction {correction}"
    return _rows(edges, matrix.names, divisor, about)


def _of_matrix(matrix: InformationMatrix) -> Pairs:
    """The tree of information that is known already."""
    if not matrix.labelled or not matrix.of_one_table:
        raise ValueError("X must be the InformationMatrix of one table, with its names")
    values = np.array(matrix, order="C")
    places = np.arange(len(values))
    edges = strongest_first(forest_of(values, places, places, True, len(values)))
    return _rows(edges, matrix.names, 1.0, matrix.unit)


def _rows(edges: Edges, names: list[str], divisor: float, about: str) -> Pairs:
    sides = edges.x.tolist(), edges.y.tolist(), (edges.weights / divisor).tolist()
    rows = [PairInformation(names[i], names[j], w) for i, j, w in zip(*sides, strict=True)]
    return Pairs(rows, about=about)
