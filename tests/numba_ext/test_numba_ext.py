"""Public names inside ``@njit``: the same answers as from Python, errors that name the argument."""

import functools
import subprocess
import sys
import textwrap

import numba
import numpy as np
import pytest
from helpers import compiled, numpy_histogram

import fastinfo
from fastinfo.numba_ext import FUNCTIONS

pytestmark = [compiled, pytest.mark.filterwarnings("ignore:.* what chance alone gives")]

PAIRS = ["cross_entropy", "kl_divergence", "js_divergence"]


def assert_close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-15)


@functools.cache
def compiled_with(call, names="x, y"):
    """A compiled function with options that are written out."""
    namespace = {"numba": numba, "fastinfo": fastinfo}
    exec(f"f = numba.njit(lambda {names}: fastinfo.{call})", namespace)
    return namespace["f"]


def of_bins():
    """Information in bins that are given."""
    return compiled_with("mutual_information(x, y, b)", "x, y, b")


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    assert_close(f(p, q), [e(p), e(p, base=2), e(p, q), e(p, q, 10.0)])
    assert_close(
        f(p[::2], q[::-2]),
        [e(p[::2]), e(p[::2], base=2), *(e(p[::2], q[::-2], b) for b in (None, 10.0))],
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_pairs(name, weights):
    public = getattr(fastinfo, name)

    @numba.njit
    def f(p, q):
        return public(p, q), public(p, q, base=2.0), public(p, q, 3)

    p, q = weights
    assert_close(f(p, q), [public(p, q), public(p, q, base=2), public(p, q, 3)])
    read_only = p.copy()
    read_only.flags.writeable = False
    assert_close(f(read_only, q), f(p, q))


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS[:2])
@pytest.mark.parametrize("dtypes", [("f4", "f4"), ("i8", "f4")])
def test_dtypes_of_pairs(name, dtypes, rng):
    public = getattr(fastinfo, name)
    p, q = (rng.integers(1, 9, 50).astype(dtype) for dtype in dtypes)
    got = compiled_with(f"{name}(x, y)")(p, q)
    expected = public(p, q)
    assert got == pytest.approx(float(expected), rel=1e-6 if expected.dtype == "f4" else 1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["entropy", *PAIRS])
def test_bad_weights(name):
    call = "entropy(x)" if name == "entropy" else f"{name}(x, y)"
    f = compiled_with(call, "x" if name == "entropy" else "x, y")
    good = np.ones(3)
    beside = () if name == "entropy" else (good,)
    with pytest.raises(ValueError, match="must not be negative"):
        f(np.array([1.0, -1.0, 2.0]), *beside)
    with pytest.raises(ValueError, match="must not all be zero"):
        f(np.zeros(3), *beside)
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_axes(rng):
    @numba.njit
    def f(x, axis):
        return fastinfo.softmax(x, axis), fastinfo.log_softmax(x, axis=axis)

    x = rng.normal(size=(30, 20))
    for axis in (0, 1, -1, -2):
        got = f(x[::2, ::-1], axis)
        assert_close(got[0], fastinfo.softmax(x[::2, ::-1], axis))
        assert_close(got[1], fastinfo.log_softmax(x[::2, ::-1], axis))
    vector = numba.njit(lambda x, axis: fastinfo.softmax(x, axis))
    assert_close(vector(x[0], -1), fastinfo.softmax(x[0]))
    for function, a, axis in ((f, x[::2, ::-1], 2), (vector, x[0], 1)):
        with pytest.raises(ValueError, match="axis is out of bounds"):
            function(a, axis)


# Losses


@pytest.mark.slow
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
            assert_close(got, value)
    with pytest.raises(ValueError, match="targets must be classes"):
        f(x, t + 300, p)
    with pytest.raises(ValueError, match="targets must have one entry for each row"):
        f(x, t[:-1], p)
    with pytest.raises(ValueError, match="targets must have the shape of logits"):
        f(x, t, p[:-1])


@pytest.mark.slow
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
        assert_close(got[0], loss(x, targets))
        assert_close(got[1], loss(x, targets, reduction="none"))
    with pytest.raises(ValueError, match="targets must have the length of logits"):
        f(x, t[:-1])


