"""Hostile arrays, for every public function: the reference's answer, or an error that says why.

Whatever comes in, no input is changed, no warning leaks from inside, and where an array lies in
memory makes no difference. Hostile options are in test_hostile_options.py.
"""

import array
import collections
import math
import tracemalloc
import warnings
from typing import NamedTuple
from unittest import mock

import ml_dtypes
import numpy as np
import pytest
import scipy.sparse
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from reference import equal_count_edges as edges_of_equal_counts
from sklearn.exceptions import DataConversionWarning

import fastinfo
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


class OwnError(Exception):
    """What a hostile object raises."""


# What is called


class Case(NamedTuple):
    call: object
    roles: str
    reference: object = None


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
    edges = edges_of_equal_counts(f8(a).reshape(-1), 3)
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
SCORES = ["mutual_info_score", "normalized_mutual_info_score", "adjusted_mutual_info_score"]
SCORES += ["homogeneity_completeness_v_measure", "homogeneity_score", "completeness_score"]
SCORES += ["v_measure_score"]
S, Counts = scipy.special, fastinfo.JointCounts


def with_options(name, *args, **options):
    return lambda *arrays: getattr(fastinfo, name)(*arrays, *args, **options)


#: Function of arrays, their roles, and the reference if there is one.
CASES = {
    "logsumexp": (fastinfo.logsumexp, "x", lambda a: S.logsumexp(f8(a))),
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
    "softmax": (with_options("softmax", axis=-1), "m", lambda a: S.softmax(f8(a), axis=-1)),
    "log_softmax": (fastinfo.log_softmax, "m", lambda a: S.log_softmax(f8(a))),
    "entropy": (fastinfo.entropy, "x", lambda p: scipy.stats.entropy(f8(p))),
    "entropy_rows": (
        with_options("entropy", axis=1, base=2),
        "m",
        lambda p: scipy.stats.entropy(f8(p), axis=1, base=2),
    ),
    "cross_entropy": (fastinfo.cross_entropy, "xx", cross_entropies),
    "kl_divergence": (
        fastinfo.kl_divergence,
        "mm",
        lambda p, q: scipy.stats.entropy(f8(p), f8(q)),
    ),
    "js_divergence": (
        fastinfo.js_divergence,
        "xx",
        lambda p, q: scipy.spatial.distance.jensenshannon(f8(p), f8(q)) ** 2,
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
    "normalized": (lambda c: Counts.from_table(c).normalized_mutual_information(), "c"),
    "empty": (lambda e: Counts.empty(e, np.arange(3.0)), "e"),
    "entropy_from_counts": (
        fastinfo.entropy_from_counts,
        "c",
        lambda c: scipy.stats.entropy(f8(c), axis=None) if c.any() else 0.0,
    ),
    "entropy_from_counts_nsb": (with_options("entropy_from_counts", correction="nsb"), "c"),
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
    "mutual_information_matrix": (with_options("mutual_information_matrix", bins=3), "mm"),
    "contingency_table": (fastinfo.contingency_table, "xx"),
    "score_of_table": (lambda c: fastinfo.mutual_info_score(None, None, contingency=c), "c"),
    "expected_mutual_information": (with_options("expected_mutual_information", 30), "c"),
    "rank_features": (with_options("rank_features", bins=3, n_permutations=5, seed=1), "mx"),
    "select_features": (with_options("select_features", 2, bins=3), "mx"),
    "selector": (select, "mx"),
    "permutation_test": (
        with_options("permutation_test", bins=3, n_permutations=5, seed=1),
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
    CASES[name] = of_widths, number * "x", of_entropies(*terms.split())
    CASES[f"{name}_equal_counts"] = (
        with_options(name, bins=3),
        number * "x",
        of_entropies(*terms.split(), codes=equal_counts_of),
    )
for name in SCORES:
    CASES[name] = getattr(fastinfo, name), "xx", sklearn_of(name)
CASES = {name: Case(*case) for name, case in CASES.items()}
each_case = pytest.mark.parametrize("name", CASES)

# What comes out

DOCUMENTED = ("Converting input from bool", "asks for about", "The mean loss is NaN")


def kept(a):
    """What must not change of an argument."""
    if not isinstance(a, np.ndarray):
        return None
    content = a.tolist() if a.dtype.hasobject else np.ndarray.tobytes(a) if a.size < 1e6 else b""
    return repr(content), a.dtype, a.shape, a.strides, repr(a.flags)


def run(call, *args):
    """What a call returns, or the error that it is allowed to raise."""
    before = [kept(a) for a in args]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call(*args)
        except (TypeError, ValueError, FileNotFoundError, MemoryError, OwnError) as error:
            result = error
    if isinstance(result, Exception):
        assert str(result) or type(result) is MemoryError, "an error without a message"
    assert [kept(a) for a in args] == before
    for warning in caught:
        message = str(warning.message)
        documented = any(words in message for words in DOCUMENTED)
        assert documented or warning.category in (UserWarning, DataConversionWarning), message
    return result


def flat(result):
    """All arrays in a result."""
    if isinstance(result, fastinfo.JointCounts):
        levels = [result.x_edges, result.x_levels, result.y_edges, result.y_levels]
        return [result.table, *(a for a in levels if a is not None)]
    if isinstance(result, fastinfo.Codes):
        return [result.codes, *result.edges]
    if isinstance(result, (tuple, list)) or hasattr(result, "rows"):
        return [a for part in result for a in flat(part)]
    return [np.asarray(result)]


def assert_same(got, expected, rtol):
    assert isinstance(got, Exception) == isinstance(expected, Exception), (got, expected)
    if isinstance(expected, Exception):
        assert type(got) is type(expected), (got, expected)
        return
    got, expected = flat(got), flat(expected)
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        if a.dtype.kind in "biufV" and a.dtype.names is None and b.dtype.kind in "biufV":
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(f8(a), f8(b), rtol=rtol, atol=rtol)
        else:
            assert repr(a.tolist()) == repr(b.tolist())


def tolerance(*arrays):
    """How far results may be off, by the coarsest dtype among the arguments."""
    floats = [a.dtype for a in arrays if a.dtype.kind == "f" or a.dtype.name == "bfloat16"]
    return max([1e-9, *(8 * float(ml_dtypes.finfo(dtype).eps) for dtype in floats)])


# Where arrays lie in memory: each of these is a view of the same values


def unaligned(a):
    buffer = np.zeros(a.nbytes + 1, np.uint8)
    view = np.ndarray(a.shape, a.dtype, buffer, 1)
    view[...] = a
    return view


def skipping(a):
    wide = np.zeros(tuple(3 * n for n in a.shape), a.dtype)
    view = wide[tuple(slice(1, None, 3) for _ in a.shape)]
    view[...] = a
    return view


def reversed_(a):
    everywhere = (slice(None, None, -1),) * a.ndim
    return a[everywhere].copy()[everywhere]


def frozen(a):
    view = a.copy()
    view.flags.writeable = False
    return view


def swapped(a):
    return a.astype(a.dtype.newbyteorder(">")) if a.dtype.name != "bfloat16" else a.copy()


def in_record(a):
    record = np.zeros(a.shape, [("pad", "u1"), ("value", a.dtype)])
    record["value"] = a
    return record["value"]


class Careless(np.ndarray):
    """A subclass that means well and does harm."""

    def __array_finalize__(self, other):
        self.note = getattr(other, "note", 0) + 1

    def __getitem__(self, key):
        return np.ndarray.__getitem__(self, key) if isinstance(key, int) else 7

    def __eq__(self, other):
        raise OwnError("no comparison")

    __hash__ = None


LAYOUTS = [
    unaligned,
    skipping,
    reversed_,
    frozen,
    swapped,
    in_record,
    np.asfortranarray,
    lambda a: a.T.copy().T,
    lambda a: unaligned(swapped(reversed_(a))),
    lambda a: skipping(swapped(a))[::-1][::-1],
    lambda a: a.copy().view(Careless),
    lambda a: a.copy().view(np.memmap),
]
FLOATS = [np.float16, np.float32, np.float64, np.longdouble, ml_dtypes.bfloat16]
INTEGERS = [np.dtype(c) for c in "bBhHiIlLqQ?"]
OTHERS = ["F", "D", "S2", "U2", "M8[s]", "m8[ns]", "O", "V8", "i4,f4"]
DTYPES = [np.dtype(d) for d in (*FLOATS, *INTEGERS, *OTHERS)]

PAYLOADS = np.array([0x7FF8000000000001, 0xFFF80000DEADBEEF], np.uint64)
SPECIAL = {
    "f": [*PAYLOADS.view(np.float64), math.inf, -math.inf, -0.0, 0.5, 5e-324, 1e308, -1e308, 1e-40],
    "O": [None, math.nan, 10**30, -(2**63), 2**63, "x", b"x", 1.5, True, (1, 2), [1], 1j],
    "M": [np.datetime64("NaT"), np.datetime64(2**62, "s")],
    "m": [np.timedelta64("NaT"), np.timedelta64(-(2**62), "ns")],
    "U": ["", "\0a", "é"],
    "S": [b"", b"\0a", b"\xff"],
    "c": [complex(math.nan, math.inf)],
}


def cast(numbers, dtype):
    """Small whole numbers as an array of the dtype."""
    if dtype.kind in "SU":
        return np.array(list("abcd"), dtype)[numbers]
    if dtype.kind in "mM":
        return numbers.astype(np.int64).view(dtype)
    if dtype.kind == "V" and dtype.name != "bfloat16":
        return np.zeros(numbers.shape, dtype)
    return numbers.astype(dtype)


def spoil(a, places):
    """Put special values into an array."""
    special = SPECIAL.get("f" if a.dtype.name == "bfloat16" else a.dtype.kind, [])
    if a.dtype.kind in "iu":
        info = np.iinfo(a.dtype)
        special = [info.max, info.min, info.max // 2 + 1, info.max - 1]
    for place, number in places if special else ():
        value = special[number % len(special)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if a.dtype.kind == "O":
                np.ndarray.__setitem__(a.reshape(-1), place % a.size, value)
            else:
                a.reshape(-1)[place % a.size] = value
    return a


def numbers_of(roles):
    """Small whole numbers for each argument."""
    return st.tuples(
        *(
            npst.arrays(np.int64, ROLES[role][0], elements=st.integers(0, ROLES[role][1] - 1))
            for role in roles
        )
    )


def is_tame(a):
    """Whether sums of these numbers neither overflow nor vanish."""
    if a.dtype.kind not in "biuf" and a.dtype.name != "bfloat16":
        return True
    size = np.abs(f8(a)[np.isfinite(f8(a))])
    return bool(((size == 0) | ((size > 1e-4) & (size < 1e4))).all())


@each_case
@settings(max_examples=12)
@given(data=st.data())
def test_memory_makes_no_difference(name, data):
    """The same values give the same answer wherever they lie."""
    case = CASES[name]
    numbers = data.draw(numbers_of(case.roles))
    for dtype in map(np.dtype, [*FLOATS, *"bIq?", "U2", "M8[s]"]):
        clean = [cast(a, dtype) for a in numbers]
        expected = run(case.call, *clean)
        layouts = data.draw(st.tuples(*[st.sampled_from(LAYOUTS)] * len(clean)))
        got = run(case.call, *(lay(a) for lay, a in zip(layouts, clean, strict=True)))
        narrow = dtype.itemsize <= 4 and (dtype.kind == "f" or dtype.name == "bfloat16")
        assert_same(got, expected, tolerance(*clean) if narrow else 1e-13)
    zero_strides = [np.broadcast_to(a.reshape(-1)[:1], a.shape) for a in map(f8, numbers)]
    got, expected = (run(case.call, *a) for a in (zero_strides, [a.copy() for a in zero_strides]))
    assert_same(got, expected, 1e-13)


@each_case
@settings(max_examples=12)
@given(data=st.data())
def test_every_dtype_is_answered_or_refused(name, data):
    """Against the reference, where there is one that takes such arrays."""
    case = CASES[name]
    numbers = data.draw(numbers_of(case.roles))
    places = data.draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=2))
    step = data.draw(st.integers(0, len(DTYPES) - 1))
    for i, dtype in enumerate(DTYPES):
        dtypes = [dtype, *(DTYPES[(i + step * j) % len(DTYPES)] for j in (1, 2))]
        arrays = [spoil(cast(a, d), places) for a, d in zip(numbers, dtypes, strict=False)]
        got = run(case.call, *arrays)
        if any(a.dtype.kind in "cV" and a.dtype.name != "bfloat16" for a in arrays):
            assert isinstance(got, (TypeError, ValueError)), arrays
        elif not isinstance(got, Exception) and case.reference and all(map(is_tame, arrays)):
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    expected = case.reference(*map(plain, arrays))
                except NotImplementedError:
                    continue
                except (TypeError, ValueError) as error:
                    pytest.fail(f"the reference refuses {arrays}: {error!r}, got {got!r}")
            assert_same(got, expected, tolerance(*arrays))


SHAPES = [(), (0,), (1,), (N + 1,), (0, 3), (3, 0), (N, 0), (1, 1), (N, 1), (1, N), (2, 3, 4)]


def clean(case):
    """Arguments that no function minds."""
    shapes = [(role, *ROLES[role]) for role in case.roles]
    numbers = [np.arange(math.prod(shape)).reshape(shape) % n for _, shape, n in shapes]
    return [a if role == "t" else f8(a) for role, a in zip(case.roles, numbers, strict=True)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@each_case
def test_every_shape_is_answered_or_refused(name, shape):
    case = CASES[name]
    for place in range(len(case.roles)):
        arguments = clean(case)
        arguments[place] = np.ones(shape, arguments[place].dtype)
        run(case.call, *arguments)
    arguments = [np.ones(shape, a.dtype) for a in arguments]
    got = run(case.call, *arguments)
    if case.reference and not isinstance(got, Exception) and shape in ((1,), (1, 1), (2, 3, 4)):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                expected = case.reference(*arguments)
        except (ValueError, LookupError, NotImplementedError):
            return
        assert_same(got, expected, 1e-9)


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if len(case.roles) > 1 and name != "selector"]
)
def test_huge_arguments_that_do_not_fit_are_refused_at_once(name):
    """Many elements that are one in memory: without a copy of them."""
    case = CASES[name]
    for place in range(len(case.roles)):
        arguments = clean(case)
        shape = (10**8, *arguments[place].shape[1:])
        arguments[place] = np.broadcast_to(arguments[place].reshape(-1)[:1], shape)
        tracemalloc.start()
        try:
            got = run(case.call, *arguments)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert isinstance(got, ValueError)
        assert peak < 1 << 24


# Objects that are no arrays, or not what they say


class Lying:
    """An array by its word."""

    def __init__(self, *answers):
        self.answers = collections.deque(answers)

    def __array__(self, dtype=None, copy=None):
        self.answers.rotate(-1)
        if isinstance(self.answers[-1], Exception):
            raise self.answers[-1]
        return self.answers[-1]


class Sequence:
    """A sequence with another length than it says."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        if isinstance(self.length, Exception):
            raise self.length
        return self.length

    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return 1.0


def refuse(*args):
    raise OwnError("no")


class Sulking:
    """A value that refuses everything."""

    __bool__ = __index__ = __float__ = __int__ = __hash__ = __eq__ = __ne__ = __lt__ = refuse


class Floating:
    """A value that is a number until it is asked for it."""

    __float__ = __index__ = __bool__ = refuse


class Capsule:
    """What says that it has DLPack's protocol."""

    def __init__(self, answer):
        self.answer = answer

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, **options):
        return self.answer if not isinstance(self.answer, Exception) else refuse()


class Unlike(np.ndarray):
    """A subclass with functions of its own."""

    __array_ufunc__ = None

    def __array_function__(self, *args):
        raise OwnError("no NumPy function")


#: Name, what it is for an array of the clean argument's shape, and whether all must refuse it.
OBJECTS = {
    "text": (lambda a: "abc", True),
    "bytes": (lambda a: b"abc", True),
    "number": (lambda a: 10**30, True),
    "generator": (lambda a: (i for i in range(N)), True),
    "iterator": (lambda a: map(float, range(N)), True),
    "dict": (lambda a: dict.fromkeys(range(N), 1.0), True),
    "set": (lambda a: set(range(N)), True),
    "class": (lambda a: np.ndarray, True),
    "object": (lambda a: object(), True),
    "function": (lambda a: len, True),
    "mock": (lambda a: mock.MagicMock(), False),
    "ragged": (lambda a: [[1.0], [1.0, 2.0]] * (N // 2), True),
    "masked": (lambda a: np.ma.array(a, mask=a == 0), True),
    "masked scalar": (lambda a: np.ma.masked, True),
    "sparse": (lambda a: scipy.sparse.csr_array(np.atleast_2d(a)), False),
    "huge integers": (lambda a: np.full(a.shape, 10**30, object).tolist(), False),
    "2**63": (lambda a: [2**63, -1, 2**64 - 1] * (N // 3), False),
    "nested": (lambda a: [[[[1.0] * 2] * 2] * 2] * N, False),
    "cyclic": (lambda a: (lambda c: c.append(c) or c)([]), True),
    "nothing": (lambda a: [None] * N, False),
    "sulking": (lambda a: [Sulking()] * N, True),
    "floating": (lambda a: [Floating()] * N, False),
    "one sulking": (lambda a: [*range(N - 1), Sulking()], True),
    "lists": (lambda a: np.array([*[[]] * (N - 1), None, 0], object)[1:], True),
    "list by array": (lambda a: Lying([1.0] * N), True),
    "text by array": (lambda a: Lying("abc"), True),
    "raising array": (lambda a: Lying(OwnError("no array")), True),
    "itself by array": (lambda a: (lambda o: o.answers.append(o) or o)(Lying()), True),
    "changing array": (lambda a: Lying(np.ones(3), np.zeros(N, "U1"), a[:5], a > 0), False),
    "longer": (lambda a: Sequence(N), False),
    "shorter": (lambda a: Sequence(2), False),
    "negative length": (lambda a: Sequence(-1), True),
    "raising length": (lambda a: Sequence(OwnError("no length")), True),
    "huge length": (lambda a: Sequence(2**62), True),
    "capsule": (lambda a: Capsule(5), True),
    "raising capsule": (lambda a: Capsule(OwnError()), True),
}
#: Other containers of the same values.
CONTAINERS = [
    np.ndarray.tolist,
    lambda a: collections.deque(a.tolist()),
    memoryview,
    lambda a: array.array(a.dtype.char, a.tolist()) if a.ndim == 1 else a,
    lambda a: a.view(Unlike),
    lambda a: a.view(Careless),
    Lying,
]


@each_case
def test_objects_that_are_no_arrays_are_refused(name):
    case = CASES[name]
    for kind, (make, refused) in OBJECTS.items():
        for place in range(len(case.roles)):
            arguments = clean(case)
            arguments[place] = make(arguments[place])
            got = run(case.call, *arguments)
            assert isinstance(got, Exception) or not refused, (kind, got)


@each_case
def test_containers_of_the_same_values_give_the_same(name):
    case = CASES[name]
    arguments = clean(case)
    expected = run(case.call, *arguments)
    assert not isinstance(expected, Exception)
    for make in CONTAINERS:
        for place in range(len(case.roles)):
            others = list(arguments)
            others[place] = make(arguments[place])
            got = run(case.call, *others)
            if not isinstance(got, OwnError):
                assert_same(got, expected, 1e-13)
