"""Mutual information of images, its gradient, and ITK's Mattes metric."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from helpers import close, compiled
from hypothesis import given
from hypothesis import strategies as st
from reference import images as reference

import fastinfo
from fastinfo.images import joint_histogram, mutual_information

rng = np.random.default_rng(0)
FIXED = rng.normal(size=(12, 11, 9))
MOVING = 0.6 * FIXED + 0.8 * rng.normal(size=FIXED.shape)
MASK = rng.random(FIXED.shape) < 0.6
WEIGHT = rng.integers(0, 9, FIXED.shape) / 8
AVERAGES = [None, "arithmetic", "geometric", "min", "max", "joint"]


@pytest.mark.parametrize("normalized", AVERAGES)
@pytest.mark.parametrize("parzen", [True, False])
@pytest.mark.parametrize("options", [{}, {"mask": MASK}, {"weight": WEIGHT, "bins": (9, 20)}])
def test_values_are_those_of_the_joint_histogram(options, parzen, normalized):
    table = joint_histogram(FIXED, MOVING, parzen=parzen, **options)
    found = mutual_information(FIXED, MOVING, parzen=parzen, normalized=normalized, **options)
    assert type(found) is float
    assert found == close(float(reference.information(table, normalized)))


def test_plain_values_are_those_of_samples():
    samples = FIXED.ravel(), MOVING.ravel()
    for normalized in AVERAGES:
        assert mutual_information(
            FIXED, MOVING, bins=12, parzen=False, normalized=normalized
        ) == fastinfo.mutual_information(
            *samples, bins=12, strategy="uniform", normalized=normalized
        )


# The gradient

FEW = FIXED[:3, :3, :4], MOVING[:3, :3, :4]
RANGES = (-2.5, 2.0), (-2.0, 2.5)
#: What finite differences leave of an error; where `longdouble` is no wider than float64, more.
NEAR = 1e-10 if np.finfo(np.longdouble).eps < 1e-18 else 1e-7


def few_slopes(bins, normalized, weight=None):
    x, y = (a.ravel() for a in FEW)
    weight = None if weight is None else weight.ravel()
    return reference.slopes(x, y, bins, RANGES, weight, normalized).reshape(FEW[0].shape)


@pytest.mark.slow
@pytest.mark.parametrize("normalized", AVERAGES)
@pytest.mark.parametrize("bins", [(32, 32), (9, 14), (14, 6)])
def test_gradients_are_those_of_finite_differences(bins, normalized):
    options = {"bins": bins, "range": RANGES, "normalized": normalized, "return_grad": True}
    value, gradient = mutual_information(*FEW, **options)
    assert value == mutual_information(*FEW, bins=bins, range=RANGES, normalized=normalized)
    assert gradient.dtype == np.float64
    outside = (FEW[1] < -2) | (FEW[1] > 2.5) | (FEW[0] < -2.5) | (FEW[0] > 2)
    assert outside.any()
    assert not gradient[outside].any()
    np.testing.assert_allclose(
        gradient, few_slopes(bins, normalized).astype(float), rtol=0, atol=NEAR
    )


@pytest.mark.parametrize("normalized", [None, "geometric"])
def test_gradients_with_weights_and_masks(normalized):
    weight, mask = WEIGHT[:3, :3, :4], MASK[:3, :3, :4]
    options = {"bins": 12, "range": RANGES, "normalized": normalized, "return_grad": True}
    _, gradient = mutual_information(*FEW, weight=weight, mask=mask, **options)
    assert not gradient[~mask].any()
    expected = few_slopes((12, 12), normalized, weight * mask)
    np.testing.assert_allclose(gradient, expected.astype(float), rtol=0, atol=NEAR)


def test_gradients_of_weights_whose_reciprocals_no_float_holds():
    options = {"bins": 12, "return_grad": True}
    value, gradient = mutual_information(FIXED, MOVING, weight=np.ones(FIXED.shape), **options)
    tiny = mutual_information(FIXED, MOVING, weight=np.full(FIXED.shape, 2.0**-1050), **options)
    assert tiny[0] == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(tiny[1], gradient, rtol=0, atol=1e-5 * abs(gradient).max())


def test_the_range_that_is_found_counts_as_constant():
    ranges = [(a.min(), a.max()) for a in (FIXED, MOVING)]
    found = mutual_information(FIXED, MOVING, return_grad=True)
    given = mutual_information(FIXED, MOVING, range=ranges, return_grad=True)
    assert found[0] == given[0]
    np.testing.assert_array_equal(found[1], given[1])


@pytest.mark.parametrize(("s", "t"), [(0.25, 0.75), (0.1, 0.9), (0.5, 0.001), (0.999999, 0.3)])
def test_the_gradient_of_two_values_in_closed_form(s, t):
    """Half of the samples have one value in either image, the others another one."""
    fixed = np.repeat([0.0, 1.0], 3)
    low, width = 2.0, 0.25  # of one bin of the moving image, in whose third all samples are
    moving = low + width * (2 + np.repeat([s, t], 3))
    _, gradient = mutual_information(
        fixed, moving, bins=(6, 12), range=((0, 1), (low, low + 8 * width)), return_grad=True
    )
    with mpmath.workdps(40):
        # As float64 has them.
        places = [(mpmath.mpf(float(m)) - low) / width - 2 for m in (moving[0], moving[-1])]
        u = [[1 + p, p, 1 - p, 2 - p] for p in places]
        window = [
            [(2 - v) ** 3 / 6 if v > 1 else (4 - 6 * v**2 + 3 * v**3) / 6 for v in row] for row in u
        ]
        sign = [1, 1, -1, -1]
        change = [
            [
                g * (-((2 - v) ** 2) / 2 if v > 1 else (-12 * v + 9 * v**2) / 6)
                for v, g in zip(row, sign, strict=True)
            ]
            for row in u
        ]
        slopes = [
            sum(
                d * mpmath.log(own / (own + other))
                for d, own, other in zip(change[i], window[i], window[1 - i], strict=True)
            )
            / (6 * width)
            for i in (0, 1)
        ]
    np.testing.assert_allclose(gradient, np.repeat([float(v) for v in slopes], 3), rtol=1e-9)


def test_a_step_along_the_gradient_adds_information():
    value, gradient = mutual_information(FIXED, MOVING, range=(-9, 9), return_grad=True)
    square = (gradient**2).sum()
    step = 1e-3 * value / square
    changed = mutual_information(FIXED, MOVING + step * gradient, range=(-9, 9))
    assert changed - value == pytest.approx(step * square, rel=1e-2)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f4", "u1", "i8"])
def test_the_dtype_and_the_place_of_the_gradient(dtype):
    integer = np.dtype(dtype).kind in "iu"
    moving = (MOVING * 20 + 90).astype(dtype) if integer else MOVING.astype(dtype)
    expected = mutual_information(FIXED, moving.astype("f8"), return_grad=True)
    for turned in (moving, np.asfortranarray(moving), moving.transpose(2, 0, 1).copy()):
        turned = turned if turned.shape == FIXED.shape else turned.transpose(1, 2, 0)
        before = turned.copy()
        value, gradient = mutual_information(FIXED, turned, return_grad=True)
        assert value == close(expected[0])
        assert gradient.dtype == ("f4" if dtype in ("f4", ">f4") else "f8")
        assert gradient.shape == moving.shape
        assert gradient.flags.writeable
        rel = 1e-6 if gradient.dtype == np.float32 else 1e-10
        np.testing.assert_allclose(gradient, expected[1], rtol=rel, atol=rel * 1e-4)
        np.testing.assert_array_equal(turned, before)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=25),
    st.sampled_from(AVERAGES),
    st.integers(5, 12),
)
def test_any_images(rows, normalized, bins):
    fixed, moving = np.array(rows).T
    options = {"bins": bins, "normalized": normalized}
    if min(np.ptp(fixed), np.ptp(moving)) < 1e-300 and max(np.ptp(fixed), np.ptp(moving)) > 0:
        fixed, moving = fixed.round(3), moving.round(3)
    value, gradient = mutual_information(fixed, moving, return_grad=True, **options)
    assert 0 <= value <= (1 if normalized else np.log(bins))
    assert np.isfinite(gradient).all()
    # Nothing but rounding depends on units, and on which end of the range is which.
    again, slopes = mutual_information(fixed, -4 * moving, return_grad=True, **options)
    assert again == close(value, 1e-9, 1e-12)
    unit = np.ptp(moving)
    assert slopes.sum() * -4 * unit == pytest.approx(gradient.sum() * unit, rel=1e-6, abs=1e-9)


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_threads_change_no_bit(dtype):
    big = np.random.default_rng(1)
    fixed, moving = big.normal(size=(2, 3, 500, 200)).astype(dtype)
    moving += fixed
    mask, weight = big.random(fixed.shape) < 0.8, big.random(fixed.shape)
    for options in ({}, {"mask": mask, "weight": weight, "normalized": "joint"}):
        found = []
        for n in (1, 2, 5):
            with fastinfo.num_threads(n):
                found.append(mutual_information(fixed, moving, return_grad=True, **options))
        for value, gradient in found[1:]:
            assert value == found[0][0]
            np.testing.assert_array_equal(gradient, found[0][1])


# Images with little in them


@pytest.mark.parametrize("normalized", AVERAGES)
@pytest.mark.parametrize("value", [0.0, 3, 1e-300, -1e300, np.float32(0.1), 2**62])
def test_a_constant_has_no_information(value, normalized):
    fixed, moving = FIXED[:3], MOVING[:3]
    constant = np.full(fixed.shape, value)
    for images in ((constant, moving), (fixed, constant), (constant, constant)):
        for parzen in (True, False):
            found = mutual_information(*images, parzen=parzen, normalized=normalized)
            assert found == close(0.0, 0, 1e-15)
        _, gradient = mutual_information(*images, normalized=normalized, return_grad=True)
        np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_one_bin_has_no_information():
    value, gradient = mutual_information(FIXED, MOVING, bins=5, return_grad=True)
    assert value == close(0.0, 0, 1e-14)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
    assert mutual_information(FIXED, MOVING, bins=1, parzen=False) == 0.0


def test_one_sample_has_no_information():
    value, gradient = mutual_information([[1.0]], [[2.0]], return_grad=True)
    assert value == 0.0
    assert gradient.tolist() == [[0.0]]
    assert mutual_information(1.0, 2.0) == 0.0


def test_an_image_with_itself_has_its_entropy():
    table = joint_histogram(FIXED, FIXED, bins=28)
    share = table.sum(axis=1) / table.sum()
    entropy = fastinfo.entropy(share)
    assert mutual_information(FIXED, FIXED, bins=28, parzen=False) == close(entropy)
    # Windows reach over the bins beside, and leave less.
    assert 0.6 * entropy < mutual_information(FIXED, FIXED) < entropy


ERRORS = {
    "gradient of plain bins": ({"parzen": False, "return_grad": True}, ValueError, "return_grad"),
    "average": ({"normalized": "mean"}, ValueError, "normalized must be one of None, 'arithmetic'"),
    "few bins": ({"bins": 4}, ValueError, "bins must be at least 5"),
    "nothing inside": ({"range": (50, 60)}, ValueError, "range must hold at least one pair"),
    "nothing inside of plain bins": (
        {"range": (50, 60), "parzen": False},
        ValueError,
        "range must hold at least one pair",
    ),
    "no weight": ({"weight": WEIGHT * 0}, ValueError, "weight must be positive for at least one"),
    "too much weight": ({"weight": WEIGHT * 1e308}, ValueError, "whose sum is finite"),
    "nothing kept": ({"mask": MASK & False, "range": (0, 1)}, ValueError, "keeps 0 of 1188"),
    "shapes": ({"moving": MOVING[1:]}, ValueError, "must have the same shape"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_bad_input_is_refused(case):
    changed, error, text = ERRORS[case]
    with pytest.raises(error, match=text):
        mutual_information(**{"fixed": FIXED, "moving": MOVING, **changed})


# ITK


def of_itk(fixed, moving, bins):
    sitk = pytest.importorskip("SimpleITK")
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(bins)
    method.SetInitialTransform(sitk.Transform(fixed.ndim, sitk.sitkIdentity))
    method.SetInterpolator(sitk.sitkLinear)
    return -method.MetricEvaluate(*map(sitk.GetImageFromArray, (fixed, moving)))


@pytest.mark.parametrize("bins", [6, 32, 50])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_values_are_those_of_itk(dtype, bins):
    fixed, moving = FIXED.astype(dtype), MOVING.astype(dtype)
    for images in ((fixed, moving), (fixed[0], moving[0]), (fixed + 1000, moving.round(1))):
        assert mutual_information(*images, bins=bins) == close(of_itk(*images, bins), 1e-11)
