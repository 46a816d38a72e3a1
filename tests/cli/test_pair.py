"""``fastinfo pair``: all about two columns."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest
from cli_runs import bad, columns, good, on_terminal
from helpers import run_python
from pyarrow import parquet

import fastinfo
from fastinfo.cli import run

MEASURES = [
    *("information", "above_chance", "normalized", "entropy_x", "entropy_y", "joint_entropy"),
    *("conditional_entropy_x", "conditional_entropy_y", "variation_of_information"),
]


@pytest.fixture
def table(rng, monkeypatch, tmp_path):
    """Write a table, and return its name."""
    n = 800
    x = rng.normal(size=n)
    y = x + rng.normal(size=n)
    kind = np.where(rng.random(n) < 0.3 + 0.4 * (x > 0), "a", "b")
    gone = pa.array([None if i % 9 == 0 else v for i, v in enumerate(y.tolist())])
    more = {"zip": rng.integers(0, 900, n), "list": [[1]] * n, "one": [1] * n}
    void = pa.array([None] * n, pa.float64())
    return columns(monkeypatch, tmp_path, x=x, y=gone, kind=kind, void=void, **more)


def test_json(capsys, table):
    found = json.loads(good(capsys, "pair", table, "x", "y", "--json"))
    read = parquet.read_table(table)
    counts = fastinfo.JointCounts.from_samples(read["x"], read["y"], strategy="quantile")
    measures = found["measures"]
    assert list(measures) == MEASURES
    assert measures["information"] == counts.mutual_information()
    assert measures["above_chance"] == counts.mutual_information(correction="chance")
    assert measures["conditional_entropy_y"] == counts.conditional_entropy("y|x")
    assert measures["normalized"] == counts.normalized_mutual_information()
    assert found["table"] == counts.table.tolist()
    assert found["x_edges"] == counts.x_edges.tolist()
    assert (found["n"], found["n_missing"]) == (800 - 89, 89)
    interval = fastinfo.bootstrap_interval(counts, correction="chance", seed=0)
    assert found["interval"] == [interval.low, interval.high]
    row = fastinfo.rank_features({"x": read["x"]}, read["y"])[0]
    assert (found["pvalue"], found["test"]) == (row.pvalue, row.test)


def test_options(capsys, table):
    read = parquet.read_table(table)
    words = ["--bins", "4", "--strategy", "uniform", "--base", "2", "--estimator", "ksg"]
    found = json.loads(good(capsys, "pair", table, "x", "kind", "--json", *words))
    counts = fastinfo.JointCounts.from_samples(read["x"], read["kind"], bins=4)
    assert found["unit"] == "bits"
    assert found["measures"]["information"] == counts.mutual_information(base=2)
    ksg = fastinfo.mutual_information(read["x"], read["kind"], estimator="ksg", base=2)
    assert found["measures"]["ksg"] == ksg
    assert found["y_levels"] == ["a", "b"]
    labels = json.loads(good(capsys, "pair", table, "x", "zip", "--json", "--bins", "3"))
    assert labels["y_levels"] is None
    assert run(["pair", table, "x", "zip", "--json", "--labels", "zip"]) == 0
    assert len(json.loads(capsys.readouterr().out)["y_levels"]) > 100
    narrow = json.loads(good(capsys, "pair", table, "x", "y", "--json", "--confidence", "0.5"))
    wide = json.loads(good(capsys, "pair", table, "x", "y", "--json", "--confidence", "0.99"))
    assert np.diff(narrow["interval"]) < np.diff(wide["interval"])


def test_text(capsys, table):
    lines = good(capsys, "pair", table, "kind", "x", "--bins", "3").splitlines()
    assert lines[0] == "kind and x: 800 rows with both, 0 without"
    assert lines[1] == "  kind: 2 labels"
    assert lines[2].startswith("  x: numbers, ")
    start = lines.index("rows: kind; columns: x")
    read = parquet.read_table(table)
    counts = fastinfo.JointCounts.from_samples(
        read["kind"], read["x"], bins=3, strategy="quantile"
    ).table
    assert [line.split() for line in lines[start + 2 :]] == [
        [name, *map(str, row)] for name, row in zip("ab", counts.tolist(), strict=True)
    ]


@pytest.mark.slow
def test_a_picture_of_many_bins(capsys, table, monkeypatch):
    lines = good(capsys, "pair", table, "x", "y", "--bins", "16").splitlines()
    drawn = lines[-16:]
    assert all(set(line.partition("  ")[2]) <= set(" ░▒▓█") for line in drawn)
    assert any("█" in line for line in drawn)
    assert lines[-17].endswith("darker: more rows")
    words = ["-m", "fastinfo", "pair", table, "x", "y", "--bins", "16"]
    plain = run_python(*words, PYTHONIOENCODING="ascii").stdout.splitlines()
    assert all(set(line.partition("  ")[2]) <= set(" .:*#") for line in plain[-16:])
    lines = on_terminal(monkeypatch, capsys, 60, "pair", table, "x", "y", "--bins", "60")
    assert max(map(len, lines)) <= 60
    assert "are not shown" in lines[-1]


@pytest.mark.parametrize(("x", "y"), [("one", "x"), ("x", "one")])
def test_a_constant_has_no_information(x, y, capsys, table):
    assert run(["pair", table, x, y, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["measures"]["information"] == 0.0
    assert run(["pair", table, x, y]) == 0
    assert "p-value" in capsys.readouterr().out


def test_infinite_values_are_left_out(capsys, monkeypatch, tmp_path):
    x = [0.5, 1.5, math.inf, 2.5, -math.inf] * 20
    path = columns(monkeypatch, tmp_path, x=x, y=[0.5, 1.0, 1.5, 2.0] * 25)
    assert run(["pair", path, "x", "y", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "left out: x (40)" in err
    assert (json.loads(out)["n"], json.loads(out)["n_missing"]) == (60, 40)


def test_several_files(capsys, table):
    read = parquet.read_table(table)
    parquet.write_table(read.slice(0, 300), "part0.parquet")
    parquet.write_table(read.slice(300), "part1.parquet")
    whole = json.loads(good(capsys, "pair", table, "x", "kind", "--json"))
    for files in (["part0.parquet", "part1.parquet"], ["part?.parquet"]):
        assert json.loads(good(capsys, "pair", *files, "x", "kind", "--json")) == whole


def test_plot(capsys, table):
    good(capsys, "pair", table, "x", "y", "--plot", "p.png")
    with open("p.png", "rb") as file:
        assert file.read(4) == b"\x89PNG"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x"], "give a FILE and two of its columns, got 2 words"),
        (["x", "x"], "give two different columns, got 'x' twice"),
        (["x", "knd"], "has no column 'knd', but 'kind'"),
        (["x", "list"], "column 'list' must hold numbers or labels"),
        (["x", "void"], "'x' and 'void' have no row in which both have a value"),
        (["x", "y", "--confidence", "95"], "--confidence must be above 0 and below 1, got 95.0"),
        (["x", "kind", "--numbers", "kind"], "real numbers to be binned"),
        (["x", "kind", "--labels", "z"], "--labels: the pair has no column 'z'"),
        (["x", "y", "--estimator", "best"], "--estimator"),
    ],
)
def test_words_that_cannot_be(words, said, capsys, table):
    assert said in bad(capsys, "pair", table, *words)
