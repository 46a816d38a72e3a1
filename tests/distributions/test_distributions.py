"""entropy, cross_entropy and kl_divergence against SciPy, mpmath, and what they promise."""

import math
import tracemalloc
import warnings

import mpmath
import numba
import numpy as np
import pytest
import reference
import scipy.stats
from helpers import compiled
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import fastinfo
from fastinfo import cross_entropy, entropy, kl_divergence
from fastinfo.kernels.distributions import columns
from fastinfo.kernels.distributions import divergences as kernels

INF = math.inf
NAN = math.nan

CHUNK = 1 << 18  # elements of one kernel call: longer rows are cut and merged
BLOCK = 1024  # elements that a kernel sums at once

MEASURES = [entropy, cross_entropy, kl_divergence]
PAIRED = [cross_entropy, kl_divergence]

each_measure = pytest.mark.parametrize("measure", MEASURES)
each_paired = pytest.mark.parametrize("measure", PAIRED)


def call(measure, p, q, **options):
    """A measure of p, or of p and q."""
    return measure(p, **options) if measure is entropy else measure(p, q, **options)


def scipy_of(measure, p, q, **options):
    """The same from SciPy, which knows the cross-entropy as a sum."""
    if measure is kl_divergence:
        return scipy.stats.entropy(p, q, **options)
    if measure is entropy:
        return scipy.stats.entropy(p, **options)
    p_wide, q = np.broadcast_arrays(p, q)
    # Where q is NaN, or 0 below p > 0, the divergence says so; a sum with it does too.
    if options.get("nan_policy") == "omit":
        p_wide = np.where(np.isnan(q), NAN, p_wide)
    return scipy.stats.entropy(p_wide, **options) + scipy.stats.entropy(p_wide, q, **options)


def exact_of(measure, p, q, **options):
    """The same from the slow twin."""
    twin = getattr(reference, measure.__name__)
    return twin(p, **options) if measure is entropy else twin(p, q, **options)


def assert_same(got, expected, rtol=1e-12, atol=1e-14):
    """Equal values, dtypes, shapes and kinds (a NumPy scalar or an array)."""
    assert type(got) is type(expected)
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)


# Published values, and SciPy's own examples


@pytest.mark.parametrize(
    ("p", "base", "expected"),
    [
        ([0.9, 0.1], 2, 0.46899559358928117),  # scipy.stats.entropy's documentation
        ([0.5, 0.5], 2, 1.0),
        ([1 / 2, 1 / 4, 1 / 8, 1 / 8], 2, 1.75),  # Cover & Thomas, example 2.1.1 and 2.2.1: H(X)
        ([1 / 4, 1 / 4, 1 / 4, 1 / 4], 2, 2.0),  # H(Y)
        ([1 / 2, 1 / 4, 1 / 8, 1 / 16, *[1 / 64] * 4], 2, 2.0),  # the horse race of section 1.1
        ([0, 1, 2], None, 0.63651416829481278),
    ],
)
def test_published_entropies(p, base, expected):
    np.testing.assert_allclose(entropy(p, base=base), expected, rtol=1e-15)


COVER_THOMAS = np.array([[4, 2, 1, 1], [2, 4, 1, 1], [2, 2, 2, 2], [8, 0, 0, 0]])


def test_example_2_2_1_of_cover_and_thomas():
    joint = entropy(COVER_THOMAS, axis=None, base=2)
    h_x = entropy(COVER_THOMAS.sum(axis=0), base=2)
    h_y = entropy(COVER_THOMAS.sum(axis=1), base=2)
    assert (joint, h_x, h_y) == pytest.approx((3.375, 1.75, 2.0), rel=1e-15)
    assert joint - h_y == pytest.approx(1.375, rel=1e-14)
    independent = np.outer(COVER_THOMAS.sum(axis=1), COVER_THOMAS.sum(axis=0))
    assert kl_divergence(COVER_THOMAS, independent, 2, None) == pytest.approx(0.375, rel=1e-14)
    assert entropy(COVER_THOMAS / 32, independent / 1024, 2, None) == pytest.approx(0.375, 1e-14)


def test_pyinforms_joint_counts():
    counts = np.array([[10, 70], [15, 5]])
    independent = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    got = kl_divergence(counts, independent, base=2, axis=None)
    assert got == pytest.approx(0.21417094500762912, rel=1e-14)


@pytest.mark.slow
def test_published_cross_entropies():
    assert cross_entropy([1, 0], [0.8, 0.2]) == pytest.approx(-math.log(0.8), rel=1e-15)
    assert cross_entropy([1, 0], [0.8, 0.2], base=2) == pytest.approx(0.32192809488736235, 1e-15)
    keras = cross_entropy([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]], axis=1)
    np.testing.assert_allclose(keras, [-math.log(0.95), math.log(10)], rtol=1e-14)
    np.testing.assert_allclose(keras, [0.0513, 2.303], atol=5e-4)


def test_published_divergences():
    got = kl_divergence([0.5, 0.5], [0.9, 0.1], base=2)
    assert got == pytest.approx(0.7369655941662062, rel=1e-14)
    assert entropy([0.5, 0.5], [0.9, 0.1], base=2) == got
    p = np.array([[0.1, 0.2], [0.6, 0.3], [0.3, 0.5]])
    q = np.array([[0.2, 0.1], [0.3, 0.6], [0.5, 0.3]])
    np.testing.assert_allclose(entropy(p, q), [0.1933259, 0.18609809], rtol=1e-7)
    expected = [0.23104906, 0.23104906, 0.12770641]
    np.testing.assert_allclose(entropy(p, q, axis=1), expected, rtol=1e-7)
    q[0, 0] = 0.0
    np.testing.assert_allclose(entropy(p, q), [INF, 0.18609809], rtol=1e-7)
    p[0, 0] = 0.0
    np.testing.assert_allclose(entropy(p, q), [0.17403988, 0.18609809], rtol=1e-7)


def test_scipys_rules_for_the_entropy_restated():
    p = np.array([[0.1, 0.2], [0.6, 0.3], [0.3, 0.5]])
    q = np.array([[0.2, 0.1], [0.3, 0.6], [0.5, 0.3]])
    assert entropy(p[:, 0], p[:, 0]) == 0.0
    assert entropy(p[:, 0], q[:, 0]) > 0.0
    assert entropy(np.ones(16), base=2.0) == 4.0
    weights = np.where(np.arange(16) < 8, 2.0, 1.0)
    in_nats = entropy(np.ones(16), weights)
    assert in_nats / entropy(np.ones(16), weights, base=2.0) == pytest.approx(math.log(2), 1e-14)
    np.testing.assert_array_equal(entropy(p, axis=0), entropy(p))
    np.testing.assert_array_equal(entropy(p, q, axis=0), entropy(p, q))
    np.testing.assert_allclose(entropy(p.T), entropy(p, axis=1), rtol=1e-14)
    np.testing.assert_allclose(entropy(p.T, q.T), entropy(p, q, axis=1), rtol=1e-13)


def test_scipys_broadcasting_restated(rng):
    x, y = rng.random(3), rng.random((2, 1))
    together = entropy(x, y, axis=-1)
    assert together.shape == (2,)
    one_by_one = [entropy(x, y[0]), entropy(x, y[1])]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-13)


# Dtypes, shapes, axes: the same as SciPy


def weights_of(dtype, rng, shape=(5, 7)):
    """Two arrays of weights that the dtype holds exactly, zeros in the first one."""
    p, q = rng.integers(0, 2 if dtype == "?" else 12, (2, *shape))
    q = q + 1
    p[..., 0] = 1
    return p.astype(dtype), q.astype(dtype)


