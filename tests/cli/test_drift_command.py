"""``fastinfo drift``: two files compared, column by column."""

from __future__ import annotations

import json
import math

import pyarrow as pa
import pytest
from cli_runs import bad, good, on_terminal
from helpers import quiet
from pyarrow import parquet

import fastinfo
from fastinfo.cli import run


@pytest.fixture
def files(rng, monkeypatch, tmp_path):
    """Write two tables, and return their names."""
    monkeypatch.chdir(tmp_path)
    for name, n, shift in (("reference.parquet", 700, 0.0), ("current.parquet", 500, 0.6)):
        columns = {
            "a": rng.normal(size=n) + shift,
            "b": rng.integers(0, 4, n),
            "c": rng.choice(list("xy"), n),
            "zip": rng.integers(10_000, 99_999, n),
        }
        parquet.write_table(pa.table(columns), name)
    return "reference.parquet", "current.parquet"


def test_a_table_or_json(files, capsys):
    found = fastinfo.drift(*files)
    assert good(capsys, "drift", *files) == found.to_text() + "\n"
    whole = json.loads(good(capsys, "drift", *files, "--json"))
    assert {key: whole[key] for key in whole if key != "rows"} == {
        "unit": "nats",
        "n_reference": 700,
        "n_current": 500,
    }
    assert whole["rows"] == [row._asdict() for row in found]
    assert found.names[0] == "a"


def test_options_are_those_of_the_library(files, capsys):
    for words, options in (
        (["--bins", "5", "--base", "2"], {"bins": 5, "base": 2.0}),
        (["--strategy", "uniform", "--bins", "mi"], {"strategy": "uniform", "bins": "mi"}),
        (["--columns", "a,c"], {"columns": ["a", "c"]}),
        (
            ["--exclude", "a", "--labels", "zip"],
            {"columns": ["b", "c", "zip"], "discrete": {"zip": True}},
        ),
        (["--permutations", "99", "--seed", "1"], {"n_permutations": 99, "seed": 1}),
        (["--missing", "omit"], {"missing": None}),
    ):
        code = run(["drift", *files, "--json", *words])
        assert code == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        expected = quiet(fastinfo.drift, *files, **options)
        assert rows == [row._asdict() for row in expected]
    assert (
        json.loads(good(capsys, "drift", *files, "--json", "--top", "1"))["rows"][0]["name"] == "a"
    )


def test_values_that_are_not_finite_are_null(files, capsys):
    parquet.write_table(pa.table({"a": pa.array([None] * 9, pa.float64())}), "nothing.parquet")
    code = run(
        ["drift", files[0], "nothing.parquet", "--columns", "a", "--missing", "omit", "--json"]
    )
    assert code == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["psi"] is None
    assert math.isnan(
        fastinfo.drift(files[0], "nothing.parquet", columns=["a"], missing=None)[0].psi
    )


def test_patterns_and_parts(files, capsys):
    table = parquet.read_table("current.parquet")
    parquet.write_table(table[:200], "part-1.parquet")
    parquet.write_table(table[200:], "part-2.parquet")
    together = good(capsys, "drift", files[0], "part-*.parquet")
    assert together == good(capsys, "drift", *files)


def test_the_result_goes_into_a_file(files, capsys, tmp_path):
    assert run(["drift", *files, "-o", "drift.csv", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "drift.csv: 4 rows written\n"
    lines = (tmp_path / "drift.csv").read_text().splitlines()
    assert lines[0].startswith("name,psi,js,information,pvalue,adjusted_pvalue,g2")
    assert len(lines) == 5


def test_on_a_terminal(files, monkeypatch, capsys):
    lines = on_terminal(monkeypatch, capsys, 80, "drift", *files)
    assert lines[0].strip() == "Drift"
    assert any(line.startswith("a ") and "*" in line for line in lines)
    assert "700 and 500 rows" in lines[-1]
    assert max(map(len, lines)) <= 80


def test_columns_of_one_file_alone_are_told(files, capsys):
    table = parquet.read_table("current.parquet").drop_columns(["b"])
    parquet.write_table(table, "less.parquet")
    assert run(["drift", files[0], "less.parquet"]) == 0
    assert capsys.readouterr().err == "warning: columns that only reference has are left out: b\n"
    assert "no column 'b'" in bad(capsys, "drift", files[0], "less.parquet", "--columns", "b")


def test_bad_input_is_one_line(files, capsys):
    assert "no such file" in bad(capsys, "drift", files[0], "no.parquet")
    assert "Missing argument" in bad(capsys, "drift", files[0])
    assert "--alpha" in bad(capsys, "drift", *files, "--alpha", "2")
    assert "bins must be a number" in bad(capsys, "drift", *files, "--bins", "fd")
    assert "--columns" in bad(capsys, "drift", *files, "--columns", "no")
