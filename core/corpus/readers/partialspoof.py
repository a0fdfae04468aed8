"""PartialSpoof: ASVspoof 2019 LA with spoofed segments inside utterances."""

import re
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from core.corpus.object_arrays import read_object
from core.corpus.reader import READERS, Example, Reader, Reading, Row, Spans
from core.corpus.tree import Tree
from core.corpus.trials import split_lists, trials
from core.errors import CorpusError

__all__ = ["PartialSpoof"]

_LISTS = {split: f"PartialSpoof.LA.cm.{split}.trl.txt" for split in ("train", "dev", "eval")}
_PUBLISHED = {"train": 25_380, "dev": 24_844, "eval": 71_237}
_LABELS = re.compile(r"(?:train|dev|eval)_seglab_(0\.\d+)\.npy")


@READERS.register("partialspoof")
class PartialSpoof(Reader):
    """Lists of five columns (speaker, file, -, CON or -, key) beside ``{train,dev,eval}/con_wav`` and segment labels.

    An utterance is spoofed where any part of it is. ``segment_labels/SPLIT_seglab_RESOLUTION.npy`` holds a dictionary
    of utterance to an array of ``'1'`` (bona fide) and ``'0'`` (spoof), one each 0.01 to 0.64 s; the finest of each
    split is read. It is a pickle, and is read without running it.

    References
    ----------
    L. Zhang et al., "The PartialSpoof database and countermeasures for the detection of short fake speech segments
    embedded in an utterance", IEEE/ACM TASLP 31, 2023; https://zenodo.org/records/5766198, and the README of
    https://github.com/nii-yamagishilab/PartialSpoof.
    """

    needs: ClassVar[str] = "lists PartialSpoof.LA.cm.{train,dev,eval}.trl.txt beside the WAV files"
    splits: ClassVar[str] = "its own"

    def claims(self, tree: Tree) -> bool:
        """Return whether one of the three lists is there."""
        return any(tree.named(name) for name in _LISTS.values())

    def read(self, tree: Tree) -> Reading:
        """Return the clips of the three lists, with the corpus' own splits."""
        reading = Reading()
        for split, path in split_lists(tree, _LISTS, reading):
            for number, (speaker, name, _, system, key) in trials(tree, path, columns=5, key=4, reading=reading):
                row = Row(
                    path=tree.clip(name), label=key, system=system if key == "spoof" else "-", speaker=speaker,
                    dataset="PartialSpoof", split=split, part="published",
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading

    def spoofed_spans(self, tree: Tree) -> Spans:
        """Return the spans of every utterance in the finest labels of each split whose recording is there."""
        finest: dict[str, tuple[float, str]] = {}
        for path in tree.named("*_seglab_*.npy"):
            if found := _LABELS.fullmatch(path.rpartition("/")[2]):
                split = path.rpartition("/")[2].split("_")[0]
                finest[split] = min(finest.get(split, (np.inf, "")), (float(found[1]), path))
        if not finest:
            raise CorpusError(f"{tree.root} has no segment labels: add segment_labels/SPLIT_seglab_0.01.npy.")
        spans: Spans = {}
        for step_s, path in finest.values():
            labels = read_object(tree.root / path)
            if not isinstance(labels, dict):
                raise CorpusError(f"{tree.root / path} holds no dictionary of utterances.")
            named = ((tree.clip(str(name)), own) for name, own in labels.items())
            spans |= {clip: _spans(own, step_s) for clip, own in named if clip}
        return spans

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        rows = {
            "train": ["LA_0079 LA_T_1 - - bonafide", "LA_0079 CON_T_1 - CON spoof"],
            "dev": ["LA_0069 LA_D_1 - - bonafide", "LA_0070 CON_D_1 - CON spoof"],
            "eval": ["LA_0039 LA_E_1 - - bonafide", "LA_0040 CON_E_1 - CON spoof"],
        }
        tree: Example = {}
        for split, lines in rows.items():
            tree[f"database/protocols/PartialSpoof_LA_cm_protocols/{_LISTS[split]}"] = "\n".join(lines)
            tree.update({f"database/{split}/con_wav/{line.split()[1]}.wav": None for line in lines})
        return tree


def _spans(labels: Any, step_s: float) -> tuple[tuple[float, float], ...]:
    """Return where the labels of an utterance's steps are ``'0'``."""
    words = [str(label) for label in labels]
    if strange := set(words) - {"0", "1"}:
        raise CorpusError(f"Segment labels are '1' (bona fide) and '0' (spoof), not {sorted(strange)[0]!r}.")
    spans, at = [], 0
    for word, run in groupby(words):
        length = len(list(run))
        if word == "0":
            spans.append((at * step_s, (at + length) * step_s))
        at += length
    return tuple(spans)
