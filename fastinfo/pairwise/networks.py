"""Networks from the information of all pairs of columns: :func:`network`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._columns.matrix.derived_matrices import derived_from
from fastinfo._columns.matrix.information_matrix import InformationMatrix
from fastinfo._core.checks import Array, as_float, as_numeric, choice, is_real, read_only, shown
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.information.pairs.graphs import BLOCK, mark_indirect

_KEPT = 5  # matrices that there are at a time, at most
_ROUNDING = 1e-9  # of the largest entry, by which a symmetric matrix may differ from its transpose


def network(M: Any, method: str = "clr", *, eps: float = 0.0) -> Any:
    """
    Turn the information of all pairs of columns into the weights of a network.

    A pair of columns has information for reasons that are none of its own: each of them has much
    with all columns, or both have it with a third one. The methods take that off.

    Parameters
    ----------
    M : InformationMatrix or (f, f) array_like
        Mutual information of each column with each other, symmetric: what
        :func:`mutual_information_matrix` returns of one table. The diagonal plays no part. NaN is a
        pair that is not known.
    method : {"clr", "apc", "aracne"}, optional
        - "clr" (default), context likelihood of relatedness (Faith et al. 2007): the information as
          a z-score among that of each of both columns, ``sqrt(z_i**2 + z_j**2)`` with
          ``z_i = max(0, (I_ij - mean_i) / sd_i)``;
        - "apc", average product correction (Dunn, Wahl & Gloor 2008):
          ``I_ij - mean_i mean_j / mean``, which may be negative;
        - "aracne" (Margolin et al. 2006): the information, but 0 for the weakest pair of each three
          columns, which a chain ``i - k - j`` explains: ``I_ij < min(I_ik, I_jk) - eps`` for some
          k.

        Means and standard deviations (of a sample, with ``f - 2`` in the denominator) are over the
        other columns, as in ``minet`` for R.
    eps : float, optional
        Of "aracne", by how much the weakest pair of a triple must be below the others, at least 0,
        in units of `M`.

    Returns
    -------
    InformationMatrix or (f, f) float64 ndarray
        The weights, symmetric, with 0 on the diagonal: no column is joined to itself. An
        :class:`InformationMatrix` with the names of `M` if that is one. NaN where `M` has it; such
        a pair takes no part in means, and explains no other.

    Raises
    ------
    TypeError
        If `M` is no array of real numbers, or `eps` is no number.
    ValueError
        If `M` is not square and symmetric, or an InformationMatrix of two tables, has fewer than
        three columns, or an infinite entry; if the method is unknown, or `eps` is negative, or not
        0 for another method than "aracne".

    See Also
    --------
    mutual_information_matrix : The information of all pairs.
    chow_liu_tree : The tree of the strongest pairs.

    Notes
    -----
    A column that has the same information with all others has no standard deviation: its z-scores
    are 0. The time of "aracne" grows with the cube of the columns where triples explain few pairs,
    else about with their square; it uses several threads, and does not depend on their number.

    References
    ----------
    Dunn, S. D., Wahl, L. M. & Gloor, G. B. (2008), Mutual information without the influence of
    phylogeny or entropy dramatically improves residue contact prediction, Bioinformatics 24,
    333-340. https://doi.org/10.1093/bioinformatics/btm604

    Faith, J. J. et al. (2007), Large-scale mapping and validation of Escherichia coli
    transcriptional regulation from a compendium of expression profiles, PLoS Biology 5, e8.
    https://doi.org/10.1371/journal.pbio.0050008

    Margolin, A. A. et al. (2006), ARACNE: an algorithm for the reconstruction of gene regulatory
    networks in a mammalian cellular context, BMC Bioinformatics 7 (Suppl 1), S7.
    https://doi.org/10.1186/1471-2105-7-S1-S7

    Meyer, P. E., Lafitte, F. & Bontempi, G. (2008), minet: a R/Bioconductor package for inferring
    large transcriptional networks using mutual information, BMC Bioinformatics 9, 461.
    https://doi.org/10.1186/1471-2105-9-461

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> a = rng.normal(size=2000)
    >>> b = a + rng.normal(size=2000)
    >>> c = b + rng.normal(size=2000)  # a tells of c by b alone
    >>> matrix = fastinfo.mutual_information_matrix({"a": a, "b": b, "c": c})
    >>> edges = fastinfo.network(matrix, "aracne")
    >>> bool(edges["a", "b"] > 0), bool(edges["b", "c"] > 0), float(edges["a", "c"])
    (True, True, 0.0)
    """
    choice(method, "method", tuple(_METHODS))
    if not is_real(eps):
        raise TypeError(f"eps must be a number of at least 0, got {shown(eps)}")
    slack = as_float(eps)
    if not 0.0 <= slack < np.inf:
        raise ValueError(f"eps must be a number of at least 0, got {shown(eps)}")
    if slack and method != "aracne":
        raise ValueError(f"eps must be 0 for method={method!r}, got {shown(eps)}")
    values = _symmetric(M)
    found = _METHODS[method](values, slack)
    found[np.isnan(values)] = np.nan
    np.fill_diagonal(found, 0.0)
    return derived_from(M, found) if isinstance(M, InformationMatrix) else found


def _symmetric(M: Any) -> Array:
    """A symmetric matrix as float64, its diagonal as it is."""
    if isinstance(M, InformationMatrix) and M.labelled and not M.of_one_table:
        raise ValueError("M must be the matrix of one table, got that of two")
    given = as_numeric(np.asarray(M) if isinstance(M, InformationMatrix) else M, "M")
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise ValueError(f"M must be a square matrix, got shape {given.shape}")
    f = len(given)
    if f < 3:
        raise ValueError(f"M must have at least three columns, got shape {given.shape}")
    check_memory(8 * _KEPT * f * f, f"networks of {f} columns", "use fewer columns")
    values = np.array(given, np.float64, order="C")
    np.fill_diagonal(values, 0.0)
    if np.isinf(values).any():
        i, j = np.argwhere(np.isinf(values))[0].tolist()
        raise ValueError(
            f"M must be finite, or NaN for what is not known, got {values[i, j]} at {i}, {j}"
        )
    apart = np.abs(values - values.T)
    largest = np.nanmax(np.abs(values), initial=0.0)
    unequal = ~(apart <= _ROUNDING * largest) & ~(np.isnan(values) & np.isnan(values.T))
    if unequal.any():
        i, j = np.argwhere(unequal)[0].tolist()
        raise ValueError(
            f"M must be symmetric, got {values[i, j]} at {i}, {j} and {values[j, i]} at {j}, {i}"
        )
    return read_only((values + values.T) / 2.0)  # to the bit, where it is symmetric


def _means(values: Array) -> tuple[Array, Array]:
    """Mean of the known entries of each column with the others, and how many these are."""
    known = np.count_nonzero(~np.isnan(values), axis=1) - 1  # the diagonal apart, which is 0
    total = np.nansum(values, axis=1)
    return np.divide(total, known, out=np.zeros(len(values)), where=known > 0), known


def _clr(values: Array, slack: float) -> Array:
    means, known = _means(values)
    scores = values - means[:, None]
    np.fill_diagonal(scores, 0.0)
    squares = np.nansum(np.square(scores), axis=1)
    deviation = np.sqrt(np.divide(squares, known - 1, out=np.zeros(len(values)), where=known > 1))
    varies = deviation > 1e-12 * np.abs(means)
    np.divide(scores, deviation[:, None], out=scores, where=varies[:, None])
    scores[~varies] = 0.0
    np.maximum(scores, 0.0, out=scores)
    np.square(scores, out=scores)
    found: Array = np.sqrt(scores + scores.T)
    return found


def _apc(values: Array, slack: float) -> Array:
    means, known = _means(values)
    mean = float(means @ known) / max(int(known.sum()), 1)
    if mean == 0.0:
        return np.array(values)
    products: Array = np.multiply.outer(means, means)
    return values - products / mean


def _aracne(values: Array, slack: float) -> Array:
    indirect = np.zeros(values.shape, np.bool_)
    run_in_order(
        lambda span: mark_indirect(values, *span, slack, indirect), spans(len(values), BLOCK)
    )
    indirect |= indirect.T
    return np.where(indirect, 0.0, values)


_METHODS: dict[str, Callable[[Array, float], Array]] = {
    "clr": _clr,
    "apc": _apc,
    "aracne": _aracne,
}
