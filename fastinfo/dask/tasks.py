"""What the tasks of a Dask graph do: a partition to what is found out about it, those to one."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.threads import num_threads
from fastinfo.distributions.entropies import cross_entropy
from fastinfo.losses.loss_sum import LossSum
from fastinfo.streaming.folds import Fold

T = TypeVar("T")


def in_partition(i: int, function: Callable[..., T], parts: Sequence[Any], *args: Any) -> T:
    """Call a function on partitions; errors name the partition."""
    try:
        with num_threads(1):  # a scheduler runs as many tasks as there are threads
            return function(*parts, *args)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error} (in partition {i})") from error


def of_part(*args: Any) -> Any:
    """What a fold, the last argument, finds out about partitions."""
    *parts, fold = args
    return fold.add(fold.start(), *parts)


def is_idle(fold: Fold) -> bool:
    """Whether there is nothing to find out."""
    return bool(getattr(fold, "idle", False))


def merged(fold: Fold, found: Sequence[Any]) -> Any:
    """What a fold has found out about several partitions as one."""
    return functools.reduce(fold.combine, found) if found else fold.start()


class Losses:
    """A fold of logits, targets and weights to the sum of the losses; None of no rows."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def start(self) -> Any:
        return None

    def add(self, state: Any, logits: Any, targets: Any, sample_weight: Any = None) -> Any:
        if not len(logits):
            return state
        found = LossSum("softmax_cross_entropy", **self.options)
        return self.combine(state, found.update(logits, targets, sample_weight))

    def combine(self, a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else copy.deepcopy(a).merge(b)


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
