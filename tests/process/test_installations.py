"""The cache of compiled code: none that can be written, a full one, a damaged one, one for many.

Each program runs in an interpreter of its own. What it answers is compared with plain NumPy.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import environment, printed, run_python

import fastinfo

LIMIT = 60.0  # seconds after which something hangs

P = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]

# Of the kernels, the one that is soonest compiled.
TOTAL = f"""
import sys
import numpy as np
from fastinfo.kernels.distributions.divergences import total

p = np.array({P}, dtype="f8")
if "together" in sys.argv:
    print("ready", flush=True)
    sys.stdin.readline()
print(float(total(p)))
print(sum(total.stats.cache_hits.values()), total.stats.cache_path)
"""
SINGLE = TOTAL.replace("f8", "f4")
STRIDED = TOTAL.replace('"f8")', '"f8").repeat(2)[::2]')


#: Compiled code, and nothing that says where its cache is.
NO_CACHE = dict.fromkeys(
    ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "NUMBA_DISABLE_JIT", "PYTHONWARNINGS")
)


def run(program: str, **changes: str | None) -> list[str]:
    """Run a program; the lines that it printed. It must say nothing else."""
    done = run_python("-P", "-c", program, timeout=LIMIT, **NO_CACHE | changes)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stderr == ""
    return done.stdout.splitlines()


def is_right(answer: str) -> bool:
    return math.isclose(float(answer), math.fsum(P), rel_tol=1e-15)


# A cache that can't be written, or no longer


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    """
    Copy the package to where its directories take no cache; the PYTHONPATH of the copy.

    Permissions don't bind every user, a file in the place of ``__pycache__`` does.
    """
    package = tmp_path / "installed" / "fastinfo"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(fastinfo.__file__).parent, package, ignore=ignore)
    directories = {path.parent for path in package.rglob("*.py")}
    for directory in directories:
        (directory / "__pycache__").touch()
        directory.chmod(0o555)
    yield os.pathsep.join([str(package.parent), *filter(None, sys.path)])
    for directory in directories:
        directory.chmod(0o755)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a cache for what takes long to compile: the one of the tests, if they have one."""
    return os.environ.get("NUMBA_CACHE_DIR") or str(tmp_path_factory.mktemp("cache"))


needs_home = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="another variable says where the user's cache is"
)


@pytest.mark.slow
@needs_home
def test_a_package_that_takes_no_cache_without_a_home(installed, tmp_path):
    a_file = tmp_path / "a file"
    a_file.touch()
    answer, hits = run(TOTAL, PYTHONPATH=installed, HOME=None, XDG_CACHE_HOME=str(a_file / "cache"))
    assert is_right(answer)
    assert hits == "0 None"


@pytest.mark.slow
@needs_home
def test_a_package_and_a_home_that_take_no_cache(installed, tmp_path):
    home = tmp_path / "a file"
    home.touch()
    program = "import fastinfo\nprint(fastinfo.__file__, fastinfo.logsumexp([2.0, 2.0]))" + TOTAL
    public, answer, hits = run(
        program, PYTHONPATH=installed, HOME=str(home / "missing"), XDG_CACHE_HOME=None
    )
    where, found = public.rsplit(maxsplit=1)
    assert Path(where) == tmp_path / "installed" / "fastinfo" / "__init__.py"
    assert math.isclose(float(found), 2 + math.log(2), rel_tol=1e-15)
    assert is_right(answer)
    assert hits == "0 None"


@pytest.mark.slow
@needs_home
def test_a_package_that_takes_no_cache_beside_a_home_that_does(installed, tmp_path):
    variables = {"PYTHONPATH": installed, "HOME": None, "XDG_CACHE_HOME": str(tmp_path / "home")}
    first = run(TOTAL, **variables)
    second = run(TOTAL, **variables)
    assert first[0] == second[0]
    assert is_right(first[0])
    assert first[1].startswith(f"0 {tmp_path / 'home'}")
    assert second[1].startswith(f"1 {tmp_path / 'home'}")


@pytest.mark.slow
def test_a_full_disk(tmp_path):
    # Or a quota that is used up: a file can be made there, but nothing be written to it.
    pytest.importorskip("resource")
    limit = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