# Samples


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_mutual_information_of_numbers(samples):
    @numba.njit
    def f(x, y, edges):
        return (
            fastinfo.mutual_information(x, y),
            fastinfo.mutual_information(x, y, bins=16),
            fastinfo.mutual_information(x, y, bins=("mi", 7), base=2),
            fastinfo.mutual_information(x, y, bins=edges),
            fastinfo.mutual_information(x, y, bins=(edges, 6)),
        )

    edges = np.array([-2.0, -0.5, 0.0, 0.1, 4.0])
    mi = fastinfo.mutual_information
    x, y = samples
    for a, b in ((x, y), (x[:50], y[:50]), (x, np.round(x)), (x, -y)):
        expected = [
            mi(a, b),
            mi(a, b, bins=16),
            mi(a, b, bins=("mi", 7), base=2),
            mi(a, b, bins=edges),
            mi(a, b, bins=(edges, 6)),
        ]
        assert_close(f(a, b, edges), expected)


@pytest.mark.slow
def test_equal_widths(samples):
    @numba.njit
    def f(x, y, edges):
        return (
            fastinfo.mutual_information(x, y, strategy="uniform"),
            fastinfo.mutual_information(x, y, bins=16, strategy="uniform"),
            fastinfo.mutual_information(x, y, bins=(edges, "mi"), strategy="uniform", base=2),
        )

    edges = np.array([-2.0, -0.5, 0.0, 0.1, 4.0])
    x, y = samples
    for a, b in ((x, y), (x[:50], y[:50]), (x, x), (x, -y)):
        settings = [{}, {"bins": 16}, {"bins": (edges, "mi"), "base": 2}]
        expected = [fastinfo.mutual_information(a, b, strategy="uniform", **s) for s in settings]
        assert_close(f(a, b, edges), expected)


@pytest.mark.slow
def test_many_samples_in_bins_of_equal_counts(rng):
    """Past 200,000 samples Python's edges may be a twentieth of a bin off; those here are exact."""
    f = of_bins()
    x = rng.normal(size=200_000)
    y = 0.6 * x + 0.8 * rng.normal(size=x.size)
    assert_close(f(x, y, 20), fastinfo.mutual_information(x, y, bins=20))
    x, y = np.append(x, [0.5, 0.25]), np.append(y, [0.5, 0.25])
    assert f(x, y, 20) == pytest.approx(fastinfo.mutual_information(x, y, bins=20), rel=0.01)


@pytest.mark.slow
def test_mutual_information_of_labels(rng, samples):
    f = of_bins()
    x = rng.integers(-5, 5, 2000)
    y = (x + rng.integers(0, 3, 2000)) * 10**15
    for a, b in ((x, y), (x, samples[0])):
        assert_close(f(a, b, 6), fastinfo.mutual_information(a, b, bins=6))
    score = compiled_with("mutual_info_score(x, y)")
    assert_close(score(x, y), fastinfo.mutual_info_score(x, y))


@pytest.mark.slow
@pytest.mark.parametrize("discrete", [True, False, ("auto", True), (True, False)])
def test_what_is_a_label_can_be_said(discrete, rng, samples):
    f = compiled_with(f"mutual_information(x, y, 5, discrete={discrete!r})")
    x, y = rng.integers(0, 90, 2000), np.round(samples[0], 1)
    said = (True, True) if discrete == ("auto", True) else discrete
    assert_close(f(x, y), fastinfo.mutual_information(x, y, bins=5, discrete=said))


CORRECTIONS = ["miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb"]
CORRECTIONS += ["chance", "zhang", 0.5]


