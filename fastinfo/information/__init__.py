"""Information of two variables, of three, of labelings, of series; and counts as an object."""

from __future__ import annotations

from fastinfo.information.conditional import (
    conditional_mutual_information,
    interaction_information,
    total_correlation,
)
from fastinfo.information.continuous import mutual_info_classif, mutual_info_regression
from fastinfo.information.joint_counts import JointCounts
from fastinfo.information.labels import (
    adjusted_mutual_info_score,
    completeness_score,
    expected_mutual_information,
    homogeneity_completeness_v_measure,
    homogeneity_score,
    mutual_info_score,
    normalized_mutual_info_score,
    v_measure_score,
)
from fastinfo.information.mutual import (
    conditional_entropy,
    joint_entropy,
    mutual_information,
    variation_of_information,
)
from fastinfo.information.time_series import lagged_mutual_information, transfer_entropy

__all__ = [
    "JointCounts",
    "adjusted_mutual_info_score",
    "completeness_score",
    "conditional_entropy",
    "conditional_mutual_information",
    "expected_mutual_information",
    "homogeneity_completeness_v_measure",
    "homogeneity_score",
    "interaction_information",
    "joint_entropy",
    "lagged_mutual_information",
    "mutual_info_classif",
    "mutual_info_regression",
    "mutual_info_score",
    "mutual_information",
    "normalized_mutual_info_score",
    "total_correlation",
    "transfer_entropy",
    "v_measure_score",
    "variation_of_information",
]