DTYPES = [
    *("f8", "f4", "f2", ">f8", ">f4", ">f2"),
    *("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u8", "?"),
]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@each_measure
def test_the_dtype_of_the_result_is_scipys(measure, dtype, rng):
    p, q = weights_of(dtype, rng)
    wide = scipy_of(measure, p.astype(float), q.astype(float))
    narrow = scipy_of(measure, p, q).dtype
    rtol = 1e-12 if narrow == np.float64 else 1e-6
    assert_same(call(measure, p, q), wide.astype(narrow), rtol=rtol, atol=rtol / 10)
    one = call(measure, p[0], q[0])
    assert isinstance(one, np.floating)
    assert one.dtype == narrow


@pytest.mark.parametrize("types", ["f4 f8", "f8 f4", "f4 i4", "f4 i2", "i1 f4", "? f4", "f4 >f4"])
@each_paired
def test_the_dtype_of_mixed_operands_is_scipys(measure, types, rng):
    first, second = types.split()
    p, q = weights_of(first, rng)[0], weights_of(second.replace("?", "i4"), rng)[1]
    expected = scipy_of(measure, p.astype(float), q.astype(float))
    narrow = scipy.stats.entropy(p, q).dtype
    rtol = 1e-12 if narrow == np.float64 else 1e-6
    assert_same(measure(p, q), expected.astype(narrow), rtol=rtol, atol=rtol / 10)


@each_measure
def test_long_double_is_taken_as_float64(measure, rng):
    p, q = rng.random((2, 4, 5))
    wide = call(measure, p.astype(np.longdouble), q.astype(np.longdouble))
    assert wide.dtype == np.float64
    np.testing.assert_array_equal(wide, call(measure, p, q))


@pytest.mark.slow
@each_measure
def test_integers_are_summed_without_overflow(measure):
    for p in (
        np.full(4, 2**62),
        np.full(4, 2**63, np.uint64),
        np.full(4, 100, np.int8),
        np.full(4, 6e4, np.float16),
        np.full(4, 3e38, np.float32),
    ):
        expected = 0.0 if measure is kl_divergence else math.log(4)
        np.testing.assert_allclose(call(measure, p, p), expected, rtol=1e-3, atol=1e-14)


SHAPE = (3, 4, 5, 2)
AXES = [0, 1, -1, -2, None, (0,), (0, 1), (1, 3), (-1, 0), (2, 0), (0, 1, 2, 3), np.int8(2)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@each_measure
def test_axes_are_scipys(measure, axis, keepdims, rng):
    p, q = rng.random((2, *SHAPE))
    p[p < 0.2] = 0
    options = {"axis": axis, "keepdims": keepdims}
    assert_same(call(measure, p, q, **options), scipy_of(measure, p, q, **options))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, -1, None])
@each_measure
def test_a_single_number_is_a_distribution_of_one(measure, axis, keepdims):
    options = {"axis": axis, "keepdims": keepdims}
    expected = scipy_of(measure, 5.0, 3.0, **options)
    assert_same(call(measure, 5.0, 3.0, **options), expected)


@pytest.mark.parametrize("axis", [2, -3, (0, 2)])
@each_measure
def test_an_axis_that_is_not_there(measure, axis):
    with pytest.raises(np.exceptions.AxisError, match="is out of bounds for array of dimension 2"):
        call(measure, np.ones((2, 3)), np.ones((2, 3)), axis=axis)


@each_measure
def test_axes_must_be_distinct_integers(measure):
    p = np.ones((2, 3))
    with pytest.raises(ValueError, match="duplicate value"):
        call(measure, p, p, axis=(0, 0))
    with pytest.raises(ValueError, match="duplicate value"):
        call(measure, p, p, axis=(1, -1))
    for axis in (1.0, "0", (0, 0.5)):
        with pytest.raises(TypeError):
            call(measure, p, p, axis=axis)


@pytest.mark.parametrize(
    ("p_shape", "q_shape"),
    [
        ((4,), (3, 4)),
        ((3, 4), (4,)),
        ((3, 1), (4,)),
        ((3, 1, 4), (2, 1)),
        ((1,), (5,)),
        ((2, 3), (1, 1)),
        ((2, 1, 3), (1, 4, 3)),
    ],
)
@pytest.mark.parametrize("axis", [0, -1, None])
@each_paired
def test_broadcasting_is_scipys(measure, p_shape, q_shape, axis, rng):
    p, q = rng.random(p_shape), rng.random(q_shape)
    if axis is None:  # SciPy flattens before it broadcasts
        p_wide, q_wide = np.broadcast_arrays(p, q)
        expected = scipy_of(measure, p_wide, q_wide, axis=None)
    else:
        expected = scipy_of(measure, p, q, axis=axis)
    assert_same(measure(p, q, axis=axis), expected)


@pytest.mark.parametrize("shapes", [((10, 1, 12), (11, 2)), ((3, 2), (2, 2)), ((3,), (4,))])
@each_paired
def test_shapes_that_do_not_broadcast(measure, shapes):
    message = r"Array shapes are incompatible for broadcasting\."  # SciPy's
    with pytest.raises(ValueError, match=message) as info:
        measure(np.ones(shapes[0]), np.ones(shapes[1]))
    assert str(shapes[0]) in str(info.value)
    assert str(shapes[1]) in str(info.value)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((0, 3), 1), ((3, 0), 0), ((0, 0), 0), ((2, 0, 3), 0), ((0, 3), -1), ((2, 0, 3), (0, 2))],
)
@each_measure
def test_no_rows(measure, shape, axis):
    p = np.empty(shape)
    got = call(measure, p, p, axis=axis)
    expected = scipy.stats.entropy(p, axis=axis)
    assert got.size == 0
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    kept = call(measure, p, p, axis=axis, keepdims=True)
    assert kept.shape == scipy.stats.entropy(p, axis=axis, keepdims=True).shape


@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((3, 0), 1), ((2, 0, 3), 1)])
@each_measure
def test_many_empty_distributions_are_nan_as_all_zero_ones(measure, shape, axis):
    # SciPy gives 0.0 here, but NaN for the all-zero rows that are as far from a distribution.
    p = np.empty(shape)
    got = call(measure, p, p, axis=axis)
    assert got.shape == scipy.stats.entropy(p, axis=axis).shape
    assert np.isnan(got).all()


@pytest.mark.parametrize("p", [[], np.empty(0, np.float32), np.empty(0, int), np.empty((0, 3))])
@each_measure
def test_one_empty_distribution_raises(measure, p):
    with pytest.raises(ValueError, match=r"pk must hold at least one .* got an empty array"):
        call(measure, p, p, axis=None)