@pytest.mark.slow
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrections(correction, rng, samples):
    f = compiled_with(f"mutual_information(x, y, bins=5, correction={correction!r})")
    mi = functools.partial(fastinfo.mutual_information, correction=correction)
    if CORRECTIONS.index(correction) % 2:
        x, y = (a[:300] for a in samples)
        assert_close(f(x, y), mi(x, y, bins=5))
        return
    y = rng.integers(0, 4, 300) * 10**15
    for x in (y // 2, np.arange(300) * 10**15):
        np.testing.assert_allclose(f(x, y), mi(x, y, discrete=True), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["joint_entropy", "conditional_entropy", "variation_of_information"]
)
def test_entropies_of_two(name, rng, samples):
    @numba.njit
    def f(x, y):
        return public(x, y, bins=6), public(x, y, bins=6, base=2.0, correction=1.0)

    public = getattr(fastinfo, name)
    x, y = samples
    expected = public(x, y, bins=6), public(x, y, bins=6, base=2, correction=1.0)
    assert_close(f(x, y), expected)
    x, y = rng.integers(0, 9, 500) * 2**40, rng.integers(0, 5, 500)
    assert_close(f(x, y), (public(x, y), public(x, y, base=2, correction=1.0)))


@pytest.mark.slow
def test_conditional_mutual_information(rng, samples):
    @numba.njit
    def f(x, y, z):
        return (
            fastinfo.conditional_mutual_information(x, y, z),
            fastinfo.conditional_mutual_information(x, y, z, bins=4, base=2),
            fastinfo.conditional_mutual_information(x, y, z, (3, "mi", 5), strategy="uniform"),
        )

    cmi = fastinfo.conditional_mutual_information
    z = rng.integers(0, 2, 2000)
    x = rng.integers(0, 2, 2000)
    numbers = (*samples, rng.normal(size=2000))
    for a, b, c in ((x, x ^ z, z * 2**60), numbers):
        third = cmi(a, b, c, bins=(3, "mi", 5), strategy="uniform")
        assert_close(f(a, b, c), [cmi(a, b, c), cmi(a, b, c, bins=4, base=2), third])
    many = rng.integers(0, 400, (3, 2000))
    assert_close(f(*many)[0], cmi(*many, discrete=True))


@pytest.mark.slow
@pytest.mark.parametrize("correction", ["miller-madow", "shrinkage", "nsb", 0.5])
def test_corrections_of_three(correction, rng):
    call = f"conditional_mutual_information(x, y, z, bins=3, correction={correction!r})"
    f = compiled_with(call, "x, y, z")
    x, y = rng.normal(size=(2, 300))
    z = rng.integers(0, 4, 300) * 10**15
    cmi = fastinfo.conditional_mutual_information
    assert_close(f(x, y, z), cmi(x, y, z, bins=3, correction=correction))


# The same answer as from Python, or an error of the same kind


def assert_agree(compiled, public, arguments, **options):
    try:
        expected = public(*arguments, **options)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            compiled(*arguments)
        return
    found = compiled(*arguments)
    for a, b in zip(np.atleast_1d(found), np.atleast_1d(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


NORMAL = np.random.default_rng(5).normal(size=400)
NUMBERS = {
    "normal": NORMAL,
    "rounded": np.round(NORMAL, 1),
    "skewed": np.exp(5 * NORMAL),
    "few values": np.round(NORMAL),
    "constant": np.full(400, 2.5),
    "large constant": np.full(400, 2.0**60),
    "zeros of both signs": np.where(NORMAL > 0, 0.0, -0.0),
    "subnormal": np.where(NORMAL > 0, 5e-324, 0.0),
    "neighbours": np.where(NORMAL > 0, 1.0, np.nextafter(1.0, 2.0)),
    "widest": np.where(NORMAL > 0, 1.7e308, -1.7e308),
    "wide": 1.7e308 * np.tanh(NORMAL),
    "infinite": np.where(NORMAL > 2, np.inf, NORMAL),
    "missing": np.where(NORMAL > 2, np.nan, NORMAL),
    "one": np.array([3.0]),
    "two": np.array([3.0, 1.0]),
    "none": np.zeros(0),
}
WHOLE = np.random.default_rng(6).integers(0, 5, 400)
LABELS = {
    "few": WHOLE,
    "0 and 60000": np.where(WHOLE > 2, 60000, 0),
    "0 and 2**60": np.where(WHOLE > 2, 2**60, 0),
    "all int64": np.where(WHOLE > 2, 2**63 - 1, -(2**63)),
    "past 2**53": 2**53 + WHOLE,
    "all different": np.arange(400) * 10**15,
    "many far apart": (WHOLE + 7 * np.arange(400) // 3) * 10**15,
    "constant": np.full(400, -7),
    "one": np.array([3]),
    "none": np.zeros(0, np.int64),
}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_all_kinds(kind, strategy):
    x = NUMBERS[kind]
    options = {"strategy": strategy}
    f = compiled_with(f"mutual_information(x, y, strategy={strategy!r})")
    for y in (x[::-1].copy(), NORMAL[: x.size].copy()):
        assert_agree(f, fastinfo.mutual_information, (x, y), **options)
    g = compiled_with(f"conditional_mutual_information(x, y, z, strategy={strategy!r})", "x, y, z")
    cmi = fastinfo.conditional_mutual_information
    assert_agree(g, cmi, (x, np.roll(x, 1), x[::-1].copy()), **options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_all_kinds(kind):
    x = LABELS[kind]
    f = compiled_with("mutual_information(x, y)")
    score = compiled_with("mutual_info_score(x, y)")
    g = compiled_with("conditional_mutual_information(x, y, z)", "x, y, z")
    options = {"discrete": True}
    for y in (x, WHOLE[: x.size].copy(), (x[::-1] // 3).copy()):
        assert_agree(f, fastinfo.mutual_information, (x, y), **options)
        assert_agree(score, fastinfo.mutual_info_score, (x, y))
        z = WHOLE[: x.size].copy()
        assert_agree(g, fastinfo.conditional_mutual_information, (x, y, z), **options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LABELS)
def test_integers_as_numbers_of_all_kinds(kind):
    x = LABELS[kind]
    f = compiled_with("mutual_information(x, y, discrete=False)")
    y = NORMAL[: x.size].copy()
    assert_agree(f, fastinfo.mutual_information, (x, y), discrete=False)


def flat(histogram):
    """A function that gives counts and edges in one vector."""
    return lambda *args: np.concatenate([a.reshape(-1) for a in histogram(*args)])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*NUMBERS, *LABELS])
def test_histograms_of_all_kinds(kind):
    f, g = (
        compiled_with("histogram(x, b)", "x, b"),
        compiled_with("histogram2d(x, y, b)", "x, y, b"),
    )
    for x in (a[kind] for a in (NUMBERS, LABELS) if kind in a):
        edges = np.unique(x[:3]) if x.size else np.array([0.0, 1.0]).astype(x.dtype)
        edges = np.append(edges, [edges[-1], edges[-1]])
        for bins in (7, edges):
            try:
                with np.errstate(all="ignore"):
                    expected = numpy_histogram(x, bins)
            except (ValueError, IndexError):  # of an infinite width
                with pytest.raises(ValueError, match=r"Too many bins for data range|not finite"):
                    f(x, bins)
            else:
                for found, wanted in zip(f(x, bins), expected, strict=True):
                    np.testing.assert_array_equal(found, wanted)
                    assert found.dtype == wanted.dtype
            assert_agree(flat(g), flat(fastinfo.histogram2d), (x, x[::-1].copy(), bins))


@pytest.mark.slow
def test_edges_of_integers_past_float64():
    f = compiled_with("histogram(x, b)", "x, b")
    k = 2**54
    for dtype in ("i8", "u8"):
        a, e = (np.array(v, dtype) for v in ([k, k + 1, k + 2], [k - 1, k + 1, k + 3]))
        counts, found = f(a, e)
        assert counts.tolist() == [1, 2]
        assert found.dtype == dtype
    g = compiled_with("histogram2d(x, y, b)", "x, y, b")
    assert g(a, a, e)[0].tolist() == [[1, 0], [0, 2]]
    mixed = np.array([k, k + 2], "i8")
    np.testing.assert_array_equal(f(mixed, e)[0], np.histogram(mixed, e)[0])


WEIGHTS = [[], [0.0], [1.0], [1.0, 3.0], [0.0, 2.0], [1e308, 1e308], [5e-324, 1.0], [1.0, np.inf]]
WEIGHTS += [[np.nan, 1.0], [-1.0, 2.0], [0.0, 0.0]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["entropy", *PAIRS])
@pytest.mark.parametrize("p", WEIGHTS, ids=str)
def test_weights_of_all_kinds(name, p):
    p = np.array(p)
    public = getattr(fastinfo, name)
    if name == "entropy":
        assert_agree(compiled_with("entropy(x)", "x"), public, (p,))
        return
    f = compiled_with(f"{name}(x, y)")
    for q in (p, np.ones(p.size), p[::-1].copy(), np.ones(p.size + 1)):
        assert_agree(f, public, (p, q))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (0, 3), (3, 0), (2, 3)])
def test_logits_of_all_shapes(shape):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    for name in ("softmax", "log_softmax"):
        public = getattr(fastinfo, name)
        assert_agree(compiled_with(f"{name}(x)", "x"), public, (x,))
        if len(shape) == 2:
            for axis in (0, 1, -1):
                assert_agree(compiled_with(f"{name}(x, a)", "x, a"), public, (x, axis))
    assert_agree(compiled_with("logsumexp(x)", "x"), fastinfo.logsumexp, (x,))


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses_of_nothing(reduction):
    loss, sigmoid = fastinfo.softmax_cross_entropy, fastinfo.sigmoid_cross_entropy
    f = compiled_with(f"softmax_cross_entropy(x, y, reduction={reduction!r})")
    for shape in ((0, 3), (3, 0)):
        x, t = np.zeros(shape), np.zeros(shape[0], np.int64)
        assert_agree(f, loss, (x, t), reduction=reduction)
    g = compiled_with(f"sigmoid_cross_entropy(x, y, reduction={reduction!r})")
    assert_agree(g, sigmoid, (np.zeros(0), np.zeros(0)), reduction=reduction)


@pytest.mark.slow
def test_smoothing_and_bool_targets():
    f = numba.njit(lambda x, t, s: fastinfo.softmax_cross_entropy(x, t, label_smoothing=s))
    x = np.arange(6.0).reshape(2, 3)
    for smoothing in (0.0, 0.5, 1.0):
        expected = fastinfo.softmax_cross_entropy(x, [1, 0], label_smoothing=smoothing)
        assert_close(f(x, np.array([True, False]), smoothing), expected)
    for smoothing in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=r"label_smoothing must be between 0.0 and 1.0"):
            f(x, np.array([True, False]), smoothing)


@pytest.mark.slow
def test_arguments_by_position(weights, samples):
    f = numba.njit(
        lambda p, q: (fastinfo.entropy(p, None, 2, 0), fastinfo.cross_entropy(p, q, 2, -1))
    )
    p, q = weights
    assert_close(f(p, q), (fastinfo.entropy(p, None, 2, 0), fastinfo.cross_entropy(p, q, 2, -1)))
    with pytest.raises(ValueError, match="axis is out of bounds"):
        numba.njit(lambda p: fastinfo.entropy(p, None, 2, 1))(p)
    g = numba.njit(lambda x: fastinfo.histogram(x, 5, (0.0, 1.0), None, None))
    np.testing.assert_array_equal(g(samples[0])[0], np.histogram(samples[0], 5, (0, 1))[0])


@pytest.mark.slow
def test_an_array_with_an_entry_for_each_variable_is_refused(samples):
    """From Python those are two numbers of bins, and not two edges."""
    x, y = samples
    with pytest.raises(ValueError, match="bins must be a tuple if it has two entries"):
        of_bins()(x, y, np.array([5, 6]))


@pytest.mark.slow
def test_missing_samples_and_bad_ones(samples):
    x, y = samples
    mi = of_bins()
    cmi = compiled_with("conditional_mutual_information(x, y, z)", "x, y, z")
    counts = compiled_with("histogram(x, b)", "x, b")
    holes = x.copy()
    holes[3] = np.nan
    assert np.isnan(mi(holes, y, 4))
    assert np.isnan(mi(holes, x > 0, 4))
    assert np.isnan(cmi(x, holes, y))
    assert np.isnan(mi(x, x, np.array([50.0, 60.0, 70.0])))
    holes[3] = np.inf
    with pytest.raises(ValueError, match="is not finite"):
        mi(holes, y, 4)
    with pytest.raises(ValueError, match="the same length"):
        mi(x, y[:-1], 4)
    with pytest.raises(ValueError, match="at least one sample"):
        mi(x[:0], y[:0], 4)
    with pytest.raises(ValueError, match="bins must be positive"):
        counts(x, 0)
    with pytest.raises(ValueError, match="monotonically"):
        counts(x, np.array([1.0, 0.0]))
    holes[3] = np.nan
    with pytest.raises(ValueError, match="is not finite"):
        counts(holes, 10)
    many = np.arange(10**5)
    of_labels = compiled_with("mutual_information(x, y)")
    assert_close(of_labels(many, many), np.log(many.size))
    with pytest.raises(ValueError, match="bins must be fewer"):
        numba.njit(lambda x: fastinfo.mutual_information(x, x, 5000, "uniform"))(x)
    with pytest.raises(ValueError, match="correction must be a pseudo-count"):
        numba.njit(lambda x: fastinfo.mutual_information(x, x, correction=-1.0))(x)


# At compile time


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: fastinfo.logsumexp(x, axis=1), "axis must be None"),
        (lambda x: fastinfo.entropy(x), "pk must be a one-dimensional array of real numbers"),
        (lambda x: fastinfo.entropy(x[0], base="e"), "base must be a number or None"),
        (
            lambda x: fastinfo.entropy(x[0], nan_policy="omit"),
            "nopython mode got an unexpected keyword argument 'nan_policy'",
        ),
        (lambda x: fastinfo.entropy(x[0], None, 2, 0.5), "axis must be 0, -1 or None"),
        (lambda x: fastinfo.histogram(x[0], 3, None, True), "density must be left out: call it"),
        (lambda x: fastinfo.histogram2d(x[0], x[0], weights=x[0]), "weights must be left out"),
        (lambda x: fastinfo.logsumexp(x, None, x), "b must be left out"),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], estimator="ksg"),
            "'estimator'. Its arguments there are x, y, bins, strategy, range, discrete, base, "
            "correction: leave others out, or call",
        ),
        (lambda x: fastinfo.mutual_information(x[0], x[0], range=(0, 1)), "range must be left out"),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], correction="best"),
            "correction must be one of 'miller-madow'.*'chance' or a number or None, as a literal",
        ),
        (
            lambda x: fastinfo.joint_entropy(x[0], x[0], correction="chance"),
            "correction must be one of",
        ),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], correction=True),
            "correction must be one of",
        ),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], strategy="kmeans"),
            "strategy must be one of 'quantile', 'uniform', as a literal",
        ),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], discrete=x[0, 0] > 0),
            "discrete must be 'auto', True, False or a tuple of those, as a literal",
        ),
        (
            lambda x: fastinfo.mutual_information(x[0], x[0], discrete=(True, False, True)),
            "discrete must be one for all or a tuple of 2",
        ),
        (
            lambda x: fastinfo.conditional_mutual_information(x[0], x[0], x[0], bins=(3, 4)),
            "bins must be one for all or a tuple of 3",
        ),
        (lambda x: fastinfo.softmax(1.0), "x must be an array"),
        (lambda x: fastinfo.softmax_cross_entropy(x, x[0]), "targets must be integers"),
        (
            lambda x: fastinfo.softmax_cross_entropy(x, x, reduction="median"),
            "reduction must be one of 'mean', 'sum', 'none'",
        ),
        (lambda x: fastinfo.histogram(x[0], "auto"), "bins must be an integer or edges"),
        (lambda x: fastinfo.histogram(x[0].astype(np.float32)), "must be float64 or integers"),
        (lambda x: fastinfo.mutual_information(x[0], x[0], bins="fd"), "bins must be"),
        (lambda x: fastinfo.mutual_info_score(x[0], x[0]), "must be integers or booleans"),
    ],
)
def test_what_does_not_compile_says_why(function, said):
    with pytest.raises(numba.TypingError, match=said):
        numba.njit(function)(np.ones((3, 4)))


