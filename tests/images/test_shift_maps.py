"""Information at every shift of one image over another."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import compiled
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import shifts as reference

import fastinfo
from fastinfo.images import shift_map
from fastinfo.images.at_shifts import by_shift, packs
from fastinfo.images.at_shifts import correlations as by_transforms
from fastinfo.images.at_shifts.coded_images import CodedImage
from fastinfo.images.at_shifts.correlations import Correlations

rng = np.random.default_rng(5)
FIXED = rng.normal(size=(13, 21))
MOVING = FIXED**2 + 0.3 * rng.normal(size=FIXED.shape)


def both_ways(fixed, moving, levels, radius):
    """Information by counting; asserts that transforms give the same bits."""
    images = [CodedImage.of(a, n) for a, n in zip((fixed, moving), levels, strict=True)]
    found = [
        by_shift.information_by_shift(*images, radius, way) for way in ("counts", "transforms")
    ]
    np.testing.assert_array_equal(*found)
    return found[0]


@st.composite
def coded(draw):
    """Two images of codes, some of which are beyond the levels, and largest shifts."""
    shapes = draw(
        st.sampled_from(
            [
                ((1,), (1,)),
                ((37,), (37,)),
                ((70,), (9,)),
                ((3, 5), (3, 5)),
                ((5, 9), (11, 2)),
                ((2, 4, 3), (2, 4, 3)),
                ((3, 1, 2), (2, 3, 4)),
            ]
        )
    )
    levels = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    beyond = draw(st.booleans()), draw(st.booleans())
    seed = np.random.default_rng(draw(st.integers(0, 2**32)))
    images = [
        seed.integers(0, n + more, shape).astype(np.uint8)
        for n, more, shape in zip(levels, beyond, shapes, strict=True)
    ]
    largest = [max(pair) for pair in zip(*shapes, strict=True)]
    return *images, levels, [draw(st.integers(0, n)) for n in largest]


@given(coded())
@settings(max_examples=30)
def test_both_ways_are_the_counts_of_each_overlap(case):
    expected = reference.shift_map(*case)
    np.testing.assert_allclose(both_ways(*case), expected, rtol=1e-12, atol=1e-12)


@compiled
@pytest.mark.parametrize(
    ("shape", "radius"),
    [
        ((90, 130), (89, 129)),
        ((20, 12, 30), (3, 11, 20)),
        ((4, 3, 5, 6), (3, 1, 4, 5)),
        ((9000,), (8999,)),
    ],
)
def test_both_ways_of_larger_images(shape, radius):
    fixed = rng.integers(0, 9, shape).astype(np.uint8)
    moving = np.minimum(rng.poisson(2.0, shape), 11).astype(np.uint8)
    if len(shape) == 1:  # of these by counting no more than can be waited for
        fixed, moving, radius = fixed[:3000], moving[:2500], (400,)
    both_ways(fixed, moving, (8, 12), radius)


@compiled
@pytest.mark.parametrize("kind", ["one level", "one level and few others", "halves", "stripes"])
def test_largest_counts(kind):
    n = 600
    y, x = np.mgrid[:n, :n]
    codes = {
        "one level": np.zeros((n, n), int),
        "one level and few others": ((x == 3) & (y < 5)) * (1 + y % 4),
        "halves": (x > n // 2) * 1,
        "stripes": x % 3,
    }[kind].astype(np.uint8)
    other = codes[::-1].copy()
    found = both_ways(codes, other, (5, 5), (2, 1))
    whole = fastinfo.JointCounts.from_labels(codes.ravel(), other.ravel()).mutual_information()
    np.testing.assert_allclose(found[2, 1], whole, rtol=1e-12, atol=1e-14)


def test_no_shift_is_the_information_of_the_images():
    found = shift_map(FIXED, MOVING, bins=(7, 5))
    assert found.shape == (25, 41)
    assert found.dtype == np.float64
    options = {"bins": (7, 5), "strategy": "uniform"}
    expected = fastinfo.mutual_information(FIXED.ravel(), MOVING.ravel(), **options)
    assert found[12, 20] == pytest.approx(expected, rel=1e-12)


def test_entries_are_shifts_of_levels_that_are_cut_once():
    found = shift_map(FIXED, MOVING, bins=6, max_shift=(3, 4))
    edges = [np.histogram_bin_edges(a, 6) for a in (FIXED, MOVING)]
    for shift in ((3, -4), (-2, 0), (0, 4), (-3, -1)):
        here = tuple(
            slice(max(0, -s), min(n, n - s)) for s, n in zip(shift, FIXED.shape, strict=True)
        )
        there = tuple(
            slice(max(0, s), min(n, n + s)) for s, n in zip(shift, FIXED.shape, strict=True)
        )
        table = fastinfo.histogram2d(FIXED[here].ravel(), MOVING[there].ravel(), bins=edges)[0]
        expected = fastinfo.JointCounts.from_table(table.astype(int)).mutual_information()
        assert found[3 + shift[0], 4 + shift[1]] == pytest.approx(expected, rel=1e-12)


def test_images_change_places():
    there = shift_map(FIXED, MOVING, bins=(7, 5))
    back = shift_map(MOVING, FIXED, bins=(5, 7))
    np.testing.assert_array_equal(there, back[::-1, ::-1])


def test_information_does_not_depend_on_the_rest_of_the_map():
    whole = shift_map(FIXED, MOVING)
    np.testing.assert_array_equal(shift_map(FIXED, MOVING, max_shift=0), whole[12:13, 20:21])
    np.testing.assert_array_equal(shift_map(FIXED, MOVING, max_shift=[2, 5]), whole[10:15, 15:26])


def test_shifts_without_overlap_are_nan():
    found = shift_map(FIXED, MOVING, max_shift=(14, 20))
    assert np.isnan(found[:2]).all()
    assert np.isnan(found[-2:]).all()
    np.testing.assert_array_equal(found[2:-2], shift_map(FIXED, MOVING))


def test_a_template_is_found():
    template = MOVING[4:9, 11:19]
    found = shift_map(template, MOVING, bins=4)
    assert found.shape == (25, 41)
    inside = found[12 : 12 + 9, 20 : 20 + 14]  # where the whole template is inside of the image
    assert np.unravel_index(inside.argmax(), inside.shape) == (4, 11)
    assert np.isnan(found[: 12 - 4]).all()  # above the image


def test_large_integers_beside_wide_floats_are_all_counted():
    fixed = np.array([2**63 + 1, 2**63 + 1025, 2**63 + 3000], "u8")  # float64 has two of them
    found = shift_map(fixed, np.arange(3, dtype="g"), bins=3, max_shift=0)
    np.testing.assert_allclose(found, [np.log(3)], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i8", ">i4", "f2", "f4", ">f8", "g"])
def test_dtypes(dtype):
    fixed, moving = ((a * 4).astype(dtype) for a in (FIXED, MOVING))
    expected = shift_map(fixed.astype("f8"), moving.astype("f8"), bins=5, max_shift=2)
    np.testing.assert_allclose(shift_map(fixed, moving, bins=5, max_shift=2), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "change", [np.asfortranarray, lambda a: a.repeat(2, 1)[:, ::2], lambda a: a[::-1].copy()[::-1]]
)
def test_memory_order(change):
    expected = shift_map(FIXED, MOVING, max_shift=3)
    np.testing.assert_array_equal(shift_map(change(FIXED), MOVING, max_shift=3), expected)
    np.testing.assert_array_equal(shift_map(FIXED, change(MOVING), max_shift=3), expected)


def test_inputs_stay_as_they_are():
    given = [FIXED.copy(), MOVING.copy(), FIXED > 0]
    kept = [a.copy() for a in given]
    for a in given:
        a.flags.writeable = False
    shift_map(*given[:2], mask=given[2])
    for a, b in zip(given, kept, strict=True):
        np.testing.assert_array_equal(a, b)


# Masks and edges


def test_masks_leave_pixels_out():
    inside = rng.random(FIXED.shape) < 0.6
    shown = rng.random(FIXED.shape) < 0.7
    codes = [
        np.where(mask, np.digitize(a, np.histogram_bin_edges(a[mask], 5)[1:-1]), 5).astype(np.uint8)
        for a, mask in ((FIXED, inside), (MOVING, shown))
    ]
    expected = both_ways(*codes, (5, 5), (12, 20))
    found = shift_map(FIXED, MOVING, bins=5, mask=(inside, shown.astype(int) * 3))
    np.testing.assert_array_equal(found, expected)
    alone = shift_map(FIXED, MOVING, bins=5, mask=inside)
    np.testing.assert_array_equal(alone, shift_map(FIXED, MOVING, bins=5, mask=(inside, None)))


def test_a_mask_may_hide_nan_and_infinity():
    fixed, moving = FIXED.copy(), MOVING.copy()
    hidden = np.ones(FIXED.shape, bool)
    hidden[2, 3] = hidden[11, :] = False
    fixed[2, 3], moving[11, 5] = np.nan, np.inf
    found = shift_map(fixed, moving, mask=(hidden, hidden), max_shift=3)
    np.testing.assert_array_equal(
        found, shift_map(FIXED, MOVING, mask=(hidden, hidden), max_shift=3)
    )


def test_shifts_at_which_nothing_that_counts_overlaps_are_nan():
    mask = np.zeros(FIXED.shape, bool)
    mask[0, 0] = True
    found = shift_map(FIXED, MOVING, mask=(mask, mask), bins=3)
    assert found[12, 20] == 0.0
    assert np.isnan(found).sum() == found.size - 1


def test_edges_leave_out_what_lies_outside():
    edges = np.array([-0.5, 0.0, 0.5, 1.0])
    inside = (FIXED >= -0.5) & (FIXED <= 1.0)
    shown = (MOVING >= -0.5) & (MOVING <= 1.0)
    found = shift_map(FIXED, MOVING, bins=edges, max_shift=4)
    masked = shift_map(FIXED, MOVING, bins=(edges, edges), max_shift=4, mask=(inside, shown))
    np.testing.assert_array_equal(found, masked)
    assert np.isnan(shift_map(FIXED, MOVING, bins=[90.0, 91.0, 92.0], max_shift=1)).all()


def test_constant_images_tell_nothing():
    found = shift_map(np.full((4, 5), 3.0), MOVING[:4, :5])
    np.testing.assert_array_equal(found, 0.0)


# How it is done


@compiled
@pytest.mark.parametrize("max_shift", [1, 20])
def test_any_number_of_threads_gives_the_same_bits(max_shift):
    fixed, moving = rng.normal(size=(2, 70, 50))
    found = []
    for threads in (1, 2, 5):
        with fastinfo.num_threads(threads):
            found.append(shift_map(fixed, moving, max_shift=max_shift))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_few_shifts_are_counted_and_many_are_transformed():
    image = CodedImage.of(rng.integers(0, 8, (256, 256)).astype(np.uint8), 8)
    for radius, cheaper in (((1, 1), "counts"), ((255, 255), "transforms")):
        costs = {
            "counts": by_shift.cost_of_counts(image, image, radius),
            "transforms": by_shift.cost_of_transforms(Correlations.of(image, image, radius)),
        }
        assert min(costs, key=costs.__getitem__) == cheaper


def test_transforms_that_are_made_anew(monkeypatch):
    expected = shift_map(FIXED, MOVING)
    monkeypatch.setattr(by_transforms, "_SPECTRA", 0)
    np.testing.assert_array_equal(shift_map(FIXED, MOVING), expected)


def test_tables_of_all_threads_must_fit_into_memory(monkeypatch):
    image = np.arange(3000.0)
    monkeypatch.setattr("fastinfo._core.limits.free_memory", lambda: 200_000_000)
    with fastinfo.num_threads(4), pytest.raises(ValueError, match="for each of 3 threads"):
        shift_map(image, image, bins=3000, max_shift=1)


@pytest.mark.parametrize("error", [1e-8, 3e-11])
def test_fewer_counts_in_a_number_where_more_can_not_be_proven(monkeypatch, error):
    image = CodedImage.of(rng.integers(0, 6, (30, 30)).astype(np.uint8), 6)
    expected = by_shift.information_by_shift(image, image, (29, 29), "transforms")
    transforms = [Correlations.of(image, image, (29, 29))]
    monkeypatch.setattr(packs, "ERROR", error)
    transforms.append(Correlations.of(image, image, (29, 29)))
    assert transforms[0].passes() < transforms[1].passes()
    found = by_shift.information_by_shift(image, image, (29, 29), "transforms")
    np.testing.assert_array_equal(found, expected)


def test_counts_where_nothing_can_be_proven(monkeypatch):
    expected = shift_map(FIXED, MOVING)
    monkeypatch.setattr(packs, "ERROR", 1e-20)
    image = CodedImage.of(rng.integers(0, 6, (30, 30)).astype(np.uint8), 6)
    assert Correlations.of(image, image, (29, 29)) is None
    np.testing.assert_array_equal(shift_map(FIXED, MOVING), expected)


# Errors


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (ValueError, "fixed must hold at least one sample", {"fixed": np.empty((0, 3))}),
        (ValueError, "same number of dimensions, got 2 and 1", {"moving": np.arange(5)}),
        (ValueError, "fixed must be an image of one dimension or more", {"fixed": 3.0}),
        (
            ValueError,
            "fixed must not hold NaN, got 2 among 273",
            {"fixed": np.where(np.sort(FIXED.ravel())[-3] < FIXED, np.nan, FIXED)},
        ),
        (
            ValueError,
            r"moving must not hold NaN, got 273 among 273 values:",
            {"moving": MOVING * np.nan},
        ),
        (ValueError, "not finite", {"moving": np.where(MOVING.max() == MOVING, np.inf, MOVING)}),
        (TypeError, "fixed", {"fixed": FIXED * 1j}),
        (ValueError, "`bins` must be positive", {"bins": 0}),
        (ValueError, r"`bins\[1\]` must be positive", {"bins": (4, -1)}),
        (TypeError, "`bins` must be an integer", {"bins": 2.5}),
        (ValueError, "`bins` must hold at least two edges", {"bins": [1.0]}),
        (ValueError, "max_shift must be an integer of at least 0, got -1", {"max_shift": -1}),
        (TypeError, "max_shift must be an integer", {"max_shift": 1.5}),
        (ValueError, "one for each of 2 dimensions", {"max_shift": [1, 2, 3]}),
        (TypeError, r"max_shift\[1\] must be an integer", {"max_shift": [1, None]}),
        (TypeError, r"max_shift\[0\] must be an integer", {"max_shift": [[1], [2, 3]]}),
        (ValueError, "a map of .* shifts would take", {"max_shift": 10**8}),
        (ValueError, r"mask must have the shape of the image, \(13, 21\)", {"mask": [True]}),
        (ValueError, r"mask\[1\] must have the shape", {"mask": (None, np.ones((12, 21), bool))}),
        (ValueError, "a tuple of 3", {"mask": (None, None, None)}),
        (TypeError, "mask must be an array of booleans", {"mask": FIXED}),
        (ValueError, "mask must keep at least one place of fixed", {"mask": FIXED * 0 > 1}),
    ],
)
def test_errors_say_what_is_wrong(error, message, change):
    with pytest.raises(error, match=message):
        shift_map(**{"fixed": FIXED, "moving": MOVING, **change})
