"""Any axis as the middle one of three: the layout, the parts it is cut into, and their results."""

import itertools
import math

import numpy as np
import pytest
import reference
from hypothesis import example, given
from hypothesis import strategies as st

from fastinfo.distributions.axes import arrange, normalize_axes, pieces

CHUNK = 1 << 18  # elements of one part

shapes = st.lists(st.integers(0, 5), min_size=0, max_size=4).map(tuple)


@st.composite
def arrays_and_axes(draw):
    """An array of distinct numbers in any order of memory, with gaps or without, and axes of it."""
    shape = draw(shapes)
    ndim = len(shape)
    order = draw(st.permutations(range(ndim)))
    steps = [draw(st.sampled_from([1, 1, 2, -1, -2])) for _ in shape]
    wide = np.full([abs(s) * shape[i] for s, i in zip(steps, order, strict=True)], -1.0)
    view = wide[*(slice(None, None, s) for s in steps), ...].transpose(np.argsort(order))
    view[...] = np.arange(view.size).reshape(shape)
    axes = (
        draw(st.lists(st.integers(-ndim, ndim - 1), unique_by=lambda i: i % ndim)) if ndim else []
    )
    axis = draw(st.sampled_from([None, tuple(axes), *axes[:1]]))
    return view, axis


def whole_of(view, shape):
    """All parts put together."""
    out = np.full(shape, np.nan)
    for group in pieces(shape):
        for piece in group:
            out[piece.outer, piece.reduced, piece.inner] = view.part(piece)
    return out


@pytest.mark.parametrize(
    ("axis", "ndim", "expected"),
    [
        *[(None, 3, (0, 1, 2)), (None, 0, ()), ((), 2, ()), (0, 1, (0,)), (-1, 3, (2,))],
        *[((2, 0), 3, (0, 2)), ((-1, 0, 1), 3, (0, 1, 2)), (np.int8(1), 2, (1,)), ((-3,), 3, (0,))],
    ],
)
def test_axes_become_sorted_numbers_from_zero(axis, ndim, expected):
    assert normalize_axes(axis, ndim) == expected


@pytest.mark.parametrize(
    ("axis", "error"),
    [
        *[(2, np.exceptions.AxisError), (-3, np.exceptions.AxisError)],
        *[((0, 2), np.exceptions.AxisError), ((1, 1), ValueError), ((1, -1), ValueError)],
        *[(1.0, TypeError), ("0", TypeError), ((0, None), TypeError)],
    ],
)
def test_axes_that_there_are_not(axis, error):
    with pytest.raises(error):
        normalize_axes(axis, 2)


@given(arrays_and_axes())
@example((np.empty((0, 3)), 0))
@example((np.arange(24.0).reshape(2, 3, 4), (0, 2)))
@example((np.array(7.0), None))
def test_sums_over_the_middle_axis_are_sums_over_the_axes(case):
    a, axis = case
    layout = arrange(a, axis)
    axes = reference.sorted_axes(axis, a.ndim)
    assert math.prod(layout.shape) == a.size
    assert layout.shape[1] == math.prod(a.shape[i] for i in axes)
    three = whole_of(layout.view(a), layout.shape)
    assert not np.isnan(three).any()
    sums = layout.restore(three.sum(axis=1))
    expected = a.sum(axis=axes)
    assert sums.shape == expected.shape
    np.testing.assert_array_equal(sums, expected)


@given(arrays_and_axes())
def test_each_result_is_put_where_it_was_asked_for(case):
    """Writing to the parts of a new array writes to it, element by element of the user's."""
    a, axis = case
    layout = arrange(a, axis)
    new = np.empty_like(a, np.float64)
    assert new.shape == a.shape
    assert new.flags.writeable
    new[...] = np.nan
    source, target = layout.view(a), layout.view(new)
    for group in pieces(layout.shape):
        for piece in group:
            target.write(piece, source.part(piece))
    np.testing.assert_array_equal(new, a)


@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4), (2, 3, 2, 4)], ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_neighbouring_axes_of_contiguous_arrays_are_no_copies(order, shape):
    a = np.zeros(shape, order=order)
    n = len(shape)
    for axis in [None, *itertools.combinations(range(n), 1), *((i, i + 1) for i in range(n - 1))]:
        layout = arrange(a, axis)
        (piece,) = (piece for group in pieces(layout.shape) for piece in group)
        part = layout.view(a).part(piece)
        assert part.shape == layout.shape
        assert np.shares_memory(part, a)
        assert part.flags.c_contiguous


NUMBERS = np.arange(120.0)


