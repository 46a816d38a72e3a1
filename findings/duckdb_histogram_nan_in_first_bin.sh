#!/usr/bin/env bash
#
# DuckDB 2.0.1: histogram(x, bins) counts NaN in the first bin, with the smallest values.
#
# The keys of the result are upper limits, and what is larger than the last goes to a bin of its own, "inf". DuckDB has
# NaN as the largest value of all, in its documentation and in comparisons: NaN <= 0 is false, and ORDER BY puts it
# last. The histogram has it among the values up to the first limit, whatever that is. NULL is left out. A column with
# gaps as NaN, as Arrow and Polars hand it over, gets a false peak at its lower end, and entropies of such counts are
# wrong without a word. histogram_exact has NaN among the others. Expected: the bin "inf", as the order says, or none.
#
# Seen: exit status 0 of this script; 3 values up to 0 where comparisons find none, and none in the bin "inf".

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6
cat > check.py <<'PYTHON'
import math

import duckdb
import pyarrow as pa

print("duckdb", duckdb.__version__, "pyarrow", pa.__version__)
connection = duckdb.connect()
for kind in (pa.float64(), pa.float32()):
    table = pa.table({"x": pa.array([0.5, 1.5, 1.5, math.nan, math.nan, math.nan, None], kind)})
    connection.register("gaps", table)
    for limits in ([0, 1, 2], [-1000, 1, 2]):
        counts = connection.execute(f"select histogram(x, {limits}) from gaps").fetchall()[0][0]
        small, large = connection.execute(
            f"select count(*) filter (x <= {limits[0]}), count(*) filter (x > {limits[-1]}) from gaps"
        ).fetchall()[0]
        print(kind, "histogram", counts, "by comparison: up to the first limit", small, "above the last", large)
        assert counts == {limits[0]: 3, 1: 1, 2: 2}
        assert (small, large) == (0, 3)
    exact = connection.execute("select histogram_exact(x, [0.5, 1.5]) from gaps").fetchall()[0][0]
    last = connection.execute("select x from gaps where x is not null order by x desc limit 1").fetchall()[0][0]
    print(kind, "histogram_exact", exact, "last in order", last)
    assert exact == {0.5: 1, 1.5: 2, math.inf: 3}
    assert math.isnan(last)
PYTHON
venv/bin/python check.py
