"""Every public function with its arguments by name, and values of each option that are refused.

The functions and their options are read from the signatures.
"""

import functools
import inspect
import math
from fractions import Fraction

import numpy as np
from calls import N
from hostile import Floating, Lying, OwnError, Sequence, Sulking

import fastinfo
from fastinfo.cooccurrence import association, keyness
from fastinfo.selection import MutualInfoSelector

rng = np.random.default_rng(0)
X = rng.normal(size=(N, 3))
x, y, z = X.T.copy()
labels = np.arange(N) % 3
table = np.arange(1, 13).reshape(3, 4)
probabilities = np.array([0.2, 0.3, 0.5])
UNIT = np.linspace(0.0, 1.0, N)
#: Arguments that are no options, by name; and those of single functions.
ARGUMENTS = {
    "a": x,
    "x": x,
    "y": y,
    "z": z,
    "X": X,
    "Y": X,
    "M": X.T @ X,
    "pk": probabilities,
    "qk": probabilities,
    "k": 2,
    "counts": table,
    "contingency": table,
    "n_samples": int(table.sum()),
    "labels_true": labels,
    "labels_pred": labels[::-1],
    "logits": X,
    "targets": labels,
    "probs": UNIT,
    "lags": [0, 1],
    "max_lag": 3,
    "source": x,
    "given": z,
    "target": y,
    "table": table,
    "table_or_sparse": table,
    "counts_a": labels,
    "counts_b": labels,
    "x_edges": [0.0, 1.0, 2.0],
    "y_edges": [0.0, 1.0, 2.0],
    "reference": X,
    "current": X,
    "triples": [("x0", "x1", "x2")],
    "y_true": labels,
    "y_proba": np.full((N, 3), 1 / 3),
    "n": 1,
    "of": "x|y",
    "data": fastinfo.JointCounts.from_table(table).to_dict(),
    "other": fastinfo.JointCounts.from_table(table),
    "fixed": X,
    "moving": X,
}
OF_ONE = {
    "sigmoid_cross_entropy": {"logits": x, "targets": UNIT},
    "binary_cross_entropy": {"targets": UNIT},
    "update": {"x": labels, "y": labels},
    "mutual_info_classif": {"y": labels},
    "supervised_splits": {"y": labels},
}
METHODS = [
    "from_samples",
    "from_labels",
    "from_table",
    "empty",
    "update",
    "merge",
    "entropy_x",
    "entropy_y",
    "joint_entropy",
    "conditional_entropy",
    "mutual_information",
    "variation_of_information",
    "normalized_mutual_information",
    "pointwise_mutual_information",
    "independence_test",
    "to_dict",
    "from_dict",
]
IMAGES = ["shift_map"]
# warmup takes names alone, and compiles where they are good: see test_warming.py
KEPT = {
    "Codes",
    "ConditionalTests",
    "Description",
    "InformationMatrix",
    "JointCounts",
    "PairRanking",
    "Ranking",
    "Selection",
    "TableDrift",
    "__version__",
    "show_versions",
    "warmup",
}


@functools.wraps(fastinfo.entropy_of_samples)
def entropy_of_samples(x, y, **options):
    """The function as one of two variables, by name."""
    return fastinfo.entropy_of_samples(x, y, **options)


entropy_of_samples.__signature__ = inspect.Signature(
    [
        *(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in "xy"),
        *list(inspect.signature(fastinfo.entropy_of_samples).parameters.values())[1:],
    ]
)


def fit(X, y, k, *, method, bins, strategy, discrete, missing):
    options = {"bins": bins, "strategy": strategy, "discrete": discrete, "missing": missing}
    return MutualInfoSelector(k, method=method, **options).fit(X, y)


def method(name):
    """A method of counts that no other call has changed."""

    @functools.wraps(getattr(fastinfo.JointCounts, name))
    def call(*args, **options):
        return getattr(fastinfo.JointCounts.from_table(table), name)(*args, **options)

    bound = getattr(fastinfo.JointCounts.from_table(table), name)
    call.__signature__ = inspect.signature(bound)
    return call


