"""Rank columns of data in parts with weights or given columns; the codes are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import check_streamed_bins
from fastinfo._columns.coded_counts import by_rows_of, count_coded
from fastinfo._columns.coding import check_target, weight_of_target
from fastinfo._columns.notes import warn_of_infinite
from fastinfo._columns.ranked import Measured, Ranking, RankOptions, measure_counts, ranking_of
from fastinfo._core.progress import reporting
from fastinfo._core.threads import run_in_order
from fastinfo._counts.weight_units import unless_equal
from fastinfo._tables.features import Features
from fastinfo._tables.given_columns import places_of_given
from fastinfo._tables.table_readers import warn_of_nested
from fastinfo.files.sources import Source
from fastinfo.ranking.given import Given
from fastinfo.streaming.coded_columns import code_source
from fastinfo.streaming.rank_and_matrix import check_target_name
from fastinfo.streaming.read_weights import names_beside, weights_of_source


def rank_codes_of_source(
    source: Source,
    y: Any,
    given: Any,
    binning: Binning,
    asked: RankOptions,
    sample_weight: Any,
    progress: bool | Callable[[int, int], None],
) -> Ranking:
    """Rank the columns of a source, with weights or given columns."""
    check_target_name(source, y)
    check_streamed_bins(binning.bins, binning.strategy)
    warn_of_nested(source.nested, binning.discrete)
    names = names_beside(source, sample_weight, y)
    places = [] if given is None else places_of_given(given, Features(names, None, []), y)
    if places:
        binning = binning.with_number(MANY_BINS)
    binning.check_names([*names, y])
    with reporting(progress, "rows") as report:
        matrix, target = code_source(source, names, binning, y, report)
    assert target is not None
    check_target(target, y)
    n_target = matrix.n_rows - int(target.n_missing[0])
    weights = unless_equal(weights_of_source(source, sample_weight, matrix.n_rows))
    weight = None if weights is None else weight_of_target(weights, target)
    wanted = [i for i in range(len(names)) if i not in places]
    if places:
        known = Given([matrix.chosen(np.array([i])) for i in places])
        known.tell()

        def measure(i: int) -> Measured:
            return known.measure(
                matrix,
                i,
                target,
                asked,
                asked.stream(i),
                n_rows=n_target,
                row_number=False,
                weights=weights,
                weight=n_target if weight is None else weight,
            )
    else:

        def measure(i: int) -> Measured:
            table, n_missing, n = count_coded(matrix, i, target, weights)
            return measure_counts(
                names[i],
                table,
                n_missing,
                asked,
                asked.stream(i),
                n_rows=n_target,
                labels=bool(matrix.labels[i]),
                n=n,
                weight=weight,
                by_rows=by_rows_of(matrix, i, target, weights),
            )

    found = run_in_order(measure, wanted)
    if places:
        known.tell_of_different(names, y)
    warn_of_infinite(target.infinite | matrix.infinite)
    return ranking_of(
        found,
        asked,
        target=y,
        n_rows=matrix.n_rows,
        n_target=n_target,
        given=[names[i] for i in places],
    )
