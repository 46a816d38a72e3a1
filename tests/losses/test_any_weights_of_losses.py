"""Losses and weights of any magnitude: a mean is finite where the quotient is, as mpmath has it."""

from __future__ import annotations

import itertools

import ml_dtypes
import numpy as np
import pytest
from mpmath import mp, mpf

import fastinfo
from fastinfo.losses.binary_losses import sigmoid_total
from fastinfo.losses.softmax_loss import softmax_total

MAGNITUDES = [1.0, 1e-300, 1e300]
WEIGHTS = [None, 5e-324, 1e-300, 1.0, 1e300]


def mean(losses, *weights):
    with mp.workprec(2400):
        products = [mp.fprod(mpf(float(w)) for w in row) for row in zip(*weights, strict=True)]
        return float(mp.fdot(products, losses) / mp.fsum(products))


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


@pytest.mark.slow
@pytest.mark.parametrize("magnitude", MAGNITUDES)
@pytest.mark.parametrize(("of_class", "of_row"), [*itertools.product(WEIGHTS, WEIGHTS)])
def test_softmax(magnitude, of_class, of_row, rng):
    x, t = rng.normal(size=(6, 3)) * magnitude, np.array([0, 1, 2, 0, 1, 2])
    by_class = None if of_class is None else of_class * np.array([1.0, 2.0, 3.0])
    by_row = None if of_row is None else of_row * rng.integers(1, 4, 6)
    with mp.workprec(2400):
        losses = []
        for row, k in zip(x.tolist(), t, strict=True):
            most = mpf(max(row))
            losses.append(most + mp.log(mp.fsum(mp.exp(mpf(v) - most) for v in row)) - mpf(row[k]))
    options = {"class_weight": by_class, "sample_weight": by_row}
    expected = mean(
        losses,
        np.ones(6) if by_class is None else by_class[t],
        np.ones(6) if by_row is None else by_row,
    )
    near = pytest.approx(expected, rel=1e-12)
    loss, grad = fastinfo.softmax_cross_entropy(x, t, **options, return_grad=True)
    assert loss == near
    assert np.isfinite(grad).all()
    found = softmax_total(x, t, **options)
    assert found.loss / found.weight == near


@pytest.mark.slow
@pytest.mark.parametrize("magnitude", MAGNITUDES)
@pytest.mark.parametrize(
    ("of_row", "positive"), [*itertools.product(WEIGHTS, [None, 5e-324, 1e200])]
)
def test_sigmoid(magnitude, of_row, positive, rng):
    x, t = rng.normal(size=6) * magnitude * 1e-10, np.array([0, 1, 0, 1, 0, 1])
    by_row = None if of_row is None else of_row * rng.integers(1, 4, 6)
    with mp.workprec(2400):
        losses = [
            (mpf(1 if positive is None else positive) if k else 1) * softplus(mpf(-v if k else v))
            for v, k in zip(x.tolist(), t, strict=True)
        ]
    expected = mean(losses, np.ones(6) if by_row is None else by_row)
    if np.isinf(expected):
        return
    options = {"sample_weight": by_row, "pos_weight": positive}
    assert fastinfo.sigmoid_cross_entropy(x, t, **options) == pytest.approx(expected, rel=1e-12)
    found = sigmoid_total(x, t, **options)
    assert found.loss / found.weight == pytest.approx(expected, rel=1e-12)


def test_ignored_rows_have_no_part_in_the_scale():
    loss = fastinfo.softmax_cross_entropy(
        [[1e300, 0.0], [0.0, 0.0], [-1e300, 0.0]],
        [1, -1, 0],
        class_weight=[1e300, 1e300],
        sample_weight=[1e-300, 1e308, 1e-300],
        ignore_index=-1,
    )
    assert loss == pytest.approx(1e300, rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_so(bad):
    with np.errstate(invalid="ignore"):
        loss = fastinfo.softmax_cross_entropy(
            [[1e300, bad], [1.0, 2.0]], [1, 0], sample_weight=[1e10, 1]
        )
    assert not np.isfinite(loss)


@pytest.mark.parametrize("loss", [fastinfo.sigmoid_cross_entropy, fastinfo.softmax_cross_entropy])
def test_a_missing_logit_of_half_precision_has_no_warning_of_numpy(loss):
    logits = np.array([[0.0, np.nan]], np.float32).astype(ml_dtypes.bfloat16)
    assert np.isnan(loss(logits, [[1.0, 0.0]]))
