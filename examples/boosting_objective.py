"""
A multi-class objective for LightGBM from ``softmax_cross_entropy``: gradient and Hessian at once.

LightGBM hands a custom objective the raw scores as an array (n, classes) in Fortran order, and
wants the gradient and the diagonal of the Hessian back in that shape. fastinfo keeps the order:
there is nothing to transpose.

The built-in objective scales its Hessian by ``classes / (classes - 1)``, which corrects for the
softmax having one parameter too many (Friedman 2001); with the same factor the custom objective
trains to the same loss. XGBoost's multi:softprob takes a factor of 2, and starts from the classes'
frequencies; a custom objective starts from ``base_score``, so give both the same ``base_margin``.
"""

from __future__ import annotations

import numpy as np

from fastinfo.losses import softmax_cross_entropy


def objective(targets: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian's diagonal of the summed loss, as LightGBM's scikit-learn API asks."""
    classes = scores.shape[1]
    _, grad, hess = softmax_cross_entropy(
        scores, targets.astype(np.int64), reduction="sum", return_hess=True
    )
    return grad, hess * (classes / (classes - 1))


def train(n: int = 3000, classes: int = 4, rounds: int = 30) -> tuple[float, float]:
    """Loss of a model with the built-in objective, and of one with ours."""
    import lightgbm

    rng = np.random.default_rng(7)
    features = rng.normal(size=(n, 5))
    targets = np.argmax(features[:, :classes] + 0.5 * rng.gumbel(size=(n, classes)), axis=1)
    options = {"n_estimators": rounds, "num_leaves": 8, "verbose": -1, "n_jobs": 1}
    # The built-in objective starts from the classes' frequencies, a custom one from 0.
    built_in = lightgbm.LGBMClassifier(
        objective="multiclass", boost_from_average=False, **options
    ).fit(features, targets)
    custom = lightgbm.LGBMClassifier(objective=objective, **options).fit(features, targets)
    losses = [
        float(softmax_cross_entropy(model.predict(features, raw_score=True), targets))
        for model in (built_in, custom)
    ]
    return losses[0], losses[1]


if __name__ == "__main__":
    print("built-in {:.6f}, with fastinfo {:.6f}".format(*train()))
