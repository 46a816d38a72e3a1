"""Losses against torch, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from fastinfo.losses import binary_cross_entropy, sigmoid_cross_entropy, softmax_cross_entropy

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def gradient(loss, x):
    loss.backward(torch.ones_like(loss))
    return x.grad.numpy()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["labels", "ignored", "soft"])
@pytest.mark.parametrize(("dtype", "tol"), [(np.float32, 3e-6), (np.float64, 1e-12)])
@pytest.mark.parametrize("c", [2, 10, 100, 600])
def test_softmax(rng, reduction, smoothing, weighted, kind, dtype, tol, c):
    n = 17
    x = (rng.normal(size=(n, c)) * 4).astype(dtype)
    t = rng.random((n, c)).astype(dtype) * 2 if kind == "soft" else rng.integers(0, c, n)
    w = rng.random(c).astype(dtype) if weighted else None
    if kind == "ignored":
        t[[2, 5]] = -100
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    expected = functional.cross_entropy(
        theirs,
        torch.from_numpy(t),
        weight=None if w is None else torch.from_numpy(w),
        label_smoothing=smoothing,
        reduction=reduction,
    )
    loss, grad = softmax_cross_entropy(
        x,
        t,
        class_weight=w,
        label_smoothing=smoothing,
        reduction=reduction,
        ignore_index=-100 if kind == "ignored" else None,
        return_grad=True,
    )
    assert loss.dtype == dtype
    np.testing.assert_allclose(loss, expected.detach().numpy(), rtol=tol, atol=tol)
    scale = np.abs(t).sum(axis=-1).max() if kind == "soft" else 1.0
    np.testing.assert_allclose(grad, gradient(expected, theirs), rtol=tol, atol=tol * scale)


def test_hessian(rng):
    x = rng.normal(size=(4, 5))
    t = rng.integers(0, 5, 4)
    w = rng.random(5)

    def loss(values):
        return functional.cross_entropy(
            values, torch.from_numpy(t), weight=torch.from_numpy(w), label_smoothing=0.2
        )

    full = torch.autograd.functional.hessian(loss, torch.from_numpy(x)).reshape(20, 20)
    _, _, hess = softmax_cross_entropy(x, t, class_weight=w, label_smoothing=0.2, return_hess=True)
    np.testing.assert_allclose(hess.reshape(-1), full.diagonal().numpy(), rtol=1e-12)


def test_all_ignored_is_nan_as_in_torch():
    expected = functional.cross_entropy(torch.zeros(2, 3), torch.tensor([-100, -100]))
    with pytest.warns(RuntimeWarning):
        assert np.isnan(softmax_cross_entropy(np.zeros((2, 3)), [-100] * 2, ignore_index=-100))
    assert torch.isnan(expected)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("dtype", "tol"), [(np.float32, 3e-6), (np.float64, 1e-12)])
def test_sigmoid(rng, reduction, weighted, dtype, tol):
    x = (rng.normal(size=(30, 4)) * 4).astype(dtype)
    t = rng.random((30, 4)).astype(dtype)
    w = rng.random(4).astype(dtype) + dtype(0.5) if weighted else None
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    expected = functional.binary_cross_entropy_with_logits(
        theirs,
        torch.from_numpy(t),
        pos_weight=None if w is None else torch.from_numpy(w),
        reduction=reduction,
    )
    loss, grad = sigmoid_cross_entropy(x, t, pos_weight=w, reduction=reduction, return_grad=True)
    np.testing.assert_allclose(loss, expected.detach().numpy(), rtol=tol, atol=tol)
    np.testing.assert_allclose(grad, gradient(expected, theirs), rtol=tol, atol=tol)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_binary(rng, reduction):
    p, t = rng.random(50), rng.random(50)
    expected = functional.binary_cross_entropy(
        torch.from_numpy(p), torch.from_numpy(t), reduction=reduction
    )
    found = binary_cross_entropy(p, t, reduction=reduction)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12)


def test_tensors_come_in(rng):
    x = torch.randn(5, 3)
    t = torch.tensor([0, 1, 2, 1, 0])
    found = softmax_cross_entropy(x, t)
    assert found == pytest.approx(float(functional.cross_entropy(x, t)), rel=1e-6)
