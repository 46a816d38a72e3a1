"""Compiled code on disk: what is damaged is not run, what is outdated is not found.

Versions of the package are small ones: the modules under test and two kernels, in processes of
their own.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import compiled, printed
from numba import float32, float64
from numba.core.serialize import dumps

import fastinfo
from fastinfo._core.compiled_code import CodeFiles, files, sources
from fastinfo._core.jit import kernel

PACKAGE = Path(fastinfo.__file__).parent


def triple(x):
    return 3.0 * x


# Damage


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bytes, Any]]:
    """A file of compiled code in a directory of its own, what is in it, the dispatcher."""
    directory = tmp_path_factory.mktemp("code")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "cache_directory", lambda: str(directory))
        dispatcher: Any = kernel(triple)
        assert dispatcher(2.0) == 6.0
        (file,) = directory.glob("*.nbc")
        yield file, file.read_bytes(), dispatcher


@pytest.fixture
def load(code: tuple[Path, bytes, Any]) -> Any:
    """What is found for a signature when the file holds these bytes."""
    file, _, dispatcher = code

    def load_from(content: bytes, dtype: Any = float64) -> Any:
        file.write_bytes(content)
        return CodeFiles(triple).load_overload((dtype,), dispatcher.targetctx)

    return load_from


@compiled
def test_what_is_whole_is_loaded(code, load):
    _, whole, _ = code
    assert load(whole).signature.args == (float64,)
    assert load(whole, float32) is None


@compiled
def test_no_flipped_bit_is_loaded(code, load, rng, monkeypatch):
    monkeypatch.setattr(files.pickle, "loads", lambda content: pytest.fail("it was unpickled"))
    _, whole, _ = code
    for bit in {*range(8 * 40), *rng.integers(0, 8 * len(whole), 1000).tolist()}:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        assert load(damaged) is None, bit


@compiled
def test_no_part_and_nothing_foreign_is_loaded(code, load, rng):
    _, whole, _ = code
    for length in (0, 1, 31, 32, 33, *rng.integers(34, len(whole), 50).tolist()):
        assert load(whole[:length]) is None
    others = (whole + b"\0", whole + whole, whole[32:], dumps(3), rng.bytes(500), b"\0" * 500)
    for other in others:
        assert load(other) is None


@compiled
def test_the_file_of_another_signature_is_not_loaded(code, load):
    file, whole, _ = code
    assert load(files._closed(file.name, whole[32:])) is not None
    assert load(files._closed(file.name.replace(".nbc", "0.nbc"), whole[32:])) is None


class Raises:
    """It can be pickled, and raises when it is unpickled."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return fail, (self.error,)


def fail(error: type[BaseException]) -> None:
    raise error


@compiled
@pytest.mark.parametrize(
    "error", [AttributeError, KeyError, MemoryError, RecursionError, SystemError, ZeroDivisionError]
)
def test_what_cannot_be_unpickled_is_not_loaded(code, load, error):
    file, _, _ = code
    assert load(files._closed(file.name, dumps(Raises(error)))) is None


@compiled
@pytest.mark.parametrize("content", [3, (), (1, 2, 3), None])
def test_what_is_no_code_is_not_loaded(code, load, content):
    file, _, _ = code
    assert load(files._closed(file.name, dumps(content))) is None


@compiled
def test_damage_is_healed(code, load):
    file, whole, _ = code
    assert load(whole[:-1]) is None
    again: Any = kernel(triple)
    assert again(2.0) == 6.0
    assert sum(again.stats.cache_hits.values()) == 0
    third: Any = kernel(triple)
    assert third(2.0) == 6.0
    assert sum(third.stats.cache_hits.values()) == 1
    assert list(file.parent.glob("*.nbc")) == [file]


@compiled
def test_a_directory_in_its_place_costs_a_compilation(tmp_path, monkeypatch, code):
    file, _, _ = code
    monkeypatch.setattr(files, "cache_directory", lambda: str(tmp_path))
    (tmp_path / file.name).mkdir()
    assert kernel(triple)(2.0) == 6.0
    assert list(tmp_path.glob("*.nbc")) == [tmp_path / file.name]


@compiled
def test_a_directory_that_vanished_is_made_again(tmp_path, monkeypatch):
    directory = tmp_path / "gone"
    monkeypatch.setattr(files, "cache_directory", lambda: str(directory))
    assert kernel(triple)(2.0) == 6.0
    assert len(list(directory.glob("*.nbc"))) == 1


@compiled
def test_without_a_place_each_process_compiles(monkeypatch):
    monkeypatch.setattr(files, "cache_directory", lambda: None)
    dispatcher: Any = kernel(triple)
    assert dispatcher(2.0) == 6.0
    assert dispatcher.stats.cache_path is None


@compiled
def test_a_function_with_values_from_around_it_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "cache_directory", lambda: str(tmp_path))
    for factor in (2.0, 3.0):

        def multiple(x, factor=factor):
            return factor * x

        def around(x):
            return factor * x  # noqa: B023, what is tested

        assert kernel(around)(2.0) == 2.0 * factor
    assert list(tmp_path.iterdir()) == []


@compiled
def test_a_function_of_functions_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "cache_directory", lambda: str(tmp_path))

    def applied(f, x):
        return f(x)

    inner: Any = kernel(triple)
    assert kernel(applied)(inner, 2.0) == 6.0
    assert not list(tmp_path.glob("*applied*"))


