"""Of processes that start together, one compiles each function, and the others wait for it."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import compiled, environment, printed

from fastinfo._core.compiled_code import claims, collection

needs_locks = pytest.mark.skipif(not claims.can_claim(), reason="nothing can be locked here")

HOLD = """
import sys
from fastinfo._core.compiled_code.claims import claim

claim(sys.argv[1], "a")
print("held", flush=True)
sys.stdin.read()
"""

# Waits until all processes are there, and says how many signatures it had to compile.
TOGETHER = """
import os, sys, time
from pathlib import Path
import numpy as np
import fastinfo

place, n = Path(sys.argv[1]), int(sys.argv[2])
(place / str(os.getpid())).touch()
while len(list(place.iterdir())) < n:
    time.sleep(0.01)
fastinfo.entropy(np.array([0.25, 0.75]))
modules = [m for name, m in list(sys.modules.items()) if name.startswith("fastinfo.kernels.")]
stats = [f.stats for m in modules for f in vars(m).values() if hasattr(f, "stats")]
print(sum(sum(s.cache_misses.values()) for s in stats))
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed "a" in `tmp_path`, until it ends."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, str(tmp_path)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def seconds_to_claim(place: Path, name: str) -> float:
    begin = time.monotonic()
    claims.claim(str(place), name)
    return time.monotonic() - begin


@needs_locks
def test_it_waits_for_another_process_but_not_for_ever(other, tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "_SECONDS", 0.3)
    assert seconds_to_claim(tmp_path, "a") >= 0.3
    assert seconds_to_claim(tmp_path, "b") < 0.3
    claims.release(str(tmp_path), "a")  # which it does not have
    assert seconds_to_claim(tmp_path, "a") >= 0.3


@needs_locks
def test_claims_end_with_their_process(other, tmp_path):
    other.kill()
    other.wait()
    assert seconds_to_claim(tmp_path, "a") < claims._SECONDS


@needs_locks
def test_a_process_can_claim_again_and_release(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "_SECONDS", 0.3)
    for _ in range(2):
        assert seconds_to_claim(tmp_path, "a") < 0.3
    claims.release(str(tmp_path), "a")
    claims.release(str(tmp_path), "never claimed")
    hold = [sys.executable, "-P", "-c", HOLD, str(tmp_path)]
    done = subprocess.run(hold, env=environment(), input="", capture_output=True, check=True)
    assert done.stdout == b"held\n"


def test_where_nothing_can_be_locked_nobody_waits(tmp_path, monkeypatch):
    assert seconds_to_claim(tmp_path / "missing", "a") < claims._SECONDS
    monkeypatch.setattr(claims, "fcntl", None)
    claims.claim(str(tmp_path), "a")
    claims.release(str(tmp_path), "a")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@compiled
@needs_locks
def test_processes_that_start_together_compile_each_function_once(tmp_path):
    alone, together = tmp_path / "alone", tmp_path / "together"
    for place in (alone, together):
        place.mkdir()
    first = [sys.executable, "-P", "-c", TOGETHER]
    (misses,) = printed(*first[1:], str(alone), "1", NUMBA_CACHE_DIR=str(tmp_path / "1"))
    processes = [
        subprocess.Popen(
            [*first, str(together), "3"],
            env=environment(NUMBA_CACHE_DIR=str(tmp_path / "3")),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    counts = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert int(misses) > 0
    assert sum(counts) == int(misses)


@compiled
@pytest.mark.parametrize("collects", [True, False])
def test_no_garbage_is_collected_during_compilations(collects, monkeypatch):
    seen = []
    listener = collection._Listener()
    monkeypatch.setattr(collection.event, "register", lambda kind, own: seen.append((kind, own)))
    collection.compile_uncollected.__wrapped__()
    ((kind, found),) = seen
    assert (kind, type(found)) == ("numba:compile", type(listener))
    try:
        (gc.enable if collects else gc.disable)()
        listener.on_start(None)
        listener.on_start(None)  # a function inside the first
        assert not gc.isenabled()
        listener.on_end(None)
        assert not gc.isenabled()
        listener.on_end(None)
        assert gc.isenabled() == collects
    finally:
        gc.enable()
