"""Tables of counts, their edges and levels as plain values for JSON, and back, without loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fastinfo._bins.edges import given_edges
from fastinfo._codes.labels import is_missing
from fastinfo._core.as_json import (
    MOST_COUNTED,
    array_from_plain,
    counted,
    listed,
    of_type,
    plain_array,
    plain_head,
    reading_plain,
    rows_of,
)
from fastinfo._core.checks import Array, check_table, integer, positive
from fastinfo._counts.dense_or_sparse import DENSE_CELLS
from fastinfo._counts.table import Table

_EDGES = ("x_edges", "y_edges")
_LEVELS = ("x_levels", "y_levels")
_NUMBERS = ("n_dropped", "n_missing")
_LARGE = float(MOST_COUNTED)


def plain_table(table: Table) -> dict[str, Any]:
    """A table of counts as plain values."""
    plain: dict[str, Any] = {"shape": list(table.shape), "weighted": table.weighted}
    if table.rows is None or table.columns is None:
        plain["table"] = table.dense().tolist()
    else:
        plain["rows"], plain["columns"] = table.rows.tolist(), table.columns.tolist()
        plain["counts"] = table.values.tolist()
    return plain


def plain_counts(table: Table, others: Mapping[str, Any]) -> dict[str, Any]:
    """A table of counts with edges, levels and numbers of samples, as plain values."""
    plain = plain_head("JointCounts") | plain_table(table)
    for name in (*_EDGES, *_LEVELS):
        value = others[name]
        plain[name] = None if value is None else plain_array(np.asarray(value))
    for name in _NUMBERS:
        plain[name] = int(others[name])
    plain["unit_weight"] = table.unit
    return plain


def counts_from_plain(plain: Any) -> tuple[Table, dict[str, Any]]:
    """The table and the other values that :func:`plain_counts` wrote."""
    with reading_plain(plain, "JointCounts"):
        others: dict[str, Any] = {}
        for edges, levels in zip(_EDGES, _LEVELS, strict=True):
            if plain[edges] is not None and plain[levels] is not None:
                raise ValueError(f"there must be {edges} or {levels}, not both")
            others[edges] = None if plain[edges] is None else edges_from_plain(plain[edges], edges)
            others[levels] = None if plain[levels] is None else levels_from_plain(plain[levels])
        for name in _NUMBERS:
            others[name] = counted(plain[name], name)
        unit = positive(plain.get("unit_weight", 1.0), "unit_weight")
        table = table_from_plain(plain, unit)
        for size, edges, levels in zip(table.shape, _EDGES, _LEVELS, strict=True):
            if size > max(DENSE_CELLS, table.values.size) and others[edges] is others[levels]:
                raise ValueError(f"a table of {size} rows or columns must have edges or levels")
        return table, others


def edges_from_plain(plain: Any, name: str) -> Array:
    """Edges that :func:`plain_array` wrote, which must be ascending numbers."""
    edges = given_edges(array_from_plain(plain), name)
    assert edges is not None
    return edges


def levels_from_plain(plain: Any) -> Array:
    """Levels that :func:`plain_array` wrote, which must be distinct and not missing."""
    levels = array_from_plain(plain)
    if levels.dtype.kind in "iubSU":
        missing, n = False, np.unique(levels).size
    elif levels.dtype.kind == "O":
        missing, n = any(map(is_missing, levels)), len(set(levels.tolist()))
    else:
        missing, n = bool((levels != levels).any()), np.unique(levels).size
    if missing or n < levels.size:
        raise ValueError("levels must differ, and none may be missing")
    return levels


def table_from_plain(plain: Mapping[str, Any], unit: float = 1.0) -> Table:
    """The table that :func:`plain_table` wrote; memory is limited by what was written."""
    shape = _shape(plain["shape"])
    weighted = of_type(plain["weighted"], "weighted", bool)
    dtype, kinds = (np.float64, (float, int)) if weighted else (np.int64, (int,))
    if "table" in plain:
        rows = rows_of(plain["table"], "table", shape, *kinds)
        return table_of(
            check_table(np.array(rows, dtype).reshape(shape)).ravel(), shape, None, unit
        )
    places = _places(plain["rows"], "rows"), _places(plain["columns"], "columns")
    counts = listed(plain["counts"], "counts", *kinds)
    values = check_table(np.array(counts, dtype).reshape(1, -1))[0]
    return table_of(values, shape, places, unit)


def table_of(
    values: Array, shape: tuple[int, int], places: tuple[Array, Array] | None, unit: float = 1.0
) -> Table:
    """A table of counts or weights that are not negative, if such a table is possible."""
    if places is not None:
        _check_places(*places, values, shape)
    elif values.size != shape[0] * shape[1]:
        raise ValueError(f"a table must have the shape {shape}, got {values.size} cells")
    table = Table(values, shape, places, unit)
    _check_sum(table)
    return table


def tables_from_plain(plain: Any, n: int, shapes: Iterable[tuple[int, int]]) -> list[Table]:
    """`n` tables of counts with these shapes."""
    if len(listed(plain, "tables", dict)) != n:
        raise ValueError(f"there must be {n} tables, got {len(plain)}")
    tables = []
    for one, shape in zip(plain, shapes, strict=True):
        table = table_from_plain(one)
        if table.weighted or table.shape != shape:
            raise ValueError(f"a table must hold counts in the shape {shape}, got {table.shape}")
        tables.append(table)
    return tables


def table_sums(table: Table, axis: int) -> tuple[bytes, bytes]:
    """The rows (0) or columns (1) that are not empty, and their sums, for comparison."""
    places = table.rows if axis == 0 else table.columns
    if places is None:
        sums = table.margin(axis)
        occurring = np.flatnonzero(sums)
        sums = sums[occurring]
    else:
        kept = table.values > 0
        occurring, where = np.unique(places[kept], return_inverse=True)
        sums = np.zeros(occurring.size, np.int64)
        np.add.at(sums, where, table.values[kept])
    return occurring.astype(np.int64).tobytes(), sums.tobytes()


def _shape(plain: Any) -> tuple[int, int]:
    nx, ny = (
        integer(size, "shape", least=0, most=2**32 - 1) for size in listed(plain, "shape", int)
    )
    return nx, ny


def _check_places(rows: Array, columns: Array, values: Array, shape: tuple[int, int]) -> None:
    """Raise an error for occupied cells outside the table, or not in its order."""
    if not rows.size == columns.size == values.size:
        raise ValueError("rows, columns and counts must have the same length")
    if rows.size:
        inside = int(rows.max()) < shape[0] and int(columns.max()) < shape[1]
        down, right = np.diff(rows), np.diff(columns)
        if not inside or not ((down > 0) | ((down == 0) & (right > 0))).all():
            raise ValueError("rows and columns must lie within the shape, in rising order")


def _check_sum(table: Table) -> None:
    """Raise an error for counts or weights whose sum is too large."""
    if table.weighted:
        with np.errstate(over="ignore"):
            effective = table.values.sum() / table.unit
        if not effective < _LARGE:
            raise ValueError("weights must add up to a finite number of effective samples")
    elif table.unit != 1.0:
        raise ValueError(f"unit_weight must be 1 where there are no weights, got {table.unit}")
    elif int(table.values.max(initial=0)) * table.values.size > MOST_COUNTED < table.n:
        raise ValueError("counts must add up to less than 2**63")


def _places(values: Any, name: str) -> Array:
    places = np.array(listed(values, name, int), np.int64)
    if places.size and places.min() < 0:
        raise ValueError(f"{name} must hold places from 0 on")
    return places
