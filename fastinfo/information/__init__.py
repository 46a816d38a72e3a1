"""Entropy and mutual information of samples and labelings, and the class of joint counts."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.information.conditional": (
            "conditional_mutual_information interaction_information total_correlation"
        ),
        "fastinfo.information.continuous": "mutual_info_classif mutual_info_regression",
        "fastinfo.information.densities": "differential_entropy",
        "fastinfo.information.entropies": (
            "conditional_entropy entropy_of_samples joint_entropy variation_of_information"
        ),
        "fastinfo.information.homogeneity": (
            "completeness_score homogeneity_completeness_v_measure homogeneity_score "
            "v_measure_score"
        ),
        "fastinfo.information.joint_counts": "JointCounts",
        "fastinfo.information.labels": (
            "adjusted_mutual_info_score expected_mutual_information mutual_info_score "
            "normalized_mutual_info_score"
        ),
        "fastinfo.information.local": "local_mutual_information",
        "fastinfo.information.mutual": "mutual_information",
    },
)
