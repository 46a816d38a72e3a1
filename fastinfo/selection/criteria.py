"""Criteria of greedy selection: what a candidate adds to the columns selected so far.

All criteria belong to one framework (Brown, Pocock, Zhao & Luján 2012,
https://www.jmlr.org/papers/v13/brown12a.html). After each selected column, scores are updated, and
only the new terms are counted. All terms are information above chance, ``max(0, I - E[I])``, with
the mean over all tables with the same margins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix
from fastinfo._columns.coded_counts import by_rows_of
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.pair_measures import measure_pairs
from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.weighted_pairs import units_of
from fastinfo._columns.sparse.measuring import test_columns
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.threads import run_in_order
from fastinfo._counts.sparse import join_codes
from fastinfo._counts.table import Table
from fastinfo._measures.conditional import conditional
from fastinfo._measures.independence import test_independence
from fastinfo._measures.information import entropy_of, information_of
from fastinfo.kernels.information import triples as kernels
from fastinfo.kernels.information import weighted_tables as of_weights
from fastinfo.significance.adjusting import adjust_pvalues

#: What is counted of a candidate, the column chosen last and the target, by name; None for nothing.
_REDUNDANCY, _CONDITIONAL, _JOINT, _SHARE = "redundancy", "conditional", "joint", "share"

_ALPHA = 0.05
_TRIED = 64  # of the best candidates that are tested at each step
_LEAST = ("jmim", "cmim")  # of which the least term is the score
_DIGITS = 12  # of scores, by the largest of them, beyond which they are equal

METHODS: dict[str, str | None] = {
    "mim": None,
    "mrmr": _REDUNDANCY,
    "mrmr-quotient": _REDUNDANCY,
    "jmi": _JOINT,
    "jmim": _JOINT,
    "cmim": _CONDITIONAL,
    "disr": _SHARE,
}


def relevance(x: CodeMatrix, other: CodeMatrix) -> Array:
    """Mutual information above chance of each column with the column of `other`, in nats."""
    return np.maximum(measure_pairs(x, other, "chance")[:, 0], 0.0)


def _of_triples(x: CodeMatrix, last: Coded, target: Coded, wanted: str) -> Array:
    """The wanted term of each column with the last selected one and the target, above chance."""
    out = np.full(x.n_columns, np.nan)
    together = join_codes(last, target)
    n_y = target.n_levels
    apart = set(x.wide)
    if together.n_levels == last.n_levels * n_y and together.n_levels <= MOST_LEVELS:
        complete = x.weights is None and not (together.codes == together.n_levels).any()
        tables = np.zeros((0, 0))
        if complete:
            counts_of_pairs = np.bincount(together.codes, minlength=together.n_levels)
            strata = counts_of_pairs.reshape(-1, n_y).astype(np.float64)
            if wanted != _CONDITIONAL:
                strata = strata.sum(axis=0, keepdims=True)
            tables = np.zeros((len(strata), kernels.table_size(float(strata.sum()))))
            kernels.expected_rows(strata.ravel(), n_y, tables)
        none = read_only(np.zeros((0, 0)))
        tables = read_only(tables)

        def use(p: Panel, q: Panel, same: bool, by_planes: bool, counts: Array) -> None:
            layouts = p.layout(by_planes), q.layout(by_planes)
            scratch = np.empty((3, max(int(p.levels.max()) * together.n_levels, 256)))
            whole = not x.incomplete[p.columns].any()
            found, chance, entropy = np.zeros((3, p.columns.size))
            for_use = (counts, *layouts, n_y)
            known = tables if whole else none
            if wanted == _CONDITIONAL:
                kernels.conditional_informations(*for_use, scratch, found)
            else:
                kernels.joint_informations(*for_use, scratch, found)
            if x.weights is not None:
                units = units_of(p, q, same, counts)
                _chance_of_weights(for_use, units, scratch, found, chance, wanted)
            elif wanted == _CONDITIONAL:
                kernels.conditional_chances(*for_use, known, scratch, chance)
            else:
                kernels.joint_chances(*for_use, known, scratch, chance)
            found = np.maximum(found - chance, 0.0)  # NaN stays
            if wanted == _SHARE:
                kernels.joint_entropies(*for_use, scratch, entropy)
                found = _share(found, entropy)
            out[p.columns] = found

        count_all(x, CodeMatrix.of_one(together), use)
    else:
        apart = set(range(x.n_columns))
    for i in apart:
        out[i] = _of_one(x.column(i), last, target, wanted, x.weights)
    return out


def _chance_of_weights(
    for_use: tuple[Array, Array, Array, int],
    units: Array,
    scratch: Array,
    found: Array,
    chance: Array,
    wanted: str,
) -> None:
    """Expectation by chance for weighted tables; `found` is the information."""
    if wanted == _CONDITIONAL:
        of_weights.weighted_conditional_chances(*for_use, units, scratch, chance)
        return
    sizes = np.empty((4, scratch.shape[1]))
    of_weights.weighted_joint_chances(*for_use, units, scratch, sizes, read_only(found), chance)


def _share(information: Any, entropy: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.where(entropy == 0.0, 0.0, np.divide(information, entropy))


def _of_one(x: Coded, w: Coded, y: Coded, wanted: str, weights: Array | None) -> float:
    """The wanted term of one candidate, if there are too many levels to count many at once."""
    if wanted == _CONDITIONAL:
        found = conditional(x, y, w, weights)
        return max(found.information - found.expected, 0.0)
    table = Table.count(join_codes(x, w), y, weights)
    if not table.n:
        return np.nan
    above = max(information_of(table, None, "chance"), 0.0)
    return above if wanted == _JOINT else float(_share(above, entropy_of(table, "joint")))


class Chosen(NamedTuple):
    """Indices of the selected columns, in the order of selection."""

    places: list[int]
    scores: list[float]  #: when chosen
    relevance: Array  #: of all columns
    n_significant: int  #: how many added something by the test


def greedy(
    x: CodeMatrix,
    target: CodeMatrix,
    k: int,
    method: str,
    lost: Array,
    done: Callable[[int], None] | None = None,
    given: Sequence[int] = (),
) -> Chosen:
    """
    Select `k` columns one after the other, as if the `given` ones were selected before.

    The first has the largest mutual information with the target above chance. Columns that are not
    significant are selected if no other is left. Ties follow the order of the columns. Columns in
    the mask `lost` come last, with a score of NaN.
    """
    relevant = relevance(x, target)
    relevant[lost] = np.nan
    wanted = METHODS[method]
    test = _Test(x, target, method)
    chosen = list(given)
    scores: list[float] = []
    n_significant = 0
    left = np.setdiff1d(np.arange(x.n_columns), chosen)
    sums = np.full(x.n_columns, np.inf if method in _LEAST else 0.0)

    def add(last: int) -> None:
        """Add the terms of the remaining columns with the last selected one."""
        candidates = x.chosen(left)
        if wanted == _REDUNDANCY:
            new = relevance(candidates, x.chosen(np.array([last])))
        else:
            assert wanted is not None
            new = _of_triples(candidates, x.column(last), target.column(0), wanted)
        sums[left] = np.minimum(sums[left], new) if method in _LEAST else sums[left] + new

    for last in given:
        add(last)
    score = _scores(method, relevant, sums, len(given)) if given else relevant
    for step in range(k):
        order = left[np.argsort(-_ranked(score[left]), kind="stable")]
        sure = [int(i) for i in order[:_TRIED] if not lost[i]]
        best = next((i for i in sure if test.is_significant(i, chosen, left.size)), None)
        n_significant += best is not None
        best = int(order[0]) if best is None else best
        chosen.append(best)
        scores.append(float(score[best]))
        left = left[left != best]
        if done is not None:
            done(step + 1)
        if wanted is None or step == k - 1:
            continue
        add(best)
        score = _scores(method, relevant, sums, len(chosen))
    return Chosen(chosen[len(given) :], scores, relevant, n_significant)


def _ranked(scores: Array) -> Array:
    """Scores to sort by: rounded, so that ties are equal, and with NaN last."""
    numbers = np.nan_to_num(scores, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    largest = np.abs(numbers[np.isfinite(numbers)]).max(initial=1.0)
    return np.asarray(np.round(numbers / largest, _DIGITS))


class _Test:
    """Test whether a candidate adds information, by itself or given selected columns."""

    def __init__(self, x: CodeMatrix, target: CodeMatrix, method: str) -> None:
        self._x, self._goal = x, target.column(0)
        self._method = method

        def test(i: int) -> float:
            table = Table.count(x.column(i), self._goal, x.weights)
            by_rows = by_rows_of(x, i, target, x.weights)
            return test_independence(table, by_rows=by_rows).pvalue

        together = {} if x.weights is not None else test_columns(x, target)
        others = [i for i in range(x.n_columns) if i not in together]
        pvalues = np.empty(x.n_columns)
        pvalues[list(together)] = list(together.values())
        pvalues[others] = run_in_order(test, others)
        self._relevant = adjust_pvalues(pvalues) <= _ALPHA
        self._given: dict[tuple[int, int], float] = {}

    def is_significant(self, i: int, chosen: list[int], n_left: int) -> bool:
        """Whether column `i` is significant as one of `n_left` candidates."""
        if not chosen or METHODS[self._method] is None:
            return bool(self._relevant[i])
        if METHODS[self._method] == _REDUNDANCY:
            return bool(self._relevant[i]) and not any(self._is_decided(i, j) for j in chosen)
        limit = _ALPHA / n_left
        found = []
        for j in reversed(chosen):
            if (i, j) not in self._given:
                sides = self._x.column(i), self._goal, self._x.column(j)
                given = conditional(*sides, self._x.weights)
                self._given[i, j] = 1.0 if math.isnan(given.pvalue) else given.pvalue
            found.append(self._given[i, j])
            if self._needs_all(i) and not found[-1] <= limit:
                return False
        return min(found) * (1 if self._needs_all(i) else len(found)) <= limit

    def _is_decided(self, i: int, j: int) -> bool:
        """Whether column `i` is a function of column `j`, and so adds nothing to it."""
        if (i, j) not in self._given:
            table = Table.count(self._x.column(i), self._x.column(j), self._x.weights)
            one_each = np.count_nonzero(table.counts) == np.count_nonzero(table.y_counts)
            self._given[i, j] = float(one_each)
        return self._given[i, j] == 1.0

    def _needs_all(self, i: int) -> bool:
        """Whether column `i` must add to each selected column, not only to one of them."""
        return self._method in _LEAST or bool(self._relevant[i])


def _scores(method: str, relevant: Array, sums: Array, n_chosen: int) -> Array:
    """Scores of all columns, from the relevance and the sums (or minima) of the terms."""
    if method == "mrmr":
        return relevant - sums / n_chosen
    if method == "mrmr-quotient":
        with np.errstate(all="ignore"):
            share = np.where(relevant == 0.0, 0.0, np.divide(relevant, sums / n_chosen))
            return np.where(np.isnan(sums), np.nan, share)
    return np.where(np.isnan(relevant), np.nan, sums)
