"""Files that are damaged, or unpack to more than there is memory for: one line says so."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from helpers import run_python
from pyarrow import feather, ipc

import fastinfo
from fastinfo._core import machine
from fastinfo.files import open_path, read_table, reading, unpacking
from fastinfo.files.formats import duckdb_file
from fastinfo.files.many_files import Files, file_of
from fastinfo.streaming import open_files

ROWS = "a,y\n" + "".join(f"{i % 7},{'uvw'[i % 3]}\n" for i in range(2000))


def said(path: Path, call: Callable[[Path], Any] = read_table) -> str:
    """What a call says of a file: one line that names it."""
    with pytest.raises(ValueError, match=r"\S") as caught:
        call(path)
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


def refusals(path: Path, call: Callable[[Path], Any]) -> list[str]:
    """What a call says of a file that may be whole: nothing, or one line that names it."""
    try:
        call(path)
    except ValueError as error:
        text = str(error)
    else:
        return []
    assert "\n" not in text
    assert path.name in text
    return [text]


def by_parts(path: Path) -> list[Any]:
    """All parts of a file."""
    source = open_files(path)
    return list(source.parts(source.names))


# Arrow


def write_arrow(path: Path, table: pa.Table, stream: bool = False) -> Path:
    with (ipc.new_stream if stream else ipc.new_file)(path, table.schema) as writer:
        writer.write_table(table)
    return path


DAMAGED = {
    "codes": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 7], pa.int32()), pa.array(["a", "b"]), safe=False
    ),
    "text": pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(np.arange(4, dtype="i4")), pa.py_buffer(b"a\xff\xfe")]
    ),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("suffix", [".arrow", ".feather", ".ipc"])
def test_arrow_is_validated_in_full(tmp_path: Path, suffix: str, kind: str, stream: bool) -> None:
    table = pa.table({"good": [1, 2, 3], "bad": DAMAGED[kind]})
    path = write_arrow(tmp_path / f"t{suffix}", table, stream)
    for call in (read_table, by_parts, lambda path: fastinfo.rank_features(path, "good")):
        assert f"cannot be read as {suffix}: " in said(path, call)
    assert read_table(path, columns=["good"]).to_pydict() == {"good": [1, 2, 3]}  # that is used
    source = open_files(path)
    assert sum(part.num_rows for part in source.parts(["good"])) == 3


@pytest.mark.parametrize("damage", range(8))
def test_each_batch_is_validated(tmp_path: Path, damage: int) -> None:
    batches = [
        pa.record_batch({"a": DAMAGED["codes"] if i == damage else DAMAGED["codes"][:2]})
        for i in range(8)
    ]
    with ipc.new_file(tmp_path / "t.arrow", batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    assert "out of bounds" in said(tmp_path / "t.arrow")
    assert "out of bounds" in said(tmp_path / "t.arrow", by_parts)


@pytest.mark.slow
def test_a_damaged_arrow_file_at_the_command_line(tmp_path: Path) -> None:
    path = write_arrow(tmp_path / "t.arrow", pa.table({"y": [1, 2, 3], "bad": DAMAGED["codes"]}))
    done = run_python("-m", "fastinfo", "rank", path, "--target", "y")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "t.arrow" in done.stderr


def test_good_feather_of_each_compression(tmp_path: Path) -> None:
    table = pa.table({"a": ["x", None, "z"], "b": [1.0, 2.0, 3.0]})
    for compression in ("uncompressed", "lz4", "zstd"):
        feather.write_feather(table, str(tmp_path / "t.feather"), compression=compression)
        assert read_table(tmp_path / "t.feather").equals(table)
        if compression != "uncompressed":  # what is packed is damaged, and not told by a length
            whole = (tmp_path / "t.feather").read_bytes()
            (tmp_path / "t.feather").write_bytes(whole[: len(whole) // 3])
            said(tmp_path / "t.feather")


# NumPy


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of version 3
        np.lib.format.write_array(stream, array, version, allow_pickle=True)
    return stream.getvalue()


def header(text: str, version: int = 1, rest: bytes = bytes(960)) -> bytes:
    """A file with this header, whatever it says."""
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode("latin-1") + rest


SHAPED = "{{'descr': '<f8', 'fortran_order': False, 'shape': {}}}"
BROKEN_NPY = {
    "magic": b"\x93NUMPX" + npy(np.arange(9.0))[6:],
    "no header": b"\x93NUMPY\x01\x00",
    "version 9": header(SHAPED.format("(3, 4)"), 9),
    "half a header": npy(np.arange(9.0))[:40],
    "no rows of it": npy(np.arange(9.0))[:128],
    "half of the rows": npy(np.zeros((100, 2)))[:900],
    "half of the rows, by columns": npy(np.asfortranarray(np.zeros((100, 2))))[:900],
    "a huge shape": header(SHAPED.format("(1000000000000, 7)")),
    "a shape past all numbers": header(SHAPED.format("(4611686018427387904, 4611686018427387904)")),
    "a shape below 0": header(SHAPED.format("(3, -14)")),
    "both below 0": header(SHAPED.format("(-3, -4)")),
    "a shape of words": header(SHAPED.format("('a', 'b')")),
    "a shape of flags": header(SHAPED.format("(True, 3.5)")),
    "no type": header("{'descr': 'nonsense', 'fortran_order': False, 'shape': (3, 4)}"),
    "a type of nothing": header("{'descr': [], 'fortran_order': False, 'shape': (3,)}"),
    "no order": header("{'descr': '<f8', 'fortran_order': 5, 'shape': (3, 4)}"),
    "other keys": header("{'descr': '<f8', 'shape': (3, 4)}"),
    "an open bracket": header("{'descr': [('a', '<f8'), 'fortran_order': False, 'shape': (3,"),
    "many brackets": header("(" * 5000),
    "a long header": header(SHAPED.format("(" + "1, " * 9000 + ")"), 2),
    "a header longer than the file": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': '<f8'",
    "objects": npy(np.array([1, "a"], object)),
    "objects among others": npy(np.zeros(3, [("a", "f8"), ("b", "O")])),
    "an archive": b"PK\x03\x04" + bytes(100),
    "a pickle": b"\x80\x04\x95" + bytes(100),
}


@pytest.mark.parametrize("name", BROKEN_NPY)
def test_broken_npy(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.npy"
    path.write_bytes(BROKEN_NPY[name])
    for call in (read_table, by_parts, lambda path: fastinfo.rank_features(path, "x0")):
        text = said(path, call)
        assert "cannot be read as .npy" in text or "can't be a column" in text
        assert ("Python objects" in text) == name.startswith("objects")


def test_a_renamed_npz_is_no_npy(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", np.arange(3))
    (tmp_path / "t.npz").rename(tmp_path / "t.npy")
    assert "cannot be read as .npy" in said(tmp_path / "t.npy")


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_each_version(tmp_path: Path, version: tuple[int, int], order: Any) -> None:
    array = np.array(np.arange(12.0).reshape(4, 3), order=order)
    (tmp_path / "t.npy").write_bytes(npy(array, version))
    assert read_table(tmp_path / "t.npy")["x1"].to_pylist() == array[:, 1].tolist()
    records = np.zeros(4, [("ä" if version < (3, 0) else "ж", "f8")])
    (tmp_path / "t.npy").write_bytes(npy(records, None if version < (3, 0) else version))
    assert read_table(tmp_path / "t.npy").column_names == list(records.dtype.names or ())


def test_npy_with_many_damages_gives_one_kind_of_error(tmp_path: Path) -> None:
    """Bytes of the header and of the rest are changed, taken away and put in."""
    choice = random.Random(20130101)
    whole = [npy(np.arange(12.0).reshape(3, 4)), npy(np.zeros(3, [("a", "f8"), ("b", "U3")]))]
    path = tmp_path / "t.npy"
    refused = []
    for _ in range(300):
        content = bytearray(choice.choice(whole))
        for _ in range(choice.choice([1, 2, 5])):
            i = choice.randrange(min(len(content), 130))
            if choice.random() < 0.6:
                content[i] = choice.choice(b"0123456789()[]{}',:<>|OfiuUSmMV \n\x00\xff-+*\\e")
            elif choice.random() < 0.5:
                content[i:i] = choice.choice(
                    [b"9" * 20, b"(" * 200, b"'", b"-1", b"True,", b"1e400"]
                )
            else:
                del content[choice.randrange(1, len(content)) :]
        path.write_bytes(content)
        for call in (read_table, by_parts):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                refused += refusals(path, call)
    assert len(refused) > 200


# Compressed text


def zipped(method: int, text: str = ROWS) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("t.csv", text)
    return stream.getvalue()


ARCHIVES: dict[str, tuple[str, bytes]] = {
    "gzip": (".csv.gz", gzip.compress(ROWS.encode())),
    "stored": (".csv.zip", zipped(zipfile.ZIP_STORED)),
    "deflate": (".csv.zip", zipped(zipfile.ZIP_DEFLATED)),
    "bzip2": (".csv.zip", zipped(zipfile.ZIP_BZIP2)),
    "lzma": (".csv.zip", zipped(zipfile.ZIP_LZMA)),
    "bz2": (".csv.bz2", bz2.compress(ROWS.encode())),
    "xz": (".csv.xz", lzma.compress(ROWS.encode())),
    "zstd": (".csv.zst", pa.Codec("zstd").compress(ROWS.encode(), asbytes=True)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_that_are_whole(tmp_path: Path, name: str) -> None:
    suffix, content = ARCHIVES[name]
    path = tmp_path / f"t{suffix}"
    path.write_bytes(content)
    assert read_table(path).num_rows == 2000
    assert sum(part.num_rows for part in by_parts(path)) == 2000
    assert file_of(str(path)).size() == len(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("damage", ["cut", "half", "short", "flipped", "garbage"])
def test_archives_that_are_damaged(tmp_path: Path, name: str, damage: str) -> None:
    suffix, whole = ARCHIVES[name]
    middle = 40 + len(whole) // 3
    content = {
        "cut": whole[:-9],
        "half": whole[: len(whole) // 2],
        "short": whole[:3],
        "flipped": whole[:middle]
        + bytes(b ^ 0x5A for b in whole[middle : middle + 20])
        + whole[middle + 20 :],
        "garbage": bytes(range(256)),
    }[damage]
    path = tmp_path / f"t{suffix}"
    path.write_bytes(content)
    for call in (read_table, by_parts, open_path):
        text = said(path, call)
        assert "cannot be" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("seed", range(4))
def test_archives_with_many_damages(tmp_path: Path, name: str, seed: int) -> None:
    choice = random.Random(seed)
    suffix, whole = ARCHIVES[name]
    path = tmp_path / f"t{suffix}"
    for _ in range(20):
        content = bytearray(whole)
        for _ in range(choice.choice([1, 3])):
            content[choice.randrange(len(content))] = choice.randrange(256)
        path.write_bytes(content)
        for call in (read_table, by_parts):
            refusals(path, call)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t.npy", "t.csv.gz", "t.csv.zip"])
def test_damage_at_the_command_line(tmp_path: Path, name: str) -> None:
    content = {"t.npy": BROKEN_NPY["an open bracket"], "t.csv.gz": ARCHIVES["gzip"][1][:-9]}
    path = tmp_path / name
    path.write_bytes(content.get(name, ARCHIVES["lzma"][1][:100]))
    done = run_python("-m", "fastinfo", "rank", path, "--target", "y")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


# Text that unpacks to much


@pytest.fixture
def shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory of which each look finds a tenth less; it is looked at after each batch."""
    sizes = itertools.chain((1000 - 100 * i for i in range(9)), itertools.repeat(0))
    monkeypatch.setattr(machine, "free_memory", lambda: next(sizes))
    monkeypatch.setattr(duckdb_file, "_AT_ONCE", 1 << 10)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gzip", "deflate"])
