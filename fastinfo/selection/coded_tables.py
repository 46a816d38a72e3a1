"""The columns to select from and the target, coded: of a table in memory, or of one in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import check_target, code_features, code_target
from fastinfo._tables.features import refuse_nested
from fastinfo._tables.table_readers import opened, warn_of_nested
from fastinfo._tables.targets import split_target
from fastinfo.files.sources import Source
from fastinfo.streaming.coded_columns import can_code, code_source
from fastinfo.streaming.runs import check_names


class CodedTable(NamedTuple):
    """Codes of columns and of a target."""

    matrix: CodeMatrix
    places: Sequence[int]  #: of the columns in the table, the target apart
    target: CodeMatrix
    target_name: str | None


def code_table(X: Any, y: Any, k: int, binning: Binning) -> CodedTable:
    """Code a table, of which `k` columns are to be selected."""
    data = opened(X)
    if isinstance(data, Source) and isinstance(y, str) and can_code(binning):
        return _code_source(data, y, k, binning)
    features, values, target_name = split_target(data, y)
    warn_of_nested(features.nested, binning.discrete)
    total = len(features.names)
    _check_number(k, total)
    binning.check_names([*features.names, target_name or "y"])
    target = code_target(values, target_name or "y", binning)
    places = range(total) if features.is_matrix else features.places
    return CodedTable(code_features(features, binning), places, target, target_name)


def _code_source(source: Source, y: str, k: int, binning: Binning) -> CodedTable:
    """Code a table that is read part by part: its codes are kept, and not its samples."""
    refuse_nested(y, source.nested)
    check_names([y], source.names)
    warn_of_nested(source.nested, binning.discrete)
    names = [name for name in source.names if name != y]
    if not names:
        raise ValueError("X must have at least one column beside the target, got none")
    _check_number(k, len(names))
    binning.check_names([*names, y])
    matrix, target = code_source(source, names, binning, y)
    assert target is not None
    check_target(target, y)
    columns = source.columns if source.nested else source.names
    place_of = {name: i for i, name in enumerate(c for c in columns if c != y)}
    return CodedTable(matrix, [place_of[name] for name in names], target, y)


def _check_number(k: int, total: int) -> None:
    if k > total:
        raise ValueError(f"k must be at most the number of columns, {total}, got {k}")
