"""Forms in which people have a table: whatever the form, the ranking is that of the plain file."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import sqlite3
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

import fastinfo
from fastinfo.streaming import open_files

N = 400
TARGET = "sold"


def columns() -> dict[str, list[Any]]:
    """A table with numbers, whole numbers, labels and dates, of which some are missing."""
    rng = np.random.default_rng(18)
    sold = rng.integers(0, 2, N)
    day = [dt.date(2021, 1, 1) + dt.timedelta(days=int(k)) for k in rng.integers(0, 900, N)]
    found: dict[str, list[Any]] = {
        "price": [round(float(v), 2) for v in 1000 * rng.gamma(2, size=N) * (1 + sold) + 1000],
        "rate": [round(float(v), 1) for v in rng.normal(40, 12, N) + 8 * sold],
        "rooms": [int(v) for v in rng.integers(1, 7, N) + sold],
        "area": [int(v) for v in rng.integers(20, 3000, N)],
        "town": [["Köln", "Aix", "Genève"][int(v)] for v in (rng.integers(0, 3, N) + sold) % 3],
        "built": day,
        TARGET: [int(v) for v in sold],
    }
    for name in ("rate", "rooms", "town"):
        for k in rng.choice(N, 30, replace=False):
            found[name][int(k)] = None
    return found


COLUMNS = columns()


def text(
    sep: str = ",",
    decimal: str = ".",
    missing: str = "",
    end: str = "\n",
    table: dict[str, list[Any]] = COLUMNS,
    **forms: Callable[[Any], str],
) -> str:
    """The table as delimited text; `forms` say how the cells of a column look."""

    def cell(name: str, value: Any) -> str:
        if value is None:
            return missing
        if name in forms:
            value = forms[name](value)
        elif isinstance(value, float):
            value = str(value).replace(".", decimal)
        value = str(value)
        return f'"{value}"' if sep in value else value

    lines = [sep.join(table)]
    lines += [sep.join(map(cell, table, row)) for row in zip(*table.values(), strict=True)]
    return end.join(lines) + end


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def records() -> list[dict[str, Any]]:
    rows = zip(*COLUMNS.values(), strict=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def plain_values(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def as_json(what: Any) -> bytes:
    return json.dumps(what, default=plain_values, ensure_ascii=False).encode()


def lines_of_json() -> bytes:
    return b"\n".join(map(as_json, records())) + b"\n"


def excel(path: Path, sheets: dict[str, Any]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        if table is not None:
            sheet.append(list(table))
            for row in zip(*table.values(), strict=True):
                sheet.append(row)
    book.save(path)


def sqlite(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute(
            "create table flats (price real, rate real, rooms int, area int, "
            "town text, built text, sold int)"
        )
        rows = [tuple(map(plain_values, row.values())) for row in records()]
        con.executemany("insert into flats values (?, ?, ?, ?, ?, ?, ?)", rows)
    con.close()


def duckdb_file(path: Path) -> None:
    import duckdb

    flats = pa.table(COLUMNS)  # noqa: F841, read by its name
    with duckdb.connect(str(path)) as con:
        con.sql("create table flats as from flats")


def hive(folder: Path, write: Callable[[pa.Table, Path], None], suffix: str) -> Path:
    """The table without its rooms, which are the names of folders."""
    table = pa.table(COLUMNS)
    for rooms in sorted({v for v in COLUMNS["rooms"] if v is not None}):
        place = folder / f"rooms={rooms}"
        place.mkdir(parents=True)
        write(
            table.filter(pa.compute.equal(table["rooms"], rooms)).drop_columns("rooms"),
            place / f"part{suffix}",
        )
    return folder


def write_text(table: pa.Table, path: Path) -> None:
    path.write_text(text(table=table.to_pydict()), encoding="utf-8")


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("flats.csv", content)
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


def frame(**options: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(COLUMNS)


PLAIN = text().encode()

#: Files of one name, and what is in them.
CONTENTS: dict[str, tuple[str, bytes]] = {
    "semicolons": ("t.csv", text(";").encode()),
    "tabs in .csv": ("t.csv", text("\t").encode()),
    "tabs in .tsv": ("t.tsv", text("\t").encode()),
    "bars in .txt": ("t.txt", text("|").encode()),
    "spaces": ("t.dat", text(" ", missing="NA").encode()),
    "carets": ("t.txt", text("^").encode()),
    "colons": ("t.data", text(":").encode()),
    "no suffix": ("table", PLAIN),
    "decimal commas": ("t.csv", text(";", ",").encode()),
    "decimal commas and groups": ("t.csv", text(";", ",", price=german).encode()),
    "decimal commas in quotes": ("t.csv", text(",", ",").encode()),
    "decimal commas and tabs": ("t.tsv", text("\t", ",").encode()),
    "groups of digits": ("t.csv", text(price=lambda v: f"{v:,.2f}").encode()),
    "groups by spaces": ("t.csv", text(price=lambda v: f"{v:,.2f}".replace(",", " ")).encode()),
    "apostrophes": ("t.csv", text(price=lambda v: f"{v:_.2f}".replace("_", "'")).encode()),
    "Latin-1": ("t.csv", text().encode("latin-1")),
    "Windows-1252": ("t.csv", text(price=lambda v: f"{v} €").encode("cp1252")),
    "UTF-8 with a mark": ("t.csv", text().encode("utf-8-sig")),
    "UTF-16": ("t.csv", text().encode("utf-16")),
    "UTF-16 without a mark": ("t.csv", text().encode("utf-16-le")),
    "UTF-32": ("t.csv", text().encode("utf-32")),
    "line ends of Windows": ("t.csv", text(end="\r\n").encode()),
    "line ends of old Macs": ("t.csv", text(end="\r").encode()),
    "gzip": ("t.csv.gz", gzip.compress(PLAIN)),
    "gzip under another name": ("t.csv", gzip.compress(PLAIN)),
    "bzip2": ("t.csv.bz2", bz2.compress(PLAIN)),
    "xz": ("t.csv.xz", lzma.compress(PLAIN)),
    "zstd": ("t.csv.zst", zstd(PLAIN)),
    "zip": ("t.csv.zip", zipped(PLAIN)),
    "zip without .csv": ("t.zip", zipped(PLAIN)),
    "gzip of Latin-1": ("t.csv.gz", gzip.compress(text().encode("latin-1"))),
    "JSON lines": ("t.jsonl", lines_of_json()),
    "JSON lines packed": ("t.ndjson.gz", gzip.compress(lines_of_json())),
    "JSON list": ("t.json", as_json(records())),
    "JSON of columns": ("t.json", as_json(COLUMNS)),
    "JSON of pandas": ("t.json", as_json({k: dict(enumerate(v)) for k, v in COLUMNS.items()})),
    "JSON split": (
        "t.json",
        as_json({"columns": list(COLUMNS), "data": [list(r.values()) for r in records()]}),
    ),
    "JSON under a name": ("t.json", as_json({"data": records()})),
    "currency before": ("t.csv", text(price=lambda v: f"${v:,.2f}").encode()),
    "currency after": ("t.csv", text(";", ",", price=lambda v: german(v) + " €").encode()),
    "currency by code": ("t.csv", text(price=lambda v: f"USD {v:.2f}").encode()),
    "percent": ("t.csv", text(rate=lambda v: f"{v}%").encode()),
    "percent with a space": ("t.csv", text(rate="{} %".format, area="{} %".format).encode()),
    "days first": ("t.csv", text(built=lambda v: f"{v:%d.%m.%Y}").encode()),
    "days first by slashes": ("t.csv", text(built=lambda v: f"{v:%d/%m/%Y}").encode()),
    "months first": ("t.csv", text(built=lambda v: f"{v:%m/%d/%Y}").encode()),
    "months by name": ("t.csv", text(built=lambda v: f"{v:%d-%b-%Y}").encode()),
    "months by name first": ("t.csv", text(";", built=lambda v: f"{v:%B %d, %Y}").encode()),
    "days and times": ("t.csv", text(built=lambda v: f"{v:%d.%m.%Y} 00:00").encode()),
    **{
        f"missing as {mark}": ("t.csv", text(missing=mark).encode())
        for mark in ("NA", "?", "-", ".", "N/A", "#N/A", "NULL", "None", "\\N", "<NA>", "n/a", "--")
    },
    "everything in quotes": (
        "t.csv",
        "".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in text().splitlines()
        ).encode(),
    ),
    "comments first": ("t.csv", ("# flats\n# as of today\n" + text()).encode()),
    "empty lines at the end": ("t.csv", (text() + "\n\n").encode()),
}  # fmt: skip

#: What writes a file, or several, into a folder, and gives what is ranked.
WRITERS: dict[str, Callable[[Path], Any]] = {
    "Parquet": lambda at: (
        parquet.write_table(pa.table(COLUMNS), at / "t.parquet") or at / "t.parquet"
    ),
    "Parquet under another name": lambda at: (
        parquet.write_table(pa.table(COLUMNS), at / "t.csv") or at / "t.csv"
    ),
    "Feather": lambda at: (
        feather.write_feather(pa.table(COLUMNS), str(at / "t.feather")) or at / "t.feather"
    ),
    "pandas' Parquet with an index": lambda at: (
        frame().iloc[::-1].to_parquet(at / "t.parquet") or at / "t.parquet"
    ),
    "Excel": lambda at: excel(at / "t.xlsx", {"flats": COLUMNS}) or at / "t.xlsx",
    "Excel, an empty sheet first": lambda at: (
        excel(at / "t.xlsx", {"notes": None, "flats": COLUMNS}) or at / "t.xlsx"
    ),
    "SQLite": lambda at: sqlite(at / "t.sqlite") or at / "t.sqlite",
    "SQLite in .db": lambda at: sqlite(at / "t.db") or at / "t.db",
    "DuckDB": lambda at: duckdb_file(at / "t.duckdb") or at / "t.duckdb",
}


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ranking(data: Any, **options: Any) -> list[tuple[Any, ...]]:
    found = fastinfo.rank_features(data, TARGET, **options)
    return sorted(
        (r.name, round(r.mi, 9), f"{r.pvalue:.6g}", r.n, r.n_missing, r.levels) for r in found
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "t.csv"
    path.write_bytes(PLAIN)
    found = ranking(path)
    assert len(found) == 6
    assert found == ranking(pa.table(COLUMNS))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("form", CONTENTS)
def test_file(form, tmp_path, plain):
    name, content = CONTENTS[form]
    (tmp_path / name).write_bytes(content)
    assert ranking(str(tmp_path / name)) == plain
    assert ranking(open_files(tmp_path / name)) == plain


@pytest.mark.slow
@pytest.mark.parametrize("form", WRITERS)
def test_written(form, tmp_path, plain):
    path = WRITERS[form](tmp_path)
    assert ranking(path) == plain
    assert ranking(open_files(path)) == plain


@pytest.mark.slow
def test_folders_of_keys(tmp_path):
    table = pa.table(COLUMNS)
    right = ranking(table.filter(pa.compute.is_valid(table["rooms"])))
    for write, suffix in ((parquet.write_table, ".parquet"), (write_text, ".csv")):
        assert ranking(hive(tmp_path / suffix[1:], write, suffix)) == right


@pytest.mark.slow
def test_pattern_and_several_files(tmp_path, plain):
    head, *lines = text().splitlines()
    for k, start in enumerate(range(0, N, 150)):
        (tmp_path / f"part{k}.csv").write_text(
            "\n".join([head, *lines[start : start + 150]]) + "\n", encoding="utf-8"
        )
    assert ranking(str(tmp_path / "part*.csv")) == plain
    assert ranking(open_files(*sorted(tmp_path.glob("part*.csv")))) == plain
    assert ranking(tmp_path) == plain


def test_standard_input(monkeypatch, plain):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN)))
    assert ranking("-") == plain
