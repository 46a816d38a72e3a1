"""How two tables differ, column by column."""

import json
import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
import scipy.spatial.distance
import scipy.stats
from helpers import close, objects, quiet
from hypothesis import given
from hypothesis import strategies as st
from reference import benjamini_hochberg, equal_count_edges

import fastinfo
from fastinfo import drift, num_threads
from fastinfo.streaming import open_files

NAN = math.nan


def only(reference, current, **options):
    """The one column that two samples differ in."""
    (row,) = drift({"a": reference}, {"a": current}, **options)
    return row


def measured(counts):
    """PSI, JS, information, G and its p-value of two rows of counts, in nats."""
    counts = np.array(counts, float)
    counts = counts[:, counts.any(axis=0)]
    n = counts.sum(axis=1, keepdims=True)
    p, q = np.where(counts > 0, counts, 0.5) / n
    g = scipy.stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")
    return (
        math.fsum((p - q) * np.log(p / q)),
        scipy.spatial.distance.jensenshannon(*(counts / n)) ** 2,
        g.statistic / 2 / counts.sum(),
        g.statistic,
        g.pvalue,
    )


def check(row, counts, **tolerance):
    psi, js, information, g2, pvalue = measured(counts)
    assert row.psi == close(psi)
    assert row.js == close(js, 1e-9, 1e-12)
    assert row.information == close(information, 1e-9, 1e-12)
    assert row.g2 == close(g2, 1e-9, 1e-9)
    if row.test == "g":
        assert row.pvalue == close(pvalue, 1e-9)


# What is measured


def test_labels(rng):
    x, y = rng.choice(list("abc"), 900), rng.choice(list("abd"), 700)
    row = only(x, y)
    counts = [[np.sum(part == level) for level in "abcd"] for part in (x, y)]
    check(row, counts)
    assert (row.levels, row.n_reference, row.n_current) == (4, 900, 700)
    assert row.note == "new levels: d"
    bits = only(x, y, base=2)
    assert bits.js == close(row.js / math.log(2))
    assert bits.information == close(row.information / math.log(2))
    assert (bits.psi, bits.g2, bits.pvalue) == (row.psi, row.g2, row.pvalue)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "f2", "u2"])
def test_numbers_have_the_bins_of_the_reference(dtype, rng):
    x = (rng.normal(size=1200) * 100 + 500).astype(dtype)
    y = (rng.normal(size=900) * 120 + 510).astype(dtype)
    row = quiet(only, x, y)
    edges = np.array(equal_count_edges(x.astype(float), 10))
    edges[0], edges[-1] = -math.inf, math.inf
    check(row, [np.histogram(part.astype(float), edges)[0] for part in (x, y)])
    outside = np.mean((y < x.min()) | (y > x.max()))
    assert row.note == f"outside reference: {100 * outside:.3g} %"
    assert row.levels == 10


def test_widths_rules_and_edges(rng):
    x, y = rng.normal(size=1000), rng.normal(size=800) * 1.2
    inside = np.clip(y, x.min(), x.max())
    for options, edges in (
        ({"strategy": "uniform"}, np.linspace(x.min(), x.max(), 11)),
        ({"bins": 4, "strategy": "uniform"}, np.linspace(x.min(), x.max(), 5)),
        ({"bins": "sturges", "strategy": "uniform"}, np.histogram_bin_edges(x, "sturges")),
        ({"bins": "mi"}, fastinfo.discretize(x, "mi", strategy="quantile").edges[0]),
    ):
        check(only(x, y, **options), [np.histogram(a, edges)[0] for a in (x, inside)])
    given = [-1.0, 0.0, 1.0]
    row = only(x, y, bins=given)
    assert row.levels == 2
    check(row, [[np.sum(a < 0), np.sum(a >= 0)] for a in (x, y)])
    assert row.note == f"outside reference: {100 * np.mean(np.abs(y) > 1):.3g} %"


def test_same_tables_do_not_differ(rng):
    table = {"a": rng.normal(size=500), "b": rng.choice(list("xy"), 500)}
    for row in drift(table, table):
        assert (row.psi, row.js) == (0.0, 0.0)
        assert abs(row.information) < 1e-12
        assert row.pvalue == close(1.0, 1e-6)
        assert row.note == ""


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=40),
    st.lists(st.integers(0, 6), min_size=1, max_size=40),
)
def test_small_tables_of_any_labels(x, y):
    row = only(x, y)
    counts = np.array([np.bincount(part, minlength=7) for part in (x, y)])
    if row.levels > 1:
        check(row, counts)
        assert 0.0 < row.pvalue <= 1.0
    else:
        assert row.note == "constant"
        assert (row.psi, row.js, row.pvalue) == (0.0, 0.0, 1.0)
    assert only(y, x).psi == close(row.psi)  # labels have no reference
    assert only(y, x).js == close(row.js)
    assert 0.0 <= row.js <= math.log(2) + 1e-12