@pytest.mark.usefixtures("shrinking")
def test_text_is_read_as_far_as_the_memory_lasts(tmp_path: Path, name: str) -> None:
    suffix, _ = ARCHIVES[name]
    text = "a,y\n" + "1,2\n" * 3_000_000
    path = tmp_path / f"t{suffix}"
    path.write_bytes(
        gzip.compress(text.encode(), 1) if name == "gzip" else zipped(zipfile.ZIP_DEFLATED, text)
    )
    text = said(path)
    assert "holds more than there is memory for" in text
    assert "unpack it, or read it in parts" in text
    read = int(text.split(" bytes of columns")[0].split()[-1])
    assert read <= 8 << 20  # not all


def test_an_archive_that_tells_of_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv.zip"
    path.write_bytes(ARCHIVES["deflate"][1])
    monkeypatch.setattr(unpacking.Copy, "room", lambda self: 5000)
    monkeypatch.setattr(unpacking.Copy, "fill", lambda *args: pytest.fail("it is unpacked"))
    assert f"more than there is room for: {len(ROWS)} bytes" in said(path)


def test_a_copy_takes_no_more_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv.bz2"
    path.write_bytes(ARCHIVES["bz2"][1])
    monkeypatch.setattr(unpacking.Copy, "room", lambda self: 5000)
    monkeypatch.setattr(unpacking, "_STEP", 1000)
    assert "more than there is room for: 6000 bytes" in said(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHIVES)
def test_what_unpacks_to_much_is_read_in_parts(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix, content = ARCHIVES[name]
    path = tmp_path / f"t{suffix}"
    path.write_bytes(content)
    expected = fastinfo.rank_features(read_table(path), "y")
    assert not isinstance(open_path(path), Files)
    monkeypatch.setattr(reading, "LARGE", len(ROWS) - 1)
    assert len(content) < reading.LARGE or name == "stored"
    assert isinstance(open_path(path), Files)
    assert fastinfo.rank_features(path, "y").to_dict() == expected.to_dict()


def test_the_size_that_a_file_tells_is_bounded_by_what_it_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    for content, size in ((b"", 0), (b"\xff", 255), (b"ab\xff\xff\xff\xff", 6 * 1032)):
        path.write_bytes(content)
        assert unpacking.packed_size(str(path), "gz") == size
