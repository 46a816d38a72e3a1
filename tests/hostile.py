"""Arrays and objects that mean no good, and what a call makes of them."""

import array
import collections
import math
import warnings
from unittest import mock

import ml_dtypes
import numpy as np
import scipy.sparse
from calls import N
from sklearn.exceptions import DataConversionWarning


class OwnError(Exception):
    """What a hostile object raises."""


# What comes out

DOCUMENTED = ("Converting input from bool", "asks for about", "The mean loss is NaN")


def kept(a):
    """What must not change of an argument."""
    if not isinstance(a, np.ndarray):
        return None
    content = a.tolist() if a.dtype.hasobject else np.ndarray.tobytes(a) if a.size < 1e6 else b""
    return repr(content), a.dtype, a.shape, a.strides, repr(a.flags)


def run(call, *args):
    """What a call returns, or the error that it is allowed to raise."""
    before = [kept(a) for a in args]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call(*args)
        except (TypeError, ValueError, FileNotFoundError, MemoryError, OwnError) as error:
            result = error
    if isinstance(result, Exception):
        assert str(result) or type(result) is MemoryError, "an error without a message"
    assert [kept(a) for a in args] == before
    for warning in caught:
        message = str(warning.message)
        documented = any(words in message for words in DOCUMENTED)
        assert documented or warning.category in (UserWarning, DataConversionWarning), message
    return result


# Where arrays lie in memory: each of these is a view of the same values


def unaligned(a):
    buffer = np.zeros(a.nbytes + 1, np.uint8)
    view = np.ndarray(a.shape, a.dtype, buffer, 1)
    view[...] = a
    return view


def skipping(a):
    wide = np.zeros(tuple(3 * n for n in a.shape), a.dtype)
    view = wide[tuple(slice(1, None, 3) for _ in a.shape)]
    view[...] = a
    return view


def reversed_(a):
    everywhere = (slice(None, None, -1),) * a.ndim
    return a[everywhere].copy()[everywhere]


def frozen(a):
    view = a.copy()
    view.flags.writeable = False
    return view


def swapped(a):
    return a.astype(a.dtype.newbyteorder(">")) if a.dtype.name != "bfloat16" else a.copy()


def in_record(a):
    record = np.zeros(a.shape, [("pad", "u1"), ("value", a.dtype)])
    record["value"] = a
    return record["value"]


class Careless(np.ndarray):
    """A subclass that means well and does harm."""

    def __array_finalize__(self, other):
        self.note = getattr(other, "note", 0) + 1

    def __getitem__(self, key):
        return np.ndarray.__getitem__(self, key) if isinstance(key, int) else 7

    def __eq__(self, other):
        raise OwnError("no comparison")

    __hash__ = None


LAYOUTS = [
    unaligned,
    skipping,
    reversed_,
    frozen,
    swapped,
    in_record,
    np.asfortranarray,
    lambda a: a.T.copy().T,
    lambda a: unaligned(swapped(reversed_(a))),
    lambda a: skipping(swapped(a))[::-1][::-1],
    lambda a: a.copy().view(Careless),
    lambda a: a.copy().view(np.memmap),
]
FLOATS = [np.float16, np.float32, np.float64, np.longdouble, ml_dtypes.bfloat16]
INTEGERS = [np.dtype(c) for c in "bBhHiIlLqQ?"]
OTHERS = ["F", "D", "S2", "U2", "M8[s]", "m8[ns]", "O", "V8", "i4,f4"]
DTYPES = [np.dtype(d) for d in (*FLOATS, *INTEGERS, *OTHERS)]

PAYLOADS = np.array([0x7FF8000000000001, 0xFFF80000DEADBEEF], np.uint64)
SPECIAL = {
    "f": [*PAYLOADS.view(np.float64), math.inf, -math.inf, -0.0, 0.5, 5e-324, 1e308, -1e308, 1e-40],
    "O": [None, math.nan, 10**30, -(2**63), 2**63, "x", b"x", 1.5, True, (1, 2), [1], 1j],
    "M": [np.datetime64("NaT", "s"), np.datetime64(2**62, "s")],
    "m": [np.timedelta64("NaT", "ns"), np.timedelta64(-(2**62), "ns")],
    "U": ["", "\0a", "é"],
    "S": [b"", b"\0a", b"\xff"],
    "c": [complex(math.nan, math.inf)],
}


def cast(numbers, dtype):
    """Small whole numbers as an array of the dtype."""
    if dtype.kind in "SU":
        return np.array(list("abcd"), dtype)[numbers]
    if dtype.kind in "mM":
        return numbers.astype(np.int64).view(dtype)
    if dtype.kind == "V" and dtype.name != "bfloat16":
        return np.zeros(numbers.shape, dtype)
    return numbers.astype(dtype)


