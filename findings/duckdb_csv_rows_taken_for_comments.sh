#!/usr/bin/env bash
#
# DuckDB 2.0.1: read_csv leaves out rows that begin with #N/A or #DIV/0!, as comments, without a word.
#
# Spreadsheets write such cells where a formula has no value. In the first column of a table they begin a line, and where
# there are some among the rows by which the dialect is found out, # is taken for the sign of comments: those rows are
# not read at all, though they have as many values as the others. Counts, means and joins are then of fewer rows.
# With comment='' all rows are read. Expected: rows that have all of their values stay, or a word that they do not.
#
# Seen: exit status 0 of this script; 180 of 200 rows, and 200 with comment=''.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat > check.py <<'PYTHON'
import duckdb

for cell in ("#DIV/0!", "#N/A"):
    with open("t.csv", "w") as file:
        file.write("ratio,n\n")
        file.writelines(f"{cell if i % 10 == 0 else i / 2},{i}\n" for i in range(200))
    n, whole = (
        duckdb.sql(f"select count(*) from read_csv('t.csv'{said})").fetchall()[0][0] for said in ("", ", comment=''")
    )
    print(f"duckdb {duckdb.__version__}: {n} of 200 rows where some begin with {cell}; with comment='' {whole}")
    assert (n, whole) == (180, 200)
PYTHON
venv/bin/python check.py
