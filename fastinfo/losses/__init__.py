"""Cross-entropy of logits or probabilities with targets: losses, gradients, Hessians."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.losses.binary_losses": "binary_cross_entropy sigmoid_cross_entropy",
        "fastinfo.losses.log_losses": "log_loss",
        "fastinfo.losses.softmax_loss": "softmax_cross_entropy",
    },
)
