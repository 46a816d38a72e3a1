"""Rank columns by an estimator without bins: neighbours, or correlations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._columns.notes import counts_rows, notes_of
from fastinfo._columns.ranked import (
    Measured,
    RankedFeature,
    Ranking,
    RankOptions,
    measure_counts,
    ranking_of,
)
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._core.progress import reporting
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import entropy_of_counts
from fastinfo._measures.surrogates.tails import tail_of
from fastinfo._neighbors.numbers import generator
from fastinfo._neighbors.options import BIAS, NEIGHBORS, Options
from fastinfo._neighbors.samples import Group, read_group
from fastinfo._neighbors.series.surrogates import surrogate_test
from fastinfo._neighbors.series.variables import Variables, with_noise
from fastinfo._tables.features import Features
from fastinfo._tables.given_columns import places_of_given
from fastinfo._tables.table_readers import warn_of_nested
from fastinfo._tables.targets import split_target
from fastinfo.significance.conditional import normal_pvalue, permutations_of


def rank_without_bins(
    data: Features,
    y: Any,
    given: Any,
    binning: Binning,
    asked: RankOptions,
    options: Options,
    progress: bool | Callable[[int, int], None],
) -> Ranking:
    """Rank the columns of a table in memory by an estimator without bins."""
    features, values, target_name = split_target(data, y)
    warn_of_nested(features.nested, binning.discrete)
    called = target_name or "y"
    binning.check_names([*features.names, called])
    known = [] if given is None else places_of_given(given, features, target_name)
    rng = generator(options.random_state) if options.noise else None
    estimator = options.estimator

    def read(columns: list[Any], name: str, words: list[bool | None]) -> Group:
        group = read_group(columns, name, words, estimator)
        return group if rng is None else with_noise(group, options.noise, rng)

    target = read([values], called, [binning.said_of(called, 1)])
    others: list[Group] = []
    if known:
        words = [binning.said_of(features.names[i], 0) for i in known]
        others = [read([features.values(i) for i in known], "given", words)]
    n_target = features.n_rows - _count(target.missing)
    places = [i for i, _ in enumerate(features.names) if i not in known]
    own = options._replace(noise=0.0, random_state=None)

    def measure(i: int) -> Measured:
        name = features.names[i]
        group = read([features.values(i)], name, [binning.said_of(name, 0)])
        if group.codes is not None and target.codes is not None and not others:
            return _by_counts(name, group, target, asked, n_rows=n_target)
        names = (name, called, "given")[: 2 + len(others)]
        variables = Variables(names, (group, target, *others), own)
        row_number = counts_rows(features.values(i))
        return _measure(variables, binning, asked, n_rows=n_target, row_number=row_number)

    with reporting(progress) as report:
        found = []  # one after the other, as noise is drawn: threads share the permutations
        for i in places:
            found.append(measure(i))
            if report is not None:
                report(len(found), len(places))
    return ranking_of(
        found,
        asked,
        target=target_name,
        given=[features.names[i] for i in known],
        n_rows=features.n_rows,
        n_target=n_target,
    )


def _by_counts(
    name: str, group: Group, target: Group, asked: RankOptions, *, n_rows: int
) -> Measured:
    """Measure labels against labels, which have no neighbours, by their counts."""
    x, y = (_coded(g) for g in (group, target))
    n_missing = int(np.count_nonzero(x.invalid | y.invalid))
    table = Table.count(x, y)
    stream = 0 if isinstance(asked.n_permutations, int) else None
    return measure_counts(name, table, n_missing, asked, stream, n_rows=n_rows, labels=True)


def _coded(group: Group) -> Coded:
    assert group.codes is not None
    present = np.ones(group.codes.size, np.bool_) if group.missing is None else ~group.missing
    levels, places = np.unique(group.codes[present], return_inverse=True)
    codes = np.full(present.size, levels.size, code_dtype(levels.size))
    codes[present] = places
    return Coded(codes, levels.size)


def _count(mask: Array | None) -> int:
    return 0 if mask is None else int(np.count_nonzero(mask))


def _measure(
    variables: Variables,
    binning: Binning,
    asked: RankOptions,
    *,
    n_rows: int,
    row_number: bool,
) -> Measured:
    """Measure the first of the variables; `n_rows` rows have a target."""
    name, (x, y, *_) = variables.names[0], variables.groups
    binning.refuse(name, _count(x.missing))
    missing = [group.missing for group in variables.groups if group.missing is not None]
    n_missing = _count(np.logical_or.reduce(missing)) if missing else 0
    complete, nan = variables.complete("omit"), math.nan
    n = 0 if complete is None else len(complete)
    present = variables.rows_of(0) if x.missing is None else variables.rows_of(0)[~x.missing]
    levels = int(np.unique(present).size)

    def notes(share: float) -> tuple[str, ...]:
        labels = x.codes is not None
        return notes_of(levels, n, n_rows, share, labels=labels, row_number=row_number)

    if complete is None or (asked.nan_policy == "propagate" and n_missing):
        row = RankedFeature(name, nan, nan, nan, nan, nan, nan, "", levels, n, n_missing, "")
        return Measured(row, notes(0.0), None)
    mi, above, pvalue, test = _tested(complete, asked)
    share = nan
    if y.codes is not None and len(variables.groups) == 2:
        room = entropy_of_counts(np.bincount(complete.rows_of(1)), 1, None)
        share = above / room if room > 0.0 else 0.0
    values = above, share, mi, nan, pvalue, nan, test
    row = RankedFeature(name, *values, levels, n, n_missing, "")
    return Measured(row, notes(share), None, nan, n / n_rows)


def _tested(variables: Variables, asked: RankOptions) -> tuple[float, float, float, str]:
    """Information, information above chance, p-value, and its test."""
    draws, pvalue = permutations_of(variables, asked.n_permutations), math.nan
    if draws:
        null = surrogate_test(variables, 0, "permute", draws, asked.key, tell=False)
        by_neighbors = variables.options.estimator in NEIGHBORS
        asked_for = isinstance(asked.n_permutations, int) or not by_neighbors
        pvalue = null.pvalue if asked_for else tail_of(null)
        if by_neighbors:
            above = null.information - float(null.surrogates.mean())
            return null.information, above, pvalue, "permutation"
    plain, corrected = (_gaussian(variables, word) for word in (None, BIAS))
    mi = plain if asked.correction is None else corrected
    if draws:
        return mi, corrected, pvalue, "permutation"
    return mi, corrected, normal_pvalue(variables, plain), "g"


def _gaussian(variables: Variables, correction: str | None) -> float:
    options = variables.options._replace(correction=correction)
    return Variables(variables.names, variables.groups, options).information(tell=False)
