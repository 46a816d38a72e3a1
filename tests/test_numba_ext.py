"""Public names inside ``@njit``: the same answers as from Python, errors that name the argument."""

import functools
import subprocess
import sys
import textwrap

import numba
import numpy as np
import pytest
from helpers import compiled

import fastinfo
from fastinfo.numba_ext import FUNCTIONS

pytestmark = compiled

WIDTHS = {"strategy": "uniform"}  # the default of compiled functions, not of those from Python
PAIRS = ["cross_entropy", "kl_divergence", "js_divergence"]


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-15)


@pytest.fixture
def weights(rng):
    return rng.random(200), rng.random(200)


@pytest.fixture
def samples(rng):
    x = rng.normal(size=2000)
    return x, 0.6 * x + 0.8 * rng.normal(size=2000)


def test_every_function_is_public():
    assert set(FUNCTIONS) <= set(fastinfo.__all__)
    assert list(FUNCTIONS) == sorted(FUNCTIONS)


def test_the_entry_point_finds_them():
    """In a process that imports nothing of numba_ext itself."""
    program = """
        import numba, numpy as np, fastinfo
        assert numba.njit(lambda p: fastinfo.entropy(p))(np.ones(4)) == np.log(4)
        print("found")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "found\n"


# Distributions


def test_entropy(weights):
    @numba.njit
    def f(p, q):
        return (
            fastinfo.entropy(p),
            fastinfo.entropy(p, base=2),
            fastinfo.entropy(p, q),
            fastinfo.entropy(p, q, 10.0),
        )

    p, q = weights
    e = fastinfo.entropy
    close(f(p, q), [e(p), e(p, base=2), e(p, q), e(p, q, 10.0)])
    close(
        f(p[::2], q[::-2]),
        [e(p[::2]), e(p[::2], base=2), *(e(p[::2], q[::-2], b) for b in (None, 10.0))],
    )


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(name, weights):
    public = getattr(fastinfo, name)

    @numba.njit
    def f(p, q):
        return public(p, q), public(p, q, base=2.0), public(p, q, 3)

    p, q = weights
    close(f(p, q), [public(p, q), public(p, q, base=2), public(p, q, 3)])
    read_only = p.copy()
    read_only.flags.writeable = False
    close(f(read_only, q), f(p, q))


@pytest.mark.parametrize("name", PAIRS[:2])
@pytest.mark.parametrize("dtypes", [("f4", "f4"), ("i8", "f4")])
def test_dtypes_of_pairs(name, dtypes, rng):
    public = getattr(fastinfo, name)
    p, q = (rng.integers(1, 9, 50).astype(dtype) for dtype in dtypes)
    got = numba.njit(lambda p, q: public(p, q))(p, q)
    expected = public(p, q)
    assert got == pytest.approx(float(expected), rel=1e-6 if expected.dtype == "f4" else 1e-13)


@pytest.mark.parametrize("name", ["entropy", *PAIRS])
def test_bad_weights(name):
    public = getattr(fastinfo, name)
    f = numba.njit((lambda p, q: public(p)) if name == "entropy" else (lambda p, q: public(p, q)))
    good = np.ones(3)
    with pytest.raises(ValueError, match="must not be negative"):
        f(np.array([1.0, -1.0, 2.0]), good)
    with pytest.raises(ValueError, match="must not all be zero"):
        f(np.zeros(3), good)
    if name != "entropy":
        with pytest.raises(ValueError, match="the same length"):
            f(good, np.ones(4))


def test_bad_bases():
    f = numba.njit(lambda p, b: fastinfo.entropy(p, base=b))
    assert f(np.ones(4), 2.0) == 2.0
    for base in (0.0, 1.0, -2.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="base must be"):
            f(np.ones(3), base)


# Log domain


@pytest.mark.parametrize(("shape", "dtype"), [((7,), "f8"), ((40, 300), "f4"), ((2, 3, 4), "f8")])
def test_log_sums(shape, dtype, rng):
    @numba.njit
    def f(x):
        return fastinfo.logsumexp(x), fastinfo.softmax(x), fastinfo.log_softmax(x)

    x = rng.normal(size=shape).astype(dtype)
    bound = 1e-13 if dtype == "f8" else 1e-6
    for got, name in zip(f(x), ("logsumexp", "softmax", "log_softmax"), strict=True):
        expected = getattr(fastinfo, name)(x)
        np.testing.assert_allclose(got, expected, rtol=bound, atol=bound)
        assert not isinstance(got, np.ndarray) or got.dtype == expected.dtype


def test_axes(rng):
    @numba.njit
    def f(x, axis):
        return fastinfo.softmax(x, axis), fastinfo.log_softmax(x, axis=axis)

    x = rng.normal(size=(30, 20))
    for axis in (0, 1, -1, -2):
        got = f(x[::2, ::-1], axis)
        close(got[0], fastinfo.softmax(x[::2, ::-1], axis))
        close(got[1], fastinfo.log_softmax(x[::2, ::-1], axis))
    vector = numba.njit(lambda x, axis: fastinfo.softmax(x, axis))
    close(vector(x[0], -1), fastinfo.softmax(x[0]))
    for function, a, axis in ((f, x[::2, ::-1], 2), (vector, x[0], 1)):
        with pytest.raises(ValueError, match="axis is out of bounds"):
            function(a, axis)


# Losses


def test_softmax_cross_entropy(rng):
    @numba.njit
    def f(x, t, p):
        return (
            fastinfo.softmax_cross_entropy(x, t, reduction="sum", label_smoothing=0.1),
            fastinfo.softmax_cross_entropy(x, p, reduction="none"),
        )

    loss = fastinfo.softmax_cross_entropy
    for c in (2, 30, 300):
        x, t = rng.normal(size=(25, c)), rng.integers(0, c, 25)
        p = rng.dirichlet(np.ones(c), 25)
        expected = [
            loss(x, t, reduction="sum", label_smoothing=0.1),
            loss(x, p, reduction="none"),
        ]
        for got, value in zip(f(x, t, p), expected, strict=True):
            close(got, value)
    with pytest.raises(ValueError, match="targets must be classes"):
        f(x, t + 300, p)
    with pytest.raises(ValueError, match="targets must be as many as rows"):
        f(x, t[:-1], p)
    with pytest.raises(ValueError, match="targets must have the shape of logits"):
        f(x, t, p[:-1])


def test_sigmoid_cross_entropy(rng):
    @numba.njit
    def f(x, t):
        return (
            fastinfo.sigmoid_cross_entropy(x, t),
            fastinfo.sigmoid_cross_entropy(x, t, reduction="none"),
        )

    loss = fastinfo.sigmoid_cross_entropy
    x, t = 10 * rng.normal(size=500), rng.random(500)
    for targets in (t, t > 0.5):
        got = f(x, targets)
        close(got[0], loss(x, targets))
        close(got[1], loss(x, targets, reduction="none"))
    with pytest.raises(ValueError, match="as many as logits"):
        f(x, t[:-1])


# Samples


def test_histogram(samples):
    @numba.njit
    def f(x, edges):
        return (
            fastinfo.histogram(x),
            fastinfo.histogram(x, 37, (-1.0, 2)),
            fastinfo.histogram(x, edges),
        )

    edges = np.array([-2.0, -0.5, 0.0, 0.1, 4.0])
    for x in (samples[0], np.round(samples[0], 1), np.arange(-7, 50)):
        expected = [np.histogram(x), np.histogram(x, 37, (-1.0, 2)), np.histogram(x, edges)]
        for (counts, found), (wanted, wanted_edges) in zip(f(x, edges), expected, strict=True):
            np.testing.assert_array_equal(counts, wanted)
            np.testing.assert_array_equal(found, wanted_edges)
            assert counts.dtype == np.int64


@pytest.mark.parametrize("dtype", ["f4"])
def test_histogram2d(dtype, samples):
    @numba.njit
    def f(x, y, edges):
        return (
            fastinfo.histogram2d(x, y),
            fastinfo.histogram2d(x, y, (5, 9)),
            fastinfo.histogram2d(x, y, bins=edges),
            fastinfo.histogram2d(x, y, (edges, 4)),
        )

    edges = np.array([-2.0, -0.5, 0.0, 0.1, 4.0])
    x, y = ((8 * a).round().astype(dtype) / (8 if dtype != "i4" else 1) for a in samples)
    x, y = x.astype(dtype), y.astype(dtype)
    h = fastinfo.histogram2d
    expected = [h(x, y), h(x, y, (5, 9)), h(x, y, edges), h(x, y, (edges, 4))]
    for got, wanted in zip(f(x, y, edges), expected, strict=True):
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(a, b)
        assert got[0].dtype == wanted[0].dtype


def test_mutual_information_of_numbers(samples):
    @numba.njit
    def f(x, y, edges):
        return (
            fastinfo.mutual_information(x, y),
            fastinfo.mutual_information(x, y, bins=16),
            fastinfo.mutual_information(x, y, bins=(5, 7), base=2),
            fastinfo.mutual_information(x, y, bins=edges),
        )

    edges = np.array([-2.0, -0.5, 0.0, 0.1, 4.0])
    mi = functools.partial(fastinfo.mutual_information, **WIDTHS)
    x, y = samples
    for a, b in ((x, y), (x[:50], y[:50]), (x, x), (x, -y)):
        expected = [
            mi(a, b),
            mi(a, b, bins=16),
            mi(a, b, bins=(5, 7), base=2),
            mi(a, b, bins=edges),
        ]
        close(f(a, b, edges), expected)


def test_mutual_information_of_labels(rng, samples):
    f = numba.njit(lambda x, y: fastinfo.mutual_information(x, y, bins=6))
    x = rng.integers(-5, 5, 2000)
    y = (x + rng.integers(0, 3, 2000)) * 10**15
    for a, b in ((x, y), (x, samples[0])):
        close(f(a, b), fastinfo.mutual_information(a, b, bins=6, **WIDTHS))
    score = numba.njit(lambda x, y: fastinfo.mutual_info_score(x, y))
    close(score(x, y), fastinfo.mutual_info_score(x, y))


def test_conditional_mutual_information(rng, samples):
    @numba.njit
    def f(x, y, z):
        return (
            fastinfo.conditional_mutual_information(x, y, z),
            fastinfo.conditional_mutual_information(x, y, z, bins=4, base=2),
        )

    cmi = functools.partial(fastinfo.conditional_mutual_information, **WIDTHS)
    z = rng.integers(0, 2, 2000)
    x = rng.integers(0, 2, 2000)
    for a, b, c in ((x, x ^ z, z), (*samples, rng.normal(size=2000))):
        close(f(a, b, c), [cmi(a, b, c), cmi(a, b, c, bins=4, base=2)])


def test_missing_samples_and_bad_ones(samples):
    x, y = samples
    mi = numba.njit(lambda x, y: fastinfo.mutual_information(x, y, bins=4))
    cmi = numba.njit(lambda x, y, z: fastinfo.conditional_mutual_information(x, y, z))
    holes = x.copy()
    holes[3] = np.nan
    assert np.isnan(mi(holes, y))
    assert np.isnan(mi(holes, x > 0))
    assert np.isnan(cmi(x, holes, y))
    holes[3] = np.inf
    with pytest.raises(ValueError, match="is not finite"):
        mi(holes, y)
    with pytest.raises(ValueError, match="the same length"):
        mi(x, y[:-1])
    with pytest.raises(ValueError, match="at least one sample"):
        mi(x[:0], y[:0])
    with pytest.raises(ValueError, match="bins must be positive"):
        numba.njit(lambda x: fastinfo.histogram(x, 0))(x)
    with pytest.raises(ValueError, match="monotonically"):
        numba.njit(lambda x, e: fastinfo.histogram(x, e))(x, np.array([1.0, 0.0]))
    holes[3] = np.nan
    with pytest.raises(ValueError, match="is not finite"):
        numba.njit(lambda x: fastinfo.histogram(x))(holes)
    many = np.arange(10**5)
    with pytest.raises(ValueError, match="fewer levels"):
        numba.njit(lambda x: fastinfo.mutual_information(x, x))(many)


# At compile time


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: fastinfo.logsumexp(x, axis=1), "axis must be None"),
        (lambda x: fastinfo.entropy(x), "pk must be a one-dimensional array of real numbers"),
        (lambda x: fastinfo.entropy(x[0], base="e"), "base must be a number or None"),
        (
            lambda x: fastinfo.entropy(x[0], axis=0),
            "nopython mode got an unexpected keyword argument",
        ),
        (lambda x: fastinfo.entropy(x[0], None, 2, 0), "nopython mode too many positional"),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], correction="zhang"),
            "'correction'. Its arguments there are x, y, bins, base: leave others out, or call",
        ),
        (lambda x: fastinfo.softmax(1.0), "x must be an array"),
        (lambda x: fastinfo.softmax_cross_entropy(x, x[0]), "targets must be integers"),
        (
            lambda x: fastinfo.softmax_cross_entropy(x, x, reduction="median"),
            "reduction must be one of 'mean', 'sum', 'none'",
        ),
        (lambda x: fastinfo.histogram(x[0], "auto"), "bins must be an integer, edges"),
        (lambda x: fastinfo.histogram(x[0].astype(np.float32)), "must be float64 or integers"),
        (lambda x: fastinfo.mutual_information(x[0], x[0], bins="fd"), "bins must be"),
        (lambda x: fastinfo.mutual_info_score(x[0], x[0]), "must be integers or booleans"),
    ],
)
def test_what_does_not_compile_says_why(function, said):
    with pytest.raises(numba.TypingError, match=said):
        numba.njit(function)(np.ones((3, 4)))


def test_inputs_stay_as_they_are(samples):
    x, y = (a.copy() for a in samples)
    numba.njit(lambda x, y: fastinfo.mutual_information(x, y))(x, y)
    np.testing.assert_array_equal(x, samples[0])
    np.testing.assert_array_equal(y, samples[1])


def test_in_parallel_loops(rng):
    @numba.njit(parallel=True)
    def each(X, y):
        out = np.empty(X.shape[0])
        for i in numba.prange(X.shape[0]):
            out[i] = fastinfo.mutual_information(X[i], y, bins=8)
        return out

    X, y = rng.normal(size=(6, 300)), rng.normal(size=300)
    expected = [fastinfo.mutual_information(x, y, bins=8, **WIDTHS) for x in X]
    close(each(X, y), expected)


def test_cached_functions_load_in_a_new_process(tmp_path):
    (tmp_path / "user_code.py").write_text(
        textwrap.dedent(
            """
            import numba, numpy as np, fastinfo

            @numba.njit(cache=True)
            def f(x, y, p):
                return fastinfo.mutual_information(x, y, bins=16), fastinfo.entropy(p)

            x = np.arange(1000.0)
            print(f(x, x % 7.0, np.ones(4)), sum(f.stats.cache_hits.values()))
            """
        )
    )
    runs = [
        subprocess.run(
            [sys.executable, "user_code.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.rsplit(" ", 1)
        for _ in range(2)
    ]
    assert runs[0][0] == runs[1][0]
    assert [int(hits) for _, hits in runs] == [0, 1]
