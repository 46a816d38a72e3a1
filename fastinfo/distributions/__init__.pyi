"""Names of ``fastinfo.distributions`` for type checkers; each is imported when it is used."""

from fastinfo.distributions.entropies import cross_entropy as cross_entropy
from fastinfo.distributions.entropies import entropy as entropy
from fastinfo.distributions.entropies import js_divergence as js_divergence
from fastinfo.distributions.entropies import kl_divergence as kl_divergence
from fastinfo.distributions.log_sums import logsumexp as logsumexp
from fastinfo.distributions.normalized_exponentials import log_softmax as log_softmax
from fastinfo.distributions.normalized_exponentials import softmax as softmax

__all__ = [
    "cross_entropy",
    "entropy",
    "js_divergence",
    "kl_divergence",
    "log_softmax",
    "logsumexp",
    "softmax",
]
