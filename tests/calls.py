"""Every public function in one table: how it is called, with what, and what the answer is.

The tests of hostile arrays call those with roles, the tests of small inputs those with kinds.
"""

import math
from typing import NamedTuple

import numpy as np
import reference.cooccurrence
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn.metrics
from reference import equal_count_edges

import fastinfo
from fastinfo.cooccurrence import association, keyness
from fastinfo.selection import MutualInfoSelector

N = 12
#: Shape of a clean argument, and how many values it has: 0, 1, 2, ...
ROLES = {
    "x": ((N,), 4),
    "b": ((N,), 2),  # targets or probabilities
    "t": ((N,), 3),  # numbers of classes
    "m": ((N, 3), 4),
    "q": ((N, 3), 2),
    "c": ((3, 4), 4),  # counts
    "w": ((N,), 3),  # weights
    "e": ((4,), 4),  # edges
}
EDGES = np.arange(5.0)

#: Small arrays of n rows: numbers, rounded ones, weights, labels, booleans, rows.
KINDS = {
    "f": lambda rng, n: rng.normal(size=n),
    "r": lambda rng, n: rng.normal(size=n).round(1),
    "w": lambda rng, n: rng.random(n) + 0.01,
    "i": lambda rng, n: rng.integers(-3, 9, n),
    "b": lambda rng, n: rng.random(n) < 0.4,
    "m": lambda rng, n: rng.normal(size=(n, 7)),
    "q": lambda rng, n: rng.random((n, 7)) + 0.01,
}


# What the answers are


def f8(a):
    """A float64 copy, as references take it."""
    return np.array(a, dtype=np.float64)


def plain(a):
    """A clean copy that NumPy understands."""
    return f8(a) if a.dtype.name == "bfloat16" else np.array(a)


def missing(a):
    if a.dtype.kind in "fmM":
        return a != a
    return np.array([label is None or label != label for label in a])


def numbers_in(a):
    """Objects that are real numbers, not all of them whole, as float64; all else as it is."""
    kinds = {*map(type, a.reshape(-1))} if a.dtype.kind == "O" else set()
    return f8(a) if float in kinds and kinds <= {int, float} else a


def codes_of(a):
    """Codes of labels, or of floats in three bins as histogram2d has them."""
    a = numbers_in(a)
    if a.dtype.kind == "f":
        edges = np.histogram_bin_edges(f8(a), 3)
        return np.minimum(np.searchsorted(edges, f8(a), side="right"), 3)
    if a.dtype.kind == "O":
        return np.array([list(dict.fromkeys(a)).index(label) for label in a])
    return np.unique(a, return_inverse=True)[1]


def entropy_of(columns):
    counts = np.unique(np.stack(columns), axis=1, return_counts=True)[1] / columns[0].size
    return -(counts * np.log(counts)).sum()


def equal_counts_of(a):
    """The same in three bins of equal counts."""
    a = numbers_in(a)
    if a.dtype.kind != "f":
        return codes_of(a)
    if not np.isfinite(f8(a)).all():
        raise ValueError
    edges = equal_count_edges(f8(a).reshape(-1), 3)
    return np.searchsorted(edges[1:-1], f8(a), side="right")


def of_entropies(*terms, codes=codes_of):
    """The measure that is this sum of signed entropies: of columns x, y, z by their letters."""

    def reference(*arrays):
        if any(missing(a).any() for a in arrays):
            return math.nan
        columns = dict(zip("xyz", map(codes, arrays), strict=False))
        return sum(
            (-1 if term[0] == "-" else 1) * entropy_of([columns[i] for i in term.strip("-")])
            for term in terms
        )

    return reference


INFORMATION = of_entropies("x", "y", "-xy")


def lagged(x, y):
    """Mutual information at lags 0 and 1; of labels, which need no edges of the whole series."""
    if "f" in (numbers_in(x).dtype.kind, numbers_in(y).dtype.kind):
        raise NotImplementedError
    return np.array([INFORMATION(x, y), INFORMATION(x[:-1], y[1:])])


def sklearn_of(name):
    def reference(*arrays):
        if any(a.dtype.kind in "SmMO" for a in arrays):  # which it takes in part
            raise NotImplementedError
        return getattr(sklearn.metrics, name)(*arrays)

    return reference


def cross_entropies(p, q):
    with np.errstate(all="ignore"):
        p, q = f8(p), f8(q)
        terms = scipy.special.xlogy(p / p.sum(0), q / q.sum(0))
        return -terms.sum(0)


