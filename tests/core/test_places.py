"""Where compiled code is kept and found, what it was made for, and who is told of compiling."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import compiled, printed

import fastinfo
from fastinfo._core.compiled_code import made_for, notice, places
from fastinfo._core.compiled_code.made_for import note_in, why_unusable

PACKAGE = Path(fastinfo.__file__).parent


def test_the_code_of_few_versions_stays(tmp_path):
    names = [f"fastinfo-{version:016x}" for version in range(7)]
    foreign = ["fastinfo", "fastinfo-notes", "fastinfo-" + "0" * 17, "kernels_" + "0" * 40]
    for name in foreign:
        (tmp_path / name).mkdir()
    (tmp_path / names[6]).write_text("a file")
    for age, name in enumerate(names[:6]):
        path = tmp_path / name
        places._prepare(str(path))
        (path / "code.nbc").touch()
        os.utime(path, (1e9 + age, 1e9 + age))
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*foreign, *names[2:]}
    places._prepare(str(tmp_path / names[2]))  # it is used again
    places._prepare(str(tmp_path / names[0]))
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*foreign, names[0], names[2], names[4], names[5], names[6]}
    assert (tmp_path / names[2] / "code.nbc").exists()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="the system has no links")
def test_links_are_not_followed(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    place = tmp_path / "place"
    place.mkdir()
    for version in range(6):
        (place / f"fastinfo-{version:016x}").symlink_to(target, target_is_directory=True)
    places._prepare(str(place / f"fastinfo-{9:016x}"))
    assert len(list(place.iterdir())) == 7


@pytest.fixture
def only_read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Directories that can't be written; the tests may run as a user who can write each."""
    found: set[str] = set()
    prepare = places._prepare

    def refuse(path: str) -> None:
        if os.path.dirname(path) in found:
            raise PermissionError(path)
        prepare(path)

    monkeypatch.setattr(places, "_prepare", refuse)
    return found


def test_a_place_that_cannot_be_written_is_passed_over(tmp_path, only_read, monkeypatch):
    monkeypatch.setattr(
        places, "AppDirs", lambda **_: SimpleNamespace(user_cache_dir=str(tmp_path))
    )
    beside = str(PACKAGE / "__pycache__")
    given = str(tmp_path / "given")
    only_read.update([given, beside])
    name = places.directory_name(str(places.sources_of_kernels()))
    find = places._places.__wrapped__
    assert find(given) == ((), str(tmp_path / name)) or os.path.isdir(os.path.join(beside, name))
    os.makedirs(os.path.join(given, name))  # filled ahead of time
    assert find(given).read[0] == os.path.join(given, name)
    assert find(given).written == str(tmp_path / name)
    only_read.add(str(tmp_path))
    assert find(given).written is None
    only_read.clear()
    assert find(given) == ((), os.path.join(given, name))


# What code was made for


def filled(directory: Path, **changes: str) -> Path:
    """A directory with code of these sources, made for this process but for some changes."""
    inner = directory / places.directory_name(str(places.sources_of_kernels()))
    inner.mkdir(parents=True)
    content = made_for._this() | changes
    (inner / "made-for-0.json").write_text(json.dumps(content))
    return directory


def test_what_was_made_here_can_be_used_here(tmp_path):
    inner = tmp_path / places.directory_name(str(places.sources_of_kernels()))
    inner.mkdir()
    note_in(str(inner))
    (file,) = inner.iterdir()
    assert json.loads(file.read_bytes())["fastinfo"] == fastinfo.__version__
    assert why_unusable(str(tmp_path)) is None
    assert why_unusable(str(filled(tmp_path / "other"))) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CPU": "z80", "CPU features": "+few"}, r"it was made for CPU z80, this is \w+"),
        ({"CPU features": "+few"}, "it was made for other CPU features than this one's"),
        ({"numba": "0.1"}, "it was made for numba 0.1, this is "),
        ({"Python": "cpython-38", "numba": "0.1"}, "for numba 0.1, this is .*; Python cpython-38"),
        ({"bounds checks": "?"}, "it was made for bounds checks [?], this is o"),
    ],
)
def test_the_reason_is_named(tmp_path, changes, reason):
    found = why_unusable(str(filled(tmp_path, **changes)))
    assert found is not None
    assert re.search(reason, found), found


