"""Runs over parts that are stopped, and go on: to the same counts, or a clear error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import StopError, environment, printed, run_python

pa = pytest.importorskip("pyarrow")
pytest.importorskip("narwhals")

from pyarrow import parquet  # noqa: E402

import fastinfo  # noqa: E402
from fastinfo._core.as_json import FORMAT_VERSION, UNREADABLE  # noqa: E402
from fastinfo._counts.packed import packed_tables, tables_from_packed  # noqa: E402
from fastinfo._counts.table import Table  # noqa: E402
from fastinfo.streaming import ColumnCounts, PairCounts, Source, open_files  # noqa: E402
from fastinfo.streaming import checkpoints as _checkpoints  # noqa: E402
from fastinfo.streaming import runs as _streams  # noqa: E402
from fastinfo.streaming.checkpoints import Checkpoint  # noqa: E402

N = 4000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("fastinfo.files.sources.FEWEST_ROWS", 500)
    monkeypatch.setattr("fastinfo.files.sources.MOST_ROWS", 500)
    monkeypatch.setattr(_checkpoints, "_SHARE", 0)  # after each part
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, N)
    table = pa.table(
        {"a": rng.normal(size=N) + y, "b": rng.choice(["u", "v"], N), "c": np.sort(y * 30), "y": y}
    )
    found = tmp_path / "table.parquet"
    parquet.write_table(table, found, row_group_size=900, write_statistics=["b", "c"])
    return found


def stop_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> list[int]:
    """Let so many checkpoints be written, then fail."""
    saved: list[int] = []
    save = Checkpoint.save

    def counted(self: Checkpoint, state: dict[str, Any]) -> None:
        if len(saved) == calls:
            raise StopError
        saved.append(len(saved))
        save(self, state)

    monkeypatch.setattr(Checkpoint, "save", counted)
    return saved


@pytest.mark.slow
@pytest.mark.parametrize("calls", [1, 3, 8, 12])
@pytest.mark.parametrize("kind", ["rank", "matrix"])
def test_a_stopped_run_goes_on(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, calls: int
) -> None:
    checkpoint = tmp_path / "state.json"

    def run(**options: Any) -> Any:
        if kind == "rank":
            return [tuple(r) for r in fastinfo.rank_features(open_files(path), "y", **options)]
        return fastinfo.mutual_information_matrix(open_files(path), **options).tolist()

    whole = run()
    with monkeypatch.context() as patch:
        stop_after(patch, calls)
        with pytest.raises(StopError):
            run(checkpoint=checkpoint)
    kept = json.loads(checkpoint.read_text())["state"]
    read: list[int] = []
    update = _streams._update

    def counted(counts: Any, part: Any, source: Any) -> None:
        read.append(part.num_rows)
        update(counts, part, source)

    monkeypatch.setattr(_streams, "_update", counted)
    assert run(checkpoint=checkpoint) == whole
    assert sum(read) == N - kept.get("counts", {}).get("n_rows", 0)  # nothing is read twice
    assert ("counts" in kept) == (calls == 12)
    assert not checkpoint.exists()


def test_a_complete_run_leaves_nothing(path: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    fastinfo.rank_features(open_files(path), "y", checkpoint=tmp_path / "state.json")
    assert set(tmp_path.iterdir()) == before


def stopped(path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 4)
        with pytest.raises(StopError):
            fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)


def test_another_run_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = tmp_path / "state.json"
    stopped(path, checkpoint, monkeypatch)
    content = checkpoint.read_bytes()
    for run in (
        lambda: fastinfo.rank_features(open_files(path), "y", bins=4, checkpoint=checkpoint),
        lambda: fastinfo.rank_features(open_files(path), "b", checkpoint=checkpoint),
        lambda: fastinfo.mutual_information_matrix(open_files(path), checkpoint=checkpoint),
    ):
        with pytest.raises(ValueError, match="is of a run over other data or with other options"):
            run()
    os.utime(path, (1, 1))
    with pytest.raises(ValueError, match="is of a run over other data"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)
    assert checkpoint.read_bytes() == content


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x", "version": 1}', "\x00\x01"])
def test_a_file_of_another_kind_stays(path: Path, tmp_path: Path, content: str) -> None:
    checkpoint = tmp_path / "state.json"
    checkpoint.write_text(content)
    with pytest.raises(ValueError, match=r"checkpoint .* is"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)
    assert checkpoint.read_text() == content


def test_no_disk(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="can't be written"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=tmp_path / "none" / "state.json")
    checkpoint = tmp_path / "state.json"
    stopped(path, checkpoint, monkeypatch)
    content = checkpoint.read_bytes()

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fastinfo.streaming.checkpoints._put", full)
    with pytest.raises(OSError, match=r"can't be written.*No space left"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)
    assert checkpoint.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".fastinfo")] == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_command_goes_on(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("typer")
    checkpoint = tmp_path / "state.json"
    program = (
        "import sys, time\n"
        "from fastinfo import cli\n"
        "from fastinfo.files import sources\n"
        "from fastinfo.streaming import checkpoints, runs\n"
        "checkpoints._SHARE = 0\n"
        "sources.FEWEST_ROWS = sources.MOST_ROWS = 500\n"
        "update = runs._update\n"
        "def slow(*args):\n"
        "    time.sleep(0.2)\n"
        "    update(*args)\n"
        "runs._update = slow\n"
        "sys.exit(cli.run(sys.argv[1:]))\n"
    )
    words = ["rank", str(path), "--target", "y", "--json", "--checkpoint", str(checkpoint)]
    process = subprocess.Popen([sys.executable, "-P", "-c", program, *words], env=environment())
    try:
        for _ in range(600):
            time.sleep(0.1)
            state = json.loads(checkpoint.read_text())["state"] if checkpoint.exists() else {}
            if state.get("counts", {}).get("n_rows", 0):
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    rows = json.loads(checkpoint.read_text())["state"]["counts"]["n_rows"]
    assert rows % 500 == 0
    assert 0 < rows < N
    lines = printed("-P", "-c", program, *words)
    whole = fastinfo.rank_features(open_files(path), "y")
    found = json.loads("".join(lines))
    assert found["n_rows"] == N
    assert [row["mi"] for row in found["rows"]] == [row.mi for row in whole]
    assert not checkpoint.exists()


# What killed runs leave


def remains(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.name.startswith(".fastinfo")}


def leave(checkpoint: Path) -> str:
    """Kill a process in the middle of writing a checkpoint; the name of the file that is left."""
    program = (
        "import os, signal, sys\n"
        "from fastinfo.streaming import checkpoints\n"
        "def half(text, file):\n"
        "    file.write('{')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "checkpoints._put = half\n"
        "checkpoints.Checkpoint(sys.argv[1], int).save({})\n"
    )
    before = remains(checkpoint.parent)
    done = run_python("-P", "-c", program, checkpoint)
    assert done.returncode == -signal.SIGKILL
    (name,) = remains(checkpoint.parent) - before
    return name


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_the_next_run_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    left, other = leave(tmp_path / "a.json"), leave(tmp_path / "b.json")
    for name in (".fastinfo-abcdefgh", ".fastinfo", "a.json-x", left[:-9]):
        (tmp_path / name).write_text("something else")
    before = remains(tmp_path)
    Checkpoint(None, int).load()
    assert remains(tmp_path) == before
    assert Checkpoint(tmp_path / "a.json", int).load() is None
    assert remains(tmp_path) == before - {left}
    assert other in before
    Checkpoint(tmp_path / "b.json", lambda: 1).load()
    assert remains(tmp_path) == before - {left, other}


def test_a_file_that_a_run_is_writing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    writing, over = threading.Event(), threading.Event()
    put = _checkpoints._put

    def slow(*args: Any) -> None:
        writing.set()
        assert over.wait(60)
        put(*args)

    monkeypatch.setattr(_checkpoints, "_put", slow)
    writer = threading.Thread(target=Checkpoint(path, int).save, args=({"n": 1},))
    writer.start()
    assert writing.wait(60)
    before = remains(tmp_path)
    assert len(before) == 1
    assert Checkpoint(path, int).load() is None
    assert remains(tmp_path) == before
    over.set()
    writer.join()
    assert Checkpoint(path, int).load() == {"n": 1}
    assert remains(tmp_path) == set()


def test_a_file_that_another_run_took_away_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "state.json", int)
    replace, calls = os.replace, []

    def without_the_first(source: str, target: str) -> None:
        calls.append(source)
        if len(calls) == 1:
            assert Checkpoint(checkpoint.path, int).load() is None  # it is not locked any more
            assert not os.path.exists(source)
        replace(source, target)

    monkeypatch.setattr(_checkpoints.os, "replace", without_the_first)
    checkpoint.save({"n": 1})
    assert len(calls) == 2
    assert checkpoint.load() == {"n": 1}
    assert remains(tmp_path) == set()


def test_two_runs_with_one_checkpoint(path: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "state.json"
    whole = [tuple(row) for row in fastinfo.rank_features(open_files(path), "y")]
    found: list[Any] = []

    def run() -> None:
        ranking = fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)
        found.append([tuple(row) for row in ranking])

    runs = [threading.Thread(target=run) for _ in range(2)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert found == [whole, whole]
    assert remains(tmp_path) == set()


# Versions


@pytest.mark.parametrize("version", [0, 2, _checkpoints._VERSION + 1, None, "1", [1]])
def test_a_checkpoint_of_another_version_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: Any
) -> None:
    checkpoint = tmp_path / "state.json"
    stopped(path, checkpoint, monkeypatch)
    plain = json.loads(checkpoint.read_text())
    assert plain["version"] == _checkpoints._VERSION
    checkpoint.write_text(json.dumps(plain | {"version": version}))
    with pytest.raises(ValueError, match=r"is of version .*, which reads version .* remove it"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)


def test_counts_of_another_version_are_refused() -> None:
    for kind in (ColumnCounts, PairCounts):
        plain = kind(["a"]).to_dict()
        assert plain["version"] == FORMAT_VERSION
        with pytest.raises(ValueError, match="data must be of version"):
            kind.from_dict(plain | {"version": FORMAT_VERSION + 1})


def keys_of(plain: Any) -> Any:
    """The structure of plain values: names and types, lists by their first entry."""
    if isinstance(plain, dict):
        return {name: keys_of(value) for name, value in plain.items()}
    if isinstance(plain, list):
        return [keys_of(plain[0])] if plain else []
    return type(plain).__name__


#: What is written under this number. If a test with it fails, raise ``FORMAT_VERSION``, and then
#: put down here what is written under the new number.
WRITTEN = 2
ARRAY = {"dtype": "str", "values": ["float"]}
COLUMN = {
    "name": "str",
    "bins": "int",
    "strategy": "str",
    "discrete": "bool",
    "survey": "list",
    "kind": "str",
    "whole": "bool",
    "edges": "list",
    "levels": "NoneType",
}
LABELS = COLUMN | {
    "survey": "NoneType",
    "edges": "NoneType",
    "levels": {"dtype": "str", "values": [["str"]]},
}
TABLE = {"shape": ["int"], "weighted": "bool", "table": [["int"]]}
HEAD = {"format": "str", "version": "int"}


def written(counts: Any) -> Any:
    """The structure of what is written; a survey and edges are lists of entries of each kind."""
    plain = counts.to_dict()
    for column in plain.get("columns", []):
        lengths = len(column["survey"]), len(column["edges"])
        assert lengths == (7, 2)
        column["survey"], column["edges"] = "list", "list"
    found = keys_of(plain)
    for column in found.get("columns", []):
        column["survey"], column["edges"] = "list", "list"
    return found


def test_what_is_written_is_that_of_the_version() -> None:
    assert FORMAT_VERSION == WRITTEN
    x, y = [0.0, 1.0, 2.0], ["u", "v", "u"]
    table = pa.table({"x": x, "y": y})
    surveys = fastinfo.streaming.survey(table)
    counts = ColumnCounts(["x"], "y", bins=2, discrete=(False, True), surveys=surveys)
    assert written(counts.update(table)) == HEAD | {
        "n_rows": "int",
        "target": LABELS,
        "columns": [COLUMN],
        "tables": [TABLE],
    }
    pairs = PairCounts(["x"], bins=2, discrete=False, surveys=surveys)
    expected = HEAD | {"n_rows": "int", "columns": [COLUMN], "tables": [TABLE]}
    assert written(pairs.update(table)) == expected
    joint = fastinfo.JointCounts.from_samples(x, y, bins=2)
    assert written(joint) == HEAD | TABLE | {
        "x_edges": ARRAY,
        "y_edges": "NoneType",
        "x_levels": "NoneType",
        "y_levels": {"dtype": "str", "values": ["str"]},
        "n_dropped": "int",
        "n_missing": "int",
        "unit_weight": "float",
    }


# How often, and in how little space


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, that a test lets go by."""
    now = [0.0]
    monkeypatch.setattr(_checkpoints.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("took", "part"), [(1.0, 0.5), (0.5, 3.0), (0.001, 0.1), (10.0, 1.0)])
