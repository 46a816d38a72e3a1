"""Cross-entropy of logits or probabilities with targets: losses, gradients, Hessians."""

from __future__ import annotations

from fastinfo.losses.binary_losses import binary_cross_entropy, sigmoid_cross_entropy
from fastinfo.losses.log_losses import log_loss
from fastinfo.losses.softmax_loss import softmax_cross_entropy

__all__ = ["binary_cross_entropy", "log_loss", "sigmoid_cross_entropy", "softmax_cross_entropy"]
