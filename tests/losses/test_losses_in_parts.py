"""Every loss in parts and on all rows: one table of targets, weights, options and doors."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import fastinfo
from fastinfo.streaming import LossSum

RNG = np.random.default_rng(7)
N, C = 60, 4
SPANS = [slice(0, 25), slice(25, 26), slice(26, 60)]

LOGITS, CODES = RNG.normal(size=(N, C)) * 3, np.resize(np.arange(C), N)
MANY, SHARES = RNG.integers(0, 2, (N, C)), RNG.random((N, C))
PROBS, SOFT = RNG.dirichlet(np.ones(C), N), RNG.dirichlet(np.ones(C), N)
ONE, YES = RNG.random(N), np.resize([0, 1, 1], N)
BY_ROW, BY_ELEMENT, BY_CLASS = RNG.random(N), RNG.random((N, C)), np.array([1.0, 2.0, 0.0, 0.5])
NAMES = np.array(["ash", "elm", "fir", "oak"])


def softmax_cases() -> Iterator[tuple[str, Any, Any, Any, dict[str, Any]]]:
    targets = {
        "indices": CODES,
        "int8": CODES.astype(np.int8),
        "uint64": CODES.astype(np.uint64),
        "shares": SOFT,
        "one-hot": np.eye(C)[CODES],
        "indicators": MANY,
    }
    for (kind, goal), row, by_class, smoothing in itertools.product(
        targets.items(), (None, BY_ROW), (None, BY_CLASS), (0.0, 0.2)
    ):
        for ignored in (None, 1) if goal.ndim == 1 else (None,):
            options = {"class_weight": by_class, "label_smoothing": smoothing}
            options = {k: v for k, v in options.items() if v is not None}
            if ignored is not None:
                options["ignore_index"] = ignored
            yield f"softmax_cross_entropy {kind}", LOGITS, goal, row, options
            yield f"softmax_cross_entropy {kind}", LOGITS.astype(np.float32), goal, row, options


def binary_cases() -> Iterator[tuple[str, Any, Any, Any, dict[str, Any]]]:
    two = {"labels": (ONE, YES), "flags": (ONE, YES == 1), "shares": (ONE, RNG.random(N))}
    many = {"many": (PROBS, MANY), "many shares": (np.asfortranarray(PROBS), SHARES)}
    for kind, (predicted, goal) in (two | many).items():
        by_row = (None, BY_ROW, BY_ROW[:, None]) if goal.ndim == 2 else (None, BY_ROW)
        for weights in (*by_row, *([BY_ELEMENT] if goal.ndim == 2 else [])):
            yield f"binary_cross_entropy {kind}", predicted, goal, weights, {}
            logits = np.log(predicted)
            for pos in (None, 2.5, *([BY_CLASS] if goal.ndim == 2 else [])):
                options = {} if pos is None else {"pos_weight": pos}
                yield f"sigmoid_cross_entropy {kind}", logits, goal, weights, options
                narrow = logits.astype(np.float32)
                yield f"sigmoid_cross_entropy {kind}", narrow, goal, weights, options


def log_loss_cases() -> Iterator[tuple[str, Any, Any, Any, dict[str, Any]]]:
    pandas = pytest.importorskip("pandas")
    names = NAMES[CODES]
    several = {
        "integers": CODES,
        "far integers": CODES * 7 - 3,
        "strings": names,
        "objects": names.astype(object),
        "categories": pandas.Categorical(names, categories=NAMES[::-1]),
        "series": pandas.Series(names, index=RNG.permutation(N)),
        "column": CODES[:, None],
        "one-hot": np.eye(C)[CODES],
        "indicators": MANY,
    }
    two = {"yes": YES, "flags": YES == 1, "words": np.array(["no", "yes"])[YES]}
    two |= {"one-hot of two": np.eye(2)[YES], "column of two": YES[:, None]}
    both = np.c_[1.0 - ONE, ONE]
    for weights in (None, BY_ROW, 2.0):
        for kind, goal in several.items():
            known = [None]
            if kind not in ("one-hot", "indicators"):
                known.append(np.unique(np.asarray(goal)))
            for labels in known:
                options = {} if labels is None else {"labels": labels}
                yield f"log_loss {kind}", PROBS, goal, weights, options
        for kind, goal in two.items():
            for predicted in (ONE, ONE[:, None], both, both.astype(np.float32)):
                yield f"log_loss {kind}", predicted, goal, weights, {}


CASES = [*softmax_cases(), *binary_cases(), *log_loss_cases()]


def whole(
    name: str, predicted: Any, goal: Any, weights: Any, options: Any, mean: bool, base: Any
) -> float:
    given = {"sample_weight": weights, **options}
    if name == "log_loss":
        unit = 1.0 if base is None else math.log(base)
        return fastinfo.log_loss(goal, predicted, normalize=mean, **given) / unit
    reduction = "mean" if mean else "sum"
    function = getattr(fastinfo, name)
    return float(function(predicted, goal, reduction=reduction, base=base, **given))


@pytest.mark.slow
@pytest.mark.parametrize(("case", "predicted", "goal", "weights", "options"), CASES)
def test_parts_equal_the_whole(
    case: str, predicted: Any, goal: Any, weights: Any, options: dict[str, Any]
) -> None:
    name = case.split()[0]
    parts = LossSum(name, **options)
    merged = LossSum(name, **options)
    for i, span in enumerate(SPANS):
        w = weights[span] if isinstance(weights, np.ndarray) else weights
        parts.update(predicted[span], goal[span], w)  # of one row: labels as in the first part
        if name == "log_loss" and i == 1:
            continue  # by itself it has too few labels
        last = slice(25, 60) if name == "log_loss" and i == 2 else span
        w = weights[last] if isinstance(weights, np.ndarray) else weights
        part = LossSum(name, **options).update(predicted[last], goal[last], w)
        merged.merge(LossSum.from_dict(json.loads(json.dumps(part.to_dict()))))
    ignored = options.get("ignore_index")
    rows = np.size(goal) if "binary" in name or "sigmoid" in name else N
    rows = int(np.sum(goal != ignored)) if ignored is not None else rows
    rel = 3e-6 if predicted.dtype == np.float32 else 1e-13
    for found in (parts, merged):
        assert found.n == rows
        for base in (None, 2):
            mean = whole(name, predicted, goal, weights, options, True, base)
            assert found.mean(base) == pytest.approx(mean, rel=rel)
            total = whole(name, predicted, goal, weights, options, False, base)
            assert found.sum(base) == pytest.approx(total, rel=rel)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "predicted", "goal", "weights", "options"),
    [case for case in CASES if case[0].startswith("softmax") and case[1].dtype == np.float64],
)
def test_dask_equals_the_whole(
    case: str, predicted: Any, goal: Any, weights: Any, options: dict[str, Any]
) -> None:
    da = pytest.importorskip("dask.array")
    from fastinfo import dask as fd

    def lazy(a: Any) -> Any:
        return None if a is None else da.from_array(a, chunks=(25, *a.shape[1:]))

    given = {"class_weight": np.array(options["class_weight"])} if "class_weight" in options else {}
    given = options | given
    for mean, reduction in ((True, "mean"), (False, "sum")):
        found = fd.softmax_cross_entropy(
            lazy(predicted), lazy(goal), sample_weight=lazy(weights), reduction=reduction, **given
        )
        if "class_weight" in given:
            given["class_weight"] *= 100.0  # what is changed later is not looked at
        expected = whole(case.split()[0], predicted, goal, weights, options, mean, None)
        assert float(found.compute(scheduler="sync")) == pytest.approx(expected, rel=1e-13)
        if "class_weight" in given:
            given["class_weight"] = np.array(options["class_weight"])


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_cross_entropy", "log_loss"])
def test_options_are_copied(name: str) -> None:
    option, value, goal = {
        "softmax_cross_entropy": ("class_weight", BY_CLASS.copy(), CODES),
        "sigmoid_cross_entropy": ("pos_weight", BY_CLASS.copy(), MANY),
        "log_loss": ("labels", np.arange(C), CODES),
    }[name]
    loss = LossSum(name, **{option: value})
    expected = LossSum(name, **{option: value}).update(PROBS, goal).sum()
    value *= 100
    assert loss.update(PROBS, goal).sum() == expected


class TestLabels:
    def test_those_of_the_first_part_are_those_of_all(self) -> None:
        loss = LossSum("log_loss").update(PROBS[:8], NAMES[CODES[:8]])
        loss.update(PROBS[8:10], NAMES[CODES[8:10]])
        expected = fastinfo.log_loss(CODES[:10], PROBS[:10], labels=range(C))
        assert loss.mean() == pytest.approx(expected, rel=1e-14)
        with pytest.raises(ValueError, match="not belonging to the passed labels"):
            loss.update(PROBS[:4], ["ash", "elm", "fir", "yew"])

    def test_sums_of_other_labels_do_not_merge(self) -> None:
        loss = LossSum("log_loss").update(PROBS, CODES)
        other = LossSum("log_loss").update(PROBS, NAMES[CODES])
        with pytest.raises(ValueError, match="other must be a LossSum of the same labels"):
            loss.merge(other)
        empty = LossSum("log_loss").merge(loss)
        assert empty.mean() == loss.mean()
        with pytest.raises(ValueError, match="the same labels"):
            empty.merge(other)
