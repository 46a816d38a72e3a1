"""Many tables of counts in little space, for checkpoints, with integers as narrow as possible."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fastinfo._core.as_json import listed
from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order
from fastinfo._counts.as_json import table_of
from fastinfo._counts.table import Table

_AT_ONCE = 1 << 20  # so many numbers are packed together
_WIDTHS = ("<u1", "<u2", "<u4", "<u8")


def packed_tables(tables: Sequence[Table]) -> dict[str, Any]:
    """Tables of counts, one after another: the cells of each, and their places if sparse."""
    sparse = [table for table in tables if not table.is_dense]
    return {
        "cells": _packed([np.array([table.values.size for table in tables], np.int64)]),
        "sparse": _packed([np.array([not table.is_dense for table in tables], np.int64)]),
        "rows": _packed([table.rows for table in sparse if table.rows is not None]),
        "columns": _packed([table.columns for table in sparse if table.columns is not None]),
        "counts": _packed([table.values for table in tables]),
    }


def tables_from_packed(plain: Any, n: int, shapes: Iterable[tuple[int, int]]) -> list[Table]:
    """`n` tables with these shapes, from what :func:`packed_tables` wrote."""
    cells, sparse, rows, columns, counts = (
        _unpacked(plain[name]) for name in ("cells", "sparse", "rows", "columns", "counts")
    )
    if not cells.size == sparse.size == n or cells.sum() != counts.size:
        raise ValueError(f"there must be {n} tables with as many counts as cells")
    if not rows.size == columns.size == cells[sparse == 1].sum():
        raise ValueError("there must be a row and a column for each occupied cell")
    tables: list[Table] = []
    start = place = 0
    for shape, size, apart in zip(shapes, cells.tolist(), sparse.tolist(), strict=True):
        values = counts[start : start + size]
        start += size
        places = None
        if apart:
            places = rows[place : place + size], columns[place : place + size]
            place += size
        tables.append(table_of(values, shape, places))
    return tables


def _packed(arrays: Iterable[Array]) -> list[list[str]]:
    """Integers that are not negative as texts of similar length, each with its width."""
    groups: list[list[Array]] = [[]]
    size = 0
    for array in arrays:
        groups[-1].append(array)
        size += array.size
        if size >= _AT_ONCE:
            groups.append([])
            size = 0
    return run_in_order(_pack, [group for group in groups if group])


def _pack(arrays: list[Array]) -> list[str]:
    most = max(int(array.max(initial=0)) for array in arrays)
    width = next(width for width in _WIDTHS if most <= np.iinfo(width).max)
    data = np.concatenate([array.astype(width) for array in arrays]).tobytes()
    return [width, base64.b64encode(zlib.compress(data, 1)).decode("ascii")]


def _unpacked(plain: Any) -> Array:
    texts = listed(plain, "numbers", list)
    parts = [np.zeros(0, np.int64), *run_in_order(_unpack, texts)]
    return np.concatenate(parts)


def _unpack(plain: list[Any]) -> Array:
    width, text = plain
    if width not in _WIDTHS:
        raise ValueError(f"numbers must be of a known width, got {width!r:.40}")
    try:
        data = zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(f"numbers must be compressed, {error}") from error
    found = np.frombuffer(data, width).astype(np.int64)
    if found.min(initial=0) < 0:
        raise ValueError("numbers must be less than 2**63")
    return found
