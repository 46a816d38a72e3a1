"""Hostile arrays, for every public function: the reference's answer, or an error that says why.

Whatever comes in, no input is changed, no warning leaks from inside, and where an array lies in
memory makes no difference. Hostile options are in test_hostile_options.py.
"""

import inspect
import math
import tracemalloc

import ml_dtypes
import numpy as np
import pytest
from calls import CALLS, ROLES, N, f8, plain
from helpers import quiet
from hostile import (
    CONTAINERS,
    DTYPES,
    FLOATS,
    LAYOUTS,
    OBJECTS,
    OwnError,
    cast,
    run,
    spoil,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import fastinfo

CASES = {name: call for name, call in CALLS.items() if call.roles}
each_case = pytest.mark.parametrize("name", CASES)


def test_every_public_function_is_in_the_table():
    functions = {n for n in fastinfo.__all__ if inspect.isfunction(getattr(fastinfo, n))}
    of_no_array = {"get_num_threads", "num_threads", "set_num_threads", "show_versions", "warmup"}
    of_neighbors = {"mutual_info_classif", "mutual_info_regression"}  # see test_continuous.py
    of_information = {"network"}  # of a symmetric matrix: see test_networks.py
    assert functions - set(CASES) == of_no_array | of_neighbors | of_information


# What comes out


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


# Arrays


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


@pytest.mark.slow
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


@pytest.mark.slow
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
            try:
                expected = quiet(case.reference, *map(plain, arrays))
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


@pytest.mark.slow
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
            expected = quiet(case.reference, *arguments)
        except (ValueError, LookupError, NotImplementedError):
            return
        assert_same(got, expected, 1e-9)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, case in CASES.items()
        if len(case.roles) > 1 and name not in ("drift", "selector")
    ],
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


# Objects


@pytest.mark.slow
@each_case
def test_objects_that_are_no_arrays_are_refused(name):
    case = CASES[name]
    for kind, (make, refused) in OBJECTS.items():
        for place in range(len(case.roles)):
            arguments = clean(case)
            arguments[place] = make(arguments[place])
            got = run(case.call, *arguments)
            assert isinstance(got, Exception) or not refused, (kind, got)


@pytest.mark.slow
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
