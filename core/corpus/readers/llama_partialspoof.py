"""LlamaPartialSpoof: LibriTTS sentences of which words were rewritten and spoken anew."""

from typing import ClassVar

from core.corpus.labels import normalise_label
from core.corpus.reader import READERS, Example, Reader, Reading, Row, Spans
from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["LlamaPartialSpoof"]

_LISTS = "label_R01TTS.*.txt"
_PUBLISHED = {"all": 76_228 + 64_388}


@READERS.register("llama-partialspoof")
class LlamaPartialSpoof(Reader):
    """``label_R01TTS.0.{a,b}.txt``: utterance, seconds, label, and segments such as ``0.00-1.25-bonafide``.

    All of it is for evaluation, as its authors ask.

    References
    ----------
    H.-T. Luong et al., "LlamaPartialSpoof: an LLM-driven fake speech dataset simulating disinformation generation",
    ICASSP 2025; https://zenodo.org/records/14214149. The segments are read as the authors' own metrics read them
    (https://github.com/hieuthi/partialspoof-metrics).
    """

    needs: ClassVar[str] = "lists label_R01TTS.0.{a,b}.txt beside the WAV files"
    splits: ClassVar[str] = "all `eval`"

    def claims(self, tree: Tree) -> bool:
        """Return whether one of the lists is there."""
        return bool(tree.named(_LISTS))

    def read(self, tree: Tree) -> Reading:
        """Return the utterances, all in the split ``eval``."""
        reading = Reading()
        for path in tree.named(_LISTS):
            for number, line in tree.lines(path):
                cells = line.split()
                try:
                    if len(cells) < 3:
                        raise CorpusError(f"the row has {len(cells)} columns, not at least 3")
                    label = normalise_label(cells[2])
                except CorpusError as error:
                    reading.problems.append(Problem(number, path, str(error)))
                    continue
                row = Row(
                    path=tree.clip(cells[0]), label=label, dataset="LlamaPartialSpoof", licence="CC-BY-4.0",
                    split="eval", seconds=cells[1], part="published",
                )  # fmt: skip
                reading.add(tree, row, number=number, name=cells[0])
        reading.compare(_PUBLISHED)
        return reading

    def spoofed_spans(self, tree: Tree) -> Spans:
        """Return the segments that are labelled spoof."""
        spans: Spans = {}
        for path in tree.named(_LISTS):
            for number, line in tree.lines(path):
                name, *rest = line.split()
                if clip := tree.clip(name):
                    spans[clip] = tuple(_spoofed(rest[2:], f"{tree.root / path}, row {number}"))
        if not spans:
            raise CorpusError(f"{tree.root} has no list {_LISTS} with recordings beside it.")
        return spans

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        lines = {
            "a": ["dev-clean_84_1 4.00 bonafide 0.00-4.00-bonafide", "dev01_84_2-full 3.50 spoof 0.00-3.50-spoof"],
            "b": ["dev01_84_3-partial-cp 4.00 spoof 0.00-1.25-bonafide 1.25-2.50-spoof 2.50-4.00-bonafide"],
        }
        tree: Example = {}
        for part, rows in lines.items():
            tree[f"label_R01TTS.0.{part}.txt"] = "\n".join(rows)
            tree.update({f"R01TTS.0.{part}/{row.split()[0]}.wav": None for row in rows})
        return tree


def _spoofed(segments: list[str], where: str) -> list[tuple[float, float]]:
    spans = []
    for segment in segments:
        try:
            start, end, label = segment.split("-")
            if normalise_label(label) == "spoof":
                spans.append((float(start), float(end)))
        except (ValueError, CorpusError) as error:
            raise CorpusError(f"{where}: {segment!r} is no segment such as 0.00-1.25-spoof.") from error
    return spans
