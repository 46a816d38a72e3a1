"""The command ``fastinfo``: what it prints where, and its exit codes.

Most tests call `run`, which is all of the command but the process around it.
"""

import json
import math
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pyarrow as pa
import pytest
from cli_runs import bad, columns, good
from helpers import environment, printed, run_python
from pyarrow import parquet

import fastinfo
from fastinfo._core import progress as _progress
from fastinfo.cli import options, results, run

KEYS = [
    *("name", "above_chance", "share", "mi", "normalized_mi", "pvalue", "adjusted_pvalue"),
    *("test", "levels", "n", "n_missing", "note"),
]


@pytest.fixture
def flights(tmp_path, rng, monkeypatch):
    """Write a small table to a file in the working directory, and return its name."""
    n = 1000
    delay = rng.normal(0, 30, n).round(1)
    table = {
        "late": delay,
        "carrier": np.where(delay > 0, "AA", np.where(delay < -20, "UA", "B6")),
        "noise": rng.normal(size=n),
        "gate": [None if gate == 7 else f"g{gate}" for gate in rng.integers(0, 9, n)],
    }
    parquet.write_table(pa.table(table), tmp_path / "flights.parquet")
    monkeypatch.chdir(tmp_path)
    return "flights.parquet"


def test_text(capsys, flights):
    lines = good(capsys, "rank", flights, "--target", "late").splitlines()
    assert lines[0].split() == KEYS
    assert lines[1].startswith("carrier ")
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert not re.search(r"[\x1b\t]", "\n".join(lines))
    (gate,) = (line.split() for line in lines if line.startswith("gate "))
    assert int(gate[-2]) + int(gate[-1]) == 1000


def test_json(capsys, flights):
    found = json.loads(good(capsys, "rank", flights, "-t", "late", "--json"))
    assert list(found) == ["target", "unit", "n_rows", "rows"]
    assert (found["target"], found["unit"], found["n_rows"]) == ("late", "nats", 1000)
    assert [list(row) for row in found["rows"]] == [KEYS] * 3
    expected = fastinfo.rank_features(parquet.read_table(flights), "late")
    assert [tuple(row.values()) for row in found["rows"]] == [tuple(row) for row in expected]


def test_base_bins_top_and_threads(capsys, flights):
    def rows(*more):
        return json.loads(good(capsys, "rank", flights, "-t", "late", "--json", *more))

    nats, bits = rows("--base", "e"), rows("--base", "2", "--threads", "1")
    assert bits["unit"] == "bits"
    assert rows("--base", "10")["unit"] == "base 10"
    for one, other in zip(nats["rows"], bits["rows"], strict=True):
        for field in ("mi", "above_chance"):
            assert one[field] == pytest.approx(other[field] * math.log(2), rel=1e-12)
    assert rows("--top", "1")["rows"] == nats["rows"][:1]
    table = parquet.read_table(flights)
    for bins in (5, "fd"):
        expected = fastinfo.rank_features(table, "late", bins=bins)
        assert [row["mi"] for row in rows("--bins", str(bins))["rows"]] == [
            row.mi for row in expected
        ]


def test_missing(capsys, flights):
    def gate(*more):
        found = json.loads(good(capsys, "rank", flights, "-t", "late", "--json", *more))
        return next(row for row in found["rows"] if row["name"] == "gate")

    assert gate() == gate("--missing", "omit")
    assert gate()["n"] < 1000
    assert gate("--missing", "category")["n"] == 1000
    assert "gate" in bad(capsys, "rank", flights, "-t", "late", "--missing", "raise")


