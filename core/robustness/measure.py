"""Scores of a corpus' clips before and after each benign processing, kept line by line so that work goes on."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.audio.clip import SAMPLE_RATE
from core.audio.decode_ahead import decode_ahead
from core.corpus.table import Corpus
from core.errors import AudioError
from core.panel import Panel
from core.robustness.processing import PROCESSINGS
from core.timeline.shipped import marked_by

__all__ = ["AS_IS", "MARK", "Chosen", "as_frame", "choose", "kept_scores", "score_clips"]

AS_IS = "as is"
#: Beside the members' scores: that of the segment that is marked most surely, None where none is.
MARK = "mark"


@dataclass(frozen=True)
class Chosen:
    """A clip of the measurement: path in the manifest, class, page, and what it is drawn with."""

    path: str
    label: str
    page: str


def choose(corpus: Corpus, per_class: int) -> list[Chosen]:
    """Return up to ``per_class`` clips of each class, the pages in turns, so that all have a part in it.

    Which are chosen depends on the manifest alone. A clip without a page counts by its speaker.
    """
    frame = corpus.frame
    page = frame["page"].where(~frame["page"].isin(["", "-"]), frame["speaker"]).astype(str)
    frame = frame.assign(group=page).sample(frac=1.0, random_state=0)
    turns = frame.groupby(["label", "group"]).cumcount()
    frame = frame.assign(turn=turns).sort_values(["turn", "group"], kind="stable")
    rows = frame.groupby("label").head(per_class)
    return [Chosen(*map(str, cells)) for cells in zip(rows["path"], rows["label"], rows["group"], strict=True)]


def kept_scores(path: Path) -> dict[tuple[str, str], dict[str, float | None]]:
    """Return the scores in a file of lines, by clip and processing; none where there is no file.

    Beside the members' there is that of the surest mark (``MARK``); lines of before marks were kept count for nothing.
    """
    if not path.exists():
        return {}
    # A line may have been cut off when the work was ended.
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}}")]
    found = [json.loads(line) for line in lines]
    return {(one["path"], one["processing"]): {**one["scores"], MARK: one[MARK]} for one in found if MARK in one}


def score_clips(
    panel: Panel, corpus: Corpus, clips: Sequence[Chosen], processings: Sequence[str], *, seconds: float, keep: Path
) -> Iterator[int]:
    """Score each clip as it is and after each processing; what the file holds already is not scored again.

    Parameters
    ----------
    panel : Panel
    corpus : Corpus
    clips : sequence of Chosen
    processings : sequence of str
    seconds : float
        Only so many of each clip count; 0 for all.
    keep : Path
        One JSON object a line: path, processing, the surest mark, and the log-likelihood ratio of each member.

    Yields
    ------
    int
        How many clips are done. One that cannot be decoded is left out.
    """
    known = kept_scores(keep)
    wanted = [AS_IS, *processings]
    missing = {clip.path: [name for name in wanted if (clip.path, name) not in known] for clip in clips}
    todo = [clip for clip in clips if missing[clip.path]]
    yield len(clips) - len(todo)
    files = ((clip, corpus.root / clip.path) for clip in todo)
    cut_off = keep.exists() and not keep.read_bytes().endswith(b"\n")
    with keep.open("a", encoding="utf-8") as lines:
        lines.write("\n" if cut_off else "")
        for done, (clip, found) in enumerate(decode_ahead(files, workers=1), start=1):
            if not isinstance(found, AudioError):
                waveform = found.waveform[: round(seconds * SAMPLE_RATE)] if seconds else found.waveform
                for name in missing[clip.path]:
                    lines.write(json.dumps(_line(panel, waveform, clip.path, name)) + "\n")
                lines.flush()
            yield len(clips) - len(todo) + done


def _line(panel: Panel, waveform: Any, path: str, name: str) -> dict[str, Any]:
    if name != AS_IS:
        waveform = PROCESSINGS.get(name)(waveform, np.random.default_rng(zlib.crc32(path.encode())))
    scores = panel.score(waveform)
    found = marked_by(panel, waveform, scores)
    mark = min((segment.score for segment in found.segments), default=None) if found is not None else None
    # The scores come last: a line that was cut off lacks their end.
    return {"path": path, "processing": name, MARK: mark, "scores": {each: own.score for each, own in scores.items()}}


def as_frame(clips: Sequence[Chosen], scores: Mapping[tuple[str, str], Mapping[str, float | None]]) -> pd.DataFrame:
    """Return a row for each clip and processing that was scored: path, label, page, processing, a column a member.

    And the score of the surest mark, NaN where there is none.
    """
    about = {clip.path: clip for clip in clips}
    return pd.DataFrame([
        {"path": path, "label": about[path].label, "page": about[path].page, "processing": name, **own}
        for (path, name), own in scores.items()
        if path in about
    ])  # fmt: skip