def layouts(a):
    """An array's values with other strides, byte orders, and flags."""
    yield "fortran", np.asfortranarray(a)
    yield "transposed", np.ascontiguousarray(a.T).T
    yield "reversed", np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1]
    yield "rows apart", np.repeat(a, 2, axis=0)[::2]
    yield "columns apart", np.repeat(a, 3, axis=1)[:, 1::3]
    yield "big-endian", a.astype(a.dtype.newbyteorder(">"))
    frozen = a.copy()
    frozen.flags.writeable = False
    yield "read-only", frozen
    raw = np.empty(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    raw[...] = a
    assert not raw.flags.aligned
    yield "unaligned", raw
    yield "a subclass", a.view(np.matrix)
    record = np.zeros(a.shape, [("x", "u1"), ("p", a.dtype)])
    record["p"] = a
    yield "a field", record["p"]


@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
@each_measure
def test_strides_do_not_matter(measure, dtype, axis, rng):
    # More than rounding: the order of a sum follows the order in memory.
    p, q = (rng.random((2, 6, 9)) * 100).astype(dtype) + np.ones(1, dtype)
    expected = call(measure, p, q, axis=axis)
    rtol = 8 * np.finfo(expected.dtype).eps
    for (name, p_like), (_, q_like) in zip(layouts(p), layouts(q), strict=True):
        for first, second in [(p_like, q_like), (p, q_like), (p_like, q)]:
            got = call(measure, first, second, axis=axis)
            assert type(got) is type(expected)
            np.testing.assert_allclose(got, expected, rtol, rtol, err_msg=name)


@pytest.mark.parametrize("axis", [0, 1, 2, (0, 2), (1, 0), None])
@each_measure
def test_strides_do_not_matter_in_three_dimensions(measure, axis, rng):
    p, q = rng.random((2, 4, 5, 6))
    expected = call(measure, p, q, axis=axis)
    for order in [(0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0)]:
        back = np.argsort(order)
        p_like = np.ascontiguousarray(p.transpose(order)).transpose(back)
        q_like = np.ascontiguousarray(q.transpose(order)).transpose(back)
        for first, second in [(p_like, q_like), (p, q_like), (p_like, q)]:
            got = call(measure, first, second, axis=axis)
            np.testing.assert_allclose(got, expected, 1e-13, 1e-15)
    apart = np.repeat(np.repeat(p, 2, axis=0), 2, axis=2)[::2, :, ::2]
    np.testing.assert_allclose(call(measure, apart, q, axis=axis), expected, 1e-13, 1e-15)


@each_measure
def test_lists_and_tuples(measure):
    p, q = [[1, 2, 3.5], [4, 5, 6]], ((3, 2, 1), (1, 1, 1))
    assert_same(call(measure, p, q, axis=1), scipy_of(measure, np.array(p), np.array(q), axis=1))


@each_measure
def test_memory_maps(measure, tmp_path, rng):
    p, q = rng.random((2, 50))
    np.save(tmp_path / "p.npy", p)
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    assert call(measure, mapped, q) == call(measure, p, q)
    del mapped


# Units


@pytest.mark.parametrize("base", [2, 10, 2.5, 0.5, math.e, np.float32(2), np.int64(3), 1e300])
@each_measure
def test_the_base(measure, base, rng):
    p, q = rng.random((2, 6, 4))
    assert_same(call(measure, p, q, base=base), scipy_of(measure, p, q, base=base))


@each_measure
def test_a_base_must_be_positive(measure):
    for base in (0, -2, -0.5):
        with pytest.raises(ValueError, match="`base` must be a positive number") as info:
            call(measure, [0.5, 0.5], [0.5, 0.5], base=base)
        assert repr(base) in str(info.value)
    for base in (1, 1.0):
        with pytest.raises(ValueError, match=r"base .*1, got 1"):
            call(measure, [0.5, 0.5], [0.5, 0.5], base=base)
    for base in ("e", True, [2], 2j):
        with pytest.raises(TypeError, match="base must be"):
            call(measure, [0.5, 0.5], [0.5, 0.5], base=base)


# Missing values


def with_nans(rng, shape=(6, 5)):
    """Weights with NaN in some places of each array; one row has none."""
    p, q = rng.random((2, *shape)) + 0.01
    p[0, 1] = p[2, 2] = q[2, 2] = q[3, 0] = NAN
    p[4, 3] = q[4, 4] = NAN
    p[1, 1] = 0.0
    return p, q


@pytest.mark.slow
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
@pytest.mark.parametrize("axis", [0, 1, None])
@each_measure
def test_missing_values_as_scipy(measure, axis, nan_policy, rng):
    p, q = with_nans(rng)
    options = {"axis": axis, "nan_policy": nan_policy}
    expected = scipy_of(measure, p, q, **options)
    got = call(measure, p, q, **options)
    assert_same(got, expected)
    assert np.isnan(got).any() == (nan_policy == "propagate")


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@each_measure
def test_missing_values_are_omitted_in_narrow_dtypes(measure, dtype):
    p = np.array([1, NAN, 3, 4], dtype)
    q = np.array([2, 3, NAN, 4], dtype)
    kept_p, kept_q = ([1, 3, 4], None) if measure is entropy else ([1, 4], [2, 4])
    expected = exact_of(measure, kept_p, kept_q)
    got = call(measure, p, q, nan_policy="omit")
    np.testing.assert_allclose(got, expected, rtol=1e-3)


@each_measure
def test_a_missing_value_raises(measure, rng):
    p, q = with_nans(rng)
    with pytest.raises(ValueError, match="The input contains nan values"):
        call(measure, p, q, nan_policy="raise")
    clean = np.where(np.isnan(p), 1.0, p)
    if measure is not entropy:
        with pytest.raises(ValueError, match="The input contains nan values"):
            call(measure, clean, q, nan_policy="raise")
    expected = call(measure, clean, clean)
    np.testing.assert_array_equal(call(measure, clean, clean, nan_policy="raise"), expected)


@pytest.mark.parametrize("nan_policy", ["propagate", "omit", "raise"])
@each_measure
def test_integers_have_no_missing_values(measure, nan_policy):
    p, q = np.arange(6), np.arange(6)[::-1] + 1
    assert call(measure, p, q, nan_policy=nan_policy) == call(measure, p, q)


@each_measure
def test_a_policy_that_is_not_known(measure):
    with pytest.raises(ValueError, match=r"nan_policy must be one of .*'ignore'"):
        call(measure, [0.5, 0.5], [0.5, 0.5], nan_policy="ignore")


@each_measure
def test_a_distribution_without_values(measure):
    # SciPy's documentation: NaN where not enough data remains.
    p = np.array([[NAN, NAN], [1.0, 2.0]])
    assert np.isnan(call(measure, p[0], p[0], nan_policy="omit"))
    got = call(measure, p, p, axis=1, nan_policy="omit")
    assert np.isnan(got[0])
    assert got[1] == call(measure, p[1], p[1])


@each_paired
def test_an_impossible_outcome_with_unknown_weight(measure):
    # Its partner is 0, but the other weight is needed for the sum.
    assert np.isnan(measure([0.0, 1.0, 2.0], [NAN, 1.0, 2.0]))
    assert np.isnan(measure([NAN, 1.0, 2.0], [0.0, 1.0, 2.0]))
    got = measure([0.0, 1.0, 2.0], [NAN, 1.0, 2.0], nan_policy="omit")
    assert got == measure([1.0, 2.0], [1.0, 2.0])
    got = measure([5.0, 1.0, 2.0], [NAN, 1.0, 2.0], nan_policy="omit")
    assert got == measure([1.0, 2.0], [1.0, 2.0])


# Zeros, infinities, negative weights


@each_measure
def test_a_zero_adds_nothing(measure):
    p, q = [0.2, 0.3, 0.5], [0.6, 0.1, 0.3]
    expected = call(measure, p, q)
    assert call(measure, [0.2, 0, 0.3, 0.5], [0.6, 0, 0.1, 0.3]) == expected
    assert call(measure, [0.2, -0.0, 0.3, 0.5], [0.6, -0.0, 0.1, 0.3]) == expected


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@each_measure
def test_a_certain_outcome(measure, dtype):
    p = np.zeros((1000, 3), dtype)
    p[:, 1] = np.arange(1, 1001)
    q = np.zeros((1000, 3), dtype)
    q[:, 1] = np.arange(1000, 0, -1)
    got = call(measure, p, q, axis=1)
    np.testing.assert_array_equal(got, 0.0)
    assert not np.signbit(got).any()
    assert scipy_of(measure, p[204], q[204]) == 0.0


@pytest.mark.parametrize("value", [1e-310, 1e-300, 1e-7, 0.3, 205.0, 1e22, 1e300])
@each_measure
def test_a_distribution_of_one(measure, value):
    assert call(measure, [value], [value]) == 0.0
    assert call(measure, [value], [2.5]) == 0.0
    assert call(measure, [2.5], [value]) == 0.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@each_measure
def test_all_zero_rows_among_many_are_nan(measure, dtype):
    p = np.array([[0, 0, 0], [1, 2, 3], [0, 0, 0]], dtype)
    got = call(measure, p, p, axis=1)
    expected = scipy_of(measure, p.astype(float), p.astype(float), axis=1)
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-14)
    np.testing.assert_array_equal(np.isnan(got), [True, False, True])
    # One row of a matrix is a row among many, if there were more.
    assert np.isnan(call(measure, p[:1], p[:1], axis=1)).all()


