"""Rank columns by their information about a target beyond given columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import UNIQUE_FROM
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import batch_size, code_features, code_target, weight_of_target
from fastinfo._columns.notes import (
    counts_rows,
    find_twins,
    notes_of,
    warn_of_infinite,
    warn_of_unreadable,
)
from fastinfo._columns.ranked import (
    Measured,
    RankedFeature,
    Ranking,
    RankOptions,
    ranking_of,
)
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import listed, warn
from fastinfo._core.progress import reporting
from fastinfo._core.threads import run_in_order, spans
from fastinfo._measures.conditional import test_in_strata
from fastinfo._measures.information import share_of
from fastinfo._measures.joint_entropies import Joint, Variable, join_variables
from fastinfo._measures.strata import Strata
from fastinfo._measures.surrogates.weighted import pvalue_of_rows
from fastinfo._tables.features import Features
from fastinfo._tables.given_columns import places_of_given
from fastinfo._tables.row_weights import split_weights
from fastinfo._tables.table_readers import warn_of_nested
from fastinfo._tables.targets import split_target
from fastinfo.ranking.chance_in_strata import ChanceInStrata

_MOST_SPREAD = 1 << 20  # cells of which a standard error is computed


class Given:
    """The given columns as one variable, and measures of other columns given it."""

    def __init__(self, parts: Sequence[CodeMatrix]) -> None:
        """Join the codes of the given columns, each in a matrix of its own."""
        self.names = [part.names[0] for part in parts]
        self._chance = ChanceInStrata()
        self.infinite = {
            name: n for part in parts for name, n in part.infinite.items() if name in self.names
        }
        for part in parts:
            if part.unreadable:
                raise TypeError(*part.unreadable.values())
        self._variable = join_variables([part.occurring(0) for part in parts])
        masks = [mask for part in parts if (mask := part.missing(0)) is not None]
        self._different = dict[str, tuple[bool, bool]]()  # columns, and the target beside them
        self._missing: Array | None = np.logical_or.reduce(masks) if masks else None

    def tell(self) -> None:
        """
        Warn if most rows lack a given value, or have given values that no other row has.

        In such rows, no column can add information.
        """
        coded = self._variable.coded
        lost = 0 if self._missing is None else int(np.count_nonzero(self._missing))
        if 2 * lost > len(coded):
            warn(
                f"{len(coded) - lost} of {len(coded)} rows have a value in all of the given "
                f"columns {listed(self.names)}, and only those rows are used: "
                f'missing="category" makes missing values a level'
            )
        sizes = np.bincount(coded.codes, minlength=coded.n_levels + 1)[: coded.n_levels]
        alone, n = int(np.count_nonzero(sizes == 1)), len(coded)
        if 2 * alone >= n:
            warn(
                f"{alone} of {n} rows have values of the given columns {listed(self.names)} that "
                f"no other row has: in those rows, no other column can add information. Use fewer "
                f"given columns, bins or levels"
            )

    def measure(
        self,
        matrix: CodeMatrix,
        i: int,
        target: CodeMatrix,
        asked: RankOptions,
        stream: int | None,
        *,
        n_rows: int,
        row_number: bool,
        weights: Array | None,
        weight: float,
    ) -> Measured:
        """Measure a column; `n_rows` rows have a target, with the total `weight`."""
        name, x, y = matrix.names[i], matrix.occurring(i), target.column(0)
        masks = [self._missing, matrix.missing(i), target.missing(0)]
        gone = [mask for mask in masks if mask is not None]
        n_missing = int(np.count_nonzero(np.logical_or.reduce(gone))) if gone else 0
        gone = gone[self._missing is not None :]  # of the column and the target alone
        n_own = len(x) - (int(np.count_nonzero(np.logical_or.reduce(gone))) if gone else 0)
        joint = Joint([_one(x), _one(y), self._variable], weights)
        n, levels = joint.n_rows, joint.occurring()[0] if joint.n else 0
        labels = bool(matrix.labels[i])

        def notes(share: float) -> tuple[str, ...]:
            return notes_of(levels, n_own, n_rows, share, labels=labels, row_number=row_number)

        if not joint.n or (asked.nan_policy == "propagate" and n_missing):
            nan = math.nan
            row = RankedFeature(name, nan, nan, nan, nan, nan, nan, "", levels, n, n_missing, "")
            return Measured(row, notes(0.0), None)
        strata, plain = Strata.of(joint), joint.information((0,), (1,), (2,))
        few = 2 * levels <= n  # more are noted as nearly unique
        of_column, of_target = (2 * k >= n >= UNIQUE_FROM for k in strata.n_different)
        self._different[name] = labels and few and of_column, of_target and 2 * y.n_levels <= n
        hx, hy, hxy = (self._left(joint, group) for group in ((0,), (1,), (0, 1)))
        if not strata.weighted:
            strata.know_mean(self._chance.mean(strata))
        expected = strata.mean / strata.n_effective
        expected = min(expected, hx, hy) if strata.weighted else expected
        above = plain - expected
        room = hy - expected
        share = above / room if room > 1e-9 * hy else 0.0
        first = 0 if stream is None else stream
        by_rows = None
        if weights is not None:
            z, own = self._variable.coded, weights
            by_rows = lambda: pvalue_of_rows(x, y, z, own)  # noqa: E731
        tested = test_in_strata(strata, plain, asked.n_permutations, asked.key, first, by_rows)
        information, correction = plain, asked.correction
        if correction is not None and correction != "chance":
            information = joint.information((0,), (1,), (2,), correction)
        elif correction == "chance":
            information = above
        normalized = float(share_of(information, hx, hy, hxy, "arithmetic", correction, expected))
        values = above, share, information, normalized, tested.pvalue, math.nan, tested.test
        row = RankedFeature(name, *values, levels, n, n_missing, "")
        sizes = np.sort(joint.counts((0,))).tobytes()
        alike = (n, n_missing, levels, round(above, 9), sizes) if levels > 1 else None
        error = _standard_error(joint, plain, strata)
        return Measured(row, notes(share), alike, error, float(joint.n) / weight)

    def tell_of_different(self, names: Sequence[str], target: str) -> None:
        """Warn of columns that differ in most rows with equal given values."""
        unlike = [name for name in names if self._different.get(name, (False, False))[0]]
        if any(of_target for _, of_target in self._different.values()):
            unlike = [target]
        if unlike:
            warn(
                f"most rows differ in {listed(unlike)} from all other rows with the same values of "
                f"the given columns {listed(self.names)}: in those rows, information can't be told "
                f"from chance. If labels are numbers, bin them: "
                f"discrete={{{unlike[0]!r}: False}}"
            )

    @staticmethod
    def _left(joint: Joint, group: tuple[int, ...]) -> float:
        """Entropy of a group given the columns."""
        return max(joint.entropy((*group, 2), None) - joint.entropy((2,), None), 0.0)


def _one(coded: Coded) -> Variable:
    return Variable(coded, coded.n_levels)


def _standard_error(joint: Joint, information: float, strata: Strata) -> float:
    """Standard error of plug-in conditional information, like :func:`standard_error`."""
    counts, n = joint.at_cells((0, 1, 2)), strata.n_effective
    if counts.size > _MOST_SPREAD or 2 * counts.size > n:
        return math.nan
    z, xz, yz = (joint.at_cells(group) for group in ((2,), (0, 2), (1, 2)))
    local = np.log((counts / xz) * (z / yz)) - information
    spread = float(counts @ (local * local)) / joint.n
    return math.sqrt(max(spread, strata.dof / (2.0 * n)) / n)


def rank_given(
    data: Features,
    y: Any,
    given: Any,
    binning: Binning,
    asked: RankOptions,
    sample_weight: Any,
    progress: bool | Callable[[int, int], None],
) -> Ranking:
    """Rank the columns of a table in memory by their information beyond given columns."""
    features, values, target_name = split_target(data, y)
    features, weights = split_weights(features, sample_weight)
    warn_of_nested(features.nested, binning.discrete)
    binning.check_names([*features.names, target_name or "y"])
    places = places_of_given(given, features, target_name)
    binning = binning.with_number(MANY_BINS)
    target = code_target(values, target_name or "y", binning)
    known = Given([code_features(features.part(i, i + 1), binning) for i in places])
    known.tell()
    n_target = features.n_rows - int(target.n_missing[0])
    weight = n_target if weights is None else weight_of_target(weights, target)
    infinite, unreadable = target.infinite | known.infinite, dict[str, str]()
    keys: list[tuple[Any, ...] | None] = [None] * len(features.names)
    found: dict[int, Measured] = {}
    total = len(features.names) - len(places)
    with reporting(progress) as report:
        for first, last in spans(len(features.names), batch_size(features)):
            matrix = code_features(features.part(first, last), binning)
            infinite |= matrix.infinite
            unreadable |= matrix.unreadable
            wanted = [i for i in range(last - first) if first + i not in places]

            def measure(i: int, first: int = first, matrix: CodeMatrix = matrix) -> Measured:
                return known.measure(
                    matrix,
                    i,
                    target,
                    asked,
                    asked.stream(first + i),
                    n_rows=n_target,
                    row_number=counts_rows(features.values(first + i)),
                    weights=weights,
                    weight=weight,
                )

            seen = len(found)
            done = (lambda k, n=seen: report(n + k, total)) if report is not None else None
            for i, measured in zip(wanted, run_in_order(measure, wanted, done=done), strict=True):
                found[first + i], keys[first + i] = measured, measured.alike
    known.tell_of_different(features.names, target_name or "y")
    twins = find_twins(features, binning, keys)
    warn_of_infinite(infinite)
    warn_of_unreadable(unreadable, features.names)
    kept = [i for i in found if features.names[i] not in unreadable]
    return ranking_of(
        [found[i] for i in kept],
        asked,
        target=target_name,
        given=known.names,
        n_rows=features.n_rows,
        n_target=n_target,
        twins={k: twins[i] for k, i in enumerate(kept) if i in twins},
    )
