#!/usr/bin/env bash
#
# DuckDB 2.0.1: read_csv takes a column of infinite numbers for one of dates, and with 0.5 among them for text.
#
# Logs of limits and scores have columns that are inf and -inf, alone or among finite numbers. Dates have infinity, too,
# and are tried before numbers: a column that begins with infinities is DATE, or VARCHAR if a finite number is among the
# rows that tell the type; if it comes after them, it raises a conversion error about a date. Where the finite number
# stands before the first infinity the column is DOUBLE. Expected: DOUBLE always, as no cell looks like a date.
#
# Seen: exit status 0 of this script; DATE, VARCHAR and DOUBLE, and the error.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat > check.py <<'PYTHON'
import duckdb


def kind_of(cells):
    with open("t.csv", "w") as file:
        file.write("score,n\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    return duckdb.sql("describe from read_csv('t.csv')").fetchall()[0][1]


kinds = [kind_of(cells * 500) for cells in (["inf", "-inf"], ["inf", "-inf", "0.5"], ["0.5", "inf", "-inf"])]
print(f"duckdb {duckdb.__version__}: inf alone, before and after 0.5: {', '.join(kinds)}")
assert kinds == ["DATE", "VARCHAR", "DOUBLE"]
kind_of(["inf"] * 30_000 + ["0.5"])
try:
    duckdb.sql("select count(score) from read_csv('t.csv')").fetchall()
except duckdb.ConversionException as error:
    said = str(error).splitlines()[2]
    print(said)
    assert "to 'DATE'" in said
else:
    raise AssertionError("no error")
PYTHON
venv/bin/python check.py
