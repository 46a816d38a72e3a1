"""Losses of many rows: their memory, their means; arrays of other libraries."""

import tracemalloc

import numba
import numpy as np
import pytest
from helpers import compiled

import fastinfo

LIMIT = 16 * 2**20  # bytes, whatever the size of the input
N, CLASSES = 250_000, 100  # 10**8 bytes of float32


@pytest.fixture(scope="module")
def logits():
    x = np.random.default_rng(5).standard_normal((N, CLASSES), np.float32)
    x.flags.writeable = False
    return x


@pytest.fixture(scope="module")
def targets():
    return np.random.default_rng(6).integers(0, CLASSES, N)


def extra_memory(function, *args, **kwargs):
    """Most bytes that a call holds beyond what it returns, and the result; compiled first."""
    head = [a[:64] if isinstance(a, np.ndarray) else a for a in args]
    parts = {k: v[:64] if isinstance(v, np.ndarray) else v for k, v in kwargs.items()}
    function(*head, **parts)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = function(*args, **kwargs)
        most = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    held = sum(np.asarray(r).nbytes for r in (result if isinstance(result, tuple) else (result,)))
    return most - held, result


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("order", ["C", "F", "strided"])
def test_memory_of_softmax_cross_entropy(logits, targets, order):
    x = {"C": logits, "F": np.asfortranarray(logits), "strided": logits[:, ::-1]}[order]
    extra, loss = extra_memory(fastinfo.softmax_cross_entropy, x, targets)
    assert extra <= LIMIT
    assert 5.0 < loss < 5.2  # log(100) + 1/2


@pytest.mark.slow
@compiled
def test_memory_of_the_gradient(logits, targets):
    extra, (_, grad) = extra_memory(
        fastinfo.softmax_cross_entropy, logits, targets, return_grad=True
    )
    assert extra <= LIMIT
    np.testing.assert_allclose(grad.sum(axis=1, dtype=float), 0, atol=1e-9)


@compiled
def test_memory_of_probability_targets(logits):
    q = np.broadcast_to(np.float32(1 / CLASSES), logits.shape)
    extra, loss = extra_memory(fastinfo.softmax_cross_entropy, logits, q)
    assert extra <= LIMIT
    assert 5.0 < loss < 5.2


@compiled
def test_memory_of_losses_of_two_classes(logits):
    x = logits.reshape(-1)
    t = np.broadcast_to(np.float32(0.25), x.shape)
    extra, loss = extra_memory(fastinfo.sigmoid_cross_entropy, x, t)
    assert extra <= LIMIT
    assert 0.7 < loss < 0.9
    p = np.broadcast_to(np.float32(0.25), x.shape)
    extra, loss = extra_memory(fastinfo.binary_cross_entropy, p, t)
    assert extra <= LIMIT
    np.testing.assert_allclose(loss, 0.5623351446188083, rtol=1e-6)


@compiled
def test_memory_of_log_loss(targets):
    p = np.full((N, CLASSES), 1 / CLASSES, np.float32)
    labels = np.arange(CLASSES)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        loss = fastinfo.log_loss(targets, p, labels=labels)
        extra = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert extra <= LIMIT
    assert loss == pytest.approx(np.log(CLASSES), rel=1e-6)


@compiled
def test_the_mean_of_many_rows_of_float32():
    """A running sum in float32 stops growing at 2**24 rows (torch 55657)."""
    n = 10**8
    rel = 1e-6 if numba.config.BOUNDSCHECK else 2e-7  # checked loops are scalar, with longer sums
    x = np.broadcast_to(np.float32(0.3), (n,))
    one = fastinfo.sigmoid_cross_entropy(x[:1].copy(), np.ones(1, np.float32))
    many = fastinfo.sigmoid_cross_entropy(x, np.broadcast_to(np.float32(1), (n,)))
    assert many == pytest.approx(one, rel=rel)
    row = np.array([0.3, -1.2], np.float32)
    one = fastinfo.softmax_cross_entropy(row[None], [1])
    many = fastinfo.softmax_cross_entropy(
        np.broadcast_to(row, (n // 4, 2)), np.broadcast_to(np.int64(1), (n // 4,))
    )
    assert many == pytest.approx(one, rel=rel)


class Capsule:
    """An array that is known by the DLPack protocol alone."""

    def __init__(self, a):
        self.a = a

    def __dlpack__(self, **kwargs):
        return self.a.__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self.a.__dlpack_device__()


def test_arrays_by_dlpack(rng):
    x, p = rng.standard_normal((20, 5)), rng.random((20, 5))
    t = rng.integers(0, 5, 20)
    for function, args in (
        (fastinfo.softmax_cross_entropy, (x, t)),
        (fastinfo.softmax_cross_entropy, (x, p)),
        (fastinfo.sigmoid_cross_entropy, (x, p)),
        (fastinfo.binary_cross_entropy, (p, p)),
        (fastinfo.logsumexp, (x,)),
        (fastinfo.softmax, (x,)),
        (fastinfo.entropy, (p,)),
        (fastinfo.cross_entropy, (p, p)),
    ):
        got = function(*(Capsule(a) for a in args))
        assert type(got) is not Capsule
        np.testing.assert_array_equal(got, function(*args))


def test_arrays_of_jax(rng):
    jnp = pytest.importorskip("jax.numpy")
    x, t = rng.standard_normal((20, 5)).astype(np.float32), rng.integers(0, 5, 20)
    for function, args in (
        (fastinfo.softmax_cross_entropy, (x, t)),
        (fastinfo.logsumexp, (x,)),
        (fastinfo.entropy, (np.exp(x),)),
    ):
        got = function(*(jnp.asarray(a) for a in args))
        assert isinstance(got, np.ndarray | np.generic)
        np.testing.assert_allclose(got, function(*args), rtol=1e-6)
