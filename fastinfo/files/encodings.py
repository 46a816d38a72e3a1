"""Detect the encoding of a text."""

from __future__ import annotations

import codecs
import re
from typing import Any

from fastinfo._core.messages import missing_packages
from fastinfo.files.kinds import wide_encoding
from fastinfo.files.unpacking import opened, unpacking

_BLOCK = 1 << 20
_SURELY = 10  # so many letters of another alphabet are sure evidence
_ENOUGH = 1 << 14  # so many bytes of lines with non-ASCII characters are enough
_SIGNS = frozenset("€‚„…†‡‰‹›“”•–—™\xa0¡¢£¤¥§©«»¬®°±²³´µ¶·¹º¼½¾¿ª÷×‘’")  # noqa: RUF001
_RARE = frozenset("ƒˆ\N{SMALL TILDE}ªºþÞðÐ")  # mostly signs that another encoding is the right one


def wide_encoding_of(path: str, packed: str) -> str | None:
    """UTF-16 or UTF-32, or None if it is neither."""
    with unpacking(path), opened(path, packed) as stream:
        return wide_encoding(stream.read(1 << 12))


def encoding_of(path: str, packed: str) -> tuple[str, bool]:
    """The encoding of a text that is not entirely UTF-8, and whether most of it is UTF-8."""
    lines = bytearray()
    n_good = n_bad = 0
    with unpacking(path), opened(path, packed) as stream:
        rest = b""
        while len(lines) < _ENOUGH and (block := stream.read(_BLOCK)):
            found, _, rest = (rest + block).rpartition(b"\n")
            for line in [*found.split(b"\n"), *([] if len(block) == _BLOCK else [rest])]:
                if line.isascii():
                    continue
                if _reads(line, "utf-8"):
                    n_good += 1
                    continue
                n_bad += 1
                lines += line + b"\n"
    if n_good > 9 * n_bad:
        return "utf-8", True
    return _guess(bytes(lines[: 4 * _ENOUGH])), False


def _guess(text: bytes) -> str:
    if _is_western(text):
        return "cp1252"
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        work = "finding out the encoding of a text (which encoding= can name) needs"
        raise missing_packages(work, "charset-normalizer", extra="frames") from error
    matches: Any = from_bytes(text)
    best = matches.best()
    return "latin-1" if best is None else str(best.encoding)


def _is_western(text: bytes) -> bool:
    """Whether it looks like a Western European language: words with a few accents, and symbols."""
    if not _reads(text, "cp1252"):
        return False
    if len(text) - len(text.translate(None, bytes(range(128, 256)))) < _SURELY:
        return True  # too little text to decide otherwise
    words = re.findall(r"[^\W\d_]+", text.decode("cp1252"))
    accented = [word for word in words if not word.isascii()]
    others = {letter for letter in text.decode("cp1252") if not letter.isascii()}
    if not others - set("".join(accented)) <= _SIGNS:
        return False
    plain = sum(letter.isascii() for word in accented for letter in word)
    strange = sum(letter in _RARE for word in accented for letter in word)
    return strange == 0 and plain >= 0.4 * sum(map(len, accented))


def _reads(text: bytes, encoding: str) -> bool:
    try:
        codecs.decode(text, encoding)
    except UnicodeDecodeError:
        return False
    return True


def has_lone_returns(path: str, packed: str) -> bool:
    """Whether lines end in different ways, one of which is a single carriage return."""
    n_returns = n_pairs = n_ends = 0
    last = b""
    with unpacking(path), opened(path, packed) as stream:
        while block := stream.read(_BLOCK):
            if not n_returns and not last and b"\r" not in block:
                return False  # also for all texts without such ends of lines
            n_returns += block.count(b"\r")
            n_pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
            n_ends += block.count(b"\n")
            last = block[-1:]
    return n_returns > n_pairs and n_ends > 0
