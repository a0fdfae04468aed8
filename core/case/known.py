"""What is known of one recording: its bytes, its scores, its map, and what the file says of itself."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.case.trials import UNTRIED, Kept, Trials, try_out
from core.errors import ExplanationError
from core.files import sha256_file

if TYPE_CHECKING:
    from core.case.context import Context
    from core.explain.base import Explanation
    from core.provenance import Provenance
    from core.usecases import Analysis

__all__ = ["Known", "Material", "gather"]


@dataclass(frozen=True)
class Known:
    """What was found of a recording before its case was asked for.

    Attributes
    ----------
    name : str
        What the person calls it.
    analysis : Analysis or None
    explanation : Explanation or None
        With its faithfulness check; by whichever detector and method.
    trials : Trials
        What was tried on it.
    """

    name: str
    analysis: "Analysis | None" = None
    explanation: "Explanation | None" = None
    trials: Trials = UNTRIED


@dataclass(frozen=True)
class Material:
    """All that a case keeps of a recording.

    Attributes
    ----------
    path : Path
    name : str
    sha256 : str
        Of the file.
    analysis : Analysis
    explanation : Explanation or None
    provenance : Provenance
        What the file states about itself.
    trials : Trials
        What was tried on it.
    unexplained : str
        Why there is no explanation; empty where there is one.
    """

    path: Path
    name: str
    sha256: str
    analysis: "Analysis"
    explanation: "Explanation | None"
    provenance: "Provenance"
    trials: Trials = UNTRIED
    unexplained: str = ""


def gather(
    path: Path, context: "Context", *, also: Sequence[str] = (), by: tuple[str, str] | None = None,
    kept: Kept | None = None, cancel: threading.Event | None = None,
) -> Material:  # fmt: skip
    """Return what a case keeps of a recording; what is not known yet is found now.

    Parameters
    ----------
    path : Path
    context : Context
    also : sequence of str
        Detectors outside of the panel that score it, too.
    by : (str, str), optional
        Detector and method of the explanation; ``core.session.explained_first`` by its default method if not given.
    kept : Kept, optional
        What is tried on it again, as a case states that it was tried.
    cancel : Event, optional
        Set from another thread, it ends the decoding.

    Raises
    ------
    AudioError
        When the file cannot be read.
    """
    from core.provenance import provenance
    from core.usecases import add_detectors, analyse_file

    known = context.known.get(path, Known(path.name))
    sha256 = sha256_file(path)
    analysis = known.analysis or analyse_file(path, context.panel, name=known.name, cancel=cancel)
    analysis = add_detectors(analysis, context.panel, [name for name in also if name not in analysis.detectors])
    explanation, why = (known.explanation, "") if known.explanation else _explained(analysis, context, by)
    trials = known.trials
    if kept is not None or (context.tries and trials is UNTRIED):
        trials = try_out(analysis, context.panel, kept)
    return Material(path, known.name, sha256, analysis, explanation, provenance(path), trials, why)


def _explained(
    analysis: "Analysis", context: "Context", by: tuple[str, str] | None
) -> "tuple[Explanation | None, str]":
    from core.session import explained_first
    from core.usecases import explain_clip

    name, method = by or (explained_first(analysis, context.panel), None)
    if name is None:
        return None, "Nobody speaks in the recording: what a detector responds to there is no evidence."
    try:
        return explain_clip(analysis.clip, context.detector(name), method, score=analysis.detectors.get(name)), ""
    except ExplanationError as error:
        return None, str(error)