def functions():
    """All that can be called, by name."""
    found = {
        name: getattr(fastinfo, name)
        for name in fastinfo.__all__
        if name not in KEPT and name != "get_num_threads"
    }
    found["entropy_of_samples"] = entropy_of_samples
    found |= {"association": association, "keyness": keyness}
    found |= {f"JointCounts.{name}": method(name) for name in METHODS}
    found |= {f"images.{name}": getattr(fastinfo.images, name) for name in IMAGES}
    found["MutualInfoSelector.fit"] = fit
    found["Ranking.significant"] = fastinfo.rank_features(X, labels).significant
    return found


def enter(n):
    with fastinfo.num_threads(n):
        pass


def set_and_reset(n):
    before = fastinfo.get_num_threads()
    fastinfo.set_num_threads(n)
    fastinfo.set_num_threads(before)


CALLS = functions() | {"num_threads": enter, "set_num_threads": set_and_reset}
NAN, INF = math.nan, math.inf
WORDS = [
    "no such",
    "",
    b"mean",
    1,
    -1.5,
    object(),
    [],
    ("no",),
    {},
    Sulking(),
    np.array(["a", "b"]),
]
REALS = [NAN, INF, -INF, -1.0, "e", "", 1j, [2.0], np.array([2.0, 3.0]), object(), b"2"]
REALS += [10**400, Floating(), Sulking()]
NUMBERS = [True, np.bool_(True), *REALS]
INTEGERS = [-1, -(2**70), 1.5, NAN, INF, "3", True, None, [2], 1j, object(), Floating()]
COUNTS = [np.float64(2), np.array([1, 2]), *INTEGERS]
FACTORS = [
    np.ones(N - 1),
    np.ones((3, N)),
    np.ones(0),
    "weights",
    [None] * N,
    ["a"] * N,
    np.ones(N, complex),
    np.ma.ones(N),
    object(),
    {1: 2},
    [Floating()] * N,
    Lying(OwnError("no array")),
    Sequence(-1),
    np.broadcast_to(1.0, 10**9),
    np.zeros(N, "M8[s]"),
]
WEIGHTS = [-np.ones(N), np.full(N, NAN), np.full(N, INF), *FACTORS]
BINS = [0, -1, 2**70, NAN, 1.5, INF, "no such rule", "", b"auto", None, 1j, object(), Sulking()]
BINS += [Floating(), [], np.ones((2, 2, 2)), [3.0, 2.0, 1.0], [0.0, NAN, 1.0], [1j, 2j, 3j]]
BINS += [["a", "b", "c"], [None] * 3, np.ma.array([0.0, 1.0, 2.0], mask=[0, 1, 0])]
BINS += [{"a": 1}, np.array("fd")]
BINS += [[0, [1, 2], 3], 2**33]
RANGES = [(1.0, 0.0), (NAN, 1.0), (0.0, INF), "ab", 1.0, (0.0,), (0.0, 1.0, 2.0, 3.0), object()]
RANGES += [("a", "b"), (1j, 2j), (None, 1.0), {}, True, (Floating(), 1.0), (10**400, 10**401)]
AXES = [5, -5, 1.5, "0", True, (0, 0), (0, 7), 2**70, NAN, object(), Floating(), [0, "a"], 1j]
FLAGS = []  # Python's truth of anything is fine

