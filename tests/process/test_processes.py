"""Many threads and many processes: the same bits in each, and none that hangs or dies.

Each program runs in an interpreter of its own and prints its answers, which must be those of one
thread.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from helpers import environment, needs_fork, run_python

import fastinfo

THREADS = "FASTINFO_NUM_THREADS"
LIMIT = 60.0  # seconds after which something hangs

needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="the system can't pin a process"
)

# Each measure has enough samples for several pieces. A number is told by its bits.
BEGIN = """
import atexit, hashlib, os, signal, sys, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
import numpy as np
import fastinfo

rng = np.random.default_rng(20130101)
x, y = rng.normal(size=(2, 2_000_000))
y += x
logits, targets = rng.normal(size=(120_000, 10)), rng.integers(0, 10, 120_000)

def digest(arrays):
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()

MEASURES = [
    lambda: fastinfo.mutual_information(x, y).hex(),
    lambda: float(fastinfo.entropy(np.abs(x))).hex(),
    lambda: float(fastinfo.softmax_cross_entropy(logits, targets)).hex(),
    lambda: digest(fastinfo.histogram2d(x, y, bins=20)),
]

def measure(first=0):
    n = len(MEASURES)
    answers = {i % n: MEASURES[i % n]() for i in range(first, first + n)}
    return " ".join(answers[i] for i in range(n))

def in_threads(function, arguments, n):
    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(function, arguments))
"""

# The children of some start methods import the program anew.
MAIN = "if __name__ == '__main__':"


def variables(cache: Path, **changes: str) -> dict[str, str | None]:
    """The variables of a program: compiled code, three threads, one cache for all."""
    directory = os.environ.get("NUMBA_CACHE_DIR") or str(cache)
    return {"NUMBA_CACHE_DIR": directory, "NUMBA_DISABLE_JIT": None, THREADS: "3", **changes}


def check(code: int | None, output: str, errors: str) -> list[str]:
    """The lines of a program that ended well."""
    assert code == 0, (code, output, errors)
    for word in ("terminating", "traceback", "fatal"):
        assert word not in errors.lower(), errors
    return output.splitlines()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for the programs, where the tests themselves have none."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(tmp_path: Path, cache: Path):
    """Run a program after BEGIN; the lines that it printed."""

    def run_program(program: str, **changes: str) -> list[str]:
        path = tmp_path / "program.py"
        path.write_text(BEGIN + program)
        done = run_python(path, timeout=LIMIT, **variables(cache, **changes))
        return check(done.returncode, done.stdout, done.stderr)

    return run_program


@pytest.fixture(scope="module")
def answer(cache: Path) -> str:
    """What one thread answers; compared with plain NumPy."""
    program = BEGIN + "print(measure())\n"
    limit = 2 * LIMIT  # all is compiled here
    done = run_python("-c", program, timeout=limit, **variables(cache, **{THREADS: "1"}))
    (line,) = check(done.returncode, done.stdout, done.stderr)
    information, entropy, loss, _ = line.split()

    rng = np.random.default_rng(20130101)
    x, y = rng.normal(size=(2, 2_000_000))
    y += x
    logits, targets = rng.normal(size=(120_000, 10)), rng.integers(0, 10, 120_000)
    p = np.abs(x) / np.abs(x).sum()
    assert math.isclose(float.fromhex(entropy), -np.sum(p * np.log(p)), rel_tol=1e-12)
    log_sums = np.log(np.exp(logits).sum(1))
    plain_loss = np.mean(log_sums - logits[np.arange(targets.size), targets])
    assert math.isclose(float.fromhex(loss), plain_loss, rel_tol=1e-12)
    bins = round(math.sqrt((1 + math.sqrt(1 + 24 * x.size)) / 2))
    edges = [fastinfo.histogram_bin_edges(v, bins, strategy="quantile") for v in (x, y)]
    table = np.histogram2d(x, y, edges)[0] / x.size
    for margin in (table.sum(0), table.sum(1)):  # each edge off by a twentieth of a bin at most
        np.testing.assert_allclose(margin, 1 / bins, rtol=0.1)
    product = table.sum(1, keepdims=True) * table.sum(0)
    full = table > 0
    plain_information = np.sum(table[full] * np.log(table[full] / product[full]))
    assert math.isclose(float.fromhex(information), plain_information, rel_tol=1e-11)
    return line


# Threads


@pytest.mark.slow
def test_many_threads_call_many_functions(run, answer):
    program = """
barrier = threading.Barrier(8)
def user(i):
    barrier.wait()
    return [measure(i + k) for k in range(3)]
for answers in in_threads(user, range(8), 8):
    for line in answers:
        print(line)
"""
    assert run(program) == [answer] * 24


@pytest.mark.slow
def test_many_threads_of_the_library(run, answer):
    # In 20 million elements there is a piece for each thread.
    program = """
print(measure())
many = np.tile(np.abs(x), 10)
found = fastinfo.entropy(many)
with fastinfo.num_threads(1):
    print(found == fastinfo.entropy(many), fastinfo.get_num_threads())
print(fastinfo.get_num_threads())
"""
    if hasattr(os, "sched_setaffinity"):
        program = (
            "import os\nos.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])" + program
        )
    assert run(program, **{THREADS: "64"}) == [answer, "True 1", "64"]


@pytest.mark.slow
def test_the_number_of_threads_changes_while_others_compute(run, answer):
    program = """
over = threading.Event()
def change(seed):
    numbers = np.random.default_rng(seed)
    while not over.is_set():
        fastinfo.set_num_threads(int(numbers.integers(1, 9)))
        time.sleep(0.0005)

