"""Weights of any magnitude in every loss: finite where the quotient is, and right."""

from __future__ import annotations

import itertools
import math
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import fastinfo
from fastinfo.streaming import LossSum

RNG = np.random.default_rng(3)
N, C = 40, 3
LOGITS, CODES = RNG.normal(size=(N, C)), np.resize(np.arange(C), N)
SOFT, PROBS, YES = RNG.dirichlet(np.ones(C), N), RNG.random(N), np.resize([0, 1, 1], N)
SIZES = [5e-324, 1e-310, 1e-300, 1e-160, 1e-30, 1e30, 1e160, 1e300]
each_size = pytest.mark.parametrize("size", SIZES)
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def exact_mean(losses: Any, weights: Any, divisors: Any) -> float:
    """Mean in rational numbers; inf where float64 does not hold it."""
    total = sum(Fraction(float(a)) * w for a, w in zip(losses, weights, strict=True))
    try:
        return float(total / sum(divisors))
    except OverflowError:
        return math.inf


def fractions_of(weights: Any) -> list[Fraction]:
    return [Fraction(float(w)) for w in np.ravel(weights)]


def assert_close(found: Any, expected: Any, dtype: type = np.float64, slack: float = 1.0) -> None:
    info = np.finfo(dtype)
    expected = np.asarray(expected, np.float64)
    with np.errstate(over="ignore"):
        expected = np.where(
            np.abs(expected) > float(info.max), np.copysign(np.inf, expected), expected
        )
    rel = slack * (1e-11 if dtype == np.float64 else 1e-5)
    np.testing.assert_allclose(found, expected, rtol=rel, atol=2 * float(info.smallest_subnormal))


@pytest.mark.slow
@each_dtype
@each_size
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("given", ["row", "class", "both", "opposite"])
def test_softmax(dtype: type, size: float, soft: bool, smoothing: float, given: str) -> None:
    if given == "opposite":
        size = max(size, 1e-307)  # whose inverse is a number
    x, goal = LOGITS.astype(dtype), SOFT if soft else CODES
    by_row = np.full(N, size)
    by_class = np.full(C, 1.0 / size if given == "opposite" else size)
    options: dict[str, Any] = {"label_smoothing": smoothing}
    options |= {"sample_weight": by_row} if given != "class" else {}
    options |= {"class_weight": by_class} if given != "row" else {}
    wide = x.astype(np.float64)
    plain = {"label_smoothing": smoothing, "return_hess": True}
    loss, grad, hess = fastinfo.softmax_cross_entropy(wide, goal, **plain)
    factor = Fraction(1)
    if soft and given != "row":  # the divisor has the weights of rows alone
        factor = Fraction(float(by_class[0]))
    expected = [exact_mean(np.ravel(a), [factor] * np.size(a), [1]) for a in (loss,)]
    with np.errstate(over="ignore"):
        derivatives = [a * float(factor) for a in (grad, hess)]
    found = fastinfo.softmax_cross_entropy(x, goal, return_hess=True, **options)
    assert_close(found[0], expected[0], dtype)
    for a, b in zip(found[1:], derivatives, strict=True):
        assert_close(a, b, dtype, 10.0)
    parts = LossSum(**{k: v for k, v in options.items() if k != "sample_weight"})
    for span in (slice(0, 10), slice(10, N)):
        parts.update(x[span], goal[span], by_row[span] if given != "class" else None)
    assert parts.mean() == pytest.approx(expected[0], rel=1e-6 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(30))