def test_of_several_reasons_the_least_is_named(tmp_path):
    place = filled(tmp_path, Python="cpython-38", numba="0.1", CPU="z80")
    (inner,) = place.iterdir()
    (inner / "made-for-1.json").write_text(json.dumps(made_for._this() | {"numba": "0.2"}))
    assert str(why_unusable(str(place))).startswith("it was made for numba 0.2, this is ")
    (inner / "made-for-2.json").write_text(json.dumps(made_for._this()))
    assert why_unusable(str(place)) is None


def test_other_sources_are_a_reason(tmp_path):
    (inner,) = filled(tmp_path).iterdir()
    inner.rename(tmp_path / places.directory_name("0" * 16))
    assert why_unusable(str(tmp_path)) == "it was made from other sources of fastinfo"
    (tmp_path / places.directory_name("0" * 16) / "made-for-0.json").unlink()
    assert why_unusable(str(tmp_path)) == "it was made from other sources of fastinfo"


def test_a_directory_without_code_is_a_reason(tmp_path):
    assert why_unusable(str(tmp_path)) == "there is no compiled code of fastinfo in it"
    assert str(why_unusable(str(tmp_path / "no"))).startswith("it can't be read: ")


@pytest.mark.parametrize("content", ["", "[]", "3", "{", "\udcff", "[" * 5000])
def test_notes_that_are_none_are_passed_over(tmp_path, content):
    (inner,) = filled(tmp_path, numba="0.1").iterdir()
    (inner / "made-for-9.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert str(why_unusable(str(tmp_path))).startswith("it was made for numba 0.1, this is ")


# A cache that travels

RUN = """
import os
from numba.core import event
from fastinfo._core.compiled_code import places

prepare = places._prepare

def refuse(path):  # as where neither it nor the installation can be written
    if not path.startswith(os.environ["XDG_CACHE_HOME"]):
        raise PermissionError(path)
    prepare(path)

places._prepare = refuse
import fastinfo

with event.install_recorder("numba:compile") as recorder:
    print(fastinfo.mutual_info_score([0, 1], [3, 5]))
print(len(recorder.buffer))
fastinfo.show_versions()
"""


@pytest.mark.slow
@compiled
def test_code_compiled_into_a_directory_is_found_where_it_can_only_be_read(tmp_path):
    assert fastinfo.warmup("mutual_info_score", to=tmp_path) == str(tmp_path)
    files = sorted(tmp_path.rglob("*"))
    home = tmp_path.parent / f"{tmp_path.name}-home"
    variables = {"NUMBA_CACHE_DIR": str(tmp_path), "XDG_CACHE_HOME": str(home)}
    lines = printed("-P", "-W", "ignore", "-c", RUN, **variables)
    assert float(lines[0]) == pytest.approx(math.log(2))
    assert lines[1] == "0", "it was compiled again"
    assert f"read only    {tmp_path}" in lines
    assert sorted(tmp_path.rglob("*")) == files

    changed = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": ""}
    lines = printed("-P", "-W", "ignore", "-c", RUN, **variables, **changed)
    assert float(lines[0]) == pytest.approx(math.log(2))
    assert lines[1] != "0"
    (said,) = (line for line in lines if line.startswith(f"read only    {tmp_path}"))
    assert "can't be used, it was made for CPU" in said
    assert sorted(tmp_path.rglob("*")) == files
    shutil.rmtree(home, ignore_errors=True)


# Who is told


def test_a_line_is_said_once_after_a_second(monkeypatch):
    said: list[str] = []
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    listener = notice._Listener(said.append)
    for seconds in (0.4, 0.4):
        listener.on_start(None)
        listener.on_start(None)
        now[0] += seconds
        listener.on_end(None)
        listener.on_end(None)
        now[0] += 100.0  # of something else
        assert said == []
    listener.on_start(None)
    now[0] += 0.3
    listener.on_start(None)  # while its caller is compiled
    assert len(said) == 1
    now[0] += 100.0
    listener.on_end(None)
    assert len(said) == 1


def test_the_line_says_where_nothing_is_kept_and_why_code_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(notice.numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(notice, "cache_directory", lambda: None)
    assert "no directory for compiled code is writable" in notice._line()
    monkeypatch.setattr(notice, "cache_directory", lambda: str(tmp_path))
    assert notice._line() == "compiling, once for this version; later runs find the code"
    monkeypatch.setattr(notice.numba.config, "CACHE_DIR", str(filled(tmp_path, numba="0.1")))
    assert "can't be used: it was made for numba 0.1, this is" in notice._line()
