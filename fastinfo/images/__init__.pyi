"""What type checkers read of ``fastinfo.images``, whose names are imported when used."""

from fastinfo.images.joint_histograms import joint_histogram as joint_histogram
from fastinfo.images.mutual import mutual_information as mutual_information
from fastinfo.images.normalizing import (
    normalized_mutual_information as normalized_mutual_information,
)
from fastinfo.images.shifts import shift_map as shift_map

__all__ = [
    "joint_histogram",
    "mutual_information",
    "normalized_mutual_information",
    "shift_map",
]