def test_softmax_of_mixed_weights(seed: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    by_row = 10.0 ** rng.uniform(-300, 300, N)
    by_class = 10.0 ** rng.uniform(-300, 300, C)
    rows = [
        (Fraction(a) * Fraction(by_class[t]), t)
        for a, t in zip(by_row.tolist(), CODES, strict=True)
    ]
    losses = [
        fastinfo.log_softmax(LOGITS[i])[j] * -1.0 for i, j in itertools.product(range(N), range(C))
    ]
    shares = [
        Fraction(by_row[i]) * Fraction(by_class[j]) * Fraction(share)
        for i, j in itertools.product(range(N), range(C))
        for share in [(1.0 - smoothing) * (CODES[i] == j) + smoothing / C]
    ]
    expected = exact_mean(losses, shares, [w for w, _ in rows])
    options = {"class_weight": by_class, "label_smoothing": smoothing}
    found = fastinfo.softmax_cross_entropy(LOGITS, CODES, sample_weight=by_row, **options)
    assert found == pytest.approx(expected, rel=1e-9)
    parts = LossSum(**options).update(LOGITS[:7], CODES[:7], by_row[:7])
    assert parts.update(LOGITS[7:], CODES[7:], by_row[7:]).mean() == pytest.approx(expected, 1e-9)


def test_what_does_not_count_has_no_say() -> None:
    by_row, by_class = np.full(N, 5e-324), np.array([5e-324, 1.0, 1e300])
    by_row[1::3] = 1e300
    goal = np.where(CODES == 2, 0, CODES)  # 1 is ignored, 2 no target
    options = {"sample_weight": by_row, "class_weight": by_class, "ignore_index": 1}
    found = fastinfo.softmax_cross_entropy(LOGITS, goal, return_hess=True, **options)
    kept = goal == 0
    expected = fastinfo.softmax_cross_entropy(LOGITS[kept], goal[kept], return_hess=True)
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    for a, b in zip(found[1:], expected[1:], strict=True):
        np.testing.assert_allclose(a[kept], b, rtol=1e-12, atol=1e-17)
        np.testing.assert_array_equal(a[~kept], 0.0)


@pytest.mark.slow
@each_dtype
@each_size
@pytest.mark.parametrize("pos", [None, "same", 5e-324, 1e-300, 1e40, 1e300, "each"])
@pytest.mark.parametrize("weighted", [False, True])
def test_sigmoid(dtype: type, size: float, pos: Any, weighted: bool) -> None:
    x = RNG.normal(size=(N, 2)).astype(dtype)
    goal = RNG.integers(0, 2, (N, 2))
    goal[0] = 1
    wide = x.astype(np.float64)
    factor: Any = {None: 1.0, "same": size, "each": np.array([size, 1.0])}.get(pos, pos)
    losses = fastinfo.sigmoid_cross_entropy(wide, goal, reduction="none")
    factors = fractions_of(np.where(goal == 1, np.broadcast_to(factor, goal.shape), 1.0))
    expected = exact_mean(losses.ravel(), factors, [Fraction(1)] * goal.size)
    options: dict[str, Any] = {} if pos is None else {"pos_weight": factor}
    weights = np.full(N, size) if weighted else None
    found, grad = fastinfo.sigmoid_cross_entropy(
        x, goal, sample_weight=weights, return_grad=True, **options
    )
    assert_close(found, expected, dtype)
    p = 1 / (1 + np.exp(-wide))
    with np.errstate(over="ignore"):
        by_hand = np.where(goal == 1, (p - 1) * factor / goal.size, p / goal.size)
    assert_close(np.abs(grad), np.abs(by_hand), dtype)
    parts = LossSum("sigmoid_cross_entropy", **options)
    for span in (slice(0, 9), slice(9, N)):
        parts.update(x[span], goal[span], None if weights is None else weights[span])
    assert parts.mean() == pytest.approx(expected, rel=1e-6 if dtype == np.float32 else 1e-11)


@each_dtype
@each_size
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "log_loss"])
def test_probabilities(dtype: type, size: float, loss: str) -> None:
    p, weights = PROBS.astype(dtype), np.full(N, size)
    weights[:3] = size / 2 if size > 1e-300 else size, 0.0, size
    function = getattr(fastinfo, loss)
    arguments = (YES, p) if loss == "log_loss" else (p, YES)
    ordinary = (weights / size).tolist()
    expected = function(*arguments, sample_weight=ordinary)
    assert_close(function(*arguments, sample_weight=weights), float(expected), dtype)
    parts = LossSum(loss)
    for span in (slice(0, 9), slice(9, N)):
        parts.update(p[span], YES[span], weights[span])
    assert_close(parts.mean(), float(expected), dtype)


def test_log_loss_of_classes_and_indicators() -> None:
    p = RNG.dirichlet(np.ones(C), N)
    for size in SIZES:
        for goal in (CODES, np.eye(C)[CODES]):
            expected = fastinfo.log_loss(goal, p)
            assert fastinfo.log_loss(goal, p, sample_weight=np.full(N, size)) == pytest.approx(
                expected, rel=1e-13
            )


