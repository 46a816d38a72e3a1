"""Runs over parts that are stopped, and go on: to the same counts, or a clear error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("narwhals")

from pyarrow import parquet  # noqa: E402

import fastinfo  # noqa: E402
from fastinfo import _streams  # noqa: E402
from fastinfo._checkpoints import Checkpoint  # noqa: E402
from fastinfo.streaming import open_files  # noqa: E402

N = 4000


class StoppedError(Exception):
    """What ends a run half way."""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("fastinfo._sources.FEWEST_ROWS", 500)
    monkeypatch.setattr("fastinfo._sources.MOST_ROWS", 500)
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
            raise StoppedError
        saved.append(len(saved))
        save(self, state)

    monkeypatch.setattr(Checkpoint, "save", counted)
    return saved


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
        with pytest.raises(StoppedError):
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
        with pytest.raises(StoppedError):
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

    monkeypatch.setattr("fastinfo._checkpoints.json.dump", full)
    with pytest.raises(OSError, match=r"can't be written.*No space left"):
        fastinfo.rank_features(open_files(path), "y", checkpoint=checkpoint)
    assert checkpoint.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".fastinfo")] == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_command_goes_on(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("typer")
    checkpoint = tmp_path / "state.json"
    program = (
        "import sys, time\n"
        "from fastinfo import _sources, _streams, cli\n"
        "_sources.FEWEST_ROWS = _sources.MOST_ROWS = 500\n"
        "update = _streams._update\n"
        "def slow(*args):\n"
        "    time.sleep(0.2)\n"
        "    update(*args)\n"
        "_streams._update = slow\n"
        "sys.exit(cli.run(sys.argv[1:]))\n"
    )
    words = ["rank", str(path), "--target", "y", "--json", "--checkpoint", str(checkpoint)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen([sys.executable, "-P", "-c", program, *words], env=environment)
    try:
        for _ in range(600):
            time.sleep(0.1)
            if checkpoint.exists() and "counts" in json.loads(checkpoint.read_text())["state"]:
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    rows = json.loads(checkpoint.read_text())["state"]["counts"]["n_rows"]
    assert rows % 500 == 0
    assert 0 < rows < N
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    whole = fastinfo.rank_features(open_files(path), "y")
    found = json.loads(done.stdout)
    assert found["n_rows"] == N
    assert [row["mi"] for row in found["rows"]] == [row.mi for row in whole]
    assert not checkpoint.exists()
