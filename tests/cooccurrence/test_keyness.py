"""Words of two groups: values, rows, order, and what may come in."""

import json
import math
import pickle
from collections import Counter, OrderedDict

import numpy as np
import pandas as pd
import pytest
import reference.cooccurrence as reference
import scipy.sparse
import scipy.stats
from helpers import fixed
from hypothesis import given
from hypothesis import strategies as st
from reference import benjamini_hochberg

from fastinfo.cooccurrence import Keyness, KeyWord, association, keyness

NAN = math.nan
A = {"tea": 40, "cup": 55, "the": 900, "hot": 12, "rare": 1}
B = {"tea": 3, "cup": 60, "the": 1100, "car": 30}


def by_name(found):
    return {row.name: row for row in found}


# Values


@given(
    st.lists(
        st.tuples(*2 * [st.sampled_from([0, 0, 1, 2, 5, 17, 1000, 10**9])]),
        min_size=1,
        max_size=8,
    ).filter(lambda pairs: all(sum(side) for side in zip(*pairs, strict=True))),
    st.sampled_from(["dunning", "rayson-garside"]),
)
def test_each_word_is_that_of_the_slow_twin(pairs, formula):
    a, b = zip(*pairs, strict=True)
    found = by_name(keyness(a, b, formula=formula))
    for i, (g2, log_ratio) in enumerate(reference.keyness(a, b, formula)):
        row = found[f"x{i}"]
        assert (row.count_a, row.count_b) == (a[i], b[i])
        assert row.g2 == pytest.approx(g2, rel=1e-12, abs=1e-9, nan_ok=True)
        assert row.log_ratio == pytest.approx(log_ratio, rel=1e-12, abs=1e-12, nan_ok=True)


def test_g2_and_its_pvalue_are_those_of_the_g_test():
    n_a, n_b = sum(A.values()), sum(B.values())
    for row in keyness(A, B):
        table = [[row.count_a, row.count_b], [n_a - row.count_a, n_b - row.count_b]]
        theirs = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        assert abs(row.g2) == pytest.approx(theirs.statistic, rel=1e-10)
        assert row.pvalue == pytest.approx(theirs.pvalue, rel=1e-10)
        assert (row.g2 > 0) == (row.count_a / n_a > row.count_b / n_b)


def test_the_formula_of_rayson_and_garside():
    # E1 = c (a + b) / (c + d), E2 = d (a + b) / (c + d), LL = 2 (a log(a / E1) + b log(b / E2))
    a, b, c, d = 120, 90, 10_000, 12_000
    e1, e2 = c * (a + b) / (c + d), d * (a + b) / (c + d)
    found = keyness([a], [b], ["word"], total_a=c, total_b=d, formula="rayson-garside")
    expected = 2 * (a * math.log(a / e1) + b * math.log(b / e2))
    assert found["word"].g2 == pytest.approx(expected, rel=1e-12)
    assert found["word"].pvalue == pytest.approx(scipy.stats.chi2.sf(expected, 1), rel=1e-10)
    whole = keyness([a], [b], ["word"], total_a=c, total_b=d)["word"].g2
    assert expected < whole < 1.02 * expected


def test_log_ratio_is_hardies():
    found = keyness(A, B)
    n_a, n_b = sum(A.values()), sum(B.values())
    assert found["cup"].log_ratio == pytest.approx(math.log2(55 / n_a / (60 / n_b)), rel=1e-12)
    assert found["hot"].log_ratio == pytest.approx(math.log2(12 / n_a / (0.5 / n_b)), rel=1e-12)
    assert found["car"].log_ratio == pytest.approx(math.log2(0.5 / n_a / (30 / n_b)), rel=1e-12)
    nats = keyness(A, B, base=None)
    assert nats["cup"].log_ratio == pytest.approx(found["cup"].log_ratio * math.log(2), rel=1e-12)
    infinite = keyness(A, B, zero=0)
    assert (infinite["hot"].log_ratio, infinite["car"].log_ratio) == (math.inf, -math.inf)


def test_the_same_shares_differ_by_exactly_0():
    found = keyness({"a": 3, "b": 7}, {"a": 9, "b": 21})
    assert [row[3:] for row in found] == [(0.0, 0.0, 1.0, 1.0)] * 2


def test_values_are_those_of_association():
    words = sorted({*A, *B})
    table = np.array([[group.get(word, 0) for group in (A, B)] for word in words])
    g2 = association(table, measure="g2")[:, 0]
    ratios = association(table, measure="log-ratio", base=2)[:, 0]
    found = by_name(keyness(A, B))
    for word, value, ratio in zip(words, g2, ratios, strict=True):
        assert found[word].g2 == pytest.approx(value, rel=1e-12)
        if word in A:
            assert found[word].log_ratio == pytest.approx(ratio, rel=1e-12)


