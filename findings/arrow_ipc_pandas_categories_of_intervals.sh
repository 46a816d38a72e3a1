#!/usr/bin/env bash
#
# pandas 3.1.1 with pyarrow 26.0.1: an Arrow file with the result of pandas.cut can be written and not read.
#
# pandas.cut makes categories that are intervals, and Table.from_pandas a dictionary of pandas' extension type for them.
# An IPC file or stream is written without a word. In a process where pandas is loaded, opening it raises "TypeError:
# Expected int index, got type str": the type is made again from the dictionary type of the field, which has no field
# "left", and not from the struct that it stands for. Feather, which is the same format, is lost with it. The column of
# intervals itself, without categories, goes round; so does the file in a process without pandas. Expected: the categories.
#
# Seen: exit status 0 of this script, with a TypeError for "categories" in file and stream, and the type for "intervals".

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6
cat > check.py <<'PYTHON'
import numpy as np
import pandas as pd
import pyarrow as pa

print("pandas", pd.__version__, "pyarrow", pa.__version__)
cut = pd.cut(np.arange(20.0), 4)
frame = pd.DataFrame({"categories": cut, "intervals": pd.arrays.IntervalArray(cut.astype(object))})
found = {}
for name in frame:
    table = pa.Table.from_pandas(frame[[name]], preserve_index=False)
    for way, write, read in (
        ("file", pa.ipc.new_file, pa.ipc.open_file),
        ("stream", pa.ipc.new_stream, pa.ipc.open_stream),
    ):
        sink = pa.BufferOutputStream()
        with write(sink, table.schema) as writer:
            writer.write_table(table)
        try:
            found[name, way] = str(read(sink.getvalue()).schema.field(0).type)
        except TypeError as error:
            found[name, way] = f"raises TypeError: {error}"
        print(name, way, found[name, way])
assert all("TypeError" in found["categories", way] for way in ("file", "stream")), found
assert all(found["intervals", way].startswith("extension") for way in ("file", "stream")), found
PYTHON
venv/bin/python check.py
venv/bin/python - <<'PYTHON'
import numpy as np
import pandas as pd
import pyarrow as pa

table = pa.Table.from_pandas(pd.DataFrame({"c": pd.cut(np.arange(20.0), 4)}), preserve_index=False)
with pa.OSFile("cut.arrow", "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
    writer.write_table(table)
PYTHON
venv/bin/python -c 'import pyarrow as pa; print("without pandas:", pa.ipc.open_file("cut.arrow").read_all().num_rows, "rows")'
