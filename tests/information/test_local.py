"""Local information: terms of each sample, whose mean is the function's own answer."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.special
import scipy.stats

import fastinfo
from fastinfo import (
    conditional_mutual_information,
    local_mutual_information,
    local_transfer_entropy,
    mutual_information,
    num_threads,
    transfer_entropy,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*what chance alone gives")

ESTIMATORS = ("histogram", "ksg", "gaussian", "gaussian-copula", "copula")
each_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)


def triple(rng, n=400):
    z = rng.normal(size=n)
    x = z + rng.normal(size=n)
    return x, 0.5 * x + z + rng.normal(size=n), z


def nearer(columns, distances):
    """How many other points are nearer to each: the largest difference of all columns."""
    points = np.column_stack([c / c.std() for c in columns])
    away = np.abs(points[:, None] - points).max(axis=2)
    return (away < distances[:, None] * (1 - 2.0**-30)).sum(axis=1) - 1


def ksg_terms(x, y, z=None, k=3):
    """The terms by comparing all points."""
    z = [] if z is None else [z]
    points = np.column_stack([c / c.std() for c in (x, y, *z)])
    away = np.abs(points[:, None] - points).max(axis=2)
    distances = np.sort(away, axis=1)[:, k]
    psi = scipy.special.digamma
    rest = psi(nearer(z, distances) + 1) if z else psi(len(x))
    return psi(k) + rest - sum(psi(nearer([c, *z], distances) + 1) for c in (x, y))


@each_estimator
@pytest.mark.parametrize("base", [None, 2])
def test_the_mean_is_the_information(estimator, base, rng):
    x, y, z = triple(rng)
    options = {"estimator": estimator, "base": base}
    local = local_mutual_information(x, y, **options)
    assert local.shape == (400,)
    assert local.dtype == np.float64
    assert local.mean() == pytest.approx(mutual_information(x, y, **options), abs=1e-12)
    local = local_mutual_information(x, y, given=z, **options)
    wanted = conditional_mutual_information(x, y, z, **options)
    assert local.mean() == pytest.approx(wanted, abs=1e-12)
    both = np.column_stack([z, z**2])
    local = local_mutual_information(x, y, given=both, **options)
    wanted = conditional_mutual_information(x, y, both, **options)
    assert local.mean() == pytest.approx(wanted, abs=1e-12)


@each_estimator
def test_the_mean_is_the_transfer_entropy(estimator, rng):
    x, y, z = triple(rng)
    for more in (
        {},
        {"history": 2, "source_history": 2, "lag": 3},
        {"given": z, "lag": 0},
        {"history": 0},
    ):
        options = {"estimator": estimator, **more}
        local = local_transfer_entropy(x, y, **options)
        first = max(more.get("history", 1), more.get("lag", 1) + more.get("source_history", 1) - 1)
        assert local.shape == (400,)
        assert np.isnan(local[:first]).all()
        assert not np.isnan(local[first + ("given" in more) :]).any()
        wanted = transfer_entropy(x, y, **options)
        assert np.nanmean(local) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
@pytest.mark.parametrize("bins", ["mi", 7, "fd", (3, 9), [-9.0, -0.5, 1.0, 9.0]])
def test_bins_are_those_of_mutual_information(bins, strategy, rng):
    x, y, _ = triple(rng)
    x[:9], y[5:20] = np.nan, np.nan
    options = {"bins": bins, "strategy": strategy, "nan_policy": "omit"}
    for a, b in ((x, y), (x.round(), y), (x > 0, y), ((x > 0).astype(str), y.astype(np.float32))):
        local = local_mutual_information(a, b, **options)
        wanted = mutual_information(a, b, **options)
        assert np.nanmean(local) == pytest.approx(wanted, abs=1e-12)
        assert np.isnan(local[9:20]).all()


def test_terms_are_those_of_the_cells(rng):
    x, y = rng.integers(0, 4, (2, 300))
    counts = fastinfo.JointCounts.from_labels(x, y)
    wanted = counts.pointwise_mutual_information()[x, y]
    np.testing.assert_allclose(local_mutual_information(x, y), wanted, atol=1e-13)
    z = rng.integers(0, 3, 300)
    local = local_mutual_information(x, y, given=z)
    for level in range(3):
        own = fastinfo.JointCounts.from_labels(x[z == level], y[z == level])
        wanted = own.pointwise_mutual_information()[x[z == level], y[z == level]]
        np.testing.assert_allclose(local[z == level], wanted, atol=1e-13)


def test_independent_counts_give_zero():
    x, y = np.divmod(np.arange(300), 15)
    local = local_mutual_information(x, y, discrete=True, bins=3)
    np.testing.assert_array_equal(local, np.zeros(300))


def test_neighbours_of_each_sample(rng):
    x, y, z = triple(rng, 150)
    for k in (1, 4):
        options = {"estimator": "ksg", "n_neighbors": k}
        np.testing.assert_allclose(
            local_mutual_information(x, y, **options), ksg_terms(x, y, k=k), atol=1e-12
        )
        np.testing.assert_allclose(
            local_mutual_information(x, y, given=z, **options), ksg_terms(x, y, z, k), atol=1e-12
        )


@pytest.mark.slow
def test_many_neighbours(rng):
    x, y = rng.normal(size=(2, 5000))
    options = {"estimator": "ksg", "n_neighbors": 900}
    local = local_mutual_information(x, y, **options)
    assert local.mean() == pytest.approx(mutual_information(x, y, **options), abs=1e-12)


def test_densities_of_each_sample(rng):
    x, y, z = triple(rng, 200)

    def density(*columns):
        points = np.column_stack(columns)
        covariance = np.cov(points.T, bias=True)
        law = scipy.stats.multivariate_normal(points.mean(axis=0), covariance)
        return law.logpdf(points)

    wanted = density(x, y) - density(x) - density(y)
    found = local_mutual_information(x, y, estimator="gaussian")
    np.testing.assert_allclose(found, wanted, atol=1e-10)
    wanted = density(x, y, z) + density(z) - density(x, z) - density(y, z)
    found = local_mutual_information(x, y, given=z, estimator="gaussian")
    np.testing.assert_allclose(found, wanted, atol=1e-10)
    wanted = density(x, z, y) - density(x, z) - density(y)
    found = local_mutual_information(np.column_stack([x, z]), y, estimator="gaussian")
    np.testing.assert_allclose(found, wanted, atol=1e-10)


def test_a_monotonic_change_leaves_the_copula(rng):
    x, y, _ = triple(rng)
    options = {"estimator": "gaussian-copula"}
    found = local_mutual_information(np.exp(x), y**3, **options)
    np.testing.assert_allclose(found, local_mutual_information(x, y, **options), atol=1e-12)


@each_estimator
def test_magnitudes_do_not_matter(estimator, rng):
    x, y, _ = triple(rng, 100)
    wanted = local_mutual_information(x, y, estimator=estimator)
    for scale in (1e-170, 1e290):
        found = local_mutual_information(x * scale, y, estimator=estimator)
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


@each_estimator
def test_missing_samples(estimator, rng):
    x, y, z = triple(rng, 120)
    x[3], y[7], z[11] = np.nan, np.nan, np.nan
    options = {"estimator": estimator, "nan_policy": "omit"}
    found = local_mutual_information(x, y, **options)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3, 7]
    assert np.nanmean(found) == pytest.approx(mutual_information(x, y, **options), abs=1e-12)
    found = local_mutual_information(x, y, given=z, **options)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3, 7, 11]
    found = local_transfer_entropy(x, y, **options)
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 4, 7, 8]
    assert np.nanmean(found) == pytest.approx(transfer_entropy(x, y, **options), abs=1e-12)
    for function, columns in (
        (local_mutual_information, (x, y)),
        (local_transfer_entropy, (x, y)),
    ):
        assert np.isnan(function(*columns, estimator=estimator)).all()
        assert function(*columns, estimator=estimator).shape == (120,)
        with pytest.raises(ValueError, match="contains nan values"):
            function(*columns, estimator=estimator, nan_policy="raise")


def test_samples_outside_the_range(rng):
    x, y, _ = triple(rng)
    limits = [[-1.0, 1.0], None]
    found = local_mutual_information(x, y, bins=5, range=limits)
    assert np.array_equal(np.isnan(found), np.abs(x) > 1.0)
    wanted = mutual_information(x, y, bins=5, range=limits)
    assert np.nanmean(found) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_the_mean_with_weights(scale, rng):
    x, y, z = triple(rng)
    w = scale * rng.random(400)
    options = {"bins": 4, "sample_weight": w}
    found = local_mutual_information(x, y, **options)
    wanted = mutual_information(x, y, **options)
    assert np.average(found, weights=w / scale) == pytest.approx(wanted, abs=1e-12)
    found = local_mutual_information(x, y, given=z, **options)
    wanted = conditional_mutual_information(x, y, z, **options)
    assert np.average(found, weights=w / scale) == pytest.approx(wanted, abs=1e-12)
    found = local_transfer_entropy(x, y, **options)
    wanted = transfer_entropy(x, y, **options)
    assert np.average(found[1:], weights=w[1:] / scale) == pytest.approx(wanted, abs=1e-12)


def test_cells_without_weight_tell_nothing():
    found = local_mutual_information([0, 0, 1, 1], [0, 1, 1, 0], sample_weight=[1, 0, 1, 0])
    np.testing.assert_array_equal(found, [math.log(2), np.nan, math.log(2), np.nan])


@each_estimator
def test_constants_and_copies(estimator, rng):
    x = rng.normal(size=50)
    np.testing.assert_array_equal(
        local_mutual_information(x, np.ones(50), estimator=estimator), np.zeros(50)
    )
    found = local_mutual_information(x, 2 * x, estimator=estimator)
    assert found.mean() == pytest.approx(
        mutual_information(x, 2 * x, estimator=estimator), abs=1e-12
    )


@each_estimator
def test_threads_and_inputs(estimator, rng):
    columns = [np.asfortranarray(c) for c in triple(rng, 6000)]
    kept = [c.copy() for c in columns]
    found = []
    for threads in (1, 2):
        with num_threads(threads):
            found.append(
                local_mutual_information(*columns[:2], given=columns[2], estimator=estimator)
            )
    np.testing.assert_array_equal(*found)
    for c, old in zip(columns, kept, strict=True):
        np.testing.assert_array_equal(c, old)


def test_noise_once(rng):
    x, y = rng.integers(0, 9, (2, 300)).astype(float)
    options = {"estimator": "ksg", "jitter": 1e-6, "random_state": 5}
    found = local_mutual_information(x, y, **options)
    np.testing.assert_array_equal(found, local_mutual_information(x, y, **options))
    with pytest.warns(UserWarning, match=r"repeat values: .*jitter=1e-6"):
        local_mutual_information(x, y, estimator="ksg")


def test_most_of_it_is_chance(rng):
    x, y, z = rng.normal(size=(3, 200))
    said = "x and y have .* about .* what chance alone gives"
    with pytest.warns(UserWarning, match=said):
        local_mutual_information(rng.integers(0, 60, 400), rng.integers(0, 60, 400), discrete=True)
    with pytest.warns(UserWarning, match="x, y and given have .* what chance alone gives"):
        local_mutual_information(x, y, given=z)
    with pytest.warns(UserWarning, match="the next value and the pasts .* what chance alone gives"):
        local_transfer_entropy(x, y)


def test_containers(rng):
    x, y, z = triple(rng, 100)
    wanted = local_mutual_information(x, y, given=np.column_stack([z, x > 0]))
    frame = pd.DataFrame({"x": x, "y": y, "z": z, "b": x > 0})
    found = local_mutual_information(frame["x"], list(y), given=frame[["z", "b"]])
    np.testing.assert_array_equal(found, wanted)
    labels = pd.Series(["a", "b", None, "a"])
    found = local_mutual_information(labels, [0, 1, 0, 0], nan_policy="omit")
    assert np.isnan(found).tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"estimator": "mixed"}, "estimator must be one of"),
        ({"estimator": "ksg", "bins": 3}, "bins must be left at 'mi'"),
        ({"estimator": "ksg", "sample_weight": np.ones(9)}, "sample_weight must be left at None"),
        ({"n_neighbors": 4}, "n_neighbors must be left at 3"),
        ({"estimator": "ksg", "n_neighbors": 9}, "n_neighbors must be smaller than the number"),
        ({"nan_policy": "drop"}, "nan_policy must be"),
        ({"base": 1}, "`base` must be"),
        ({"sample_weight": [1.0]}, "one weight for each of the 9 samples"),
    ],
)
def test_wrong_options(options, said, rng):
    x, y = rng.normal(size=(2, 9))
    with pytest.raises(ValueError, match=said):
        local_mutual_information(x, y, **options)


def test_wrong_samples(rng):
    x = rng.normal(size=9)
    labels = list("abcabcabc")
    with pytest.raises(ValueError, match="x must hold numbers with estimator='ksg', got labels"):
        local_mutual_information(labels, x, estimator="ksg")
    with pytest.raises(ValueError, match="y must hold numbers with estimator='gaussian'"):
        local_mutual_information(x, labels, estimator="gaussian")
    with pytest.raises(ValueError, match="same length"):
        local_mutual_information(x, x[1:])
    with pytest.raises(ValueError, match="at least one sample"):
        local_mutual_information([], [])
    with pytest.raises(ValueError, match="more than 9 samples, the number of steps looked back"):
        local_transfer_entropy(x, x, history=9)