@compiled
def test_recompile_looks_for_nothing_old(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "cache_directory", lambda: str(tmp_path))
    dispatcher: Any = kernel(triple)
    dispatcher(2.0)
    dispatcher(np.float32(2))
    dispatcher.recompile()
    assert sum(dispatcher.stats.cache_hits.values()) == 0
    assert len(list(tmp_path.glob("*.nbc"))) == 2


# Versions


INNER = """
from fastinfo._core.jit import kernel

@kernel
def factor(x):
    return 2.0 * x
"""
OUTER = """
from fastinfo._core.jit import c_function, kernel
from fastinfo.kernels.inner import factor
from numba import float64

@kernel
def outer(x):
    return factor(x) + 1.0

def as_c_function():
    return c_function(lambda x: factor(x) + 1.0, float64(float64))
"""
PROGRAM = """
from fastinfo.kernels.outer import as_c_function, outer

c = as_c_function()
print(outer(3.0), c.ctypes(3.0), sum(outer.stats.cache_hits.values()), c.cache_hits)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A directory with a small fastinfo: the modules under test, two kernels."""
    return write_package(tmp_path / "version")


def write_package(directory: Path) -> Path:
    root = directory / "fastinfo"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE / "_core/compiled_code", root / "_core/compiled_code", ignore=ignored)
    for name in ("jit.py", "own_files.py"):
        shutil.copy(PACKAGE / "_core" / name, root / "_core")
    (root / "kernels").mkdir()
    for name in ("", "_core/", "kernels/"):
        (root / f"{name}__init__.py").touch()
    shutil.copy(PACKAGE / "_version.py", root)
    (root / "kernels/inner.py").write_text(INNER)
    (root / "kernels/outer.py").write_text(OUTER)
    return directory


def run(package: Path, cache: Path) -> list[float]:
    """Answer of the kernel and of the C function, and which of them were loaded."""
    variables = {"PYTHONPATH": os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])}
    (line,) = printed("-B", "-P", "-c", PROGRAM, NUMBA_CACHE_DIR=str(cache), **variables)
    return [float(word) for word in line.split()]


def change_inner(package: Path) -> None:
    """Change the inner kernel; neither the size nor the time of its file tells."""
    file = package / "fastinfo/kernels/inner.py"
    times = file.stat().st_mtime_ns
    file.write_text(file.read_text().replace("2.0", "5.0"))
    os.utime(file, ns=(times, times))


@pytest.mark.slow
@compiled
def test_versions_share_a_directory(package, tmp_path):
    cache = tmp_path / "cache"
    other = write_package(tmp_path / "other")
    change_inner(other)
    assert run(package, cache) == [7, 7, 0, 0]
    assert run(other, cache) == [16, 16, 0, 0]
    assert run(package, cache) == [7, 7, 1, 1]
    assert run(other, cache) == [16, 16, 1, 1]
    change_inner(package)  # what the other one has compiled is right for it
    assert run(package, cache) == [16, 16, 1, 1]


@pytest.mark.slow
@compiled
def test_a_package_in_an_archive(package, tmp_path):
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*.py"):
            file.write(path, path.relative_to(package))
    assert run(archive, tmp_path / "cache") == [7, 7, 0, 0]
    assert run(archive, tmp_path / "cache") == [7, 7, 1, 1]


def test_digests_are_of_names_and_contents(package, monkeypatch):
    monkeypatch.setattr(sources, "_PACKAGE", package / "fastinfo")
    kernels = package / "fastinfo/kernels"
    monkeypatch.setattr(sources, "_BEGAN", 1e12)
    first = sources._digest(kernels)
    os.utime(kernels / "inner.py", (1, 1))
    (kernels / "__pycache__").mkdir()
    (kernels / "__pycache__/inner.py").write_text("not a source")
    (kernels / "notes.txt").write_text("nor this")
    assert sources._digest(kernels) == first
    (kernels / "inner.py").rename(kernels / "renamed.py")
    assert sources._digest(kernels) != first
    (kernels / "renamed.py").rename(kernels / "inner.py")
    assert sources._digest(kernels) == first
    change_inner(package)
    assert sources._digest(kernels) != first


def test_sources_that_changed_since_the_start_have_no_digest(package, monkeypatch):
    monkeypatch.setattr(sources, "_BEGAN", 1e9)
    file = package / "fastinfo/kernels/inner.py"
    for path in package.rglob("*.py"):
        os.utime(path, (5e8, 5e8))
    assert sources._digest(package) is not None
    os.utime(file, (2e9 + 1e9, 2e9 + 1e9))  # by a clock that is wrong
    assert sources._digest(package) is not None
    os.utime(file, (1.1e9, 1.1e9))
    assert sources._digest(package) is None


def test_without_sources_there_is_no_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_PACKAGE", tmp_path / "fastinfo")
    assert sources._digest(tmp_path) is None
    program = tmp_path / "program"
    program.write_bytes(b"first")
    os.utime(program, (1, 1))
    monkeypatch.setattr(sources.sys, "frozen", True, raising=False)
    monkeypatch.setattr(sources.sys, "executable", str(program))
    first = sources._digest(tmp_path)
    assert first is not None
    program.write_bytes(b"other")
    os.utime(program, (1, 1))
    assert sources._digest(tmp_path) not in (first, None)
