#!/usr/bin/env bash
#
# DuckDB 2.0.1: read_csv rounds the fractions of a column whose first 20,480 rows are whole numbers, without a word.
#
# The types of the columns are found out in a sample of rows. A text further down raises a conversion error that names
# the line, the column and sample_size. A fraction does not: 2.5 is read as 3, and 0.4 as 0. So does an identifier such
# as 1_2, which becomes 12, since underscores between digits are taken for separators of groups. Sums, counts and joins
# are then those of another table. Expected: the conversion error that other values raise, or a column of floats.
#
# Seen: exit status 0 of this script; type BIGINT, and 3 and 12 where the file has 2.5 and 1_2.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat > check.py <<'PYTHON'
import duckdb


def last_value(text):
    with open("t.csv", "w") as file:
        file.write("a\n" + "7\n" * 30_000 + text + "\n")
    kind = duckdb.sql("describe from read_csv('t.csv')").fetchall()[0][1]
    return kind, duckdb.sql("select a from read_csv('t.csv') where a <> 7").fetchall()


for text, value in (("2.5", 3), ("1_2", 12)):
    kind, found = last_value(text)
    print(f"duckdb {duckdb.__version__}: {text} in a column of {kind} is {found[0][0]}")
    assert (kind, found) == ("BIGINT", [(value,)])
try:
    last_value("many")
except duckdb.ConversionException as error:
    print("many:", str(error).splitlines()[2])
else:
    raise AssertionError("no error for a text")
PYTHON
venv/bin/python check.py
