"""The same measures of Dask arrays and dataframes: lazy, and with counts that are the same.

Each partition is read twice, for the order of its columns and to count them, and is held by nobody
in between: only what is found out travels, and is added in a tree. Counts are integers: they are
the same, to the last one, whatever the partitions are. Bins are those of the functions in memory,
to the bit for no more than 100,000 rows; of more, edges with equally many samples between them are
off by a twentieth of a bin's samples at most, or a warning says by how many.
Needs Dask: ``pip install "fastinfo[dask]"``.
"""

from __future__ import annotations

from fastinfo.dask.functions import (
    joint_counts,
    mutual_information,
    mutual_information_matrix,
    rank_features,
)
from fastinfo.dask.losses import cross_entropy, softmax_cross_entropy

__all__ = [
    "cross_entropy",
    "joint_counts",
    "mutual_information",
    "mutual_information_matrix",
    "rank_features",
    "softmax_cross_entropy",
]