def test_js_is_the_information_of_equally_large_tables(rng):
    row = only(rng.choice(4, 600), rng.choice(4, 600, p=[0.4, 0.3, 0.2, 0.1]))
    assert row.js == close(row.information, 1e-9)


def test_a_cell_that_is_empty_in_one_table_counts_as_half_a_row():
    row = only(["a"] * 30 + ["b"] * 10, ["a"] * 20)
    p, q = (0.75, 0.25), (1.0, 0.5 / 20)
    expected = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert row.psi == close(expected)
    assert math.isfinite(row.psi)


# Missing, infinite and odd values


def test_missing_is_a_level_of_its_own(rng):
    x, y = rng.normal(size=600), rng.normal(size=500)
    x[:60], y[:200] = NAN, NAN
    row, without = only(x, y), only(x, y, missing=None)
    assert (row.n_missing_reference, row.n_missing_current) == (60, 200)
    assert (row.n_reference, row.n_current, row.levels) == (540, 300, 10)
    assert row.pvalue < 1e-20
    assert without.pvalue > 1e-4
    edges = np.array(equal_count_edges(x[60:], 10))
    edges[0], edges[-1] = -math.inf, math.inf
    counts = [np.histogram(part[~np.isnan(part)], edges)[0] for part in (x, y)]
    check(without, counts)
    check(row, np.column_stack([counts, [60, 200]]))
    labels = only(["a", None, "b"] * 10, ["a", "b", "a"] * 10)
    check(labels, [[10, 10, 10], [20, 10, 0]])


def test_all_missing():
    row = only([1.5, 2.5] * 20, [NAN] * 30)
    assert row.pvalue < 1e-6
    assert (row.n_current, row.n_missing_current) == (0, 30)
    row = only([NAN] * 30, [1.5, 2.5] * 20)
    assert row.pvalue < 1e-6
    row = only([1.5, 2.5] * 20, [NAN] * 30, missing=None)
    assert math.isnan(row.psi)
    assert math.isnan(row.pvalue)
    assert row.test == ""
    both = only([None] * 5, [None] * 9)
    assert (both.psi, both.note) == (0.0, "all missing")


def test_infinite_numbers_are_in_the_outermost_bins(rng):
    x, y = rng.normal(size=400), rng.normal(size=300)
    high = y.copy()
    high[:30] = math.inf
    low = y.copy()
    low[:30] = -math.inf
    far = y.copy()
    far[:30] = 1e300
    assert only(x, high)[1:-1] == only(x, far)[1:-1]
    assert only(x, high).n_current == 300
    assert only(x, low)[1] == close(only(x, np.where(np.isinf(low), -1e300, low))[1])
    share = np.mean((low < x.min()) | (low > x.max()))
    assert only(x, low).note == f"outside reference: {100 * share:.3g} %"
    row = only(np.where(np.arange(400) < 9, math.inf, x), y)
    assert row.n_reference == 400
    assert only([math.inf] * 9, [1.0] * 9).levels == 2


def test_a_constant_number_has_bins_of_its_own_beside_it():
    row = only([0.0] * 50, [0.0] * 30 + [0.1] * 15 + [-0.1] * 5)
    check(row, [[0, 50, 0], [5, 30, 15]])
    assert row.note == "outside reference: 40 %"
    assert only([0.0] * 50, [0.0] * 50).note == "constant"


def test_integers_are_labels_while_few_differ_in_both_tables(rng):
    x = rng.integers(0, 20, 500)
    few = only(x, rng.integers(5, 30, 400))
    assert few.levels == 30
    assert few.note.startswith("new levels: ")
    assert few.note.endswith(" and 7 more")
    many = only(x, rng.integers(5, 200, 400))
    assert many.levels == 10
    assert many.note.startswith("outside reference: ")
    edges = np.array(equal_count_edges(x.astype(float), 10))
    assert edges.size == 11
    binned = only(x, rng.integers(5, 30, 400), discrete=False)
    assert binned.levels == 10
    assert only(x, x + 0.25, discrete={"a": True}).levels == 40


