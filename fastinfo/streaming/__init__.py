"""Counts and losses of data that arrives in parts, for example because memory is too small.

Counts of parts add up to the counts of the whole. :func:`fastinfo.rank_features` and
:func:`fastinfo.mutual_information_matrix` count in parts automatically for files
(:func:`open_files`), large pyarrow datasets, Polars lazy frames and DuckDB relations. The classes
of this module are for parts from other sources. Numbers have the same bins as in memory. A first
pass over the data, :func:`survey`, finds what the edges depend on.
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