def test_pvalues_are_adjusted_over_all_words():
    found = keyness(A, B)
    adjusted = benjamini_hochberg([row.pvalue for row in found])
    assert [row.adjusted_pvalue for row in found] == pytest.approx(adjusted, rel=1e-12)
    assert found.significant().names == ["tea", "hot", "the", "car"]


def test_groups_changed_over():
    there, back = keyness(A, B), by_name(keyness(B, A))
    for row in there:
        other = back[row.name]
        assert (other.count_a, other.count_b) == (row.count_b, row.count_a)
        assert other.g2 == pytest.approx(-row.g2, rel=1e-12)
        assert other.log_ratio == pytest.approx(-row.log_ratio, rel=1e-12)


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**700, 1e300])
def test_weights_of_any_size(scale):
    plain = keyness([2.5, 7.0], [1.25, 30.0])
    found = keyness(np.array([2.5, 7.0]) * scale, np.array([1.25, 30.0]) * scale)
    assert found.names == plain.names
    for row, other in zip(found, plain, strict=True):
        assert row.g2 == pytest.approx(other.g2 * scale, rel=1e-12)
        assert row.log_ratio == pytest.approx(other.log_ratio, rel=1e-12)


# Rows


def test_words_of_the_first_group_are_first():
    found = keyness(A, B)
    assert isinstance(found, Keyness)
    assert isinstance(found[0], KeyWord)
    assert found.names == ["tea", "hot", "rare", "cup", "the", "car"]
    assert [row.g2 for row in found] == sorted((row.g2 for row in found), reverse=True)
    assert (found.total_a, found.total_b) == (sum(A.values()), sum(B.values()))
    assert "tea" in found
    assert found[-1].name == "car"
    assert found[:2].names == ["tea", "hot"]
    with pytest.raises(KeyError, match="there is no row 'coffee'"):
        found["coffee"]


def test_rows_go_elsewhere():
    found = keyness(A, B)
    frame = found.to_pandas()
    assert list(frame) == list(KeyWord._fields)
    assert frame["count_a"].dtype == np.int64
    assert list(found.to_polars()["name"]) == found.names
    assert json.loads(json.dumps(found.to_dict()))["count_b"][0] == 3
    assert pickle.loads(pickle.dumps(found)).rows == found.rows
    assert "<td>tea</td>" in found._repr_html_()
    printed = repr(found).split("\n")
    assert printed[1].split() == ["tea", "40", "3", "45.16", "3.980", "1.82e-11", "1.09e-10"]
    assert printed[-1] == ("[6 rows, 4 significant; 1,008 and 1,193 counts; log ratio in bits]")
    assert repr(keyness([1.5], [2])).split("\n")[1].split()[:3] == ["x0", "1.5", "2"]


def test_words_of_neither_group_are_last_and_nan():
    found = keyness([0, 5, 0], [0, 5, 3], ["nowhere", "both", "one"])
    assert found.names == ["both", "one", "nowhere"]
    assert found["nowhere"][:3] == ("nowhere", 0, 0)
    assert np.isnan(found["nowhere"][3:]).all()
    assert found["both"].adjusted_pvalue < 1  # among two


# What comes in


def expected_rows(found):
    return [tuple(row) for row in found]


def test_containers_of_the_same_counts():
    words = sorted({*A, *B})
    a, b = ([group.get(word, 0) for word in words] for group in (A, B))
    expected = expected_rows(keyness(a, b, words))
    assert expected_rows(keyness(Counter(A), OrderedDict(B), words)) == expected
    assert (
        expected_rows(keyness(pd.Series(A), pd.Series(B).sample(frac=1, random_state=0), words))
        == expected
    )
    assert expected_rows(keyness(pd.Series(A), B, words)) == expected
    for one in (
        np.array(a, np.uint16),
        np.array([a], np.int32),
        np.array(a)[:, None],
        scipy.sparse.csr_array([a]),
        scipy.sparse.coo_matrix([a]).T,
        tuple(a),
        np.array(a, ">i8")[::-1][::-1],
    ):
        assert expected_rows(keyness(one, b, np.array(words))) == expected
    floats = keyness(np.array(a, float), b, words)
    assert [row[3:] for row in floats] == [row[3:] for row in expected]
    rows = sorted(expected_rows(keyness(A, B)))
    assert rows == sorted(expected)


