"""Damaged text and .npy files: an answer, or one error that says what is wrong with the file."""

import io

import numpy as np
import pytest
from fuzzing import answer, fuzz, pick

import fastinfo
from fastinfo.streaming import open_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tell(path, target):
    """Read a file in every way; an error is a clear one."""
    ways = [
        lambda: fastinfo.rank_features(path, target, bins=3, n_permutations=0),
        lambda: fastinfo.mutual_information_matrix(path, bins=3),
        lambda: fastinfo.rank_features(open_files(path), target, bins=3, n_permutations=0),
        lambda: fastinfo.mutual_information_matrix(open_files(path), bins=3),
    ]
    for way in ways:
        answer(way)


# Text

WORDS = [b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xff"]
WORDS += [b"\xef\xbb\xbf", b"\xfe\xff", b"\xc3", b'""', b'"\n', b',"', b",,,,", b" ", b"\\", b"NA"]
WORDS += [b"nan", b"inf", b"-1e400", b"1e-400", b"9" * 40, b"0x1F", b"1_0", b"True", b"2020-02-30"]
WORDS += [b"12:00", b"#", b"a" * 70_000, "é\u2028\u202e\U0001f600".encode(), b"\x1b[31m", b"\x1a"]


def text(rng):
    n = pick(rng, [0, 1, 2, 30, 200])
    columns = [
        [f"{x:.4g}" for x in rng.normal(size=n)],
        [str(x) for x in rng.integers(0, 5, n)],
        [pick(rng, ["red", "green", '"b, c"', ""]) for _ in range(n)],
        [f"2020-01-{x:02}" for x in rng.integers(1, 29, n)],
    ]
    lines = ["a,b,c,d", *(",".join(row) for row in zip(*columns, strict=True))]
    return pick(rng, ["\n", "\n", "\r\n", "\r"]).join(lines).encode() + pick(rng, [b"", b"\n"])


def changed(rng, data, words):
    """Bytes with one piece put in, taken away, doubled or changed."""
    start, stop = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    stop = min(stop, start + int(rng.integers(1, 40)))
    before, after = data[:start], data[start:]
    return pick(
        rng,
        [
            lambda: before + pick(rng, words) + after,
            lambda: before + pick(rng, words) + after,
            lambda: before + data[stop:],
            lambda: data[:stop] + after,
            lambda: before + rng.bytes(1) + after[1:],
            lambda: before,
            lambda: after,
        ],
    )()


def mutated(rng, data, words):
    for _ in range(pick(rng, [1, 1, 2, 5, 20])):
        data = changed(rng, data, words)
    return data


@pytest.mark.slow
def test_damaged_text_is_read_or_refused(folder):
    def one_round(rng):
        path = f"table{pick(rng, ['.csv', '.csv', '.tsv'])}"
        (folder / path).write_bytes(mutated(rng, text(rng), WORDS))
        tell(path, pick(rng, ["a", "b", "c", "d"]))

    fuzz(one_round, 100)


# .npy: heads and ends; what NumPy reads is data

HEADS = [
    b"'",
    b'"',
    b"(",
    b")",
    b",",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"0",
    b"9",
    b"-",
    b"L",
    b"None",
]
HEADS += [b"True", b"'<f8'", b"'|O'", b"'>i2'", b"'<c16'", b"'<M8[ns]'", b"'S3'", b"'V0'"]
HEADS += [
    b"'<U0'",
    b"[('a','<f8'),('a','<i4')]",
    b"[('a','<f8',(2,))]",
    b"(3,)",
    b"(0,)",
    b"(-1,)",
    b"()",
]
HEADS += [
    b"(2,2,2)",
    b"99999999999",
    b"descr",
    b"shape",
    b"fortran_order",
    b"\n",
    b"\0",
    b"#",
    b"\\",
]


def array(rng):
    n = pick(rng, [0, 1, 20])
    return pick(
        rng,
        [
            lambda: rng.normal(size=(n, 3)),
            lambda: np.asfortranarray(rng.normal(size=(n, 3))),
            lambda: rng.integers(0, 9, (n, 2)).astype(">i2"),
            lambda: rng.normal(size=n),
            lambda: np.zeros(n, [("c0", "f8"), ("c1", "S3")]),
            lambda: np.array([["a", "b"]] * n),
            lambda: np.zeros((n, 2), "M8[s]"),
            lambda: np.zeros((n, 2), pick(rng, ["f2", "c16", "V3", "U0", "?", "g", "m8[s]", "u1"])),
        ],
    )()


def test_damaged_npy_is_read_or_refused(folder):
    def one_round(rng):
        stream = io.BytesIO()
        np.save(stream, array(rng))
        whole = stream.getvalue()
        end = whole.index(b"\n") + 1 if rng.random() < 0.9 else len(whole)
        data = mutated(rng, whole[:end], HEADS) + whole[end:]
        if rng.random() < 0.3:
            data = data[: int(rng.integers(len(data) + 1))]
        (folder / "table.npy").write_bytes(data)
        tell("table.npy", pick(rng, ["x0", "x1", "c0"]))

    fuzz(one_round, 400)