def test_integers_that_float64_does_not_hold():
    x = 2**60 + np.arange(1000)
    row = only(x, x + 500)
    check(row, [[100] * 10, [0] * 5 + [100] * 4 + [600]])
    assert row.note == "outside reference: 50 %"
    few = only(np.array([2**60, 2**60 + 1] * 50), np.array([2**60, 2**60 + 2] * 50))
    assert few.note == f"new levels: {2**60 + 2}"
    negative = np.arange(-(2**62), -(2**62) + 2000, 2)
    assert only(negative, negative - 2**61).note == "outside reference: 100 %"


def test_dates_of_any_unit(rng):
    days = pd.Series(pd.date_range("2020-01-01", periods=400))
    row = only(days, days.astype("datetime64[s]"))
    assert (row.psi, row.note) == (0.0, "")
    later = only(days.astype("datetime64[us]"), days + pd.Timedelta(days=200))
    assert later.note == "outside reference: 50 %"
    few = only(days[:3], days[2:5])
    assert few.note.startswith("new levels: 2020-01-04")


def test_truth_values_may_be_numbers_in_the_other_table():
    row = only([True, False] * 20, [0, 1, 1, 1] * 10)
    check(row, [[20, 20], [10, 30]])
    assert row.note == ""


def test_another_type_counts_as_one_level(rng):
    x = rng.normal(size=300)
    with pytest.warns(UserWarning, match="hold another type in one table than in the other.*: a"):
        row = only(x, objects([str(v) for v in x]))
    assert row.note == "numbers in reference, labels in current"
    assert row.levels == 11
    assert row.js == close(math.log(2))
    with pytest.warns(UserWarning, match="hold another type"):
        row = only(["1", "2"] * 50, x)
    assert row.note == "labels in reference, numbers in current"
    with pytest.warns(UserWarning, match="hold another type"):
        only(x, pd.Series(pd.date_range("2020", periods=9)))
    mixed = objects([1, "b"] * 20)
    assert only(mixed, mixed, discrete=True).psi == 0.0


def test_labels_that_are_nearly_all_different_are_no_drift():
    with pytest.warns(UserWarning, match=r"nearly unique .*: a"):
        row = only([f"i{k}" for k in range(200)], [f"j{k}" for k in range(200)])
    assert row.pvalue == close(1.0, 1e-9)
    assert row.note == "nearly unique; new levels: j0, j1, j10 and 197 more"


# Tables


def make_tables(rng, n=600, m=500):
    reference = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": rng.integers(0, 5, n),
            "c": rng.choice(list("xyz"), n),
            "d": rng.normal(size=n).astype("f4"),
            "e": np.where(rng.random(n) < 0.1, NAN, rng.random(n)),
            "f": rng.integers(0, 1000, n),
        }
    )
    current = pd.DataFrame(
        {
            "f": rng.integers(0, 1000, m),
            "e": np.where(rng.random(m) < 0.3, NAN, rng.random(m)),
            "d": (rng.normal(size=m) + 0.5).astype("f4"),
            "c": rng.choice(list("xyw"), m),
            "b": rng.integers(0, 5, m),
            "a": rng.normal(size=m),
        }
    )
    return reference, current


def test_order_and_adjusted_pvalues(rng):
    found = drift(*make_tables(rng))
    adjusted = benjamini_hochberg([row.pvalue for row in found])
    assert [row.adjusted_pvalue for row in found] == close(adjusted)
    significant = [row.adjusted_pvalue <= 0.05 for row in found]
    assert significant == sorted(significant, reverse=True)
    assert [row.name for row in found.significant()] == ["c", "e", "d"]
    for rows in (found.significant(), found[len(found.significant()) :]):
        assert [row.js for row in rows] == sorted((row.js for row in rows), reverse=True)
    assert found["c"] == found[0]
    assert "c" in found
    assert found.notes()["c"] == "new levels: w"


def test_every_kind_of_table_gives_the_same(rng, tmp_path):
    reference, current = make_tables(rng)
    found = drift(reference, current)
    paths = [str(tmp_path / f"{name}.parquet") for name in ("reference", "current")]
    texts = [str(tmp_path / f"{name}.csv") for name in ("reference", "current")]
    for table, path, text in zip((reference, current), paths, texts, strict=True):
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        pyarrow.parquet.write_table(arrow, path, row_group_size=70)
        table.to_csv(text, index=False)
    for a, b in (
        (pl.from_pandas(reference), pa.Table.from_pandas(current)),
        ({name: reference[name].to_numpy() for name in reference}, pl.from_pandas(current).lazy()),
        paths,
        texts,
        [open_files(path) for path in paths],
        [reference, open_files(texts[1])],
        [open_files(paths[0]), current],
    ):
        again = drift(a, b)
        for row, same in zip(again, found, strict=True):
            assert row[:1] + row[7:] == same[:1] + same[7:]
            assert row[1:7] == close(same[1:7], 1e-5 if row.name == "d" else 1e-12)


