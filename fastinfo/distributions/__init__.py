"""Probability distributions: entropy, cross-entropy, divergence, and sums of exponentials."""

from __future__ import annotations

from fastinfo.distributions.entropies import cross_entropy, entropy, js_divergence, kl_divergence
from fastinfo.distributions.log_sums import log_softmax, logsumexp, softmax

__all__ = [
    "cross_entropy",
    "entropy",
    "js_divergence",
    "kl_divergence",
    "log_softmax",
    "logsumexp",
    "softmax",
]
