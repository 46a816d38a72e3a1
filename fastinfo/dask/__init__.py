"""Counts, measures, rankings and losses of Dask arrays and dataframes, computed lazily.

Each partition is read twice, once for the order of its columns and once to count them, and is not
kept in between. Counts are integers and the same however the data is partitioned. Bins are those
of the functions in memory, to the bit for up to 100,000 rows; with more, edges with equal counts
are off by at most a twentieth of a bin's samples, or a warning says by how many. Needs Dask: ``pip
install "fastinfo[dask]"``.
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
