"""Files at an address, copied before they are read."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastinfo._core.messages import printable
from fastinfo.files.unpacking import Copy

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_address(path: str) -> bool:
    """Whether a path is an address, such as ``https://…`` or ``s3://…``."""
    return _ADDRESS.match(path) is not None


def downloaded(address: str) -> Copy:
    """The file at an address, under its own name."""
    name = os.path.basename(urllib.parse.urlsplit(address).path) or "download"
    copy = Copy(re.sub(r"[^\w.-]", "_", name)[-80:])
    with _opened(address) as stream:
        copy.fill(stream, address)
    return copy


@contextmanager
def _opened(address: str) -> Iterator[Any]:
    """The bytes at an address: by Python itself from the web, by pyarrow from stores of objects."""
    import pyarrow as pa

    try:
        if address.lower().startswith(("http://", "https://")):
            import urllib.request

            with urllib.request.urlopen(address) as stream:
                yield stream
            return
        from pyarrow import fs

        store, place = fs.FileSystem.from_uri(address)
        with store.open_input_stream(place) as stream:
            yield stream
    except (pa.ArrowException, OSError) as error:
        detail = printable(" ".join(str(error).split()))
        raise OSError(f"{address!r} cannot be read: {detail}") from error
