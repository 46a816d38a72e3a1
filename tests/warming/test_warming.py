"""Compiling ahead: every function can be, and what was compiled is there for the next process."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from helpers import compiled, environment, printed

import fastinfo
from fastinfo.warming import compiling
from fastinfo.warming.first_calls import FIRST_CALLS, _arguments
from fastinfo.warming.tasks import TASKS

# Loads what it needs from the cache: it says how many signatures it had to compile.
USE = """
import sys
import numpy as np
import fastinfo

x = np.arange(12.0)
fastinfo.histogram(x)
fastinfo.contingency_table(x.astype("i8") % 3, x.astype("i8") % 2)
modules = [m for name, m in list(sys.modules.items()) if name.startswith("fastinfo.kernels.")]
stats = [f.stats for m in modules for f in vars(m).values() if hasattr(f, "stats")]
print(sum(sum(s.cache_misses.values()) for s in stats))
print(sum(sum(s.cache_hits.values()) for s in stats))
"""


def in_process(program: str, cache: Path) -> list[str]:
    """What a program prints, line by line."""
    return printed("-P", "-c", program, NUMBA_CACHE_DIR=str(cache))


def test_every_public_function_can_be_compiled_ahead() -> None:
    functions = {n for n in fastinfo.__all__ if inspect.isfunction(getattr(fastinfo, n))}
    compile_nothing = {"get_num_threads", "num_threads", "set_num_threads", "show_versions"}
    modules = {"fastinfo.cooccurrence", "fastinfo.images"}
    others = {"JointCounts", "capi", "rank of files", "matrix of files"} | modules
    assert functions - compile_nothing - {"warmup"} | others == set(FIRST_CALLS)


def test_tasks_are_of_functions() -> None:
    assert {name for names in TASKS.values() for name in names} <= set(FIRST_CALLS)
    assert not set(TASKS) & set(FIRST_CALLS)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(FIRST_CALLS))
def test_each_first_call_runs(name: str) -> None:
    if name == "capi" and numba.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    FIRST_CALLS[name](_arguments(12, np.float64))


@pytest.mark.slow
@compiled
def test_the_next_process_compiles_nothing(tmp_path: Path) -> None:
    warm = 'import fastinfo; print(fastinfo.warmup("histogram", "contingency_table"))'
    (directory,) = in_process(warm, tmp_path)
    assert Path(directory).is_relative_to(tmp_path)
    files = sorted(tmp_path.rglob("*.nbc"))
    assert files
    misses, hits = map(int, in_process(USE, tmp_path))
    assert misses == 0
    assert hits > 0
    assert sorted(tmp_path.rglob("*.nbc")) == files


@pytest.mark.slow
@compiled
@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_the_functions(threads: int) -> None:
    seen: list[tuple[int, int]] = []
    names = ("histogram", "contingency_table", "histogram")
    with fastinfo.num_threads(threads):
        directory = fastinfo.warmup(*names, progress=lambda done, total: seen.append((done, total)))
    assert directory is not None
    assert Path(directory).is_dir()
    assert seen[-1] == (2, 2)
    assert seen == sorted(seen)


@pytest.mark.slow
@compiled
def test_a_process_compiles_what_it_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", compiling._SERVE],
        input="histogram\nentropy\n",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["done", "done"]), done.stderr


@compiled
def test_processes_that_die_leave_the_work_to_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_SERVE", "raise SystemExit(3)")
    called: list[str] = []
    monkeypatch.setattr("fastinfo.warming.first_calls.call_first", called.append)
    with fastinfo.num_threads(2):
        assert fastinfo.warmup("histogram", "entropy") is not None
    assert called == ["histogram", "entropy"]


def test_without_the_compiler_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert fastinfo.warmup("histogram") is None


@pytest.mark.parametrize("name", ["nothing", "", "Histogram", "num_threads"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"among cli, rank, .*, JointCounts, .*, got '{name}'"):
        fastinfo.warmup(name)


@pytest.mark.parametrize("name", [3, None, ["histogram"], fastinfo.histogram])
def test_a_name_is_a_string(name: object) -> None:
    with pytest.raises(TypeError, match="names must be strings, got"):
        fastinfo.warmup(name)  # type: ignore[arg-type]


@pytest.mark.slow
@compiled
def test_a_task_is_compiled_into_a_directory(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    names = ("histogram", "contingency_table")
    place = tmp_path / "new" / "place"
    found = fastinfo.warmup(*names, to=place, progress=lambda *done: seen.append(done))
    assert found == str(place)
    assert seen[-1] == (2, 2)
    misses, hits = map(int, in_process(USE, place))
    assert (misses, hits > 0) == (0, True)


@pytest.mark.parametrize("to", [3, b"place", ["place"]])
def test_a_directory_is_a_path(to: object) -> None:
    with pytest.raises(TypeError, match="to must be a path or None, got"):
        fastinfo.warmup("histogram", to=to)  # type: ignore[arg-type]


@compiled
def test_a_directory_that_cannot_be_filled_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OSError, match="file"):
        fastinfo.warmup("histogram", to=file)
    monkeypatch.setattr(compiling, "_SERVE", "raise SystemExit(3)")
    with pytest.raises(OSError, match="histogram could not be compiled: the process for it ended"):
        fastinfo.warmup("histogram", to=tmp_path / "place")
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(OSError, match="to needs other Python processes"):
        fastinfo.warmup("histogram", to=tmp_path / "place")


@compiled
def test_the_command_compiles_into_a_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typer")
    from fastinfo.cli import run

    monkeypatch.setattr(compiling, "_SERVE", "for line in open(0): print(flush=True)")
    assert run(["warmup", "cli", "--to", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"kept in {tmp_path}\n" in out
    assert "NUMBA_CACHE_DIR" in out


@compiled
def test_the_command_says_where_code_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("typer")
    from fastinfo.cli import run

    assert run(["warmup", "histogram", "--threads", "1"]) == 0
    assert str(fastinfo.warmup("histogram")) in capsys.readouterr().out


def test_the_command_refuses_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("typer")
    from fastinfo.cli import run

    assert run(["warmup", "nothing"]) == 2
    assert "error: names must be among" in capsys.readouterr().err


def test_the_command_fails_where_nothing_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typer")
    from fastinfo.cli import run

    monkeypatch.setattr(compiling, "cache_directory", lambda: None)
    assert run(["warmup", "histogram"]) == 2
    assert "error: nothing was" in capsys.readouterr().err
