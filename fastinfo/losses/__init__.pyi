"""Names of ``fastinfo.losses`` for type checkers; each is imported when it is used."""

from fastinfo.losses.binary_losses import binary_cross_entropy as binary_cross_entropy
from fastinfo.losses.binary_losses import sigmoid_cross_entropy as sigmoid_cross_entropy
from fastinfo.losses.log_losses import log_loss as log_loss
from fastinfo.losses.softmax_loss import softmax_cross_entropy as softmax_cross_entropy

__all__ = [
    "binary_cross_entropy",
    "log_loss",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
]
