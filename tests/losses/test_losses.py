"""Losses on logits: against mpmath, finite differences, published values, and themselves."""

from __future__ import annotations

import warnings

import mpmath
import numba
import numpy as np
import pytest
from helpers import SCALAR_LOOPS
from hypothesis import given
from hypothesis import strategies as st
from reference import sigmoid_cross_entropy_element, softmax_cross_entropy_row, target_weights

import fastinfo
from fastinfo.kernels.losses import softmax_loss as kernels
from fastinfo.kernels.losses.binary_losses import extremes
from fastinfo.losses import binary_cross_entropy, sigmoid_cross_entropy, softmax_cross_entropy

INF, NAN = np.inf, np.nan
SHAPES = [(5, 1), (5, 2), (3, 10), (300, 3), (3, 48), (4, 49), (3, 511), (3, 512), (2, 2100)]


def ulps(a, exact):
    """Distance in units of the last place of float64."""
    value = float(exact)
    return abs(float((mpmath.mpf(float(a)) - exact) / mpmath.mpf(float(np.spacing(abs(value))))))


def logits_of(rng, shape, order="C", dtype=np.float64):
    return np.array(rng.normal(size=shape) * 3, dtype=dtype, order=order)


# Softmax


def test_published_values():
    found = softmax_cross_entropy([[10, 1, -2], [1, 4, 0.2]], [1, 0], reduction="none")
    np.testing.assert_allclose(found, [9.00013, 3.0696733], rtol=1e-6)  # optax
    logits = np.log([[0.05, 0.95, 1e-300], [0.1, 0.8, 0.1]])
    found = softmax_cross_entropy(logits, [1, 2], reduction="none")
    np.testing.assert_allclose(found, [0.0513, 2.303], atol=5e-4)  # Keras
    assert softmax_cross_entropy(np.log([0.2, 0.8]), 1) == pytest.approx(0.2231, abs=5e-5)
    assert softmax_cross_entropy(np.log([0.2, 0.8]), 1, base=2) == pytest.approx(0.3219, abs=5e-5)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["labels", "smooth", "soft"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_against_mpmath(rng, shape, kind, order):
    n, c = shape
    n = min(n, 5)
    x = logits_of(rng, (n, c), order)
    w = rng.uniform(0.5, 2.0, c)
    smoothing = 0.25 if kind == "smooth" else 0.0
    t = rng.integers(0, c, n) if kind != "soft" else rng.random((n, c))
    loss, grad, hess = softmax_cross_entropy(
        x, t, class_weight=w, label_smoothing=smoothing, reduction="none", return_hess=True
    )
    for i in range(n):
        exact = softmax_cross_entropy_row(x[i], target_weights(t[i], c, w, smoothing))
        if kind == "labels":
            assert ulps(loss[i], exact[0]) <= 4
        np.testing.assert_allclose(loss[i], float(exact[0]), rtol=3e-15)
        scale = float(w.max())
        np.testing.assert_allclose(
            grad[i], [float(g) for g in exact[1]], rtol=1e-13, atol=3e-15 * scale
        )
        np.testing.assert_allclose(hess[i], [float(h) for h in exact[2]], rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("shape", SHAPES)
def test_lower_precision(rng, dtype, shape):
    n, c = shape
    x = logits_of(rng, shape, dtype=dtype)
    t = rng.integers(0, c, n)
    wide = softmax_cross_entropy(x.astype(np.float64), t, reduction="none", return_hess=True)
    found = softmax_cross_entropy(x, t, reduction="none", return_hess=True)
    eps = float(np.finfo(dtype).eps)
    for a, b in zip(found, wide, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=16 * eps, atol=float(np.finfo(dtype).smallest_normal))


@pytest.mark.parametrize("gap", [1.0, 20.0, 40.0, 300.0, 700.0])
@pytest.mark.parametrize("c", [2, 20, 600])
def test_small_losses_are_exact(gap, c):
    x = np.zeros((1, c))
    x[0, 1] = gap
    loss, grad, hess = softmax_cross_entropy(x, [1], return_hess=True)
    exact = softmax_cross_entropy_row(x[0], target_weights(1, c))
    assert ulps(loss, exact[0]) <= (32 if SCALAR_LOOPS else 4)
    np.testing.assert_allclose(grad[0], [float(g) for g in exact[1]], rtol=1e-14)
    np.testing.assert_allclose(hess[0], [float(h) for h in exact[2]], rtol=1e-14)
    one_hot = np.eye(c)[[1]]
    assert softmax_cross_entropy(x, one_hot) == loss
    single = softmax_cross_entropy(x.astype(np.float32), [1])
    assert single == pytest.approx(float(exact[0]), rel=1e-6, abs=1e-45)


def test_sigmoid_loss_as_softmax_of_two():
    found = softmax_cross_entropy([[0.0, -40.0]], [0])
    assert ulps(found, mpmath.mpf("4.2483542552915889953292347828586580e-18")) <= 4


@pytest.mark.parametrize("derivative", ["grad", "hess"])
def test_finite_differences(rng, derivative):
    n, c = 3, 4
    x = logits_of(rng, (n, c))
    t = rng.integers(0, c, n)
    w, s = rng.random(c), rng.random(n)
    _, grad, hess = softmax_cross_entropy(
        x, t, class_weight=w, sample_weight=s, label_smoothing=0.1, base=2, return_hess=True
    )
    total = float(np.sum(s * w[t]))

    def loss(points):
        rows = [
            mpmath.mpf(float(s[i])) * mean_row(points[i], target_weights(t[i], c, w, 0.1))
            for i in range(n)
        ]
        return mpmath.fsum(rows) / (mpmath.mpf(total) * mpmath.log(2))

    def mean_row(row, a):
        whole = mpmath.fsum(mpmath.exp(v) for v in row)
        return mpmath.fsum(u * (mpmath.log(whole) - v) for u, v in zip(a, row, strict=True))

    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -15
        base = [[mpmath.mpf(float(v)) for v in row] for row in x]
        for i in range(n):
            for j in range(c):
                values = []
                for step in (-1, 0, 1):
                    moved = [list(row) for row in base]
                    moved[i][j] += step * h
                    values.append(loss(moved))
                if derivative == "grad":
                    exact = (values[2] - values[0]) / (2 * h)
                    assert grad[i, j] == pytest.approx(float(exact), rel=1e-10, abs=1e-15)
                else:
                    exact = (values[2] - 2 * values[1] + values[0]) / h**2
                    assert hess[i, j] == pytest.approx(float(exact), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("soft", [False, True])
def test_reductions(rng, reduction, soft):
    x = logits_of(rng, (20, 6))
    t = rng.random((20, 6)) if soft else rng.integers(0, 6, 20)
    w, s = rng.random(6), rng.random(20)
    rows, grads, hesses = softmax_cross_entropy(
        x, t, class_weight=w, sample_weight=s, reduction="none", return_hess=True
    )
    loss, grad, hess = softmax_cross_entropy(
        x, t, class_weight=w, sample_weight=s, reduction=reduction, return_hess=True
    )
    divisor = 1.0
    if reduction == "mean":
        divisor = s.sum() if soft else (s * w[t]).sum()
    np.testing.assert_allclose(loss, rows.sum() / divisor, rtol=1e-14)
    np.testing.assert_allclose(grad, grads / divisor, rtol=1e-13, atol=1e-17)
    np.testing.assert_allclose(hess, hesses / divisor, rtol=1e-13)


@pytest.mark.parametrize("c", [3, 60, 600])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("dtype", [np.int64, np.int8])
def test_ignored_rows_count_nowhere(rng, c, smoothing, dtype):
    x = logits_of(rng, (9, c))
    t = rng.integers(0, 3, 9).astype(dtype)
    t[[1, 4]] = -100
    x[1] = NAN
    x[4] = INF
    kept = np.delete(np.arange(9), [1, 4])
    options = {"label_smoothing": smoothing, "class_weight": rng.random(c)}
    expected = softmax_cross_entropy(x[kept], t[kept], return_hess=True, **options)
    found = softmax_cross_entropy(x, t, ignore_index=-100, return_hess=True, **options)
    assert found[0] == pytest.approx(expected[0], rel=1e-15)
    for a, b in zip(found[1:], expected[1:], strict=True):
        np.testing.assert_array_equal(a[kept], b)
        np.testing.assert_array_equal(a[[1, 4]], 0.0)
    rows = softmax_cross_entropy(x, t, ignore_index=-100, reduction="none", **options)
    np.testing.assert_array_equal(rows[[1, 4]], 0.0)


@pytest.mark.parametrize("ignored", [1, 255, -1, -(2**63)])
def test_any_integer_can_be_ignored(ignored):
    t = np.array([0, ignored, 2])
    x = np.arange(9.0).reshape(3, 3)
    found = softmax_cross_entropy(x, t, ignore_index=ignored, reduction="sum")
    assert found == softmax_cross_entropy(x[[0, 2]], t[[0, 2]], reduction="sum")


def test_all_rows_ignored():
    x = np.zeros((2, 3))
    with pytest.warns(RuntimeWarning, match="no row counts"):
        loss, grad, hess = softmax_cross_entropy(x, [7, 7], ignore_index=7, return_hess=True)
    assert np.isnan(loss)
    np.testing.assert_array_equal(grad, 0.0)
    np.testing.assert_array_equal(hess, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert softmax_cross_entropy(x, [7, 7], ignore_index=7, reduction="sum") == 0.0


@pytest.mark.parametrize("c", [2, 3, 60, 600, 3000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_logits(c, dtype):
    def both(row, target):
        x = np.full((2, c), -1.0, dtype)
        x[:, : len(row)] = row
        loss, grad = softmax_cross_entropy(x, [target, target], reduction="none", return_grad=True)
        if numba.config.BOUNDSCHECK:  # whose loops are scalar
            np.testing.assert_allclose(loss[0], loss[1], rtol=4 * np.finfo(dtype).eps)
        else:
            np.testing.assert_array_equal(loss[0], loss[1])
        soft = softmax_cross_entropy(x, np.eye(c, dtype=dtype)[[target, target]], reduction="none")
        np.testing.assert_array_equal(soft, loss)
        return loss[0], grad[0]

    loss, grad = both([-INF, 0.0], 0)
    assert loss == INF
    assert grad[0] == -1.0
    assert np.isfinite(grad).all()
    loss, grad = both([-INF, 0.0], 1)
    assert np.isfinite(loss)
    assert grad[0] == 0.0
    assert np.isnan(both([INF, 0.0], 1)[0])
    assert np.isnan(both([NAN, 0.0], 1)[0])
    assert np.isnan(both([0.0, -NAN], 0)[0])
    assert np.isnan(both([-INF] * c, 1)[0])
    huge = dtype(1e30)
    assert both([huge, -huge], 0)[0] == 0.0
    assert both([huge, -huge], 1)[0] == pytest.approx(2e30)
    np.testing.assert_array_equal(both([huge, -huge], 1)[1][:2], [1.0, -1.0])
    assert both([-huge] * c, 1)[0] == pytest.approx(np.log(c))


def test_soft_target_without_weight_may_have_any_logit():
    x = np.array([[0.0, 1.0, -INF]])
    q = np.array([[0.5, 0.5, 0.0]])
    for order in "CF":
        loss, grad = softmax_cross_entropy(np.array(x, order=order), q, return_grad=True)
        assert loss == pytest.approx(np.log1p(np.e) - 0.5)
        assert np.isfinite(grad).all()
    assert softmax_cross_entropy(x, [[0.5, 0.4, 0.1]]) == INF
    assert softmax_cross_entropy(x, [1], class_weight=[1, 1, 0], label_smoothing=0.1) < INF


@pytest.mark.parametrize("c", [3, 100, 700])
def test_shapes_strides_and_dtypes(rng, c):
    x = logits_of(rng, (4, 6, c))
    t = rng.integers(0, c, (4, 6))
    q = rng.random((4, 6, c))
    s = rng.random((4, 6))
    for targets in (t, q):
        expected = softmax_cross_entropy(
            x.reshape(24, c),
            targets.reshape(24, *targets.shape[2:]),
            sample_weight=s.reshape(24),
            reduction="none",
            return_hess=True,
        )
        variants = [
            x,
            np.asfortranarray(x),
            np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1),
            np.repeat(x, 2, axis=2)[..., ::2],
            np.repeat(x, 2, axis=0)[::2],
            x[::-1][::-1],
            x.astype(">f8"),
            x.astype(np.longdouble),
        ]
        for y in variants:
            y.flags.writeable = False
            found = softmax_cross_entropy(
                y, targets, sample_weight=s, reduction="none", return_hess=True
            )
            for a, b in zip(found, expected, strict=True):
                assert a.shape[:2] == (4, 6)
                np.testing.assert_allclose(a.reshape(b.shape), b, rtol=1e-13, atol=1e-16)
    for dtype in (np.int16, np.uint16, np.int32, np.uint64, np.int64, ">i4"):
        assert softmax_cross_entropy(x, t.astype(dtype)) == softmax_cross_entropy(x, t)


def test_memory_order_is_kept(rng):
    x = logits_of(rng, (7, 5), "F")
    t = rng.integers(0, 5, 7)
    _, grad, hess = softmax_cross_entropy(x, t, return_hess=True)
    assert grad.flags.f_contiguous
    assert hess.flags.f_contiguous
    _, expected, _ = softmax_cross_entropy(np.ascontiguousarray(x), t, return_hess=True)
    np.testing.assert_allclose(grad, expected, rtol=1e-14, atol=1e-17)


def test_integers_booleans_scalars_and_one_row():
    assert softmax_cross_entropy([0, 0], 1) == pytest.approx(np.log(2))
    loss, grad = softmax_cross_entropy(np.array([1, 2, 3]), np.array(0), return_grad=True)
    assert loss.dtype == np.float64
    assert grad.shape == (3,)
    assert softmax_cross_entropy([[0.0, 1.0]], [True]) == softmax_cross_entropy([[0.0, 1.0]], [1])
    assert softmax_cross_entropy([[5.0]], [0]) == 0.0
    loss = softmax_cross_entropy(np.array([1.0, 2.0]), 0, reduction="none")
    assert np.ndim(loss) == 0


def test_no_rows():
    x = np.empty((0, 3))
    with pytest.raises(ValueError, match="at least one row"):
        softmax_cross_entropy(x, np.empty(0, int))
    assert softmax_cross_entropy(x, np.empty(0, int), reduction="sum") == 0.0
    assert softmax_cross_entropy(x, np.empty(0, int), reduction="none").shape == (0,)


def test_outputs(rng):
    x = logits_of(rng, (6, 4), dtype=np.float32)
    t = rng.integers(0, 4, 6)
    expected = softmax_cross_entropy(x, t, reduction="none", return_grad=True)
    out = np.empty(6, np.float32)
    wide = np.empty((6, 8), np.float32)
    for grad in (np.empty_like(x), np.empty((6, 4), np.float32, order="F"), wide[:, ::2]):
        found = softmax_cross_entropy(
            x, t, reduction="none", return_grad=True, out=out, grad_out=grad
        )
        assert found[0] is out
        assert found[1] is grad
        np.testing.assert_allclose(out, expected[0], rtol=1e-6)
        np.testing.assert_allclose(grad, expected[1], rtol=1e-6)
    whole = np.empty((), np.float32)
    assert softmax_cross_entropy(x, t, out=whole) is whole
    assert whole == softmax_cross_entropy(x, t)
    _, grad, hess = softmax_cross_entropy(
        x, t, return_hess=True, grad_out=np.empty((6, 4), np.float32, order="F")
    )
    np.testing.assert_allclose(hess, softmax_cross_entropy(x, t, return_hess=True)[2], rtol=1e-6)


def test_bad_outputs():
    x = np.zeros((6, 4))
    t = np.zeros(6, int)
    with pytest.raises(ValueError, match=r"out must be of shape \(6,\) and dtype float64, got"):
        softmax_cross_entropy(x, t, reduction="none", out=np.empty(5))
    with pytest.raises(ValueError, match=r"grad_out must be of shape .* dtype float32"):
        softmax_cross_entropy(x, t, grad_out=np.empty((6, 4), np.float32))
    with pytest.raises(ValueError, match="grad_out must not overlap logits"):
        softmax_cross_entropy(x, t, grad_out=x)
    grad = np.empty((6, 4))
    with pytest.raises(ValueError, match="out must not overlap grad_out"):
        softmax_cross_entropy(x, t, reduction="none", grad_out=grad, out=grad.reshape(-1)[:6])
    with pytest.raises(TypeError, match="out must be a NumPy array, got list"):
        softmax_cross_entropy(x, t, out=[0.0])
    locked = np.empty((6, 4))
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="grad_out must be writeable"):
        softmax_cross_entropy(x, t, grad_out=locked)


@pytest.mark.parametrize(
    ("error", "message", "logits", "targets", "options"),
    [
        (
            ValueError,
            r"targets must be in \[0, 2\) for 2 classes, got 5 in row 1",
            0,
            [0, 5, 9],
            {},
        ),
        (ValueError, "got -1 in row 2", 0, [0, 1, -1], {}),
        (
            ValueError,
            r"or ignore_index, -100, for 2 classes, got -1",
            0,
            [-100, 1, -1],
            {"ignore_index": -100},
        ),
        (ValueError, "got 18446744073709551615 in row 0", 0, np.full(3, 2**64 - 1, np.uint64), {}),
        (
            ValueError,
            r"targets must be integers of shape \(3,\) or .* got shape \(2,\)",
            0,
            [0, 1],
            {},
        ),
        (TypeError, r"must be integers, .* got dtype float64", 0, [0.0, 1.0, 1.0], {}),
        (
            ValueError,
            "label_smoothing must be between 0.0 and 1.0. Got: 1.5",
            0,
            [0, 1, 1],
            {"label_smoothing": 1.5},
        ),
        (
            TypeError,
            "label_smoothing must be a real number",
            0,
            [0, 1, 1],
            {"label_smoothing": "a"},
        ),
        (
            ValueError,
            "reduction must be one of 'mean', 'sum', 'none', got 'avg'",
            0,
            [0, 1, 1],
            {"reduction": "avg"},
        ),
        (ValueError, "base", 0, [0, 1, 1], {"base": 1}),
        (
            ValueError,
            "class_weight must hold one weight for each of the 2 classes, got shape",
            0,
            [0, 1, 1],
            {"class_weight": [1, 2, 3]},
        ),
        (
            ValueError,
            r"sample_weight must hold one weight for each row, of shape \(3,\)",
            0,
            [0, 1, 1],
            {"sample_weight": [1, 2]},
        ),
        (ValueError, "Weights sum to zero", 0, [0, 1, 1], {"sample_weight": [0, 0, 0]}),
        (ValueError, "Weights sum to zero", 0, [1, 1, 1], {"class_weight": [1, 0]}),
        (
            ValueError,
            "ignore_index must be None where targets are probabilities",
            0,
            np.zeros((3, 2)),
            {"ignore_index": 1},
        ),
        (TypeError, "ignore_index must be an integer or None", 0, [0, 1, 1], {"ignore_index": 1.5}),
        (
            TypeError,
            "logits must be an array of real numbers, got dtype complex128",
            1j,
            [0, 1, 1],
            {},
        ),
    ],
)
def test_bad_input(error, message, logits, targets, options):
    with pytest.raises(error, match=message):
        softmax_cross_entropy(np.zeros((3, 2)) + logits, targets, **options)


def test_logits_need_classes():
    with pytest.raises(ValueError, match="last axis of classes"):
        softmax_cross_entropy(np.zeros((3, 0)), [0, 0, 0])
    with pytest.raises(ValueError, match="last axis of classes"):
        softmax_cross_entropy(1.0, 0)


def test_weight_zero_takes_a_row_out():
    x = np.array([[0.0, -INF], [1.0, 0.0]])
    found = softmax_cross_entropy(x, [1, 0], sample_weight=[0.0, 1.0])
    assert found == softmax_cross_entropy(x[1:], [0])


@pytest.mark.parametrize("soft", [False, True])
def test_inputs_are_not_modified(rng, soft):
    x = logits_of(rng, (50, 9), dtype=np.float32)
    t = rng.random((50, 9)) if soft else rng.integers(0, 9, 50)
    w, s = rng.random(9), rng.random(50)
    before = [a.copy() for a in (x, t, w, s)]
    softmax_cross_entropy(
        x, t, class_weight=w, sample_weight=s, label_smoothing=0.1, return_hess=True
    )
    for a, b in zip((x, t, w, s), before, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def test_threads_give_the_same_bits(rng, threads):
    x = logits_of(rng, (9000, 101), dtype=np.float32)
    t = rng.integers(0, 101, 9000)
    found = softmax_cross_entropy(x, t, return_grad=True)
    wide = rng.normal(size=10**6)
    sigmoid = sigmoid_cross_entropy(wide, wide > 0)
    with fastinfo.num_threads(3):
        expected = softmax_cross_entropy(x, t, return_grad=True)
        assert sigmoid == sigmoid_cross_entropy(wide, wide > 0)
    assert found[0] == expected[0]
    np.testing.assert_array_equal(found[1], expected[1])


def test_mean_of_many_float32_rows():
    x = np.zeros((3 * 10**6, 2), np.float32)
    x[:, 1] = 0.1
    t = np.zeros(len(x), np.int8)
    one = softmax_cross_entropy(x[:1].astype(np.float64), t[:1])
    assert softmax_cross_entropy(x, t) == pytest.approx(one, rel=2e-7)


@pytest.mark.slow
@given(
    st.integers(1, 40),
    st.sampled_from([1, 2, 3, 5, 17, 48, 49, 130, 513]),
    st.sampled_from(["C", "F"]),
    st.sampled_from([np.float32, np.float64]),
    st.integers(0, 2**32 - 1),
)
def test_identities(n, c, order, dtype, seed):
    rng = np.random.default_rng(seed)
    x = logits_of(rng, (n, c), order, dtype)
    t = rng.integers(0, c, n)
    tol = 1e-5 if dtype == np.float32 else 1e-13
    loss, grad, hess = softmax_cross_entropy(x, t, reduction="sum", return_hess=True)
    one_hot = np.eye(c, dtype=dtype)[t]
    soft = softmax_cross_entropy(x, one_hot, reduction="sum", return_hess=True)
    for a, b in zip((loss, grad, hess), soft, strict=True):
        np.testing.assert_allclose(a, b, rtol=tol, atol=tol)
    np.testing.assert_allclose(grad.sum(axis=1), 0.0, atol=tol * 10)
    assert (hess >= 0).all()
    shifted = softmax_cross_entropy(np.round(x) + 8, t, reduction="sum")
    np.testing.assert_allclose(
        shifted, softmax_cross_entropy(np.round(x), t, reduction="sum"), rtol=tol, atol=tol
    )


# Kernels


@numba.njit
def call_kernel(x, t, rows, grad):
    none = np.empty(0)
    weighting, span = (none, none, -1, 0.0), (0, len(x))
    total = kernels.softmax_cross_entropy(x, t, weighting, span, rows)
    kernels.softmax_derivatives(x, t, weighting, 1.0 / len(x), span, rows, (grad, grad, False))
    return total / len(x)


@pytest.mark.slow
def test_kernels_in_compiled_code(rng):
    x = logits_of(rng, (11, 3))
    t = rng.integers(0, 3, 11)
    grad = np.empty_like(x)
    loss = call_kernel(x, t, np.empty((4, 11)), grad)
    expected = softmax_cross_entropy(x, t, return_grad=True)
    assert loss == pytest.approx(expected[0], rel=1e-15)
    np.testing.assert_array_equal(grad, expected[1])


# Binary


def test_sigmoid_against_mpmath(rng):
    x = np.concatenate([rng.normal(size=40) * 4, [0.0, 1e-9, -40.0, 40.0, 700.0, -700.0, 36.7]])
    for t in (np.zeros(x.size), np.ones(x.size), rng.random(x.size)):
        for w in (1.0, 3.5):
            loss, grad, hess = sigmoid_cross_entropy(
                x, t, pos_weight=w, reduction="none", return_hess=True
            )
            for i in range(x.size):
                exact = sigmoid_cross_entropy_element(x[i], t[i], w)
                assert ulps(loss[i], exact[0]) <= 4
                assert grad[i] == pytest.approx(float(exact[1]), rel=1e-13, abs=1e-16)
                assert hess[i] == pytest.approx(float(exact[2]), rel=1e-13)


def test_sigmoid_at_forty():
    exact = mpmath.mpf("4.2483542552915889953292347828586580e-18")
    for x, t in ((-40.0, 0), (40.0, 1)):
        assert ulps(sigmoid_cross_entropy([x], [t]), exact) <= 1
        assert sigmoid_cross_entropy(np.float32([x]), [t]) == pytest.approx(float(exact), rel=1e-7)


def test_sigmoid_at_infinity():
    x = [INF, INF, -INF, -INF, -INF, INF]
    t = [1.0, 0.0, 0.0, 1.0, 0.9, 0.9]
    loss, grad, hess = sigmoid_cross_entropy(x, t, reduction="none", return_hess=True)
    np.testing.assert_array_equal(loss, [0, INF, 0, INF, INF, INF])
    np.testing.assert_allclose(grad, [0, 1, 0, -1, -0.9, 0.1], atol=1e-16)
    np.testing.assert_array_equal(hess, 0.0)
    found = sigmoid_cross_entropy([NAN, 1.0], [1, 1], reduction="none", return_hess=True)
    assert all(np.isnan(a[0]) and np.isfinite(a[1]) for a in found)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_sigmoid_options(rng, order, dtype):
    x = logits_of(rng, (30, 4), order, dtype)
    t = rng.random((30, 4))
    w = rng.random(4) + 0.5
    tol = {np.float16: 2e-3, np.float32: 4e-6, np.float64: 1e-13}[dtype]
    rows, grads, hesses = sigmoid_cross_entropy(
        x, t, pos_weight=w, reduction="none", return_hess=True
    )
    y = x.astype(np.float64)
    p = 1 / (1 + np.exp(-y))
    expected = w * t * np.logaddexp(0, -y) + (1 - t) * np.logaddexp(0, y)
    np.testing.assert_allclose(rows, expected, rtol=tol)
    np.testing.assert_allclose(grads, (w * t + 1 - t) * p - w * t, rtol=tol, atol=tol)
    np.testing.assert_allclose(hesses, (w * t + 1 - t) * p * (1 - p), rtol=tol, atol=tol)
    s = rng.random(30)
    mean, grad = sigmoid_cross_entropy(
        x, t, pos_weight=w, sample_weight=s, base=2, return_grad=True
    )
    total = 4 * s.sum()
    np.testing.assert_allclose(mean, (s[:, None] * expected).sum() / total / np.log(2), rtol=tol)
    np.testing.assert_allclose(grad, s[:, None] * grads / total / np.log(2), rtol=4 * tol, atol=tol)
    assert grad.dtype == rows.dtype == dtype
    assert grad.flags.f_contiguous == (order == "F")
    strided = np.repeat(x, 2, axis=1)[:, ::2]
    found = sigmoid_cross_entropy(strided, t, pos_weight=w, reduction="none")
    np.testing.assert_allclose(found, rows, rtol=tol)


def test_binary_cross_entropy(rng):
    p = np.concatenate([rng.random(50), [0.0, 1.0, 0.0, 1.0, 1e-20, 1e-320]])
    t = np.concatenate([rng.random(50), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]])
    found = binary_cross_entropy(p, t, reduction="none")
    np.testing.assert_array_equal(found[50:54], [0, 0, INF, INF])
    for i in [*range(50), 54, 55]:
        with mpmath.workdps(60):
            q, u = mpmath.mpf(float(p[i])), mpmath.mpf(float(t[i]))
            exact = -(u * mpmath.log(q) + (1 - u) * mpmath.log1p(-q))
        assert ulps(found[i], exact) <= 4
    s = rng.random(50)
    mean = binary_cross_entropy(p[:50], t[:50], sample_weight=s, base=2)
    np.testing.assert_allclose(mean, np.average(found[:50], weights=s) / np.log(2), rtol=1e-14)
    assert binary_cross_entropy(np.float32([[0.25]]), [[1]], reduction="none").dtype == np.float32
    assert np.isnan(binary_cross_entropy([NAN], [1]))


@pytest.mark.parametrize(
    ("function", "error", "message", "arguments", "options"),
    [
        (
            binary_cross_entropy,
            ValueError,
            "all elements of probs should be between 0 and 1.*got 1.5",
            ([1.5], [1]),
            {},
        ),
        (
            binary_cross_entropy,
            ValueError,
            "all elements of targets should be .*got -1",
            ([0.5], [-1]),
            {},
        ),
        (
            binary_cross_entropy,
            ValueError,
            r"targets must have the shape of probs, \(1,\), got",
            ([0.5], [1, 0]),
            {},
        ),
        (
            sigmoid_cross_entropy,
            ValueError,
            r"targets must have the shape of logits, \(1,\), got",
            ([0.5], [1, 0]),
            {},
        ),
        (
            sigmoid_cross_entropy,
            ValueError,
            "pos_weight must broadcast",
            ([0.5, 1], [1, 0]),
            {"pos_weight": [1, 2, 3]},
        ),
        (
            sigmoid_cross_entropy,
            ValueError,
            "sample_weight must hold one weight",
            ([0.5, 1], [1, 0]),
            {"sample_weight": [1, 2, 3]},
        ),
        (
            sigmoid_cross_entropy,
            ValueError,
            "Weights sum to zero",
            ([0.5, 1], [1, 0]),
            {"sample_weight": [0, 0]},
        ),
        (
            sigmoid_cross_entropy,
            ValueError,
            "reduction must be",
            ([0.5, 1], [1, 0]),
            {"reduction": "x"},
        ),
        (sigmoid_cross_entropy, ValueError, "at least one element", ([], []), {}),
        (sigmoid_cross_entropy, TypeError, "logits must be", ([1j], [0]), {}),
    ],
)
def test_bad_binary_input(function, error, message, arguments, options):
    with pytest.raises(error, match=message):
        function(*arguments, **options)


def test_losses_past_half_precision_are_infinite_without_a_warning():
    logits, targets = np.array([0.5, 0.0], np.float16), np.array([-(2**31), 1], np.int32)
    loss, grad, hess = fastinfo.sigmoid_cross_entropy(
        logits, targets, reduction="none", return_grad=True, return_hess=True
    )
    assert loss.dtype == grad.dtype == hess.dtype == np.float16
    assert loss[0] == grad[0] == np.inf
    assert loss[1] == np.float16(np.log(2))
    probs = np.array([0.5, 1.0], np.float16)
    loss = fastinfo.binary_cross_entropy(probs, [1, 1], reduction="none", base=1 + 1e-6)
    assert loss.tolist() == [np.inf, 0.0]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n", [0, 1, 3, 511, 512, 513, 2000])
def test_extremes_of_a_block(n, dtype, rng):
    x = rng.normal(size=n).astype(dtype)
    for missing in (np.nan, np.inf, -np.inf):
        x[::7] = missing
        known = [0.5, *x[x == x].tolist()]
        x.flags.writeable = False
        assert extremes(x) == (min(known), max(known))
        x = x.copy()