@each_paired
def test_one_side_all_zero(measure):
    p = np.array([[1.0, 2.0], [0.0, 0.0], [1.0, 0.0]])
    q = np.array([[0.0, 0.0], [1.0, 2.0], [1.0, 0.0]])
    np.testing.assert_array_equal(measure(p, q, axis=1), [NAN, NAN, 0.0])
    with pytest.raises(ValueError, match="qk must hold at least one probability above 0"):
        measure([1.0, 2.0], [0.0, 0.0])
    with pytest.raises(ValueError, match="pk must hold at least one probability above 0"):
        measure([0.0, 0.0], [1.0, 2.0])


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 5, CHUNK + 1])
@each_measure
def test_a_single_all_zero_distribution_raises(measure, n):
    with pytest.raises(ValueError, match=r"pk must hold at least one .* got only zeros"):
        call(measure, np.zeros(n), np.zeros(n))


@pytest.mark.parametrize("n", [2, 33, BLOCK + 3, CHUNK + 5])
@each_paired
def test_what_q_excludes_is_infinite(measure, n):
    p, q = np.ones(n), np.ones(n)
    q[n // 2] = 0.0
    assert measure(p, q) == INF
    q[n // 2] = -0.0
    assert measure(p, q) == INF
    p[n // 2] = 0.0
    assert measure(p, q) == pytest.approx(0.0 if measure is kl_divergence else math.log(n - 1))
    disjoint = measure([1.0, 0.0], [0.0, 1.0])
    assert disjoint == INF
    assert measure([[1, 0], [1, 1]], [[0, 1], [1, 1]], axis=1)[0] == INF


@each_measure
def test_an_infinite_weight_is_nan_as_in_scipy(measure):
    for p, q in [
        ([1.0, INF], [1.0, 2.0]),
        ([INF, INF], [1.0, 2.0]),
        ([1.0, INF], [1.0, INF]),
    ]:
        with np.errstate(invalid="ignore"):
            assert np.isnan(scipy_of(measure, p, q))
        assert np.isnan(call(measure, p, q))
    if measure is not entropy:
        assert np.isnan(measure([1.0, 2.0], [1.0, INF]))
    rows = call(measure, [[1.0, INF], [1.0, 1.0]], np.ones((2, 2)), axis=1)
    assert np.isnan(rows[0])
    assert not np.isnan(rows[1])


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "g", "i1", "i8", ">f8", ">i4"])
@each_measure
def test_negative_weights_raise(measure, dtype):
    good = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    bad = good.copy()
    bad[1, 2] = -3
    for axis in (0, 1, None):
        with pytest.raises(ValueError, match=r"pk must not .*negative.*-3"):
            call(measure, bad, good, axis=axis)
        if measure is not entropy:
            with pytest.raises(ValueError, match=r"qk must not .*negative.*-3"):
                measure(good, bad, axis=axis)


@pytest.mark.parametrize("position", [0, 1, 1023, 1024, CHUNK - 1, CHUNK, CHUNK + 6])
@each_measure
def test_a_negative_weight_is_found_wherever_it_is(measure, position):
    p, q = np.ones((2, CHUNK + 7))
    q[position] = -5e-324
    with pytest.raises(ValueError, match=r"[pq]k must not .*negative.*-5e-324"):
        call(measure, q, p) if measure is entropy else measure(p, q)
    p[position] = 0.0
    if measure is not entropy:
        with pytest.raises(ValueError, match=r"qk must not .*negative"):
            measure(p, q)


@each_paired
def test_a_negative_weight_beside_missing_ones_raises(measure):
    with pytest.raises(ValueError, match=r"qk must not .*negative"):
        measure([NAN, NAN], [-1.0, 2.0])
    with pytest.raises(ValueError, match=r"pk must not .*negative"):
        measure([-1.0, 2.0], [NAN, NAN])
    with pytest.raises(ValueError, match=r"pk must not .*negative"):
        measure([-INF, 2.0], [NAN, 1.0])


@each_measure
def test_negative_infinity_raises(measure):
    with pytest.raises(ValueError, match=r"pk must not .*negative.*-inf"):
        call(measure, [1.0, -INF], [1.0, 1.0])


def test_an_omitted_pair_may_be_negative():
    got = kl_divergence([-1.0, 2.0, 3.0], [NAN, 2.0, 4.0], nan_policy="omit")
    assert got == kl_divergence([2.0, 3.0], [2.0, 4.0])


# Input that is not numbers


@pytest.mark.parametrize(
    "bad",
    [
        np.array([1 + 0j, 2]),
        [1j, 2],
        np.array(["a", "b"]),
        ["0.5", "0.5"],
        np.array([b"1", b"2"]),
        np.array([1, 2], object),
        [0.5, None],
        np.array(["2020-01-01", "2020-01-02"], "M8[D]"),
        np.array([1, 2], "m8[s]"),
        np.zeros(2, [("p", "f8")]),
        np.ma.array([0.5, 0.5], mask=[False, True]),
        np.ma.array([0.5, 0.5]),
        None,
        {"a": 1.0},
    ],
    ids=lambda bad: repr(bad)[:30],
)
@each_measure
def test_only_real_numbers_are_taken(measure, bad):
    if measure is entropy or bad is not None:
        with pytest.raises(TypeError, match="pk must"):
            call(measure, bad, [0.5, 0.5])
    if measure is not entropy:
        with pytest.raises(TypeError, match="qk must"):
            measure([0.5, 0.5], bad)


@each_measure
def test_ragged_input(measure):
    with pytest.raises(ValueError, match="pk must be an array"):
        call(measure, [[1, 2], [3]], [1, 2])


# Accuracy


def exact_terms(p, q):
    """The measures in higher precision, and for each Σ|p log q| of its normalised terms."""
    with mpmath.workdps(30):
        p, q = ([mpmath.mpf(v) for v in a.tolist()] for a in (p, q))
        total_p, total_q = mpmath.fsum(p), mpmath.fsum(q)
        log_total_p, log_total_q = mpmath.log(total_p), mpmath.log(total_q)
        log_p = [(mpmath.log(v) if v else 0) - log_total_p for v in p]
        log_q = [mpmath.log(w) - log_total_q for w in q]
        terms = {
            entropy: [-v * a for v, a in zip(p, log_p, strict=True)],
            cross_entropy: [-v * b for v, b in zip(p, log_q, strict=True)],
            kl_divergence: [v * (a - b) for v, a, b in zip(p, log_p, log_q, strict=True)],
        }
        sums = {m: (mpmath.fsum(t), mpmath.fsum(map(abs, t))) for m, t in terms.items()}
        return {m: (float(a / total_p), float(b / total_p)) for m, (a, b) in sums.items()}


def assert_exact(p, q, exact, least=0.0):
    for measure, (expected, size) in exact.items():
        error = abs(call(measure, p, q) - expected)
        assert error <= 1e-14 * size + least, (measure.__name__, error, size)


@pytest.mark.slow
def test_thirty_thousand_terms_against_mpmath(rng):
    p, q = rng.random((2, 30_000)) ** 3 + 1e-9
    assert_exact(p, q, exact_terms(p, q))


def test_a_few_normalised_terms_against_mpmath(rng):
    for _ in range(20):
        p, q = rng.random((2, 200)) ** 3 + 1e-9
        p, q = p / p.sum(), q / q.sum()
        assert_exact(p, q, exact_terms(p, q))


def rounded_terms(measure, p, q):
    """The same by math.fsum: each term is within 3 roundings, their sum is exact."""
    p, q = p / math.fsum(p), q / math.fsum(q)
    if measure is kl_divergence:
        terms = p * np.log(p / q)
    else:
        terms = -p * np.log(p if measure is entropy else q)
    rest_p, rest_q = 1 - math.fsum(p), 1 - math.fsum(q)  # what is left of the normalisation
    value = math.fsum(terms)
    assert max(abs(rest_p), abs(rest_q)) < 1e-15
    return value, math.fsum(np.abs(terms))


@pytest.mark.slow
@pytest.mark.parametrize("n", [CHUNK, CHUNK + 1, 1_000_000])
@each_measure
def test_a_million_terms_against_exact_sums(measure, n, rng):
    p = rng.exponential(size=n)
    q = rng.exponential(size=n) + 1e-3
    expected, size = rounded_terms(measure, p, q)
    assert abs(call(measure, p, q) - expected) <= 1e-14 * size


@pytest.mark.slow
@each_measure
def test_one_heavy_term_among_a_million_light_ones(measure):
    # Added to the heavy one one by one, the light ones would be lost: an error of 1e-10.
    n = 1_000_000
    p = np.full(n, 1e-17)
    p[0] = 1.0
    q = np.full(n, 1e-16)
    q[0] = 1.0
    expected, size = rounded_terms(measure, p, q)
    assert abs(call(measure, p, q) - expected) <= 1e-14 * size + 1e-14


def test_almost_equal_distributions():
    # D = Σ p log(p/q) is of the size of the differences squared: its terms cancel. What is left is
    # as exact as the sum of the weights.
    p = np.array([0.25, 0.25, 0.25, 0.25])
    q = np.array([0.25 + 1e-6, 0.25 - 1e-6, 0.25, 0.25])
    exact = exact_terms(p, q)
    assert_exact(p, q, exact, least=4e-16)
    assert exact[kl_divergence][0] == pytest.approx(4e-12, rel=1e-3)


def test_rows_are_as_exact_as_vectors(rng):
    p, q = rng.random((2, 300, 40))
    for measure in MEASURES:
        expected = [exact_of(measure, v, w) for v, w in zip(p[:20], q[:20], strict=True)]
        for got in (call(measure, p, q, axis=1), call(measure, p.T.copy(), q.T.copy())):
            np.testing.assert_allclose(got[:20], expected, rtol=1e-14, atol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(100_000, 2), (50_000, 5), (300_000, 2)])
