"""The tree of columns with the most mutual information: :func:`chow_liu_tree`."""

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
_DEFAULTS = ("mi", EQUAL_COUNTS, "auto", None, _CHANCE, "omit", None, None)  # beside a matrix


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
    sample_weight: Any = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Pairs:
    """
    Find the Chow-Liu tree: the tree of all columns with the most mutual information.

    In a tree, each column depends directly on only one other column. Among all tree distributions,
    this one is closest to the data (Chow & Liu 1968): no tree has a larger sum of information along
    its edges. By default, this is information above chance, ``I - E[I]``, with the exact mean over
    all tables with the same margins. Plug-in information would connect all columns to those with
    the most levels.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, source or InformationMatrix
        The table: any input that :func:`rank_features` accepts. If it is read part by part, the
        codes of the samples are kept in memory. Instead of a table, `X` can be the
        InformationMatrix of one table. Its entries are then the weights of the edges, and no other
        option can be given.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`mutual_information_matrix`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, or a mapping of names to those, optional
        Which columns are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        "chance" (default) subtracts the expectation by chance. None means plug-in information, as
        in the paper. The corrections of :func:`entropy_from_counts` are also accepted.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for the pairs of its column (default), leaves its
        column without edges, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows, as in :func:`rank_features`: finite, not negative. Corrections use the
        effective number of rows, ``sum(w)**2 / sum(w**2)``.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of pairs.

    Returns
    -------
    Pairs
        The edges, with the strongest first. Each row has the names ``x`` and ``y``, in the order of
        the table, and ``information``. There are f - 1 edges for f columns, or fewer if a column
        has no complete row with any other. Among equal edges, those of the first columns are used.
        Independent columns are also connected, by edges with information near 0 or below. Remove
        weak edges, for example with ``[edge for edge in tree if edge.information > 0.01]``.

    Raises
    ------
    TypeError
        If `X` is not an array or table, no column can be read as numbers or labels, or a column
        does not fit its entry in `discrete`.
    ValueError
        If there are no rows or columns, an option is not valid, a sample is missing and
        ``nan_policy="raise"``, or `X` is a matrix of two tables or a matrix with other options.

    Warns
    -----
    UserWarning
        If :func:`mutual_information_matrix` warns of columns: those that are all missing, constant
        or nearly all different.

    See Also
    --------
    strongest_pairs : Pairs with the most information, with p-values.
    network : Weights that correct for information through third columns.

    Notes
    -----
    The matrix is not stored: apart from the codes of the samples, memory is proportional to the
    number of columns. The time is about that of :func:`mutual_information_matrix`, since
    expectations by chance are computed exactly only for pairs that a bound does not exclude.

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
        given = bins, strategy, discrete, base, correction, nan_policy, missing, sample_weight
        if any(type(a) is not type(b) or a != b for a, b in zip(given, _DEFAULTS, strict=True)):
            raise ValueError("X must be a table where options are given, got an InformationMatrix")
        return _of_matrix(X)
    matrix = code_table(X, binning, sample_weight)
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
    """The tree of a given matrix."""
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
