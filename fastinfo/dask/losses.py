"""Cross-entropies of Dask arrays: computed for each block, and added up."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import base_divisor, choice
from fastinfo.dask import tasks
from fastinfo.dask.graphs import aligned, folded, load_dask
from fastinfo.losses.loss_sum import LossSum


def cross_entropy(
    pk: Any, qk: Any, base: float | None = None, axis: int = 0, *, keepdims: bool = False
) -> Any:
    """
    Compute the cross-entropy of distributions, like :func:`fastinfo.cross_entropy`.

    Parameters
    ----------
    pk, qk : dask.array.Array
        The distributions, which have the same shape. They are normalised along `axis`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    axis : int, optional
        Axis of the distributions.
    keepdims : bool, optional
        Keep the reduced axis, with length 1.

    Returns
    -------
    dask.array.Array
        A lazy array of float64. NaN where a distribution is all zero.

    Raises
    ------
    TypeError, ValueError
        If the inputs are not Dask arrays, or their shapes differ.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> p, q = da.from_array([0.5, 0.5], chunks=1), da.from_array([0.25, 0.75], chunks=1)
    >>> float(fd.cross_entropy(p, q))
    0.8369882167858358
    """
    dask = load_dask()
    da = dask.array
    divisor = base_divisor(base)
    for a, name in ((pk, "pk"), (qk, "qk")):
        if not isinstance(a, da.Array):
            raise TypeError(f"{name} must be a Dask array, got {type(a).__name__}")
    if pk.ndim != qk.ndim or not pk.ndim or pk.shape != qk.shape:
        raise ValueError(f"pk and qk must have the same shape, got {pk.shape} and {qk.shape}")
    if not -pk.ndim <= axis < pk.ndim:
        raise ValueError(f"axis must be in [-{pk.ndim}, {pk.ndim}), got {axis!r}")
    axis %= pk.ndim
    qk = qk.rechunk(pk.chunks)
    found = da.map_blocks(
        tasks.weigh_blocks,
        pk,
        qk,
        axis,
        new_axis=0,
        chunks=((3,), *_ones(pk.chunks, axis)),
        dtype=np.float64,
        meta=np.empty((0,) * (pk.ndim + 1)),
    )
    found = found.rechunk({0: 3, axis + 1: -1})
    return da.map_blocks(
        tasks.join_blocks,
        found,
        axis,
        divisor,
        keepdims,
        drop_axis=[0] if keepdims else [0, axis + 1],
        chunks=tuple(
            (1,) if i == axis else c for i, c in enumerate(pk.chunks) if keepdims or i != axis
        ),
        dtype=np.float64,
        meta=np.empty((0,) * (pk.ndim - (not keepdims))),
    )


def _ones(chunks: Any, axis: int) -> list[Any]:
    return [(1,) * len(c) if i == axis else c for i, c in enumerate(chunks)]


def softmax_cross_entropy(
    logits: Any,
    targets: Any,
    *,
    class_weight: Any = None,
    sample_weight: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
    base: float | None = None,
) -> Any:
    """
    Compute the cross-entropy of logits, like :func:`fastinfo.softmax_cross_entropy`.

    Parameters
    ----------
    logits : (n, c) dask.array.Array
        Logits, with one row for each sample.
    targets : (n,) dask.array.Array of integers, or (n, c) of probabilities
        Class numbers, or probabilities of the classes.
    class_weight, ignore_index, label_smoothing, base
        The options of :func:`fastinfo.softmax_cross_entropy`. Class weights are copied.
    sample_weight : (n,) dask.array.Array, optional
        Weights of the rows.
    reduction : {"mean", "sum"}, optional
        Return the mean or the sum of the losses. The sums of blocks are added exactly.

    Returns
    -------
    dask.array.Array
        A lazy float64 number, in nats unless `base` is given.

    Raises
    ------
    TypeError, ValueError
        If the inputs are not Dask arrays, or an option is not valid. Errors in a block are raised,
        with its number, when the result is computed.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastinfo import dask as fd
    >>> logits = da.from_array([[2.0, 0.0], [0.0, 1.0]], chunks=1)
    >>> float(fd.softmax_cross_entropy(logits, da.from_array([0, 1], chunks=1)))
    0.22009484...
    """
    dask = load_dask()
    choice(reduction, "reduction", ("mean", "sum"))
    base_divisor(base)
    given = [(logits, "logits"), (targets, "targets")]
    given += [] if sample_weight is None else [(sample_weight, "sample_weight")]
    for a, name in given:
        if not isinstance(a, dask.array.Array):
            raise TypeError(f"{name} must be a Dask array, got {type(a).__name__}")
    if logits.ndim != 2:
        raise ValueError(f"logits must be two-dimensional, got {logits.ndim} dimensions")
    options = LossSum(  # whose options are copies
        class_weight=class_weight, ignore_index=ignore_index, label_smoothing=label_smoothing
    ).options
    rows = logits.rechunk({1: -1})
    goal = targets.rechunk({1: -1}) if targets.ndim == 2 else targets
    parts = [rows, aligned(rows, goal, "logits and targets")[1]]
    if sample_weight is not None:
        parts.append(aligned(rows, sample_weight, "logits and sample_weight")[1])
    total = folded(tuple(parts), tasks.Losses(options))
    value = dask.delayed(_loss, pure=False)(total, reduction, base)
    return dask.array.from_delayed(value, (), np.float64)


def _loss(total: Any, reduction: str, base: Any) -> Any:
    if total is None:
        raise ValueError("logits must have at least one row, got none")
    return np.float64(total.mean(base) if reduction == "mean" else total.sum(base))