def test_inputs_stay_as_they_are():
    a, b = fixed([3.0, 4.0]), fixed([1, 2])
    keyness(a, b)
    one, two = Counter(A), dict(B)
    keyness(one, two)
    assert (one, two) == (A, B)
    assert (a.tolist(), b.tolist()) == ([3.0, 4.0], [1, 2])


def test_names_choose_words_and_all_count_in_the_totals():
    found = keyness(A, B, ["cup", "tea", "milk"])
    assert found.names == ["tea", "cup", "milk"]
    assert found["tea"].g2 == keyness(A, B)["tea"].g2
    assert found["milk"].count_a == 0


def test_bigrams_and_other_names():
    found = keyness({("new", "york"): 3, 7: 1}, {("new", "york"): 1, 8: 5})
    assert sorted(found.names) == ["7", "8", "new york"]


def test_totals_of_more_words():
    found = keyness({"tea": 4}, {"tea": 1}, total_a=100, total_b=100.0)
    table = [[4, 1], [96, 99]]
    theirs = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert found["tea"].g2 == pytest.approx(theirs.statistic, rel=1e-12)
    assert (found.total_a, found.total_b) == (100, 100)


def test_rare_words_are_left_out_before_pvalues_are_adjusted():
    found = keyness(A, B, min_count=12)
    assert found.names == ["tea", "hot", "cup", "the", "car"]
    assert found["tea"].g2 == keyness(A, B)["tea"].g2
    adjusted = benjamini_hochberg([row.pvalue for row in found])
    assert [row.adjusted_pvalue for row in found] == pytest.approx(adjusted, rel=1e-12)
    assert len(keyness(A, B, min_count=10**6)) == 0
    assert repr(keyness(A, B, min_count=10**6)).startswith("name")


@pytest.mark.parametrize(
    ("groups", "options", "error", "message"),
    [
        (([1, -2, -3], [1, 2, 3]), {}, ValueError, "counts_a must not hold negative counts, got 2"),
        ((A, {"x": NAN}), {}, ValueError, "counts_b must hold finite counts, got 1 that are NaN"),
        (([1], [1, 2]), {}, ValueError, "must have the same length, got 1 and 2 counts"),
        (([0, 0], [1, 2]), {}, ValueError, "counts_a must hold at least one count, got none"),
        ((A, {}), {}, ValueError, "counts_b must hold at least one count, got none"),
        ((A, [1, 2]), {}, TypeError, "must both have names, .* got names in counts_a alone"),
        (([1, 2], A), {}, TypeError, "got names in counts_b alone"),
        ((["tea", "cup"], B), {}, TypeError, "counts_a must hold counts, got words: coll"),
        (("tea", "cup"), {}, TypeError, "counts_a must hold counts, got words"),
        ((np.array(["tea"]), [1]), {}, TypeError, "counts_a must be an array of real numbers"),
        (([1j], [1]), {}, TypeError, "counts_a must be an array of real numbers"),
        ((np.ones((2, 2)), [1]), {}, ValueError, "counts_a must be one-dimensional"),
        (([1, 2], [3, 4]), {"names": ["a"]}, ValueError, "names must hold 2 names, .* got 1"),
        (([1, 2], [3, 4]), {"names": ["a", "a"]}, ValueError, "names must have different names"),
        (({1: 2, "1": 3}, A), {}, ValueError, "counts_a must have different .* one 1"),
        ((A, B), {"names": "tea"}, TypeError, "names must be a sequence of names, got 'tea'"),
        ((A, B), {"names": 3}, TypeError, "names must be a sequence of names, got 3"),
        ((A, B), {"total_a": 9}, ValueError, "the sum of counts_a, 1008, got 9"),
        ((A, B), {"total_b": "9"}, TypeError, "total_b must be a number, got '9'"),
        ((A, B), {"total_b": math.inf}, ValueError, "total_b must be a number of at least"),
        ((A, B), {"base": -2}, ValueError, "base must also not be 1, got -2"),
        ((A, B), {"zero": -1}, ValueError, "zero must be a number of at least 0, got -1"),
        ((A, B), {"min_count": None}, TypeError, "min_count must be a number of at least 0"),
        ((A, B), {"formula": "yates"}, ValueError, "formula must be one of 'dunning', 'rayson-gar"),
        ((A, B), {"alpha": 1}, ValueError, "alpha must lie between 0 and 1"),
        (([1e308, 1e308], [1, 1]), {}, ValueError, "counts_a must hold counts whose sum is finite"),
    ],
    ids=range(26),
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(groups, options, error, message):
    with pytest.raises(error, match=message):
        keyness(*groups, **options)
