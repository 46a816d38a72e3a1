"""network: each method against what its paper writes, one pair and one triple after the other."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hostile import LAYOUTS, run
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import fastinfo
from fastinfo import InformationMatrix, mutual_information_matrix, network, num_threads
from fastinfo.kernels.information.pairs import graphs as kernels

METHODS = ["clr", "apc", "aracne"]
NAN = math.nan


def symmetric(rng, f, missing=0.0, digits=None):
    values = rng.gamma(1.0, 0.1, (f, f))
    values = np.where(rng.random((f, f)) < missing, NAN, values)
    values = values if digits is None else values.round(digits)
    values = np.triu(values, 1)
    return values + values.T


def others(values, i):
    """The known entries of a column with the others."""
    return [v for j, v in enumerate(values[i].tolist()) if j != i and v == v]


def clr(values):
    f = len(values)
    out = np.zeros((f, f))
    for i, j in itertools.permutations(range(f), 2):
        squares = 0.0
        for k in (i, j):
            own = others(values, k)
            sd = np.std(own, ddof=1) if len(own) > 1 else 0.0
            squares += max(values[i, j] - np.mean(own), 0) ** 2 / sd**2 if sd > 1e-12 else 0.0
        out[i, j] = math.sqrt(squares) if values[i, j] == values[i, j] else NAN
    return out


def apc(values):
    f = len(values)
    known = [v for i in range(f) for v in others(values, i)]
    out = np.zeros((f, f))
    for i, j in itertools.permutations(range(f), 2):
        means = [np.mean(others(values, k)) for k in (i, j)]
        out[i, j] = values[i, j] - means[0] * means[1] / np.mean(known)
    return out


def aracne(values, eps=0.0):
    f = len(values)
    out = values.copy()
    for i, j in itertools.permutations(range(f), 2):
        rest = [k for k in range(f) if k not in (i, j)]
        weakest = (values[i, j] + eps < values[i, rest]) & (values[i, j] + eps < values[j, rest])
        out[i, j] = 0.0 if weakest.any() else out[i, j]
    np.fill_diagonal(out, 0.0)
    return out


TWINS = {"clr": clr, "apc": apc, "aracne": aracne}


@pytest.mark.slow
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("f", [3, 4, 20, 70])
@pytest.mark.parametrize("method", METHODS)
def test_against_the_papers(method, f, missing, rng, threads):
    values = symmetric(rng, f, missing if f > 3 else 0.0)
    found = network(values, method)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, TWINS[method](values), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found, found.T)


def test_values_of_minet():
    # Computed by hand as clr of minet 3.66 does: means over the others, sd with f - 2.
    values = np.array([[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]], float)
    sd = [1.0, np.sqrt(13 / 3), 2.0, np.sqrt(7 / 3)]
    mean = [2.0, 10 / 3, 4.0, 14 / 3]
    found = network(values)
    assert found[0, 3] == pytest.approx(1 / sd[0])
    assert found[1, 3] == pytest.approx(np.hypot((5 - mean[1]) / sd[1], (5 - mean[3]) / sd[3]))
    assert found[0, 1] == 0.0


@given(st.integers(3, 40), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_aracne_with_ties(f, digits, seed):
    values = symmetric(np.random.default_rng(seed), f, digits=digits)
    np.testing.assert_array_equal(network(values, "aracne"), aracne(values))


@pytest.mark.parametrize("eps", [0.01, 0.1, 1.0])
def test_aracne_keeps_what_is_hardly_below(eps, rng):
    values = symmetric(rng, 12)
    found = network(values, "aracne", eps=eps)
    np.testing.assert_array_equal(found, aracne(values, eps))
    assert np.count_nonzero(found) >= np.count_nonzero(network(values, "aracne"))


def test_aracne_of_more_columns_than_a_part(rng, monkeypatch):
    values = symmetric(rng, 150)
    values[0, 149] = values[149, 0] = 0.5  # only the last column explains others
    with num_threads(1):
        expected = network(values, "aracne")
    with num_threads(7):
        np.testing.assert_array_equal(network(values, "aracne"), expected)
    np.testing.assert_array_equal(expected, aracne(values))
    chain = np.abs(np.subtract.outer(np.arange(150), np.arange(150)))
    edges = network(1.0 / (1.0 + chain), "aracne")
    np.testing.assert_array_equal(edges > 0, chain == 1)


@njit
def mark_in_a_users_function(values, slack, out):
    kernels.mark_indirect(values, 0, values.shape[0], slack, out)


def test_in_a_users_function(rng):
    values = symmetric(rng, 30)
    out = np.zeros((30, 30), np.bool_)
    mark_in_a_users_function(values, 0.0, out)
    assert not np.tril(out).any()
    np.testing.assert_array_equal(np.where(out | out.T, 0.0, values), network(values, "aracne"))


@pytest.mark.parametrize("method", METHODS)
def test_names_stay(method, rng):
    table = pd.DataFrame(rng.normal(size=(200, 5)), columns=list("abcde"))
    matrix = mutual_information_matrix(table)
    before = np.array(matrix)
    found = network(matrix, method)
    assert isinstance(found, InformationMatrix)
    assert found.names == list("abcde")
    assert found["a", "c"] == found[0, 2] == network(before, method)[0, 2]
    assert "changed values" in repr(found)
    assert found.pairs(2)[0].information == found.max()
    np.testing.assert_array_equal(np.array(matrix), before)
    assert (np.diag(np.array(found)) == 0).all()
    assert type(network(matrix[:4, :4], method)) is np.ndarray


def test_the_diagonal_plays_no_part(rng):
    values = symmetric(rng, 8)
    for method in METHODS:
        expected = network(values, method)
        for own in (1.0, NAN, 1e300, -math.inf):
            other = values.copy()
            np.fill_diagonal(other, own)
            np.testing.assert_array_equal(network(other, method), expected)


def test_columns_that_do_not_vary():
    same = np.full((5, 5), 0.3)
    assert (network(same) == 0).all()
    assert network(same, "apc") == pytest.approx(np.zeros((5, 5)), abs=1e-15)
    np.testing.assert_array_equal(network(same, "aracne"), same - 0.3 * np.eye(5))
    assert (network(np.zeros((4, 4)), "apc") == 0).all()


def test_what_is_not_known_stays_so():
    values = np.full((4, 4), NAN)
    for method in METHODS:
        found = network(values, method)
        assert np.isnan(found[~np.eye(4, dtype=bool)]).all()
        assert (np.diag(found) == 0).all()


def test_other_kinds_of_arrays(rng):
    values = (symmetric(rng, 9) * 100).astype(np.int32)
    expected = network(values.astype(float))
    for other in (values, np.asfortranarray(values), values.tolist(), values.astype(np.float32)):
        np.testing.assert_allclose(network(other), expected, rtol=1e-6)
    frame = pd.DataFrame(values)
    np.testing.assert_array_equal(network(frame), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("method", METHODS)
def test_arrays_anywhere_in_memory(method, layout, rng):
    values = symmetric(rng, 6)
    found = run(lambda M: network(M, method), layout(values))
    np.testing.assert_array_equal(found, network(values, method))


@pytest.mark.parametrize(
    ("M", "words"),
    [
        (np.zeros((3, 4)), r"M must be a square matrix, got shape \(3, 4\)"),
        (np.zeros(9), r"M must be a square matrix, got shape \(9,\)"),
        (np.zeros((2, 2)), r"M must have at least three columns, got shape \(2, 2\)"),
        (np.arange(9.0).reshape(3, 3), "M must be symmetric, got 1.0 at 0, 1 and 3.0 at 1, 0"),
        (np.array([[0, NAN, 1], [1, 0, 1], [1, 1, 0.0]]), "M must be symmetric"),
        (np.array([[0, math.inf, 1], [math.inf, 0, 1], [1, 1, 0]]), "M must be finite"),
    ],
)
def test_matrices_that_are_none(M, words):
    with pytest.raises(ValueError, match=words):
        network(M)


def test_a_matrix_of_two_tables(rng):
    X, Y = rng.normal(size=(2, 50, 3))
    with pytest.raises(ValueError, match="M must be the matrix of one table"):
        network(mutual_information_matrix(X, Y))


def test_options_that_are_none(rng):
    values = symmetric(rng, 4)
    with pytest.raises(ValueError, match="method must be"):
        network(values, "mrnet")
    for eps in (-1.0, NAN, math.inf, "a", None, 1j):
        with pytest.raises((TypeError, ValueError), match="eps must be a number"):
            network(values, "aracne", eps=eps)
    with pytest.raises(ValueError, match="eps must be 0 for method='clr'"):
        network(values, eps=0.1)
    with pytest.raises(TypeError):
        network(values.astype(complex))


def test_rounding_of_a_symmetric_matrix_is_forgiven(rng):
    values = symmetric(rng, 6)
    values[1, 2] *= 1 + 1e-15
    assert fastinfo.network(values).shape == (6, 6)


@pytest.mark.parametrize("method", ["clr", "apc", "aracne"])
@pytest.mark.parametrize("exponent", [-1000, -400, 400, 1020])
def test_numbers_whose_products_are_not_within_float64(method, exponent, rng):
    values = rng.random((6, 6))
    values += values.T
    wanted = network(values, method)
    found = network(np.ldexp(values, exponent), method)
    scaled = wanted if method == "clr" else np.ldexp(wanted, exponent)
    np.testing.assert_allclose(found, scaled, rtol=1e-12)
    if method == "aracne":
        slack = network(np.ldexp(values, exponent), method, eps=np.ldexp(0.3, exponent))
        np.testing.assert_array_equal(slack, np.ldexp(network(values, method, eps=0.3), exponent))
