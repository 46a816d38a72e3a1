"""Cross-entropy and mutual information over millions of samples, at the speed of memory."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo._columns.matrix.information_matrix": "InformationMatrix",
        "fastinfo._columns.ranked": "Ranking",
        "fastinfo._core.threads": "get_num_threads num_threads set_num_threads",
        "fastinfo._show_versions": "show_versions",
        "fastinfo._version": "__version__",
        "fastinfo.describing.description": "Description",
        "fastinfo.describing.each_column": "describe",
        "fastinfo.distributions.entropies": "cross_entropy entropy js_divergence kl_divergence",
        "fastinfo.distributions.log_sums": "logsumexp",
        "fastinfo.distributions.normalized_exponentials": "log_softmax softmax",
        "fastinfo.drifting.comparing": "drift",
        "fastinfo.drifting.table_drift": "TableDrift",
        "fastinfo.entropy_estimators": "entropy_from_counts",
        "fastinfo.histograms.discretizing": "Codes discretize",
        "fastinfo.histograms.one_variable": "histogram histogram_bin_edges",
        "fastinfo.histograms.supervised": "supervised_splits",
        "fastinfo.histograms.two_variables": "contingency_table histogram2d",
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
        "fastinfo.losses.binary_losses": "binary_cross_entropy sigmoid_cross_entropy",
        "fastinfo.losses.log_losses": "log_loss",
        "fastinfo.losses.softmax_loss": "softmax_cross_entropy",
        "fastinfo.pairwise.matrices": "mutual_information_matrix",
        "fastinfo.pairwise.networks": "network",
        "fastinfo.pairwise.pair_rankings": "PairRanking",
        "fastinfo.pairwise.strongest": "strongest_pairs",
        "fastinfo.pairwise.trees": "chow_liu_tree",
        "fastinfo.pairwise.triple_tests": "ConditionalTests",
        "fastinfo.pairwise.triples": "conditional_independence_tests",
        "fastinfo.ranking.features": "rank_features",
        "fastinfo.selection.selecting": "Selection select_features",
        "fastinfo.significance.bootstrapping": "bootstrap_interval",
        "fastinfo.significance.conditional": "conditional_independence_test",
        "fastinfo.significance.permuting": "permutation_test",
        "fastinfo.time_series.first_minimum": "first_minimum_lag",
        "fastinfo.time_series.lagged": "lagged_mutual_information",
        "fastinfo.time_series.local_transfer": "local_transfer_entropy",
        "fastinfo.time_series.transfer": "transfer_entropy",
        "fastinfo.time_series.transfer_matrix": "transfer_entropy_matrix",
        "fastinfo.time_series.transfer_test": "transfer_entropy_test",
        "fastinfo.warming.compiling": "warmup",
    },
    (
        "benchmark capi cooccurrence dask describing distributions drifting entropy_estimators "
        "files histograms images information kernels losses numba_ext pairwise plot ranking report "
        "rules selection significance streaming time_series warming"
    ),
)
