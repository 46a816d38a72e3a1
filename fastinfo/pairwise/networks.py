"""Networks from the mutual information of all pairs of columns: :func:`network`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._columns.matrix.derived_matrices import derived_from
from fastinfo._columns.matrix.information_matrix import InformationMatrix
from fastinfo._core.checks import Array, as_float, as_numeric, choice, is_real, read_only, shown
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.information.pairs.graphs import BLOCK, mark_indirect

_MOST_EXPONENT = 300  # of numbers whose products and squares are within float64
_KEPT = 5  # matrices that there are at a time, at most
_ROUNDING = 1e-9  # of the largest entry, by which a symmetric matrix may differ from its transpose


def network(M: Any, method: str = "clr", *, eps: float = 0.0) -> Any:
    """
    Compute the weights of a network from the mutual information of all pairs of columns.

    Two columns can share information without a direct relation: if each shares much with all
    columns, or if both depend on a third one. The methods correct for this.

    Parameters
    ----------
    M : InformationMatrix or (f, f) array_like
        Symmetric matrix of mutual information of all pairs of columns, as
        :func:`mutual_information_matrix` returns it for one table. The diagonal is ignored. NaN
        means that the value of a pair is unknown.
    method : {"clr", "apc", "aracne"}, optional
        - "clr" (default), context likelihood of relatedness (Faith et al. 2007): z-scores of the
          information among all pairs of each of the two columns, ``sqrt(z_i**2 + z_j**2)`` with
          ``z_i = max(0, (I_ij - mean_i) / sd_i)``;
        - "apc", average product correction (Dunn, Wahl & Gloor 2008):
          ``I_ij - mean_i mean_j / mean``, which may be negative;
        - "aracne" (Margolin et al. 2006): the information, but 0 for a pair that a chain
          ``i - k - j`` explains. This is a pair that is the weakest of three columns:
          ``I_ij < min(I_ik, I_jk) - eps`` for some k.

        Means and sample standard deviations (with ``f - 2`` in the denominator) are over the other
        columns, as in ``minet`` for R.
    eps : float, optional
        For "aracne": how far the weakest pair of three columns must be below the other two, in
        units of `M`. At least 0.

    Returns
    -------
    InformationMatrix or (f, f) float64 ndarray
        The symmetric matrix of weights, with 0 on the diagonal. If `M` is an
        :class:`InformationMatrix`, the result is one with the same names. Entries that are NaN in
        `M` are NaN; such pairs are omitted from means, and explain no other pair.

    Raises
    ------
    TypeError
        If `M` is not an array of real numbers, or `eps` is not a number.
    ValueError
        If `M` is not square and symmetric, is an InformationMatrix of two tables, has fewer than
        three columns, or has an infinite entry. If the method is unknown, `eps` is negative, or
        `eps` is not 0 for a method other than "aracne".

    See Also
    --------
    mutual_information_matrix : Mutual information of all pairs.
    chow_liu_tree : Tree of the strongest pairs.

    Notes
    -----
    If a column has the same information with all others, its standard deviation is 0, and its
    z-scores are set to 0. The time of "aracne" grows with the cube of the number of columns if few
    pairs are explained, and otherwise about with its square. It uses several threads; the result
    does not depend on their number.

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
    values, exponent = _symmetric(M)
    found = _METHODS[method](values, math.ldexp(slack, -exponent))
    if method != "clr":  # which has no unit
        found = np.ldexp(found, exponent)
    found[np.isnan(values)] = np.nan
    np.fill_diagonal(found, 0.0)
    return derived_from(M, found) if isinstance(M, InformationMatrix) else found


def _symmetric(M: Any) -> tuple[Array, int]:
    """
    Return `M` as a symmetric float64 matrix with 0 on the diagonal, scaled by a power of two.

    Also return the exponent of that power. It is 0 unless products of entries could overflow or
    underflow.
    """
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
    exponent = math.frexp(float(np.nanmax(np.abs(values), initial=0.0)))[1]
    exponent = exponent if abs(exponent) > _MOST_EXPONENT else 0
    whole, values = values, np.ldexp(values, -exponent)
    apart = np.abs(values - values.T)
    largest = np.nanmax(np.abs(values), initial=0.0)
    unequal = ~(apart <= _ROUNDING * largest) & ~(np.isnan(values) & np.isnan(values.T))
    if unequal.any():
        i, j = np.argwhere(unequal)[0].tolist()
        raise ValueError(
            f"M must be symmetric, got {whole[i, j]} at {i}, {j} and {whole[j, i]} at {j}, {i}"
        )
    return read_only((values + values.T) / 2.0), exponent  # to the bit, where it is symmetric


def _means(values: Array) -> tuple[Array, Array]:
    """Mean of the known off-diagonal entries of each column, and their number."""
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
