"""Functions that the tasks of a Dask graph call, to process partitions and combine results."""

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
    """Call a function on partitions; errors say the number of the partition."""
    try:
        with num_threads(1):  # a scheduler runs as many tasks as there are threads
            return function(*parts, *args)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error} (in partition {i})") from error


def of_part(*args: Any) -> Any:
    """Apply a fold, which is the last argument, to partitions of the same rows."""
    *parts, fold = args
    return fold.add(fold.start(), *parts)


def is_idle(fold: Fold) -> bool:
    """Whether a fold has nothing to do."""
    return bool(getattr(fold, "idle", False))


def merged(fold: Fold, found: Sequence[Any]) -> Any:
    """Combine the results of a fold for several partitions."""
    return functools.reduce(fold.combine, found) if found else fold.start()


class Losses:
    """Fold that sums the losses of logits and targets; its state is None until there are rows."""

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
    """Sums of `p` and of `q` along an axis of a block, and the cross-entropy within the block."""
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
    Cross-entropy of whole distributions, from the results of :func:`weigh_blocks` for their blocks.

    It is the cross-entropy of the totals of the blocks, plus the weighted mean of those within the
    blocks.
    """
    p, q, inside = found
    with np.errstate(all="ignore"):
        p_total, q_total = (a.sum(axis=axis, keepdims=True) for a in (p, q))
        terms = p / p_total * (inside - np.log(q / q_total))
        terms = np.where(p == 0.0, 0.0, np.where(q == 0.0, np.inf, terms))
        value = terms.sum(axis=axis, keepdims=True) / divisor
        whole = np.where((p_total > 0.0) & (q_total > 0.0), value, np.nan)
    return whole if keepdims else whole.squeeze(axis)
