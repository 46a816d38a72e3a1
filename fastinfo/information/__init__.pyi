"""Names of ``fastinfo.information`` for type checkers; each is imported when it is used."""

from fastinfo.information.conditional import (
    conditional_mutual_information as conditional_mutual_information,
)
from fastinfo.information.conditional import interaction_information as interaction_information
from fastinfo.information.conditional import total_correlation as total_correlation
from fastinfo.information.continuous import mutual_info_classif as mutual_info_classif
from fastinfo.information.continuous import mutual_info_regression as mutual_info_regression
from fastinfo.information.densities import differential_entropy as differential_entropy
from fastinfo.information.entropies import conditional_entropy as conditional_entropy
from fastinfo.information.entropies import entropy_of_samples as entropy_of_samples
from fastinfo.information.entropies import joint_entropy as joint_entropy
from fastinfo.information.entropies import variation_of_information as variation_of_information
from fastinfo.information.homogeneity import completeness_score as completeness_score
from fastinfo.information.homogeneity import (
    homogeneity_completeness_v_measure as homogeneity_completeness_v_measure,
)
from fastinfo.information.homogeneity import homogeneity_score as homogeneity_score
from fastinfo.information.homogeneity import v_measure_score as v_measure_score
from fastinfo.information.joint_counts import JointCounts as JointCounts
from fastinfo.information.labels import adjusted_mutual_info_score as adjusted_mutual_info_score
from fastinfo.information.labels import expected_mutual_information as expected_mutual_information
from fastinfo.information.labels import mutual_info_score as mutual_info_score
from fastinfo.information.labels import normalized_mutual_info_score as normalized_mutual_info_score
from fastinfo.information.local import local_mutual_information as local_mutual_information
from fastinfo.information.mutual import mutual_information as mutual_information

__all__ = [
    "JointCounts",
    "adjusted_mutual_info_score",
    "completeness_score",
    "conditional_entropy",
    "conditional_mutual_information",
    "differential_entropy",
    "entropy_of_samples",
    "expected_mutual_information",
    "homogeneity_completeness_v_measure",
    "homogeneity_score",
    "interaction_information",
    "joint_entropy",
    "local_mutual_information",
    "mutual_info_classif",
    "mutual_info_regression",
    "mutual_info_score",
    "mutual_information",
    "normalized_mutual_info_score",
    "total_correlation",
    "v_measure_score",
    "variation_of_information",
]
