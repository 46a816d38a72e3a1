"""fastinfo.benchmark: true values, records, files that resume, registration, the command."""

from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter

import numpy as np
import pytest
from scipy import integrate, stats

import fastinfo
from fastinfo import benchmark, num_threads
from fastinfo.benchmark import running
from fastinfo.benchmark.records import append_record, read_records

NAMES = list(benchmark.distributions())


@pytest.fixture(autouse=True)
def unregister(monkeypatch):
    """Leave no estimator of a test behind."""
    monkeypatch.setattr(running, "_registered", {})


# True values


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_truths_within_three_standard_errors(name):
    # Beside three standard errors, the bias that KSG has of 20,000 samples where the density has
    # edges or is narrow; a true value that is wrong is off by more.
    known = benchmark.distributions()[name]
    n, found = 20_000, []
    for i in range(8):
        x, y = known.draw(np.random.default_rng([i, 7]), n)
        if known.kind == "labels":
            found.append(fastinfo.mutual_information(x, y, correction="miller-madow"))
        else:
            if "t dof" in name or "exp" in name:  # normal scores: as much information, no tails
                x, y = (stats.norm.ppf(stats.rankdata(a) / (n + 1)) for a in (x, y))
            found.append(fastinfo.mutual_information(x, y, estimator="ksg", n_neighbors=5))
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - known.truth) < 3 * error + 0.015 * max(known.truth, 0.2)


def test_the_published_values():
    # Czyż et al. 2023, figure 2: the row of true values, to the digits that it shows.
    known = benchmark.distributions()
    published = {
        "normal r=0.75": 0.41,
        "half-cube of normal r=0.75": 0.41,
        "cdf of normal r=0.75": 0.41,
        "wiggly normal r=0.75": 0.41,
        "bimodal r=0.75": 0.41,
        "Student-t dof=1": 0.22,
        "asinh of Student-t dof=1": 0.22,
        "additive noise 0.1": 1.71,
        "additive noise 0.75": 0.33,
    }
    assert {name: round(known[name].truth, 2) for name in published} == published


@pytest.mark.parametrize("dof", [1, 2, 5])
def test_student_by_integration(dof):
    joint = stats.multivariate_t(shape=np.eye(2), df=dof)
    entropy = stats.t(dof).entropy()

    def term(v, u):  # tails are long: coordinates are sinh of these
        x, y = np.sinh(u), np.sinh(v)
        p = joint.pdf([x, y])
        return -p * np.log(p) * np.cosh(u) * np.cosh(v) if p > 0 else 0.0

    upper, _ = integrate.dblquad(term, 0, 12, 0, 12, epsabs=1e-4)
    found = benchmark.distributions()[f"Student-t dof={dof}"].truth
    assert 2 * entropy - 4 * upper == pytest.approx(found, abs=2e-3)


def test_transforms_are_monotone():
    from fastinfo.benchmark import known_distributions as known

    grid = np.linspace(-6, 6, 10_001)
    for transform in (known._half_cube, known._wiggly_x, known._wiggly_y, known._normal_cdf):
        assert (np.diff(transform(grid)) > 0).all()
    assert (np.diff(known._two_humps(0.3, 0.0, 5.0)(grid)) >= 0).all()
    humps = known._two_humps(0.3, 0.0, 5.0)(np.random.default_rng(0).normal(size=10**5))
    assert np.mean(humps < 2.5) == pytest.approx(0.3, abs=0.01)
    assert known._normal_cdf(grid) == pytest.approx(stats.norm.cdf(grid), rel=1e-12)


def test_kinds():
    for known in benchmark.distributions().values():
        x, y = known.draw(np.random.default_rng(0), 50)
        kinds = x.dtype.kind + y.dtype.kind
        assert kinds == {"numbers": "ff", "mixed": "fi", "labels": "ii"}[known.kind]
        assert known.source.partition("https://doi.org/")[2]


# Runs


