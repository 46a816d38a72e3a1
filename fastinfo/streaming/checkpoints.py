"""Checkpoints of a run over parts: a JSON file that is replaced completely, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from fastinfo._core.as_json import UNREADABLE
from fastinfo._core.own_files import check_place

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FORMAT = "fastinfo.checkpoint"
_VERSION = 3  #: increase it when the format or its meaning changes
_SHARE = 20  # saving may take this fraction (1 / 20) of the time of a run
_RATE = 1.5e-8  # seconds to save a byte, until it has been measured


class Checkpoint:
    """
    A file at `path` with the progress of a run, or no file.

    `identity` gives plain values for the data and the options. The checkpoint of another run is
    refused.
    """

    def __init__(self, path: Any, identity: Callable[[], Any]) -> None:
        self.path = None if path is None else os.fsdecode(path)
        self._identity = None if path is None else json.loads(json.dumps(identity()))
        self._offered: Callable[[], dict[str, Any]] | None = None
        # End, duration and size of the last save:
        self._ended, self._took, self._size = time.monotonic(), 0.0, 0

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last, or None if there is no file; else ``ValueError``."""
        if self.path is None:
            return None
        check_place(self.path, "checkpoint")
        self._clean()
        if not os.path.exists(self.path):
            return None
        try:
            with open(self.path, encoding="utf-8") as file:
                plain = json.load(file)
            if plain["format"] != _FORMAT:
                raise KeyError("format")
            version, identity, state = plain["version"], plain.get("identity"), plain.get("state")
            digest = plain.get("digest")
        except (*UNREADABLE, IsADirectoryError) as error:
            raise ValueError(
                f"checkpoint {self.path!r} is no checkpoint of fastinfo: give another name, or "
                f"remove it"
            ) from error
        if version != _VERSION:
            raise ValueError(
                f"checkpoint {self.path!r} is of version {version!r:.40}, written by another "
                f"fastinfo than this one, which reads version {_VERSION}: remove it to start "
                f"anew"
            )
        if identity != self._identity or not isinstance(state, dict):
            raise ValueError(
                f"checkpoint {self.path!r} is of a run over other data or with other options: "
                f"remove it to start anew"
            )
        if digest != _digest(_written(state)):
            raise ValueError(
                f"checkpoint {self.path!r} is damaged, or was changed by hand: remove it to start "
                f"anew"
            )
        found: dict[str, Any] = state
        return found

    @contextmanager
    def damage(self) -> Iterator[None]:
        """Report a damaged file if the block fails to read its content."""
        try:
            yield
        except UNREADABLE as error:
            raise ValueError(
                f"checkpoint {self.path!r} is damaged, remove it to start anew: {error!s:.300}"
            ) from error

    def offer(self, state: Callable[[], dict[str, Any]], size: int) -> None:
        """
        Offer a state of about `size` bytes, from which the run could continue.

        It is saved immediately if saving takes at most a twentieth of the time. Otherwise it is
        saved only if the run ends before the next offer.
        """
        if self.path is None:
            return
        self._offered = state
        expected = self._took * max(1.0, size / self._size) if self._size else _RATE * size
        begun = time.monotonic()
        if begun - self._ended >= (_SHARE - 1) * expected:
            self._save_offered()
            self._ended, self._size = time.monotonic(), max(size, 1)
            self._took = self._ended - begun

    def withdraw(self) -> None:
        """Forget the offered state, because it is about to change."""
        self._offered = None

    @contextmanager
    def kept_at_the_end(self) -> Iterator[None]:
        """Save the state that was offered last, if the block fails."""
        try:
            yield
        except BaseException:
            with suppress(OSError):  # this may be why the block failed
                self._save_offered()
            raise

    def _save_offered(self) -> None:
        offered, self._offered = self._offered, None
        if offered is not None:
            self.save(offered())

    def save(self, state: dict[str, Any]) -> None:
        """Replace the saved state; if this fails with an ``OSError``, the file stays as it was."""
        if self.path is None:
            return
        text = _written(state)
        head = {
            "format": _FORMAT,
            "version": _VERSION,
            "digest": _digest(text),
            "identity": self._identity,
        }
        try:
            while not self._write(_written(head)[:-1] + ',"state":' + text + "}"):
                pass
        except OSError as error:
            raise OSError(f"checkpoint {self.path!r} can't be written: {error}") from error

    def _write(self, text: str) -> bool:
        """Write and replace the file; False if another run removed the new file before that."""
        folder, prefix = self._names()
        name = None
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=folder, prefix=prefix, delete=False
            ) as file:
                name = file.name
                with suppress(OSError):  # some file systems have no locks
                    _lock(file)
                _put(text, file)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                os.replace(name, self.path or "")
                name = None
            return name is None
        finally:
            if name is not None:
                with suppress(OSError):
                    os.unlink(name)

    def _names(self) -> tuple[str, str]:
        """The folder, and the beginning of the names of files that will replace the checkpoint."""
        folder, name = os.path.split(os.path.abspath(self.path or ""))
        return folder, f".fastinfo-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}-"

    def _clean(self) -> None:
        """Remove files that killed runs left; a file is locked while a run writes it."""
        folder, prefix = self._names()
        with suppress(OSError):
            for name in os.listdir(folder):
                if name.startswith(prefix):
                    path = os.path.join(folder, name)
                    with suppress(OSError):
                        with open(path, "r+b") as file:
                            _lock(file)
                        os.unlink(path)

    def remove(self) -> None:
        """Remove the checkpoint, because the run is complete."""
        if self.path is not None:
            with suppress(FileNotFoundError):
                os.unlink(self.path)


def _written(plain: dict[str, Any]) -> str:
    return json.dumps(plain, separators=(",", ":"))


def _put(text: str, file: IO[str]) -> None:
    file.write(text)


def _digest(text: str) -> str:
    """A digest that differs if anything in a state differs."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _lock(file: IO[Any]) -> None:
    """Lock a file until it is closed; ``OSError`` if it is locked, or locks are unsupported."""
    if fcntl is not None:  # on Windows, an open file can't be removed
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
