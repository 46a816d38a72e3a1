"""Changed states: `from_dict` reads them, or raises ValueError or TypeError; soon, in any case."""

import copy
import json
import math

import numpy as np
import pytest
from fuzzing import answer, at_most, fuzz, pick

import fastinfo
from fastinfo.streaming import ColumnCounts, LossSum, PairCounts

X = np.random.default_rng(0).normal(size=(40, 2)).round(1)
LABELS = np.arange(40) % 3
WORDS = LABELS.astype(str)
EDGES = np.linspace(-3.0, 3.0, 5)

#: Objects with a state, of all their classes and kinds.
KNOWN = [
    fastinfo.JointCounts.from_samples(X[:, 0], X[:, 1], bins=3),
    fastinfo.JointCounts.from_samples(X[:, 0], LABELS, sample_weight=np.full(40, 0.5)),
    fastinfo.JointCounts.from_labels(LABELS, WORDS),
    fastinfo.JointCounts.from_labels(np.arange(40).astype("M8[D]"), [None, 1, "a", 2.5] * 10),
    ColumnCounts(["a", "b"], "y", bins=EDGES).update(X, LABELS),
    PairCounts(["a", "b"]).update(np.stack([LABELS, LABELS[::-1]], axis=1)),
    PairCounts(["a", "b"], bins=EDGES).update(X),
    LossSum("softmax_cross_entropy", class_weight=[1.0, 2.0]).update(X, LABELS % 2),
    LossSum("log_loss").update(np.linspace(0.1, 0.9, 40), LABELS % 2),
]
STATES = [(type(known), json.loads(json.dumps(known.to_dict()))) for known in KNOWN]

VALUES = [None, True, False, 0, 1, -1, 3.9, -0.0, 2**31, 2**63, 2**70, -(2**70), 1e308, 5e-324]
VALUES += [math.nan, math.inf, -math.inf, "", "a", "0x1p3", "<f8", "O", "\0", "\ud800", [], {}]
VALUES += [[[]], [None], ["a"], [1.5], [3, 2, 1], {"": 0}, {"a": []}, [[0, 1], [1]], 10**400]


def places(tree):
    """Each list or mapping within a tree, with each key of it."""
    if isinstance(tree, (dict, list)):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from places(tree[key])


def change(rng, tree):
    """One change somewhere in the tree."""
    found = list(places(tree))
    if not found:
        return
    held, key = pick(rng, found)
    other_held, other_key = pick(rng, found)
    what = rng.integers(6)
    if what <= 2:
        held[key] = copy.deepcopy(pick(rng, VALUES))
    elif what == 3:
        del held[key]
    elif what == 4:
        held[key] = copy.deepcopy(other_held[other_key])
    elif isinstance(held, list):
        held.insert(key, copy.deepcopy(pick(rng, VALUES)))
    else:
        held[pick(rng, ["", "table", "n", "more"])] = copy.deepcopy(pick(rng, VALUES))


def one_round(rng):
    kind, state = pick(rng, STATES)
    state = copy.deepcopy(state)
    for _ in range(pick(rng, [1, 1, 2, 4])):
        change(rng, state)
    with at_most(5.0):
        read = answer(kind.from_dict, state)
    if read is not None:
        answer(read.to_dict)


@pytest.mark.slow
def test_changed_states_are_read_or_refused():
    fuzz(one_round, 2000)