def test_every_estimator_runs_where_it_may():
    results = benchmark.run(
        ["normal r=0.6", "uniform after 2 labels", "table 2x2"], sizes=[400], repetitions=2
    )
    assert [record["error"] for record in results] == [None] * len(results)
    for record in results:
        assert abs(record["bias"]) < 0.5, record
        assert record["time"] > 0
        assert record["rmse"] == pytest.approx(
            math.hypot(record["bias"], record["std"] / math.sqrt(2))
        )
        assert record["mean"] == pytest.approx(record["bias"] + record["truth"])
    ours = {(r["estimator"], r["distribution"]): r["mean"] for r in results}
    if ("scikit-learn k=3", "normal r=0.6") in ours:
        for name in ("normal r=0.6", "uniform after 2 labels"):
            assert ours["scikit-learn k=3", name] == pytest.approx(
                ours["sklearn's way k=3", name], abs=1e-10
            )


def test_the_default_and_equal_widths_are_two_estimators():
    known = benchmark.estimators()
    x, y = benchmark.distributions()["exp of normal r=0.75"].draw(np.random.default_rng(0), 2000)
    for name, strategy in (("histogram mi", "quantile"), ("histogram mi, uniform", "uniform")):
        assert known[name].function(x, y) == fastinfo.mutual_information(x, y, strategy=strategy)
    assert known["histogram mi"].function(x, y) > known["histogram mi, uniform"].function(x, y)


def without_times(results):
    return [{k: v for k, v in r.items() if k not in ("time", "threads")} for r in results]


def test_the_same_seed_gives_the_same_records():
    options = {"estimators": ["ksg k=3", "gaussian"], "sizes": [50, 300], "repetitions": 3}
    first = benchmark.run(["normal r=0.6", "Student-t dof=1"], seed=4, **options)
    with num_threads(2):
        again = benchmark.run(["normal r=0.6", "Student-t dof=1"], seed=4, **options)
    assert without_times(first) == without_times(again)
    alone = benchmark.run(["Student-t dof=1"], seed=4, **options)
    assert without_times(alone) == without_times(first)[4:]
    other = benchmark.run(["Student-t dof=1"], seed=5, **options)
    assert without_times(other) != without_times(alone)


def test_a_file_resumes(tmp_path):
    path = tmp_path / "records.jsonl"
    calls = []

    def counted(x, y):
        calls.append(len(x))
        return 0.0

    benchmark.register(counted)
    options = {"estimators": ["counted"], "repetitions": 3, "path": path}
    first = benchmark.run(["table 2x2"], sizes=[10, 20], **options)
    assert len(calls) == 2 * 4
    with open(path, "a") as file:
        file.write('{"distribution": "cut o')
    calls.clear()
    both = benchmark.run(["table 2x2"], sizes=[10, 20, 30], **options)
    assert calls == [30] * 4
    assert both.records[:2] == first.records
    assert len(path.read_text().splitlines()) == 3
    assert benchmark.run(["table 2x2"], sizes=[10, 20, 30], **options).records == both.records
    calls.clear()
    benchmark.run(["table 2x2"], sizes=[10], seed=1, **options)
    assert calls == [10] * 4
    path.write_text("hello\n")
    with pytest.raises(ValueError, match=r"a file of benchmark records.*line 1"):
        benchmark.run(["table 2x2"], sizes=[10], **options)


def test_progress_and_the_limit_of_time():
    import time

    def slow(x, y):
        time.sleep(0.02)
        return 0.0

    benchmark.register(slow, kinds="labels")
    seen = []
    results = benchmark.run(
        ["table 2x2", "normal r=0.6"],
        ["slow", "histogram mi"],
        sizes=[10, 20],
        repetitions=1,
        time_limit=0.01,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(i, 8) for i in range(1, 9)]
    assert [r["n"] for r in results if r["estimator"] == "slow"] == [10]