def test_parts_of_many_rows(rng, tmp_path):
    n = 150_000
    columns = {"a": rng.normal(size=n), "b": np.where(rng.random(n) < 0.5, 0.0, rng.random(n))}
    path = str(tmp_path / "a.parquet")
    pyarrow.parquet.write_table(pa.table(columns), path, row_group_size=20_000)
    other = {"a": rng.normal(size=1000), "b": rng.random(1000)}
    assert drift(open_files(path), other).to_dict() == drift(columns, other).to_dict()


@pytest.mark.slow
def test_types_that_change_between_parts(tmp_path):
    for i, values in enumerate((["1", "2"], ["1", "x"], ["3", ""])):
        (tmp_path / f"{i}.csv").write_text("a\n" + "\n".join(values * 40) + "\n")
    reference = {"a": ["1", "2", "x"] * 20}
    found = quiet(drift, reference, open_files(f"{tmp_path}/*.csv"))
    assert found.n_current == 240


def test_arrays_are_matched_by_place(rng):
    X, Y = rng.normal(size=(300, 3)), rng.normal(size=(200, 3))
    found = drift(X, Y)
    assert sorted(found.names) == ["x0", "x1", "x2"]
    named = drift(X, pd.DataFrame(Y, columns=list("abc")))
    assert sorted(named.names) == ["a", "b", "c"]
    assert named["b"][1:] == found["x1"][1:]
    assert drift(pd.DataFrame(X, columns=list("abc")), Y)["c"][1:] == found["x2"][1:]
    assert drift(X, Y, columns=["x2"]).names == ["x2"]
    with pytest.raises(ValueError, match="the same number of columns"):
        drift(X, Y[:, :2])


def test_columns_of_one_table_alone_are_named(rng):
    reference, current = make_tables(rng)
    with (
        pytest.warns(UserWarning, match="that only reference has are left out: a, b"),
        pytest.warns(UserWarning, match="that only current has are left out: new"),
    ):
        found = drift(reference, current.drop(columns=["a", "b"]).assign(new=1))
    assert sorted(found.names) == ["c", "d", "e", "f"]
    assert drift(reference, current.assign(new=1), columns=["f", "a"]).n_current == 500
    with pytest.raises(ValueError, match="a column in common"):
        quiet(drift, {"a": [1]}, {"b": [1]})


def test_columns_that_cannot_be_read_are_left_out(rng):
    reference = {"a": rng.normal(size=30), "b": objects([complex(1, i) for i in range(30)])}
    with pytest.warns(UserWarning, match="can't be read are left out: b"):
        assert drift(reference, reference).names == ["a"]
    nested = pa.table({"a": [1.5, 2.5, 3.5], "l": [[1], [2], [3]]})
    with pytest.warns(UserWarning, match="lists, structs or maps are left out: 'l'"):
        assert drift(nested, {"a": [1.5, 2.5]}, columns=["a"]).names == ["a"]


def test_how_it_shows(rng):
    found = drift(*make_tables(rng))
    assert repr(found).endswith("[6 columns, 3 significant; 600 and 500 rows; nats]")
    assert "new levels: w" in repr(found)
    assert found.to_pandas().columns.tolist() == list(found[0]._fields)
    assert found.to_polars().shape == (6, 14)
    assert "<caption>6 columns" in found._repr_html_()
    assert found.to_text(2).count("\n") == 2
    assert pickle.loads(pickle.dumps(found)).to_dict() == found.to_dict()
    assert json.loads(json.dumps(found.to_dict()))["name"] == found.names


def test_the_same_bits_for_any_number_of_threads(rng, threads):
    tables = make_tables(rng, 20_000, 15_000)
    found = drift(*tables)
    with num_threads(1):
        assert drift(*tables).to_dict() == found.to_dict()


def test_inputs_stay_as_they_are(rng):
    reference, current = make_tables(rng)
    before = reference.copy(), current.copy()
    drift(reference, current)
    pd.testing.assert_frame_equal(reference, before[0])
    pd.testing.assert_frame_equal(current, before[1])


def test_progress(rng, tmp_path):
    reference, current = make_tables(rng)
    calls = []
    drift(reference, current, progress=lambda *call: calls.append(call))
    assert calls == [(300, 1100), (600, 1100), (1100, 1100)]
    path = str(tmp_path / "r.parquet")
    pyarrow.parquet.write_table(pa.Table.from_pandas(reference), path, row_group_size=200)
    calls.clear()
    drift(open_files(path), current, progress=lambda *call: calls.append(call))
    assert calls[-1] == (1100, 1100)
    assert calls == sorted(calls)