def softmax_losses(x, t):
    if t.dtype.kind not in "biu":
        raise TypeError
    rows = np.arange(len(t))
    logs = scipy.special.log_softmax(f8(x), axis=-1)
    return np.where((f8(x) == math.inf).any(axis=1), math.nan, -logs[rows, t.astype(np.int64)])


def sigmoid_losses(x, t):
    x, t = f8(x), f8(t)
    positive, negative = np.logaddexp(0, -x), np.logaddexp(0, x)
    return np.where(t == 0, 0, t * positive) + np.where(t == 1, 0, (1 - t) * negative)


def binary_losses(p, t):
    p, t = f8(p), f8(t)
    if min(p.min(), t.min()) < 0 or max(p.max(), t.max()) > 1:
        raise ValueError
    return -(scipy.special.xlogy(t, p) + scipy.special.xlog1py(1 - t, -p))


def weighted_histogram(a, w):
    if w.dtype.kind not in "biuf" or not np.isfinite(w).all():
        raise NotImplementedError  # it takes differences of running sums
    return np.histogram(a, EDGES, weights=w)


def histogram2d(x, y):
    return np.histogram2d(f8(x), f8(y), [EDGES, EDGES])[0]


def ppmi(table):
    found = reference.cooccurrence.association(
        f8(table), "ppmi", smoothing=0.75, shift=0.1, min_count=1
    )
    return np.array(found)


def select(X, y):
    with np.errstate(invalid="ignore"):  # scikit-learn adds up what may be infinite
        return MutualInfoSelector(2, method="mim").fit(X, y).selection_


ENTROPIES = {  # as sums of entropies of columns
    "mutual_information": "x y -xy",
    "joint_entropy": "xy",
    "conditional_entropy": "xy -y",
    "variation_of_information": "xy xy -x -y",
    "conditional_mutual_information": "xz yz -xyz -z",
    "interaction_information": "xz yz xy -x -y -z -xyz",
}
SCORES = {  # and the kinds of small labels
    "mutual_info_score": "ii",
    "normalized_mutual_info_score": "ii",
    "adjusted_mutual_info_score": "ii",
    "homogeneity_completeness_v_measure": "ib",
    "homogeneity_score": "",
    "completeness_score": "",
    "v_measure_score": "",
}
S, Counts = scipy.special, fastinfo.JointCounts


def with_options(name, *args, **options):
    return lambda *arrays: getattr(fastinfo, name)(*arrays, *args, **options)


class Call(NamedTuple):
    call: object
    roles: str = ""  # of hostile arrays, by ROLES
    reference: object = None
    kinds: str = ""  # of small arrays for which there is a shorter way, by KINDS


