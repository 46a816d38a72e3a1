#!/usr/bin/env bash
#
# DuckDB 2.0.1: with strict_mode=false read_csv loses the first letter of rows after a carriage return alone.
#
# Files that were put together from several sources, or edited by several programs, have line ends of several kinds, \r\n
# and \r. DuckDB refuses them, and its message names strict_mode=false as the first way out. With it, \r ends its row, but
# the letter after it is skipped as if it were \n: numbers lose their first digit or their sign, names their first letter,
# and no error is raised. Expected: whole rows, or the error.
#
# Seen: exit status 0 of this script; the error, and 100, 101, 123, 56, 89 where the file has 100, 101, 123, 456, 789.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat > check.py <<'PYTHON'
import duckdb

with open("t.csv", "wb") as file:
    file.write(b"v,y\r\n100,0\r\n101,1\r\n123,0\r456,1\r789,0\r\n")
try:
    duckdb.sql("select v from read_csv('t.csv')").fetchall()
except duckdb.InvalidInputException as error:
    assert "strict_mode=false" in str(error)
else:
    raise AssertionError("no error with the default options")
found = [row[0] for row in duckdb.sql("select v from read_csv('t.csv', strict_mode=false)").fetchall()]
print(f"duckdb {duckdb.__version__}: {found}")
assert found == [100, 101, 123, 56, 89]
PYTHON
venv/bin/python check.py
