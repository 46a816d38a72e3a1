"""How tests run the command in this process, and the tables that they give it."""

from __future__ import annotations

import re

import pyarrow as pa
from pyarrow import parquet

from fastinfo.cli import run


def columns(monkeypatch, tmp_path, **table):
    """Write columns to table.parquet in the working directory."""
    monkeypatch.chdir(tmp_path)
    parquet.write_table(pa.table(table), "table.parquet")
    return "table.parquet"


def good(capsys, *arguments):
    """Run the command, which must succeed in silence on stderr, and return its stdout."""
    code = run(arguments)
    out, err = capsys.readouterr()
    assert err == ""
    assert code == 0
    return out


def bad(capsys, *arguments):
    """Run the command, which must fail for bad input, and return its one line on stderr."""
    code = run(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch("error: [^\n]+\n", err)
    assert code == 2
    return err


def on_terminal(monkeypatch, capsys, width, *arguments):
    """Run the command on a terminal of so many columns, and return its lines without colours."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(arguments) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
