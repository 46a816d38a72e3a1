"""Fourier transforms of images: values, errors, and the formulas of eight lanes."""

from __future__ import annotations

import operator

import mpmath
import numpy as np
import pytest
from helpers import compiled

from fastinfo.images.at_shifts.fourier_plans import (
    Plan,
    fast_length,
    order,
    roots_of_unity,
    steps,
)
from fastinfo.images.at_shifts.packs import MOST, Pack, packs, pairs
from fastinfo.kernels.images import butterflies, transforms

EPSILON = 2.0**-53
LENGTHS = [4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 256, 384, 1280]


def as_rows(x):
    return np.concatenate([x.real, x.imag], axis=1).ravel()


def as_complex(z):
    z = z.reshape(-1, 16)
    return z[:, :8] + 1j * z[:, 8:]


@pytest.mark.slow
@pytest.mark.parametrize("n", LENGTHS)
def test_a_transform_and_back(n):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, 8)) + 1j * rng.normal(size=(n, 8))
    z = as_rows(x)
    transforms.forward(z, 0, n, *steps(n))
    np.testing.assert_allclose(as_complex(z), np.fft.fft(x, axis=0)[order(n)], atol=1e-12 * n)
    transforms.backward(z, 0, n, *steps(n))
    np.testing.assert_allclose(as_complex(z) / n, x, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("radix", [3, 4, 5, 8])
def test_formulas_without_the_compiler_are_the_same(radix):
    rng = np.random.default_rng(radix)
    n = 8 * radix
    z, roots = rng.normal(size=16 * n), rng.normal(size=2 * radix)
    one = np.array([[radix, 0]])
    for name, kernel in (
        ("forward", transforms._step_forward),
        ("backward", transforms._step_backward),
    ):
        formula = getattr(butterflies, f"{name}_{radix}")
        expected, found = z.copy(), z.copy()
        getattr(formula, "plain", formula)(expected, 0, 1, roots, 0)
        kernel(found, 0, radix, radix, one[0, 0], roots, 0)
        np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("n", [8, 24, 80, 1024, 1280, 3 * 2**12])
def test_roots_of_unity_are_as_exact_as_the_bound_takes_them_to_be(n):
    k = np.random.default_rng(0).integers(-n, 2 * n, 300)
    worst = 0.0
    with mpmath.workdps(40):
        for i, (real, imaginary) in zip(k.tolist(), roots_of_unity(k, n), strict=True):
            exact = mpmath.expjpi(mpmath.mpf(-2 * i) / n)
            worst = max(worst, float(abs(exact - mpmath.mpc(float(real), float(imaginary)))))
    assert worst <= 2.0 * EPSILON


def test_lengths_are_the_shortest_that_there_are():
    for least in (4, 8, 64):
        known = sorted(f * least * 2**e for f in (1, 3, 5) for e in range(12))
        for n in [*range(1, 300), 1023, 1025]:
            assert fast_length(n, least) == next(length for length in known if length >= n)
    assert Plan.of((1023, 1023)).lengths == (1024, 1024)
    assert Plan.of((1, 5, 9, 17)).lengths == (1, 8, 16, 24)
    assert Plan.of((1000,)).lengths == (32, 32)


def correlated(f, g, plan):
    """The correlation of two complex images, by the kernels."""
    *outer, y, x = plan.lengths
    outer = [] if plan.one_dimension else outer
    places = int(np.prod(outer, dtype=int))
    blocks = np.arange(x // 8)
    twist = plan.twist()

    def transformed(image):
        image = image.reshape(places, y, x // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 8)
        z, out = as_rows(image), np.empty(2 * image.size)
        transforms.along_y(
            z, 0, places * len(blocks), y, len(blocks), len(blocks), *steps(y), twist
        )
        for i, n in enumerate(outer):
            inner = int(np.prod(outer[i + 1 :], dtype=int))
            runs = places // n * len(blocks)
            transforms.along_outer(z, 0, runs, n, inner, blocks, len(blocks), y, *steps(n), 1)
        transforms.along_x(z, 0, places * y // 8, y, len(blocks), len(blocks), *steps(x), out)
        return out

    z = np.empty(2 * f.size)
    spectra = transformed(f), transformed(g)
    transforms.back_along_x(*spectra, 0, places * y // 8, y, blocks, len(blocks), *steps(x), z)
    for i, n in enumerate(outer):
        inner = int(np.prod(outer[i + 1 :], dtype=int))
        runs = places // n * len(blocks)
        transforms.along_outer(z, 0, runs, n, inner, blocks, len(blocks), y, *steps(n), -1)
    for start in range(0, places * len(blocks) * y, y):
        if plan.one_dimension:
            rows = as_complex(z)[start : start + y] * as_complex(twist)[start : start + y]
            z[16 * start : 16 * (start + y)] = as_rows(rows)
        transforms.backward(z, start, y, *steps(y))
    image = as_complex(z).reshape(places, len(blocks), y, 8).transpose(0, 2, 1, 3)
    return image.reshape(f.shape)


@compiled
@pytest.mark.parametrize(
    "lengths", [(64, 80), (24, 48), (8, 12, 16), (4, 5, 8, 24), (256,), (960,)]
)
@pytest.mark.parametrize("kind", ["levels", "ones", "alternating"])
def test_the_error_of_a_correlation_is_below_its_bound(lengths, kind):
    plan = Plan.of(lengths)
    shape = (plan.size,) if plan.one_dimension else plan.lengths
    rng = np.random.default_rng(0)
    largest = 2**20
    if kind == "levels":
        f, g = rng.integers(0, 2, (2, *shape)) * rng.choice([1, 1000, largest], (2, *shape))
    else:
        f = g = np.full(shape, largest)
        if kind == "alternating":
            f = f * (-1) ** np.indices(shape).sum(axis=0)
    g = g + 1j * np.roll(f, 3, axis=-1)
    some = [tuple(i) for i in rng.integers(0, shape, (12, len(shape)))] + [(0,) * len(shape)]
    found = correlated(f.astype(complex), g.astype(complex), plan) / plan.size
    bound = plan.error() * np.linalg.norm(f.ravel()) * np.linalg.norm(g.ravel())
    for shift in some:
        moved = np.roll(g, [-s for s in shift], axis=tuple(range(len(shape))))
        for part in ("real", "imag"):
            numbers = getattr(moved, part).astype(np.int64).ravel().tolist()
            exact = sum(map(operator.mul, f.ravel().tolist(), numbers))
            assert abs(getattr(found[shift], part) - exact) <= bound


# Several counts in one number


def test_digits_are_the_counts():
    counts = np.array([5, 1, 700, 30])
    pack = Pack((1, 3, 2), (0,), counts)
    number, digits = pack.digits()
    assert number.tolist() == [3, 1]
    weights = pack.weights()
    assert weights[1, 0] == 1
    assert weights[3, 0] == 2
    assert weights[2, 0] == 2 * 31
    assert weights[0].tolist() == [0, 1]
    assert weights[4].tolist() == [0, 0]
    np.testing.assert_array_equal(digits.reshape(2, 2, 2)[0], [[1 / 62, 62], [1 / 2, 2]])
    assert pack.norm() == pytest.approx(np.sqrt(1 + 4 * 30 + 62**2 * 700 + 5))


@pytest.mark.parametrize("both_parts", [False, True])
def test_packs_hold_each_level_once_and_fit(both_parts):
    counts = np.random.default_rng(0).integers(1, 1 << 14, 23)
    norm, error = 200.0, Plan.of((1024, 1024)).error()
    found = packs(counts, norm, error, both_parts=both_parts)
    levels = [level for pack in found for level in (*pack.real, *pack.imaginary)]
    assert sorted(levels) == list(range(23))
    assert all(pack.fits(norm, error) for pack in found)
    assert max(len(pack.real) for pack in found) == MOST
    assert all(bool(pack.imaginary) is both_parts for pack in found[:-1])
    assert packs(counts, 1e30, error, both_parts=both_parts) is None


def test_pairs_hold_each_level_once():
    found = pairs(np.array([4, 9, 1, 3, 8]))
    assert [(pack.real, pack.imaginary) for pack in found] == [
        ((1,), (2,)),
        ((4,), (3,)),
        ((0,), ()),
    ]