@pytest.mark.parametrize("guessed", [0.1, 1.0])
def test_saving_takes_a_twentieth_of_a_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: list[float],
    took: float,
    part: float,
    guessed: float,
) -> None:
    saved: list[float] = []

    def save(self: Checkpoint, state: dict[str, Any]) -> None:
        clock[0] += took
        saved.append(clock[0])

    monkeypatch.setattr(Checkpoint, "save", save)
    kept = Checkpoint(tmp_path / "state.json", int)
    size = int(guessed * took / _checkpoints._RATE)
    while clock[0] < 40 * took + 40 * part:
        clock[0] += part
        kept.offer(dict, size)
        if len(saved) > 1:  # the first time is a guess
            assert saved[-1] - saved[-2] >= 20 * took - 1e-9
    assert len(saved) >= 1
    assert clock[0] - saved[-1] <= 20 * took + part  # and it is not put off for longer


def test_a_larger_state_is_known_to_take_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    saved: list[int] = []

    def save(self: Checkpoint, state: dict[str, int]) -> None:
        clock[0] += state["size"] / 100
        saved.append(state["size"])

    monkeypatch.setattr(Checkpoint, "save", save)
    kept = Checkpoint(tmp_path / "state.json", int)
    kept.offer(lambda: {"size": 0}, 0)
    clock[0] += 100
    kept.offer(lambda: {"size": 10}, 10)
    assert saved == [0, 10]
    clock[0] += 5
    kept.offer(lambda: {"size": 1000}, 1000)  # would take ten seconds
    assert saved == [0, 10]
    clock[0] += 190
    kept.offer(lambda: {"size": 1000}, 1000)
    assert saved == [0, 10, 1000]


