"""What the tasks of a Dask graph do: a partition to a survey or to counts, and those to one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from fastinfo._codes import Coded
from fastinfo._column import Column
from fastinfo._column_counts import ColumnCounts
from fastinfo._features import Coding
from fastinfo._loss_sum import LossSum
from fastinfo._pair_stream import PairCounts
from fastinfo._ranges import moved_moments, summary
from fastinfo._streamed_column import StreamedColumn, needs_survey
from fastinfo._streams import joined_surveys, surveys_of
from fastinfo._surveys import Survey
from fastinfo._threads import num_threads
from fastinfo._validate import Array, as_block, same_length
from fastinfo.binning import find_edges, find_range, split_bins, split_range
from fastinfo.discretizing import bins_of_columns
from fastinfo.distributions import cross_entropy
from fastinfo.encoding import said_discrete
from fastinfo.joint_counts import JointCounts
from fastinfo.kernels.binning import pair_moments

__all__ = [
    "TARGET",
    "PairSurvey",
    "count_columns",
    "count_pair",
    "in_partition",
    "join_blocks",
    "merged",
    "sum_losses",
    "survey_columns",
    "survey_pair",
    "weigh_blocks",
]

T = TypeVar("T")

#: Under which the range of a target stands that is no column of the same table.
TARGET = ("target",)


def in_partition(i: int, function: Callable[..., T], parts: Sequence[Any], *args: Any) -> T:
    """Call a function on partitions; what is wrong with them is said with their number."""
    try:
        with num_threads(1):  # a scheduler runs as many tasks as there are threads
            return function(*parts, *args)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error} (in partition {i})") from error


def merged(parts: Sequence[Any]) -> Any:
    """Counts, surveys or sums of several partitions as one; those of empty partitions are None."""
    found: Any = None
    for part in parts:
        if part is None:
            continue
        if found is None:
            found = copy.deepcopy(part)  # what a task was given stays as it is
        elif isinstance(found, dict):
            found = joined_surveys(found, part)
        elif hasattr(found, "merge"):
            found = found.merge(part)
        else:
            found = found | part
    return found


class PairSurvey(NamedTuple):
    """What the edges of two variables depend on."""

    labels: tuple[bool, bool]  #: which of them are labels
    narrow: tuple[bool, bool]  #: which of them are float32
    n: int  #: complete pairs
    x_range: tuple[float, float]  #: of the complete pairs
    y_range: tuple[float, float]
    moments: tuple[float, ...]  #: of two variables of numbers: see kernels.binning.pair_moments
    origin: tuple[float, float]  #: from where the moments are measured

    def __or__(self, other: PairSurvey) -> PairSurvey:
        """Of the pairs of both."""
        if self.labels != other.labels:
            raise ValueError("x and y must be of one type each in all partitions")
        bounds = [
            (min(a[0], b[0]), max(a[1], b[1]))
            for a, b in ((self.x_range, other.x_range), (self.y_range, other.y_range))
        ]
        moments = self.moments
        if moments:
            moved = moved_moments(other.moments, other.origin, self.origin)
            added = [a + b for a, b in zip(moments[5:], moved[5:], strict=True)]
            moments = (moments[0] + moved[0], *bounds[0], *bounds[1], *added)
        narrow = (self.narrow[0] and other.narrow[0], self.narrow[1] and other.narrow[1])
        n = self.n + other.n
        return PairSurvey(self.labels, narrow, n, bounds[0], bounds[1], moments, self.origin)


def survey_pair(x: Any, y: Any, discrete: Any) -> PairSurvey | None:
    """Ranges of two variables in a partition, and what their correlation depends on."""
    if not len(x):
        return None
    samples, coded = [], []
    for place, (a, name) in enumerate(((x, "x"), (y, "y"))):
        read = Column.of(a, name).read(said_discrete(discrete, place))
        samples.append(read.codes if isinstance(read, Coded) else read.values)
        coded.append(read if isinstance(read, Coded) else None)
    same_length(samples[0], samples[1])
    labels = coded[0] is not None, coded[1] is not None
    narrow = samples[0].dtype == np.float32, samples[1].dtype == np.float32
    nothing = (np.inf, -np.inf)
    if not any(labels):
        origin = _origin(samples[0]), _origin(samples[1])
        out = np.empty(10)
        pair_moments(as_block(samples[0]), as_block(samples[1]), *origin, out)
        found = out.tolist()
        bounds = (found[1], found[2]), (found[3], found[4])
        return PairSurvey(labels, narrow, int(found[0]), *bounds, tuple(found), origin)
    ranges, n = [nothing, nothing], len(samples[0])
    for i in (0, 1):
        partner = coded[1 - i]
        if coded[i] is None and partner is not None:
            complete = samples[i][~partner.invalid]
            low, high, n = find_range(complete)
            ranges[i] = float(low), float(high)
    return PairSurvey(labels, narrow, n, ranges[0], ranges[1], (), (0.0, 0.0))


def _origin(a: Array) -> float:
    finite = a[np.isfinite(a)][:1]
    return float(finite[0]) if finite.size else 0.0


def count_pair(
    x: Any, y: Any, survey: PairSurvey | None, bins: Any, range: Any, discrete: Any
) -> JointCounts | None:
    """Counts of two variables in a partition, between the edges that all partitions ask for."""
    if survey is None or not len(x):
        return None
    r = summary(list(survey.moments))[3] if survey.moments else 0.0
    settings, ranges = split_bins(bins), split_range(range)
    both = not any(survey.labels)
    edges: list[Any] = []
    for i, bounds in enumerate((survey.x_range, survey.y_range)):
        if survey.labels[i]:
            edges.append(2)
            continue
        narrow = all(survey.narrow) if both else survey.narrow[i]
        dtype = np.dtype(np.float32 if narrow else np.float64)
        n = survey.n
        if isinstance(settings[i], str) and settings[i] != "mi":
            if ranges[i] is not None:
                raise ValueError(
                    f"bins must be a number or 'mi' where a range is given, got {settings[i]!r}"
                )
            kind = "f4" if narrow else "f8"
            edges.append(Survey(*bounds, n, kind).edges(settings[i], "xy"[i]))
            continue
        found = find_edges(np.empty(0, dtype), settings[i], "bins", bounds, n, r, ranges[i], dtype)
        edges.append(found)
    return JointCounts.from_samples(x, y, bins=tuple(edges), discrete=survey.labels)


def survey_columns(part: Any, names: list[str], coding: Coding) -> dict[Any, Survey]:
    """Ranges of the columns of numbers in a partition, but of those whose edges are given."""
    settings = bins_of_columns(coding.bins, len(names))
    ranged = [
        name
        for name, bins in zip(names, settings, strict=True)
        if needs_survey(StreamedColumn(name, bins))
    ]
    if not ranged or not len(part):
        return {}
    return surveys_of(part, ranged)


def count_columns(
    part: Any,
    y: Any,
    surveys: dict[Any, Survey] | None,
    names: list[str],
    target: str | None,
    coding: Coding,
) -> ColumnCounts | PairCounts:
    """Counts of a partition's columns against a target, or of all pairs without one."""
    surveys = {} if surveys is None else surveys
    options: dict[str, Any] = {"bins": coding.bins, "discrete": coding.discrete}
    if target is None:
        pairs = PairCounts(names, surveys=surveys, **options)
        return pairs.update(part) if len(part) else pairs
    of_target = surveys.get(TARGET, surveys.get(target))
    counts = ColumnCounts(names, target, surveys=surveys, target_survey=of_target, **options)
    if not len(part):
        return counts
    return counts.update(part, y)


