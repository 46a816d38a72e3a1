"""Checkpoints of a run over parts: a JSON file that is replaced as a whole, or not at all."""

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
_VERSION = 3  #: raise it when what is written, or what it means, changes
_SHARE = 20  # of the time of a run, what saving may take
_RATE = 1.5e-8  # seconds that a byte takes to save, until that is known


class Checkpoint:
    """
    A file at `path` that holds how far a run is, or none.

    `identity` gives plain values of the data and the options: another run's checkpoint is refused.
    """

    def __init__(self, path: Any, identity: Callable[[], Any]) -> None:
        self.path = None if path is None else os.fsdecode(path)
        self._identity = None if path is None else json.loads(json.dumps(identity()))
        self._offered: Callable[[], dict[str, Any]] | None = None
        self._ended, self._took, self._size = time.monotonic(), 0.0, 0  # of the last save

    def load(self) -> dict[str, Any] | None:
        """What was kept last, None where there is nothing; ``ValueError`` for anything else."""
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
        """Say that the file is damaged, where what it holds can't be read in the block."""
        try:
            yield
        except UNREADABLE as error:
            raise ValueError(
                f"checkpoint {self.path!r} is damaged, remove it to start anew: {error!s:.300}"
            ) from error

    def offer(self, state: Callable[[], dict[str, Any]], size: int) -> None:
        """
        Take a state of about so many bytes, from which a run could go on.

        It is saved at once where saving then takes at most a twentieth of the time, and else only
        if the run ends before the next one comes.
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
        """Let go of the state that was offered: it is about to change."""
        self._offered = None

    @contextmanager
    def kept_at_the_end(self) -> Iterator[None]:
        """Save the state that was offered last, if the block fails."""
        try:
            yield
        except BaseException:
            with suppress(OSError):  # which may be why
                self._save_offered()
            raise

    def _save_offered(self) -> None:
        offered, self._offered = self._offered, None
        if offered is not None:
            self.save(offered())

    def save(self, state: dict[str, Any]) -> None:
        """Replace what was kept; if that fails, with an ``OSError``, the file stays as it was."""
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
        """Whether the file is replaced: a run that begins may take the new one for a dead run's."""
        folder, prefix = self._names()
        name = None
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=folder, prefix=prefix, delete=False
            ) as file:
                name = file.name
                with suppress(OSError):  # there are file systems without locks
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
        """The folder, and how the names of files begin that are to become the checkpoint."""
        folder, name = os.path.split(os.path.abspath(self.path or ""))
        return folder, f".fastinfo-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}-"

    def _clean(self) -> None:
        """Remove what killed runs left: a file is locked as long as a run writes it."""
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
        """Forget what was kept: the run is complete."""
        if self.path is not None:
            with suppress(FileNotFoundError):
                os.unlink(self.path)


def _written(plain: dict[str, Any]) -> str:
    return json.dumps(plain, separators=(",", ":"))


def _put(text: str, file: IO[str]) -> None:
    file.write(text)


def _digest(text: str) -> str:
    """What differs where anything of a state does."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _lock(file: IO[Any]) -> None:
    """Lock a file until it is closed; ``OSError`` if another process has, or locks are unknown."""
    if fcntl is not None:  # Windows removes no file that is open
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
