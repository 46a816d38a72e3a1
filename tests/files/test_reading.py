# ruff: noqa: RUF001
"""What reading finds out, what it says, and what people may say themselves."""

import datetime as dt
import functools
import http.server
import os
import sqlite3
import threading
import warnings

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import fastinfo
from fastinfo.files import read_table
from fastinfo.files.many_files import Files
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import ReadAgainError
from fastinfo.streaming import open_files


def told(path, read=read_table, **options):
    """A table, and what was said of it, without the name of the file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = read(path, **options)
    for one in caught:
        assert "\n" not in str(one.message)
    return table, [str(one.message).removeprefix(f"{path}").lstrip(": ") for one in caught]


def lines(head, row, n=200):
    return "\n".join([head, *map(row, range(n))]) + "\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def in_parts(path, **options):
    source = open_files(path, **options)
    return source.table()


READERS = pytest.mark.parametrize("read", [read_table, in_parts], ids=["whole", "parts"])


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("mark", ["?", "-", "unknown", "#DIV/0!", "n.a."])
def test_cells_that_are_no_numbers(file, mark, read):
    path = file(lines("x,y", lambda i: f"{mark if i % 10 == 0 else i * 0.5},{i % 2}"))
    table, said = told(path, read)
    assert table["x"].type == pa.float64()
    assert table["x"].null_count == 20
    assert said == [
        f"column x is taken as numbers; 20 cells are none and count as missing: {mark!r} (20)"
    ]


@pytest.mark.slow
@READERS
def test_all_odd_cells_are_counted_and_three_named(file, read):
    odd = {5: "five", 17: "five", 40: "six", 41: "x7", 99: "eight", 150: "n9"}
    table, (said,) = told(file(lines("x,y", lambda i: f"{odd.get(i, i)},{i % 2}")), read)
    assert table["x"].type == pa.int64()
    assert "6 cells are none and count as missing: 'five' (2), " in said
    assert said.endswith("and 2 others")


@pytest.mark.slow
@READERS
def test_marks_that_people_name_are_the_only_ones(file, read):
    path = file(lines("x,s", lambda i: f"{'?' if i % 10 == 0 else i},{'NA' if i % 3 else 'b'}"))
    table, said = told(path, read, null_values="")
    assert said == []
    assert table["x"].type == pa.string()
    assert table["s"].null_count == 0
    table, said = told(path, read, null_values=["?", "NA"])
    assert said == []
    assert (table["x"].null_count, table["s"].null_count) == (20, 133)


@pytest.mark.slow
@READERS
def test_a_sign_means_the_same_in_labels(file, read):
    def row(i):
        return f"{'?' if i % 10 == 0 else i / 2},{'?' if i % 7 == 0 else 'uvw'[i % 3]},{i % 2}"

    table, said = told(file(lines("x,s,y", row)), read)
    assert table["s"].null_count == 29
    taken = "labels; missing values, as in columns of numbers, are '?' (29)"
    assert f"column s is taken as {taken}" in said
    table, said = told(file(lines("s,y", lambda i: f"{'?uvw'[i % 4]},{i % 2}")), read)
    assert table["s"].null_count == 0
    assert said == []


def test_na_in_quotes(file):
    path = file('s,y\n"NA",1\nNA,0\n"b",1\n')
    assert read_table(path)["s"].to_pylist() == [None, None, "b"]
    assert read_table(path, quoted_null=False)["s"].to_pylist() == ["NA", None, "b"]


@pytest.mark.slow
@READERS
@pytest.mark.parametrize(
    ("form", "phrase", "values"),
    [
        ("${:,.2f}", "numbers with currency ($)", float),
        ("EUR {:.2f}", "numbers with currency (EUR)", float),
        ("{} kr", "numbers with currency (kr)", int),
        ("{}%", "numbers with percent", int),
        ("{:,}", None, int),
        ("({})", None, lambda v: -v),
        ("+{}", None, int),
        ("{}e3", None, lambda v: 1000.0 * v),
    ],
)  # fmt: skip
def test_numbers_in_many_forms(file, form, phrase, values, read):
    path = file(lines("x,y", lambda i: f'"{form.format(1000 + i)}",{i % 2}'))
    table, said = told(path, read)
    assert table["x"].to_pylist() == [values(1000 + i) for i in range(200)]
    assert said == ([] if phrase is None else [f"column x is taken as {phrase}"])


@pytest.mark.slow
@READERS
@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("%d.%m.%Y", "31.12.2024"),
        ("%m/%d/%Y", "12/31/2024"),
        ("%d/%m/%Y", "31/12/2024"),
        ("%d-%b-%Y", "31-Dec-2024"),
        ("%B %d, %Y", "December 31, 2024"),
        ("%d.%m.%Y %H:%M", "31.12.2024 13:05"),
        ("%m/%d/%Y %I:%M %p", "12/31/2024 01:05 PM"),
        ("%Y/%m/%d", "2024/12/31"),
        ("%Y-%m", "2024-12"),
        ("%a, %d %b %Y %H:%M:%S GMT", "Tue, 31 Dec 2024 13:05:09 GMT"),
    ],
)
def test_dates_in_many_forms(file, form, shown, read):
    days = [dt.datetime(2021, 1, 1, 4, 30) + dt.timedelta(days=5 * i) for i in range(200)]
    path = file(lines("d;y", lambda i: f"{days[i].strftime(form)};{i % 2}"))
    table, said = told(path, read)
    assert pa.types.is_temporal(table["d"].type)
    assert said == [f"column d is taken as dates as {shown}"]
    right = [dt.datetime.strptime(day.strftime(form), form) for day in days]
    found = table["d"].cast(pa.timestamp("us")).to_pylist()
    assert found == right


@pytest.mark.slow
@READERS
@pytest.mark.parametrize(
    "cell",
    ["0{}", "{}_1", "A{}", "{} kg", "1.{}.0", "10.0.0.{}", "{}x", "v{}", "{} Main Street", "#{}"],
)
def test_labels_stay_labels(file, cell, read):
    table, said = told(file(lines("x,y", lambda i: f"{cell.format(i % 50)},{i % 2}")), read)
    assert table["x"].type == pa.string()
    assert said == []


@pytest.mark.slow
@READERS
def test_several_units_are_no_numbers(file, read):
    path = file(lines("x,y", lambda i: f"{'$€'[i % 2]}{i},{i % 2}"))
    table, (said,) = told(path, read)
    assert table["x"].type == pa.string()
    assert "several units: " in said
    assert "$" in said
    assert "€" in said


@pytest.mark.slow
@READERS
def test_infinities_are_numbers(file, read):
    for first in ("inf", "0.5"):
        cells = [first, "-inf", "inf", *(f"{i / 4}" for i in range(100))]
        table, _ = told(
            file("x,y\n" + "".join(f"{cell},{i % 2}\n" for i, cell in enumerate(cells))), read
        )
        assert table["x"].to_pylist() == [float(cell) for cell in cells]


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("late", ["2.5", "many", "x_2", "", "NA", "99999999999999999999"])
def test_what_comes_after_the_first_rows(file, late, read):
    """No value is rounded, or read as another one, where its type was told by earlier rows."""
    path = file("x,y\n" + "".join(f"{i % 40},{i % 2}\n" for i in range(30_000)) + f"{late},1\n" * 3)
    table, said = told(path, read)
    last = table["x"].to_pylist()[-1]
    assert last == {"2.5": 2.5, "99999999999999999999": 1e20}.get(late)
    assert table["x"].null_count == (0 if last else 3)
    assert len(said) == (late in ("many", "x_2"))
    assert table.num_rows == 30_003


@pytest.mark.slow
@READERS
@pytest.mark.parametrize(
    "late", ["2.1163865546218487", "-0.12345678901234567", "1.23456789012345e-05"]
)
def test_long_fractions_after_the_first_rows(file, late, read):
    """As a mean of sixteen digits that was put into a gap of a column of codes."""
    path = file("x,y\n" + "".join(f"{i % 4},{i % 2}\n" for i in range(5000)) + f"{late},1\n")
    table, said = told(path, read)
    assert (table["x"].to_pylist()[-1], table["x"][5].as_py(), said) == (float(late), 1.0, [])


def test_large_identifiers_are_exact(file):
    path = file(lines("id,y", lambda i: f"{1234567890123456700 + i},{i % 2}"))
    assert read_table(path)["id"][1].as_py() == 1234567890123456701


@pytest.mark.slow
@READERS
def test_a_ranking_of_text_that_changes(file, read, monkeypatch):
    path = file(
        "x,other,y\n"
        + "".join(f"{i % 40},{i % 7},{i % 2}\n" for i in range(30_000))
        + "?,3,1\n" * 9
    )
    table, _ = told(path, read)
    source = told(path, open_files)[0]
    with pytest.warns(UserWarning, match=r"9 cells are none and count as missing: '\?' \(9\)"):
        found = fastinfo.rank_features(source, "y")
    assert [r.n_missing for r in found if r.name == "x"] == [9]
    assert found.to_dict() == fastinfo.rank_features(table, "y").to_dict()


@pytest.mark.slow
def test_a_checkpoint_of_text_that_changes(file, tmp_path):
    path = file("x,y\n" + "".join(f"{i % 40},{i % 2}\n" for i in range(30_000)) + "many,1\n" * 9)
    source = told(path, open_files)[0]
    with pytest.warns(UserWarning, match="9 cells are none and count as missing: 'many'"):
        found = fastinfo.rank_features(source, "y", checkpoint=tmp_path / "state.json")
    assert found["x"].n_missing == 9
    assert not (tmp_path / "state.json").exists()


@pytest.mark.slow
def test_reading_again_ends(file):
    path = file(lines("x,y", lambda i: f"{i},{i % 2}"))
    source = open_files(path)
    file_of_it = source._files[0]

    def never(*args):
        raise ReadAgainError("never")

    file_of_it._batches = never
    with pytest.raises(ReadAgainError):
        source.table()


@pytest.mark.slow
@READERS
def test_rows_keep_their_order(tmp_path, read):
    """Large enough for several blocks, which are read at the same time."""
    n = 1_000_000
    path = tmp_path / "t.csv"
    with open(path, "w") as text:
        text.write("i,s,x\n")
        text.writelines(f"{i},t{i},{i / 2}\n" for i in range(n))
    table = read(path)
    assert (table["i"].to_numpy() == np.arange(n)).all()
    assert (table["x"].to_numpy() == np.arange(n) / 2).all()
    assert table["s"][n - 1].as_py() == f"t{n - 1}"


@pytest.mark.slow
@READERS
def test_many_different_texts_that_are_numbers(file, read):
    n = 150_000
    table, _ = told(file(lines("x,y", lambda i: f"$ {i * 7 % n}.25,{i % 2}", n)), read)
    assert (table["x"].to_numpy() == np.arange(n) * 7 % n + 0.25).all()


# Headers


@READERS
def test_no_header(file, read):
    path = file("".join(f"{i},{i % 2},x\n" for i in range(50)))
    table, (said,) = told(path, read)
    assert table.column_names == ["column0", "column1", "column2"]
    assert table.num_rows == 50
    assert "has no header, since its first line looks like data: its columns are column0" in said
    table, said = told(path, read, header=False)
    assert (table.num_rows, said) == (50, [])
    path = file("2019,2020\n" + "".join(f"{i},{i % 2}\n" for i in range(50)))
    table, said = told(path, read, header=True)
    assert (table.column_names, table.num_rows, said) == (["2019", "2020"], 50, [])


@READERS
def test_lines_before_the_header(file, read):
    body = lines("a,b", lambda i: f"{i},u{i % 2}")
    table, (said,) = told(file("Flats of the town\n\n" + body), read)
    assert (table.column_names, table.num_rows) == (["a", "b"], 200)
    assert said == "the first 2 lines are left out, as not part of the table"
    table, said = told(file("# flats\n" + body), read)
    assert (table.column_names, table.num_rows, said) == (["a", "b"], 200, [])


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("titles", ["Flats,,\n", "Flats,,\n\nof,,\n,,\n", '"Flats, new",,\n,,\n'])
@pytest.mark.parametrize("row", ["u{},{},x", "u{},w{},x"])
def test_titles_above_the_names_of_a_sheet_saved_as_text(file, titles, row, read):
    body = lines("a,b,c", lambda i: row.format(i % 9, i % 40))
    table, (said,) = told(file(titles + body), read)
    assert (table.column_names, table.num_rows) == (["a", "b", "c"], 200)
    n = titles.count("\n")
    lines_are = f"{n} lines are" if n > 1 else "line is"
    assert said == f"the first {lines_are} left out, as not part of the table"


def test_separators_of_two_characters(file):
    path = file("a||b\n" + "".join(f"u{i % 7}||{i}\n" for i in range(60)))
    assert read_table(path, sep="||")["b"].to_pylist() == list(range(60))


@pytest.mark.parametrize("head", ["a,,\n", "a,b,\n1,2,3\n"])
def test_names_that_few_columns_have_are_no_titles(file, head):
    table, said = told(file(head + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60))))
    assert (table.column_names[0], table.num_rows, said) == ("a", 59 + head.count("\n"), [])


def test_a_row_of_units(file):
    path = file("a;b\n;[EUR]\n" + "".join(f"u{i % 7};{i}.5\n" for i in range(60)))
    _, (said,) = told(path)
    assert said == "column b is taken as numbers; 1 cell is none and counts as missing: '[EUR]' (1)"


def test_names_that_differ_by_case_alone_are_kept(file):
    table = read_table(file("a,A,a.1\n1,2,3\n4,5,6\n"))
    assert table.to_pydict() == {"a": [1, 4], "A": [2, 5], "a.1": [3, 6]}


def test_padded_names_and_texts(file):
    table = read_table(file('name, "town", n\n"a", "u", 1\n"b", "v", 2\n'))
    assert table.to_pydict() == {"name": ["a", "b"], "town": ["u", "v"], "n": [1, 2]}


# Options


def test_options_of_text(file):
    path = file("a~b\n1,5~x\n2,5~y\n")
    table = read_table(path, sep="~", decimal=",")
    assert table.to_pydict() == {"a": [1.5, 2.5], "b": ["x", "y"]}
    path = file("имя;b\n1;ж\n".encode("cp1251"))
    assert read_table(path, encoding="cp1251").to_pydict() == {"имя": [1], "b": ["ж"]}
    path = file(b"a\tb\n1\t2\n", "table.bin")
    assert read_table(path, format="tsv").to_pydict() == {"a": [1], "b": [2]}


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"sep": ""}, ValueError, "sep must be the characters between two values"),
        ({"sep": "\n"}, ValueError, "sep must be"),
        ({"sep": 3}, ValueError, "sep must be"),
        ({"decimal": "x"}, ValueError, "decimal must be one of"),
        ({"sep": ",", "decimal": ","}, ValueError, "decimal and sep must differ"),
        ({"encoding": "none"}, ValueError, "encoding must be one that Python knows, got 'none'"),
        ({"format": "doc"}, ValueError, "format must be one of"),
        ({"null_values": [3]}, TypeError, "null_values must be text, got int"),
        ({"header": 1}, TypeError, "header must be True or False, got int"),
        ({"sheet": 1.5}, TypeError, "sheet must be a name or a number"),
        ({"table": 3}, TypeError, "table must be a name"),
    ],
)
def test_bad_options(file, options, error, said):
    with pytest.raises(error, match=said):
        read_table(file("a,b\n1,2\n"), **options)
    with pytest.raises(error, match=said):
        open_files(file("a,b\n1,2\n"), **options)


# Bad input


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a,b,c\n1,2,3\n4,5\n",
            "line 3 \\('4,5'\\): expected 3 values as in the first line, found 2",
        ),
        (b"\x00\x01\x02\x03" * 50, "is not text: it has bytes that are not characters"),
        ("a,b\n", "has no rows"),
        ("a,b\n1,2\n3,4\nnote\n", "line 4 \\('note'\\): expected 2 values"),
    ],
)
def test_text_that_is_none(file, text, said):
    with pytest.raises(ValueError, match=said):
        read_table(file(text))


def test_a_table_under_another_name_is_told(file, tmp_path):
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "t.csv")
    table, said = told(tmp_path / "t.csv")
    assert table.to_pydict() == {"a": [1]}
    assert said == ["is a Parquet file, although its name says otherwise, and is read as one"]


def test_files_of_different_columns(file):
    a, b = file("a,y\n1,2\n", "a.csv"), file("b,y\n1,2\n", "b.csv")
    with pytest.raises(ValueError, match=r"b\.csv' has no column 'a'"):
        open_files(a, b)
    c = file("a,y,z\n1,2,3\n", "c.csv")
    with pytest.raises(ValueError, match=r"c\.csv' has a column 'z', which .*a\.csv' has not"):
        open_files(a, c)


@pytest.mark.slow
def test_files_whose_types_differ(file):
    a = file(lines("x,y", lambda i: f"{i},{i % 2}"), "a.csv")
    b = file(lines("x,y", lambda i: f"{'?' if i % 9 == 0 else i / 2},{i % 2}"), "b.csv")
    with pytest.warns(UserWarning, match="column x is taken as numbers; 23 cells"):
        source = open_files(a, b)
    assert source.table()["x"].null_count == 23


def test_folders(tmp_path):
    with pytest.raises(ValueError, match="has no table in it"):
        open_files(tmp_path)
    parquet.write_table(pa.table({"a": [1, 2]}), tmp_path / "a.parquet")
    (tmp_path / "notes.md").write_text("no table")
    assert fastinfo.files.read_table(tmp_path / "a.parquet").num_rows == 2
    assert open_files(tmp_path).n_rows == 2
    (tmp_path / "b.csv").write_text("a\n3\n")
    with pytest.raises(
        ValueError, match=r"files of several kinds \(.csv, .parquet\): give a pattern"
    ):
        open_files(tmp_path)


def test_keys_of_folders(tmp_path):
    for year in (2023, 2024):
        for kind in ("a b", "c"):
            folder = tmp_path / f"year={year}" / f"kind={kind.replace(' ', '%20')}"
            folder.mkdir(parents=True)
            parquet.write_table(pa.table({"v": [year, 1]}), folder / "part.parquet")
    table = open_files(tmp_path).table()
    assert table.to_pydict() == {
        "v": [2023, 1, 2023, 1, 2024, 1, 2024, 1],
        "year": [2023] * 4 + [2024] * 4,
        "kind": ["a b", "a b", "c", "c"] * 2,
    }
    source = open_files(tmp_path)
    assert [part.column_names for part in source.parts(["kind"])] == [["kind"]] * 4


def test_databases(tmp_path):
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as con:
        con.execute("create table a (x int, s text)")
        con.execute("create table b (x real)")
        con.executemany("insert into a values (?, ?)", [(i, "uv"[i % 2]) for i in range(10)])
        con.execute("create view half as select x / 2 as h from a")
    con.close()
    with pytest.raises(ValueError, match=r"has 3 tables: name one of them by table=.*: a, b, half"):
        read_table(path)
    assert read_table(path, table="half")["h"].to_pylist() == [i // 2 for i in range(10)]
    with pytest.raises(ValueError, match="has no table 'c'; its tables are: a, b, half"):
        read_table(path, table="c")
    with pytest.raises(ValueError, match="has no rows"):
        read_table(path, table="b")
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 3000)
    with pytest.raises(ValueError, match="cannot be read as SQLite: "):
        read_table(path)


def test_sheets(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("fastexcel")
    book = openpyxl.Workbook()
    book.active.title = "empty"
    for name, value in (("one", 1), ("two", 2)):
        sheet = book.create_sheet(name)
        for row in (["a", "b"], [value, "x"], [value, "?"]):
            sheet.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    table, (said,) = told(path)
    assert table.to_pydict() == {"a": [1, 1], "b": ["x", "?"]}
    assert said == "of 3 sheets, one is read; sheet= chooses another one: empty, two"
    for sheet in ("two", 3, "3"):
        assert read_table(path, sheet=sheet)["a"].to_pylist() == [2, 2]
    with pytest.raises(ValueError, match="has no sheet 'six'; its sheets are: empty, one, two"):
        read_table(path, sheet="six")
    with pytest.raises(ValueError, match=r"the sheet 'empty' of .* has no rows"):
        read_table(path, sheet="empty")


def test_titles_above_the_table_of_a_sheet(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("fastexcel")
    book = openpyxl.Workbook()
    for row in (["Sales report 2024"], [], ["town", "n", "x"], ["a", 1, None], ["b", 2, 0.5]):
        book.active.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    table, (said,) = told(path)
    assert table.to_pydict() == {"town": ["a", "b"], "n": [1, 2], "x": [None, 0.5]}
    assert said == "the first 2 rows are left out, as not part of the table"


def test_lists_in_a_table_are_left_out(file):
    text = "".join(f'{{"x": {i * i}, "l": [1, {i}], "y": {i % 2}}}\n' for i in range(50))
    path = file(text, "t.jsonl")
    with pytest.warns(UserWarning, match="columns of lists, structs or maps are left out: 'l'"):
        assert fastinfo.rank_features(path, "y").names == ["x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,', "cannot be read as JSON"),
        ("[1, 2, 3]", "holds no records"),
        ('{"a": [1, 2], "b": [1]}', "the columns must have the same length, got 1, 2"),
        (
            '{"a": [{"x": 1}], "b": [{"y": 1}, {"y": 2}]}',
            r"several lists of records, .*: a \(1\), b \(2\)",
        ),
    ],
)
def test_bad_json(file, text, said):
    with pytest.raises(ValueError, match=said):
        read_table(file(text, "t.json"))


def test_an_address(file, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    file("a,y\n1,2\n3,4\n")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *a: None})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(quiet, directory=str(tmp_path))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert read_table(f"{address}/t.csv").to_pydict() == {"a": [1, 3], "y": [2, 4]}
        assert open_files(f"{address}/t.csv").names == ["a", "y"]
        with pytest.raises(OSError, match=r"none\.csv' cannot be read: .*404"):
            read_table(f"{address}/none.csv")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_copies_are_removed(file, tmp_path, monkeypatch):
    import gzip
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    os.mkdir(tmp_path / "temporary")
    with pytest.warns(UserWarning, match="read as cp1252"):
        read_table(file(gzip.compress("ä,b\n1,2\n".encode("latin-1")), "t.csv.gz"))
    source = Files([str(file("ä,b\n1,2\n".encode("utf-16")))], ReadOptions())
    assert len(os.listdir(tmp_path / "temporary")) == 1
    assert source.table().num_rows == 1
    del source
    assert os.listdir(tmp_path / "temporary") == []


@pytest.mark.slow
def test_numbers_as_text_in_a_typed_file(tmp_path):
    """The file says that they are text: labels, unless other cells show that they are not."""
    plain = [f"{i / 4}" for i in range(100)]
    odd = ["?", *plain[1:]]
    parquet.write_table(
        pa.table({"p": plain, "x": odd, "y": np.arange(100) % 2}), tmp_path / "t.parquet"
    )
    for read in (read_table, in_parts):
        table, (said,) = told(tmp_path / "t.parquet", read)
        assert table["p"].to_pylist() == plain
        assert table["x"].to_pylist() == [None, *(i / 4 for i in range(1, 100))]
        assert said == (
            "column x is taken as numbers, though the file has it as text; "
            "1 cell is none and counts as missing: '?' (1)"
        )


# What was read as something else


@READERS
def test_signs_that_are_labels_stay(file, read):
    def row(i):
        return f"{'+-'[i % 2]},{'-' if i == 7 else i / 4},{'no' if i % 2 else 'yes'},{i % 2}"

    table, said = told(file(lines("test,age,s,y", row)), read)
    assert table["test"].null_count == 0
    assert table["age"].null_count == 1
    assert len(said) == 1


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("cell", ["{}.5", "{}", "2021-01-{:02}", "{},50 EUR", "1.{}3.2024"])
def test_columns_that_begin_empty(file, cell, read):
    n = 6000
    path = file(lines("v;y", lambda i: f"{cell.format(1 + i % 28) if i > 4000 else ''};{i % 2}", n))
    table, _ = told(path, read)
    assert table["v"].null_count == 4001
    assert not pa.types.is_string(table["v"].type) or cell == "1.{}3.2024"


@READERS
def test_line_ends_of_all_kinds(file, read):
    table = read(file("v,y\r\n100,0\r\n101,1\r\n123,0\r456,1\r789,0\n5,6\r\n"))
    assert table["v"].to_pylist() == [100, 101, 123, 456, 789, 5]
    rows = "".join(f"{i},{i % 2}" + ("\r" if i == 9000 else "\r\n") for i in range(10_000))
    assert (read(file("v,y\r\n" + rows))["v"].to_numpy() == np.arange(10_000)).all()


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("first", [0, 5000])
def test_leading_zeros_are_labels_wherever_they_are(file, first, read):
    n = first + 1000
    path = file(
        lines("zip,y", lambda i: f"{i + 10000 if i < first else f'{i - first:05}'},{i % 2}", n)
    )
    table, said = told(path, read)
    assert pa.types.is_string(table["zip"].type)
    assert said == []
    assert "00042" in table["zip"].to_pylist()


def test_integers_of_more_than_64_bits_are_apart(file):
    path = file(lines("u,y", lambda i: f"{10**19 + i % 7},{i % 7 % 2}"))
    with pytest.warns(UserWarning, match="may leak"):
        assert fastinfo.rank_features(path, "y")["u"].levels == 7


@pytest.mark.slow
@READERS
def test_groups_by_points_beside_decimal_commas(file, read):
    def row(i):
        return f'"{i},5";{f"{i}.{i:03}" if i > 50 else i};{i % 2}'

    table, _ = told(file(lines("a;b;y", row)), read)
    assert table["a"].to_pylist() == [i + 0.5 for i in range(200)]
    assert table["b"].to_pylist() == [i * 1001 if i > 50 else i for i in range(200)]
    table, _ = told(
        file(lines("b,y", lambda i: f"{f'{i}.{i:03}' if i > 50 else i} EUR,{i % 2}")), read
    )
    assert table["b"].to_pylist() == [i * 1001 if i > 50 else i for i in range(200)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Prénom;Âge\nJosé;1\n", "cp1252"),
        ("größe;y\nmännlich;1\n", "cp1252"),
        ("T (°C);p\n1;£12.50\n", "cp1252"),
        ("p;y\n12,50 €;1\n", "cp1252"),
        ("Situação;y\nnão;1\n", "latin-1"),
        (
            "город;погода;вес\nМосква;ясно и холодно;1\nКазань;сильный дождь;2\n"
            "Новосибирск;небольшой снег;3\nВладивосток;переменная облачность;4\n",
            "cp1251",
        ),
        ("名前;年齢\nたなか;1\nやまだ;2\n", "shift_jis"),
    ],
)
def test_encodings_are_found_out_and_told(file, text, encoding):
    table, said = told(file((text + text.split("\n", 1)[1] * 30).encode(encoding)))
    assert table.column_names == text.split("\n")[0].split(";")
    assert any("is not UTF-8 text, and is read as" in one for one in said)


def test_a_bad_byte_in_utf8(file):
    text = lines("name,y", lambda i: f"Malmö {i % 5},{i % 2}").encode()
    table, said = told(file(text + b"Malm\xf6,1\n"))
    assert table["name"][0].as_py() == "Malmö 0"
    assert table["name"][200].as_py() == "Malm\N{REPLACEMENT CHARACTER}"
    assert "is read as UTF-8, and other bytes are replaced" in said[0]


@pytest.mark.slow
@READERS
def test_accounts(file, read):
    path = file(
        lines("x;y", lambda i: f"$ ({1000 + i:,}.00);{i % 2}" if i % 2 else f"$ {i}.50 ;{i % 2}")
    )
    table, _ = told(path, read)
    assert table["x"].to_pylist()[:4] == [0.5, -1001, 2.5, -1003]


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("form", ["%d.%m.%y", "%d-%m-%y", "%d-%b-%y", "%d%b%y", "%d/%m/%y"])
def test_years_of_two_digits(file, form, read):
    days = [dt.date(2019, 3, 1) + dt.timedelta(days=11 * i) for i in range(200)]
    table, _ = told(file(lines("d;y", lambda i: f"{days[i].strftime(form)};{i % 2}")), read)
    assert table["d"].cast(pa.date32()).to_pylist() == days


@pytest.mark.slow
@READERS
@pytest.mark.parametrize("cell", ["{}/10", "{}.2.3", "1-{}", "{}.1.0"])
def test_fractions_and_versions_are_no_dates(file, cell, read):
    table, said = told(file(lines("x,y", lambda i: f"{cell.format(1 + i % 9)},{i % 2}")), read)
    assert table["x"].type == pa.string()
    assert said == []


@READERS
def test_last_rows_with_commas_in_their_text(file, read):
    names = [f"name{i}" for i in range(97)] + ["a, b, c, d"] * 3
    table = read(file(lines("name;k;y", lambda i: f"{names[i]};{i % 5};{i % 2}", 100)))
    assert table.column_names == ["name", "k", "y"]
    assert table.num_rows == 100


@pytest.mark.slow
@READERS
def test_grades_and_words_stay_labels(file, read):
    def row(i):
        return f"{['K', *range(1, 13)][i % 13]},{'ABC'[i % 3] if i % 3 == 0 else i},{i % 2}"

    table, said = told(file(lines("grade,x,y", row)), read)
    assert table["grade"].null_count == table["x"].null_count == 0
    assert said == []


@pytest.mark.slow
@READERS
def test_dates_of_logs(file, read):
    path = file(lines("t;y", lambda i: f"{1 + i % 28:02}/Aug/2024:00:00:0{i % 10} +0000;{i % 2}"))
    table, (said,) = told(path, read)
    assert pa.types.is_timestamp(table["t"].type)
    assert "dates as" in said


@pytest.mark.slow
@READERS
def test_dates_of_two_forms(file, read):
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=5 * i) for i in range(200)]
    path = file(
        lines("d,y", lambda i: f"{days[i].strftime(['%Y-%m-%d', '%d.%m.%Y'][i % 2])},{i % 2}")
    )
    table, (said,) = told(path, read)
    assert table["d"].cast(pa.date32()).to_pylist() == days
    assert said == "column d is taken as dates as 2024-12-31 and 31.12.2024"


def test_tables_of_r(file):
    text = '"mpg" "cyl"\n"Mazda RX4" 21 6\n"Datsun 710" 22.8 4\n'
    table = read_table(file(text, "t.txt"))
    assert table.to_pydict() == {
        "": ["Mazda RX4", "Datsun 710"], "mpg": [21.0, 22.8], "cyl": [6, 4],
    }  # fmt: skip
    table = read_table(file(text.replace(" ", "\t").replace("Mazda\t", "Mazda ")))
    assert table.column_names == ["", "mpg", "cyl"]


def test_years_as_names(file):
    path = file("country,1964,1965\n" + "".join(f"c{i},{i * 7},{i * 8}\n" for i in range(60)))
    assert read_table(path).column_names == ["country", "1964", "1965"]


@pytest.mark.parametrize("names", ["rank,dept,sex", "0,1,2", "1940,1950,1960"])
def test_names_but_none_of_the_names_of_rows(file, names):
    """As R and pandas write them, where all columns are of labels, or names are numbers."""
    cell = "x" if names[0] == "r" else ""
    head = f",{names}\n"
    path = file(
        head + "".join(f"{i},{cell}{i % 3},{cell}{i % 4},{cell}{i % 2}\n" for i in range(60))
    )
    table, said = told(path)
    assert (table.column_names, table.num_rows, said) == (["", *names.split(",")], 60, [])


@pytest.mark.parametrize("first", [",7,8", ",1,1,1", ",1,3,9"])
def test_a_first_row_with_a_gap_is_no_header(file, first):
    path = file(
        first + "\n" + "".join(f"{i}{',7' * first[1:].count(',')},{i}\n" for i in range(60))
    )
    table, (said,) = told(path)
    assert table.num_rows == 61
    assert "has no header" in said


def test_aligned_columns(file):
    path = file(
        " x     y   name\n" + "".join(f"{i / 4:6.2f}  {i % 2:3}   n{i % 3}\n" for i in range(60))
    )
    assert read_table(path)["x"].to_pylist() == [i / 4 for i in range(60)]


def test_aligned_columns_of_several_words(file):
    head = "     id        educ   div\n"
    row = "{:7}  {:>10}   {:>3}\n".format
    educ = ["12-15 years", "< 12 years", "16+ years"]
    path = file(head + "".join(row(i, educ[i % 3], ["No", "Yes"][i % 2]) for i in range(60)))
    table, said = told(path)
    assert (table.column_names, said) == (["id", "educ", "div"], [])
    assert table["educ"].to_pylist()[:3] == educ


def test_lines_that_are_taken_as_one_value_each(file):
    body = "".join(f"   5803{i}     {i / 4:.2f}\n" for i in range(10, 40))
    table, (said,) = told(file("*****\n** weekly means **\n*****\n" + body))
    assert len(table.column_names) == 1
    assert said == (
        "is read as one column of whole lines; if something separates values in them, give it as "
        "sep="
    )
    assert told(file("word\na\nb\nc d\n"))[1] == []


def test_commas_in_the_last_line_of_another_separator(file):
    users = "".join(f"user{i}:x:{i}:/home/{i}\n" for i in range(23))
    table, (said,) = told(file(users + "db:x:7:Administrator,,,\n", "passwd.txt"))
    assert (table.num_rows, len(table.column_names)) == (24, 4)
    assert "has no header" in said


def test_options_for_other_files(file):
    for options in ({"sheet": "a"}, {"table": "a"}):
        (name,) = options
        with pytest.raises(ValueError, match=f"{name} must be None for .*t.csv'"):
            read_table(file("a,b\n1,2\n"), **options)
