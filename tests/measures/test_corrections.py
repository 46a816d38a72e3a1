"""Corrections of the bias of an entropy: published values, and twins that follow the papers."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import math
import re

import helpers
import numpy as np
import pandas as pd
import pytest
from helpers import ROOT
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp
from numba import njit
from reference import corrections as twins
from reference import pairs

from fastinfo import JointCounts, entropy_from_counts
from fastinfo._core.checks import read_only
from fastinfo._measures.corrections import CORRECTIONS, entropy_of_counts
from fastinfo.kernels.information import corrections as kernels

R = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]  # the help page of the R package "entropy"
NDD = [4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2]  # the page of ndd on PyPI

#: What an entropy can be corrected by.
OF_ENTROPIES = [c for c in CORRECTIONS if c != "chance"]
TWINS = {
    None: twins.plug_in,
    "miller-madow": twins.miller_madow,
    "jackknife": twins.jackknife,
    "grassberger": twins.grassberger,
    "chao-shen": twins.chao_shen,
    "shrinkage": twins.shrinkage,
    "zhang": twins.zhang,
    0.5: lambda counts: twins.dirichlet(counts, 0.5),
}
NAMES = [name for name in TWINS if isinstance(name, str)]
WHOLE = ["jackknife", "grassberger", "chao-shen", "zhang"]
OF_CELLS = ["shrinkage", "nsb", 0.5]  # an empty cell matters
NAN, INF = math.nan, math.inf

each_correction = pytest.mark.parametrize("correction", list(TWINS))
counts_lists = st.lists(
    st.integers(0, 9) | st.integers(120, 135) | st.integers(0, 100_000), min_size=1, max_size=40
).filter(any)
small_lists = st.lists(st.integers(0, 12), min_size=1, max_size=12).filter(any)


close = functools.partial(helpers.close, rel=1e-13)


# Published values


@pytest.mark.parametrize(
    ("counts", "correction", "nats"),
    [
        # R, entropy 1.3
        (R, None, 1.968382408728),
        (R, "chao-shen", 2.201137101279),
        (R, "shrinkage", 2.379602895309),
        # infomeasure 0.6.3
        (R, "miller-madow", 2.152592935044171),
        (R, "zhang", 2.1705466746875417),
        (NDD, "miller-madow", 2.7377169918811854),
        (NDD, "chao-shen", 2.761664047585218),
        (NDD, "shrinkage", 2.786418330532964),
        (NDD, "zhang", 2.7446829850611283),
        (NDD, 0.5, 2.6936302564264776),
    ],
)
def test_published_values(counts, correction, nats):
    found = entropy_from_counts(counts, correction=correction)
    assert found == pytest.approx(nats, rel=1e-12)
    bits = entropy_from_counts(counts, base=2, correction=correction)
    assert bits == pytest.approx(nats / math.log(2), rel=1e-12)


def test_the_published_intensity_of_shrinkage():
    found = kernels.shrinkage_intensity(read_only(np.array(R, float)), 11.0)
    assert found == pytest.approx(0.766393442622951, rel=1e-14)


def test_grassbergers_numbers():
    # his equation 30: G(1) = -gamma - log 2, G(2) = 2 - gamma - log 2, G(2 m + 1) = G(2 m)
    gamma, log2 = 0.5772156649015329, math.log(2)
    g = [0, -gamma - log2, 2 - gamma - log2, 2 - gamma - log2, 2 + 2 / 3 - gamma - log2]
    for c in range(1, 5):
        found = entropy_from_counts([c], correction="grassberger")
        assert found == pytest.approx(math.log(c) - g[c], abs=1e-15)


@pytest.mark.parametrize(
    ("a", "name"), [(0.5, "Jeffreys"), (1, "Laplace"), (1 / 11, "Perks"), (19**0.5 / 11, "minimax")]
)
def test_priors_of_dirichlet(a, name):
    p = (np.array(R) + a) / (sum(R) + 11 * a)
    assert entropy_from_counts(R, correction=a) == close(-(p * np.log(p)).sum()), name


# Twins


@pytest.mark.slow
@each_correction
@given(counts=small_lists)
@example([1])
@example([0, 1, 0])
@example([1, 1, 1])
@example([5])
@example([2, 2])
@example([1, 1, 2])
def test_small_counts_are_the_twins(correction, counts):
    expected = TWINS[correction](counts)
    assert entropy_from_counts(counts, correction=correction) == close(expected)


@pytest.mark.slow
@pytest.mark.parametrize("correction", [c for c in TWINS if c != "zhang"])
@given(counts=counts_lists)
@example(list(range(300)))
@example([126, 127, 128, 129, 130, 0, 1])
def test_counts_are_the_twins(correction, counts):
    expected = TWINS[correction](counts)
    assert entropy_from_counts(counts, correction=correction) == close(expected)


@given(counts=counts_lists)
def test_zhangs_sum_in_closed_form(counts):
    n = sum(counts)
    with mp.workdps(30):
        expected = sum(mp.mpf(c) / n * (mp.digamma(n) - mp.digamma(c)) for c in counts if c)
    assert entropy_from_counts(counts, correction="zhang") == close(expected)


@pytest.mark.slow
@pytest.mark.parametrize("correction", [c for c in TWINS if c != "zhang"])
@pytest.mark.parametrize(
    "counts",
    [
        [10**12, 1, 3, 10**6, 0],
        [2**53 + 2, 2**40],
        [2**62, 2**62, 2**61],
        [10**9] * 5 + [1] * 20,
        [1] * 5000 + [2] * 10 + [300],
        [127, 128] * 3000,
        [1] * 3000,
    ],
)
def test_large_counts_and_many_cells(correction, counts):
    with mp.workdps(60):
        if correction == "jackknife":  # its twin takes long
            n = sum(counts)
            terms = sum(
                counts.count(c) * c * (c * mp.log(c) - ((c - 1) * mp.log(c - 1) if c > 1 else 0))
                for c in set(counts) - {0}
            )
            expected = n * mp.log(n) - (n - 1) * mp.log(n - 1) - terms / n
        else:
            expected = TWINS[correction](counts)
    assert entropy_from_counts(counts, correction=correction) == close(expected, absolute=3e-15)


def test_tables_of_small_counts_meet_the_series():
    for correction in WHOLE[:2]:
        for c in (1, 2, 126, 127, 128, 129, 255, 1000):
            found = entropy_from_counts([c, c], correction=correction)
            assert found == close(TWINS[correction]([c, c]), absolute=1e-16)


# What the papers promise


def outcomes(n, k):
    """All ways to put n samples into k cells."""
    for bars in itertools.combinations(range(n + k - 1), k - 1):
        ends = [-1, *bars, n + k - 1]
        yield [b - a - 1 for a, b in itertools.pairwise(ends)]


def expectation(n, p, correction):
    """Mean of an estimate over all outcomes of n draws."""
    total = 0.0
    for counts in outcomes(n, len(p)):
        chance = math.factorial(n)
        for c, q in zip(counts, p, strict=True):
            chance *= q**c / math.factorial(c)
        total += chance * entropy_from_counts(counts, correction=correction)
    return total


@pytest.mark.parametrize("p", [[0.5, 0.5], [0.7, 0.2, 0.1], [0.25] * 4])
def test_the_expectation_of_zhangs_estimate(p):
    n = 7
    expected = sum(sum(q * (1 - q) ** v for q in p) / v for v in range(1, n))
    assert expectation(n, p, "zhang") == close(expected)


@pytest.mark.parametrize("p", [[0.6, 0.3, 0.1], [0.25] * 4])
@pytest.mark.parametrize("correction", ["miller-madow", "jackknife", "grassberger", "zhang"])
def test_corrections_take_off_most_of_the_bias(p, correction):
    h = -sum(q * math.log(q) for q in p)
    assert abs(expectation(8, p, correction) - h) < 0.45 * abs(expectation(8, p, None) - h)


@each_correction
def test_all_estimates_meet_for_many_samples(correction):
    counts = np.array([5, 3, 1, 1]) * 10**9
    expected = entropy_from_counts(counts)
    assert entropy_from_counts(counts, correction=correction) == pytest.approx(expected, abs=2e-9)


@pytest.mark.parametrize("correction", ["miller-madow", "jackknife", "chao-shen", "zhang"])
@pytest.mark.parametrize("c", [1, 2, 127, 128, 129, 196, 1000, 12345, 2**53 + 2])
def test_one_occupied_cell_has_no_entropy(correction, c):
    for counts in ([c], [0, c, 0]):
        found = entropy_from_counts(counts, correction=correction)
        assert found == 0.0
        assert math.copysign(1, found) == 1


@pytest.mark.parametrize("correction", [None, "shrinkage", "nsb", 0.5, 1 / 3])
def test_a_table_of_one_cell_has_no_entropy(correction):
    for c in (*range(1, 200), 2**53 + 2):
        assert entropy_from_counts([c], correction=correction) == 0.0


# Cells


@pytest.mark.slow
@pytest.mark.parametrize("correction", [*TWINS, "nsb"])
@given(counts=counts_lists, random=st.randoms(use_true_random=False))
def test_the_order_of_cells_is_no_matter(correction, counts, random):
    shuffled = counts.copy()
    random.shuffle(shuffled)
    found = entropy_from_counts(shuffled, correction=correction)
    assert found == close(entropy_from_counts(counts, correction=correction), absolute=4e-15)


@pytest.mark.slow
@pytest.mark.parametrize("correction", [*TWINS, "nsb"])
@given(counts=counts_lists)
def test_empty_cells(correction, counts):
    found = entropy_from_counts(counts, correction=correction)
    more = entropy_from_counts([*counts, 0, 0], correction=correction)
    if correction not in OF_CELLS:
        assert more == close(found, absolute=4e-15)
    elif correction == 0.5 and sum(counts) < 1000:
        assert more > found
    # the same without the empty cells
    occupied = np.array([c for c in counts if c])
    again = entropy_of_counts(occupied, len(counts), correction)
    assert again == close(found, absolute=4e-15)


@pytest.mark.parametrize("correction", [*OF_ENTROPIES, 0.5, 0])
@pytest.mark.parametrize("counts", [[0], [0, 0, 0], np.zeros((3, 2)), [0.0]])
def test_no_counts_have_no_entropy(correction, counts):
    assert entropy_from_counts(counts, correction=correction) == 0.0


def test_no_pseudo_count_is_the_plug_in():
    assert entropy_from_counts(R, correction=0) == close(entropy_from_counts(R))
    assert entropy_from_counts(R, correction=1e12) == close(math.log(11))


# Weights


@pytest.mark.parametrize("correction", WHOLE)
def test_corrections_of_whole_samples_refuse_fractions(correction):
    message = f"correction='{correction}' must have whole counts of samples, got weights"
    for weights in ([0.5, 1.0], [3, 2.25], np.float32([1.5, 0])):
        with pytest.raises(ValueError, match=message):
            entropy_from_counts(weights, correction=correction)
    counts = JointCounts.from_table([[0.5, 0.5], [1.0, 2.0]])  # the sums of its rows are whole
    for measure in (counts.mutual_information, counts.joint_entropy, counts.entropy_x):
        with pytest.raises(ValueError, match=message):
            measure(correction=correction)
    # as floats, whole counts are counts
    as_floats = entropy_from_counts(np.array(R, float), correction=correction)
    assert as_floats == entropy_from_counts(R, correction=correction)


@pytest.mark.parametrize("correction", [None, "miller-madow", "shrinkage", 0.5])
def test_weights_where_the_formula_has_a_meaning(correction):
    weights = [0.5, 2.25, 0.0, 7.125]
    found = entropy_from_counts(weights, correction=correction)
    assert found == close(TWINS[correction]([mp.mpf(w) for w in weights]))


@pytest.mark.parametrize("scale", [1e-300, 5e-310, 1e-100, 1e100, 1e300])
def test_the_scale_of_weights_is_no_matter_for_the_plug_in(scale):
    weights = np.array([3.0, 1.0, 0.0, 2.0])
    assert entropy_from_counts(weights * scale) == close(entropy_from_counts(weights), rel=1e-12)


def test_shrinkage_of_no_more_than_one_sample_is_uniform():
    for counts in ([1, 0, 0], [0.25, 0.5, 0.0]):
        assert entropy_from_counts(counts, correction="shrinkage") == close(math.log(3))


# Input


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        pd.Series,
        np.uint8,
        np.int16,
        np.uint64,
        np.float16,
        np.float32,
        np.longdouble,
        lambda c: np.array(c, ">i4"),
        lambda c: np.array(c, ">f8"),
        lambda c: np.repeat(c, 3)[::3],
        lambda c: np.array(c)[::-1][::-1],
        lambda c: np.array([*c, 0]).reshape(3, 4),
        lambda c: np.asfortranarray(np.array([*c, 0]).reshape(3, 4)),
        lambda c: read_only(np.array(c)),
    ],
)
def test_all_kinds_of_counts(make):
    counts = make(R)
    before = np.array(counts, copy=True)
    for correction in ("grassberger", "chao-shen", None):
        found = entropy_from_counts(counts, correction=correction)
        assert found == close(entropy_from_counts(R, correction=correction))
    assert np.array_equal(before, np.array(counts))
    assert before.dtype == np.array(counts).dtype


def test_booleans_are_counts():
    assert entropy_from_counts([True, False, True]) == close(math.log(2))


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ([], ValueError, "counts must hold at least one cell, got an empty array"),
        (np.empty((0, 3)), ValueError, "counts must hold at least one cell"),
        ([3, -1], ValueError, "counts must not be negative, got -1"),
        ([3, -0.5], ValueError, "counts must not be negative, got -0.5"),
        ([NAN, 1], ValueError, "counts must be finite, got NaN or infinity"),
        ([INF, 1], ValueError, "counts must be finite"),
        (np.array([2**63, 1], np.uint64), ValueError, r"counts must be below 2\*\*63"),
        (np.array([np.longdouble("1e4000")]), ValueError, "counts must be finite"),
        ([1j, 2], TypeError, "counts must be an array of real numbers"),
        (["a", "b"], TypeError, "counts must be an array of real numbers"),
        (np.array([1, None]), TypeError, "counts must be an array of real numbers"),
    ],
)
def test_counts_that_cannot_be_used(counts, error, message):
    for correction in (None, "grassberger", "nsb"):
        with pytest.raises(error, match=message):
            entropy_from_counts(counts, correction=correction)


@pytest.mark.parametrize(
    ("correction", "error", "message"),
    [
        ("miller", ValueError, "correction must be one of None, 'miller-madow', 'jackknife', "),
        ("NSB", ValueError, "'nsb', 'chance', or a pseudo-count, got 'NSB'"),
        ("", ValueError, "got ''"),
        (NAN, ValueError, "pseudo-count that is finite and not negative, got nan"),
        (INF, ValueError, "got inf"),
        (-0.5, ValueError, "got -0.5"),
        (True, TypeError, "correction must be a name, a pseudo-count per cell, or None, got True"),
        (np.True_, TypeError, "correction must be a name"),
        (1j, TypeError, "correction must be a name"),
        ([0.5], TypeError, "correction must be a name"),
        (b"nsb", TypeError, "correction must be a name"),
    ],
)
def test_corrections_that_are_not_known(correction, error, message):
    counts = JointCounts.from_table([[1, 2], [3, 4]])
    with pytest.raises(error, match=message):
        entropy_from_counts(R, correction=correction)
    for measure in (
        counts.entropy_x,
        counts.entropy_y,
        counts.joint_entropy,
        counts.conditional_entropy,
        counts.mutual_information,
        counts.variation_of_information,
    ):
        with pytest.raises(error, match=message):
            measure(correction=correction)


@pytest.mark.parametrize("correction", [1, np.float32(0.5), np.int64(2), np.float64(0.25)])
def test_pseudo_counts_of_any_real_type(correction):
    assert entropy_from_counts(R, correction=correction) == close(
        twins.dirichlet(R, float(correction))
    )


@pytest.mark.parametrize("correction", [*OF_ENTROPIES, 0.5])
def test_bases(correction):
    nats = entropy_from_counts(R, correction=correction)
    for base in (2, 10, math.e, 0.5):
        found = entropy_from_counts(R, base=base, correction=correction)
        assert found == pytest.approx(nats / math.log(base), rel=1e-14)
    with pytest.raises(ValueError, match="`base` must be a positive number"):
        entropy_from_counts(R, base=1, correction=correction)


# Two variables

tables = st.integers(1, 5).flatmap(
    lambda ny: st.lists(
        st.lists(st.integers(0, 6) | st.integers(0, 300), min_size=ny, max_size=ny),
        min_size=1,
        max_size=5,
    )
)


@pytest.mark.slow
@pytest.mark.parametrize("correction", [*NAMES, "nsb", 0.5])
@given(table=tables)
def test_measures_of_pairs_are_sums_of_corrected_entropies(correction, table):
    counts = JointCounts.from_table(table)
    table = np.array(table)
    hx, hy, hxy = (
        entropy_from_counts(c, correction=correction) for c in (table.sum(1), table.sum(0), table)
    )
    if correction in ("shrinkage", 0.5) and table.any():  # in the joint table, once
        p = pairs.of_table(table, correction)
        hx, hy, hxy = (pairs.entropy_of(q) for q in (p.sum(1), p.sum(0), p))
    option = {"correction": correction}
    assert counts.entropy_x(**option) == close(hx)
    assert counts.entropy_y(**option) == close(hy)
    assert counts.joint_entropy(**option) == close(hxy)
    assert counts.mutual_information(**option) == close(hx + hy - hxy)
    assert counts.conditional_entropy(**option) == close(hxy - hy)
    assert counts.conditional_entropy("y|x", **option) == close(hxy - hx)
    assert counts.variation_of_information(**option) == close(2 * hxy - hx - hy)
    assert counts.mutual_information(2, correction) == close((hx + hy - hxy) / math.log(2))
    assert counts.conditional_entropy("x|y", 2, correction) == close((hxy - hy) / math.log(2))


@given(table=tables)
def test_the_information_of_a_corrected_table_is_not_negative(table):
    counts = JointCounts.from_table(table)
    for correction in ("shrinkage", 0.25, 3.0):
        assert counts.mutual_information(correction=correction) >= 0.0
        for of in ("x|y", "y|x"):
            assert counts.conditional_entropy(of, correction=correction) >= 0.0


def test_a_corrected_difference_is_not_clipped():
    counts = JointCounts.from_table([[1, 1], [1, 1]])
    assert counts.mutual_information() == 0.0
    assert counts.mutual_information(correction="miller-madow") == close(2 / 8 - 3 / 8)
    assert JointCounts.from_table([[1, 0], [1, 0]]).conditional_entropy(
        "y|x", correction="grassberger"
    ) == close(entropy_from_counts([1, 1], correction="grassberger") * 0, absolute=1e-15)


def test_miller_madow_takes_the_chi_squared_expectation_off(rng):
    excess = []
    for _ in range(200):
        counts = JointCounts.from_labels(*rng.integers(0, 8, (2, 1000)))
        excess.append(counts.mutual_information() - counts.mutual_information(None, "miller-madow"))
    assert np.mean(excess) == pytest.approx(49 / 2000, rel=0.02)


@pytest.mark.parametrize("correction", ["jackknife", "grassberger", "chao-shen", "nsb", "zhang"])
def test_independent_data_have_little_corrected_information(correction, rng):
    found, plug_in = [], []
    for _ in range(100):
        counts = JointCounts.from_labels(*rng.integers(0, 8, (2, 250)))
        found.append(counts.mutual_information(correction=correction))
        plug_in.append(counts.mutual_information())
    assert abs(np.mean(found)) < 0.25 * np.mean(plug_in)


# The page that shows the bias

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def make_bias():
    spec = importlib.util.spec_from_file_location("make_bias", DOCS / "make_bias.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("bins", "n"), [(8, 100), (4, 1000)])
def test_the_page_shows_what_is_measured(make_bias, bins, n):
    page = (DOCS / "explanation" / "bias.md").read_text()
    lines = [re.split(r" *\| *", line)[1:-1] for line in page.splitlines()]
    (shown,) = (cells[2:] for cells in lines if cells[:2] == [f"{n:,}", f"{bins} x {bins}"])
    measured = [make_bias.expectation(bins, n), *make_bias.mean_information(bins, n)]
    assert [float(v) for v in shown] == pytest.approx([1000 * v for v in measured], abs=0.006)


def test_the_page_shows_all_corrections(make_bias):
    assert {c for c in make_bias.CORRECTIONS if not isinstance(c, float)} == set(CORRECTIONS)
    page = (DOCS / "explanation" / "bias.md").read_text("utf-8")
    assert all(f"| {make_bias.name_of(c)} |" in page for c in make_bias.CORRECTIONS)


# The kernels in a user's own function


@njit
def all_in_a_users_function(counts):
    return (
        kernels.entropy_miller_madow(counts),
        kernels.entropy_jackknife(counts),
        kernels.entropy_grassberger(counts),
        kernels.entropy_chao_shen(counts),
        kernels.entropy_shrinkage(counts, 11.0),
        kernels.entropy_zhang(counts),
        kernels.entropy_dirichlet(counts, 0.5, 11.0),
    )


@pytest.mark.slow
def test_kernels():
    found = all_in_a_users_function(read_only(np.array(R, float)))
    expected = [entropy_from_counts(R, correction=c) for c in TWINS if c is not None]
    assert found == pytest.approx(expected, rel=1e-15)
    nothing = all_in_a_users_function(read_only(np.zeros(3)))
    assert nothing == (0.0,) * 7
