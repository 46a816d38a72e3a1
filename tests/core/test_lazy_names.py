"""Names are imported when they are used: an import costs nothing, and all else is as before."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys

import pytest
from helpers import ROOT, environment, needs_fork, printed

import fastinfo
import fastinfo.distributions
import fastinfo.kernels
from fastinfo._core.lazy.names import lazy_names

#: What ``import fastinfo`` may load.
LOADED = {"fastinfo", "fastinfo._core", "fastinfo._core.lazy", "fastinfo._core.lazy.names"}


def modules(program: str) -> list[set[str]]:
    """The modules that are new after each of several statements of a process."""
    lines = [
        "import json, sys",
        "def new():",
        "    found = sorted(set(sys.modules) - seen)",
        "    seen.update(found)",
        "    print(json.dumps(found))",
        "import importlib",
        "seen = set(sys.modules)",
        *(line for statement in program.splitlines() for line in (statement, "new()")),
    ]
    return [set(json.loads(line)) for line in printed("-P", "-c", "\n".join(lines))]


def test_the_import_loads_neither_numba_nor_numpy() -> None:
    loaded, of_kernels = modules("import fastinfo\nimport fastinfo.kernels")
    assert loaded - {"__future__"} == LOADED
    assert of_kernels == {"fastinfo.kernels"}


@pytest.mark.slow
def test_a_function_loads_what_it_needs() -> None:
    _, loaded = modules("import fastinfo, numba\nfastinfo.cross_entropy")
    ours = {name for name in loaded if name.startswith("fastinfo.")}
    assert "fastinfo.distributions.entropies" in ours
    for other in ("losses", "information", "streaming", "files", "numba_ext", "kernels.neighbors"):
        assert not any(name.startswith(f"fastinfo.{other}") for name in ours), other
    _, loaded = modules("import fastinfo, numba\nfastinfo.kernels.log")
    assert not any(name.startswith("fastinfo.kernels.binning") for name in loaded)


@pytest.mark.slow
def test_a_process_that_uses_numba_alone_does_not_load_fastinfo() -> None:
    assert "numba_extensions" not in (ROOT / "pyproject.toml").read_text("utf-8")
    program = "import numba, sys; numba.njit(lambda x: x)(1); print('fastinfo' in sys.modules)"
    assert printed("-P", "-c", program) == ["False"]


def test_a_star_import_has_all_names() -> None:
    namespace: dict[str, object] = {}
    exec("from fastinfo import *", namespace)
    assert set(fastinfo.__all__) <= set(namespace)
    assert fastinfo.__all__ == sorted(set(fastinfo.__all__))


@pytest.mark.slow
def test_modules_are_attributes() -> None:
    program = "import fastinfo; print(fastinfo.streaming.PairCounts.__name__, fastinfo.rules)"
    (line,) = printed("-P", "-c", program)
    assert line.startswith("PairCounts <module 'fastinfo.rules'")
    assert {"streaming", "kernels", "entropy"} <= set(dir(fastinfo))


@pytest.mark.parametrize("package", [fastinfo, fastinfo.kernels, fastinfo.distributions])
def test_what_is_not_there_is_said_as_python_says_it(package) -> None:
    with pytest.raises(AttributeError, match=rf"^module '{package.__name__}' has no attribute 'x'"):
        package.x  # noqa: B018
    assert not hasattr(package, "__wrapped__")
    assert getattr(package, "x", 3) == 3


def test_a_name_is_the_same_each_time_and_everywhere() -> None:
    assert fastinfo.entropy is fastinfo.distributions.entropy
    assert vars(fastinfo)["entropy"] is fastinfo.entropy
    for function in (fastinfo.entropy, fastinfo.rank_features):
        assert pickle.loads(pickle.dumps(function)) is function
        assert copy.deepcopy(function) is function


def test_a_missing_module_is_said_at_each_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nobody", type(sys)("nobody"))
    attribute, names, listed = lazy_names(
        "nobody", {"nobody.there": "a b", "json": "dumps"}, "more"
    )
    assert (listed, set(names()) >= {"a", "b", "dumps", "more"}) == (["a", "b", "dumps"], True)
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="nobody"):
            attribute("a")
    assert attribute("dumps") is json.dumps


THREADS = """
import threading

import fastinfo

barrier = threading.Barrier(8)
found = []

def use(name):
    barrier.wait()
    found.append(getattr(fastinfo, name))

names = ["entropy", "rank_features", "logsumexp", "streaming", "entropy", "Codes"]
threads = [threading.Thread(target=use, args=(n,)) for n in (*names, "kernels", "log_loss")]
[t.start() for t in threads]
[t.join(60) for t in threads]
print(len(found), len(set(map(id, found))))
"""


@pytest.mark.slow
def test_threads_that_begin_together() -> None:
    assert printed("-P", "-c", THREADS) == ["8 7"]


FORKS = """
import os, sys, threading

import fastinfo

thread = threading.Thread(target=lambda: fastinfo.rank_features)
thread.start()
for _ in range(30):
    child = os.fork()
    if child == 0:
        ok = fastinfo.entropy([0.5, 0.5]) > 0 and fastinfo.rank_features is not None
        os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
thread.join()
print("done")
"""


@pytest.mark.slow
@needs_fork
def test_forks_while_another_thread_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", FORKS],
        env=environment(NUMBA_DISABLE_JIT="1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["done"], done.stderr
