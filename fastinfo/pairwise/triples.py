"""Many tests of conditional independence in one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._core.checks import base_divisor, inner_fraction, shown
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import shown_name
from fastinfo._core.progress import reporting
from fastinfo._core.threads import run_in_order
from fastinfo._measures.conditional import test_in_strata
from fastinfo._measures.joint_entropies import Joint, Variable, join_variables
from fastinfo._measures.resampling import check_permutations, seed_key
from fastinfo._measures.strata import Strata
from fastinfo.pairwise.coded_tables import code_table
from fastinfo.pairwise.triple_tests import ConditionalTests, TripleTest
from fastinfo.significance.adjusting import adjust_pvalues


def conditional_independence_tests(
    X: Any,
    triples: Any,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    n_permutations: int | str = "auto",
    seed: Any = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> ConditionalTests:
    """
    Test many pairs of columns of a table for independence given other columns.

    Columns are binned once, and each set of columns is counted once: ``(a, b, c)``, ``(a, c, b)``
    and ``(b, c, a)`` use the same counts. Each test is a
    :func:`conditional_independence_test`.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, path, or source
        The table: any input that :func:`mutual_information_matrix` accepts.
    triples : iterable of (x, y, given)
        Names of two columns, and of the columns to condition on: a name, a list of names, or None.
    bins : int, edges or str, optional
        Bins of numbers; 8 by default.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, or a mapping of names to those, optional
        Which columns are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm of `cmi`: 2 for bits. None means nats.
    n_permutations : {"auto"} or int, optional
        How p-values are computed, as in :func:`conditional_independence_test`.
    seed : int, SeedSequence or Generator, optional
        Source of the permutations, as in :func:`permutation_test`.
    alpha : float, optional
        Tests with an adjusted p-value up to this level are significant.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for the tests of its column (default), makes them
        NaN, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of sets of columns.

    Returns
    -------
    ConditionalTests
        One row for each triple, in the given order. It also has p-values adjusted for the number of
        tests (Benjamini-Hochberg).

    Raises
    ------
    TypeError, ValueError
        If a triple does not have three parts, names an unknown column, or names a column twice. If
        the table or an option is not valid: the conditions are listed in :func:`rank_features` and
        :func:`conditional_independence_test`.

    Warns
    -----
    UserWarning
        If :func:`mutual_information_matrix` warns of columns.

    See Also
    --------
    rank_features : Test of all columns against a target, with ``given=``.

    References
    ----------
    Agresti, A. (2002), Categorical Data Analysis, 2nd ed., section 6.3 (strata).
    https://doi.org/10.1002/0471249688

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> c = rng.integers(0, 3, 5000)
    >>> a, b = c + rng.integers(0, 2, (2, 5000))
    >>> tests = fastinfo.conditional_independence_tests(
    ...     {"a": a, "b": b, "c": c}, [("a", "b", None), ("a", "b", "c"), ("a", "c", "b")]
    ... )
    >>> [row.adjusted_pvalue < 0.05 for row in tests]
    [True, False, True]
    """
    divisor, nan = base_divisor(base), math.nan
    m, key = check_permutations(n_permutations), seed_key(seed)
    inner_fraction(alpha, "alpha")
    options = {"discrete": discrete, "missing": missing, "nan_policy": nan_policy}
    binning = Binning.alike(bins, strategy, **options).with_number(MANY_BINS)
    if isinstance(triples, str) or not isinstance(triples, Iterable):
        raise TypeError(f"triples must be a list of (x, y, given), got {shown(triples)}")
    matrix = code_table(X, binning)
    asked = [_places(triple, matrix, i) for i, triple in enumerate(triples)]
    groups: dict[frozenset[int], list[int]] = {}
    for i, (x, y, given) in enumerate(asked):
        groups.setdefault(frozenset((x, y, *given)), []).append(i)

    def test(together: list[int]) -> list[TripleTest]:
        joints: dict[Any, Joint] = {}
        found = []
        for i in together:
            x, y, given = asked[i]
            variables: Any = (x, y, given)
            places = (0, 1, 2)
            if len(given) == 1:  # each of the three may be the one that is given
                variables = order = tuple(sorted((x, y, *given)))
                places = (order.index(x), order.index(y), order.index(given[0]))
            if variables not in joints:
                joints[variables] = Joint([_variable(matrix, v) for v in variables], None)
            lost = nan_policy == "propagate" and matrix.n_missing[[x, y, *given]].any()
            names = matrix.names[x], matrix.names[y], tuple(matrix.names[j] for j in given)
            joint = joints[variables]
            if lost or not joint.n:
                found.append(TripleTest(*names, nan, nan, 0, nan, nan, int(joint.n)))
                continue
            cmi = joint.information((places[0],), (places[1],), (places[2],))
            strata = Strata.of(joint, places)
            tested = test_in_strata(strata, cmi, m, key, 0 if isinstance(m, str) else i * m)
            statistic, n = 2.0 * joint.n * cmi, int(joint.n)
            found.append(
                TripleTest(*names, cmi / divisor, statistic, strata.dof, tested.pvalue, nan, n)
            )
        return found

    with reporting(progress) as report:
        total = len(groups)
        done = (lambda k: report(k, total)) if report is not None else None
        found = run_in_order(test, list(groups.values()), done=done)
    rows: list[Any] = [None] * len(asked)
    for together, tested in zip(groups.values(), found, strict=True):
        for i, row in zip(together, tested, strict=True):
            rows[i] = row
    adjusted = adjust_pvalues([row.pvalue for row in rows]).tolist() if rows else []
    rows = [row._replace(adjusted_pvalue=p) for row, p in zip(rows, adjusted, strict=True)]
    return ConditionalTests(rows, base=base, alpha=alpha)


def _places(triple: Any, matrix: CodeMatrix, i: int) -> tuple[int, int, tuple[int, ...]]:
    """Indices of the columns of a triple."""
    try:
        x, y, given = triple
    except (TypeError, ValueError):
        raise ValueError(
            f"triples must hold (x, y, given), two names and the names given, got "
            f"{shown(triple)} at place {i}"
        ) from None
    several = isinstance(given, (list, tuple, set, frozenset, np.ndarray))
    names = [x, y, *(given if several else [] if given is None else [given])]
    places = []
    for name in names:
        said = str(name)
        if said not in matrix.names:
            raise ValueError(
                f"triples must hold names of columns of X, one of {matrix.names}, got {name!r} at "
                f"place {i}"
            )
        places.append(matrix.names.index(said))
    if len({*places}) < len(places):
        raise ValueError(
            f"triples must name each column once, got {shown(triple)} at place {i}: "
            f"{shown_name(str(next(n for n in names if names.count(n) > 1)))} is there twice"
        )
    return places[0], places[1], tuple(places[2:])


def _variable(matrix: CodeMatrix, columns: int | tuple[int, ...]) -> Variable:
    """One column or several as a single variable; no column is a constant."""
    if isinstance(columns, int):
        columns = (columns,)
    if not columns:
        return Variable(Coded(np.zeros(matrix.n_rows, np.uint8), 1), 1)
    return join_variables([matrix.occurring(i) for i in columns])