#: What must be refused, by the option's name.
HOSTILE = {
    "bins": BINS,
    "range": RANGES,
    "base": [0, 1, Fraction(-1, 2), *NUMBERS],
    "axis": AXES,
    "b": FACTORS[:1] + FACTORS[2:],
    "strategy": [None, *WORDS],
    "nan_policy": [None, *WORDS],
    "normalized": WORDS,
    "average": [None, *WORDS],
    "average_method": [None, *WORDS],
    "reduction": [None, *WORDS],
    "method": [None, *WORDS],
    "missing": WORDS,
    "adjustment": [None, *WORDS],
    "discrete": [
        *(word for word in (None, *WORDS) if type(word) is not dict),
        *[(True,), (True, None), ("auto", "no"), 0],
        *[{"no such": True}, {"x": "no"}, {"x": None}, {"x1": 1}, {0: True}, {None: False}],
    ],
    "correction": NUMBERS,
    "sample_weight": WEIGHTS,
    "weights": FACTORS,
    "pos_weight": FACTORS,
    "class_weight": FACTORS,
    "seed": ["a", 1.5, -1, True, object(), NAN, {}, [1.5], Sulking()],
    "estimator": [None, *WORDS],
    "n_neighbors": [0, *COUNTS],
    "jitter": NUMBERS,
    "random_state": ["a", 1.5, -1, True, object(), NAN, {}, [1.5], Sulking()],
    "discrete_features": [
        None,
        2,
        *(w for w in WORDS if type(w) is not list),
        [0.5],
        [N],
        [True] * 2,
        [[0]],
    ],
    "n_permutations": [2**70, *COUNTS],
    "n_resamples": [0, *COUNTS],
    "history": COUNTS,
    "source_history": [0, *COUNTS],
    "max_bins": [0, *(value for value in COUNTS if value is not None and value is not True)],
    "lag": [2**70, *COUNTS],
    "max_lag": [0, N, 2**70, *COUNTS],
    "surrogates": [None, *WORDS],
    "block_length": [0, N, 2**70, *(value for value in COUNTS if value is not None)],
    "lags": [
        [N],
        [-N],
        [2**62],
        [2**70],
        [1.5],
        [NAN],
        "a",
        None,
        [],
        [True],
        [None],
        object(),
        1j,
    ],
    "k": [0, *COUNTS],
    "n": [0, *COUNTS],
    "measure": [None, *WORDS],
    "smoothing": [1.5, *NUMBERS],
    "shift": NUMBERS,
    "min_count": NUMBERS,
    "zero": NUMBERS,
    "total_a": NUMBERS,
    "total_b": NUMBERS,
    "formula": [None, *WORDS],
    "names": ["abc", 3, {}, object(), ["a"], ["a"] * N, 1j, b"abc"],
    "n_samples": INTEGERS,
    "confidence": [0, 1, 2, *NUMBERS],
    "alpha": [2, *NUMBERS],
    "threshold": [NAN, INF, -INF, *REALS[4:]],
    "eps": REALS,
    "beta": REALS,
    "label_smoothing": [1.5, *NUMBERS],
    "ignore_index": [1.5, "a", True, NAN, [1], object(), 2**70],
    "of": [None, *WORDS],
    "columns": [*(word for word in WORDS if not isinstance(word, np.ndarray)), ["x0", 1], ["no"]],
    "labels": [[], "abc", [[1, 2]], [None] * 3, [0, 1], [NAN, 1, 2], object(), [1j, 2j, 3j]],
    "normalize": [None, 1, "yes", [], object(), Sulking()],
    "out": [1, [1.0], np.zeros(N + 1), np.zeros((), np.int64), np.broadcast_to(0.0, ()), "a"],
    "grad_out": [1, [1.0], np.zeros(N), X, np.zeros(X.shape, "f4"), np.broadcast_to(0.0, X.shape)],
    "x_edges": [None, 1, [], [0.0], [1.0, 0.0], [NAN, 1.0], "ab", [[0, 1], [1, 2]], object()],
    "other": [None, 1, "a", table, fastinfo.JointCounts.empty([0, 1], [0, 1])],
    "data": [None, 1, "a", [], {}, {"table": 1}, ARGUMENTS["data"] | {"table": "no"}, object()],
    "triples": [None, 1, "abc", object(), [1], ["ab"], [("x0", "x1")], [("x0", "x1", "no")]],
    "max_shift": [1.5, -1, True, "2", 1j, object(), Floating(), [1], [1, -1], [1, None], (1, 2, 3)],
    "mask": [1, "a", X, [True], np.ones(N, bool), (X > 0,), (X > 0, [1]), {}, object(), X * 0 > 1],
    "progress": FLAGS,
    "checkpoint": ["file", b"file", 3, object()],  # of data that is there as a whole
    "density": FLAGS,
    "keepdims": FLAGS,
    "return_sign": FLAGS,
    "return_grad": FLAGS,
    "return_hess": FLAGS,
    "positive": FLAGS,
}
HOSTILE["y_edges"] = HOSTILE["x_edges"]
ARRAYS = set(ARGUMENTS) - set(HOSTILE)  # those of test_hostile.py


def arguments_of(name):
    """All that a function must be given."""
    short = name.rpartition(".")[2]
    parameters = inspect.signature(CALLS[name]).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.name in ARGUMENTS]
    found = {key: ARGUMENTS[key] for key in needed} | OF_ONE.get(short, {})
    if name == "MutualInfoSelector.fit":
        found |= MutualInfoSelector(2).get_params()
    if {"x", "y"} <= {p.name for p in parameters}:  # of a test that takes counts alone, too
        found.setdefault("y", y)
    return found
