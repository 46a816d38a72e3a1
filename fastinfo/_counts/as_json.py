"""Tables of counts with their edges and levels as plain values, and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastinfo._bins.edges import given_edges
from fastinfo._core.as_json import array_from_plain, plain_array, plain_head, reading_plain, shortly
from fastinfo._core.checks import Array, check_table, integer, positive
from fastinfo._counts.table import Table

_EDGES = ("x_edges", "y_edges")
_LEVELS = ("x_levels", "y_levels")
_NUMBERS = ("n_dropped", "n_missing")


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
    """The table and the rest that :func:`plain_counts` wrote."""
    with reading_plain(plain, "JointCounts"):
        others: dict[str, Any] = {}
        for name in (*_EDGES, *_LEVELS):
            value = plain[name]
            others[name] = None if value is None else array_from_plain(value)
        for name in _EDGES:
            if others[name] is not None:
                others[name] = given_edges(others[name], name)
        for name in _NUMBERS:
            others[name] = integer(plain[name], name, least=0)
        unit = positive(plain.get("unit_weight", 1.0), "unit_weight")
        return table_from_plain(plain, unit), others


def table_from_plain(plain: Mapping[str, Any], unit: float = 1.0) -> Table:
    """The table that :func:`plain_table` wrote."""
    nx, ny = (integer(size, "shape", least=0) for size in plain["shape"])
    if not isinstance(plain["weighted"], bool):
        raise ValueError(f"weighted must be true or false, got {shortly(plain['weighted'])}")
    dtype = np.float64 if plain["weighted"] else np.int64
    if "table" in plain:
        return Table.of(check_table(np.array(plain["table"], dtype).reshape(nx, ny)), unit)
    rows, columns = (_places(plain[name], name) for name in ("rows", "columns"))
    counts = check_table(np.array(plain["counts"], dtype).reshape(1, -1))[0]
    if not rows.size == columns.size == counts.size:
        raise ValueError("rows, columns and counts must have the same length")
    if rows.size:
        steps = np.diff(rows * ny + columns)
        if not (rows.max() < nx and columns.max() < ny and (steps.size == 0 or steps.min() > 0)):
            raise ValueError("rows and columns must lie within the shape, in rising order")
    return Table(counts, (nx, ny), (rows, columns), unit)


def _places(values: Any, name: str) -> Array:
    places = np.array(values, np.int64)
    if places.ndim != 1 or (places.size and places.min() < 0):
        raise ValueError(f"{name} must hold places from 0 on")
    return places