def sum_losses(
    logits: Any, targets: Any, sample_weight: Any, options: dict[str, Any]
) -> LossSum | None:
    """Sum of the losses of a block of rows."""
    if not len(logits):
        return None
    return LossSum("softmax_cross_entropy", **options).update(logits, targets, sample_weight)


def weigh_blocks(p: Array, q: Array, axis: int) -> Array:
    """Along an axis of a block: sums of both, and the cross-entropy of what is normalised there."""
    p, q = np.broadcast_arrays(p, q)
    if not p.shape[axis]:
        shape = list(p.shape)
        shape[axis] = 1
        return np.zeros((3, *shape))
    flat = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    rows = [np.ascontiguousarray(a).reshape(-1, a.shape[-1]) for a in flat]
    # Another row keeps one that is all zeros from being refused as the only one.
    rows = [np.concatenate([a, np.ones((1, a.shape[1]), a.dtype)]) for a in rows]
    entropies = np.asarray(cross_entropy(rows[0], rows[1], axis=1), np.float64)[:-1]
    found = np.stack(
        [
            rows[0][:-1].sum(axis=1, dtype=np.float64),
            rows[1][:-1].sum(axis=1, dtype=np.float64),
            entropies,
        ]
    )
    return np.moveaxis(found.reshape(3, *flat[0].shape[:-1], 1), -1, 1 + axis)


def join_blocks(found: Array, axis: int, divisor: float, keepdims: bool) -> Array:
    """
    The cross-entropy of whole distributions, from what :func:`weigh_blocks` found of their blocks.

    Each block is a distribution of its own, and a cell of that of the blocks.
    """
    p, q, inside = found
    with np.errstate(all="ignore"):
        p_total, q_total = (a.sum(axis=axis, keepdims=True) for a in (p, q))
        terms = p / p_total * (inside - np.log(q / q_total))
        terms = np.where(p == 0.0, 0.0, np.where(q == 0.0, np.inf, terms))
        value = terms.sum(axis=axis, keepdims=True) / divisor
        whole = np.where((p_total > 0.0) & (q_total > 0.0), value, np.nan)
    return whole if keepdims else whole.squeeze(axis)
