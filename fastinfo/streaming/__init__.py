"""Data that does not fit into memory: counts and losses that take it part by part.

Counts of parts add up to the counts of the whole. :func:`fastinfo.rank_features` and
:func:`fastinfo.mutual_information_matrix` do that by themselves for files (:func:`open_files`) and
large pyarrow datasets, Polars lazy frames and DuckDB relations; the classes here are for parts that
come some other way. Numbers are cut into bins as in memory, between edges that a first pass finds:
see :func:`survey`.
"""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo._bins.surveys": "Survey",
        "fastinfo.files.sources": "Source",
        "fastinfo.losses.loss_sum": "LossSum",
        "fastinfo.streaming.column_counts": "ColumnCounts",
        "fastinfo.streaming.opening": "open_files survey",
        "fastinfo.streaming.pair_counts": "PairCounts",
    },
)
