"""The elementary functions against mpmath: their error in ulp, special values, SIMD code.

An ulp is the distance between the two neighbours of the true value in the result's dtype, constant
below the least normal number.
"""

import math
import platform
import re

import mpmath
import numba
import numpy as np
import pytest
from helpers import compiled, printed
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
from fastinfo.kernels.elementary import scalar
from fastinfo.kernels.elementary.memory import larger

INF = math.inf
NAN = math.nan

MANTISSA = {np.dtype(np.float32): 23, np.dtype(np.float64): 52}
LEAST_EXPONENT = {np.dtype(np.float32): -126, np.dtype(np.float64): -1022}
BITS = {np.dtype(np.float32): np.uint32, np.dtype(np.float64): np.uint64}

#: Functions of one argument by the dtypes that they take.
ONE = [
    ("log", np.float32),
    ("log", np.float64),
    ("log32", np.float32),
    ("log64", np.float64),
    ("exp", np.float32),
    ("exp", np.float64),
    ("exp32", np.float32),
    ("exp64", np.float64),
    ("xlogx", np.float32),
    ("xlogx", np.float64),
]
#: The same of two arguments.
TWO = [
    ("xlogy", np.float32),
    ("xlogy", np.float64),
    ("log_ratio", np.float32),
    ("log_ratio", np.float64),
]
EXACT = {
    "log": mpmath.log,
    "log_normal": mpmath.log,
    "exp": mpmath.exp,
    "xlogx": lambda x: x * mpmath.log(x),
    "xlogy": lambda x, y: x * mpmath.log(y),
    "log_ratio": lambda x, y: mpmath.log(x / y),
    "log_of_term": mpmath.log,
}


