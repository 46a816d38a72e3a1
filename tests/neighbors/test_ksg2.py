"""The second algorithm of Kraskov and others; many columns; information between 0 and 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import close, fixed
from reference import neighbors as slow
from test_ksg import SHAPES, make_pair

import fastinfo
from fastinfo import conditional_mutual_information, mutual_information, num_threads
from fastinfo._neighbors import distances as searches
from fastinfo.benchmark import distributions
from fastinfo.kernels.neighbors import scans

pytestmark = pytest.mark.filterwarnings("ignore:.* repeat values")
AVERAGES = ["arithmetic", "geometric", "min", "max", "joint"]


def ksg2(x, y, k=3, **options):
    return mutual_information(x, y, estimator="ksg2", n_neighbors=k, **options)


# The second algorithm


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [1, 3, 20])
@pytest.mark.parametrize("n", [22, 300])
def test_ksg2_is_the_paper_s(shape, k, n, rng):
    x, y = make_pair(shape, n, rng)
    assert ksg2(x, y, k) == pytest.approx(slow.ksg2(x, y, k), abs=1e-12)
    assert ksg2(y, x, k) == pytest.approx(ksg2(x, y, k), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("widths", [(1, 2), (2, 1), (2, 3), (4, 12)])
@pytest.mark.parametrize("digits", [1, 9])
def test_ksg2_of_groups(k, widths, digits, rng):
    x, y = (np.round(rng.normal(size=(150, w)), digits) for w in widths)
    y[:, 0] += x[:, 0]
    assert ksg2(x, y, k) == pytest.approx(slow.ksg2(x, y, k), abs=1e-12)


def test_strips_and_trees_find_the_same(rng, monkeypatch):
    x, y = make_pair("normal", 3000, rng)
    expected = ksg2(x, y)
    monkeypatch.setattr("fastinfo._neighbors.pairs._SLOW", 0.0)
    assert ksg2(x, y) == close(expected)


@pytest.mark.parametrize("name", ["normal r=0.6", "bimodal r=0.75", "mixture of 4 squares"])
def test_ksg2_of_known_information(name, rng):
    law = distributions()[name]
    x, y = law.draw(rng, 20_000)
    assert ksg2(x, y) == pytest.approx(law.truth, abs=0.03)


def test_errors_of_both_algorithms_are_those_of_the_paper():
    # Section III: the first has the smaller statistical error, and both are unbiased where x and y
    # are independent; in many dimensions the second has the smaller systematic error.
    rng = np.random.default_rng(5)
    found = {"ksg": [], "ksg2": []}
    for _ in range(150):
        x, y = rng.normal(size=(2, 300))
        for name, values in found.items():
            values.append(mutual_information(x, y, estimator=name))
    for values in found.values():
        assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(150)
    assert np.std(found["ksg"]) < np.std(found["ksg2"])
    X = rng.normal(size=(2000, 10))
    y = X[:, 0] + rng.normal(size=2000)
    truth = math.log(2) / 2
    assert mutual_information(X, y, estimator="ksg") < ksg2(X, y) < truth


def test_ksg2_of_units_constants_and_labels(rng):
    x, y = make_pair("normal", 500, rng)
    expected = ksg2(x, y)
    assert ksg2(1e300 * x, 1e-170 * y) == close(expected)
    assert ksg2(x, y, base=2) == close(expected / math.log(2))
    assert ksg2(x, np.ones(500)) == 0.0
    labels = np.where(y > 0, "high", "low")
    assert ksg2(x, labels) == mutual_information(x, labels, estimator="ksg")


def test_ksg2_warns_and_refuses(rng):
    x, y = np.round(rng.normal(size=(2, 500)), 1)
    with pytest.warns(UserWarning, match="estimator='ksg2' assumes densities"):
        ksg2(x, y)
    with pytest.raises(ValueError, match="estimator must not be 'ksg2' with a third variable"):
        conditional_mutual_information(x, y, x, estimator="ksg2")
    with pytest.raises(ValueError, match="normalized must be left at None"):
        ksg2(x, y, normalized="max")


@pytest.mark.slow
@pytest.mark.parametrize("widths", [(1, 1), (2, 1), (3, 14)])
def test_ksg2_does_not_depend_on_threads(widths, rng):
    x, y = (rng.normal(size=(9000, w)) for w in widths)
    x.flags.writeable = False
    found = []
    for n in (1, 2, 7):
        with num_threads(n):
            found.append(ksg2(x, y))
    assert found[0] == found[1] == found[2]


# Many columns


@pytest.mark.parametrize("width", [1, 7, 20])
@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("n", [9, 16, 300])
def test_scans_are_trees_to_the_bit(width, digits, n, rng):
    points = np.round(rng.normal(size=(n, width)), digits)
    columns, k = fixed(points.T), min(3, n - 1)
    tree = searches.plant(points)
    reach = searches.tree_distances(points, k, 1)
    distances, tied = np.empty(n), np.empty(n, np.bool_)
    half = n // 2
    for first, last in ((0, half), (half, n)):
        here = slice(first, last)
        scans.scan_distances(columns, k, first, last, distances[here], tied[here])
    np.testing.assert_array_equal(distances, reach.distances)
    np.testing.assert_array_equal(tied, reach.tied)
    for closed in (False, True):
        bounds = np.nextafter(distances, np.inf) if closed else distances
        expected = searches.tree_counts(tree, points, tree.places, distances, closed)
        counts = np.empty(n, np.int32)
        scans.scan_counts(columns, bounds, 0, n, counts)
        np.testing.assert_array_equal(counts, expected)
    if width > 1:
        sides = np.empty((2, n))
        scans.scan_extents(columns, 1, distances, 0, n, *sides)
        np.testing.assert_array_equal(sides, reach.sides)


@pytest.mark.parametrize("estimator", ["ksg", "ksg2", "mixed"])
@pytest.mark.parametrize("digits", [0, 9])
def test_more_than_ten_columns(estimator, digits, rng):
    x, y = (np.round(rng.normal(size=(200, w)), digits) for w in (12, 3))
    y[:, 0] += x[:, 0]
    expected = getattr(slow, estimator)(x, y, 3)
    assert mutual_information(x, y, estimator=estimator) == pytest.approx(expected, abs=1e-12)
    if estimator != "ksg2":
        z = rng.normal(size=(200, 15))
        found = conditional_mutual_information(x, y, z, estimator=estimator)
        assert found == pytest.approx(getattr(slow, f"conditional_{estimator}")(x, y, z), abs=1e-12)


def test_both_ways_of_many_columns_give_the_same_bits(rng, monkeypatch):
    x, y = rng.normal(size=(3000, 14)), rng.normal(size=(3000, 2))
    found = [ksg2(x, y), mutual_information(x, y, estimator="mixed")]
    monkeypatch.setattr("fastinfo._neighbors.distances._WORTH", 2.0)
    assert [ksg2(x, y), mutual_information(x, y, estimator="mixed")] == found


# Between 0 and 1


@pytest.mark.slow
@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("widths", [(1, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("r", [0.0, 0.5, 0.99])
def test_normalized_information_is_the_paper_s(average, widths, r, rng):
    x, y = (rng.normal(size=(200, w)) for w in widths)
    y[:, 0] = r * x[:, 0] + math.sqrt(1 - r * r) * y[:, 0]
    for k in (1, 5):
        options = {"estimator": "ksg", "n_neighbors": k, "normalized": average}
        found = mutual_information(x, y, **options)
        assert found == pytest.approx(slow.normalized_ksg(x, y, k, average), abs=1e-12)
        assert 0.0 <= found <= 1.0
        assert mutual_information(y, x, base=2, **options) == pytest.approx(found, abs=1e-12)
        assert mutual_information(1e200 * x, y, **options) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(
    ("average", "expected"),
    [
        ("arithmetic", 0.12709615496826718),
        ("geometric", 0.1270962988682764),
        ("min", 0.127287697518133),
        ("max", 0.12690518801876405),
        ("joint", 0.06786048056093012),
    ],
)
def test_normalized_information_of_normi(average, expected):
    # normi 0.3.0, NormalizedMI(k=5, normalize_method=average).fit_transform of both columns
    x, e = np.random.default_rng(0).normal(size=(2, 300))
    y = 0.6 * x + 0.8 * e
    found = mutual_information(x, y, estimator="ksg", n_neighbors=5, normalized=average)
    assert found == close(expected)


@pytest.mark.parametrize("average", AVERAGES)
def test_the_ends_of_normalized_information(average, rng):
    x, y = rng.normal(size=(2, 2000))

    def of(*a):
        return mutual_information(*a, estimator="ksg", normalized=average)

    assert of(x, x) == 1.0
    assert of(x, 3 - 2 * x) == 1.0
    assert of(x, y) < 0.02
    assert of(x, np.ones(2000)) == 0.0


def test_normalized_information_without_a_scale(rng):
    x, y = rng.standard_cauchy(size=(2, 2000))
    with pytest.warns(
        UserWarning, match="no positive entropy .* a few samples are far from all others"
    ):
        assert math.isnan(mutual_information(x, y + x, estimator="ksg", normalized="max"))
    x = np.r_[x[:1990], [1.5] * 10]
    with pytest.warns(UserWarning, match="values repeat"):
        assert math.isnan(mutual_information(x, x, estimator="ksg", normalized="max"))
    with pytest.raises(ValueError, match="normalized must be None if x or y holds labels"):
        mutual_information(x, y > 0, estimator="ksg", normalized="max")


# gcmi's correction


@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula"])
@pytest.mark.parametrize("widths", [(1, 1, 0), (2, 3, 0), (1, 1, 1), (2, 1, 3)])
@pytest.mark.parametrize("n", [12, 200])
def test_the_bias_of_gaussian_information(estimator, widths, n, rng):
    x, y, z = (rng.normal(size=(n, w)) for w in widths)
    function = conditional_mutual_information if widths[2] else mutual_information
    variables = (x, y, z)[: 3 if widths[2] else 2]
    plain = function(*variables, estimator=estimator)
    corrected = function(*variables, estimator=estimator, correction="bias")
    assert plain - corrected == close(slow.gaussian_bias(*widths[:2], n, widths[2]))
    bits = function(*variables, estimator=estimator, correction="bias", base=2)
    assert bits == close(corrected / math.log(2))


def test_the_corrected_mean_is_0_for_independent_variables():
    rng = np.random.default_rng(3)
    found = [
        mutual_information(*rng.normal(size=(2, 20, 2)), estimator="gaussian", correction="bias")
        for _ in range(400)
    ]
    assert abs(np.mean(found)) < 4 * np.std(found) / 20
    assert slow.gaussian_bias(2, 2, 20) > 0.1


def test_the_correction_of_gcmi_by_hand():
    # The formula of its mi_gg, in bits, for a correlation of 0.8
    x, y = [1.0, 2, 3, 4, 5], [2.0, 1, 4, 3, 5]
    found = mutual_information(x, y, estimator="gaussian", correction="bias", base=2)
    psi = {2.0: 1 - np.euler_gamma, 1.5: 2 - np.euler_gamma - 2 * math.log(2)}
    assert found == close((-math.log(0.36) / 2 - (psi[2.0] - psi[1.5]) / 2) / math.log(2))


def test_bad_corrections(rng):
    x, y = rng.normal(size=(2, 50))
    with pytest.raises(ValueError, match="correction with estimator='gaussian' must be one of"):
        mutual_information(x, y, estimator="gaussian", correction="nsb")
    with pytest.raises(ValueError, match="correction must be one of"):
        fastinfo.mutual_information(x, y, correction="bias")
    for estimator in ("ksg", "ksg2", "mixed"):
        with pytest.raises(ValueError, match="correction must be left"):
            mutual_information(x, y, estimator=estimator, correction="bias")
    assert mutual_information(x, x, estimator="gaussian", correction="bias") == math.inf
    assert mutual_information(x, np.ones(50), estimator="gaussian", correction="bias") == 0.0