@each_size
def test_weights_of_one_magnitude_and_its_power_of_two(size: float) -> None:
    """Bits do not depend on a power of two in the weights."""
    exponent = math.frexp(size)[1] + (60 if size < 1.0 else -60)
    weights = RNG.random(N)
    shifted = np.ldexp(weights, exponent)
    for a, b in (
        (fastinfo.softmax_cross_entropy, (LOGITS, CODES)),
        (fastinfo.softmax_cross_entropy, (LOGITS, SOFT)),
        (fastinfo.sigmoid_cross_entropy, (PROBS, YES)),
        (fastinfo.binary_cross_entropy, (PROBS, YES)),
        (fastinfo.log_loss, (YES, PROBS)),
    ):
        if np.all(np.ldexp(shifted, -exponent) == weights):
            assert a(*b, sample_weight=shifted) == a(*b, sample_weight=weights)


def test_sums_that_float64_does_not_hold() -> None:
    big = {"sample_weight": np.full(N, 1.7e308)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fastinfo.softmax_cross_entropy(LOGITS, CODES, reduction="sum", **big) == math.inf
        assert fastinfo.sigmoid_cross_entropy(PROBS, YES, reduction="sum", **big) == math.inf
        assert fastinfo.log_loss(YES, PROBS, normalize=False, **big) == math.inf
    parts = LossSum().update(LOGITS, CODES, big["sample_weight"])
    assert parts.sum() == math.inf
    assert parts.mean() == pytest.approx(fastinfo.softmax_cross_entropy(LOGITS, CODES), rel=1e-13)


def test_sums_keep_small_weights_beside_large_ones() -> None:
    x = np.array([[1e4, 0.0], [0.0, 0.0]])
    weights = [1e300, 1e-300]  # the first row loses nothing
    each = fastinfo.softmax_cross_entropy(x, [0, 0], sample_weight=weights, reduction="none")
    np.testing.assert_allclose(each, [0.0, 1e-300 * math.log(2)], rtol=1e-15)
    total = fastinfo.softmax_cross_entropy(x, [0, 0], sample_weight=weights, reduction="sum")
    assert total == pytest.approx(1e-300 * math.log(2), rel=1e-15)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_cross_entropy", "log_loss"])
def test_weights_that_sum_to_zero(name: str) -> None:
    arguments = {"softmax_cross_entropy": (LOGITS, CODES), "log_loss": (PROBS, YES)}
    predicted, goal = arguments.get(name, (PROBS, YES))
    with pytest.raises(ValueError, match="Weights sum to zero"):
        LossSum(name).update(predicted, goal, np.zeros(N)).mean()


# Results that narrow dtypes do not hold


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_narrow_results_are_infinite_without_a_warning(dtype: type) -> None:
    big = 1e5 if dtype == np.float16 else 1e39
    x, p = np.zeros((30, 3), dtype), np.full(30, 0.5, dtype)
    weights = np.full(30, big)
    sums = {"reduction": "sum", "sample_weight": weights}
    rows = {"reduction": "none", "sample_weight": weights}
    goal, yes = np.zeros(30, int), np.ones(30)
    for found in (
        *fastinfo.softmax_cross_entropy(x, goal, return_hess=True, **sums),
        *fastinfo.softmax_cross_entropy(x, goal, return_hess=True, **rows),
        fastinfo.binary_cross_entropy(p, yes, **sums),
        fastinfo.binary_cross_entropy(p, yes, **rows),
        *fastinfo.sigmoid_cross_entropy(p, yes, return_hess=True, **sums),
        *fastinfo.sigmoid_cross_entropy(p, yes, return_hess=True, **rows),
    ):
        assert found.dtype == dtype
        assert not np.isnan(found).any()
    assert fastinfo.softmax_cross_entropy(x, goal, **sums) == np.inf
    out = np.empty((), dtype)
    fastinfo.softmax_cross_entropy(x, goal, out=out, **sums)
    assert out == np.inf


def test_a_half_precision_sum_past_its_range() -> None:
    x = np.zeros((20_000, 30), np.float16)
    assert fastinfo.softmax_cross_entropy(x, np.zeros(20_000, int), reduction="sum") == np.inf
    assert fastinfo.softmax_cross_entropy(x[:1000], np.zeros(1000, int), reduction="sum") == 3402
