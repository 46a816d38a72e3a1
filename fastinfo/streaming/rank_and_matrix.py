"""The ranking and the matrix of a table that is read part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._columns.matrix.information_matrix import InformationMatrix
from fastinfo._columns.ranked import Ranking, RankOptions
from fastinfo._core.as_json import plain_array
from fastinfo._core.messages import warn
from fastinfo._core.progress import reporting
from fastinfo._tables.features import refuse_nested
from fastinfo._tables.table_readers import warn_of_nested
from fastinfo.files.sources import Source
from fastinfo.streaming.column_counts import ColumnCounts
from fastinfo.streaming.pair_counts import PairCounts
from fastinfo.streaming.runs import check_names, count_stream


def rank_stream(
    source: Source,
    y: Any,
    binning: Binning,
    asked: RankOptions,
    progress: bool | Callable[[int, int], None],
    checkpoint: Any,
) -> Ranking:
    """Rank the columns of a table that is read part by part."""
    return count_columns(source, y, binning, progress, checkpoint).ranked(asked, binning)


def check_target_name(source: Source, y: Any) -> None:
    """Raise an error if the target is not a column of a source, or is its only column."""
    if not isinstance(y, str):
        one = isinstance(y, list | tuple) and len(y) == 1 and isinstance(y[0], str)
        raise TypeError(
            f"y must be the name of a column where X is read part by part, got a "
            f"{type(y).__name__}{f': y={y[0]!r}' if one else ''}"
        )
    refuse_nested(y, source.nested)
    check_names([y], source.names)
    if all(name == y for name in source.names):
        raise ValueError("X must have at least one column beside the target, got none")


def count_columns(
    source: Source,
    y: Any,
    binning: Binning,
    progress: bool | Callable[[int, int], None],
    checkpoint: Any = None,
) -> ColumnCounts:
    """Count the columns of a table that is read part by part against one of them."""
    check_target_name(source, y)
    warn_of_nested(source.nested, binning.discrete)
    names = [name for name in source.names if name != y]
    settings = {"bins": binning.bins, "strategy": binning.strategy, "discrete": binning.discrete}
    empty = ColumnCounts(names, y, **settings)
    counts: ColumnCounts = _count(source, empty, binning, progress, checkpoint, ["rank", y])
    return counts


def matrix_of_stream(
    source: Source,
    binning: Binning,
    *,
    progress: bool | Callable[[int, int], None],
    checkpoint: Any,
    **options: Any,
) -> InformationMatrix:
    """Mutual information of all pairs of columns of a table that is read part by part."""
    warn_of_nested(source.nested, binning.discrete)
    counts = count_pairs(source, source.names, binning, progress, checkpoint)
    return counts.matrix(nan_policy=binning.nan_policy, missing=binning.missing, **options)


def count_pairs(
    source: Source,
    names: Sequence[str],
    binning: Binning,
    progress: bool | Callable[[int, int], None],
    checkpoint: Any = None,
) -> PairCounts:
    """Count all pairs of some columns of a table that is read part by part."""
    settings = {"bins": binning.bins, "strategy": binning.strategy, "discrete": binning.discrete}
    empty = PairCounts(names, **settings)
    counts: PairCounts = _count(source, empty, binning, progress, checkpoint, ["matrix"])
    return counts


def _plain_bins(bins: Any) -> Any:
    """Return bins as plain values; for a list, each entry as a plain value."""
    if isinstance(bins, (list, tuple)):
        return [_plain_bins(setting) for setting in bins]
    return plain_array(np.asarray(bins)) if np.ndim(bins) else str(bins)


def _count(
    source: Source,
    empty: Any,
    binning: Binning,
    progress: bool | Callable[[int, int], None],
    checkpoint: Any,
    kind: list[str],
) -> Any:
    """Count a source, and report progress."""
    bins = _plain_bins(binning.bins)
    options = [*kind, bins, binning.strategy, str(binning.discrete)]
    with reporting(progress, "rows") as report:
        counts = count_stream(source, empty, checkpoint, options, report)
    counts.surveyed = True
    if source.changed:
        warn(
            f"{source.label} was not the same when it was read again, so the result mixes "
            f"different data: pass a table in memory, or write it to a file and open that"
        )
    return counts