# How sure it is


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["numbers", "few", "skewed", "labels", "many labels", "gaps"])
def test_false_alarms_among_tables_of_one_population(kind, rng):
    def sample(n, f=800):
        match kind:
            case "numbers":
                return rng.normal(size=(n, f))
            case "few":
                return rng.integers(0, 3, (n, f))
            case "skewed":
                return np.where(rng.random((n, f)) < 0.6, 0.0, rng.exponential(size=(n, f)))
            case "labels":
                return rng.choice(list("abcde"), (n, f), p=[0.6, 0.2, 0.1, 0.07, 0.03])
            case "many labels":
                return (rng.zipf(1.6, (n, f)) % 1000).astype(str)
        return np.where(rng.random((n, f)) < 0.2, NAN, rng.normal(size=(n, f)))

    found = quiet(drift, sample(400), sample(300))
    alarms = np.mean([row.pvalue < 0.05 for row in found])
    assert 0.03 <= alarms <= 0.07
    assert len(found.significant()) <= 2


def test_permutations(rng):
    x, y = rng.choice(4, 200), rng.choice(4, 150)
    row = only(x, y, n_permutations=999, seed=1)
    assert row.test == "permutation"
    assert row.pvalue == close(only(x, y).pvalue, 0.0, 0.05)
    assert only(x, y, n_permutations=999, seed=1) == row
    assert only(x, y, n_permutations=0).test == "g"
    shifted = only(x, y % 2, n_permutations=99, seed=1)
    assert shifted.pvalue == 0.01


# What is refused


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"bins": "fd"}, ValueError, "bins must be a number, edges or one of"),
        ({"bins": 0}, ValueError, "must be positive"),
        ({"bins": [0.0, 0.0]}, ValueError, "at least two finite edges"),
        ({"bins": [0.0, math.inf]}, ValueError, "at least two finite edges"),
        ({"strategy": "mdl"}, ValueError, "strategy must be one of"),
        ({"columns": "a"}, TypeError, "columns must be a list of names"),
        ({"columns": []}, ValueError, "columns must name at least one"),
        ({"columns": ["b"]}, ValueError, "columns: the two tables have no column 'b'"),
        ({"alpha": 2}, ValueError, "alpha"),
        ({"missing": "drop"}, ValueError, "missing must be one of"),
        ({"discrete": {"b": True}}, ValueError, "'b'"),
        ({"base": 1}, ValueError, "base"),
    ],
)
def test_options_that_are_refused(options, error, said):
    with pytest.raises(error, match=said):
        drift({"a": [1.0, 2.0]}, {"a": [1.0]}, **options)


def test_tables_that_are_refused():
    good = {"a": [1.0, 2.0]}
    for reference, current, said in (
        ([1.0, 2.0], good, "reference must be two-dimensional"),
        (good, 3, "current must be an array"),
        (np.zeros((0, 1)), np.zeros((2, 1)), "reference must have at least one row"),
        (np.zeros((2, 1)), np.zeros((0, 1)), "current must have at least one row"),
        (good, "no such.csv", "no such"),
    ):
        with pytest.raises((TypeError, ValueError, OSError), match=said):
            drift(reference, current)
    with pytest.raises(TypeError, match="a"):
        drift({"a": ["x", "y"]}, {"a": ["x", "y"]}, discrete=False)


@pytest.mark.parametrize(
    ("gaps", "note"),
    [
        ((0, 162), "missing: 0 % in reference, 10.8 % in current"),
        ((1500, 3), "constant; mostly missing; missing: 100 % in reference, 0.2 % in current"),
        ((30, 1), "missing: 2 % in reference, < 0.1 % in current"),
        ((30, 44), ""),
        ((0, 0), ""),
        ((1500, 1500), "all missing"),
    ],
)
def test_gaps_that_differ_are_noted(gaps, note):
    """They are a level of psi, whose columns are not shown where there is no room."""
    x = np.arange(1500) % 97 * 0.5
    tables = [np.where(np.arange(1500) < n, np.nan, x) for n in gaps]
    row = fastinfo.drift({"x": tables[0]}, {"x": tables[1]})["x"]
    assert row.note == note
    if max(gaps) < 1500:
        assert fastinfo.drift({"x": tables[0]}, {"x": tables[1]}, missing=None)["x"].note == ""
