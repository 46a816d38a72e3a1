"""Graphs of Dask over the partitions of arrays and dataframes: read anew, merged in a tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo import _dask_tasks as tasks
from fastinfo._features import Coding

__all__ = [
    "aligned",
    "as_vector",
    "columns_of",
    "is_frame",
    "load_dask",
    "of_partitions",
    "reduced",
]

_MERGED = 8  # results that one task adds up


def load_dask() -> Any:
    try:
        import dask
        import dask.array
        import dask.dataframe
    except ImportError as error:
        raise ImportError(
            'fastinfo.dask needs Dask, which is not installed: pip install "fastinfo[dask]"'
        ) from error
    return dask


def is_frame(data: Any) -> bool:
    """Whether this is a dataframe or a series of Dask."""
    return hasattr(type(data), "map_partitions") and hasattr(type(data), "npartitions")


def of_partitions(data: Any, function: Callable[..., Any], *args: Any) -> list[Any]:
    """
    Results of ``function(partition, *args)``, lazily, in tasks that read the partitions anew.

    Of a pass over data that another pass reads, too: sharing the partitions would hold them all.
    """
    dask = load_dask()
    if isinstance(data, tuple):  # columns side by side
        blocks = [_blocks(part) for part in data]
        if len({len(found) for found in blocks}) > 1:
            raise ValueError(
                f"x and y must have the same number of partitions, got "
                f"{' and '.join(str(len(found)) for found in blocks)}"
            )
        rows = list(zip(*blocks, strict=True))
    else:
        rows = [(block,) for block in _blocks(data)]
    call = dask.delayed(tasks.in_partition, pure=False)
    return [call(i, function, *parts, *args) for i, parts in enumerate(rows)]


def _blocks(data: Any) -> list[Any]:
    """Partitions of a collection, as tasks of their own."""
    dask = load_dask()
    # A task of ours on each partition, under a name of its own, with which the tasks that read the
    # partition are fused: another pass reads it again.
    token = int(np.random.default_rng().integers(2**62))
    if isinstance(data, dask.array.Array):
        kept = data.map_blocks(_same, token, dtype=data.dtype, meta=data._meta)
        return list(kept.to_delayed(optimize_graph=True).reshape(-1))
    kept = data.map_partitions(_same, token, meta=data._meta, enforce_metadata=False)
    return list(kept.to_delayed(optimize_graph=True))


def _same(part: Any, token: int) -> Any:
    """The partition, in a task whose name differs from that of another pass."""
    return part


def reduced(parts: Sequence[Any]) -> Any:
    """Add up lazy results in a tree."""
    dask = load_dask()
    merge = dask.delayed(tasks.merged, pure=False)
    found = list(parts)
    while len(found) > 1:
        found = [merge(found[i : i + _MERGED]) for i in range(0, len(found), _MERGED)]
    return found[0] if found else dask.delayed(None)


def as_vector(data: Any, name: str) -> Any:
    dask = load_dask()
    if not (isinstance(data, dask.array.Array) or is_frame(data)):
        raise TypeError(f"{name} must be a Dask array or series, got {type(data).__name__}")
    if data.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got {data.ndim} dimensions")
    return data


def aligned(x: Any, y: Any, names: str = "x and y") -> tuple[Any, Any]:
    """Two collections with the same partitions."""
    dask = load_dask()
    if isinstance(x, dask.array.Array) and isinstance(y, dask.array.Array):
        a, b = x.chunks[0], y.chunks[0]
        if not (np.isnan(a).any() or np.isnan(b).any()):
            if sum(a) != sum(b):
                raise ValueError(f"{names} must have the same length, got {sum(a)} and {sum(b)}")
            return x, y if a == b else y.rechunk({0: a})
        return x, y
    if is_frame(x) and is_frame(y) and x.known_divisions and x.divisions != y.divisions:
        return x, y.repartition(divisions=x.divisions)
    return x, y


def columns_of(X: Any, coding: Coding) -> tuple[Any, list[str], Coding]:
    """Columns with their names, and how they are coded: of an array, its dtype decides."""
    dask = load_dask()
    if isinstance(X, dask.array.Array):
        if X.ndim != 2:
            raise ValueError(f"X must be two-dimensional (rows, columns), got {X.ndim} dimensions")
        if np.isnan(X.shape[1]):
            raise ValueError("X must have a known number of columns: call compute_chunk_sizes")
        return X.rechunk({1: -1}), [f"x{i}" for i in range(int(X.shape[1]))], coding
    if is_frame(X) and X.ndim == 2:
        return X, [str(name) for name in X.columns], coding
    raise TypeError(f"X must be a Dask array or dataframe, got {type(X).__name__}")