def test_terminal(capsys, flights, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    out = re.sub(r"\x1b\[[0-9;]*m", "", good(capsys, "rank", flights, "-t", "late"))
    assert "Information about late" in out
    for heading in ("column", "above chance", "share", "p-value", "adj. p", "n", "missing"):
        assert heading in out
    assert re.search(r"carrier .* \*", out)
    assert "1,000 rows; information in nats" in out
    assert "note" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_notes_on_a_terminal(capsys, tmp_path, monkeypatch):
    y = np.arange(400) % 4
    table = {"y": y, "copy": y, "again": 3 - y, "id": [f"no {i}" for i in range(400)]}
    path = columns(monkeypatch, tmp_path, **table)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(["rank", path, "-t", "y"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch("warning: columns to look at: [^\n]*\n", err)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert max(map(len, lines)) <= 80
    found = {line.split()[0]: line for line in lines[::-1] if line.strip()}
    found = dict(reversed(found.items()))
    assert "may leak" in found["copy"]
    assert "nearly" in found["id"]
    assert list(found).index("copy") < list(found).index("id")
    assert run(["rank", path, "-t", "y", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["name"]: row["note"] for row in rows} == {
        "copy": "may leak",
        "again": "may leak; same as copy",
        "id": "nearly unique",
    }


def test_names_that_would_drive_the_terminal(capsys, tmp_path, monkeypatch):
    odd = "[red]a\n\x1b[31m"
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 50, **{odd: [0, 1, 1, 1] * 25})
    shown = r"[red]a\n\x1b[31m"
    monkeypatch.setenv("COLUMNS", "80")
    assert shown in good(capsys, "rank", path, "-t", "y")
    assert json.loads(good(capsys, "rank", path, "-t", "y", "--json"))["rows"][0]["name"] == odd
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert shown in re.sub(r"\x1b\[[0-9;]*m", "", good(capsys, "rank", path, "-t", "y"))


def test_names_in_messages_do_not_drive_the_terminal(capsys, tmp_path, monkeypatch):
    odd = "[red]a\n\x1b[31m\u202e"
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 50, **{odd: [0] * 100})
    shown = r"[red]a\n\x1b[31m\u202e"
    assert run(["rank", path, "-t", "y"]) == 0
    assert shown in capsys.readouterr().err, "the warning of a constant"
    assert shown in bad(capsys, "rank", path)
    assert shown in bad(capsys, "rank", path, "-t", "z")
    for words in (["rank", odd, "-t", "y"], [odd], ["rank", path, "--" + odd], ["matrix", odd]):
        assert not re.search("[\x1b\u202e]", bad(capsys, *words))
    assert run(["rank", odd, "--debug"]) == 2
    assert not re.search("[\x1b\u202e]", capsys.readouterr().err)


def test_a_column_without_a_name(capsys, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,,y\n" + "0,1,0\n0,0,1\n1,1,1\n" * 9)
    assert "(no name)" in good(capsys, "rank", str(path), "-t", "y")
    assert "(no name)" in good(capsys, "matrix", str(path))
    assert json.loads(good(capsys, "matrix", str(path), "--json"))["columns"] == ["a", "", "y"]
    assert "(no name)" in bad(capsys, "rank", str(path), "-t", "z")
    assert json.loads(good(capsys, "rank", str(path), "-t", "", "--json"))["target"] == ""


def test_tiny_negative_numbers_have_no_sign():
    row = fastinfo.rank_features({"a": [0, 1, 1] * 4, "y": [0, 1] * 6}, "y")[0]
    row = row._replace(above_chance=-1e-9, share=-1e-9)
    text = results.Matrix(np.array([[-1e-9, 1.0], [1.0, -0.0]]), ["a", "b"], "nats", "nats").text()
    assert "-" not in text
    assert "-" not in fastinfo.Ranking([row], n_rows=12).to_text()


def test_no_result_is_lost_to_a_picture(capsys, flights, monkeypatch):
    monkeypatch.setattr("fastinfo.plot.save", raises(OSError("'r.png' can't be written: full")))
    assert run(["rank", flights, "-t", "late", "--plot", "r.png"]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split() == KEYS
    assert err == "error: 'r.png' can't be written: full\n"
    assert run(["matrix", flights, "--plot", "r.png", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["unit"] == "nats"


def test_plot(capsys, flights):
    good(capsys, "rank", flights, "-t", "late", "--plot", "r.png", "--top", "2")
    with open("r.png", "rb") as file:
        assert file.read(4) == b"\x89PNG"


def test_corrections_and_permutations(capsys, flights):
    def rows(*options):
        return json.loads(good(capsys, "rank", flights, "-t", "late", "--json", *options))["rows"]

    plain = {row["name"]: row for row in rows()}
    corrected = {row["name"]: row for row in rows("--correction", "miller-madow")}
    assert corrected["noise"]["mi"] < plain["noise"]["mi"]
    assert list(corrected) == list(plain)
    for field in ("pvalue", "above_chance", "share", "test"):
        assert corrected["noise"][field] == plain["noise"][field]
    assert rows("--correction", "0.5") != rows()
    permuted = rows("--permutations", "99", "--seed", "1")
    assert {round(100 * row["pvalue"], 9) % 1 for row in permuted} == {0.0}
    assert permuted == rows("--permutations", "99", "--seed", "1")
    assert permuted != rows("--permutations", "99", "--seed", "2")
    assert "--correction must be none, one of miller-madow" in bad(
        capsys, "rank", flights, "-t", "late", "--correction", "best"
    )


def test_matrix(capsys, flights):
    names = ["late", "carrier", "noise", "gate"]
    lines = good(capsys, "matrix", flights).splitlines()
    assert lines[0].split() == names
    found = json.loads(good(capsys, "matrix", flights, "--json"))
    assert found["columns"] == names
    assert found["unit"] == "nats"
    table = parquet.read_table(flights)
    expected = fastinfo.mutual_information_matrix(table, correction="chance")
    np.testing.assert_array_equal(found["matrix"], expected)
    plain = json.loads(good(capsys, "matrix", flights, "--json", "--correction", "none"))
    np.testing.assert_array_equal(plain["matrix"], fastinfo.mutual_information_matrix(table))
    for name, line, row in zip(names, lines[1:], expected, strict=True):
        assert line.split() == [name, *(f"{value:.6f}" for value in row)]


def test_options_of_matrix(capsys, flights):
    def matrix(*options):
        return json.loads(good(capsys, "matrix", flights, "--json", *options))

    table = parquet.read_table(flights)
    options = ["--bins", "5", "--base", "2", "--correction", "grassberger", "--threads", "2"]
    found = matrix(*options)
    expected = fastinfo.mutual_information_matrix(table, bins=5, base=2, correction="grassberger")
    np.testing.assert_array_equal(found["matrix"], expected)
    assert found["unit"] == "bits"
    shares = matrix("--normalized", "max", "--missing", "category")
    assert shares["unit"] == "share"
    assert [shares["matrix"][i][i] for i in range(4)] == [1.0] * 4
    good(capsys, "matrix", flights, "--plot", "m.png")
    with open("m.png", "rb") as picture:
        assert picture.read(4) == b"\x89PNG"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.csv"], "no such file: 'no.csv'"),
        (["flights.parquet", "--bins", "none"], "--bins must be"),
        (["flights.parquet", "--normalized", "mean"], "--normalized"),
        (["flights.parquet", "--missing", "raise"], "gate must have no missing samples"),
        (["flights.parquet", "--plot", "m.xyz"], "no known kind of picture"),
        (["flights.parquet", "--correction", "-1"], "correction must be a pseudo-count"),
    ],
)
def test_bad_arguments_of_matrix(capsys, flights, arguments, said):
    assert said in bad(capsys, "matrix", *arguments)


@pytest.mark.slow
def test_demo(capsys):
    assert run(["rank", "--demo", "--json"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch("warning: columns to look at: [^\n]*\n", err)
    assert "constant (information 0): year" in err, "all flights are of one year"
    found = json.loads(out)
    assert (found["target"], found["n_rows"], len(found["rows"])) == ("arr_delay", 336_776, 18)
    assert all(row["n"] + row["n_missing"] == 336_776 for row in found["rows"])
    weights = [
        (row["adjusted_pvalue"] <= 0.05, max(row["above_chance"], 0) * row["n"])
        for row in found["rows"]
    ]
    assert weights == sorted(weights, reverse=True)
    names = [row["name"] for row in found["rows"]]
    assert names[0] == "dep_delay"
    assert names.index("tailnum") >= 4, "by plug-in information it was the second"
    assert names[-1] == "year"


def test_version_info_and_help(capsys):
    assert good(capsys, "--version") == f"fastinfo {fastinfo.__version__}\n"
    assert re.search(r"^numba +\d", good(capsys, "info"), re.MULTILINE)
    assert "rank" in good(capsys)
    assert "rank" in good(capsys, "--help")
    assert "--target" in good(capsys, "rank", "--help")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a FILE to rank the columns of, or --demo"),
        (["flights.parquet", "--demo"], "give either 'flights.parquet' or --demo"),
        (["flights.parquet"], "--target; the columns are: late, carrier, noise, gate"),
        (["flights.parquet", "-t", "lat"], "no column 'lat', but 'late'; the columns are: late"),
        (["no.csv", "-t", "late"], "no such file: 'no.csv'"),
        (["flights.parquet", "-t", "late", "--bins", "1"], "--bins must be"),
        (["flights.parquet", "-t", "late", "--bins", "2.5"], "--bins must be"),
        (["flights.parquet", "-t", "late", "--bins", "most"], "one of mi, auto"),
        (["flights.parquet", "-t", "late", "--base", "1"], "--base must be"),
        (["flights.parquet", "-t", "late", "--base", "-2"], "--base must be"),
        (["flights.parquet", "-t", "late", "--base", "nan"], "--base must be"),
        (["flights.parquet", "-t", "late", "--base", "ten"], "--base must be"),
        (["flights.parquet", "-t", "late", "--missing", "skip"], "--missing"),
        (["flights.parquet", "-t", "late", "--top", "0"], "--top"),
        (["flights.parquet", "-t", "late", "--top", "few"], "--top"),
        (["flights.parquet", "-t", "late", "--threads", "0"], "--threads"),
        (["flights.parquet", "-t", "late", "--plot", "r.xyz"], "no known kind of picture"),
        (["flights.parquet", "-t", "late", "--plot", "no/r.png"], "--plot 'no/r.png' can't be"),
        (["flights.parquet", "-t", "late", "--plot", "."], "--plot must be a plain file, got '.'"),
        (["flights.parquet", "-t", "late", "--checkpoint", "no/c"], "no such folder: 'no'"),
        (["flights.parquet", "-t", "late", "--shine"], "--shine"),
    ],
)
def test_bad_arguments(capsys, flights, arguments, said):
    assert said in bad(capsys, "rank", *arguments)


def test_no_such_command(capsys):
    assert "rnk" in bad(capsys, "rnk")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n", "has no rows"),
        ("a,b\n1,2\n3,4,5\n", r"line 3 \('3,4,5'\): expected 2 values"),
        ("a\n1\n2\n", "no column besides 'a'"),
        ("a,b\n1,2\n1,3\n", "'?a'?"),
        ("a,b\n,2\nNA,3\n", "'?a'?"),
    ],
)
def test_bad_files(capsys, tmp_path, text, said):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert re.search(said, bad(capsys, "rank", str(path), "-t", "a"))


def test_columns_that_say_nothing_are_warned_of(capsys, tmp_path, monkeypatch):
    path = columns(
        monkeypatch,
        tmp_path,
        y=[0, 1] * 50,
        x=[0, 1, 1, 1] * 25,
        void=pa.array([None] * 100, pa.float64()),
        same=["always"] * 100,
    )
    assert run(["rank", path, "-t", "y", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err
    for line in err.splitlines():
        assert re.fullmatch("warning: .*(void|same).*", line)
    assert "void" in err
    assert "same" in err
    found = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    rows = {row["name"]: row for row in found["rows"]}
    assert rows["same"]["mi"] == 0
    assert rows["void"]["n"] == 0
    assert not rows["void"]["mi"]


def test_warnings_are_shown_as_before_afterwards(capsys):
    before = warnings.showwarning
    assert run(["--version"]) == 0
    assert warnings.showwarning is before


def test_debug_shows_where(capsys):
    assert run(["rank", "no.csv", "--debug"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.splitlines()[-1] == "error: no such file: 'no.csv'"


def raises(error):
    """Return a function that raises, whatever its arguments."""

    def fail(*arguments, **options):
        raise error

    return fail


def test_interrupt(capsys, flights, monkeypatch):
    monkeypatch.setattr(fastinfo, "rank_features", raises(KeyboardInterrupt()))
    assert run(["rank", flights, "-t", "late"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("first line\n  second line"), 2, "error: first line second line\n"),
        (MemoryError("1 TiB"), 2, "error: not enough memory: 1 TiB\n"),
        (KeyError(), 1, "error: KeyError\nthis should not happen: --debug shows where it did\n"),
    ],
)
def test_other_errors(capsys, flights, monkeypatch, error, code, said):
    monkeypatch.setattr(fastinfo, "rank_features", raises(error))
    assert run(["rank", flights, "-t", "late"]) == code
    assert capsys.readouterr().err == said


def test_packages_that_are_missing(capsys, flights, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = bad(capsys, "rank", flights, "-t", "late", "--plot", "r.png")
    assert 'pip install "fastinfo[plot]"' in said
    monkeypatch.setitem(sys.modules, "typer", None)
    assert 'pip install "fastinfo[cli]"' in bad(capsys, "info")


def test_progress_bar(capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    with _progress.reporting(True) as progress:
        assert progress is None, "no bar where stderr is no terminal"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with _progress.reporting(True) as progress:
        progress(1, 2)
    assert capsys.readouterr().err == "", "no bar for short work"
    monkeypatch.setattr(_progress, "_SECONDS_BEFORE_A_BAR", -1.0)
    with _progress.reporting(True) as progress:
        progress(1, 2)
    out, err = capsys.readouterr()
    assert "1/2" in err
    assert out == ""


def test_rules_are_all_of_numpys():
    from numpy.lib import _histograms_impl

    assert set(options.RULES) == {"mi", *_histograms_impl._hist_bin_selectors}


@pytest.mark.slow
def test_process(flights):
    done = run_python("-m", "fastinfo", "rank", flights, "--target", "late", "--top", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("carrier ")


@pytest.mark.slow
def test_process_with_bad_input(flights):
    done = run_python("-m", "fastinfo", "rank", flights, "--target", "early")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch("error: 'flights.parquet' has no column 'early'[^\n]*\n", done.stderr)


@pytest.mark.slow
def test_reader_of_the_pipe_goes_away(flights):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as closed:
        command = [sys.executable, "-m", "fastinfo", "rank", flights, "-t", "late"]
        streams = {"stdout": closed, "stderr": subprocess.PIPE}
        done = subprocess.run(command, text=True, env=environment(), **streams)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.slow
def test_reader_goes_away_within_a_long_output(tmp_path):
    names = [f"c{i}" for i in range(200)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(names), *(",".join("0123" * 50) for _ in range(9))]))
    command = [sys.executable, "-m", "fastinfo", "matrix", str(path), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout.read(10) == '{"unit": "'
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 141


needs_shell = pytest.mark.skipif(sys.platform != "linux", reason="needs a shell and /dev/full")
CLOSED = "error: standard output is closed: there is nowhere to write to\n"
FULL = "error: reading or writing failed: No space left on device\n"


@pytest.mark.slow
@needs_shell
@pytest.mark.parametrize(
    ("words", "streams", "code", "out", "err"),
    [
        ("--version", ">/dev/full", 2, "", FULL),
        ("--version", ">&-", 2, "", CLOSED),
        ("--version", "<&- >&- 2>&-", 2, "", ""),
        ("--version", "<&-", 0, f"fastinfo {fastinfo.__version__}\n", ""),
        ("rank no.csv", "2>/dev/full", 2, "", ""),
        ("rank no.csv", "2>&-", 2, "", ""),
    ],
)
def test_streams_that_are_full_or_closed(words, streams, code, out, err):
    command = f"{sys.executable} -m fastinfo {words} {streams}"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_nobody_listens_to_progress(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with _progress.reporting(True) as progress:
        assert progress is None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a directory in use can't be removed")
def test_the_working_directory_is_gone(flights, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os; os.rmdir(os.getcwd())\n"
        "import numba, fastinfo, fastinfo.streaming, fastinfo.plot\n"
        "from fastinfo._core import jit\n"
        "from fastinfo.cli import run\n"
        "rank = ['rank', {path!r}, '-t', 'late', '--top', '1']\n"
        "assert run(['--version']) == 0\n"
        "assert run(['rank', 'x.csv', '-t', 'late']) == 2\n"
        "for option in ('--plot', '--checkpoint'): assert run([*rank, option, 'r.png']) == 2\n"
        "for option in ('--plot', '--file'): assert run(['bench', option, 'x']) == 2\n"
        "assert run(['bench', '--estimator', 'm:f']) == 2\n"
        "kernel = jit.kernel(lambda x: x + 1)\n"
        "try: assert kernel(1) == 2 and numba.config.DISABLE_JIT\n"
        "except FileNotFoundError as error: print(error)\n"
    ).replace("{path!r}", repr(str(tmp_path / flights)))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=gone, text=True, capture_output=True, env=environment()
    )
    assert done.returncode == 0, done.stderr
    *_, first, last = done.stdout.splitlines()
    assert first == f"fastinfo {fastinfo.__version__}"
    assert last.startswith("the working directory no longer exists, and numba needs one")
    folder = "can't be written into the folder '.': No such file or directory"
    assert done.stderr.splitlines() == [
        "error: no such file: 'x.csv'",
        f"error: --plot 'r.png' {folder}",
        f"error: checkpoint 'r.png' {folder}",
        "error: --plot must be a directory that exists or can be created, got 'x': "
        "No such file or directory",
        f"error: --file 'x' {folder}",
        "error: the working directory is gone: change to another one",
    ]


def test_import_of_the_library_leaves_the_command_out():
    (line,) = printed("-c", "import fastinfo, sys; print(*sys.modules)")
    loaded = {name.partition(".")[0] for name in line.split()}
    assert "fastinfo" in loaded
    assert not loaded & {"typer", "rich", "matplotlib", "pyarrow", "pandas", "narwhals", "polars"}
