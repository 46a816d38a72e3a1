"""Cross-entropy and mutual information over millions of samples, at the speed of memory."""

from fastinfo import kernels as kernels
from fastinfo._core.threads import get_num_threads, num_threads, set_num_threads
from fastinfo._show_versions import show_versions
from fastinfo._version import __version__
from fastinfo.distributions import cross_entropy, entropy, js_divergence, kl_divergence
from fastinfo.distributions.log_sums import log_softmax, logsumexp, softmax
from fastinfo.entropy_estimators import entropy_from_counts
from fastinfo.histograms import histogram, histogram_bin_edges
from fastinfo.histograms.discretizing import Codes, discretize
from fastinfo.histograms.two_variables import contingency_table, histogram2d
from fastinfo.information import (
    conditional_entropy,
    joint_entropy,
    mutual_information,
    variation_of_information,
)
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
from fastinfo.information.time_series import lagged_mutual_information, transfer_entropy
from fastinfo.losses import (
    binary_cross_entropy,
    log_loss,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
)
from fastinfo.pairwise import mutual_information_matrix
from fastinfo.ranking import Ranking, rank_features
from fastinfo.selection import Selection, select_features
from fastinfo.significance import bootstrap_interval, permutation_test
from fastinfo.warming import warmup

__all__ = [
    "Codes",
    "JointCounts",
    "Ranking",
    "Selection",
    "__version__",
    "adjusted_mutual_info_score",
    "binary_cross_entropy",
    "bootstrap_interval",
    "completeness_score",
    "conditional_entropy",
    "conditional_mutual_information",
    "contingency_table",
    "cross_entropy",
    "discretize",
    "entropy",
    "entropy_from_counts",
    "expected_mutual_information",
    "get_num_threads",
    "histogram",
    "histogram2d",
    "histogram_bin_edges",
    "homogeneity_completeness_v_measure",
    "homogeneity_score",
    "interaction_information",
    "joint_entropy",
    "js_divergence",
    "kl_divergence",
    "lagged_mutual_information",
    "log_loss",
    "log_softmax",
    "logsumexp",
    "mutual_info_classif",
    "mutual_info_regression",
    "mutual_info_score",
    "mutual_information",
    "mutual_information_matrix",
    "normalized_mutual_info_score",
    "num_threads",
    "permutation_test",
    "rank_features",
    "select_features",
    "set_num_threads",
    "show_versions",
    "sigmoid_cross_entropy",
    "softmax",
    "softmax_cross_entropy",
    "total_correlation",
    "transfer_entropy",
    "v_measure_score",
    "variation_of_information",
    "warmup",
]