CALLS = {
    "logsumexp": (fastinfo.logsumexp, "x", lambda a: S.logsumexp(f8(a)), "f"),
    "logsumexp_b": (
        lambda a, b: fastinfo.logsumexp(a, b=b, return_sign=True),
        "xx",
        lambda a, b: S.logsumexp(f8(a), b=f8(b), return_sign=True),
    ),
    "logsumexp_axis": (
        with_options("logsumexp", axis=0, keepdims=True),
        "m",
        lambda a: S.logsumexp(f8(a), axis=0, keepdims=True),
    ),
    "softmax": (with_options("softmax", axis=-1), "m", lambda a: S.softmax(f8(a), axis=-1), "m"),
    "log_softmax": (fastinfo.log_softmax, "m", lambda a: S.log_softmax(f8(a))),
    "entropy": (fastinfo.entropy, "x", lambda p: scipy.stats.entropy(f8(p))),
    "entropy_rows": (
        with_options("entropy", axis=1, base=2),
        "m",
        lambda p: scipy.stats.entropy(f8(p), axis=1, base=2),
    ),
    "cross_entropy": (fastinfo.cross_entropy, "xx", cross_entropies, "ww"),
    "kl_divergence": (
        fastinfo.kl_divergence,
        "mm",
        lambda p, q: scipy.stats.entropy(f8(p), f8(q)),
        "ww",
    ),
    "js_divergence": (
        fastinfo.js_divergence,
        "xx",
        lambda p, q: scipy.spatial.distance.jensenshannon(f8(p), f8(q)) ** 2,
        "ww",
    ),
    "softmax_cross_entropy": (
        with_options("softmax_cross_entropy", reduction="none"),
        "mt",
        softmax_losses,
    ),
    "softmax_cross_entropy_all": (
        lambda x, t, w: fastinfo.softmax_cross_entropy(x, t, sample_weight=w, return_hess=True),
        "mqw",
    ),
    "sigmoid_cross_entropy": (
        with_options("sigmoid_cross_entropy", reduction="none"),
        "xb",
        sigmoid_losses,
    ),
    "sigmoid_cross_entropy_all": (
        lambda x, t, w: fastinfo.sigmoid_cross_entropy(x, t, sample_weight=w, return_hess=True),
        "xbw",
    ),
    "binary_cross_entropy": (
        with_options("binary_cross_entropy", reduction="none"),
        "bb",
        binary_losses,
    ),
    "log_loss": (fastinfo.log_loss, "bb"),
    "log_loss_matrix": (with_options("log_loss", labels=[0, 1, 2]), "tq"),
    "histogram": (with_options("histogram", 4), "x", lambda a: np.histogram(a, 4)),
    "histogram_weighted": (
        lambda a, w: fastinfo.histogram(a, EDGES, weights=w),
        "xw",
        weighted_histogram,
    ),
    "histogram2d": (lambda x, y: fastinfo.histogram2d(x, y, EDGES)[0], "xx", histogram2d),
    "histogram2d_weighted": (lambda x, y, w: fastinfo.histogram2d(x, y, 3, weights=w), "xxw"),
    "histogram_bin_edges": (
        with_options("histogram_bin_edges", "sturges"),
        "x",
        lambda a: np.histogram_bin_edges(a, "sturges"),
    ),
    "quantile_edges": (with_options("histogram_bin_edges", 3, strategy="quantile"), "x"),
    "discretize": (with_options("discretize", 3), "m"),
    "discretize_mdl": (lambda X, t: fastinfo.discretize(X, y=t, strategy="mdl"), "mt"),
    "supervised_splits": (fastinfo.supervised_splits, "xt"),
    "from_samples": (lambda x, y: Counts.from_samples(x, y, bins=3), "xx"),
    "from_samples_weighted": (
        lambda x, y, w: Counts.from_samples(x, y, sample_weight=w),
        "xxw",
    ),
    "from_labels": (Counts.from_labels, "xx"),
    "update": (lambda x, y: Counts.empty(EDGES, EDGES).update(x, y).table, "xx", histogram2d),
    "from_table": (lambda c: Counts.from_table(c).table, "c", f8),
    "independence_test": (lambda c: Counts.from_table(c).independence_test(), "c"),
    "pointwise": (lambda c: Counts.from_table(c).pointwise_mutual_information(True), "c"),
    "association": (association, "c"),
    "association_ppmi": (
        lambda c: association(c, measure="ppmi", smoothing=0.75, shift=0.1, min_count=1),
        "c",
        ppmi,
    ),
    "association_g2": (lambda c: association(c, measure="g2"), "c"),
    "keyness": (keyness, "ww"),
    "normalized": (lambda c: Counts.from_table(c).normalized_mutual_information(), "c"),
    "empty": (lambda e: Counts.empty(e, np.arange(3.0)), "e"),
    "entropy_from_counts": (
        fastinfo.entropy_from_counts,
        "c",
        lambda c: scipy.stats.entropy(f8(c), axis=None) if c.any() else 0.0,
    ),
    "entropy_from_counts_nsb": (with_options("entropy_from_counts", correction="nsb"), "c"),
    "entropy_of_samples": (
        with_options("entropy_of_samples", bins=3),
        "x",
        of_entropies("x"),
    ),
    "entropy_of_samples_three": (
        with_options("entropy_of_samples", bins=3),
        "xxx",
        of_entropies("xyz", codes=equal_counts_of),
    ),
    "total_correlation": (
        with_options("total_correlation", bins=3, strategy="uniform"),
        "m",
        lambda X: of_entropies("x", "y", "z", "-xyz")(*X.T),
    ),
    "mutual_information_weighted": (
        lambda x, y, w: fastinfo.mutual_information(x, y, sample_weight=w, normalized="joint"),
        "xxw",
    ),
    "lagged_mutual_information": (
        with_options("lagged_mutual_information", [0, 1]),
        "xx",
        lagged,
    ),
    "transfer_entropy": (with_options("transfer_entropy", bins=3), "xx"),
    "transfer_entropy_given": (
        lambda x, y, z: fastinfo.transfer_entropy(x, y, given=z, bins=3, lag=0),
        "xxx",
    ),
    "local_mutual_information": (with_options("local_mutual_information", bins=3), "xx"),
    "local_transfer_entropy": (with_options("local_transfer_entropy", bins=3), "xx"),
    "transfer_entropy_test": (
        lambda x, y: fastinfo.transfer_entropy_test(x, y, bins=3, n_permutations=5, seed=1),
        "xx",
    ),
    "transfer_entropy_matrix": (with_options("transfer_entropy_matrix", bins=3), "m"),
    "first_minimum_lag": (with_options("first_minimum_lag", 3, bins=3), "x"),
    "mutual_information_matrix": (with_options("mutual_information_matrix", bins=3), "mm"),
    "strongest_pairs": (with_options("strongest_pairs", bins=3), "m"),
    "chow_liu_tree": (with_options("chow_liu_tree", bins=3), "m"),
    "contingency_table": (fastinfo.contingency_table, "xx"),
    "score_of_table": (lambda c: fastinfo.mutual_info_score(None, None, contingency=c), "c"),
    "expected_mutual_information": (with_options("expected_mutual_information", 30), "c"),
    "differential_entropy": (fastinfo.differential_entropy, "m"),
    "describe": (fastinfo.describe, "m"),
    "drift": (fastinfo.drift, "mm"),
    "shift_map": (fastinfo.images.shift_map, "mm"),
    "rank_features": (with_options("rank_features", bins=3, n_permutations=5, seed=1), "mx"),
    "select_features": (with_options("select_features", 2, bins=3), "mx"),
    "selector": (select, "mx"),
    "permutation_test": (
        with_options("permutation_test", bins=3, n_permutations=5, seed=1),
        "xx",
    ),
    "conditional_independence_tests": (
        lambda X: tuple(fastinfo.conditional_independence_tests(X, [("x0", "x1", "x2")], bins=3)),
        "m",
    ),
    "conditional_independence_test": (
        with_options("conditional_independence_test", bins=3),
        "xxx",
    ),
    "permutation_test_given": (
        lambda x, y, z: fastinfo.permutation_test(x, y, given=z, n_permutations=5, seed=1),
        "xxx",
    ),
    "permutation_test_of_series": (
        with_options("permutation_test", n_permutations=5, seed=1, surrogates="block"),
        "xx",
    ),
    "bootstrap_interval": (
        lambda x, y: tuple(fastinfo.bootstrap_interval(x, y, bins=3, n_resamples=5, seed=1)),
        "xx",
    ),
}
for name, terms in ENTROPIES.items():
    number = len(set(terms) & set("xyz"))
    of_widths = with_options(name, bins=3, strategy="uniform")
    CALLS[name] = of_widths, number * "x", of_entropies(*terms.split())
    CALLS[f"{name}_equal_counts"] = (
        with_options(name, bins=3),
        number * "x",
        of_entropies(*terms.split(), codes=equal_counts_of),
    )
