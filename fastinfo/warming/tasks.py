"""Tasks of users, and the functions whose first calls compile what each task needs."""

from __future__ import annotations

#: Tasks by name, and the names in FIRST_CALLS that stand for them.
TASKS: dict[str, tuple[str, ...]] = {
    "cli": ("rank of files", "matrix of files", "describe", "drift"),
    "rank": ("rank_features",),
    "matrix": ("mutual_information_matrix",),
    "all-pairs": ("strongest_pairs", "chow_liu_tree", "network"),
    "select": ("select_features",),
    "losses": (
        *("softmax_cross_entropy", "sigmoid_cross_entropy", "binary_cross_entropy"),
        *("log_loss", "cross_entropy"),
    ),
    "distributions": (
        *("entropy", "cross_entropy", "kl_divergence", "js_divergence"),
        *("logsumexp", "softmax", "log_softmax"),
    ),
    "histograms": (
        *("histogram", "histogram2d", "histogram_bin_edges", "contingency_table", "discretize"),
        *("JointCounts", "supervised_splits"),
    ),
    "pairs": (
        *("mutual_information", "joint_entropy", "conditional_entropy"),
        *("variation_of_information", "permutation_test", "bootstrap_interval"),
    ),
    "conditional": ("conditional_mutual_information", "conditional_independence_test"),
    "clusterings": (
        *("mutual_info_score", "adjusted_mutual_info_score", "normalized_mutual_info_score"),
        *("expected_mutual_information", "homogeneity_completeness_v_measure"),
    ),
    "neighbors": ("mutual_info_classif", "mutual_info_regression"),
    "images": ("fastinfo.images",),
    "words": ("fastinfo.cooccurrence",),
    "series": (
        *("lagged_mutual_information", "first_minimum_lag", "transfer_entropy"),
        *("transfer_entropy_test", "transfer_entropy_matrix"),
    ),
}
