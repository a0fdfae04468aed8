"""Score files as the public anti-spoofing arena takes them: a line for each clip, ``utterance score``."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.files import write_text
from core.results.queries import PANEL, rows

if TYPE_CHECKING:
    import pandas as pd

    from core.results.store import Run

__all__ = ["SCORE_FILES", "utterances", "write_score_files"]

#: The folder within a run.
SCORE_FILES = "scores"
# By data set, where the arena puts something before the name of the file.
_PREFIXES = {"In-the-Wild": "ITW_"}


def utterances(clips: "pd.DataFrame") -> list[str]:
    """Return what the arena calls each clip: the name of its file, without folder and suffix.

    Where two files have one name, all are called by their whole path without its suffix, and where that is one too with
    it, since no two clips may be one utterance. Blanks are written as in an address (``%20``), since a blank ends the
    utterance.

    References
    ----------
    lab260, ``speech_spoof_bench`` and its Speech Anti-Spoofing Arena, 2026. Its data sets call a clip ``LA_E_2834763``
    (ASVspoof 2019 and 2021), ``E_0009538969`` (ASVspoof 5) and ``ITW_0`` (In-the-Wild).
    """
    paths = [PurePosixPath(path) for path in clips["path"]]
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        names = [str(path.with_suffix("")) for path in paths]
    if len(set(names)) < len(names):
        names = [str(path) for path in paths]
    return [
        _PREFIXES.get(dataset, "") + re.sub(r"\s", lambda blank: quote(blank.group()), name)
        for dataset, name in zip(clips["dataset"], names, strict=True)
    ]


def write_score_files(run: "Run", names: Iterable[str]) -> Path:
    """Write a score file for each detector and for the panel, and return their folder.

    Each is called ``NAME.txt`` and has a line for each clip that could be scored, without a header: utterance, a
    blank, and the calibrated log-likelihood ratio to six digits; higher = bona fide.

    Parameters
    ----------
    run : Run
    names : iterable of str
        Detectors of the run; the panel has its file in any case.
    """
    folder = run.folder / SCORE_FILES
    clips = utterances(run.clips)
    for name in (PANEL, *names):
        scores = rows(run, name)["score"]
        lines = [f"{clip} {score:.6f}\n" for clip, score in zip(clips, scores, strict=True)]
        write_text(folder / f"{name}.txt", "".join(lines))
    return folder
