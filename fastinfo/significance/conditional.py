"""Tests of conditional independence of x and y given z."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import UNIQUE_FROM, columns_of
from fastinfo._core.checks import Array, base_divisor, choice
from fastinfo._core.messages import no_warnings, warn
from fastinfo._measures.conditional import test_in_strata
from fastinfo._measures.counted_groups import count_groups
from fastinfo._measures.gamma_tails import chi2_sf
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.resampling import check_permutations, seed_key
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo._measures.strata import Strata
from fastinfo._measures.surrogates.weighted import pvalue_of_rows
from fastinfo._neighbors.options import (
    ESTIMATORS,
    NEIGHBORS,
    Options,
    refuse_binning,
    refuse_neighbors,
    refuse_no_permutations,
)
from fastinfo._neighbors.series.surrogates import surrogate_test
from fastinfo._neighbors.series.variables import Variables

_AUTO = 199  # permutations of neighbours
_FEW_RANKS = 50  # rows, up to which ranks are no normal numbers
_DOUBTED = 0.05  # p-values from which on down it is asked whether bins of z are too wide
_MORE = 3  # times as many bins of z
_FEWEST = 100  # rows of a stratum in the mean
_FADED = 0.6  # of what is shared above chance: less than that is left where z explains it


class ConditionalIndependenceTest(NamedTuple):
    """Result of :func:`conditional_independence_test`."""

    statistic: float  #: twice the log-likelihood ratio, ``2 n I(x; y | z)`` in nats
    pvalue: float  #: probability of at least this statistic if x and y are independent given z
    dof: int  #: sum over the strata of (levels of x - 1) (levels of y - 1), for levels that occur
    cmi: float  #: conditional mutual information of the samples

    def __repr__(self) -> str:
        return short_repr("ConditionalIndependenceTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Test of conditional independence", self._asdict())


def conditional_independence_test(
    x: Any,
    y: Any,
    z: Any = None,
    *,
    n_permutations: int | str = "auto",
    seed: Any = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> ConditionalIndependenceTest:
    """
    Test whether two variables are independent given others.

    Rows with equal values of z form a stratum. The test asks whether x and y are related within the
    strata: whether their conditional mutual information is larger than expected by chance.

    Parameters
    ----------
    x, y : (n,) or (n, d) array_like, or table
        The samples: numbers, which are binned, or labels. Several columns form one variable, in
        which each combination of values is a level.
    z : (n,) or (n, k) array_like, table, or None
        Samples of the condition: one variable, or several columns. With None, or no column, x and y
        are tested for independence.
    n_permutations : {"auto"} or int, optional
        "auto" (default) uses the G-test if the chi-squared distribution is accurate in the strata,
        and otherwise a test over the tables with the same margins in each stratum. The choice
        depends only on the margins, and the p-value is the same every time. A number m of at least
        1 permutes x within the strata: if `b` permutations have at least the observed information,
        the p-value is ``(b + 1) / (m + 1)``. 0 uses the G-test. Without bins, "auto" means 199 for
        "ksg" and "mixed". For "gaussian" and "gaussian-copula", both "auto" and 0 use the
        chi-squared distribution of Bartlett (1938).
    seed : int, SeedSequence or Generator, optional
        Source of the permutations, if `n_permutations` is a number: as in :func:`permutation_test`.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each; 8 by default.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm of `cmi`: 2 for bits. None means nats.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative. The statistic is then G for the effective number
        of samples, ``sum(w)**2 / sum(w**2)`` (Kish 1965). If cells have few rows, the p-value comes
        from 199 permutations of the rows and a distribution with their moments.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`conditional_mutual_information`. Without bins,
        if z consists of numbers, a permutation replaces each sample of x by that of one of the 5
        nearest rows in z (Runge 2018).
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg" and "mixed" add first, in units of the standard
        deviation of each column.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    ConditionalIndependenceTest
        ``statistic``, ``pvalue``, ``dof`` and ``cmi``. The statistic is always in nats. `dof` is 0
        for "ksg" and "mixed", which have no known distribution.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in
        :func:`conditional_mutual_information`. Also if `seed` is not valid, or a number of
        permutations is combined with weights.

    Warns
    -----
    UserWarning
        If at least half of the rows are alone in their stratum, and so carry no information. If no
        stratum has two values of both x and y; the p-value is then 1. From 100 rows on, if at least
        half of the rows have a value of x or y that no other row of their stratum has. If `bins` is
        a rule and the p-value is at most 0.05, but the information of x and y above chance is much
        smaller with more bins of z. If integers are treated as numbers.

    See Also
    --------
    conditional_mutual_information : The conditional mutual information without a test.
    permutation_test : Test of two variables, with the information of each permutation.
    rank_features : Test of each column of a table against a target, with ``given=``.

    Notes
    -----
    If z consists of binned numbers, the test conditions only on the bins. With enough rows, the
    variation of z within a bin makes x and y look related. More bins of z reduce this effect;
    "gaussian" and "ksg" do not have it. Permutations among neighbours give false positives if x
    follows z closely along a curve and there are few rows.

    To permute the samples of x within a stratum is the same as to draw a table with the margins of
    the stratum. So a table is drawn for each stratum, and the cost does not grow with the number of
    rows. If even this would take long, a gamma distribution with the exact mean and variance over
    these tables is used.

    References
    ----------
    Agresti, A. (2002), Categorical Data Analysis, 2nd ed., section 6.3 (strata), and section 3.5
    (exact conditional tests). https://doi.org/10.1002/0471249688

    Bartlett, M. S. (1938), Further aspects of the theory of multiple regression, Mathematical
    Proceedings of the Cambridge Philosophical Society 34, 33-40.
    https://doi.org/10.1017/S0305004100019897

    Patefield, W. M. (1981), Algorithm AS 159: an efficient method of generating random R x C tables
    with given row and column totals, Applied Statistics 30, 91-97.
    https://doi.org/10.2307/2346669

    Runge, J. (2018), Conditional independence testing based on a nearest-neighbor estimator of
    conditional mutual information, Proceedings of Machine Learning Research 84, 938-947.
    https://doi.org/10.48550/arXiv.1709.01447

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> z = rng.integers(0, 3, 5000)
    >>> x, y = z + rng.integers(0, 2, (2, 5000))  # both depend on z, and so on each other
    >>> fastinfo.permutation_test(x, y, seed=1).pvalue
    0.001
    >>> fastinfo.conditional_independence_test(x, y, z).pvalue > 0.05
    True
    """
    divisor = base_divisor(base)
    m = check_permutations(n_permutations)
    key = seed_key(seed)
    if sample_weight is not None and isinstance(m, int) and m:
        raise ValueError(
            f"n_permutations must be 'auto' or 0 with sample_weight, since weights have no "
            f"permutations, got {m}"
        )
    nothing = z is None or (getattr(z, "ndim", 1) == 2 and z.shape[1] == 0)
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        ways = Options.checked(estimator, n_neighbors, jitter, random_state)
        values = {"x": x, "y": y} | ({} if nothing else {"z": z})
        variables = Variables.read(values, discrete, ways).complete(nan_policy)
        return _without_bins(variables, m, key, divisor)
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    binning = Binning(bins, strategy, range, discrete)
    columns = [columns_of(x, "x"), columns_of(y, "y")]
    columns.append([np.zeros(len(columns[0][0]), np.uint8)] if nothing else columns_of(z, "z"))
    names = [name for name, own in zip("xyz", columns, strict=True) for _ in own]
    groups = [len(own) for own in columns]
    together = [column for own in columns for column in own]
    plain = [""] * 3  # strata that tell nothing are told below
    joint = count_groups(
        together, names, groups, "x, y and z", binning, sample_weight, nan_policy, plain
    )
    if joint is None:
        return _UNKNOWN
    cmi = joint.information((0,), (1,), (2,))
    strata = Strata.of(joint)
    _tell_of(strata, joint.n_rows)
    by_rows = None
    if strata.weighted:
        (one, other, known), weights = joint.rows
        assert weights is not None
        own = weights
        by_rows = lambda: pvalue_of_rows(one, other, known, own)  # noqa: E731
    found = test_in_strata(strata, cmi, m, key, 0, by_rows)
    if found.pvalue <= _DOUBTED and isinstance(bins, str) and not strata.weighted:
        above = cmi - strata.mean / joint.n
        numbers = [MANY_BINS] * (groups[0] + groups[1]) + [_MORE * MANY_BINS] * groups[2]
        finer = Binning(numbers, strategy, range, discrete)
        with no_warnings():  # what there is to say was said
            again = count_groups(together, names, groups, "", finer, None, nan_policy, plain)
        _tell_of_bins(above, again)
    statistic = 2.0 * joint.n / joint.unit * cmi
    return ConditionalIndependenceTest(statistic, found.pvalue, strata.dof, cmi / divisor)


def _tell_of_bins(above: float, finer: Joint | None) -> None:
    """Warn if the information above chance is much smaller with more bins of z."""
    strata = None if finer is None else Strata.of(finer)
    if finer is None or strata is None or not strata.dof:
        return
    if finer.n < _FEWEST * strata.n_strata:  # thin tables fall short of what there is
        return
    left = finer.information((0,), (1,), (2,)) - strata.mean / finer.n
    if left + math.sqrt(strata.variance) / finer.n < _FADED * above:
        warn(
            f"x and y share {above:.2g} nats above chance given {MANY_BINS} bins of z, and "
            f"{max(left, 0.0):.2g} given {_MORE * MANY_BINS}: they may well be independent given z "
            f"itself, since values of z differ within a bin. Use bins=({MANY_BINS}, {MANY_BINS}, "
            f'{_MORE * MANY_BINS}), or estimator="gaussian" or "ksg", for a test closer to z itself'
        )


_UNKNOWN = ConditionalIndependenceTest(math.nan, math.nan, 0, math.nan)


def _without_bins(
    variables: Variables | None, m: int | str, key: Array, divisor: float
) -> ConditionalIndependenceTest:
    """Test complete rows by an estimator without bins."""
    if variables is None:
        return _UNKNOWN
    by_neighbors = variables.options.estimator in NEIGHBORS
    refuse_no_permutations(variables.options.estimator, m)
    n, dof = len(variables), 0 if by_neighbors else _normal_dof(variables)
    draws = permutations_of(variables, m)
    if draws:
        null = surrogate_test(variables, 0, "permute", draws, key)
        cmi, pvalue = null.information, null.pvalue
    else:
        cmi = variables.information()
        pvalue = normal_pvalue(variables, cmi)
    return ConditionalIndependenceTest(2.0 * n * cmi, pvalue, dof, cmi / divisor)


def permutations_of(variables: Variables, m: int | str) -> int:
    """Number of permutations of a test without bins; 0 if it uses a known distribution."""
    if isinstance(m, int):
        return m
    by_law = variables.options.estimator == "gaussian" or (
        variables.options.estimator not in NEIGHBORS and len(variables) >= _FEW_RANKS
    )
    return 0 if by_law else _AUTO


def _normal_dof(variables: Variables) -> int:
    return int(variables.rows_of(0).shape[1] * variables.rows_of(1).shape[1])


def normal_pvalue(variables: Variables, information: float) -> float:
    """P-value of the plug-in information of normal variables, in nats (Bartlett 1938)."""
    columns = [variables.rows_of(i).shape[1] for i, _ in enumerate(variables.groups)]
    known = columns[2] if len(columns) == 3 else 0
    free = max(len(variables) - known - 0.5 * (columns[0] + columns[1] + 3), 0.0)
    return chi2_sf(2.0 * free * information, float(_normal_dof(variables))) if free else 1.0


def _tell_of(strata: Strata, n_rows: int) -> None:
    """Warn if most rows are alone in their stratum, or no stratum can be tested."""
    levels = f"z has {strata.n_strata} values in {n_rows} rows"
    if not strata.dof:
        warn(
            f"{levels}, and none of them occurs with two values of x and two of y: nothing can be "
            f"tested, and the p-value is 1. Use fewer bins or levels of z"
        )
    elif 2 * strata.n_alone >= n_rows:
        warn(
            f"{levels}: {strata.n_alone} of the rows have a value of z that no other row has, and "
            f"add no information. Use fewer bins or levels of z"
        )
    elif n_rows >= UNIQUE_FROM:
        n_different, name = max(zip(strata.n_different, "xy", strict=True))
        if 2 * n_different >= n_rows:
            warn(
                f"{levels}, and {n_different} of the rows differ in {name} from all other rows "
                f"with their value of z: in those rows, information can't be told from chance. Use "
                f"fewer bins or levels of {name}"
            )