def use(n):
    found = []
    for i in range(4):
        found.append(measure(i))
        with fastinfo.num_threads(n):
            found.append(measure(i))
            assert fastinfo.get_num_threads() == n
            with fastinfo.num_threads(n + 1):
                assert fastinfo.get_num_threads() == n + 1
            assert fastinfo.get_num_threads() == n
    return found

changers = [threading.Thread(target=change, args=(i,)) for i in range(3)]
for changer in changers: changer.start()
answers = in_threads(use, range(1, 5), 4)
over.set()
for changer in changers: changer.join()
print(*set(sum(answers, [])))
print(1 <= fastinfo.get_num_threads() <= 8)
"""
    assert run(program) == [answer, "True"]


@pytest.mark.slow
@needs_affinity
def test_a_process_is_pinned_after_use(run, answer):
    program = """
cpus = os.sched_getaffinity(0)
before = fastinfo.get_num_threads()
print(before <= len(cpus), measure())
os.sched_setaffinity(0, {max(cpus)})
print(fastinfo.get_num_threads(), measure())
os.sched_setaffinity(0, cpus)
print(fastinfo.get_num_threads() == before, measure())
"""
    assert run(program, **{THREADS: ""}) == [f"True {answer}", f"1 {answer}", f"True {answer}"]


# Processes

FORK = """
def fork(n=1):
    children = []
    for _ in range(n):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(30)  # ends the child where it hangs
            try:
                os.write(write, measure().encode())
            finally:
                os._exit(0)
        os.close(write)
        children.append((pid, read))
    beside = measure()
    for pid, read in children:
        with open(read) as file:
            print(file.read() or "nothing")
        print(os.waitpid(pid, 0)[1])
    print(beside)
"""


@pytest.mark.slow
@needs_fork
def test_children_of_a_fork_compute_beside_their_parent(run, answer):
    program = "print(measure())\nfork(3)\nprint(measure())\n"
    assert run(FORK + program) == [answer] + [answer, "0"] * 3 + [answer] * 2


@pytest.mark.slow
@needs_fork
def test_a_fork_in_a_thread(run, answer):
    # The main thread of the child is not the one of the parent.
    program = "print(measure())\nin_threads(lambda _: fork(), [0], 1)\nprint(measure())\n"
    assert run(FORK + program) == [answer, answer, "0", answer, answer]


@pytest.mark.slow
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(run, answer, method):
    program = f"""
import multiprocessing
{MAIN}
    print(measure())
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool:
        print(*pool.map(measure, range(4), chunksize=1), sep="\\n")
        print(pool.apply(fastinfo.mutual_information, (x, y)).hex() in measure())
"""
    assert run(program) == [answer] * 5 + ["True"]


@pytest.mark.slow
@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="there is no forkserver"
)
def test_a_forkserver_that_has_used_the_library(run, answer, tmp_path):
    (tmp_path / "used_before.py").write_text(BEGIN + "measure()\n")
    program = f"""
import multiprocessing
{MAIN}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["used_before"])
    with context.Pool(2) as pool:
        print(*pool.map(measure, range(4), chunksize=1), sep="\\n")
"""
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    assert run(program, PYTHONPATH=path) == [answer] * 4


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib(run, answer, backend):
    # loky hands long arrays over as read-only memory maps.
    pytest.importorskip("joblib")
    program = f"""
import joblib
{MAIN}
    print(measure())
    with joblib.Parallel(n_jobs=2, backend={backend!r}) as parallel:
        print(*parallel(joblib.delayed(measure)(i) for i in range(4)), sep="\\n")
        found = parallel(joblib.delayed(fastinfo.mutual_information)(x, y) for _ in range(2))
    print(*[value.hex() in measure() for value in found])
"""
    assert run(program) == [answer] * 5 + ["True True"]


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_dask(run, answer, scheduler):
    pytest.importorskip("dask")
    program = f"""
import dask
{MAIN}
    tasks = [dask.delayed(measure)(i) for i in range(4)]
    print(*dask.compute(*tasks, scheduler={scheduler!r}, num_workers=2), sep="\\n")
    print(measure())
"""
    assert run(program) == [answer] * 5


@pytest.mark.slow
def test_executors_within_executors(run, answer):
    program = f"""
def in_two_threads(first):
    return in_threads(measure, [first, first + 1], 2)
{MAIN}
    with ProcessPoolExecutor(2) as pool:
        for answers in [*pool.map(in_two_threads, range(2)), in_two_threads(0)]:
            print(*answers, sep="\\n")
"""
    assert run(program) == [answer] * 6


# The end of a process


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0, 0.01, 0.1])
def test_the_interpreter_ends_while_daemons_work(run, answer, delay):
    program = f"""
def work():
    while True:
        measure()
print(measure())
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
atexit.register(lambda: print(measure(), flush=True))
time.sleep({delay})
"""
    assert run(program) == [answer, answer]


@contextmanager
def started(path: Path, cache: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a program, which is killed where it hangs."""
    pipe = subprocess.PIPE
    env = environment(**variables(cache))
    with subprocess.Popen(
        [sys.executable, str(path)], env=env, stdout=pipe, stderr=pipe, text=True
    ) as process:
        guard = threading.Timer(LIMIT, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGINT is sent to another process there")
def test_ctrl_c(cache, answer, tmp_path):
    program = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # even if the tests ignore it
measure()
for _ in range(5):
    try:
        print("begin", flush=True)
        while True:
            measure()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    print(measure(), flush=True)
"""
    path = tmp_path / "program.py"
    path.write_text(BEGIN + program)
    with started(path, cache) as process:
        assert process.stdout is not None
        for i in range(5):
            assert process.stdout.readline() == "begin\n"
            threading.Event().wait(0.013 * i)
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "interrupted\n"
            assert process.stdout.readline() == answer + "\n"
        output, errors = process.communicate(timeout=LIMIT)
    assert check(process.returncode, output, errors) == []
