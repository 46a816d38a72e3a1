"""Losses that come in parts: exact merges, and the same mean as of the whole."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
from fastinfo._core.as_json import FORMAT_VERSION
from fastinfo.streaming import LossSum

RNG = np.random.default_rng(0)
N = 300
LOGITS, TARGETS, WEIGHTS = RNG.normal(size=(N, 4)), RNG.integers(0, 4, N), RNG.random(N)
SPANS = [(0, 1), (1, 100), (100, 100), (100, 299), (299, 300)]


def spans() -> list[slice]:
    return [slice(a, b) for a, b in SPANS if a < b]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ignore_index": 1},
        {"class_weight": [1.0, 2.0, 0.0, 0.5]},
        {"class_weight": [1.0, 2.0, 3.0, 0.5], "ignore_index": 2, "label_smoothing": 0.2},
    ],
    ids=str,
)
def test_softmax_cross_entropy(options: dict[str, Any], weighted: bool) -> None:
    loss = LossSum(**options)
    for part in spans():
        loss.update(LOGITS[part], TARGETS[part], WEIGHTS[part] if weighted else None)
    weights = {"sample_weight": WEIGHTS} if weighted else {}
    for reduction, value in (("mean", loss.mean(2)), ("sum", loss.sum(2))):
        whole = fastinfo.softmax_cross_entropy(
            LOGITS, TARGETS, reduction=reduction, base=2, **weights, **options
        )
        np.testing.assert_allclose(value, whole, rtol=1e-14)
    assert loss.n == np.count_nonzero(options.get("ignore_index") != TARGETS)


def test_targets_that_are_probabilities() -> None:
    targets = RNG.dirichlet(np.ones(4), N)
    for options in ({}, {"class_weight": [1.0, 2.0, 3.0, 0.5]}):
        loss = LossSum(**options)
        for part in spans():
            loss.update(LOGITS[part], targets[part])
        whole = fastinfo.softmax_cross_entropy(LOGITS, targets, **options)
        np.testing.assert_allclose(loss.mean(), whole, rtol=1e-14)
        assert loss.n == N


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "sigmoid_cross_entropy", "log_loss"])
def test_other_losses(name: str, weighted: bool) -> None:
    loss = LossSum(name, **({"labels": [0, 1]} if name == "log_loss" else {}))
    predicted = RNG.uniform(0.01, 0.99, N)
    targets = RNG.integers(0, 2, N)
    goal = targets if name == "log_loss" else targets.astype(float)
    for part in spans():
        loss.update(predicted[part], goal[part], WEIGHTS[part] if weighted else None)
    weights = {"sample_weight": WEIGHTS} if weighted else {}
    if name == "log_loss":
        whole = fastinfo.log_loss(goal, predicted, **weights)
    else:
        whole = getattr(fastinfo, name)(predicted, goal, **weights)
    np.testing.assert_allclose(loss.mean(), whole, rtol=1e-14)


def test_any_order_gives_the_same_bits() -> None:
    parts = [LossSum().update(LOGITS[s] * 1e3, TARGETS[s], WEIGHTS[s]) for s in spans()]
    found = set()
    for order in itertools.permutations(parts):
        whole = LossSum()
        for part in order:
            whole.merge(LossSum.from_dict(json.loads(json.dumps(part.to_dict()))))
        found.add((whole.sum(), whole.mean(), whole.n))
    assert len(found) == 1


@given(st.lists(st.floats(-1e150, 1e150).filter(lambda term: abs(term) > 1e-290), max_size=12))
def test_sums_are_exact(terms: list[float]) -> None:
    loss, exact = LossSum("sigmoid_cross_entropy"), Fraction(0)
    for term in terms:
        weight = {"sample_weight": [term]}
        part = fastinfo.sigmoid_cross_entropy([0.0], [0.0], reduction="sum", **weight)
        exact += Fraction(float(part))
        loss.merge(LossSum("sigmoid_cross_entropy").update([0.0], [0.0], [term]))
    kept = LossSum.from_dict(json.loads(json.dumps(loss.to_dict())))
    assert kept.sum() == loss.sum() == float(exact)
    assert kept.to_dict() == loss.to_dict()


def test_sums_of_an_earlier_form_are_read() -> None:
    plain = LossSum(class_weight=[1.0, 2.0]).update(LOGITS[:5, :2], [0, 1, 1, 0, 1]).to_dict()
    del plain["labels"]
    plain |= {"sums": [(0.125).hex(), (1e300).hex()], "weights": [(2.0**-1074).hex(), "inf"]}
    found = LossSum.from_dict(plain)
    assert (found.sum(), found.mean()) == (1e300, 0.0)
    for wrong in ("1/0", "x", None):
        with pytest.raises(ValueError, match="data must be"):
            LossSum.from_dict(plain | {"sums": [wrong]})


def test_what_is_not_finite() -> None:
    probs, targets = np.array([0.0, 0.5, np.nan]), np.array([1.0, 1.0, 1.0])
    loss = LossSum("binary_cross_entropy").update(probs[:1], targets[:1])
    assert loss.mean() == math.inf
    assert loss.update(probs[1:2], targets[1:2]).sum() == math.inf
    assert math.isnan(loss.update(probs[2:], targets[2:]).sum())


def test_nothing() -> None:
    assert LossSum().sum() == 0.0
    assert math.isnan(LossSum().mean())


class TestBadInput:
    def test_options(self) -> None:
        with pytest.raises(ValueError, match="loss must be"):
            LossSum("hinge")
        for name in ("reduction", "base", "return_grad", "sample_weight"):
            with pytest.raises(ValueError, match=f"options must not have '{name}'"):
                LossSum(**{name: 1})

    def test_a_part_that_is_wrong_adds_nothing(self) -> None:
        loss = LossSum().update(LOGITS, TARGETS)
        before = loss.to_dict()
        with pytest.raises(ValueError, match="targets"):
            loss.update(LOGITS, TARGETS + 10)
        assert loss.to_dict() == before

    def test_sums_that_do_not_belong_together(self) -> None:
        with pytest.raises(TypeError, match="other must be a LossSum"):
            LossSum().merge(1.0)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="the same options"):
            LossSum().merge(LossSum("log_loss"))
        with pytest.raises(ValueError, match="the same options"):
            LossSum(ignore_index=1).merge(LossSum())

    @pytest.mark.parametrize("plain", [None, {}, {"format": "fastinfo.LossSum", "version": 0}])
    def test_plain_values_that_are_none(self, plain: Any) -> None:
        with pytest.raises(ValueError, match="data must be"):
            LossSum.from_dict(plain)
        with pytest.raises(ValueError, match=r"data must be a dict that LossSum\.to_dict returned"):
            LossSum.from_dict({"format": "fastinfo.LossSum", "version": FORMAT_VERSION})