def test_dates_are_refused_by_name():
    dates = np.array(["2025-01-01", "2025-01-02"], "M8[s]")
    with pytest.raises(numba.TypingError, match=r"a must be a one-dimensional array of real num"):
        numba.njit(lambda a: fastinfo.histogram(a, 3))(dates)
    with pytest.raises(numba.TypingError, match="bins must be an integer or edges"):
        numba.njit(lambda a, b: fastinfo.histogram(a, b))(np.ones(3), dates)


def test_inputs_stay_as_they_are(samples):
    x, y = (a.copy() for a in samples)
    compiled_with("mutual_information(x, y, strategy='quantile')")(x, y)
    np.testing.assert_array_equal(x, samples[0])
    np.testing.assert_array_equal(y, samples[1])


@pytest.mark.slow
def test_in_parallel_loops(rng):
    @numba.njit(parallel=True)
    def each(X, y):
        out = np.empty(X.shape[0])
        for i in numba.prange(X.shape[0]):
            out[i] = fastinfo.mutual_information(X[i], y, bins=8)
        return out

    X, y = rng.normal(size=(6, 300)), rng.normal(size=300)
    expected = [fastinfo.mutual_information(x, y, bins=8) for x in X]
    assert_close(each(X, y), expected)


@pytest.mark.slow
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
