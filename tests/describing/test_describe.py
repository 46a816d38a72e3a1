"""What a description says of columns: of any library, in memory and in parts."""

import datetime as dt
import decimal
import fractions
import json
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import quiet
from pyarrow import dataset, parquet

import fastinfo
from fastinfo.cli import run
from fastinfo.describing import description as _description
from fastinfo.describing import distinct_values, number_texts, tallies
from fastinfo.streaming import open_files

DAYS = [dt.date(2024, 2, day) for day in (3, 1, 2)]
NOON, HOUR = dt.datetime(2024, 2, 3, 12), dt.timedelta(hours=1)
MONEY, THIRD = decimal.Decimal("1.10"), fractions.Fraction(1, 3)


def described(values, **options):
    return fastinfo.describe({"x": values}, **options)["x"]


def many(n=200):
    """A table with something to say of most columns."""
    rng = np.random.default_rng(5)
    return {
        "number": rng.normal(size=n),
        "whole": rng.integers(0, 1000, n),
        "few": rng.integers(0, 4, n),
        "label": rng.choice(["a", "b", "c"], n, p=[0.2, 0.5, 0.3]).tolist(),
        "constant": np.full(n, 7.5),
        "id": [f"u{i}" for i in range(n)],
        "row": np.arange(n),
        "gaps": np.where(rng.random(n) < 0.8, np.nan, rng.normal(size=n)),
        "flag": rng.random(n) < 0.3,
        "price": [f"${i % 40}.50" for i in range(n)],
    }


# Kinds


@pytest.mark.parametrize(
    ("values", "kind", "least", "most"),
    [
        ([1.5, 0.25, 2.0], "numbers", 0.25, 2.0),
        ([1.5, None, 2.0], "numbers", 1.5, 2.0),
        (np.arange(33), "whole numbers", 0, 32),
        (np.arange(32), "whole numbers as labels", 0, 31),
        ([MONEY, 2 * MONEY], "numbers", MONEY, 2 * MONEY),
        ([THIRD] * 3, "numbers", THIRD, THIRD),
        (DAYS, "dates as labels", min(DAYS), max(DAYS)),
        ([NOON, None], "dates and times as labels", NOON, NOON),
        ([2 * HOUR, HOUR], "durations as labels", HOUR, 2 * HOUR),
        ([dt.time(1, 2), dt.time(0, 5)], "times of day as labels", dt.time(0, 5), dt.time(1, 2)),
        (["b", "a"], "labels", None, None),
        ([True, False], "true/false", None, None),
        ([True, None, False], "true/false", None, None),
        ([None, None], "nothing", None, None),
        ([2**63 + 1, 2**63 + 3], "whole numbers as labels", 2**63 + 1, 2**63 + 3),
        ([-(2**62) - 1, 2**62 + 1, None], "whole numbers as labels", -(2**62) - 1, 2**62 + 1),
    ],
)  # fmt: skip
def test_kind_and_range(values, kind, least, most):
    row = described(values)
    assert (row.kind, row.least, row.most) == (kind, least, most)
    assert type(row.least) is type(least)


def test_ranges_are_as_the_libraries_have_them():
    stamps = pd.date_range("2024-01-01", periods=50, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"t": stamps, "p": pd.period_range("2020-01", periods=50, freq="M")})
    found = fastinfo.describe(frame)
    assert found["t"].kind == "dates and times"
    assert found["t"].least == stamps[0]
    assert found["t"].most.utcoffset() == dt.timedelta(hours=1)
    assert (found["p"].kind, str(found["p"].most)) == ("periods", "2024-02")


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_all_libraries_say_the_same(make):
    expected = [tuple(row) for row in fastinfo.describe(many())]
    assert [tuple(row) for row in fastinfo.describe(make(many()))] == expected


