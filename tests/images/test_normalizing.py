"""Normalised mutual information of images: scikit-image's values."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import close
from scipy.stats import entropy

from fastinfo.images import normalized_mutual_information

rng = np.random.default_rng(0)
A = rng.normal(size=(40, 30))
B = A + rng.normal(size=A.shape)


def of_numpy(image0, image1, bins=100):
    """What scikit-image 0.26 computes, in few words."""
    shape = np.maximum(image0.shape, image1.shape)
    padded = [
        np.pad(a, [(0, s - i) for s, i in zip(shape, a.shape, strict=True)])
        for a in (image0, image1)
    ]
    hist, _ = np.histogramdd([a.ravel() for a in padded], bins=bins, density=True)
    return (entropy(hist.sum(0)) + entropy(hist.sum(1))) / entropy(hist.ravel())


CASES = {
    "floats": (A, B),
    "single": (A.astype(np.float32), B.astype(np.float32)),
    "mixed": (A.astype(np.float32), B),
    "bytes": ((A * 40 + 128).astype(np.uint8), (B * 30 + 128).astype(np.int16)),
    "columns": (np.asfortranarray(A), np.asfortranarray(B)),
    "one of each order": (A, np.asfortranarray(B)),
    "turned": (A[::-1, ::2], B[::-1, ::2]),
    "unequal": (A, B[:25, :]),
    "unequal both ways": (A[:35], B[:, :20]),
    "volume": (A.reshape(10, 12, 10), B.reshape(10, 12, 10)),
    "truth": (A > 0, B > 0),
}


@pytest.mark.parametrize("bins", [100, 7, (5, 12)])
@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_scikit_image(case, bins):
    image0, image1 = CASES[case]
    before = image0.copy(), image1.copy()
    found = normalized_mutual_information(image0, image1, bins=bins)
    assert type(found) is float
    assert found == close(of_numpy(image0, image1, bins))
    np.testing.assert_array_equal(before[0], image0)
    np.testing.assert_array_equal(before[1], image1)


@pytest.mark.parametrize("case", CASES)
def test_scikit_image_itself(case):
    metrics = pytest.importorskip("skimage.metrics")
    expected = metrics.normalized_mutual_information(*CASES[case])
    assert normalized_mutual_information(*CASES[case]) == close(float(expected))


def test_half_precision_has_numpys_edges():
    image0, image1 = A.astype(np.float16), B.astype(np.float16)
    found = normalized_mutual_information(image0, image1)
    hist, x, y = np.histogram2d(image0.ravel(), image1.ravel(), 100)
    hist /= np.diff(x).astype(float)[:, None] * np.diff(y).astype(float)
    expected = (entropy(hist.sum(0)) + entropy(hist.sum(1))) / entropy(hist.ravel())
    assert found == close(expected)


def test_an_image_with_itself_is_two():
    assert normalized_mutual_information(A, A) == close(2.0)
    assert normalized_mutual_information(A, np.ones_like(A)) == close(1.0)


@pytest.mark.parametrize("value", [1e17, -1e300, 2**62, 5e-324])
def test_a_constant_shares_nothing_however_large_it_is(value):
    assert normalized_mutual_information(np.full(A.shape, value), A) == close(1.0)
    assert normalized_mutual_information(A, np.full(A.shape, value)) == close(1.0)


@pytest.mark.parametrize("unit", [2.0**1000, 2.0**-1060])
def test_the_unit_of_values_does_not_matter(unit):
    image = np.arange(64.0).reshape(8, 8)
    other = image // 8 + image % 3
    expected = normalized_mutual_information(image, other, bins=8)
    assert normalized_mutual_information(unit * image, unit * other, bins=8) == close(expected)


def test_values_that_are_nearer_than_floats_can_be_cut():
    image = 1e16 + 2.0 * np.arange(64).reshape(8, 8)
    assert normalized_mutual_information(image, image, bins=100) == close(2.0)


def test_constants_have_no_value():
    with pytest.warns(RuntimeWarning, match="image0 and image1 are both constant"):
        assert np.isnan(normalized_mutual_information(np.ones((3, 4)), np.zeros((3, 4))))
    with pytest.warns(RuntimeWarning, match="or there is one bin"):
        assert np.isnan(normalized_mutual_information(A, A, bins=1))


@pytest.mark.parametrize(
    ("arguments", "bins", "error", "text"),
    [
        ((A, A[0]), 100, ValueError, r"Got 2D for `image0` and 1D for `image1`"),
        ((A, A * 1j), 100, TypeError, "image1 must be an array of real numbers"),
        ((A[:0], A), 100, ValueError, "image0 must hold at least one sample"),
        ((A, A), 0, ValueError, "`bins` must be positive"),
        ((A, A), (5, 0), ValueError, r"`bins\[1\]` must be positive"),
        ((A, A), 5.0, TypeError, "`bins` must be an integer"),
        ((A, A), (5, 5, 5), TypeError, "`bins` must be an integer"),
        ((A, np.where(A > 1, np.nan, A)), 9, ValueError, rf"image1 .* {(A > 1).sum()} among 1200"),
        ((A, np.where(A > 1, np.inf, A)), 9, ValueError, "not finite"),
        ((A, A), 10**9, ValueError, "memory"),
    ],
)
def test_bad_input_is_refused(arguments, bins, error, text):
    with pytest.raises(error, match=text):
        normalized_mutual_information(*arguments, bins=bins)