def test_what_was_offered_last_is_saved_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Checkpoint(tmp_path / "state.json", int)

    def fail(state: dict[str, int] | None, change: bool) -> None:
        with kept.kept_at_the_end():
            if state is not None:
                kept.offer(lambda: state, 10**12)
            if change:
                kept.withdraw()
            raise StopError

    def failed(state: dict[str, int] | None, change: bool) -> None:
        with pytest.raises(StopError):
            fail(state, change)

    failed(None, False)
    assert kept.load() is None
    failed({"n": 1}, True)
    assert kept.load() is None
    failed({"n": 1}, False)
    assert kept.load() == {"n": 1}
    monkeypatch.setattr(Checkpoint, "save", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    failed({"n": 2}, False)  # the disk is full: what is raised is why the run ended
    assert kept.load() == {"n": 1}


def test_a_run_that_is_interrupted_goes_on_from_its_last_part(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_checkpoints, "_SHARE", 10**9)  # too little time for any save
    checkpoint = tmp_path / "state.json"
    whole = fastinfo.mutual_information_matrix(open_files(path))

    def stop(done: int, total: int) -> None:
        if done >= 3000:  # 4000 rows were looked at, and 2000 are counted
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fastinfo.mutual_information_matrix(open_files(path), checkpoint=checkpoint, progress=stop)
    state = json.loads(checkpoint.read_text())["state"]
    assert state["counts"]["n_rows"] == 2000
    again = fastinfo.mutual_information_matrix(open_files(path), checkpoint=checkpoint)
    np.testing.assert_array_equal(again, whole)


def test_tables_are_packed_and_read_again() -> None:
    rng = np.random.default_rng(0)
    tables = [
        Table.of(rng.integers(0, most, (3, 4))) for most in (2, 255, 256, 2**16, 2**32, 2**60)
    ]
    rows, columns = np.array([0, 5, 5]), np.array([7, 0, 2])
    tables += [Table(np.array([1, 300, 2]), (10**6, 10**5), (rows, columns)), Table.empty(0, 0)]
    for _ in range(2):
        plain = json.loads(json.dumps(packed_tables(tables)))
        shapes = [table.shape for table in tables]
        again = tables_from_packed(plain, len(tables), shapes)
        for old, new in zip(tables, again, strict=True):
            assert (new.shape, new.is_dense, new.weighted) == (old.shape, old.is_dense, False)
            for a, b in zip(old.cells(), new.cells(), strict=True):
                np.testing.assert_array_equal(a, b)
        with pytest.raises(ValueError, match="there must be 3 tables"):
            tables_from_packed(plain, 3, shapes)
        with pytest.raises(ValueError, match=r"must (have the shape|lie within)"):
            tables_from_packed(plain, len(tables), [(1, 1)] * len(tables))
        tables = tables * 2
    assert tables_from_packed(packed_tables([]), 0, []) == []


def test_a_state_takes_less_than_its_plain_values() -> None:
    X = np.random.default_rng(0).integers(0, 25, (4000, 12))
    for counts in (PairCounts(list("abcdefghijkl")).update(X), ColumnCounts(list("abcdefghijk"))):
        if isinstance(counts, ColumnCounts):
            counts.update(X[:, 1:], X[:, 0])
        state = counts._to_state()
        assert len(json.dumps(state)) < len(json.dumps(counts.to_dict())) / 1.5
        assert type(counts)._from_state(state).to_dict() == counts.to_dict()
        broken = json.loads(json.dumps(state))
        for name in state["tables"]:
            for change in ([], [["<u1", "AAAA"]], [["<f8", ""]], None, 3):
                if broken["tables"][name] != change:
                    with pytest.raises(UNREADABLE):
                        type(counts)._from_state(
                            state | {"tables": state["tables"] | {name: change}}
                        )


# To which run it belongs


def begun_and_resumed(tmp_path: Path, first: Any, then: Any) -> Any:
    """Stop a run over one table, and go on with it over another."""
    checkpoint = tmp_path / "run.json"
    checkpoint.unlink(missing_ok=True)

    def stop(done: int, total: int) -> None:
        if total and 2 * done > total:  # a part is counted
            raise StopError

    with pytest.raises(StopError):
        fastinfo.rank_features(first, "y", checkpoint=checkpoint, progress=stop)
    assert checkpoint.exists()
    return fastinfo.rank_features(then, "y", checkpoint=checkpoint)


OTHER = "is of a run over other data or with other options"


def test_a_dataset_and_its_filter(path: Path, tmp_path: Path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    field = dataset.field
    assert begun_and_resumed(tmp_path, *(dataset.dataset(path) for _ in range(2))).n_rows == N
    filters = [field("c") < 40, field("c") < 50, field("c") <= 40, field("b") == "u"]
    chosen = [dataset.dataset(path).filter(one) for one in filters]
    again = dataset.dataset(path).filter(field("c") < 40)
    assert 0 < begun_and_resumed(tmp_path, chosen[0], again).n_rows < N
    for other in (*chosen[1:], dataset.dataset(path)):
        with pytest.raises(ValueError, match=OTHER):
            begun_and_resumed(tmp_path, chosen[0], other)
    (piece,) = dataset.dataset(path).get_fragments()
    groups = [
        dataset.FileSystemDataset(
            [piece.subset(row_group_ids=ids)], piece.physical_schema, piece.format, piece.filesystem
        )
        for ids in ([0, 1], [0, 2])
    ]
    with pytest.raises(ValueError, match=OTHER):
        begun_and_resumed(tmp_path, *groups)


def in_memory(change: int | None = None) -> Any:
    x = np.arange(3000) % 7 * 1.0
    if change is not None:
        x[change] = 8.0
    return pa.table({"x": x, "t": np.arange(3000) % 3, "y": np.arange(3000) % 2})


def test_a_dataset_in_memory(tmp_path: Path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    same = [dataset.dataset(in_memory()) for _ in range(2)]
    assert begun_and_resumed(tmp_path, *same).n_rows == 3000
    both = [dataset.dataset([one, one]) for one in same]  # of two tables
    assert begun_and_resumed(tmp_path, *both).n_rows == 6000
    for other in (
        dataset.dataset(in_memory(0)),
        dataset.dataset(in_memory(1500)),
        dataset.dataset(in_memory().slice(1)),
        same[0].filter(dataset.field("x") < 5),
        both[0],
    ):
        with pytest.raises(ValueError, match=OTHER):
            begun_and_resumed(tmp_path, same[0], other)


@pytest.mark.slow
def test_lazy_frames(path: Path, tmp_path: Path) -> None:
    pl = pytest.importorskip("polars")
    nw = pytest.importorskip("narwhals")
    if not hasattr(pl.LazyFrame, "collect_batches"):
        pytest.skip("lazy frames are not read in parts")

    def lazy(change: int | None = None) -> Any:
        return pl.from_arrow(in_memory(change)).lazy()

    for same in (lazy(), nw.from_native(lazy()), lazy().filter(pl.col("x") < 9)):
        assert begun_and_resumed(tmp_path, lazy(), same).n_rows == 3000
    for other in (
        *map(lazy, (0, 1234, 2999)),
        lazy().filter(pl.col("x") < 5),
        lazy().reverse(),
        lazy().with_columns(pl.col("t").cast(pl.Int32)),
    ):
        with pytest.raises(ValueError, match=OTHER):
            begun_and_resumed(tmp_path, lazy(), other)
    assert begun_and_resumed(tmp_path, pl.scan_parquet(path), pl.scan_parquet(path)).n_rows == N
    with pytest.raises(ValueError, match=OTHER):
        begun_and_resumed(tmp_path, pl.scan_parquet(path), pl.scan_parquet(path).head(3000))


def test_relations(path: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")

    def relation(change: int | None = None) -> Any:
        return duckdb.from_arrow(in_memory(change))

    assert begun_and_resumed(tmp_path, relation(), relation()).n_rows == 3000
    for other in (relation(0), relation(1234), relation().filter("x < 5"), relation().limit(2000)):
        with pytest.raises(ValueError, match=OTHER):
            begun_and_resumed(tmp_path, relation(), other)
    query = f"select * from '{path}' where c < 40"
    assert begun_and_resumed(tmp_path, duckdb.sql(query), duckdb.sql(query)).n_rows < N
    with pytest.raises(ValueError, match=OTHER):
        begun_and_resumed(tmp_path, duckdb.sql(query), duckdb.sql(query.replace("40", "20")))


def test_what_can_not_be_known_again_is_refused(path: Path, tmp_path: Path) -> None:
    class Own(Source):
        def __init__(self) -> None:
            self.label, self.names, self.columns = "own", list("abcy"), list("abcy")

        def parts(self, names: Any, start: int = 0) -> Any:
            return open_files(path).parts(names, start)

    assert fastinfo.rank_features(Own(), "y").n_rows == N
    with pytest.raises(
        ValueError, match=r"checkpoint= needs a source with the method identity\(\)"
    ):
        fastinfo.rank_features(Own(), "y", checkpoint=tmp_path / "state.json")
    assert not (tmp_path / "state.json").exists()


def test_one_changed_character_is_found(path: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "state.json"
    Checkpoint(checkpoint, lambda: ["a run"]).save({"counts": [12, 7.5], "names": ["a", "ä"]})
    text = checkpoint.read_text()
    assert Checkpoint(checkpoint, lambda: ["a run"]).load() == {
        "counts": [12, 7.5],
        "names": ["a", "ä"],
    }
    for i, old in enumerate(text):
        for new in ("0", "1", "x", " ", '"'):
            if new == old or (new == " " and old in "{[,:"):
                continue
            checkpoint.write_text(text[:i] + new + text[i + 1 :])
            with pytest.raises(ValueError, match=r"^checkpoint .*state.json"):
                Checkpoint(checkpoint, lambda: ["a run"]).load()
    checkpoint.write_text(text.replace('"digest"', '"other"'))  # as a build before this had it
    with pytest.raises(ValueError, match="is damaged, or was changed by hand: remove it"):
        Checkpoint(checkpoint, lambda: ["a run"]).load()


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes by name")
def test_a_checkpoint_is_a_plain_file(path: Path, tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.write_text("mine")
    link.symlink_to(target)
    os.mkfifo(pipe)
    for place, kind in ((link, "link"), (pipe, "pipe"), (tmp_path, "directory")):
        with pytest.raises(ValueError, match=f"checkpoint must be a plain file, got .* a {kind}"):
            fastinfo.rank_features(open_files(path), "y", checkpoint=place)
    assert target.read_text() == "mine"
    assert link.is_symlink()
