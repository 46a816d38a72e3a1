"""Files of columns: what is read, and what is said about files that cannot be read."""

import gzip
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, ipc, parquet

from fastinfo.files import read_table
from fastinfo.files.formats.file import unknown_column

TEXT = "n,x,flag,day,word\n1,0.5,true,2013-01-01,a\n2,NA,false,2013-01-02,\n3,1.5,true,,N/A\n"
COLUMNS = {
    "n": [1, 2, 3],
    "x": [0.5, None, 1.5],
    "flag": [True, False, True],
    "word": ["a", None, None],
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write text to a file, compressed as its suffix says."""
    path = folder / name
    content = text.encode() if isinstance(text, str) else text
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("__MACOSX/._x", b"")
            archive.writestr("inside.csv", content)
    else:
        path.write_bytes(content)
    return path


def message(path: Path, error: type[Exception] = ValueError) -> str:
    """Return what reading a file says: one line that names it."""
    with pytest.raises(error) as caught:
        read_table(path)
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


@pytest.mark.parametrize("packed", ["", ".gz", ".zip"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".CSV"])
def test_text(tmp_path, suffix, packed):
    text = TEXT.replace(",", "\t") if suffix == ".tsv" else TEXT
    table = read_table(write(tmp_path, "t" + suffix + packed, text))
    assert table.drop_columns("day").to_pydict() == COLUMNS
    assert [str(kind) for kind in table.schema.types] == [
        "int64",
        "double",
        "bool",
        "date32[day]",
        "string",
    ]


@pytest.mark.parametrize("word", ["", "NA", "N/A", "NaN", "nan", "NULL", "null", '""'])
def test_missing_words(tmp_path, word):
    table = read_table(write(tmp_path, "t.csv", f"x,s\n1,a\n{word},{word}\n"))
    assert table.to_pydict() == {"x": [1, None], "s": ["a", None]}


def test_type_that_changes_after_a_megabyte(tmp_path):
    table = read_table(write(tmp_path, "t.csv", "x,y\n" + "1,\n" * 600_000 + "0.5,word\n"))
    assert [str(kind) for kind in table.schema.types] == ["double", "string"]
    assert table.num_rows == 600_001
    assert table["y"].null_count == 600_000


def test_quoted_line_ends_where_blocks_meet(tmp_path):
    row = '1,"two\nlines, one value"\n'
    table = read_table(write(tmp_path, "t.csv", "x,y\n" + row * 100_000))
    assert table.num_rows == 100_000
    assert table["y"].unique().to_pylist() == ["two\nlines, one value"]


def test_row_longer_than_a_block(tmp_path):
    table = read_table(write(tmp_path, "t.csv", "x,y\n1," + "y" * (1 << 21) + "\n"))
    assert len(table["y"][0].as_py()) == 1 << 21


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.csv.zip"])
def test_broken_line(tmp_path, name):
    text = 'a,b\n1,2\n\n3,"quoted\nline"\n4,5,6\n7,8\n'
    expected = "('4,5,6'): expected 2 values as in the first line, found 3"
    assert expected in message(write(tmp_path, name, text))


def test_broken_line_far_down(tmp_path):
    text = "a,b\n" + "1,2\n" * 500_000 + "3\n" + "1,2\n" * 10
    assert "line 500002 ('3'): expected 2 values" in message(write(tmp_path, "t.csv", text))


@pytest.mark.parametrize("end", ["", "\n"])
def test_quote_never_closed(tmp_path, end):
    text = 'a,b\n1,2\n3,"4\n5,6' + end
    said = message(write(tmp_path, "t.csv", text))
    assert "line 3 (" in said
    assert "a quote that opens in this row is never closed" in said


def test_last_value_of_many_lines_is_fine(tmp_path):
    table = read_table(write(tmp_path, "t.csv", 'a,b\n1,"2\n3\n"\n\n'))
    assert table.to_pydict() == {"a": [1], "b": ["2\n3\n"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "no rows"),
        ("a,b", "no rows"),
        ("a,b\n", "no rows"),
        ("a,b,a\n1,2,3\n", "two columns named 'a'"),
        (b"a,b\n1,\x00\x01\x02\n", "is not text"),
    ],
)
def test_bad_text(tmp_path, text, said):
    assert said in message(write(tmp_path, "t.csv", text))


def test_truncated_gzip(tmp_path):
    path = write(tmp_path, "t.csv.gz", "a,b\n" + "1,2\n" * 1000)
    path.write_bytes(path.read_bytes()[:-12])
    message(path)
    path.write_bytes(b"a,b\n1,2\n")
    message(path)


def test_bad_zip(tmp_path):
    path = tmp_path / "t.csv.zip"
    path.write_bytes(b"no zip file")
    assert "cannot be unpacked" in message(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    assert "holds 2" in message(path)


def test_parquet_feather_and_arrow(tmp_path):
    table = pa.table({**COLUMNS, "kind": pa.array(["u", "v", "u"]).dictionary_encode()})
    parquet.write_table(table, tmp_path / "t.parquet")
    feather.write_feather(table, str(tmp_path / "t.feather"))
    with ipc.new_file(tmp_path / "t.ipc", table.schema) as file:
        file.write_table(table)
    with ipc.new_stream(tmp_path / "t.arrow", table.schema) as stream:
        stream.write_table(table)
    for name in ("t.parquet", "t.feather", "t.ipc", "t.arrow"):
        path = tmp_path / name
        assert read_table(path).equals(table), name
        assert read_table(path, columns=["kind", "n"]).column_names == ["kind", "n"]
        with pytest.raises(ValueError, match="no column 'N', but 'n'"):
            read_table(path, columns=["N"])
        content = path.read_bytes()
        for broken in (content[: len(content) // 2], b"not " * 50, b"x"):
            path.write_bytes(broken)
            assert "cannot be read as" in message(path)


def test_no_rows_and_no_columns(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    assert "no rows" in message(path)
    parquet.write_table(pa.table({}), path)
    assert "no columns" in message(path)


def test_row_index_of_pandas_is_no_column(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": [1, 2], "__index_level_0__": [5, 6]}), path)
    assert read_table(path).column_names == ["a"]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["f8", "f4", "f2", "i2", "u8", "?", ">f8", ">i4", "M8[s]", "U3"])
def test_npy_of_two_dimensions(tmp_path, kind, order):
    array = np.arange(9000).reshape(4500, 2).astype(kind)
    np.save(tmp_path / "t.npy", np.asarray(array, order=order))
    table = read_table(tmp_path / "t.npy")
    assert table.column_names == ["x0", "x1"]
    for index in range(2):
        column = table[f"x{index}"].to_numpy()
        np.testing.assert_array_equal(column, array[:, index])


def test_npy_of_one_dimension_and_of_records(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, np.array([1.5, np.nan]))
    assert str(read_table(path).to_pydict()) == "{'x0': [1.5, nan]}"
    np.save(path, np.array([(1, "a"), (2, "b")], dtype=[("n", "i4"), ("s", "U1")]))
    assert read_table(path).to_pydict() == {"n": [1, 2], "s": ["a", "b"]}
    assert read_table(path, columns=["s"]).column_names == ["s"]


def test_npy_is_mapped_not_copied(tmp_path):
    array = np.asfortranarray(np.arange(2_000_000, dtype="f8").reshape(1_000_000, 2))
    np.save(tmp_path / "t.npy", array)
    before = pa.total_allocated_bytes()
    table = read_table(tmp_path / "t.npy")
    first, second = (table[name].chunk(0).buffers()[1] for name in table.column_names)
    assert pa.total_allocated_bytes() - before < 1_000_000
    assert second.address - first.address == 8_000_000


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array(1.0), "rows and columns"),
        (np.zeros((2, 2, 2)), "rows and columns"),
        (np.zeros((0, 2)), "no rows"),
        (np.zeros((2, 0)), "no columns"),
        (np.array([1, "a"], dtype=object), "Python objects"),
        (np.array([1j]), "can't be a column"),
    ],
)
def test_bad_npy(tmp_path, array, said):
    path = tmp_path / "t.npy"
    np.save(path, array)
    assert said in message(path)


def test_broken_npy(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, np.zeros((100, 2)))
    content = path.read_bytes()
    for broken in (content[:300], content[:20], b"x" * 300):
        path.write_bytes(broken)
        assert "cannot be read as .npy" in message(path)


def test_no_such_file(tmp_path):
    assert "no such file" in message(tmp_path / "no.csv", FileNotFoundError)
    (tmp_path / "folder.csv").mkdir()
    assert "is a directory" in message(tmp_path / "folder.csv", IsADirectoryError)
    assert ".parquet" in message(write(tmp_path, "t.what", b"\x00\x01\x02" * 9))
    assert "spreadsheet" in message(write(tmp_path, "t.xlsx", "x"))


def test_file_that_may_not_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "permission denied" in message(write(tmp_path, "t.csv", "a\n1\n"), PermissionError)


def test_some_columns_of_text(tmp_path):
    path = write(tmp_path, "t.csv", TEXT)
    assert read_table(str(path), columns=["word", "n"]).column_names == ["word", "n"]
    with pytest.raises(ValueError, match="no column 'wort', but 'word'; the columns are: n, x"):
        read_table(path, columns=["wort"])


def test_pyarrow_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "fastinfo\[frames\]"'):
        read_table(write(tmp_path, "t.csv", TEXT))


def test_many_known_columns_are_cut():
    said = unknown_column("x", [f"name{index}" for index in range(1000)])
    assert said.startswith("no column 'x'; the columns are: name0, ")
    assert said.endswith("name19, …")
