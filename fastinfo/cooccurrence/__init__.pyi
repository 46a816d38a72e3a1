"""What type checkers read of ``fastinfo.cooccurrence``, whose names are imported when used."""

from fastinfo.cooccurrence.associating import association as association
from fastinfo.cooccurrence.key_words import Keyness as Keyness
from fastinfo.cooccurrence.key_words import KeyWord as KeyWord
from fastinfo.cooccurrence.two_groups import keyness as keyness

__all__ = [
    "KeyWord",
    "Keyness",
    "association",
    "keyness",
]