def test_tall_columns_are_as_exact_as_vectors(shape, rng):
    # One after the other, the sum of 100,000 times 0.1 is off by 2e-12.
    p, q = rng.exponential(size=(2, *shape)) + 1e-3
    p[:, 0] = q[:, 0] = 0.1
    for measure in MEASURES:
        for axis, got in enumerate((call(measure, p, q), call(measure, p.T, q.T, axis=1))):
            for j in range(shape[1]):
                expected, size = rounded_terms(measure, p[:, j], q[:, j])
                assert abs(got[j] - expected) <= 1e-14 * max(size, 1.0), (axis, j)


@pytest.mark.slow
def test_float32_is_summed_in_float64(rng):
    p, q = rng.random((2, 1_000_003)).astype(np.float32)
    q += np.float32(1e-3)
    for measure in MEASURES:
        expected, _ = rounded_terms(measure, p.astype(float) + 1e-300, q.astype(float))
        got = call(measure, p, q)
        assert got.dtype == np.float32
        assert abs(float(got) - expected) <= np.spacing(np.float32(expected))


# Weights of any scale

PATTERN_P = [1.0, 3.0, 0.5, 2.0]
PATTERN_Q = [2.0, 1.0, 1.0, 4.0]
SCALES = [1e-322, 1e-318, 1e-310, 1e-307, 1e-300, 1e-150, 1e-10, 1.0, 1e10, 1e150, 1e300, 2e307]


@pytest.mark.parametrize("scale", SCALES)
@each_measure
def test_any_scale(measure, scale):
    p, q = np.array(PATTERN_P) * scale, np.array(PATTERN_Q)
    for other in (1.0, scale):
        expected = exact_of(measure, p, q * other)  # of what is left of them in subnormals
        np.testing.assert_allclose(call(measure, p, q * other), expected, rtol=1e-12)
        if measure is not entropy:
            expected = exact_of(measure, q * other, p)
            np.testing.assert_allclose(measure(q * other, p), expected, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-322, 1e-310, 1e-300, 1e-100, 1e100, 1e300, 2e302])
@each_measure
def test_any_scale_in_long_rows(measure, scale):
    n = CHUNK + 4
    p, q = (np.resize(pattern, n) for pattern in (PATTERN_P, PATTERN_Q))
    plain = call(measure, p, q)
    exact_pattern = exact_of(measure, PATTERN_P, PATTERN_Q)
    expected = exact_pattern + (0.0 if measure is kl_divergence else math.log(n / 4))
    np.testing.assert_allclose(plain, expected, rtol=1e-12)
    if scale < 1e-305:
        p_scaled = np.resize(np.array(PATTERN_P) * scale, n)
        q_scaled = np.resize(np.array(PATTERN_Q) * scale, n)
        expected = exact_of(measure, p_scaled[:4], q_scaled[:4])
        expected += 0.0 if measure is kl_divergence else math.log(n / 4)
    else:
        p_scaled, q_scaled = p * scale, q * scale
    np.testing.assert_allclose(call(measure, p_scaled, q_scaled), expected, rtol=1e-11)
    if measure is not entropy:
        np.testing.assert_allclose(measure(p, q * max(scale, 1e-305)), plain, rtol=1e-11)


@pytest.mark.parametrize("dtype", ["f4", "f2"])
@each_measure
def test_subnormals_of_narrow_dtypes(measure, dtype):
    least = np.finfo(dtype).smallest_subnormal
    p = (np.array([1, 3, 0, 2]) * least).astype(dtype)
    q = (np.array([2, 1, 1, 4]) * least).astype(dtype)
    expected = exact_of(measure, [1, 3, 0, 2], [2, 1, 1, 4])
    np.testing.assert_allclose(call(measure, p, q), expected, rtol=2 * np.finfo(dtype).eps)


