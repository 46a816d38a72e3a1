"""Tables on terminals of 60 to 200 columns: the names stay, and nothing is wider than there is."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from cli_runs import columns, good, on_terminal
from rich.cells import cell_len
from rich.console import Console

from fastinfo._columns.shortened_names import cells_of, shortened
from fastinfo.cli.terminal import Heading, fitted, print_rows

WIDTHS = [60, 80, 120, 200]
LONG = "temperature_of_the_sensor_in_the_northern_hall_of_the_old_building_number_{}"
WIDE = "温度センサーの読み取り値とその他の情報がここに続きます{}"
HOSTILE = "[red]a\n\x1b[31m\u202e" + "x" * 60 + "{}"


@pytest.fixture
def wide_table(rng, monkeypatch, tmp_path):
    """Write a table with long, wide and hostile names."""
    n = 400
    y = rng.normal(size=n)
    names = [form.format(i) for form in (LONG, WIDE, HOSTILE) for i in range(2)]
    table = {name: y + rng.normal(size=n) * (1 + i) for i, name in enumerate(names)}
    table |= {"id": [f"no {i}" for i in range(n)], "y": y}
    table["half"] = np.where(np.arange(n) % 3 > 0, np.nan, y)
    return columns(monkeypatch, tmp_path, **table)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "words", ["rank -t y", "select -t y -k 5", "matrix", "matrix --pairs 30", "pair"]
)
def test_nothing_is_wider_than_the_terminal(words, width, wide_table, monkeypatch, capsys):
    command, *more = words.split()
    named = [LONG.format(0), WIDE.format(1)] if command == "pair" else []
    lines = on_terminal(monkeypatch, capsys, width, command, wide_table, *named, *more)
    assert max(map(cell_len, lines)) <= width
    assert not re.search("[\x00-\x1f\x7f\u202e]", "".join(lines))
    text = "\n".join(lines)
    cut = f"{LONG[:5]}.*0" if width < 120 else LONG[:20]
    assert re.search(cut, text), "the begin and the end of a name are there"


@pytest.mark.parametrize("width", WIDTHS)
def test_names_and_information_stay_in_a_ranking(width, wide_table, monkeypatch, capsys):
    lines = on_terminal(monkeypatch, capsys, width, "rank", wide_table, "-t", "y")
    head = lines[1]
    assert head.split()[:3] == ["column", "above", "chance"]
    assert sum(line.startswith(LONG[:9]) for line in lines) == 2
    assert len({line.split(" ")[0] for line in lines[2:10]}) == 8, "all names differ"
    headings = ("share", "p-value", "adj. p", "n", "missing", "note")
    there = [h for h in headings if re.search(rf"\b{h}\b", head)]
    caption = " ".join(lines[10:])
    for heading in set(headings) - set(there):
        assert heading in caption.partition("no room for: ")[2]
    if width == 200:
        assert there == list(headings)
        assert "no room" not in caption
    if width == 60:
        assert "missing" not in there


def test_a_short_table_takes_what_it_needs(monkeypatch, capsys, tmp_path):
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 50, x=[0, 1, 1, 1] * 25)
    lines = on_terminal(monkeypatch, capsys, 200, "rank", path, "-t", "y")
    assert max(map(len, lines)) < 80


@pytest.mark.parametrize("words", ["rank -t y", "select -t y -k 3", "matrix", "matrix --pairs 9"])
def test_a_pipe_cuts_nothing(words, wide_table, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    command, *more = words.split()
    out = good(capsys, command, wide_table, *more, "--exclude", "id,half")
    assert LONG.format(0) in out
    assert "\x1b" not in out
    assert "…" not in out


def test_a_matrix_that_fits_is_a_matrix(monkeypatch, capsys, tmp_path):
    path = columns(monkeypatch, tmp_path, y=[0, 1] * 50, x=[0, 1, 1, 1] * 25)
    lines = on_terminal(monkeypatch, capsys, 60, "matrix", path)
    assert [line.split()[:1] for line in lines] == [["y"], ["y"], ["x"]]
    assert "pairs" not in "".join(lines)


def test_a_matrix_without_room_says_so(monkeypatch, capsys, tmp_path):
    table = {f"c{i}": [0, 1, i % 2, 1] * 25 for i in range(9)}
    path = columns(monkeypatch, tmp_path, **table)
    lines = on_terminal(monkeypatch, capsys, 60, "matrix", path)
    said = " ".join(line.strip() for line in lines)
    assert lines[0] == "Strongest pairs"
    assert "the strongest 20 of 36 pairs, since the matrix of 9 columns has no room" in said


# The parts of it


def test_columns_go_in_their_order():
    headings = [Heading("name", cut=True), Heading("a", goes=1), Heading("b", goes=2), Heading("c")]
    widths = [30, 10, 10, 10]
    assert fitted(headings, widths, 66) == ([0, 1, 2, 3], dict(enumerate(widths)))
    assert fitted(headings, widths, 60) == ([0, 1, 2, 3], {0: 24, 1: 10, 2: 10, 3: 10})
    assert fitted(headings, widths, 50)[0] == [0, 1, 3]
    kept, given = fitted(headings, widths, 35)
    assert (kept, given) == ([0, 3], {0: 23, 3: 10})
    assert fitted(headings, widths, 20) == ([0, 3], {0: 8, 3: 10}), "the name is cut, and stays"


def test_print_rows_on_a_console_of_any_width():
    headings = [Heading("column", left=True, cut=True), Heading("n", goes=1), Heading("kind")]
    rows = [["a_name_that_is_long_enough_to_be_cut", "1,000", "labels"], ["b", "2", "numbers"]]
    console = Console(width=30, file=io.StringIO(), color_system=None)
    print_rows(headings, rows, title="Title", caption="what", faint=[1], console=console)
    lines = console.file.getvalue().splitlines()
    assert [line.rstrip() for line in lines] == [
        "Title",
        "column                    kind",
        "a_name_tha…_to_be_cut   labels",
        "b                      numbers",
        "what; no room for: n",
    ]


@pytest.mark.parametrize("name", ["a" * 50, WIDE, "é" * 30, "a\u0301" * 20, "ab温" * 9, ""])
def test_shortened(name):
    for width in range(cells_of(name) + 2):
        found = shortened(name, width)
        assert cells_of(found) <= width
        if width >= cells_of(name):
            assert found == name
        elif width:
            begin, end = found.split("…")
            assert name.startswith(begin)
            assert name.endswith(end)
            assert abs(cells_of(begin) - cells_of(end)) <= 3
    assert cells_of(name) == cell_len(name)
