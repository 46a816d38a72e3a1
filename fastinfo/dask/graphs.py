"""Dask graphs that read the partitions of a collection, and combine their results in a tree."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._core.messages import missing_packages
from fastinfo._tables.table_readers import nested_type, warn_of_nested
from fastinfo.dask import tasks

_MERGED = 8  # results that one task adds up
_MOST_COPIED = 1 << 16  # bytes of an array that a task takes with it


def load_dask() -> Any:
    try:
        import dask
        import dask.array
        import dask.dataframe
    except ImportError as error:
        raise missing_packages(
            "fastinfo.dask needs", "dask[array,dataframe]", extra="dask"
        ) from error
    return dask


def is_frame(data: Any) -> bool:
    """Whether `data` is a Dask dataframe or series."""
    return hasattr(type(data), "map_partitions") and hasattr(type(data), "npartitions")


def folded(data: Any, fold: Any, *, may_be_idle: bool = False) -> Any:
    """
    Compute lazily the result of a fold over one or more collections with equal partitions.

    Each pass reads the partitions again, because sharing them between passes would keep all of them
    in memory. If the fold `may_be_idle`, its tasks read the partitions themselves, or not at all.
    """
    dask = load_dask()
    collections = data if isinstance(data, tuple) else (data,)
    numbers = [_number_of_partitions(collection) for collection in collections]
    if len(set(numbers)) > 1:
        raise ValueError(
            f"x and y must have the same number of partitions, got "
            f"{' and '.join(map(str, numbers))}"
        )
    merge = dask.delayed(tasks.merged, pure=False)
    found = _of_partitions(dask, collections, fold, may_be_idle)
    while len(found) > 1:
        found = [merge(fold, found[i : i + _MERGED]) for i in range(0, len(found), _MERGED)]
    return found[0] if found else merge(fold, [])


def _of_partitions(
    dask: Any, collections: tuple[Any, ...], fold: Any, may_be_idle: bool
) -> list[Any]:
    # The fold is added to in the task that reads the partitions: between tasks of their own, a
    # scheduler would carry partitions from one worker to another.
    if all(map(is_frame, collections)) and not may_be_idle:
        first, *others = collections
        salt = int(np.random.default_rng().integers(2**62))  # a name of its own for each pass
        found = first.map_partitions(
            _call_on_frames,
            *(*others, fold, salt),
            meta=(None, object),
            enforce_metadata=False,
        )
        return list(found.to_delayed(optimize_graph=True))
    columns = [_blocks(collection) for collection in collections]
    rows = _each_apart(columns)
    if rows is None:
        call = dask.delayed(tasks.in_partition, pure=False)
        found = [list(row) for row in zip(*columns, strict=True)]
        return [call(i, tasks.of_part, row, fold) for i, row in enumerate(found)]
    call = dask.delayed(_read_and_call, pure=False)
    return [call(i, row, fold) for i, row in enumerate(rows)]


def _number_of_partitions(data: Any) -> int:
    return int(data.npartitions if is_frame(data) else data.numblocks[0])


def _blocks(data: Any) -> list[Any]:
    """Return the lazy partitions of a collection."""
    blocks = data.to_delayed(optimize_graph=True)
    return list(blocks if is_frame(data) else blocks.reshape(-1))


class _Parts:
    """Partitions of the same rows, as the graph that creates them; Dask sees data, not tasks."""

    def __init__(self, graph: dict[Any, Any], keys: list[Any]) -> None:
        self.graph, self.keys = graph, keys

    def read(self) -> list[Any]:
        """Compute the partitions."""
        from dask.local import get_sync

        return list(get_sync(self.graph, self.keys))


def _each_apart(columns: list[list[Any]]) -> list[_Parts] | None:
    """
    Return a separate graph for the partitions of the same rows, for all rows.

    None if the graphs share tasks, or contain large arrays or results that are already in memory.
    """
    from dask.optimization import cull

    graph: dict[Any, Any] = {}
    for column in columns:
        graph.update(column[0].dask if column else {})
    found = []
    used: set[Any] = set()
    for row in zip(*columns, strict=True):
        keys = [block.key for block in row]
        part: dict[Any, Any] = cull(graph, keys)[0]  # type: ignore[no-untyped-call]
        if not used.isdisjoint(part) or any(map(_is_held, part.values())):
            return None
        used.update(part)
        found.append(_Parts(part, keys))
    return found


def _is_held(node: Any) -> bool:
    """Whether a node of a graph is a result on a cluster, or a large array."""
    value = getattr(node, "value", node)
    return hasattr(value, "client") or getattr(value, "nbytes", 0) > _MOST_COPIED


def _read_and_call(i: int, parts: _Parts, fold: Any) -> Any:
    """Read partitions and apply a fold to them, unless the fold is idle."""
    if tasks.is_idle(fold):
        return fold.start()
    return tasks.in_partition(i, tasks.of_part, parts.read(), fold)


def _call_on_frames(*args: Any, partition_info: Any = None) -> Any:
    """Apply a fold to partitions of dataframes."""
    *parts, fold, _ = args
    number = -1 if partition_info is None else partition_info["number"]
    return tasks.in_partition(number, tasks.of_part, parts, fold)


def as_vector(data: Any, name: str) -> Any:
    dask = load_dask()
    if not (isinstance(data, dask.array.Array) or is_frame(data)):
        raise TypeError(f"{name} must be a Dask array or series, got {type(data).__name__}")
    if data.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got {data.ndim} dimensions")
    return data


def aligned(x: Any, y: Any, names: str = "x and y") -> tuple[Any, Any]:
    """Return two collections with the same partitions, as far as their sizes are known."""
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


def columns_of(X: Any, binning: Binning) -> tuple[Any, list[str]]:
    """Return the columns without nested ones, and their names."""
    dask = load_dask()
    if isinstance(X, dask.array.Array):
        if X.ndim != 2:
            raise ValueError(f"X must be two-dimensional (rows, columns), got {X.ndim} dimensions")
        if np.isnan(X.shape[1]):
            raise ValueError("X must have a known number of columns: call compute_chunk_sizes")
        if not X.shape[1]:
            raise ValueError("X must have at least one column, got none")
        return X.rechunk({1: -1}), [f"x{i}" for i in range(int(X.shape[1]))]
    if is_frame(X) and X.ndim == 2:
        kinds = {name: nested_type(X._meta[name]) for name in X.columns}
        nested = {name: kind for name, kind in kinds.items() if kind is not None}
        warn_of_nested(nested, binning.discrete)
        X = X[[name for name in X.columns if name not in nested]] if nested else X
        return X, [str(name) for name in X.columns]
    raise TypeError(f"X must be a Dask array or dataframe, got {type(X).__name__}")
