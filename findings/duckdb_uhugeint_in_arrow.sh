#!/usr/bin/env bash
#
# DuckDB 2.0.1: unsigned integers of 128 bits come out of it as Arrow with a wrong sign.
#
# A UHUGEINT column is exported as decimal128(38, 0), by copying its 128 bits: values from 2**127 on are negative then,
# the largest one is -1, and nothing says so. Tables of Arrow and frames of Polars that are made from the relation have the
# wrong numbers, so that order, sums and quantiles are wrong. HUGEINT keeps its sign, but numbers of 39 digits come out in
# a decimal type of 38. Expected: the value (as decimal256), or an error, as DuckDB's own export to NumPy raises one.
#
# Seen: exit status 0 of this script; -1 for 2**128 - 1 and -2**127 for 2**127, and an error for NumPy.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1 polars==2.1.0 numpy==2.4.6
cat > check.py <<'PYTHON'
import duckdb
import pyarrow as pa

print("duckdb", duckdb.__version__, "pyarrow", pa.__version__)
relation = duckdb.connect().sql(
    "select unnest([7::UHUGEINT, '170141183460469231731687303715884105728'::UHUGEINT, "
    "'340282366920938463463374607431768211455'::UHUGEINT]) x"
)
texts = [row[0] for row in relation.fetchall()]
table = relation.to_arrow_table()
values = [int(value) for value in table.column("x").to_pylist()]
frame = relation.pl()
print("DuckDB:", texts)
print("Arrow: ", values, table.schema.field("x").type)
print("Polars:", frame["x"].dtype, int(frame["x"][2]))
try:
    relation.fetchnumpy()
except duckdb.Error as error:
    numpy_says = type(error).__name__
else:
    numpy_says = "nothing"
print("NumPy:  raises", numpy_says)
assert texts == [7, 2**127, 2**128 - 1]
assert table.schema.field("x").type == pa.decimal128(38, 0)
assert values == [7, -(2**127), -1]
assert int(frame["x"][2]) == -1
assert numpy_says == "NotImplementedException"
PYTHON
venv/bin/python check.py
