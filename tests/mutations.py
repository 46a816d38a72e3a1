"""Plain values changed at random, as from a file or a network: what whoever reads them may meet."""

from __future__ import annotations

import copy
import random
from typing import Any

#: What stands in the place of a value.
HOSTILE: list[Any] = [
    None,
    True,
    False,
    -1,
    0,
    1,
    2,
    3.9,
    1.0,
    -0.0,
    1e308,
    5e-324,
    float("nan"),
    float("inf"),
    2**31,
    10**9,
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63) - 1,
    10**400,
    "",
    "inf",
    "-Infinity",
    "nan",
    "1e999999999",
    "1/0",
    "9" * 5000,
    "0x1p+9999",
    "now",
    "a\x00b",
    "\ud800",
    "<f8",
    "<U1000000000",
    "|O",
    "object",
    "numbers",
    "labels",
    "datetime64[ns]",
    "x" * 10_000,
    [],
    {},
    [[]],
    [0],
    [10**9, 10**9],
    ["float", "inf"],
    ["Fraction", "1e999999999"],
    ["numpy", {"dtype": "<f8", "values": ["nan"]}],
    {"dtype": "<U1000000000", "values": ["a"]},
    {"dtype": "<f8", "values": [0.0, -1.0]},
    {"shape": [2**31, 2**31], "weighted": False, "rows": [], "columns": [], "counts": []},
]


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def places(plain: Any) -> list[tuple[Any, Any]]:
    """All containers of plain values, each with the key or index of one of its entries."""
    found: list[tuple[Any, Any]] = []
    waiting = [plain]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            found += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
    return found


def mutated(plain: Any, rng: random.Random) -> Any:
    """A copy of which one value or two are others, gone, twice there, or in another place."""
    found = copy.deepcopy(plain)
    for _ in range(rng.choice([1, 1, 1, 2])):
        known = places(found)
        if not known:
            break
        one, key = rng.choice(known)
        way = rng.randrange(8)
        if way < 4:
            one[key] = copy.deepcopy(rng.choice(HOSTILE))
        elif way == 4:
            del one[key]
        elif way == 5:
            other, place = rng.choice(known)
            one[key] = copy.deepcopy(other[place])
        elif isinstance(one, list):
            if way == 6:
                one.append(copy.deepcopy(one[key]))
            else:
                rng.shuffle(one)
        elif isinstance(one[key], int | float):
            one[key] = one[key] + rng.choice([-1, 1, 0.5])
    if rng.random() < 0.03:
        one, key = rng.choice(places(found) or [([0], 0)])
        one[key] = nested(5000)
    return found