for name, kinds in SCORES.items():
    CALLS[name] = getattr(fastinfo, name), "xx", sklearn_of(name), kinds
CALLS = {name: Call(*call) for name, call in CALLS.items()}

# With other options, which small inputs take a way of their own with
MI = "mutual_information"
CALLS |= {
    "logsumexp of rows": Call(with_options("logsumexp", axis=1), kinds="m"),
    "softmax of all": Call(fastinfo.softmax, kinds="f"),
    "log_softmax along 0": Call(with_options("log_softmax", axis=0), kinds="f"),
    "log_softmax of rows": Call(with_options("log_softmax", axis=1), kinds="m"),
    "entropy in bits": Call(with_options("entropy", base=2), kinds="w"),
    "entropy of rows": Call(with_options("entropy", axis=1), kinds="q"),
    "kl_divergence of rows": Call(with_options("kl_divergence", base=2, axis=1), kinds="qq"),
    f"{MI} by default": Call(fastinfo.mutual_information, kinds="ff"),
    f"{MI} in bins": Call(with_options(MI, bins=5, base=2), kinds="ff"),
    f"{MI} in equal widths": Call(with_options(MI, bins=5, strategy="uniform"), kinds="ff"),
    f"{MI} by the rule": Call(with_options(MI, strategy="uniform"), kinds="ff"),
    f"{MI} of rounded floats": Call(fastinfo.mutual_information, kinds="rf"),
    f"{MI} corrected": Call(with_options(MI, bins=3, correction="miller-madow"), kinds="ff"),
    f"{MI} normalized": Call(with_options(MI, bins=3, normalized="geometric"), kinds="ff"),
    f"{MI} of labels": Call(fastinfo.mutual_information, kinds="ib"),
    "joint_entropy by default": Call(fastinfo.joint_entropy, kinds="ff"),
    "conditional_entropy of labels": Call(fastinfo.conditional_entropy, kinds="ii"),
    "variation_of_information of labels": Call(fastinfo.variation_of_information, kinds="ii"),
}
