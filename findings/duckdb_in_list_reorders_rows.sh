#!/usr/bin/env bash
#
# DuckDB 2.0.1: an IN with a dozen constants in the select list puts rows of a file into another order.
#
# preserve_insertion_order, which is on, promises that the rows of read_csv come as they are in the file, and they do:
# with a condition of a few constants as well. From some number of constants on, IN becomes a join with a table of them,
# and the blocks of a file of more than one block come as they are ready; list_contains is rewritten to the same. No row
# is lost, and no error is raised; series in time, and all that counts on the order, is of another table. The same
# condition written as comparisons keeps the order. Expected: the order of the file, whatever stands in the select list.
#
# Seen: exit status 0 of this script; rows in order with 2 constants and with 20 comparisons, not with 20 after IN.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1
cat > check.py <<'PYTHON'
import duckdb

with duckdb.connect(config={"threads": 2}) as con:
    con.sql("copy (select range as i, 't' || range as s from range(3_000_000)) to 't.csv'")
    assert con.sql("select current_setting('preserve_insertion_order')").fetchall() == [(True,)]


def in_order(expression):
    """Whether the rows come in the order of the file, each of five times."""
    found = []
    for _ in range(5):
        with duckdb.connect(config={"threads": 2}) as con:
            rows = con.sql(f"select i, {expression} from read_csv('t.csv')").fetchall()
        assert len(rows) == 3_000_000
        found.append(all(i == row[0] for i, row in enumerate(rows)))
    return found


words = ", ".join(f"'w{k}'" for k in range(20))
few, many, listed = in_order("s in ('a', 'b')"), in_order(f"s in ({words})"), in_order(f"list_contains([{words}], s)")
compared = in_order(" and ".join(f"s <> 'w{k}'" for k in range(20)))
print(f"duckdb {duckdb.__version__}, rows in order: 2 constants {few}, 20 constants {many}, {listed} as a list")
print(f"20 comparisons {compared}")
assert all(few) and all(compared) and not all(many) and not all(listed)
PYTHON
venv/bin/python check.py