"""
    answer, _ = run(limit + TOTAL, NUMBA_CACHE_DIR=str(tmp_path))
    assert is_right(answer)


@pytest.mark.slow
def test_files_that_were_cut_off(tmp_path):
    # What a crash of the system leaves of files that were just written.
    variables = {"NUMBA_CACHE_DIR": str(tmp_path)}
    first, _ = run(TOTAL, **variables)
    for file in tmp_path.rglob("*.nbc"):
        file.write_bytes(b"")
    again, hits = run(TOTAL, **variables)
    assert again == first
    assert is_right(first)
    assert hits.startswith("0 ")
    assert run(TOTAL, **variables) == [first, f"1 {hits.split()[1]}"]


# A cache for many


@pytest.mark.slow
def test_processes_that_fill_a_cache_at_the_same_time(tmp_path):
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", TOTAL, "together"],
            env=environment(**NO_CACHE | {"NUMBA_CACHE_DIR": str(tmp_path)}),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        answers = set()
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            output, errors = process.communicate(timeout=LIMIT)
            assert process.returncode == 0, errors
            assert errors == ""
            answers.add(output.splitlines()[0])
    finally:
        for process in processes:
            process.kill()
            process.wait()
    answer, hits = run(TOTAL, NUMBA_CACHE_DIR=str(tmp_path))
    assert answers == {answer}
    assert is_right(answer)
    assert hits.startswith(f"1 {tmp_path}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "other"),
    [(TOTAL, SINGLE), (STRIDED, TOTAL)],
    ids=["another dtype", "other strides"],
)
def test_code_of_another_signature(tmp_path, program, other):
    run(other, NUMBA_CACHE_DIR=str(tmp_path / "other"))
    first, _ = run(program, NUMBA_CACHE_DIR=str(tmp_path / "ours"))
    (theirs,) = (tmp_path / "other").rglob("divergences.total-*.nbc")
    (ours,) = (tmp_path / "ours").rglob("divergences.total-*.nbc")
    shutil.copy(theirs, ours)
    again, hits = run(program, NUMBA_CACHE_DIR=str(tmp_path / "ours"))
    assert again == first
    assert is_right(first)
    assert hits.startswith("0 ")


GENERIC = {"NUMBA_CPU_NAME": "generic"}


@pytest.mark.slow
def test_another_cpu(tmp_path):
    # The cache tells processors apart.
    variables = {"NUMBA_CACHE_DIR": str(tmp_path)}
    (native, _), (generic, hits) = run(TOTAL, **variables), run(TOTAL, **GENERIC, **variables)
    assert is_right(native)
    assert is_right(generic)
    assert hits.startswith("0 ")
    again, hits = run(TOTAL, **variables)
    assert again == native
    assert hits.startswith("1 ")


# Without a compiler

MANY = """
import json
import numpy as np
import fastinfo

rng = np.random.default_rng(20130101)
x, y, z = rng.normal(size=(3, 60))
y += x
p, q = rng.random((2, 6))
labels, others = rng.integers(0, 4, (2, 60))
logits, targets = rng.normal(size=(8, 4)), rng.integers(0, 4, 8)
soft = fastinfo.softmax(logits, axis=1)

def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return np.asarray(value, dtype=float).tolist()

found = {
    "adjusted_mutual_info_score": fastinfo.adjusted_mutual_info_score(labels, others),
    "binary_cross_entropy": fastinfo.binary_cross_entropy(p, [0, 1, 1, 0, 1, 0]),
    "conditional_entropy": fastinfo.conditional_entropy(x, y, base=2),
    "conditional_mutual_information": fastinfo.conditional_mutual_information(x, y, z, bins=3),
    "contingency_table": fastinfo.contingency_table(labels, others),
    "entropy": fastinfo.entropy(p),
    "entropy_from_counts": [
        fastinfo.entropy_from_counts([3, 1, 0, 5], correction=c)
        for c in (None, "miller-madow", "grassberger", "chao-shen", "shrinkage", 0.5)
    ],
    "histogram": fastinfo.histogram(x, 7),
    "histogram2d": fastinfo.histogram2d(x, y, (3, 4)),
    "histogram_bin_edges": fastinfo.histogram_bin_edges(x, "mi"),
    "kl_divergence": fastinfo.kl_divergence(p, q),
    "lagged_mutual_information": fastinfo.lagged_mutual_information(x, y, [-1, 0, 2], bins=3),
    "logsumexp": fastinfo.logsumexp(logits, axis=1),
    "mutual_information": [
        fastinfo.mutual_information(x, y),
        fastinfo.mutual_information(x, labels, bins=4, strategy="quantile"),
        fastinfo.mutual_information(labels, others, normalized="arithmetic"),
    ],
    "sigmoid_cross_entropy": fastinfo.sigmoid_cross_entropy(x, y > 0, return_grad=True),
    "softmax": soft,
    "softmax_cross_entropy": fastinfo.softmax_cross_entropy(
        logits, targets, return_grad=True, return_hess=True
    ),
    "transfer_entropy": fastinfo.transfer_entropy(x, y, bins=2),
    "transfer_entropy_matrix": fastinfo.transfer_entropy_matrix(np.stack([x, y, z]).T, bins=2),
    "surrogates": [
        fastinfo.transfer_entropy_test(x, y, n_permutations=5, seed=1, surrogates=s, estimator=e)[3]
        for s, e in [("shift", "histogram"), ("block", "gaussian"), ("permute", "ksg")]
    ],
    "v_measure_score": fastinfo.v_measure_score(labels, others),
}
print(json.dumps({name: plain(value) for name, value in found.items()}))
"""


def flat(value):
    return [v for part in value for v in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.slow
def test_without_the_compiler(cache):
    (compiled,) = run(MANY, NUMBA_CACHE_DIR=cache)
    (interpreted,) = run(MANY, NUMBA_CACHE_DIR=cache, NUMBA_DISABLE_JIT="1")
    compiled, interpreted = json.loads(compiled), json.loads(interpreted)
    assert compiled.keys() == interpreted.keys()
    for name, value in compiled.items():
        one, other = flat(value), flat(interpreted[name])
        np.testing.assert_allclose(other, one, rtol=1e-13, atol=1e-13, err_msg=name)


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the module has another name")
def test_a_subinterpreter_is_refused():
    pytest.importorskip("_xxsubinterpreters")
    program = """if True:
        import _xxsubinterpreters as interpreters
        number = interpreters.create(isolated=False)
        inside = "import warnings; warnings.simplefilter('ignore'); import fastinfo.losses"
        inside += "; fastinfo.losses.log_loss"
        try:
            interpreters.run_string(number, inside)
        except Exception as error:
            print("fastinfo can't be used in a subinterpreter" in str(error))
    """
    assert printed("-c", program) == ["True"]
