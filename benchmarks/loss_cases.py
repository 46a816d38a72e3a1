"""Losses on model output, in the shape of ``cases.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

from fastinfo.losses import log_loss, sigmoid_cross_entropy, softmax_cross_entropy

SHAPES = [(10**6, 10), (10**5, 100), (2 * 10**4, 1000), (10**3, 50_000)]
N_BINARY = 5 * 10**6
N_LOG_LOSS = 10**6


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=2e-5)


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def _softmax(n: int, c: int, order: str, grad: bool) -> Callable[[], Work]:
    def make() -> Work:
        torch = _torch()
        rng = np.random.default_rng(1)
        logits = rng.standard_normal((n, c), dtype=np.float32)
        targets = rng.integers(0, c, n)
        tensor, labels = torch.from_numpy(logits).clone(), torch.from_numpy(targets)
        tensor.requires_grad_(grad)
        ours = np.array(logits, order=order)

        def theirs() -> Any:
            tensor.grad = None
            loss = torch.nn.functional.cross_entropy(tensor, labels)
            if grad:
                loss.backward()
            return loss.detach().numpy()

        def mine() -> Any:
            found = softmax_cross_entropy(ours, targets, return_grad=grad)
            return found[0] if grad else found

        name = "torch `cross_entropy`" + (", forward and backward" if grad else "")
        return Work(
            ours=mine, peers={name: theirs}, check=_close, per=n * c, moved=8 if grad else 4
        )

    return make


def _of_probabilities(n: int, c: int, grad: bool) -> Callable[[], Work]:
    """The targets are probabilities of each class, as of a model that is to be imitated."""

    def make() -> Work:
        torch = _torch()
        rng = np.random.default_rng(4)
        logits = rng.standard_normal((n, c), dtype=np.float32)
        targets = rng.random((n, c), dtype=np.float32)
        targets /= targets.sum(axis=1, keepdims=True)
        tensor, goal = torch.from_numpy(logits).clone(), torch.from_numpy(targets)
        tensor.requires_grad_(grad)

        def theirs() -> Any:
            tensor.grad = None
            loss = torch.nn.functional.cross_entropy(tensor, goal)
            if grad:
                loss.backward()
            return loss.detach().numpy()

        def mine() -> Any:
            found = softmax_cross_entropy(logits, targets, return_grad=grad)
            return found[0] if grad else found

        name = "torch `cross_entropy`" + (", forward and backward" if grad else "")
        moved = 12 if grad else 8
        return Work(ours=mine, peers={name: theirs}, check=_close, per=n * c, moved=moved)

    return make


def _sigmoid(dtype: type) -> Callable[[], Work]:
    def make() -> Work:
        torch = _torch()
        rng = np.random.default_rng(2)
        logits, targets = (
            rng.normal(size=N_BINARY).astype(dtype),
            rng.random(N_BINARY).astype(dtype),
        )
        x, t = torch.from_numpy(logits), torch.from_numpy(targets)
        function = torch.nn.functional.binary_cross_entropy_with_logits
        return Work(
            ours=lambda: sigmoid_cross_entropy(logits, targets),
            peers={"torch `binary_cross_entropy_with_logits`": lambda: function(x, t).numpy()},
            check=_close,
            per=N_BINARY,
            moved=logits.itemsize + targets.itemsize,
        )

    return make


def _log_loss() -> Work:
    from sklearn import metrics

    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 10, N_LOG_LOSS), rng.dirichlet(np.ones(10), N_LOG_LOSS)
    return Work(
        ours=lambda: log_loss(y, p),
        peers={"scikit-learn `log_loss`": lambda: metrics.log_loss(y, p)},
        check=_close,
        per=N_LOG_LOSS,
        moved=p.itemsize * p.shape[1] + y.itemsize,
    )


CASES = [
    Case("log_loss, 10⁶×10 float64", _log_loss),
    *(
        Case(f"softmax_cross_entropy{text}, {n:,}×{c:,} float32", _softmax(n, c, order, grad))
        for text, order, grad, shapes in (
            ("", "C", False, SHAPES),
            (" with gradient", "C", True, SHAPES),
            (" in Fortran order", "F", False, SHAPES[:2]),
        )
        for n, c in shapes
    ),
    *(
        Case(
            f"softmax_cross_entropy of probabilities{text}, {n:,}×{c:,} float32",
            _of_probabilities(n, c, grad),
        )
        for text, grad, shapes in (("", False, SHAPES), (" with gradient", True, SHAPES[1:2]))
        for n, c in shapes
    ),
    *(
        Case(f"sigmoid_cross_entropy, 5·10⁶ {dtype.__name__}", _sigmoid(dtype))
        for dtype in (np.float64, np.float32)
    ),
]
