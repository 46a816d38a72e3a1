"""Bits that half bytes share, by shuffles: a register is a table of 16 bytes.

For processors that shuffle the bytes of a vector, but have no population count of vectors (AVX2).
How many bits a half byte shares with each of the 16 that there are is a table of 16 bytes. There is
room for two numbers up to 4 in a byte, so one table serves two half bytes. A shuffle looks up 32
others in it: 64 counts of up to four.

Three of these sums fit into half a byte. They are added up twice: as whole bytes, and the upper
halves alone. A byte holds the latter for a part of 240 bits, and of the former what remains when 16
times the latter is subtracted, whatever has overflowed. For shuffles as look-ups see Mula, Kurz and
Lemire (2018), *Faster population counts using AVX2 instructions*, The Computer Journal 61, 111-120,
https://doi.org/10.1093/comjnl/bxx046.

What the functions expect: vectors are C-contiguous uint8 and begin at a multiple of 64 bytes, and
the places in the others are multiples of :data:`LANES`. Nothing is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from fastinfo.kernels.elementary.memory import _arrays, _plain

LANES = 32  #: bytes of a vector
STRIP = 2 * LANES  #: half bytes that lie next to each other, and are looked up together
PART = np.uint64(60)  #: half bytes one after the other whose sums a byte holds: multiple of three
TABLE = 16  #: bytes of the table of a pair of half bytes

_BYTE, _INDEX = ir.IntType(8), ir.IntType(64)
_TABLES = ir.VectorType(_BYTE, TABLE)
_BYTES = ir.VectorType(_BYTE, LANES)
_PAIRS = ir.VectorType(ir.IntType(16), LANES // 2)


def _looked_up(context: Any, builder: Any, table: Any, places: Any) -> Any:
    """The bytes of a table, which is twice in a vector, at half bytes."""
    if "+avx2" in context.codegen().magic_tuple()[2].split(","):
        kind = ir.FunctionType(_BYTES, [_BYTES, _BYTES])
        shuffle = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx2.pshuf.b")
        return builder.call(shuffle, [table, places])
    found = ir.Constant(_BYTES, ir.Undefined)
    for i in range(LANES):
        lane = ir.IntType(32)(i)
        place = builder.zext(builder.extract_element(places, lane), ir.IntType(32))
        found = builder.insert_element(found, builder.extract_element(table, place), lane)
    return found


def _shifted(builder: Any, name: str, value: Any, kept: int) -> Any:
    """Bytes by half a byte to one side, with what the others left there cut off."""
    four = ir.Constant(_PAIRS, [4] * (LANES // 2))
    moved = getattr(builder, name)(builder.bitcast(value, _PAIRS), four)
    return builder.and_(builder.bitcast(moved, _BYTES), ir.Constant(_BYTES, [kept] * LANES))


def _shared_bits(vectors: int) -> Any:
    """
    A function that counts what pairs of half bytes share with so many vectors of others.

    It takes the pairs and the place of the first, the others (a strip for each pair) and the place
    of theirs, tables of all pairs, and a vector to which it writes: from the beginning the sums of
    the first of each pair, and from :data:`STRIP` on those of the second.
    """

    def plain(x, x_at, y, y_at, tables, sums):
        rows, lanes = np.arange(int(PART)), np.arange(vectors * LANES)
        places = y[int(y_at) + rows[:, None] * STRIP + lanes]
        found = tables.reshape(-1, TABLE)[x[int(x_at) + rows][:, None], places]
        for half, first in ((found & 15, 0), (found >> 4, STRIP)):
            sums[first + lanes] = half.sum(axis=0)

    def shared_bits(context, x, x_at, y, y_at, tables, sums):
        def lower(context, builder, signature, args):
            x, y, tables, sums = (
                _arrays().make_array(signature.args[k])(context, builder, args[k]).data
                for k in (0, 2, 4, 5)
            )
            x, y = builder.gep(x, [args[1]]), builder.gep(y, [args[3]])
            none = ir.Constant(_BYTES, [0] * LANES)
            both, second = (
                [cgutils.alloca_once_value(builder, none) for _ in range(vectors)] for _ in range(2)
            )
            twice = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [*range(TABLE)] * 2)

            def look_up(place):
                pair = builder.zext(builder.load(builder.gep(x, [place])), _INDEX)
                start = builder.gep(tables, [builder.mul(pair, _INDEX(TABLE))])
                table = builder.load(builder.bitcast(start, _TABLES.as_pointer()))
                table.align = TABLE
                table = builder.shuffle_vector(table, ir.Constant(_TABLES, ir.Undefined), twice)
                row = builder.gep(y, [builder.mul(place, _INDEX(STRIP))])
                for v in range(vectors):
                    start = builder.gep(row, [_INDEX(v * LANES)])
                    places = builder.load(builder.bitcast(start, _BYTES.as_pointer()))
                    places.align = LANES
                    yield _looked_up(context, builder, table, places)

            def add(total, value):
                builder.store(builder.add(builder.load(total), value), total)

            first, step = _INDEX(0), _INDEX(3)
            with cgutils.for_range_slice(builder, first, _INDEX(int(PART)), step) as (place, _):
                three = [list(look_up(builder.add(place, _INDEX(k)))) for k in range(3)]
                for v, found in enumerate(zip(*three, strict=True)):
                    of_three = builder.add(builder.add(found[0], found[1]), found[2])
                    add(both[v], of_three)
                    add(second[v], _shifted(builder, "lshr", of_three, 0x0F))
            for v in range(vectors):
                upper = builder.load(second[v])
                lower = builder.sub(builder.load(both[v]), _shifted(builder, "shl", upper, 0xF0))
                for value, at in ((lower, v * LANES), (upper, STRIP + v * LANES)):
                    start = builder.gep(sums, [_INDEX(at)])
                    kept = builder.store(value, builder.bitcast(start, _BYTES.as_pointer()))
                    kept.align = LANES
            return context.get_dummy_value()

        at = types.uint64
        return types.void(x, at, y, at, tables, sums), lower

    return _plain(plain)(shared_bits)


shared_by_one = _shared_bits(1)
shared_by_two = _shared_bits(2)
