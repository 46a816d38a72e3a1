"""Counts, measures, rankings and losses of Dask arrays and dataframes, computed lazily.

Each partition is read twice, first to find bin edges and then to count, and is not kept in between.
For bins of equal counts, there are up to three more passes if many samples lie close together.
Counts are integers and do not depend on the partitions. For up to 100,000 rows, bins equal those of
the functions in memory to the bit. With more rows, the counts of equal-count bins are off by at
most a twentieth, or a warning says by how much. This module needs Dask: ``pip install
"fastinfo[dask]"``.
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
