"""Names of ``fastinfo.streaming`` for type checkers; each is imported when it is used."""

from fastinfo._bins.surveys import Survey as Survey
from fastinfo.files.sources import Source as Source
from fastinfo.losses.loss_sum import LossSum as LossSum
from fastinfo.streaming.column_counts import ColumnCounts as ColumnCounts
from fastinfo.streaming.opening import open_files as open_files
from fastinfo.streaming.opening import survey as survey
from fastinfo.streaming.pair_counts import PairCounts as PairCounts

__all__ = [
    "ColumnCounts",
    "LossSum",
    "PairCounts",
    "Source",
    "Survey",
    "open_files",
    "survey",
]
