"""Tests of independence by permuted samples."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._core.checks import Array, base_divisor, integer
from fastinfo._measures.information import information_of
from fastinfo._measures.resampling import MOST_REPLICATES, permuted_information, seed_key
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo.information.joint_counts import JointCounts
from fastinfo.significance.whole_counts import whole_counts


class PermutationTest(NamedTuple):
    """Result of :func:`permutation_test`."""

    statistic: float  #: mutual information of the samples
    pvalue: float  #: ``(b + 1) / (m + 1)`` where `b` of `m` permutations have at least as much
    null_distribution: Array  #: (n_permutations,) mutual information of permuted samples

    def __repr__(self) -> str:
        return short_repr("PermutationTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Permutation test of independence", self._asdict())


def permutation_test(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None = None,
    *,
    n_permutations: int = 999,
    seed: Any = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    nan_policy: str = "propagate",
) -> PermutationTest:
    """
    Test two variables for independence by the mutual information of permuted samples.

    Exact for any number of samples in a bin, unlike the G-test. Permuting samples leaves both
    margins of their table as they are and draws one of the tables that have them, so the table
    itself is drawn: the cost does not grow with the number of samples.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Or a :class:`JointCounts` alone.
    n_permutations : int, optional
        Number of permutations, at least 1.
    seed : int, SeedSequence or Generator, optional
        Where random numbers come from. With the same one the result is the same, whatever the
        number of threads; None is different each time.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
        How numbers are binned (equal counts by default), and which variables are labels: as in
        :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    PermutationTest
        The mutual information, the p-value ``(b + 1) / (m + 1)``, and the mutual information of
        the `m` permutations, of which `b` are at least as large.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them; if `seed` can't be one, `n_permutations` is
        less than 1, or counts are fractional weights.

    See Also
    --------
    JointCounts.independence_test : The G-test, without random numbers.
    bootstrap_interval : How far the mutual information may be off.

    References
    ----------
    Patefield, W. M. (1981), Algorithm AS 159: an efficient method of generating random R x C tables
    with given row and column totals, Applied Statistics 30, 91-97.
    https://doi.org/10.2307/2346669

    Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, Statistical
    Applications in Genetics and Molecular Biology 9, 39. https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> x, z = rng.normal(size=(2, 1000))
    >>> fastinfo.permutation_test(x, x + 3 * z, seed=1).pvalue
    0.001
    >>> fastinfo.permutation_test(x, z, seed=1).pvalue > 0.05
    True
    """
    divisor = base_divisor(base)
    m = integer(n_permutations, "n_permutations", least=1, most=MOST_REPLICATES)
    key = seed_key(seed)
    options = {"bins": bins, "strategy": strategy, "range": range, "discrete": discrete}
    table = whole_counts(x, y, nan_policy, options)
    if table is None:
        return PermutationTest(math.nan, math.nan, np.full(m, np.nan))
    null, extreme = permuted_information(table, m, key)
    return PermutationTest(information_of(table, base), (extreme + 1) / (m + 1), null / divisor)