def spoil(a, places):
    """Put special values into an array."""
    special = SPECIAL.get("f" if a.dtype.name == "bfloat16" else a.dtype.kind, [])
    if a.dtype.kind in "iu":
        info = np.iinfo(a.dtype)
        special = [info.max, info.min, info.max // 2 + 1, info.max - 1]
    for place, number in places if special else ():
        value = special[number % len(special)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if a.dtype.kind == "O":
                np.ndarray.__setitem__(a.reshape(-1), place % a.size, value)
            else:
                a.reshape(-1)[place % a.size] = value
    return a


# Objects that are no arrays, or not what they say


class Lying:
    """An array by its word."""

    def __init__(self, *answers):
        self.answers = collections.deque(answers)

    def __array__(self, dtype=None, copy=None):
        self.answers.rotate(-1)
        if isinstance(self.answers[-1], Exception):
            raise self.answers[-1]
        return self.answers[-1]


class Sequence:
    """A sequence with another length than it says."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        if isinstance(self.length, Exception):
            raise self.length
        return self.length

    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return 1.0


def refuse(*args):
    raise OwnError("no")


class Sulking:
    """A value that refuses everything."""

    __bool__ = __index__ = __float__ = __int__ = __hash__ = __eq__ = __ne__ = __lt__ = refuse


class Floating:
    """A value that is a number until it is asked for it."""

    __float__ = __index__ = __bool__ = refuse


class Capsule:
    """What says that it has DLPack's protocol."""

    def __init__(self, answer):
        self.answer = answer

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, **options):
        return self.answer if not isinstance(self.answer, Exception) else refuse()


class Unlike(np.ndarray):
    """A subclass with functions of its own."""

    __array_ufunc__ = None

    def __array_function__(self, *args):
        raise OwnError("no NumPy function")


#: Name, what it is for an array of the clean argument's shape, and whether all must refuse it.
OBJECTS = {
    "text": (lambda a: "abc", True),
    "bytes": (lambda a: b"abc", True),
    "number": (lambda a: 10**30, True),
    "generator": (lambda a: (i for i in range(N)), True),
    "iterator": (lambda a: map(float, range(N)), True),
    "dict": (lambda a: dict.fromkeys(range(N), 1.0), True),
    "set": (lambda a: set(range(N)), True),
    "class": (lambda a: np.ndarray, True),
    "object": (lambda a: object(), True),
    "function": (lambda a: len, True),
    "mock": (lambda a: mock.MagicMock(), False),
    "ragged": (lambda a: [[1.0], [1.0, 2.0]] * (N // 2), True),
    "masked": (lambda a: np.ma.array(a, mask=a == 0), True),
    "masked scalar": (lambda a: np.ma.masked, True),
    "sparse": (lambda a: scipy.sparse.csr_array(np.atleast_2d(a)), False),
    "huge integers": (lambda a: np.full(a.shape, 10**30, object).tolist(), False),
    "2**63": (lambda a: [2**63, -1, 2**64 - 1] * (N // 3), False),
    "nested": (lambda a: [[[[1.0] * 2] * 2] * 2] * N, False),
    "cyclic": (lambda a: (lambda c: c.append(c) or c)([]), True),
    "nothing": (lambda a: [None] * N, False),
    "sulking": (lambda a: [Sulking()] * N, True),
    "floating": (lambda a: [Floating()] * N, False),
    "one sulking": (lambda a: [*range(N - 1), Sulking()], True),
    "lists": (lambda a: np.array([*[[]] * (N - 1), None, 0], object)[1:], True),
    "list by array": (lambda a: Lying([1.0] * N), True),
    "text by array": (lambda a: Lying("abc"), True),
    "raising array": (lambda a: Lying(OwnError("no array")), True),
    "itself by array": (lambda a: (lambda o: o.answers.append(o) or o)(Lying()), True),
    "changing array": (lambda a: Lying(np.ones(3), np.zeros(N, "U1"), a[:5], a > 0), False),
    "longer": (lambda a: Sequence(N), False),
    "shorter": (lambda a: Sequence(2), False),
    "negative length": (lambda a: Sequence(-1), True),
    "raising length": (lambda a: Sequence(OwnError("no length")), True),
    "huge length": (lambda a: Sequence(2**62), True),
    "capsule": (lambda a: Capsule(5), True),
    "raising capsule": (lambda a: Capsule(OwnError()), True),
}
#: Other containers of the same values.
CONTAINERS = [
    np.ndarray.tolist,
    lambda a: collections.deque(a.tolist()),
    memoryview,
    lambda a: array.array(a.dtype.char, a.tolist()) if a.ndim == 1 else a,
    lambda a: a.view(Unlike),
    lambda a: a.view(Careless),
    Lying,
]
