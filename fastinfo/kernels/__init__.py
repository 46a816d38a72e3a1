"""The kernels: serial functions that release the GIL and can be called from any ``@njit`` function.

They take arrays and return numbers, or fill arrays that they are given. They check nothing: the
docstring of each module says what it expects. The functions that are listed here are for users.
Everything else in the modules of this package may change.
"""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.kernels.binning.edges": "codes_from_edges equal_edges grid uniform_codes",
        "fastinfo.kernels.counting.tables": "count_codes count_pairs",
        "fastinfo.kernels.distributions.divergences": (
            "cross_entropy entropy js_divergence kl_divergence"
        ),
        "fastinfo.kernels.elementary.scalar": "exp log xlogx",
        "fastinfo.kernels.elementary.special": "digamma",
        "fastinfo.kernels.fused": "count_between count_labels",
        "fastinfo.kernels.information.corrections": "entropy_grassberger entropy_miller_madow",
        "fastinfo.kernels.information.plug_in": "entropy_from_counts margins mutual_information",
        "fastinfo.kernels.log_domain.row_sums": "logsumexp",
        "fastinfo.kernels.log_domain.softmax": "log_softmax_rows softmax_rows",
        "fastinfo.kernels.neighbors.ksg": "ksg ross",
        "fastinfo.kernels.neighbors.mixed": "mixed",
    },
)
