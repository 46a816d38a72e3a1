"""Which columns a command takes, what it takes them for, and the files that it writes."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import sqlite3
import stat
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from cli_runs import bad, columns, good
from helpers import environment, run_python
from pyarrow import parquet

import fastinfo
from fastinfo._measures.corrections import CORRECTIONS
from fastinfo.cli import options, run
from fastinfo.cli.commands.pair import Estimator
from fastinfo.cli.commands.rank import Adjustment
from fastinfo.cli.commands.select import Method
from fastinfo.ranking.features import ADJUSTMENTS
from fastinfo.selection.criteria import METHODS


@pytest.fixture
def table(rng, monkeypatch, tmp_path):
    """Write a table, and return its name."""
    n = 600
    y = rng.integers(0, 2, n)
    return columns(
        monkeypatch,
        tmp_path,
        y=y,
        zip=rng.integers(10_000, 99_999, n),
        price_a=y + rng.normal(size=n),
        price_b=rng.normal(size=n),
        kind=np.where(rng.random(n) < 0.3 + 0.3 * y, "a", "b"),
        **{"odd, name": rng.integers(0, 3, n)},
    )


def ranked(capsys, table, *words):
    """Rank a table, and return the rows by name."""
    assert run(["rank", table, "-t", "y", "--json", *words]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    return {row["name"]: row for row in rows}


# Options


def test_choices_are_those_of_the_library(rng):
    assert set(options.CORRECTIONS) == {name for name in CORRECTIONS if name}
    assert {choice.value for choice in Adjustment} == set(ADJUSTMENTS)
    assert {choice.value for choice in Method} == set(METHODS)
    for estimator in Estimator:
        x, y = rng.normal(size=(2, 50))
        fastinfo.mutual_information(x, y, estimator=estimator.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--columns", "price_*,kind"], {"price_a", "price_b", "kind"}),
        (["--columns", "kind", "--columns", "zip"], {"kind", "zip"}),
        (["--columns", "odd, name"], {"odd, name"}),
        (["--columns", "*", "--exclude", "price_?"], {"zip", "kind", "odd, name"}),
        (["--exclude", "kind, zip"], {"price_a", "price_b", "odd, name"}),
        (["--columns", "y,kind"], {"kind"}),
    ],
)
@pytest.mark.parametrize("in_parts", [False, True])
def test_columns_that_are_taken(words, kept, in_parts, capsys, table):
    more = ["--checkpoint", "c.json"] if in_parts else []
    found = ranked(capsys, table, *words, *more)
    assert set(found) == kept
    whole = ranked(capsys, table)
    assert all(found[name]["mi"] == whole[name]["mi"] for name in kept)


def test_columns_that_are_given(capsys, table):
    found = ranked(capsys, table, "--given", "price_*,kind", "--columns", "zip,odd*")
    read = parquet.read_table(table)
    expected = fastinfo.rank_features(read, "y", given=["price_a", "price_b", "kind"])
    assert {name: row["mi"] for name, row in found.items()} == {r.name: r.mi for r in expected}


@pytest.mark.slow
def test_selections_beyond_columns_and_with_weights(capsys, table):
    words = ["--given", "kind", "--weights", "zip", "--exclude", "odd*", "-k", "9", "--json"]
    assert run(["select", table, "-t", "y", *words]) == 0
    found = json.loads(capsys.readouterr().out)["rows"]
    read = parquet.read_table(table).drop_columns(["odd, name"])
    k = len(found)
    expected = fastinfo.select_features(read, "y", k, given="kind", sample_weight="zip")
    assert [row["name"] for row in found] == expected.names
    assert not {"kind", "zip", "y"} & {*expected.names}
    assert run(["select", table, "-t", "y", "--given", "kind", "--method", "mim"]) == 2
    assert "given must be None with method='mim'" in capsys.readouterr().err


def test_a_column_of_weights(capsys, table):
    found = ranked(capsys, table, "--weights", "zip", "--columns", "price_*,kind")
    read = parquet.read_table(table).drop_columns(["odd, name"])
    expected = fastinfo.rank_features(read, "y", sample_weight="zip")
    assert {name: row["mi"] for name, row in found.items()} == {r.name: r.mi for r in expected}
    assert "zip" not in found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--weights", "nothing"], "--weights: .* has no column 'nothing'"),
        (["--weights", "y"], "--weights must not name the target"),
        (["--weights", "zip", "--permutations", "9"], "n_permutations must be 'auto' or 0"),
        (["--given", "nothing"], "--given: .* has no column 'nothing'"),
        (["--given", "y"], "--given must not name the target 'y'"),
        (["--given", "zip", "--exclude", "z*"], "--given and --exclude must not both name 'zip'"),
        (["--given", "zip", "--checkpoint", "c.json"], "checkpoint must be None with given"),
    ],
)
def test_columns_that_cannot_be_given(words, message, capsys, table):
    assert run(["rank", table, "-t", "y", *words]) == 2
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.filterwarnings("ignore:columns to look at")
def test_labels_and_numbers(capsys, table):
    read = parquet.read_table(table)
    plain = ranked(capsys, table)
    assert ranked(capsys, table, "--labels", "zip")["zip"]["levels"] > 100
    assert plain["zip"]["levels"] < 20
    found = ranked(capsys, table, "--numbers", "odd*", "--labels", "y,zip", "--bins", "2")
    expected = fastinfo.rank_features(
        read, "y", discrete={"odd, name": False, "y": True, "zip": True}, bins=2
    )
    assert {name: row["mi"] for name, row in found.items()} == {r.name: r.mi for r in expected}
    kept = ranked(capsys, table, "--labels", "*", "--exclude", "price_*")
    assert set(kept) == {"zip", "kind", "odd, name"}


def test_strategy_alpha_sort_and_adjustment(capsys, table):
    read = parquet.read_table(table)
    found = ranked(capsys, table, "--strategy", "uniform", "--bins", "5")
    expected = fastinfo.rank_features(read, "y", strategy="uniform", bins=5)
    assert {name: row["mi"] for name, row in found.items()} == {r.name: r.mi for r in expected}
    for sort, key in (
        ("name", lambda row: row["name"]),
        ("pvalue", lambda row: row["pvalue"]),
        ("share", lambda row: -row["share"]),
        ("above-chance", lambda row: -row["above_chance"]),
        ("mi", lambda row: -row["mi"]),
    ):
        rows = list(ranked(capsys, table, "--sort", sort).values())
        assert rows == sorted(rows, key=key)
    top = ranked(capsys, table, "--sort", "name", "--top", "2")
    assert list(top) == ["kind", "odd, name"]
    words = ["--adjustment", "max-statistic", "--permutations", "99", "--seed", "3"]
    joint = ranked(capsys, table, *words)
    expected = fastinfo.rank_features(
        read, "y", adjustment="max-statistic", n_permutations=99, seed=3
    )
    assert joint["zip"]["adjusted_pvalue"] == expected["zip"].adjusted_pvalue


def test_columns_without_a_value_come_last(capsys, monkeypatch, tmp_path):
    void = pa.array([None] * 40, pa.float64())
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 20, void=void, x=[0, 1, 1, 1] * 10)
    for sort in ("share", "pvalue", "mi"):
        assert list(ranked(capsys, path, "--sort", sort)) == ["x", "void"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-t", "y", "--columns", "pric"], "--columns: 'table.parquet' has no column 'pric', but"),
        (["-t", "y", "--exclude", "y"], "--exclude must not name the target 'y'"),
        (["-t", "y", "--exclude", "[ko-z]*"], "no column besides"),
        (["-t", "y", "--labels", "kind", "--numbers", "k*"], "must not both name 'kind'"),
        (["-t", "y", "--labels", "kinds"], "--labels: 'table.parquet' has no column 'kinds'"),
        (["-t", "y", "--alpha", "1"], "--alpha must be above 0 and below 1, got 1.0"),
        (["-t", "y", "--adjustment", "max-statistic"], "needs --permutations of at least 1"),
        (["-t", "y", "-t", "zip"], "--target must name one column, got 2: y, zip"),
        (
            ["y"],
            "no such file: 'y', which is a column of 'table.parquet': did you mean --target y",
        ),
        (["odd, name"], "did you mean --target 'odd, name'?"),
        (["-t", "y", "--stratgy", "uniform"], "--strategy"),
        (["-t", "y", "--quiet"], "--quiet needs a file for the result: --output PATH"),
        (["-t", "y", "-o", "r.txt"], "--output must end in one of .json, .csv, .parquet, .md"),
        (["-t", "y", "-o", "no/r.csv"], "no such folder: 'no'"),
        (["-t", "y", "-o", "table.parquet"], "must be another file than what is read"),
    ],
)
def test_words_that_cannot_be(words, said, capsys, table):
    if words == ["-t", "y", "--exclude", "[ko-z]*"]:
        words = ["-t", "y", "--exclude", "zip,price_*,kind", "--exclude", "odd, name"]
    before = os.stat(table).st_mtime_ns
    assert said in bad(capsys, "rank", table, *words)
    assert os.stat(table).st_mtime_ns == before


# Files that are read


@pytest.mark.slow
def test_what_is_said_of_a_text(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    rows = [(i % 2, f"{i % 7},5", ["?", "NA", "x"][i % 3]) for i in range(60)]
    text = "\n".join(";".join(map(str, row)) for row in rows)
    for name, head, encoding in (("a.txt", "y;é;k\n", "cp1252"), ("b.txt", "", "utf-8")):
        (tmp_path / name).write_text(head + text, encoding)
    said = ["--sep", "semicolon", "--decimal", ",", "--encoding", "cp1252", "--header"]
    words = ["rank", "a.txt", "-t", "y", "--json", *said, "--null-values", "?"]
    found = {row["name"]: row for row in json.loads(good(capsys, *words))["rows"]}
    assert found["é"]["levels"] == 4, "bins of numbers: of labels there are 7"
    assert (found["k"]["levels"], found["k"]["n_missing"]) == (2, 20)
    assert run([*words[:-1], "?,NA"]) == 0
    out, err = capsys.readouterr()
    assert "mostly missing" in err
    assert json.loads(out)["rows"][0]["n_missing"] == 40
    for more in (["rank", "-t"], ["select", "-k", "1", "-t"]):
        command, *options = more
        assert (
            run([command, "b.txt", "--sep", ";", "--no-header", "--json", *options, "column0"]) == 0
        )
        assert json.loads(capsys.readouterr().out)["rows"][0]["name"] in ("column1", "column2")
    assert run(["pair", "b.txt", "column0", "column2", "--no-header", "--sep", ";"]) == 0
    assert run(["matrix", "b.txt", "--no-header", "--sep", ";"]) == 0
    capsys.readouterr()
    assert "decimal must be" in bad(capsys, "matrix", "a.txt", "--decimal", "x")
    assert "format must be" in bad(capsys, "rank", "a.txt", "-t", "y", "--format", "word")


@pytest.mark.slow
def test_tables_of_a_database_and_standard_input(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(sqlite3.connect("t.sqlite")) as base:
        for name in ("one", "two"):
            base.execute(f"create table {name} (y integer, x integer)")
            rows = [(i % 2, i % 3) for i in range(60)]
            base.executemany(f"insert into {name} values (?, ?)", rows)
        base.commit()
    words = ["rank", "t.sqlite", "-t", "y", "--table", "two", "--json"]
    assert json.loads(good(capsys, *words))["n_rows"] == 60
    assert "two" in bad(capsys, *words[:-3])
    words = [sys.executable, "-m", "fastinfo", "rank", "-", "-t", "y", "--json"]
    text = "y,x\n" + "0,1\n1,0\n1,1\n" * 20
    done = subprocess.run(words, input=text, capture_output=True, text=True, env=environment())
    assert json.loads(done.stdout)["n_rows"] == 60


# Files that are written


def test_output_of_a_ranking(capsys, table):
    expected = fastinfo.rank_features(parquet.read_table(table), "y")
    for name in ("r.json", "r.csv", "r.parquet", "r.md", "R.CSV"):
        assert run(["rank", table, "-t", "y", "-o", name, "-q"]) == 0
        out, err = capsys.readouterr()
        assert (out, err) == ("", f"{name}: 5 rows written\n")
    with open("r.json") as file:
        assert [row["name"] for row in json.load(file)["rows"]] == expected.names
    for name in ("r.csv", "R.CSV"):
        with open(name, newline="") as file:
            head, *rows = csv.reader(file)
        assert head == list(expected[0]._fields)
        assert [row[0] for row in rows] == expected.names
        assert [float(row[1]) for row in rows] == [row.above_chance for row in expected]
    assert parquet.read_table("r.parquet").to_pydict() == expected.to_dict()
    with open("r.md") as file:
        lines = file.read().splitlines()
    assert lines[0] == f"<!-- fastinfo {fastinfo.__version__} -->"
    assert len(lines[2:]) == 7
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[2:])


def test_the_table_is_printed_as_well(capsys, table):
    assert run(["rank", table, "-t", "y", "-o", "r.csv", "--top", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.split()[0] == "name"
    assert err == "r.csv: 2 rows written\n"


def test_output_of_other_commands(capsys, table):
    for k, (words, rows) in enumerate(
        (
            (["matrix", table], 6),
            (["matrix", table, "--pairs", "4"], 4),
            (["select", table, "-t", "y", "-k", "2"], 2),
            (["pair", table, "price_a", "kind"], 12),
        )
    ):
        for suffix in ("json", "csv", "parquet", "md"):
            assert run([*words, "-q", "-o", f"r{k}.{suffix}"]) == 0
            assert capsys.readouterr() == ("", f"r{k}.{suffix}: {rows} rows written\n")
        with open(f"r{k}.csv", newline="") as file:
            assert len(list(csv.reader(file))) == rows + 1
        assert parquet.read_table(f"r{k}.parquet").num_rows == rows
    matrix = ["matrix", table, "--columns", "y,kind", "--output", "m.csv", "-q"]
    assert run(matrix) == 0
    with open("m.csv", newline="") as file:
        head, first, _ = csv.reader(file)
    assert (head, first[0]) == (["name", "y", "kind"], "y")


def test_names_in_files(capsys, monkeypatch, tmp_path):
    odd = "=a|b\n<script>*_`"
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 50, **{odd: [0, 1, 1, 1] * 25})
    for name in ("r.csv", "r.md", "r.parquet", "r.json"):
        assert run(["rank", path, "-t", "y", "-q", "-o", name]) == 0
    with open("r.csv", newline="") as file:
        assert list(csv.reader(file))[1][0] == odd, "machines get the name as it is"
    assert parquet.read_table("r.parquet")["name"].to_pylist() == [odd]
    with open("r.md") as file:
        line = file.read().splitlines()[4]
    assert line.startswith(r"| =a\|b\\n\<script\>\*\_\` | "), "people see no markup"


def test_a_file_is_written_as_a_whole_or_not_at_all(capsys, table, monkeypatch):
    assert run(["rank", table, "-t", "y", "-q", "-o", "r.csv"]) == 0
    capsys.readouterr()
    with open("r.csv") as file:
        before = file.read()

    def full(path, json, columns):
        with open(path, "w") as file:
            file.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(sys.modules["fastinfo.cli.output"]._WRITERS, ".csv", full)
    assert run(["rank", table, "-t", "y", "-q", "-o", "r.csv"]) == 2
    out, err = capsys.readouterr()
    assert out.split()[0] == "name", "no result is lost to a file"
    assert err == "error: 'r.csv' can't be written: No space left on device\n"
    with open("r.csv") as file:
        assert file.read() == before
    assert sorted(os.listdir()) == ["r.csv", "table.parquet"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no links like these")
def test_links_and_devices_are_not_written_to(capsys, table):
    os.symlink(table, "r.parquet")
    os.mkfifo("r.csv")
    assert "a link" in bad(capsys, "rank", table, "-t", "y", "-o", "r.parquet")
    assert "a pipe" in bad(capsys, "rank", table, "-t", "y", "-o", "r.csv")
    assert stat.S_ISFIFO(os.lstat("r.csv").st_mode)


def test_what_others_wrote_is_not_written_over(capsys, table):
    parquet.write_table(pa.table({"name": ["a"]}), "r.parquet")
    texts = {
        "r.csv": "name,age\nme,3\n",
        "r.json": '{"a": 1}',
        "r.md": "# mine",
        "s.parquet": "PAR1",
    }
    for name, text in texts.items():
        with open(name, "w") as file:
            file.write(text)
    for name in ("r.parquet", *texts):
        before = os.stat(name).st_mtime_ns
        assert run(["rank", table, "-t", "y", "-q", "-o", name]) == 2
        said = f"error: --output must be a new file or a result that fastinfo wrote, got '{name}'"
        assert capsys.readouterr().err.startswith(said)
        assert os.stat(name).st_mtime_ns == before
    for name in ("n.csv", "n.json", "n.md", "n.parquet"):
        with open(name, "w"):
            pass  # an empty file is nobody's
        for _ in range(2):
            assert run(["rank", table, "-t", "y", "-q", "-o", name]) == 0
    capsys.readouterr()
    assert run(["matrix", table, "-q", "-o", "n.csv"]) == 2, "it has other columns"
    capsys.readouterr()


# Commands


def test_select(capsys, table):
    read = parquet.read_table(table)
    found = json.loads(good(capsys, "select", table, "-t", "y", "-k", "3", "--json"))
    expected = fastinfo.select_features(read, "y", 3)
    assert list(found) == ["target", "method", "unit", "n_significant", "rows"]
    assert [tuple(row.values()) for row in found["rows"]] == [tuple(row) for row in expected]
    words = ["select", table, "-t", "y", "-k", "2", "--method", "jmi", "--base", "2"]
    lines = good(capsys, *words, "--exclude", "price_a").splitlines()
    assert lines[0].split() == ["name", "position", "score", "mi"]
    kept = read.drop_columns(["price_a"])
    expected = fastinfo.select_features(kept, "y", 2, method="jmi", base=2)
    assert [line.split()[0] for line in lines[1:]] == expected.names
    many = json.loads(good(capsys, "select", table, "-t", "y", "-k", "99", "--json"))
    assert len(many["rows"]) == 5
    assert "--target" in bad(capsys, "select", table)
    assert "--method" in bad(capsys, "select", table, "-t", "y", "--method", "best")


def test_strongest_pairs(capsys, table):
    read = parquet.read_table(table)
    found = json.loads(good(capsys, "matrix", table, "--pairs", "3", "--json"))
    matrix = np.array(fastinfo.mutual_information_matrix(read, correction="chance"))
    values = np.sort(matrix[np.triu_indices(6, 1)])[::-1]
    assert [pair["information"] for pair in found["pairs"]] == values[:3].tolist()
    first = found["pairs"][0]
    i, j = (read.column_names.index(first[side]) for side in ("x", "y"))
    assert matrix[i, j] == first["information"]
    lines = good(capsys, "matrix", table, "--pairs", "99").splitlines()
    assert len(lines) == 1 + 1 + 15 + 1


def test_infinite_values_in_a_file_stop_nothing(capsys, monkeypatch, tmp_path):
    x = [0.5, 1.5, np.inf, 2.5, -np.inf] * 20
    path = columns(monkeypatch, tmp_path, x=x, y=[0.5, 1.0, 1.5, 2.0] * 25, z=[0, 1] * 50)
    for words in (
        ["rank", path, "-t", "z"],
        ["rank", path, "-t", "z", "--checkpoint", "c"],
        ["matrix", path],
        ["select", path, "-t", "z", "-k", "1"],
        ["pair", path, "x", "y"],
    ):
        assert run(words) == 0
        err = capsys.readouterr().err
        assert (
            "infinite values lie outside the bins of their column and are left out: x (40)" in err
        )


# Start


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--help"], ["rank", "--help"], ["rank", "--tagret", "y"]])
def test_words_are_read_without_the_library(words):
    program = (
        f"import sys; from fastinfo.cli import run; run({words}); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = set(run_python("-c", program).stdout.splitlines()[-1].split())
    assert "typer" in loaded
    assert not loaded & {"numba", "numpy", "pyarrow", "matplotlib", "scipy", "rich"}


@pytest.mark.parametrize(
    ("words", "said"),
    [("fastinfo ra", ["rank"]), ("fastinfo pair --est", ["--estimator"])],
)
def test_completion(words, said):
    asked = {"_FASTINFO_COMPLETE": "complete_bash", "COMP_WORDS": words}
    asked["COMP_CWORD"] = str(len(words.split()) - 1)
    done = run_python("-m", "fastinfo", **asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == said


def test_similar_commands_are_named(capsys):
    assert "Did you mean 'select'?" in bad(capsys, "selct")
