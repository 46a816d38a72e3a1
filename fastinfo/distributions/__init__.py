"""Probability distributions: entropy, cross-entropy, divergence, and sums of exponentials."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.distributions.entropies": "cross_entropy entropy js_divergence kl_divergence",
        "fastinfo.distributions.log_sums": "logsumexp",
        "fastinfo.distributions.normalized_exponentials": "log_softmax softmax",
    },
)