@pytest.mark.parametrize(
    "a",
    [
        *[NUMBERS.reshape(10, 12)[::2], NUMBERS.reshape(10, 12)[:, ::-1], NUMBERS[::-2]],
        *[NUMBERS.reshape(4, 5, 6).transpose(1, 0, 2), np.broadcast_to(NUMBERS[:4], (3, 4))],
        *[NUMBERS.reshape(2, 3, 4, 5).transpose(3, 1, 0, 2)[::2, ::-1]],
    ],
    ids=lambda a: f"{a.shape} by {a.strides}",
)
def test_views_with_gaps(a):
    before = a.copy()
    for length in range(a.ndim + 1):
        for axis in itertools.combinations(range(a.ndim), length):
            layout = arrange(a, axis)
            three = whole_of(layout.view(a), layout.shape)
            np.testing.assert_array_equal(layout.restore(three.sum(axis=1)), before.sum(axis=axis))
    np.testing.assert_array_equal(a, before)


LARGE = [
    *[(17, 600), (200, 300), (3, 100_000), (5000, 70), (700, 800), (3000, 300), (40, 100, 130)],
    *[(2, 70, 4500), (8193,), (600_000,)],
]


@pytest.mark.slow
@pytest.mark.parametrize("shape", LARGE, ids=str)
def test_parts_of_large_arrays_with_gaps(shape, rng):
    """The elements of a part are gathered in order, however many there are."""
    a = np.zeros([2 * n for n in shape])[(slice(None, None, 2),) * len(shape)]
    a[...] = np.arange(a.size).reshape(shape)
    views = [a, a[::-1], a.T, np.asfortranarray(a)]
    for view in views:
        for axis in [None, *range(a.ndim), *([(0, 2)] if a.ndim == 3 else [])]:
            layout = arrange(view, axis)
            three = whole_of(layout.view(view), layout.shape)
            sums = layout.restore(three.sum(axis=1))
            np.testing.assert_array_equal(sums, view.sum(axis=axis))  # sums below 2**53 are exact
            np.testing.assert_array_equal(np.sort(three, axis=None), np.arange(a.size, dtype=float))


three_sizes = st.tuples(
    *[st.integers(0, 40) | st.sampled_from([1, 63, 64, 65, 4095, 4096, 4097, 10_000])] * 3
).filter(lambda shape: math.prod(shape) < 3e7)
few_large = st.sampled_from(
    [
        *[
            (1, CHUNK - 1, 1),
            (1, CHUNK, 1),
            (1, CHUNK + 1, 1),
            (1, 3 * CHUNK, 1),
            (3, CHUNK + 1, 1),
        ],
        *[(CHUNK, 1, 1), (CHUNK + 1, 1, 1), (1, 1, CHUNK + 1), (2, 2, CHUNK), (1, 70, 5000)],
        *[
            (5, 600, 700),
            (0, 9, 9),
            (9, 0, 9),
            (9, 9, 0),
            (0, 0, 0),
            (10**6, 25, 1),
            (1, 10**6, 25),
        ],
    ]
)


@given(three_sizes | few_large)
def test_pieces_are_small_and_cover_each_element_once(shape):
    groups = pieces(shape)
    seen = 0
    previous_results = None
    for group in groups:
        assert group
        spans = [
            [
                part.indices(n)[:2]
                for part, n in zip((p.outer, p.reduced, p.inner), shape, strict=True)
            ]
            for p in group
        ]
        for (o0, o1), (r0, r1), (i0, i1) in spans:
            assert (o1 - o0) * (r1 - r0) * (i1 - i0) <= CHUNK
            seen += (o1 - o0) * (r1 - r0) * (i1 - i0)
        # The parts of a group share their results, and follow one another along the middle axis.
        (results,) = {(tuple(outer), tuple(inner)) for outer, _, inner in spans}
        assert spans[0][1][0] == 0
        assert spans[-1][1][1] == shape[1]
        for (_, (_, stop), _), (_, (start, _), _) in itertools.pairwise(spans):
            assert stop == start
        # Groups come in the order of their results, and no two have any in common.
        assert previous_results is None or previous_results < results
        previous_results = results
    assert seen == math.prod(shape)


@given(three_sizes | few_large)
def test_each_result_belongs_to_one_group(shape):
    count = np.zeros((shape[0], shape[2]), np.int64)
    for group in pieces(shape):
        part = group[0].of_results(count)
        part += 1
    if shape[1] or not math.prod(shape):
        np.testing.assert_array_equal(count, np.ones_like(count))


@pytest.mark.parametrize("shape", [(9, 0, 9), (3, 0, 1)])
def test_results_of_empty_sums_are_in_pieces_too(shape):
    count = np.zeros((shape[0], shape[2]), np.int64)
    for group in pieces(shape):
        part = group[0].of_results(count)
        part += 1
    np.testing.assert_array_equal(count, np.ones_like(count))


def test_a_part_of_results_is_a_view():
    results = np.zeros((4, 5))
    (group,) = pieces((4, 3, 5))
    group[0].of_results(results)[...] = 1.0
    np.testing.assert_array_equal(results, np.ones((4, 5)))


def test_small_arrays_are_one_part():
    for shape in ((1, 1, 1), (1, CHUNK, 1), (64, 64, 64), (CHUNK, 1, 1)):
        assert [len(group) for group in pieces(shape)] == [1]