@each_measure
def test_a_wide_range_within_one_distribution(measure):
    p = np.array([1e-300, 1e-200, 1.0, 5e-324, 1e-310])
    q = np.array([1e-310, 1.0, 1e-5, 1e-300, 5e-324])
    expected = exact_of(measure, p, q)
    np.testing.assert_allclose(call(measure, p, q), expected, rtol=1e-14, atol=1e-15)
    expected = exact_of(measure, q, p)
    np.testing.assert_allclose(call(measure, q, p), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("where", [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 1])
@pytest.mark.parametrize("special", [0.0, 5e-324, 1e-310, 2.0**-1022, 1e-300])
@each_measure
def test_a_special_weight_leaves_the_others_alone(measure, special, where):
    n = 2 * BLOCK + 2
    p = np.resize([0.5, 0.25, 0.125], n)
    q = np.resize([0.1, 0.2, 0.3, 0.4], n)
    p[where] = special
    plain = np.delete(p, where), np.delete(q, where)
    expected = {
        entropy: lambda: exact_of(entropy, p, None),
        cross_entropy: lambda: exact_of(cross_entropy, p, q),
        kl_divergence: lambda: exact_of(kl_divergence, p, q),
    }[measure]()
    np.testing.assert_allclose(call(measure, p, q), expected, rtol=1e-14)
    if measure is not entropy and special:
        expected = exact_of(measure, q, p)
        np.testing.assert_allclose(measure(q, p), expected, rtol=1e-14)
    if special == 0.0 and measure is entropy:
        np.testing.assert_allclose(call(measure, *plain), expected, rtol=1e-14)


# Many distributions side by side

MATRICES = [
    *((2, 1), (1, 300), (3, 255), (64, 256), (65, 257), (7, 1000)),
    *((1000, 3), (130, 4097), (2, 70_000), (5000, 60), (200_000, 2)),
]


@pytest.mark.parametrize("shape", MATRICES)
@each_measure
def test_columns_as_scipy(measure, shape, rng):
    p, q = rng.random((2, *shape))
    p[rng.random(shape) < 0.1] = 0.0
    p[0] = 1.0
    expected = scipy_of(measure, p, q)
    np.testing.assert_allclose(call(measure, p, q), expected, rtol=1e-11, atol=1e-14)
    down, across = p.T.copy(), q.T.copy()
    np.testing.assert_allclose(call(measure, down, across, axis=1), expected, 1e-11, 1e-14)
    np.testing.assert_allclose(call(measure, down.T, across.T), expected, rtol=1e-11, atol=1e-14)


SPECIAL = [0.0, -0.0, 5e-324, 1e-310, 2.0**-1022, 1e-300, 1e300, INF, NAN]


@pytest.mark.parametrize("shape", [(70, 300), (5, 600), (1, 260), (130, 4), (600, 450)])
@each_measure
def test_special_weights_stay_in_their_columns(measure, shape, rng):
    n, m = shape
    p, q = rng.random((2, *shape)) + 0.1
    for i, value in enumerate(SPECIAL):
        for a in p, q:
            a[rng.integers(n), (rng.integers(m) + i) % m] = value
    p[:, m // 2] = 0.0
    q[:, m // 3] = 0.0
    with np.errstate(all="ignore"):
        expected = scipy_of(measure, p, q)
    for j in np.flatnonzero(((p > 0) & (p < 1e-299)).any(0) | ((q > 0) & (q < 1e-299)).any(0)):
        if not np.isnan(expected[j]):  # SciPy's quotients may have become 0
            expected[j] = exact_of(measure, p[:, j], q[:, j])
    assert np.isnan(expected).any()
    assert measure is entropy or np.isinf(expected).any() or n == 1
    for p_like, q_like, axis in [
        (p, q, 0),
        (np.asfortranarray(p), np.asfortranarray(q), 0),
        (p.T.copy(), q.T.copy(), 1),
    ]:
        got = call(measure, p_like, q_like, axis=axis)
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("shape", [(600, 5), (257, 64), (256, 65), (40_000, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
@each_measure
def test_a_negative_weight_is_found_in_any_row_and_column(measure, shape, order, rng):
    clean = np.asarray(rng.random(shape), order=order)
    for where in [(0, 0), (shape[0] - 1, shape[1] - 1), (shape[0] // 2, 1), (255, 0), (256, 1)]:
        if where[0] >= shape[0]:
            continue
        bad = clean.copy(order="K")
        bad[where] = -0.25
        for axis in (0, 1):
            with pytest.raises(ValueError, match=r"pk must not .*negative.*-0.25"):
                call(measure, bad, clean, axis=axis)
            if measure is not entropy:
                with pytest.raises(ValueError, match=r"qk must not .*negative.*-0.25"):
                    measure(clean, bad, axis=axis)


# Identities


def weights(min_value=0.0, max_value=1e6, min_size=1, max_size=40):
    values = st.floats(min_value, max_value, allow_subnormal=False)
    zeros = st.just(0.0) if min_value == 0.0 else st.nothing()
    return st.lists(values | zeros, min_size=min_size, max_size=max_size).map(np.array)


@st.composite
def pairs(draw, least_q=1e-6):
    """Two vectors of one length, with q > 0."""
    n = draw(st.integers(1, 40))
    p = draw(hnp.arrays(float, n, elements=st.floats(0, 1e6, allow_subnormal=False)))
    q = draw(hnp.arrays(float, n, elements=st.floats(least_q, 1e6)))
    assume(p.sum() > 0)
    return p, q


@pytest.mark.slow
@given(pairs())
@example((np.array([0.0, 1.0]), np.array([1.0, 1.0])))
def test_against_the_twins(pair):
    p, q = pair
    for measure, (_, size) in exact_terms(p, q).items():
        # The logarithms of the weights as they come are up to 14.
        error = 1e-14 * max(size, 1.0)
        assert call(measure, p, q) == pytest.approx(exact_of(measure, p, q), rel=0, abs=error)
        in_bits = call(measure, p, q, base=2)
        expected = exact_of(measure, p, q, base=2)
        assert in_bits == pytest.approx(expected, rel=0, abs=2 * error)


@given(pairs())
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    total = entropy(p) + kl_divergence(p, q)
    assert cross_entropy(p, q) == pytest.approx(total, rel=1e-12, abs=1e-13)


@given(pairs())
def test_the_divergence_is_positive(pair):
    p, q = pair
    assert kl_divergence(p, q) >= 0.0
    assert kl_divergence(p, p) <= 1e-15
    assert kl_divergence(3 * p, p) == pytest.approx(0.0, abs=1e-14)
    assert cross_entropy(p, q) >= entropy(p) * (1 - 1e-13) - 1e-14


def test_the_divergence_of_different_distributions_is_above_zero():
    assert kl_divergence([0.5, 0.5], [0.5 + 1e-6, 0.5 - 1e-6]) == pytest.approx(2e-12, rel=1e-3)


@given(weights())
def test_the_entropy_is_between_0_and_that_of_equal_weights(p):
    assume(p.sum() > 0)
    h = entropy(p)
    assert 0.0 <= h <= math.log(p.size) + 1e-14
    assert not np.signbit(h)


@pytest.mark.parametrize("n", [1, 2, 3, 1000, 1024, 1025, 20_000, CHUNK, CHUNK + 1])
def test_equal_weights(n):
    np.testing.assert_allclose(entropy(np.full(n, 0.3)), math.log(n), rtol=1e-14, atol=0)
    np.testing.assert_allclose(entropy(np.full(n, 7)), math.log(n), rtol=1e-13, atol=0)
    uniform = np.full(n, 1.0)
    np.testing.assert_allclose(cross_entropy(np.arange(1, n + 1), uniform), math.log(n), 1e-13)


@given(pairs(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(pair, random):
    order = list(range(pair[0].size))
    random.shuffle(order)
    p, q = pair
    for measure in MEASURES:
        plain = call(measure, p, q)
        assert call(measure, p[order], q[order]) == pytest.approx(plain, rel=1e-12, abs=1e-13)


@given(pairs(), st.integers(-900, 900), st.floats(1e-3, 1e3))
def test_the_scale_does_not_matter(pair, power, factor):
    p, q = pair
    # Factors for which no weight becomes subnormal.
    assume(np.all((p == 0) | (p > 1e-20)))
    for measure in MEASURES:
        plain = call(measure, p, q)
        bound = 1e-12 * max(plain, 1.0)
        assert abs(call(measure, p * 2.0**power, q) - plain) <= bound
        assert abs(call(measure, p * factor, q * 2.0**power) - plain) <= bound


@given(pairs(), pairs())
def test_entropies_of_independent_variables_add(first, second):
    (p, q), (r, s) = first, second
    for measure in MEASURES:
        separate = call(measure, p, q) + call(measure, r, s)
        assume(min(np.outer(p, r).min(), np.outer(q, s).min()) > 1e-290)  # no product underflows
        together = call(measure, np.outer(p, r), np.outer(q, s), axis=None)
        assert together == pytest.approx(separate, rel=1e-11, abs=1e-12)


@given(pairs())
def test_the_divergence_shrinks_when_outcomes_are_joined(pair):
    p, q = pair
    halves = p.size // 2
    joined = [np.append(a[:halves], a[halves:].sum()) for a in pair]
    assert kl_divergence(*joined) <= kl_divergence(p, q) * (1 + 1e-12) + 1e-13


@given(
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=4).flatmap(
        lambda shape: st.tuples(
            *[hnp.arrays(float, shape, elements=st.floats(0.01, 10))] * 2,
            st.integers(-len(shape), len(shape) - 1),
        )
    )
)
def test_any_shape_as_scipy(case):
    p, q, axis = case
    for measure in MEASURES:
        got = call(measure, p, q, axis=axis)
        assert_same(got, scipy_of(measure, p, q, axis=axis), atol=1e-13)


# Threads and memory


@pytest.mark.slow
@each_measure
def test_the_number_of_threads_does_not_change_a_bit(measure, rng):
    cases = []
    long, other = rng.random((2, 5 * CHUNK + 17))
    cases.append((long, other, {}))
    cases.append((long[: 4 * CHUNK].reshape(-1, 8), other[: 4 * CHUNK].reshape(-1, 8), {"axis": 1}))
    cases.append((long[: 4 * CHUNK].reshape(8, -1), other[: 4 * CHUNK].reshape(8, -1), {}))
    cases.append((long[: 3 * CHUNK].reshape(-1, 3), other[: 3 * CHUNK].reshape(-1, 3), {}))
    cases.append((long[: 4 * CHUNK].reshape(2, -1, 4), other[: 4 * CHUNK].reshape(2, -1, 4), {}))
    cases.append((long[: 4 * CHUNK].reshape(-1, 4).T, other[: 4 * CHUNK].reshape(-1, 4).T, {}))
    cases.append((cases[2][0], cases[2][1], {"axis": 1}))
    cases.append((long.astype(np.float32), other.astype(np.float32), {}))
    for p, q, options in cases:
        results = []
        for threads in (1, 2, 3, 7):
            with fastinfo.num_threads(threads):
                results.append(np.asarray(call(measure, p, q, **options)))
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0])
        assert np.isfinite(results[0]).all()


@pytest.mark.parametrize("axis", [0, 1])
@each_measure
def test_long_rows_agree_with_their_mirror_image(measure, axis, rng):
    p, q = rng.random((2, 3, CHUNK + 100))
    if axis == 0:
        p, q = p.T, q.T
    got = call(measure, p, q, axis=axis)
    assert got.shape == (3,)
    np.testing.assert_allclose(got, scipy_of(measure, p, q, axis=axis), rtol=1e-12)


@pytest.mark.parametrize("nan_policy", ["propagate", "omit", "raise"])
@each_measure
def test_missing_values_in_long_rows(measure, nan_policy, rng):
    p, q = rng.random((2, 2 * CHUNK + 5))
    missing = [3, CHUNK - 1, CHUNK, 2 * CHUNK + 4]
    p[missing[:3]] = NAN
    q[missing[1:]] = NAN
    if nan_policy == "raise":
        with pytest.raises(ValueError, match="The input contains nan values"):
            call(measure, p, q, nan_policy=nan_policy)
        return
    got = call(measure, p, q, nan_policy=nan_policy)
    if nan_policy == "propagate":
        assert np.isnan(got)
        return
    dropped = missing[:3] if measure is entropy else missing
    expected = call(measure, np.delete(p, dropped), np.delete(q, dropped))
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_a_negative_weight_in_one_of_many_pieces(threads, rng):
    p = rng.random((4 * CHUNK // 8, 8))
    p[-1, -1] = -0.5
    with pytest.raises(ValueError, match=r"pk must not .*negative.*-0.5"):
        entropy(p, axis=1)
    with pytest.raises(ValueError, match=r"pk must not .*negative.*-0.5"):
        entropy(p, axis=None)
    p[-1, -1] = 0.5
    assert np.isfinite(entropy(p, axis=None))


@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", ">f8"])
@each_measure
def test_inputs_are_left_alone(measure, dtype, axis, rng):
    p, q = weights_of(dtype, rng)
    before = p.copy(), q.copy()
    for policy in ("propagate", "omit", "raise"):
        call(measure, p, q, axis=axis, nan_policy=policy)
    for array, copy in zip((p, q), before, strict=True):
        assert array.dtype == copy.dtype
        assert array.flags.writeable
        np.testing.assert_array_equal(array, copy)


@each_measure
def test_missing_values_are_left_in_place(measure):
    p = np.array([[1.0, NAN, 2.0], [3.0, 4.0, NAN]])
    q = np.array([[NAN, 1.0, 2.0], [3.0, 4.0, 5.0]])
    before = p.copy(), q.copy()
    call(measure, p, q, axis=1, nan_policy="omit")
    np.testing.assert_array_equal(p, before[0])
    np.testing.assert_array_equal(q, before[1])


def peak_of(function):
    """The most memory in MB that a call takes on top, once everything is compiled."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


N_LARGE = 10_000_000  # 80 MB of float64
LIMIT = 16  # MB

VIEWS = {
    "as it is": (lambda a: a, 0),
    "a matrix, down": (lambda a: a.reshape(2500, 4000), 0),
    "a matrix, across": (lambda a: a.reshape(2500, 4000), 1),
    "a matrix, all": (lambda a: a.reshape(2500, 4000), None),
    "narrow, down": (lambda a: a.reshape(-1, 2), 0),
    "narrow, across": (lambda a: a.reshape(-1, 100), 1),
    "reversed": (lambda a: a[::-1], 0),
    "every other": (lambda a: a[::2], 0),
    "Fortran, down": (lambda a: a.reshape(4000, 2500).T, 0),
    "Fortran, across": (lambda a: a.reshape(4000, 2500).T, 1),
    "Fortran, all": (lambda a: a.reshape(4000, 2500).T, None),
    "Fortran, both axes": (lambda a: a.reshape(4000, 2500).T, (0, 1)),
    "first and last axis of three": (lambda a: a.reshape(100, 1000, 100), (0, 2)),
    "a column of a wide matrix": (lambda a: a.reshape(-1, 4)[:, 1:3], None),
}


@pytest.fixture(scope="module")
def large():
    return np.random.default_rng(7).random(N_LARGE)


@compiled
class TestMemory:
    @pytest.mark.slow
    @pytest.mark.parametrize("view", VIEWS)
    def test_no_copy_of_the_array(self, view, large):
        make, axis = VIEWS[view]
        p = make(large)
        entropy(p[:2], axis=axis)  # compiles
        assert peak_of(lambda: entropy(p, axis=axis)) < LIMIT

    @each_paired
    def test_no_copy_of_two_arrays(self, measure, large):
        q = large[::-1]
        measure(large[:9], q[:9])
        assert peak_of(lambda: measure(large, q)) < LIMIT

    @pytest.mark.parametrize("axis", [0, 1, None])
    @each_paired
    def test_no_copy_where_one_is_broadcast(self, measure, axis, large):
        p = large.reshape(2500, 4000)
        measure(p[:2], p[:1], axis=axis)
        assert peak_of(lambda: measure(p, p[0], axis=axis)) < LIMIT

    @pytest.mark.parametrize("nan_policy", ["omit", "raise"])
    def test_no_copy_for_a_policy(self, nan_policy, large):
        entropy(large[:9], nan_policy=nan_policy)
        assert peak_of(lambda: entropy(large, nan_policy=nan_policy)) < LIMIT

    @pytest.mark.slow
    @pytest.mark.parametrize("dtype", ["f4", "i8", "u1", "f2", ">f8"])
    def test_no_copy_of_other_dtypes(self, dtype, large):
        p = (large * 100).astype(dtype)
        entropy(p[:9])
        assert peak_of(lambda: entropy(p)) < LIMIT


# The kernels, from a user's compiled function


@numba.njit
def user_vectors(p, q):
    return kernels.entropy(p), kernels.cross_entropy(p, q), kernels.kl_divergence(p, q)


@numba.njit
def user_sums(p, q, shift):
    return (
        kernels.entropy_sums(p, shift),
        kernels.cross_entropy_sums(p, q, shift),
        kernels.kl_divergence_sums(p, q, shift),
    )


@numba.njit
def user_rows(p, q):
    n = p.shape[0]
    h, ce, kl = np.empty(n), np.empty(n), np.empty(n)
    negative = (
        columns.entropy_rows(p, h),
        columns.cross_entropy_rows(p, q, ce),
        columns.kl_divergence_rows(p, q, kl),
    )
    return h, ce, kl, negative


@numba.njit
def user_facts(p):
    return kernels.total(p), kernels.has_negative(p)


def frozen(*arrays):
    """Read-only views, as the API hands to the kernels: compiled for it already."""
    views = [a.view() for a in arrays]
    for view in views:
        view.flags.writeable = False
    return views


def of_sums(measure, found):
    """The measure from what its kernel sums with a shift of 0, by its formula."""
    sp, *sq, t, _ = (float(value) for value in found)
    if measure is entropy:
        return math.log(sp) - t / sp
    if measure is cross_entropy:
        return math.log(sq[0]) - t / sp
    return t / sp - math.log(sp / sq[0])


@pytest.mark.slow
def test_kernels_take_arrays_that_can_be_written(rng):
    p, q = rng.random((2, 5000))
    api = [call(measure, p, q) for measure in MEASURES]
    np.testing.assert_allclose(user_vectors(p, q), api, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
class TestKernels:
    @pytest.mark.slow
    def test_vectors(self, dtype, rng):
        for n in (1, 7, BLOCK, 3 * BLOCK + 5, 20_000):
            p, q = frozen(*rng.random((2, n)).astype(dtype))
            plain = kernels.entropy(p), kernels.cross_entropy(p, q), kernels.kl_divergence(p, q)
            api = [call(measure, p.astype(float), q.astype(float)) for measure in MEASURES]
            np.testing.assert_allclose(user_vectors(p, q), api, rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(plain, api, rtol=1e-13, atol=1e-15)

    @pytest.mark.slow
    @pytest.mark.parametrize("shape", [(30, 11), (600, 5), (3, 2000)])
    def test_rows(self, dtype, shape, rng):
        p, q = rng.random((2, *shape)).astype(dtype)
        p[2] = 0
        *results, negative = user_rows(*frozen(p, q))
        assert negative == (False, False, False)
        for measure, got in zip(MEASURES, results, strict=True):
            api = call(measure, p.astype(float), q.astype(float), axis=1)
            np.testing.assert_allclose(got, api, rtol=1e-13, atol=1e-15)
            assert np.isnan(got[2])
        p[1, 4] = -1
        assert user_rows(*frozen(p, q))[3] == (True, True, True)
        assert user_rows(*frozen(q, p))[3] == (False, True, True)

    @pytest.mark.slow
    def test_sums(self, dtype, rng):
        p, q = frozen(*rng.random((2, 2500)).astype(dtype))
        wide_p, wide_q = p.astype(float), q.astype(float)
        sum_p, sum_q = math.fsum(wide_p), math.fsum(wide_q)
        logs = [np.log(wide_p), np.log(wide_q), np.log(wide_p / wide_q)]
        for shift in (0.0, 1.5):
            for found, log, second in zip(
                user_sums(p, q, shift), logs, (sum_p, sum_q, sum_q), strict=True
            ):
                sp, *sq, t, negative = found
                assert sp == pytest.approx(sum_p, rel=1e-14)
                assert sq == [pytest.approx(second, rel=1e-14)]
                assert t == pytest.approx(math.fsum(wide_p * (log - shift)), rel=1e-12)
                assert negative is False

    def test_sums_see_a_negative_weight(self, dtype):
        for position in (0, BLOCK - 1, BLOCK, 2499):
            p, q = np.ones((2, 2500), dtype)
            q[position] = -1
            p, q = frozen(p, q)
            assert [found[-1] for found in user_sums(p, q, 0.0)] == [False, True, True]
            assert [found[-1] for found in user_sums(q, p, 0.0)] == [True, True, True]

    @pytest.mark.parametrize("cut", [1, 1000, BLOCK, 2499])
    def test_sums_of_parts_add(self, dtype, cut, rng):
        p, q = frozen(*rng.random((2, 2500)).astype(dtype))
        first, second = user_sums(p[:cut], q[:cut], 0.0), user_sums(p[cut:], q[cut:], 0.0)
        for measure, a, b in zip(MEASURES, first, second, strict=True):
            api = call(measure, p.astype(float), q.astype(float))
            merged = of_sums(measure, np.add(a, b, dtype=float))
            assert merged == pytest.approx(api, rel=1e-12, abs=1e-14)

    def test_facts(self, dtype, rng):
        p = rng.random(3 * BLOCK + 1).astype(dtype)
        total, negative = user_facts(*frozen(p))
        assert total == pytest.approx(math.fsum(p.astype(float)), rel=1e-15)
        assert negative is False
        for value, expected in [(-1e-30, True), (-0.0, False), (NAN, False), (-INF, True)]:
            for position in (0, BLOCK, 3 * BLOCK):
                changed = p.copy()
                changed[position] = value
                total, negative = user_facts(*frozen(changed))
                assert negative is expected
                assert np.isnan(total) == np.isnan(value)
        assert user_facts(*frozen(p[:0])) == (0.0, False)
        assert user_facts(*frozen(np.array([1, INF, 2], dtype)))[0] == INF
        assert np.isnan(user_facts(*frozen(np.array([INF, -INF], dtype)))[0])

    def test_missing_values_come_through(self, dtype):
        p, q = np.ones((2, 2100), dtype)
        for position in (0, 1500, 2099):
            missing = p.copy()
            missing[position] = NAN
            without = q.copy()
            without[position] = 0.0
            assert np.isnan(user_vectors(*frozen(missing, q))).all()
            assert np.isnan(user_vectors(*frozen(q, missing))).tolist() == [False, True, True]
            assert np.isnan(user_vectors(*frozen(without, missing))).tolist() == [False, True, True]

    def test_nothing_to_measure(self, dtype):
        for n in (0, 3):
            zeros = np.zeros(n, dtype)
            assert np.isnan(user_vectors(*frozen(zeros, zeros))).all()


def test_the_total_is_compensated():
    # Ones that are added to 1e17 one by one are lost: here those of one block are.
    p = np.ones(50 * BLOCK)
    p[0] = 1e17
    assert abs(user_facts(*frozen(p))[0] - math.fsum(p)) <= BLOCK


def test_nothing_warns_where_results_are_not_finite():
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for measure in MEASURES:
            call(measure, [[1.0, INF], [NAN, 1.0], [0.0, 0.0], [1.0, 0.0]], np.eye(4, 2), axis=1)
