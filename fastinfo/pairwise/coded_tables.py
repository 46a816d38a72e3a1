"""Read and code the columns whose pairs are measured, and warn of unusual ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import check_streamed_bins
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import code_features
from fastinfo._columns.notes import (
    notes_of_columns,
    warn_of_infinite,
    warn_of_notes,
    warn_of_unreadable,
)
from fastinfo._tables.row_weights import split_weights
from fastinfo._tables.table_readers import (
    opened,
    read_features,
    warn_of_nested,
)
from fastinfo.files.sources import Source
from fastinfo.streaming.coded_columns import can_code, code_source
from fastinfo.streaming.read_weights import names_beside, weights_of_source


def code_table(X: Any, binning: Binning, sample_weight: Any = None) -> CodeMatrix:
    """Codes of the columns that are numbers or labels; warn of the others."""
    data = opened(X)
    warn_of_nested(data.nested, binning.discrete)
    if isinstance(data, Source) and data.names and can_code(binning):
        matrix = code_weighted(data, binning, sample_weight)
    else:
        features, weights = split_weights(read_features(data), sample_weight)
        binning.check_names(features.names)
        matrix = code_features(features, binning).weighted(weights)
    warn_of_columns(matrix, binning)
    kept = readable(matrix)
    return matrix if len(kept) == matrix.n_columns else matrix.chosen(np.array(kept, np.int64))


def code_weighted(source: Source, binning: Binning, sample_weight: Any) -> CodeMatrix:
    """Codes of the columns of a table that is read part by part, with weights if given."""
    names = names_beside(source, sample_weight)
    binning.check_names(names)
    for own in binning.columns(names):
        check_streamed_bins(own.bins, own.strategy)
    matrix = code_source(source, names, binning)[0]
    return matrix.weighted(weights_of_source(source, sample_weight, matrix.n_rows))


def readable(matrix: CodeMatrix) -> list[int]:
    """Indices of the columns that are numbers or labels."""
    return [i for i, name in enumerate(matrix.names) if name not in matrix.unreadable]


def warn_of_columns(matrix: CodeMatrix, binning: Binning, place: int = 0) -> set[str]:
    """
    Warn of unusual columns.

    Return the names of the columns for which the user has said whether they are labels.
    """
    warn_of_infinite(matrix.infinite)
    warn_of_unreadable(matrix.unreadable, matrix.names)
    words = binning.said_of_each(matrix.names, place)
    said = {name for name, word in zip(matrix.names, words, strict=True) if word}
    notes = notes_of_columns(matrix, said)
    warn_of_notes({name: n for name, n in notes.items() if name not in matrix.unreadable})
    return said
