"""Criteria of greedy selection: what a column adds to those that were chosen.

All are of one framework (Brown, Pocock, Zhao & Luján 2012,
https://www.jmlr.org/papers/v13/brown12a.html): a score is updated with each column that is chosen,
and only what is new is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._code_matrix import MOST_LEVELS, CodeMatrix
from fastinfo._codes import Coded
from fastinfo._joint import Joint, Variable
from fastinfo._pair_counts import Panel, count_all
from fastinfo._pair_measures import measure_pairs
from fastinfo._sparse import join_codes
from fastinfo._validate import Array
from fastinfo.kernels import triples as kernels

__all__ = ["METHODS", "greedy", "relevance"]

#: What is counted of a candidate, the column chosen last and the target, by name; None for nothing.
_REDUNDANCY, _CONDITIONAL, _JOINT, _SHARE = "redundancy", "conditional", "joint", "share"

_ROUNDING = 1e-12  # by which equal scores can differ

METHODS: dict[str, str | None] = {
    "mim": None,
    "mrmr": _REDUNDANCY,
    "mrmr-quotient": _REDUNDANCY,
    "jmi": _JOINT,
    "cmim": _CONDITIONAL,
    "disr": _SHARE,
}


def relevance(x: CodeMatrix, other: CodeMatrix) -> Array:
    """Mutual information of each column with the one of `other`, in nats."""
    return measure_pairs(x, other)[:, 0]


def _of_triples(x: CodeMatrix, last: Coded, target: Coded, wanted: str) -> Array:
    """What is wanted of each column with the last one chosen and the target."""
    out = np.full(x.n_columns, np.nan)
    together = join_codes(last, target)
    n_y = target.n_levels
    apart = set(x.wide)
    if together.n_levels == last.n_levels * n_y and together.n_levels <= MOST_LEVELS:

        def use(p: Panel, q: Panel, same: bool, by_planes: bool, counts: Array) -> None:
            layouts = p.layout(by_planes), q.layout(by_planes)
            scratch = np.empty((3, max(int(p.levels.max()) * together.n_levels, 256)))
            found, entropy = np.zeros(p.columns.size), np.zeros(p.columns.size)
            if wanted == _CONDITIONAL:
                kernels.conditional_informations(counts, *layouts, n_y, scratch, found)
            else:
                kernels.joint_informations(counts, *layouts, n_y, scratch, found)
            if wanted == _SHARE:
                kernels.joint_entropies(counts, *layouts, n_y, scratch, entropy)
                found = _share(found, entropy)
            out[p.columns] = found

        count_all(x, CodeMatrix.of_one(together), use)
    else:
        apart = set(range(x.n_columns))
    for i in apart:
        out[i] = _of_one(x.column(i), last, target, wanted)
    return out


def _share(information: Any, entropy: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.where(entropy == 0.0, 0.0, np.divide(information, entropy))


def _of_one(x: Coded, w: Coded, y: Coded, wanted: str) -> float:
    """The same where levels multiply past the tables."""
    joint = Joint([Variable(c, c.n_levels) for c in (x, w, y)], None)
    if not joint.n:
        return np.nan
    if wanted == _CONDITIONAL:
        return joint.information((0,), (2,), (1,))
    found = joint.information((0, 1), (2,))
    return found if wanted == _JOINT else float(_share(found, joint.entropy((0, 1, 2), None)))


def greedy(
    x: CodeMatrix,
    target: CodeMatrix,
    k: int,
    method: str,
    lost: Array,
    done: Callable[[int], None] | None = None,
) -> tuple[list[int], list[float], Array]:
    """
    Choose `k` columns one after the other: places, scores when chosen, and all the relevances.

    Those of columns that are `lost`, a mask, are NaN.

    The first has the largest mutual information with the target. Equal scores go to the column that
    comes first; a column without a complete row comes last.
    """
    relevant = relevance(x, target)
    relevant[lost] = np.nan
    wanted = METHODS[method]
    chosen: list[int] = []
    scores: list[float] = []
    left = np.arange(x.n_columns)
    sums = np.full(x.n_columns, np.inf) if method == "cmim" else np.zeros(x.n_columns)
    score = relevant
    for step in range(k):
        best = int(left[_first_best(score[left])])
        chosen.append(best)
        scores.append(float(score[best]))
        left = left[left != best]
        if done is not None:
            done(step + 1)
        if wanted is None or step == k - 1:
            continue
        candidates = x.chosen(left)
        if wanted == _REDUNDANCY:
            sums[left] += relevance(candidates, x.chosen(np.array([best])))
        elif method == "cmim":
            new = _of_triples(candidates, x.column(best), target.column(0), wanted)
            sums[left] = np.minimum(sums[left], new)
        else:
            sums[left] += _of_triples(candidates, x.column(best), target.column(0), wanted)
        score = _scores(method, relevant, sums, step + 1)
    return chosen, scores, relevant


def _first_best(scores: Array) -> int:
    """Place of the largest score, the first one of those that are equal but for rounding."""
    top = float(np.max(np.nan_to_num(scores, nan=-np.inf, posinf=np.inf, neginf=-np.inf)))
    if np.isfinite(top):
        top -= _ROUNDING * max(abs(top), 1.0)
    return int(np.argmax(np.nan_to_num(scores, nan=-np.inf, posinf=np.inf, neginf=-np.inf) >= top))


def _scores(method: str, relevant: Array, sums: Array, n_chosen: int) -> Array:
    """Scores of all columns from the relevances and what was summed up, or the least of it."""
    if method == "mrmr":
        return relevant - sums / n_chosen
    if method == "mrmr-quotient":
        with np.errstate(all="ignore"):
            share = np.where(relevant == 0.0, 0.0, np.divide(relevant, sums / n_chosen))
            return np.where(np.isnan(sums), np.nan, share)
    return np.where(np.isnan(relevant), np.nan, sums)