def test_errors_of_estimators_are_records():
    def broken(x, y):
        raise RuntimeError("no")

    benchmark.register(broken, "mine", kinds=["labels"])
    results = benchmark.run(["table 2x2"], ["mine"], sizes=[10], repetitions=2)
    assert results.records[0]["error"] == "RuntimeError: no"
    assert results.records[0]["mean"] is None
    said = "mine failed in 1 of 1 cases, first on table 2x2, n=10: RuntimeError: no"
    assert results.to_text().splitlines()[-1] == said
    with pytest.raises(ValueError, match="no records to draw"):
        benchmark.plot_error(results)


@pytest.mark.slow
def test_results_as_tables_and_pictures(tmp_path):
    results = benchmark.run(
        ["normal r=0.6"], ["ksg k=3", "histogram mi"], sizes=[50, 200], repetitions=2
    )
    assert len(results) == 4
    again = benchmark.Results.from_json(results.to_json())
    assert again.records == results.records
    assert list(results.to_pandas()["estimator"]) == [r["estimator"] for r in results]
    assert "ksg k=3" in repr(results)
    paths = results.plot(tmp_path / "pictures")
    assert [path.rpartition("/")[2] for path in paths] == ["error.png", "time.png", "pareto.png"]
    axes = benchmark.plot_pareto(results).axes[0]
    assert axes.get_xlabel() == "time of a call, s"
    assert len(axes.get_lines()) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distributions": ["normal"]}, "distributions must be some of normal r=0.0"),
        ({"estimators": ["none"]}, "estimators must be some of histogram mi"),
        ({"estimators": []}, "estimators must name at least one"),
        ({"sizes": []}, "sizes must hold at least one"),
        ({"sizes": [1]}, "sizes must be an integer of at least 2"),
        ({"repetitions": 0}, "repetitions must be an integer of at least 1"),
        ({"seed": -1}, "seed must be an integer of at least 0"),
        ({"time_limit": 0}, "time_limit must be a positive number"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        benchmark.run(**options)


def test_bad_registrations(tmp_path, monkeypatch):
    with pytest.raises(TypeError, match="function must be callable"):
        benchmark.register(3)
    with pytest.raises(ValueError, match="kinds must be some of"):
        benchmark.register(len, kinds="floats")
    with pytest.raises(TypeError, match="name must be a string"):
        benchmark.register(len, "")
    with pytest.raises(ValueError, match="must be given as module:function"):
        benchmark.load("fastinfo.entropy")
    with pytest.raises(ImportError):
        benchmark.load("no_such_module_at_all:f")
    with pytest.raises(ValueError, match="an estimator must exist"):
        benchmark.load("fastinfo:no_such_function")


# The command


def test_the_command(tmp_path, monkeypatch, capsys):
    from fastinfo import cli

    (tmp_path / "my_estimators.py").write_text("def zero(x, y):\n    return 0.0\n")
    monkeypatch.chdir(tmp_path)
    quick = {"distributions": ["table 2x2"], "sizes": [50], "repetitions": 2}
    monkeypatch.setattr(
        benchmark,
        "quick_options",
        lambda: quick | {"estimators": ["histogram mi", *running._registered]},
    )
    words = ["bench", "--quick", "--estimator", "my_estimators:zero"]
    assert cli.run([*words, "--json", "--plot", "pictures", "--file", "records.jsonl"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [r["estimator"] for r in records] == ["histogram mi", "my_estimators:zero"]
    assert records[1]["bias"] == -records[1]["truth"]
    assert (tmp_path / "pictures" / "pareto.png").exists()
    assert cli.run([*words, "--repetitions", "3", "--threads", "1"]) == 0
    assert "my_estimators:zero" in capsys.readouterr().out
    assert cli.run(["bench", "--estimator", "nothing"]) == 2
    assert "module:function" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plot", "note.txt"], "--plot must be a directory that exists or can be created"),
        (["--plot", "note.txt/in"], "--plot must be a directory that exists or can be created"),
        (["--plot", "others"], "--plot must be a new file or a picture that fastinfo made"),
        (["--file", "no/x"], "--file 'no/x' can't be written: no such folder"),
        (["--file", "note.txt"], "--file must be a new file or a file of benchmark records"),
        (["--file", "others"], "--file must be a plain file, got 'others', a directory"),
    ],
)
def test_the_command_checks_its_files_before_the_work(tmp_path, monkeypatch, capsys, words, said):
    from fastinfo import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("mine")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "time.png").write_bytes(b"\x89PNG")
    monkeypatch.setattr(benchmark, "run", lambda **options: pytest.fail("it began to work"))
    assert cli.run(["bench", "--quick", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
    assert (tmp_path / "note.txt").read_text() == "mine"


def test_quick_options_can_be_run():
    options = benchmark.quick_options()
    assert set(options["distributions"]) <= set(benchmark.distributions())
    assert "ksg k=3" in options["estimators"]
    records = benchmark.run(**(options | {"sizes": [30], "repetitions": 1}))
    cases = Counter(record["estimator"] for record in records)
    assert len(cases) >= 6
    assert set(cases.values()) == {7}, "the same cases for each"


def test_means_are_over_the_same_distributions():
    def half(x, y):
        if len(x) > 10:
            raise RuntimeError("too\nmany")
        return 0.5

    benchmark.register(half, "half")
    names = ["normal r=0.6", "normal r=0.9", "table 2x2"]
    results = benchmark.run(names, ["histogram mi", "gaussian", "half"], sizes=[10, 20])
    _, _, *lines = results.to_text().splitlines()
    assert [line.split()[-5] for line in lines[:5]] == ["2"] * 5, "distributions"
    assert lines[5] == "not in the means (no results of gaussian): table 2x2"
    assert lines[6] == (
        "half failed in 3 of 6 cases, first on normal r=0.6, n=20: RuntimeError: too many"
    )
    assert len(lines) == 7
    own = [r for r in results if r["estimator"] == "histogram mi" and r["n"] == 10]
    rmse = sum(r["rmse"] for r in own if r["distribution"] != "table 2x2") / 2
    assert lines[0].split()[-2] == f"{rmse:.4f}"


def test_no_file_of_others_is_written_to(tmp_path):
    path = tmp_path / "mine.txt"
    for text in ("my only line", "line\nanother", '{"a": 1}', '{"distribution"; "x"'):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"^--file must .* a file of benchmark rec.*\(line "):
            read_records(path, "--file")
        with pytest.raises(ValueError, match="a file of benchmark records"):
            append_record(path, {"distribution": "x", "estimator": "y"})
        with pytest.raises(ValueError, match="path must be a new file or a file of benchmark reco"):
            benchmark.run(["table 2x2"], ["histogram mi"], sizes=[10], path=path)
        assert path.read_text() == text
    if sys.platform != "win32":
        link = tmp_path / "link"
        link.symlink_to(path)
        os.mkfifo(tmp_path / "pipe")
        for place, kind in ((link, "link"), (tmp_path / "pipe", "pipe")):
            for use in (read_records, lambda place: append_record(place, {})):
                with pytest.raises(ValueError, match=f"path must be a plain file, .* a {kind}"):
                    use(place)


def test_a_record_that_is_cut_off_anywhere_is_written_anew(tmp_path):
    path = tmp_path / "records.jsonl"
    record = {"distribution": "x" * 100_000, "estimator": "y"}
    append_record(path, record)
    line = path.read_bytes()
    for end in (0, 1, 10, 20, 70_000, len(line) - 1):
        path.write_bytes(line + line[:end])
        assert read_records(path) == [record]
        append_record(path, record)
        assert path.read_bytes() == line + line
        path.write_bytes(line[:end])
        assert read_records(path) == []
        append_record(path, record)
        assert path.read_bytes() == line
