#!/usr/bin/env bash
#
# pyarrow 26.0.1: zero counts as two values, 0 and -0, and NaN by its sign, for some functions and not for others.
#
# value_counts, unique, count_distinct, dictionary_encode and Table.group_by tell -0 from 0, so that these are two
# levels, and NaN and its negation two more. pc.equal, pc.mode and pc.rank take the zeros for
# one value, and mode and rank the two NaN. No odd input is needed: pc.round(-0.3) is -0, and a column that is rounded
# to zeros alone can have one bit of entropy by its counts. A join with the key 0 leaves out the rows with -0. The
# documentation of value_counts and unique speaks of distinct values and of nulls, and not of this. Expected: one level
# for each.
#
# Seen: exit status 0 of this script; counts of 2 and 2 by value_counts, and of 4 by mode, for zeros and for NaN.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1
cat > check.py <<'PYTHON'
import math

import pyarrow as pa
import pyarrow.compute as pc

print("pyarrow", pa.__version__)
zeros = pc.round(pa.array([-0.4, 0.3, -0.2, 0.1]))
nan = pa.array([math.nan, math.nan])
nans = pa.concat_arrays([nan, pc.negate(nan)])
assert pc.all(pc.equal(zeros, 0.0)).as_py()
for name, column in (("zeros", zeros), ("NaN", nans)):
    counts = [row["counts"] for row in pc.value_counts(column).to_pylist()]
    modes = [row["count"] for row in pc.mode(column, n=4).to_pylist()]
    groups = pa.table({"x": column}).group_by("x").aggregate([([], "count_all")]).column("count_all").to_pylist()
    levels = len(column.dictionary_encode().dictionary)
    distinct = pc.count_distinct(column).as_py()
    ranks = set(pc.rank(column, tiebreaker="dense").to_pylist())
    bits = -sum(count / 4 * math.log2(count / 4) for count in counts)
    print(f"{name}: value_counts {counts}, group_by {groups}, dictionary of {levels}, count_distinct {distinct}")
    print(f"{name}: mode {modes}, ranks {ranks}, entropy of the counts {bits} bit")
    assert sorted(counts) == sorted(groups) == [2, 2]
    assert levels == distinct == len(pc.unique(column)) == 2
    assert modes == [4]
    assert ranks == {1}
    assert bits == 1.0
joined = pa.table({"x": zeros}).join(pa.table({"x": [0.0]}), "x", join_type="inner")
print("rows that join with 0:", joined.num_rows, "of", len(zeros))
assert joined.num_rows == 2
PYTHON
venv/bin/python check.py