def loop_over(function):
    """A user's loop over a function of one argument."""

    @numba.njit
    def loop(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    return loop


def loop_over_two(function):
    """A user's loop over a function of two arguments."""

    @numba.njit
    def loop(x, y, out):
        for i in range(x.size):
            out[i] = function(x[i], y[i])

    return loop


LOOPS = {
    name: loop_over(getattr(scalar, name)) for name in [*dict(ONE), "log_normal", "log_of_term"]
} | {name: loop_over_two(getattr(scalar, name)) for name in dict(TWO)}


def apply(name, *arguments):
    """A function of every element, in a compiled loop."""
    dtype = np.float64 if name.startswith("log_ratio") else arguments[0].dtype
    out = np.empty(arguments[0].shape, dtype)
    LOOPS[name](*arguments, out)
    return out


def exact_function(name):
    return EXACT[re.sub(r"(32|64)$", "", name)]


def ulp_error(value, exact):
    """The error of a NumPy scalar against an mpf, in ulp."""
    if not np.isfinite(value):
        largest = mpmath.mpf(float(np.finfo(value.dtype).max))  # less than 1 ulp below 2**maxexp
        same_sign = mpmath.sign(exact) == np.sign(value)
        return 0.0 if abs(exact) > largest and same_sign else INF
    if exact == 0:
        return 0.0 if value == 0 else INF
    exponent = max(mpmath.frexp(exact)[1] - 1, LEAST_EXPONENT[value.dtype])
    ulp = mpmath.ldexp(1, exponent - MANTISSA[value.dtype])
    return float(abs(mpmath.mpf(float(value)) - exact) / ulp)


def worst(name, *arguments):
    """The largest error in ulp of a function over arrays of arguments, and where it is."""
    values = apply(name, *arguments)
    exact = exact_function(name)
    with mpmath.workdps(45):
        errors = [
            (ulp_error(value, exact(*map(mpmath.mpf, point))), point)
            for value, *point in zip(values, *(a.tolist() for a in arguments), strict=True)
        ]
    return max(errors)


def positive(rng, dtype, n):
    """Positive finite numbers of every size: bit patterns, subnormal ones among them."""
    dtype = np.dtype(dtype)
    top = int(np.asarray(np.inf, dtype).view(BITS[dtype]))
    subnormal = rng.integers(1, 1 << MANTISSA[dtype], n // 10, dtype=np.uint64)
    least = (rng.random(n // 10) * 100 + 1).astype(np.uint64)
    anything = rng.integers(1, top, n, dtype=np.uint64)
    ends = np.array([top - 1, top - 2], np.uint64)
    bits = np.concatenate([anything, subnormal, least, ends])
    assert bits.dtype == np.uint64
    return bits.astype(BITS[dtype]).view(dtype)


def landmarks(dtype):
    """Numbers next to 1, to powers of two and of sqrt(1/2), and to the ends of the range."""
    dtype = np.dtype(dtype)
    info = np.finfo(dtype)
    exponents = range(LEAST_EXPONENT[dtype], int(info.maxexp), 1 if dtype == np.float32 else 7)
    centres = [dtype.type(2.0) ** dtype.type(k) for k in exponents]
    centres += [math.sqrt(0.5), math.sqrt(2.0), math.e, 1 / math.e, info.tiny, info.max, 1.0]
    centres = np.array(centres, dtype)
    bits = centres.view(BITS[dtype])
    steps = np.array([-3, -2, -1, 0, 1, 2, 3]).astype(BITS[dtype])  # wrap around, as bits do
    near = (bits[:, None] + steps).ravel().view(dtype)
    one = np.asarray(1.0, dtype).view(BITS[dtype])
    offsets = np.unique(np.geomspace(1, 1 << (MANTISSA[dtype] - 1), 60).astype(BITS[dtype]))
    around_one = np.concatenate([one + offsets, one - offsets]).astype(BITS[dtype]).view(dtype)
    every = np.concatenate([near, around_one])
    return every[np.isfinite(every) & (every > 0)]


def exponents(rng, dtype, n):
    """Arguments of exp over its whole range, next to its limits, and near 0."""
    dtype = np.dtype(dtype)
    least, most = (-745.2, 709.9) if dtype == np.float64 else (-104.0, 88.8)
    first_subnormal = math.log(float(np.finfo(dtype).tiny))
    largest = float(np.log(np.finfo(dtype).max))
    limits = np.array([least, most, first_subnormal, largest, 0.5 * math.log(2)], dtype)
    bits = limits.view(BITS[dtype])
    steps = np.arange(-20, 21).astype(BITS[dtype])
    near = (bits[:, None] + steps).ravel().view(dtype)
    multiples = (np.arange(-40, 41) * (math.log(2) / 2)).astype(dtype)
    small = np.exp2(-rng.uniform(0, 1080 if dtype == np.float64 else 148, n // 4)).astype(dtype)
    wide = rng.uniform(least, most, n)
    return np.concatenate([wide, near, multiples, small, -small]).astype(dtype)


# Accuracy


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dtype"), ONE)
def test_at_most_one_ulp(name, dtype, rng):
    if name.startswith("exp"):
        x = exponents(rng, dtype, 1000)
    else:
        x = np.concatenate([positive(rng, dtype, 800), landmarks(dtype)])
    error, point = worst(name, x)
    bound = 2.0 if name == "xlogx" else 1.0  # the product is rounded, too
    assert error <= bound, f"{error} ulp at {point}"


def test_xlogy_at_most_two_ulp(rng):
    x = positive(rng, np.float64, 800)
    y = positive(rng, np.float64, 800)
    error, point = worst("xlogy", x, rng.permutation(y))
    assert error <= 2.0, f"{error} ulp at {point}"


def test_xlogy_at_most_two_ulp_in_float32(rng):
    x = positive(rng, np.float32, 800)
    y = positive(rng, np.float32, 800)
    error, point = worst("xlogy", x, rng.permutation(y))
    assert error <= 2.0, f"{error} ulp at {point}"


def ratio_points(rng, dtype, n):
    """Pairs of every size; pairs whose ratio is next to 1, to a power of two and to its root."""
    dtype = np.dtype(dtype)
    x = positive(rng, dtype, n)
    y = rng.permutation(x)
    inner = x[(x > 4 * np.finfo(dtype).tiny) & (x < np.finfo(dtype).max / 4)]
    step = rng.integers(-200, 200, inner.size).astype(BITS[dtype])  # wraps around, as bits do
    next_to = (inner.view(BITS[dtype]) + step).view(dtype)
    factors = np.array([1, 2, 0.5, math.sqrt(2), math.sqrt(0.5), 1.5, 0.75], dtype)
    scaled = next_to * rng.choice(factors, inner.size)
    subnormal = (rng.integers(1, 50, 200).astype(BITS[dtype])).view(dtype)
    ends = np.array([np.finfo(dtype).tiny, np.finfo(dtype).max, 1.0, subnormal.min()], dtype)
    first = [x, inner, inner, subnormal, np.repeat(ends, ends.size)]
    second = [y, next_to, scaled, subnormal[::-1], np.tile(ends, ends.size)]
    return np.concatenate(first), np.concatenate(second)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_ratio_at_most_two_ulp(dtype, rng):
    error, point = worst("log_ratio", *ratio_points(rng, dtype, 700))
    assert error <= 2.0, f"{error} ulp at {point}"


def normal(x):
    return x[x >= np.finfo(x.dtype).tiny]


def test_log_normal_at_most_two_ulp(rng):
    x = normal(np.concatenate([positive(rng, np.float64, 800), landmarks(np.float64)]))
    error, point = worst("log_normal", x)
    assert error <= 2.0, f"{error} ulp at {point}"


def test_log_of_term_at_most_three_ulp(rng):
    near = 1.0 + np.r_[rng.uniform(-0.3, 0.42, 3000), rng.normal(size=300) * 1e-9]
    edges = np.sqrt(0.5) * (1.0 + np.arange(-50, 50) * 2.0**-52)  # where the exponent changes
    x = np.r_[positive(rng, np.float64, 800), landmarks(np.float64), near, edges, 1 / edges]
    error, point = worst("log_of_term", normal(x))
    assert error <= 3.0, f"{error} ulp at {point}"


def test_is_normal_is_the_positive_normal_numbers(rng):
    x = np.concatenate([positive(rng, np.float64, 300), landmarks(np.float64)])
    x = np.concatenate([x, -x, [0.0, -0.0, INF, -INF, NAN, -NAN]])
    out = np.empty(x.size, np.bool_)
    loop_over(scalar.is_normal)(x, out)
    np.testing.assert_array_equal(out, (x >= np.finfo(x.dtype).tiny) & (x < INF))
    assert out.any()
    assert not out.all()


def ulp_errors(values, exact):
    """Errors in ulp of an array against a more precise one, where both are finite."""
    dtype = values.dtype
    scale = np.maximum(np.frexp(exact)[1] - 1, LEAST_EXPONENT[dtype]) - MANTISSA[dtype]
    finite = np.isfinite(exact) & np.isfinite(values)
    distance = np.abs(values[finite].astype(exact.dtype) - exact[finite])
    return np.ldexp(distance, -scale[finite])


@pytest.mark.slow
@pytest.mark.parametrize("stride", [997, 4099])
@pytest.mark.parametrize("name", ["log32", "exp32", "xlogx"])
def test_a_sweep_over_float32(name, stride):
    x = np.arange(stride // 2, 1 << 32, stride).astype(np.uint32).view(np.float32)
    got = apply(name, x)
    assert got.dtype == np.float32
    with np.errstate(all="ignore"):
        wide = x.astype(np.float64)
        exact = {
            "log32": np.log,
            "exp32": np.exp,
            "xlogx": lambda v: np.where(v == 0, 0.0, v * np.log(v)),
        }[name](wide)
        rounded = exact.astype(np.float32)
    special = ~np.isfinite(rounded)
    np.testing.assert_array_equal(got[special], rounded[special])
    assert np.isfinite(got[~special]).all()
    errors = ulp_errors(got[~special], exact[~special])
    bound = 2.0 if name == "xlogx" else 1.0
    assert errors.max() <= bound, f"{errors.max()} ulp at {x[~special][errors.argmax()]!r}"


needs_extended = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than double here"
)


@needs_extended
@pytest.mark.parametrize("name", ["log64", "exp64", "xlogx"])
def test_many_numbers_against_long_double(name, rng):
    n = 300_000
    if name == "exp64":
        x = np.concatenate([rng.uniform(-745.5, 709.7, n), rng.uniform(-2, 2, n)])
    else:
        bits = rng.integers(1, 0x7FF0000000000000, n, dtype=np.uint64)
        near_one = 1.0 + rng.uniform(-0.4, 0.6, n) * np.exp2(-rng.integers(0, 50, n))
        x = np.concatenate([bits.view(np.float64), near_one])
    wide = x.astype(np.longdouble)
    with np.errstate(over="ignore", under="ignore"):
        exact = {"log64": np.log, "exp64": np.exp, "xlogx": lambda v: v * np.log(v)}[name](wide)
        finite = np.isfinite(exact.astype(np.float64))
    got = apply(name, x)
    np.testing.assert_array_equal(np.isfinite(got), finite)
    errors = ulp_errors(got[finite], exact[finite])
    bound = 2.0 if name == "xlogx" else 1.0
    assert errors.max() <= bound, f"{errors.max()} ulp at {x[finite][errors.argmax()]!r}"


@needs_extended
def test_many_ratios_against_long_double(rng):
    n = 300_000
    x = rng.integers(1, 0x7FF0000000000000, n, dtype=np.uint64).view(np.float64)
    y = rng.permutation(x)
    close = 1.0 + rng.uniform(-0.5, 1.0, n) * np.exp2(-rng.integers(0, 50, n))
    x, y = np.concatenate([x, close]), np.concatenate([y, close[::-1]])
    wide_x, wide_y = x.astype(np.longdouble), y.astype(np.longdouble)
    # Near 1 by log1p of an exact difference.
    exact = np.log(wide_x / wide_y)
    near = (x / 2 < y) & (y / 2 < x)
    exact[near] = np.log1p((wide_x[near] - wide_y[near]) / wide_y[near])
    errors = ulp_errors(apply("log_ratio", x, y), exact)
    assert errors.max() <= 2.0, f"{errors.max()} ulp at {x[errors.argmax()], y[errors.argmax()]}"


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))
def test_log_ratio_is_antisymmetric(x, y):
    assert scalar.log_ratio(x, y) == -scalar.log_ratio(y, x)
    assert scalar.log_ratio(x, x) == 0.0


@given(st.floats(2.0**-900, 2.0**900), st.integers(-100, 100))
def test_log_ratio_does_not_see_a_common_power_of_two(x, k):
    scale = 2.0**k
    assert scalar.log_ratio(x * scale, scale) == scalar.log_ratio(x, 1.0)


# Special values


def bits_of(value):
    """A float as an integer, so that -0.0 differs from 0.0; any NaN is one."""
    value = np.asarray(value)
    if np.isnan(value):
        return "nan"
    return hex(int(value.view(BITS[value.dtype])))


LEAST = {np.float32: float(np.float32(1e-45)), np.float64: 5e-324}
SPECIAL_LOG = [(0.0, -INF), (-0.0, -INF), (INF, INF), (1.0, 0.0)]
UNDEFINED_LOG = [-INF, NAN, -NAN, -1.0, -1e30, -1e-30]


@pytest.mark.parametrize(("name", "dtype"), [case for case in ONE if "log" in case[0][:3]])
def test_special_logarithms(name, dtype):
    least = LEAST[dtype]
    cases = [*SPECIAL_LOG, *((x, NAN) for x in [*UNDEFINED_LOG, -least])]
    x = np.array([x for x, _ in cases], dtype)
    expected = [bits_of(dtype(y)) for _, y in cases]
    function = getattr(scalar, name)
    assert [bits_of(y) for y in apply(name, x)] == expected
    assert [bits_of(dtype(function(v))) for v in x] == expected


@pytest.mark.parametrize(("name", "dtype"), [case for case in ONE if case[0].startswith("exp")])
def test_special_exponentials(name, dtype):
    least = LEAST[dtype]
    beyond, below = (709.79, -745.14) if dtype is np.float64 else (88.73, -103.98)
    cases = [
        *((0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (-NAN, NAN)),
        *((least, 1.0), (-least, 1.0), (1e-30, 1.0), (-1e-30, 1.0)),
        *((beyond, INF), (1e5, INF), (float(np.finfo(dtype).max), INF)),
        *((below, 0.0), (-1e5, 0.0), (float(np.finfo(dtype).min), 0.0)),
    ]
    x = np.array([x for x, _ in cases], dtype)
    expected = [bits_of(dtype(y)) for _, y in cases]
    function = getattr(scalar, name)
    assert [bits_of(y) for y in apply(name, x)] == expected
    assert [bits_of(dtype(function(v))) for v in x] == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_xlogx(dtype):
    least = LEAST[dtype]
    cases = [(0.0, 0.0), (-0.0, 0.0), (1.0, 0.0), (INF, INF)]
    cases += [(x, NAN) for x in [*UNDEFINED_LOG, -least]]
    x = np.array([x for x, _ in cases], dtype)
    np.testing.assert_array_equal(apply("xlogx", x), np.array([y for _, y in cases], dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_xlogy_as_scipys(dtype):
    special = pytest.importorskip("scipy.special")
    values = [0.0, -0.0, LEAST[dtype], 0.5, 1.0, 2.0, float(np.finfo(dtype).max), INF, NAN]
    values += [-v for v in values]
    x, y = (a.ravel().astype(dtype) for a in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        expected = special.xlogy(x, y)
    got = apply("xlogy", x, y)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=2 * np.finfo(dtype).eps, atol=0)


def test_special_ratios():
    values = [0.0, -0.0, 5e-324, 1.0, 1e308, INF, NAN]
    x, y = (a.ravel() for a in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        expected = np.where((x > 0) & (y > 0), np.log(x) - np.log(y), np.log(x / y))
        expected = np.where(np.isinf(x) & np.isinf(y), NAN, expected)
        # IEEE's 1 / -0.0 is -inf: here a zero is a zero.
        expected = np.where((x > 0) & (y == 0), INF, expected)
        expected = np.where((x == 0) & (y > 0), -INF, expected)
        expected = np.where((x == 0) & (y == 0), NAN, expected)
    np.testing.assert_allclose(apply("log_ratio", x, y), expected, rtol=1e-15, atol=0)


def test_log_of_a_power_of_two_is_monotonic_around_it():
    for k in range(-1070, 1020, 30):
        centre = 2.0**k
        x = np.array([np.nextafter(centre, 0), centre, np.nextafter(centre, INF)])
        assert (np.diff(apply("log64", x)) >= 0).all()


# Dtypes, and calls from compiled code


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("name", "dtype"), ONE)
def test_the_dtype_is_kept(name, dtype):
    loop = loop_over_types(getattr(scalar, name))
    assert loop(np.ones(3, dtype)).dtype == dtype


def loop_over_types(function):
    @numba.njit
    def values(x):
        return np.array([function(v) for v in x])

    return values


@compiled
def test_the_dtype_is_kept_for_two():
    @numba.njit
    def values(x, y):
        return np.array([scalar.xlogy(v, v) for v in x]), np.array([scalar.log_ratio(x[0], y[0])])

    for dtype in np.float32, np.float64:
        x = np.full(2, 2.0, dtype)
        product, ratio = values(x, x)
        assert product.dtype == dtype
        assert ratio.dtype == np.float64


@pytest.mark.parametrize("name", ["log", "exp", "xlogx"])
@pytest.mark.parametrize("value", [3, np.int8(3), np.uint32(3), np.uint64(3)])
def test_integers_compute_in_float64(name, value):
    function = getattr(scalar, name)
    assert float(function(value)) == function(3.0)


def test_a_bool_computes_in_float64():
    assert scalar.exp(True) == scalar.exp(1.0)
    assert scalar.log(True) == 0.0


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("name", "dtype"), ONE)
def test_a_loop_gives_the_bits_of_single_calls(name, dtype, rng):
    if name.startswith("exp"):
        x = rng.choice(exponents(rng, dtype, 200), 303)
    else:
        x = rng.choice(np.concatenate([positive(rng, dtype, 200), landmarks(dtype)]), 303)
    x[::50] = np.array([0.0, -0.0, INF, -INF, NAN, -1.0, 1.0], dtype)
    function = getattr(scalar, name)
    single = np.array([function(v) for v in x], dtype)
    view = BITS[np.dtype(dtype)]
    looped = apply(name, x)
    nan = np.isnan(single)
    np.testing.assert_array_equal(np.isnan(looped), nan)
    np.testing.assert_array_equal(looped[~nan].view(view), single[~nan].view(view))
    strided = np.repeat(x, 3)[::3]  # another loop, and other machine code
    np.testing.assert_array_equal(apply(name, strided), looped)


@compiled
@pytest.mark.parametrize("name", ["xlogy", "log_ratio"])
def test_a_loop_gives_the_bits_of_single_calls_of_two(name, rng):
    x, y = (a[rng.integers(0, a.size, 303)] for a in ratio_points(rng, np.float64, 200))
    function = getattr(scalar, name)
    single = np.array([function(v, w) for v, w in zip(x, y, strict=True)])
    np.testing.assert_array_equal(apply(name, x, y).view(np.uint64), single.view(np.uint64))


# Machine code

PACKED = re.compile(r"\bv?(?:mul|div|add|sub|fn?m(?:add|sub)(?:132|213|231))p([sd])\b")


def packed_operations(dispatcher, *arguments):
    """How many arithmetic instructions on vectors of float32 and of float64 the code holds."""
    dispatcher(*arguments)
    (assembly,) = dispatcher.inspect_asm().values()
    kinds = PACKED.findall(assembly)
    divisions = len(re.findall(r"\bv?divp[sd]\b", assembly))
    return kinds.count("s"), kinds.count("d"), divisions


machine_code = [
    compiled,
    pytest.mark.skipif(
        platform.machine().lower() not in {"x86_64", "amd64"},
        reason=f"the names of the instructions are those of x86-64, not {platform.machine()}",
    ),
    pytest.mark.skipif(bool(numba.config.BOUNDSCHECK), reason="bounds checks keep loops scalar"),
]


class TestMachineCode:
    pytestmark = machine_code

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["log", "log64", "xlogx", "exp", "exp64"])
    def test_a_loop_in_float64_is_packed(self, name):
        x = np.ones(8)
        _, doubles, divisions = packed_operations(
            loop_over(getattr(scalar, name)), x, np.empty_like(x)
        )
        assert doubles >= 10
        assert (divisions > 0) == (not name.startswith("exp"))

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["log", "log32", "xlogx", "exp", "exp32"])
    def test_a_loop_in_float32_is_packed(self, name):
        x = np.ones(8, np.float32)
        singles, doubles, _ = packed_operations(
            loop_over(getattr(scalar, name)), x, np.empty_like(x)
        )
        assert singles >= 10
        assert doubles == 0  # nothing is done in the wider type

    @pytest.mark.parametrize("name", ["xlogy", "log_ratio"])
    def test_a_loop_over_two_arrays_is_packed(self, name):
        x = np.ones(8)
        _, doubles, divisions = packed_operations(
            loop_over_two(getattr(scalar, name)), x, x.copy(), np.empty_like(x)
        )
        assert doubles >= 10
        assert divisions > 0

    def test_scalar_code_is_not_taken_for_packed_code(self):
        x = np.ones(8)
        assert packed_operations(loop_over(math.log), x, np.empty_like(x)) == (0, 0, 0)


# Without the compiler


def python_points(name, dtype, rng):
    if name.startswith("exp"):
        return exponents(rng, dtype, 100)
    x = np.concatenate([positive(rng, dtype, 100), rng.choice(landmarks(dtype), 50)])
    return np.concatenate([x, np.array([0.0, -0.0, INF, -INF, NAN, -NAN, -1.0, 1.0], dtype)])


def assert_within_one_ulp(got, expected):
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(got[~finite], expected[~finite])
    distance = np.abs(got[finite] - expected[finite])
    assert (distance <= np.spacing(np.abs(expected[finite]))).all()


@pytest.mark.parametrize(("name", "dtype"), ONE)
def test_the_python_function_agrees(name, dtype, rng):
    function = getattr(scalar, name)
    python = getattr(function, "py_func", function)
    x = python_points(name, dtype, rng)
    with np.errstate(all="ignore"):  # as in compiled code
        got = [dtype(python(v)) for v in x]
    assert_within_one_ulp(np.array(got, dtype), apply(name, x))


@pytest.mark.parametrize("name", ["xlogy", "log_ratio"])
def test_the_python_function_of_two_agrees(name, rng):
    function = getattr(scalar, name)
    python = getattr(function, "py_func", function)
    x, y = ratio_points(rng, np.float64, 60)
    with np.errstate(all="ignore"):
        got = [np.float64(python(v, w)) for v, w in zip(x, y, strict=True)]
    assert_within_one_ulp(got, apply(name, x, y))


@pytest.mark.parametrize("value", [0.0, -0.0, 5e-324, -5e-324, -1.0, INF, -INF, NAN, -NAN])
def test_the_python_functions_of_normal_numbers_take_any(value):
    for function in scalar.is_normal, scalar.log_normal, scalar.log_of_term:
        python = getattr(function, "py_func", function)
        x = np.float64(value)
        with np.errstate(all="ignore"):
            got = python(x)
        assert got == function(x) or (value != value and function is scalar.log_of_term)
    assert not scalar.is_normal(value)


PROGRAM = """
import sys
import numpy as np
from fastinfo.kernels.elementary import scalar
from fastinfo.kernels.elementary.memory import larger
assert not hasattr(scalar.log, "py_func")
data = np.load(sys.argv[1])
out = {}
for key, x in data.items():
    function = getattr(scalar, key.split("-")[0])
    out[key] = np.array([x.dtype.type(function(v)) for v in x])  # without a warning
np.savez(sys.argv[2], **out)
"""


def test_without_the_compiler(tmp_path, rng):
    points = {f"{n}-{np.dtype(d)}": python_points(n, d, rng) for n, d in ONE}
    np.savez(tmp_path / "points.npz", **points)
    files = tmp_path / "points.npz", tmp_path / "values.npz"
    printed("-W", "error", "-c", PROGRAM, *files, NUMBA_DISABLE_JIT="1")
    with np.load(tmp_path / "values.npz") as values:
        assert set(values) == set(points)
        for key, x in points.items():
            assert_within_one_ulp(values[key], apply(key.split("-")[0], x))


def test_the_module_is_reached_from_the_package():
    assert fastinfo.kernels.elementary.scalar is scalar


@numba.njit
def larger_in_place(x, out):
    for i in range(x.size):
        out[i] = larger(abs(x[i]), out[i])


@pytest.mark.parametrize("n", [1, 7, 64, 1001])
def test_the_larger_of_two(n, rng):
    x, y = rng.normal(size=(2, n))
    x[::5], y[::7], x[::11] = INF, -INF, 0.0
    out = y.copy()
    larger_in_place(x, out)
    np.testing.assert_array_equal(out, np.maximum(np.abs(x), y))
    assert larger(2.0, 1.0) == larger(1.0, 2.0) == 2.0
