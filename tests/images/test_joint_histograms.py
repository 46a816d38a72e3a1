"""Joint histograms of images: NumPy's counts, and the windows of Mattes et al."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import close, compiled
from hypothesis import given
from hypothesis import strategies as st
from reference import images as reference

import fastinfo
from fastinfo.images import joint_histogram
from fastinfo.images.samples import part_of

rng = np.random.default_rng(0)
FIXED = rng.normal(size=(12, 11, 9))
MOVING = 0.6 * FIXED + 0.8 * rng.normal(size=FIXED.shape)
MASK = rng.random(FIXED.shape) < 0.6
WEIGHT = rng.integers(0, 9, FIXED.shape) / 8

DTYPES = ["f2", "f4", "f8", "g", ">f4", "u1", "i2", "i8", "u8", "?"]

#: The same images in other orders of memory.
LAYOUTS = {
    "columns": np.asfortranarray,
    "turned": lambda a: np.ascontiguousarray(a.transpose(1, 2, 0)).transpose(2, 0, 1),
    "backwards": lambda a: np.ascontiguousarray(a[::-1, :, ::-1])[::-1, :, ::-1],
    "with gaps": lambda a: np.repeat(np.repeat(a, 2, axis=2), 3, axis=0)[::3, :, ::2],
}


def as_dtype(a, dtype):
    return (a * 20 + 70).astype(dtype) if np.dtype(dtype).kind in "iu" else a.astype(dtype)


def of_numpy(fixed, moving, bins, range=None, weight=None):
    weights = None if weight is None else weight.ravel()
    return np.histogram2d(fixed.ravel(), moving.ravel(), bins, range, weights=weights)[0]


@pytest.mark.parametrize("bins", [32, (5, 7)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_bins_are_numpys(dtype, bins):
    if dtype == "?":  # NumPy subtracts no booleans
        fixed, moving = FIXED > 0, MOVING > 0
        expected = of_numpy(fixed.astype("u1"), moving.astype("u1"), bins)
    else:
        fixed, moving = as_dtype(FIXED, dtype), as_dtype(MOVING, dtype)
        expected = of_numpy(fixed, moving, bins)
    table = joint_histogram(fixed, moving, bins=bins)
    assert table.dtype == np.int64
    np.testing.assert_array_equal(table, expected)


def test_plain_bins_of_two_dtypes_are_numpys():
    fixed, moving = FIXED.astype(np.float32), as_dtype(MOVING, "u1")
    np.testing.assert_array_equal(
        joint_histogram(fixed, moving, bins=9), of_numpy(fixed, moving, 9)
    )


def test_large_integers_beside_wide_floats_lie_between_the_edges():
    fixed = np.array([-(2**63) + 1, -(2**63) + 700, 0, 5, 2**63 - 700])
    moving = np.arange(5, dtype="g")
    for images in ((fixed, moving), (moving, fixed), (fixed, fixed)):
        np.testing.assert_array_equal(joint_histogram(*images, bins=5), of_numpy(*images, 5))


@pytest.mark.parametrize("given", [(-1, 1), ((-1, 1), (-2, 0.5)), (None, (-1, 1)), [[-1, 1], None]])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_ranges_masks_and_weights_are_numpys(given, masked, weighted):
    mask = MASK if masked else np.ones_like(MASK)
    weight = WEIGHT if weighted else None
    ranges = [given, given] if given[0] == -1 else list(given)
    ranges = [
        (a[mask].min(), a[mask].max()) if r is None else r
        for a, r in zip((FIXED, MOVING), ranges, strict=True)
    ]
    expected = of_numpy(
        FIXED[mask], MOVING[mask], 7, ranges, None if weight is None else weight[mask]
    )
    table = joint_histogram(
        FIXED, MOVING, bins=7, range=given, mask=mask if masked else None, weight=weight
    )
    assert table.dtype == (np.float64 if weighted else np.int64)
    np.testing.assert_array_equal(table, expected)


@pytest.mark.parametrize("masked", [False, True])
def test_the_sums_of_weights_are_numpys_to_the_bit(masked, monkeypatch):
    monkeypatch.setattr("fastinfo.images.counting._STAGED", 100)
    weight = rng.random(FIXED.shape)
    mask = MASK if masked else np.ones_like(MASK)
    fixed, moving = np.where(mask, FIXED, 0), np.where(mask, MOVING, 0)
    np.testing.assert_array_equal(
        joint_histogram(fixed, moving, bins=4, weight=weight, mask=mask if masked else None),
        of_numpy(fixed[mask], moving[mask], 4, weight=weight[mask]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("parzen", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_of_memory_changes_nothing(layout, parzen):
    turn = LAYOUTS[layout]
    arrays = {"fixed": FIXED, "moving": MOVING, "mask": MASK, "weight": WEIGHT}
    expected = joint_histogram(**arrays, parzen=parzen)
    for names in (arrays, ["fixed"], ["moving", "weight"], ["mask"]):
        turned = {name: turn(a) if name in names else a for name, a in arrays.items()}
        before = {name: a.copy() for name, a in turned.items()}
        np.testing.assert_allclose(joint_histogram(**turned, parzen=parzen), expected, rtol=1e-13)
        for name, a in turned.items():
            np.testing.assert_array_equal(a, before[name])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("bins", [(32, 32), (6, 13), (40, 5)])
def test_windows_are_those_of_the_definition(bins, masked, weighted):
    fixed, moving = FIXED[:2], MOVING[:2]
    mask = MASK[:2] if masked else np.ones(fixed.shape, bool)
    weight = WEIGHT[:2] if weighted else np.ones(fixed.shape)
    x, y = fixed[mask], moving[mask]
    ranges = (x.min(), x.max()), (y.min(), y.max())
    expected = reference.table_with_windows(x, y, bins, ranges, weight[mask])
    table = joint_histogram(
        fixed,
        moving,
        bins=bins,
        parzen=True,
        mask=mask if masked else None,
        weight=weight if weighted else None,
    )
    assert table.dtype == np.float64
    np.testing.assert_allclose(table, expected.astype(float), rtol=1e-11, atol=1e-18)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [*DTYPES[:3], *DTYPES[4:]])
def test_windows_keep_the_sums_of_rows(dtype):
    fixed, moving = as_dtype(FIXED, dtype), as_dtype(MOVING, dtype)
    table = joint_histogram(fixed, moving, bins=16, parzen=True)
    plain = joint_histogram(fixed.astype("f8"), moving.astype("f8"), bins=12)
    np.testing.assert_allclose(table[2:-2].sum(axis=1), plain.sum(axis=1), rtol=1e-13)
    assert not table[:2].any()
    assert not table[-2:].any()
    assert not table[:, 0].any()


def test_windows_of_uneven_edges():
    # Edges this near to each other are not equally spaced: numbers between them are few.
    fixed = 1e9 + np.arange(40).reshape(5, 8) * 2.0**-23 * rng.permutation(40).reshape(5, 8)
    table = joint_histogram(fixed, FIXED[0, :5, :8], bins=36, parzen=True)
    plain = joint_histogram(fixed, FIXED[0, :5, :8], bins=32)
    np.testing.assert_allclose(table[2:-2].sum(axis=1), plain.sum(axis=1), rtol=1e-13)


@pytest.mark.parametrize("shape", [(7,), (5, 9), (3, 70, 4), (2, 1, 5, 3), (1, 1, 7), (2, 130)])
def test_any_part_of_any_array_in_its_order(shape):
    a = np.arange(np.prod(shape)).reshape(shape)
    for turned in (a, np.asfortranarray(a), a[::-1], np.repeat(a, 2, axis=-1)[..., ::2]):
        flat = turned.ravel()
        for start, stop in rng.integers(0, a.size + 1, (20, 2)):
            span = min(start, stop), max(start, stop)
            np.testing.assert_array_equal(part_of(turned, span), flat[slice(*span)])


@given(
    st.lists(
        st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.integers(0, 3)), min_size=1, max_size=30
    ),
    st.integers(5, 12),
    st.integers(5, 12),
)
def test_any_samples_in_windows(rows, nx, ny):
    fixed, moving, weight = np.array(rows).T
    ranges = (-5.0, 5.0), (-4.0, 6.0)
    expected = reference.table_with_windows(fixed, moving, (nx, ny), ranges, weight)
    table = joint_histogram(fixed, moving, bins=(nx, ny), range=ranges, weight=weight, parzen=True)
    np.testing.assert_allclose(table, expected.astype(float), rtol=1e-9, atol=1e-12)


@given(
    st.lists(st.tuples(st.integers(-4, 9), st.integers(-4, 9)), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_any_samples_in_plain_bins(rows, bins):
    fixed, moving = np.array(rows).T
    for factor in (1, 0.1):  # tenths lie on edges, but for rounding
        x, y = fixed * factor, moving * factor
        np.testing.assert_array_equal(
            joint_histogram(x, y, bins=bins), of_numpy(x, y, bins).astype(int)
        )


@compiled
@pytest.mark.parametrize("parzen", [False, True])
def test_threads_change_no_bit(parzen):
    big = np.random.default_rng(1)
    fixed, moving, weight = big.normal(size=(3, 3, 500, 200)).astype(np.float32)
    mask, weight = big.random(fixed.shape) < 0.8, abs(weight)
    for options in ({}, {"mask": mask}, {"weight": weight}, {"mask": mask, "weight": weight}):
        tables = []
        for n in (1, 2, 5):
            with fastinfo.num_threads(n):
                tables.append(joint_histogram(fixed, moving, parzen=parzen, **options))
        np.testing.assert_array_equal(tables[0], tables[1])
        np.testing.assert_array_equal(tables[0], tables[2])
        np.testing.assert_array_equal(
            joint_histogram(np.asfortranarray(fixed), moving, parzen=False, mask=mask),
            joint_histogram(fixed, moving, parzen=False, mask=mask),
        )


def test_values_that_no_one_counts_may_be_anything():
    fixed, moving, weight = FIXED.copy(), MOVING.copy(), WEIGHT.copy()
    fixed[~MASK], moving[~MASK], weight[~MASK] = np.nan, np.inf, -1
    for parzen in (False, True):
        for mask in (MASK, MASK.astype(np.uint8) * 255, (-1 * MASK).tolist()):
            np.testing.assert_array_equal(
                joint_histogram(fixed, moving, mask=mask, weight=weight, parzen=parzen),
                joint_histogram(FIXED, MOVING, mask=MASK, weight=WEIGHT, parzen=parzen),
            )


def test_infinite_samples_are_outside_of_a_range():
    moving = MOVING.copy()
    moving[0] = np.inf
    for parzen in (False, True):
        table = joint_histogram(FIXED, moving, range=(-9, 9), parzen=parzen)
        assert table.sum() == close(MOVING[1:].size, 1e-12)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, 1), (3, 1, 2)])
def test_any_number_of_dimensions(shape):
    images = FIXED.ravel()[: int(np.prod(shape))].reshape(shape), np.ones(shape)
    assert joint_histogram(*images).sum() == images[0].size
    assert joint_histogram(*images, parzen=True).sum() == close(images[0].size)


NANS = np.where(FIXED > 1, np.nan, FIXED)
N_NANS = (FIXED > 1).sum()
ERRORS = {
    "shapes": ({"moving": MOVING[1:]}, ValueError, r"same shape, got \(12, 11, 9\) and \(11,"),
    "dimensions": ({"moving": MOVING[0]}, ValueError, "fixed and moving must have the same shape"),
    "empty": ({"fixed": FIXED[:0], "moving": MOVING[:0]}, ValueError, "fixed must hold at least"),
    "complex": ({"moving": MOVING + 0j}, TypeError, "moving must be an array of real numbers"),
    "objects": ({"fixed": FIXED.astype(object)}, TypeError, "fixed must be an array of real"),
    "masked array": ({"fixed": np.ma.array(FIXED)}, TypeError, "must not be a masked array"),
    "nan": ({"fixed": NANS}, ValueError, f"fixed must not hold NaN, got {N_NANS} among 1188"),
    "nan in a range": ({"moving": NANS, "range": (-1, 1)}, ValueError, f"moving .* {N_NANS} among"),
    "nan that is kept": (
        {"moving": NANS, "mask": MASK},
        ValueError,
        f"got {(np.isnan(NANS) & MASK).sum()} among {MASK.sum()} samples that the mask keeps",
    ),
    "infinity": ({"fixed": np.where(FIXED > 2, np.inf, FIXED)}, ValueError, "not finite"),
    "mask of floats": ({"mask": MASK * 1.0}, TypeError, "mask must be an array of booleans"),
    "mask of words": ({"mask": "yes"}, TypeError, "mask must be an array of booleans"),
    "mask of a shape": ({"mask": MASK[0]}, ValueError, r"mask must have the shape of the image, "),
    "nothing kept": ({"mask": MASK & False}, ValueError, "keeps 0 of 1188"),
    "nothing kept of a range": (
        {"mask": MASK & False, "range": (0, 1)},
        ValueError,
        "mask must keep at least one sample",
    ),
    "weights of a shape": ({"weight": WEIGHT[0]}, ValueError, "weight must have the shape"),
    "negative": ({"weight": WEIGHT - 0.5}, ValueError, "negative weights, got -0.5"),
    "nan weight": ({"weight": NANS}, ValueError, f"finite weights, got {N_NANS} that are NaN"),
    "infinite weight": ({"weight": WEIGHT + np.inf}, ValueError, "weight must hold finite"),
    "complex weight": ({"weight": WEIGHT * 1j}, TypeError, "weight must be an array of real"),
    "no bins": ({"bins": 0}, ValueError, "`bins` must be positive"),
    "no bins of one": ({"bins": (9, -1)}, ValueError, r"`bins\[1\]` must be positive, .* got -1"),
    "bins of floats": ({"bins": 8.0}, TypeError, "`bins` must be an integer"),
    "bins of words": ({"bins": "auto"}, TypeError, "`bins` must be an integer"),
    "bins of three": ({"bins": (8, 8, 8)}, TypeError, "`bins` must be an integer"),
    "bins by edges": ({"bins": (8, [0, 1, 2])}, TypeError, r"`bins\[1\]` must be an integer, or"),
    "bins past memory": ({"bins": 10**8}, ValueError, "bytes"),
    "one number": ({"range": 3}, ValueError, "range must be a pair of numbers, or a pair of those"),
    "three": ({"range": (1, 2, 3)}, ValueError, "one entry per dimension"),
    "turned range": ({"range": (1, 0)}, ValueError, "max must be larger than min"),
    "infinite range": ({"range": (0, np.inf)}, ValueError, "not finite"),
    "words": ({"range": "ab"}, ValueError, "range must be a pair of numbers"),
}


@pytest.mark.parametrize("parzen", [False, True])
@pytest.mark.parametrize("case", ERRORS)
def test_bad_input_is_refused(case, parzen):
    changed, error, text = ERRORS[case]
    with pytest.raises(error, match=text):
        joint_histogram(**{"fixed": FIXED, "moving": MOVING, "parzen": parzen, **changed})


def test_windows_need_room():
    with pytest.raises(ValueError, match=r"bins must be at least 5 with Parzen windows.* got 4"):
        joint_histogram(FIXED, MOVING, bins=(9, 4), parzen=True)
    with pytest.raises(ValueError, match="moving must have a wider range for 28 bins"):
        joint_histogram(FIXED, MOVING * 1e-308, parzen=True)
