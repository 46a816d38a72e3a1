"""Data that does not fit into memory: counts and losses that take it part by part.

Counts of parts add up to the counts of the whole. :func:`fastinfo.rank_features` and
:func:`fastinfo.mutual_information_matrix` do that by themselves for files (:func:`open_files`) and
large pyarrow datasets, Polars lazy frames and DuckDB relations; the classes here are for parts that
come some other way. Numbers are cut into bins as in memory, between edges that a first pass finds:
see :func:`survey`.
"""

from __future__ import annotations

from fastinfo._bins.surveys import Survey
from fastinfo.files.sources import Source
from fastinfo.losses.loss_sum import LossSum
from fastinfo.streaming.column_counts import ColumnCounts
from fastinfo.streaming.opening import open_files, survey
from fastinfo.streaming.pair_counts import PairCounts

__all__ = ["ColumnCounts", "LossSum", "PairCounts", "Source", "Survey", "open_files", "survey"]
