"""Cross-entropies of Dask arrays: each block by itself, then those of the blocks as one."""

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
    Cross-entropy of probability distributions, as :func:`fastinfo.cross_entropy` measures it.

    Parameters
    ----------
    pk, qk : dask.array.Array
        Distributions, of one shape; they are normalised along `axis`.
    base : float, optional
    axis : int, optional
    keepdims : bool, optional
        Unit (nats by default), axis of the distributions (0), and whether it is kept with length
        1: as in :func:`fastinfo.cross_entropy`.

    Returns
    -------
    dask.array.Array
        Of float64, lazy. NaN where a distribution is all zeros.

    Raises
    ------
    TypeError, ValueError
        If these are no Dask arrays, or shapes differ.

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
    Cross-entropy of logits against targets, as :func:`fastinfo.softmax_cross_entropy` computes it.

    Parameters
    ----------
    logits : (n, c) dask.array.Array
        Logits, a row a sample.
    targets : (n,) dask.array.Array of integers, or (n, c) of probabilities
        Targets.
    class_weight, ignore_index, label_smoothing, base
        As :func:`fastinfo.softmax_cross_entropy` has them; class weights are copied.
    sample_weight : (n,) dask.array.Array, optional
        Weights of the rows.
    reduction : {"mean", "sum"}, optional
        How the losses of the rows are joined: the sums of the blocks are added exactly.

    Returns
    -------
    dask.array.Array
        One float64 number, lazy.

    Raises
    ------
    TypeError, ValueError
        If these are no Dask arrays, or an option is unknown; for what is wrong with a block, with
        its number, when the result is computed.

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
