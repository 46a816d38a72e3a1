"""Words and events that occur together: :func:`association` of pairs, :func:`keyness` of groups."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.cooccurrence.associating": "association",
        "fastinfo.cooccurrence.key_words": "KeyWord Keyness",
        "fastinfo.cooccurrence.two_groups": "keyness",
    },
)