def test_discrete_is_what_the_user_says():
    assert described([1.5, 2.5, 2.5], discrete=True).kind == "numbers as labels"
    assert described([1.5, 2.5, 2.5], discrete={"x": True}).common == 2.5
    assert described([1, 2], discrete=False).kind == "whole numbers"
    assert described([1, 2], discrete=False).common is None
    refused = described(["a", "b"], discrete=False)
    assert refused.kind == "left out"
    assert "must be real numbers" in refused.alerts
    with pytest.raises(ValueError, match="discrete must name columns that are there"):
        described([1, 2], discrete={"z": True})


def test_the_kind_is_that_of_the_ranking():
    table = many()
    rank = quiet(fastinfo.rank_features, table, "flag")
    for row in fastinfo.describe(table):
        if row.name in rank.names and ("label" in row.kind or row.kind == "true/false"):
            assert rank[row.name].levels == row.n_levels, row
        elif row.name in rank.names:
            assert rank[row.name].levels <= row.n_levels


# Counts


def test_counts():
    row = described([1.0, np.inf, -np.inf, np.nan, None, 3.0, 3.0])
    assert (row.n_levels, row.exact, row.n_missing, row.n_infinite) == (2, True, 2, 2)
    assert (row.least, row.most) == (1.0, 3.0)
    assert row.alerts == "numbers with infinite values (2)"


def test_the_most_frequent_label():
    assert described(["b", "a", "b", None]).common == "b"
    assert described([3, 3, 1]).common == 3
    assert type(described(np.array([3, 3, 1])).common) is int
    assert described([True, False, True]).common is True
    assert described(DAYS + DAYS[:1]).common == DAYS[0]
    assert described(np.linspace(0, 1, 50)).common is None
    assert described(pd.Categorical(["b", "c", "c"], ["a", "b", "c"])).n_levels == 2


# Alerts


def test_alerts():
    found = fastinfo.describe(many()).alerts()
    assert found == {
        "constant": "constant",
        "id": "nearly unique",
        "row": "row number",
        "gaps": "mostly missing",
        "price": "text whose cells are numbers with currency: taken as labels",
    }


def test_copies_are_found():
    table = many()
    table["copy"] = table["number"].copy()
    table["other words"] = [{"a": "x", "b": "y", "c": "z"}[v] for v in table["label"]]
    found = fastinfo.describe(table)
    assert found["copy"].alerts == "same as number"
    assert found["other words"].alerts == "same as label"


def test_few_values_that_all_differ_are_no_copies():
    assert not fastinfo.describe({"a": [1, 2, 3], "b": ["x", "y", "z"]}).alerts()


def test_all_missing():
    row = described([None, None, np.nan])
    assert (row.alerts, row.n_levels, row.n_missing) == ("all missing", 0, 3)


def test_nested_columns_are_said_in_their_place():
    table = pa.table({"a": [1, 2], "b": [[1], [2]], "c": ["x", "y"]})
    for data in (table, dataset.dataset(table), table.to_pandas(), pl.from_arrow(table)):
        found = fastinfo.describe(data)
        assert found.names == ["a", "b", "c"]
        assert found["b"].kind == "left out"
        assert found["b"].alerts.startswith("nested: ")


def test_what_is_neither_number_nor_label_stops_nothing():
    found = fastinfo.describe(pd.DataFrame({"odd": [2j, 1j], "fine": [1, 2]}))
    assert found["odd"].kind == "left out"
    assert found["odd"].alerts
    assert found["fine"].n_levels == 2


