"""Checkpoints of a run over parts: a JSON file that is replaced as a whole, or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["Checkpoint"]

_FORMAT = "fastinfo.checkpoint"
_VERSION = 1


class Checkpoint:
    """
    A file that holds how far a run is, or none.

    Parameters
    ----------
    path : str or path-like or None
        The file; None keeps nothing.
    identity : plain values
        Of the data and the options: another run's checkpoint is refused.
    """

    def __init__(self, path: Any, identity: Any) -> None:
        self.path = None if path is None else os.fsdecode(path)
        self._identity = json.loads(json.dumps(identity))

    def load(self) -> dict[str, Any] | None:
        """
        What was kept last, None where there is nothing.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or one of another run.
        """
        if self.path is None or not os.path.exists(self.path):
            return None
        try:
            with open(self.path, encoding="utf-8") as file:
                plain = json.load(file)
            known = plain["format"] == _FORMAT and plain["version"] == _VERSION
            known = known and isinstance(plain["state"], dict) and "identity" in plain
        except (ValueError, KeyError, TypeError, IsADirectoryError) as error:
            raise ValueError(
                f"checkpoint {self.path!r} is no checkpoint of fastinfo: give another name, or "
                f"remove it"
            ) from error
        if not known or plain["identity"] != self._identity:
            raise ValueError(
                f"checkpoint {self.path!r} is of a run over other data or with other options: "
                f"remove it to start anew"
            )
        state: dict[str, Any] = plain["state"]
        return state

    @contextmanager
    def damage(self) -> Iterator[None]:
        """Say that the file is damaged, where what it holds can't be read in the block."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"checkpoint {self.path!r} is damaged, remove it to start anew: {error}"
            ) from error

    def save(self, state: dict[str, Any]) -> None:
        """
        Replace what was kept; if that fails, the file stays as it was.

        Raises
        ------
        OSError
            If the file can't be written.
        """
        if self.path is None:
            return
        plain = {"format": _FORMAT, "version": _VERSION, "identity": self._identity, "state": state}
        folder = os.path.dirname(os.path.abspath(self.path))
        name = None
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=folder, prefix=".fastinfo-", delete=False
            ) as file:
                name = file.name
                json.dump(plain, file, separators=(",", ":"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except OSError as error:
            raise OSError(f"checkpoint {self.path!r} can't be written: {error}") from error
        finally:
            if name is not None and os.path.exists(name):
                with suppress(OSError):
                    os.unlink(name)

    def remove(self) -> None:
        """Forget what was kept: the run is complete."""
        if self.path is not None:
            with suppress(FileNotFoundError):
                os.unlink(self.path)
