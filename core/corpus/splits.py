"""The field's words for the three splits, and splits for corpora that bring none.

Those are made by a stable hash of the source, so that no source is in two of them.
"""

from collections.abc import Iterable

from core.files import sha256_bytes

__all__ = ["SPLIT_WORDS", "normalise_split", "split_by_source"]

SPLIT_WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "val", "valid", "validation", "development"), "dev"),
    **dict.fromkeys(("eval", "test", "testing", "evaluation"), "eval"),
}

_SHARES = {"train": 0.8, "dev": 0.1, "eval": 0.1}


def normalise_split(word: object) -> str:
    """Return train, dev or eval for any of the field's words for them, whatever their case; other words as they are."""
    plain = str(word).strip()
    return SPLIT_WORDS.get(plain.lower(), plain)


def split_by_source(sources: Iterable[str]) -> dict[str, str]:
    """Return a split for each source: train (80 %), dev or eval (10 % each).

    A source's hash alone decides, so that clips added later move no other. Only where that leaves a split empty, and
    there are at least three sources, is it given the nearest source of the largest split.

    Parameters
    ----------
    sources : iterable of str
        Names of the recordings (or texts) that clips come from; one may stand here many times.
    """
    places = {source: _place(source) for source in set(sources)}
    order = sorted(places, key=lambda source: (places[source], source))
    splits = {source: _split_at(places[source]) for source in order}
    # From both ends of train: its last source is next to dev, its first is as near to eval on a circle.
    for name, end in (("dev", -1), ("eval", 0)):
        if name not in splits.values() and len(order) >= 3:
            splits[_largest(splits, order)[end]] = name
    if "train" not in splits.values() and len(order) >= 3:
        splits[_largest(splits, order)[0]] = "train"
    return splits


def _place(source: str) -> float:
    """Return where a source lies between 0 and 1."""
    return int(sha256_bytes(source.encode())[:15], 16) / 16**15


def _split_at(place: float) -> str:
    edge = 0.0
    for name, share in _SHARES.items():
        edge += share
        if place < edge:
            return name
    return "eval"


def _largest(splits: dict[str, str], order: list[str]) -> list[str]:
    groups = [[source for source in order if splits[source] == name] for name in _SHARES]
    return max(groups, key=len)