@pytest.mark.slow
def test_what_a_file_is_taken_for_comes_first(tmp_path):
    rows = [f"${i % 7}.50,{i % 5},{'?' if i % 20 == 0 else i}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["price,few,odd", *rows]))
    for data in (tmp_path / "t.csv", quiet(open_files, tmp_path / "t.csv")):
        found = quiet(fastinfo.describe, data)
        assert found["price"].kind == "numbers"
        assert found["price"].alerts == "numbers with currency ($)"
        assert found["odd"].alerts.startswith("numbers; 10 cells are none")
        assert found["few"].alerts == ""


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (["1", "2.5", "-3", ".5", "1e5"], "numbers"),
        (["1,234", "12,345,678.9"], "numbers with thousands separators"),
        (["1,5", "1.234,56"], "numbers with a decimal comma"),
        (["12%", "3.5 %", "-1%"], "numbers with percent"),
        (["$12", "$1,234.50", "-$3", "5 €", "EUR 7"], "numbers with currency"),
        (["2024-01-31", "2024-02-01 12:30"], "dates"),
        (["31.12.2024", "1/2/24"], "dates"),
    ],
)
def test_texts_that_are_numbers(texts, what):
    assert described(texts).alerts == f"text whose cells are {what}: taken as labels"
    assert (
        described([*texts * 20, "?"]).alerts
        == f"text nearly all of whose cells are {what}: taken as labels"
    )
    assert "text" not in described([*texts, *["word"] * len(texts)]).alerts


@pytest.mark.parametrize(
    "texts",
    [
        ["00123", "04567"],
        ["a1", "b2"],
        ["1-2", "3-4"],
        ["", ""],
        ["1.2.3.4", "5.6.7.8"],
        ["9" * 50],
    ],
)
def test_texts_that_are_none(texts):
    assert "text" not in described(texts).alerts


def test_of_many_texts_some_are_looked_at():
    texts = [str(i) for i in range(10_000)]
    alert = number_texts.alert_of_texts(np.array(texts, object), np.ones(10_000, np.int64))
    assert alert == "text whose cells are numbers: taken as labels"


# In parts


@pytest.fixture
def files(tmp_path):
    """The table in two files."""
    table = pa.table(many()).drop_columns("price")
    for i in range(2):
        parquet.write_table(table.slice(100 * i, 100), tmp_path / f"{i}.parquet", row_group_size=30)
    return str(tmp_path / "*.parquet")


def test_parts_give_the_same(files):
    whole = {row.name: row for row in fastinfo.describe(many())}
    found = fastinfo.describe(open_files(files))
    assert found.n_rows == 200
    for row in found:
        expected = whole[row.name]
        assert row == expected
    assert fastinfo.describe(files).to_dict() == found.to_dict()


