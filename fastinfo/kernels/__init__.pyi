"""What type checkers read of ``fastinfo.kernels``, whose names are imported when used."""

from fastinfo.kernels.binning.edges import codes_from_edges as codes_from_edges
from fastinfo.kernels.binning.edges import equal_edges as equal_edges
from fastinfo.kernels.binning.edges import grid as grid
from fastinfo.kernels.binning.edges import uniform_codes as uniform_codes
from fastinfo.kernels.counting.tables import count_codes as count_codes
from fastinfo.kernels.counting.tables import count_pairs as count_pairs
from fastinfo.kernels.distributions.divergences import cross_entropy as cross_entropy
from fastinfo.kernels.distributions.divergences import entropy as entropy
from fastinfo.kernels.distributions.divergences import js_divergence as js_divergence
from fastinfo.kernels.distributions.divergences import kl_divergence as kl_divergence
from fastinfo.kernels.elementary.scalar import exp as exp
from fastinfo.kernels.elementary.scalar import log as log
from fastinfo.kernels.elementary.scalar import xlogx as xlogx
from fastinfo.kernels.elementary.special import digamma as digamma
from fastinfo.kernels.fused import count_between as count_between
from fastinfo.kernels.fused import count_labels as count_labels
from fastinfo.kernels.information.corrections import entropy_grassberger as entropy_grassberger
from fastinfo.kernels.information.corrections import entropy_miller_madow as entropy_miller_madow
from fastinfo.kernels.information.plug_in import entropy_from_counts as entropy_from_counts
from fastinfo.kernels.information.plug_in import margins as margins
from fastinfo.kernels.information.plug_in import mutual_information as mutual_information
from fastinfo.kernels.log_domain.row_sums import logsumexp as logsumexp
from fastinfo.kernels.log_domain.softmax import log_softmax_rows as log_softmax_rows
from fastinfo.kernels.log_domain.softmax import softmax_rows as softmax_rows
from fastinfo.kernels.neighbors.ksg import ksg as ksg
from fastinfo.kernels.neighbors.ksg import ross as ross
from fastinfo.kernels.neighbors.mixed import mixed as mixed

__all__ = [
    "codes_from_edges",
    "count_between",
    "count_codes",
    "count_labels",
    "count_pairs",
    "cross_entropy",
    "digamma",
    "entropy",
    "entropy_from_counts",
    "entropy_grassberger",
    "entropy_miller_madow",
    "equal_edges",
    "exp",
    "grid",
    "js_divergence",
    "kl_divergence",
    "ksg",
    "log",
    "log_softmax_rows",
    "logsumexp",
    "margins",
    "mixed",
    "mutual_information",
    "ross",
    "softmax_rows",
    "uniform_codes",
    "xlogx",
]
