"""Random words after `fastinfo`: exit code 0, or 2 after one line; never a traceback."""

import contextlib
import io

import numpy as np
import pytest
from fuzzing import fuzz, pick

from fastinfo.cli.app import run

COMMANDS = ["rank", "rank", "rank", "matrix", "matrix", "info", "", "no-such", "--version", "bench"]
COMMANDS += ["select", "select", "pair", "pair"]
COMMANDS += ["describe", "report", "drift", "drift"]
FILES = ["table.csv", "table.npy", "other.csv", "no-such.csv", "table", "*.csv", "[", ".", "", "-"]
FILES += ["\0", "\ud800", "table.parquet", "empty.csv", "a" * 300, "words.csv"]
WORDS = ["y", "a", "no such", "", "0", "1", "2", "3", "-1", "1e3", "nan", "inf", "e", "mi", "fd"]
WORDS += ["chance", "nsb", "none", "omit", "raise", "category", "joint", "picture.png", "x.txt"]
WORDS += ["no/such/folder.svg", "9" * 30, "é", "\u202e", "--", "-h", "0x2", "1_0", "table.csv"]
WORDS += ["r.html"]
OPTIONS = ["--target", "-t", "--bins", "--base", "--correction", "--permutations", "--seed"]
OPTIONS += ["--missing", "--top", "--plot", "--checkpoint", "--threads", "--normalized", "--no"]
OPTIONS += ["--columns", "--exclude", "--labels", "--numbers", "--strategy", "--alpha", "--sort"]
OPTIONS += ["--adjustment", "--output", "-o", "-k", "--method", "--pairs", "--confidence"]
WORDS += ["quantile", "name", "mim", "r.csv", "r.json", "r.md", "r.parquet", "a,y", "*", "[ab]"]
WORDS += ["other.csv", "max-statistic", "0.5"]
FLAGS = ["--json", "--debug", "--help", "--demo", "--version", "--quiet"]
OPTIONS += ["--title"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a few tables, of which none is changed."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(60, 2)).round(2)
    np.save("table.npy", numbers)
    rows = [f"{a},{b},{i % 3}" for i, (a, b) in enumerate(numbers)]
    for name in ("table.csv", "other.csv"):
        (tmp_path / name).write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "words.csv").write_text("y,w\n1,red\n2,\n3,blue\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "table.parquet").write_text("no parquet")
    return tmp_path


def words_of(rng):
    """A command with arguments and options, often those that fit."""
    command = pick(rng, COMMANDS)
    words = [command] if command else []
    if command == "bench":  # its own work takes long
        return [*words, "--estimator", pick(rng, WORDS), pick(rng, FLAGS[1:])]
    words += [pick(rng, FILES[:3] if rng.random() < 0.6 else FILES)]
    if command == "drift":
        words += [pick(rng, FILES[:3] if rng.random() < 0.6 else FILES)]
    if command == "pair":
        words += [pick(rng, [*WORDS, "b"]) if rng.random() < 0.3 else name for name in ("a", "y")]
    if command in ("rank", "report", "select") and rng.random() < 0.7:
        words += ["--target", "y"]
    for _ in range(rng.integers(4)):
        words += pick(rng, [[pick(rng, OPTIONS), pick(rng, WORDS)]] * 4 + [[pick(rng, FLAGS)]])
    if rng.random() < 0.1:
        words += [pick(rng, WORDS + FILES + OPTIONS)]
    return words


@pytest.mark.slow
def test_random_words_end_well_or_in_one_line(folder):
    kept = {path: path.read_bytes() for path in folder.iterdir()}

    def one_round(rng):
        words = words_of(rng)
        if "--demo" in words and rng.random() < 0.95:  # 336,776 flights
            words.remove("--demo")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(words)
        lines = [
            line
            for line in err.getvalue().splitlines()
            if not line.startswith(("warning: ", "\r")) and not line.endswith(" written")
        ]
        errors = [line for line in lines if line.startswith("error: ")]
        shown = (words, code, err.getvalue())
        assert code in (0, 2), shown
        assert len(errors) == (code == 2), shown
        if "--debug" not in words:
            assert len(lines) <= 1, shown
        for path, content in kept.items():
            assert path.read_bytes() == content, shown

    fuzz(one_round, 150)