def test_many_values_in_parts_are_estimated(tmp_path):
    n = 60_000
    rng = np.random.default_rng(3)
    table = pa.table(
        {
            "id": [f"user {i}" for i in range(n)],
            "gaps": pa.array([None if i % 10 else i / 7 for i in range(n)], pa.float64()),
            "half": pa.array(rng.integers(0, 30_000, n)),
            "small": pa.array(rng.integers(0, 5000, n)),
            "wide": pa.array(rng.integers(0, 30_000, n)).cast(pa.decimal256(50, 2)),
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=9000)
    found = fastinfo.describe(open_files(tmp_path / "t.parquet"))
    for row in found:
        exact = len(table[row.name].unique().drop_null())
        assert row.exact == (exact <= 10_000), row
        assert row.n_levels == pytest.approx(exact, rel=0.08 if not row.exact else 0)
    assert found["id"].alerts == "nearly unique"
    assert found["gaps"].n_missing == n - n // 10
    assert found["id"].common is None
    assert found["half"].least == table["half"].to_numpy().min()
    assert "~" in found.to_text()


def test_estimates_do_not_depend_on_the_parts():
    hashes = distinct_values.Hashes()
    values = pa.chunked_array([np.arange(50_000)])
    one, other = distinct_values.DistinctValues(), distinct_values.DistinctValues()
    one.add(hashes.of([values])[0])
    for i in range(0, 50_000, 7000):
        other.add(hashes.of([values.slice(i, 7000)])[0])
        other.add(hashes.of([values.slice(i, 7000)])[0])
    assert one.number == other.number == pytest.approx(50_000, rel=0.08)


def test_levels_are_not_kept_without_end(monkeypatch, files):
    monkeypatch.setattr(tallies, "_MOST_KEPT", 50)
    row = fastinfo.describe(open_files(files))["id"]
    assert not row.exact
    assert row.n_levels == 200


@pytest.mark.slow
def test_types_that_change_further_down(tmp_path):
    rows = [f"{i},{i % 7}" for i in range(60_000)] + ["word,1.5"] * 2
    (tmp_path / "t.csv").write_text("\n".join(["a,b", *rows]))
    found = quiet(lambda: fastinfo.describe(open_files(tmp_path / "t.csv")))
    assert found.n_rows == 60_002
    assert (found["b"].kind, found["b"].n_levels) == ("numbers", 8)
    assert found["a"].n_levels > 10_000


@pytest.mark.parametrize(
    ("values", "alerts"),
    [
        (np.arange(200), "row number"),
        (np.arange(200, 0, -1) * 3, "row number"),
        (np.arange(200, dtype=np.uint8), "row number"),
        (np.arange(200) + 2**62, "row number"),
        (np.r_[np.arange(150), np.arange(151, 201)], ""),
        (np.r_[np.arange(100), np.arange(100)], ""),
        (np.zeros(200, int), "constant"),
        (np.arange(200.0), ""),
        ([*range(150), None, *range(151, 200)], ""),
        (np.datetime64("2024-01-01", "s") + np.arange(200), ""),  # as in memory
    ],
)
def test_row_numbers_in_parts(values, alerts, tmp_path):
    parquet.write_table(pa.table({"x": values}), tmp_path / "t.parquet", row_group_size=70)
    source = open_files(tmp_path / "t.parquet")
    assert fastinfo.describe(source)["x"].alerts == alerts


def test_progress(files):
    seen = []
    fastinfo.describe(many(), progress=lambda *at: seen.append(at))
    assert seen[-1] == (10, 10)
    seen.clear()
    fastinfo.describe(open_files(files), progress=lambda *at: seen.append(at))
    assert seen[-1] == (200, 200)


# Rows


def test_rows_print_and_go_into_frames():
    found = fastinfo.describe({"<b>\u202e": ["<i>" * 100, "x\x1b"], "n": [1.23456789, 2.0]})
    text = found.to_text()
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "…" in text
    assert "1.23457" in text
    assert "<i>" not in found._repr_html_()
    assert "&lt;i&gt;" in found._repr_html_()
    frame = found.to_pandas()
    assert frame["common"][0] == "<i>" * 100  # a table of the machine keeps what there is
    assert list(frame.columns) == list(_description.DescribedColumn._fields)
    assert found["n"] == found[1]
    assert found[1:].n_rows == 2
    with pytest.raises(KeyError, match="no column 'z' in the description"):
        found["z"]


@pytest.mark.parametrize("bad", [{}, {"a": []}])
def test_nothing_to_describe(bad):
    with pytest.raises(ValueError, match="at least one"):
        fastinfo.describe(bad)


# The command


def test_the_command(files, capsys):
    assert run(["describe", files]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "nearly unique" in out
    assert out == fastinfo.describe(files).to_text() + "\n"


def test_the_command_writes_json(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parquet.write_table(pa.table({"a": [1.0, float("inf")], "d": DAYS[:2]}), "t.parquet")
    assert run(["describe", "t.parquet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_rows"] == 2
    a, d = found["columns"]
    assert (a["n_infinite"], a["most"]) == (1, 1.0)
    assert (d["kind"], d["least"]) == ("dates as labels", "2024-02-01")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_terminals_of_any_width(width, monkeypatch, capsys):
    from fastinfo.cli import results, terminal

    monkeypatch.setenv("COLUMNS", str(width))
    table = many()
    table["a name of a column that is longer than some terminals are wide"] = table["number"]
    monkeypatch.setattr(terminal.sys.stdout, "isatty", lambda: True)
    results.show_description(fastinfo.describe(table))
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, out.splitlines())) <= width
    for name in table:
        assert name[:6] in out
    assert "nearly unique" in out


def test_a_file_that_is_not_there(capsys):
    assert run(["describe", "nowhere.csv"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
