"""Codes of the columns to select from, and of the target, for tables in memory or in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import (
    check_target,
    code_features,
    code_target,
    weight_of_target,
)
from fastinfo._core.checks import Array
from fastinfo._tables.features import Features, refuse_nested
from fastinfo._tables.given_columns import places_of_given
from fastinfo._tables.row_weights import split_weights
from fastinfo._tables.table_readers import opened, warn_of_nested
from fastinfo._tables.targets import split_target
from fastinfo.files.sources import Source
from fastinfo.streaming.coded_columns import can_code, code_source
from fastinfo.streaming.read_weights import names_beside, weights_of_source
from fastinfo.streaming.runs import check_names


class CodedTable(NamedTuple):
    """Codes of columns and of a target."""

    matrix: CodeMatrix  #: of rows with weights, if there are any
    places: Sequence[int]  #: of the columns in the table, the target and the weights apart
    target: CodeMatrix
    target_name: str | None
    given: list[int]  #: which columns are known


def code_table(
    X: Any, y: Any, k: int, binning: Binning, sample_weight: Any = None, given: Any = None
) -> CodedTable:
    """Code a table from which to select `k` columns in addition to the given ones."""
    data = opened(X)
    if isinstance(data, Source) and isinstance(y, str) and can_code(binning):
        return _code_source(data, y, k, binning, sample_weight, given)
    features, values, target_name = split_target(data, y)
    features, weights = split_weights(features, sample_weight)
    warn_of_nested(features.nested, binning.discrete)
    known = [] if given is None else places_of_given(given, features, target_name)
    total = len(features.names)
    _check_number(k, total, len(known))
    binning.check_names([*features.names, target_name or "y"])
    target = code_target(values, target_name or "y", binning)
    places = range(total) if features.is_matrix else features.places
    matrix = _weighted(code_features(features, binning), weights, target)
    return CodedTable(matrix, places, target, target_name, known)


def _code_source(
    source: Source, y: str, k: int, binning: Binning, sample_weight: Any, given: Any
) -> CodedTable:
    """Code a table that is read part by part; only its codes are kept in memory."""
    refuse_nested(y, source.nested)
    check_names([y], source.names)
    warn_of_nested(source.nested, binning.discrete)
    if not [name for name in source.names if name != y]:
        raise ValueError("X must have at least one column beside the target, got none")
    names = names_beside(source, sample_weight, y)
    known = [] if given is None else places_of_given(given, Features(names, None, []), y)
    _check_number(k, len(names), len(known))
    binning.check_names([*names, y])
    matrix, target = code_source(source, names, binning, y)
    assert target is not None
    check_target(target, y)
    weights = weights_of_source(source, sample_weight, matrix.n_rows)
    columns = source.columns if source.nested else source.names
    apart = {y, sample_weight if isinstance(sample_weight, str) else y}
    place_of = {name: i for i, name in enumerate(c for c in columns if c not in apart)}
    places = [place_of[name] for name in names]
    return CodedTable(_weighted(matrix, weights, target), places, target, y, known)


def _weighted(matrix: CodeMatrix, weights: Array | None, target: CodeMatrix) -> CodeMatrix:
    """Add weights to the codes; raise unless two values of the target have weight."""
    if weights is not None:
        weight_of_target(weights, target)
    return matrix.weighted(weights)


def _check_number(k: int, total: int, n_given: int) -> None:
    if k > total - n_given:
        beside = " beside those that are given" if n_given else ""
        raise ValueError(
            f"k must be at most the number of columns{beside}, {total - n_given}, got {k}"
        )
