"""What the tabs ask of the reference run: one detector's answers, its thresholds, a slice, a clip's facts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.verdict import Decision
from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.markup import card, class_word, empty, esc, problem

if TYPE_CHECKING:
    from core.results.store import Run
    from dashboard.context import Context

__all__ = [
    "NO_AUDIO", "PANEL", "SLICES", "choice", "clip_facts", "clip_title", "decision_of", "detectors", "in_slice", "kept",
    "members", "names", "no_run", "said", "seen_systems", "waiting",
]  # fmt: skip

PANEL = "panel"
#: Which clips are counted: the words on the page.
SLICES = ("all", "seen attacks", "unseen attacks", "published")
NO_AUDIO = (
    "The audio of the corpus is not on this machine, so this clip cannot be played. "
    "Set SPOOFSCOPE_CORPUS to the folder that holds the corpus and start the page again."
)
_HOW = (
    "python -m core evaluate --manifest CORPUS/manifest.csv --root CORPUS --split eval "
    "--embedding-dims 64 --audit -o checkpoints/reference"
)


def members(run: "Run") -> list[str]:
    """Return the detectors that the panel's score is made of; all of them where it is their mean."""
    from core.results.evaluation import panel_members

    known = set(panel_members(run))
    return [name for name in run.detectors if name in known]


def detectors(run: "Run") -> list[str]:
    """Return all detectors, those of the panel first."""
    first = members(run)
    return [*first, *(name for name in run.detectors if name not in first)]


def names(run: "Run") -> list[str]:
    """Return the panel and then all detectors, as people choose them."""
    return [PANEL, *detectors(run)]


def choice(run: "Run", wanted: str | None, *, panel: bool = True) -> str:
    """Return the detector that was asked for, or the first where there is none of that name."""
    known = names(run) if panel else detectors(run)
    return wanted if wanted in known else known[0]


def said(run: "Run", name: str) -> pd.DataFrame:
    """Return what one detector, or the panel, said: one row per clip in the order of ``run.clips``."""
    table = run.panel if name == PANEL else run.scores[run.scores["detector"] == name]
    return table.set_index("path", drop=False).loc[run.clips["path"]].reset_index(drop=True)


def decision_of(run: "Run", name: str) -> Decision:
    """Return the thresholds that a detector, or the panel, decided by."""
    stored = run.manifest["decision"] if name == PANEL else run.manifest["detectors"][name]["decision"]
    return Decision(**stored)


def seen_systems(run: "Run", name: str) -> set[str]:
    """Return the spoofing systems heard in training, for the panel by any member; empty where it is not known."""
    from core.results.evaluation import seen_systems as known

    return set(known(run, name) or ())


def in_slice(frame: pd.DataFrame, part: str, seen: set[str]) -> NDArray[np.bool_]:
    """Return which clips belong to a slice; bona fide clips stand against seen and unseen attacks alike."""
    if part == "published":
        return (frame["part"] == "published").to_numpy()
    real, known = (frame["label"] == "bonafide").to_numpy(), frame["system"].isin(seen).to_numpy()
    return {"seen attacks": real | known, "unseen attacks": real | ~known}.get(part, np.ones(len(frame), dtype=bool))


def kept(run: "Run") -> str:
    """Return in words what the run is: its clips and their split."""
    about = run.manifest["corpus"]
    split = f"the corpus' {about['split']} split" if about["split"] else "the corpus"
    return f"Reference run: {about['heard']} clips of {split}"


def no_run(context: "Context") -> str:
    """Return the frame shown in place of everything where there is no reference run."""
    said_why = context.run_problem or "There is no reference run."
    return card("No reference run", problem(said_why, todo=f"Make it where the corpus is: {_HOW}"))


def waiting(text: str) -> str:
    """Return an empty frame with a word of what will fill it."""
    return card("", empty(text))


def clip_title(row: pd.Series) -> str:
    """Return what a clip is in a few words, as plain text: who or what spoke, and from which recording."""
    maker = "bona fide" if row["label"] == "bonafide" else row["system"]
    return f"{maker} · {row['source']}"


def clip_facts(run: "Run", path: str) -> str:
    """Return a clip's facts and what each detector said of it, as HTML."""
    rows = run.clips[run.clips["path"] == path]
    if rows.empty:
        return empty("This clip is not in the reference run.")
    row = rows.iloc[0]
    made = "" if row["label"] == "bonafide" else f" made by <b>{esc(row['system'])}</b>"
    heard = [PANEL, *members(run)]
    others = [name for name in run.detectors if name not in heard]
    said = bar_rows(_said_rows(run, path, others), clickable=False)
    more = f'<details class="ss-note"><summary>{len(others)} without a say</summary>{said}</details>' if others else ""
    facts = [row["kind"], row["part"], f"{row['seconds']:.1f} s", f"speaker {row['speaker']}", row["dataset"]]
    return (
        f'<p class="ss-truth">In truth {class_word(row["label"])}{made}</p>'
        f'<p class="ss-note">{esc(" · ".join(str(f) for f in facts if f != "-"))}<br>{esc(row["source"])}</p>'
        f"{bar_rows(_said_rows(run, path, heard), clickable=False)}{more}"
    )


def _said_rows(run: "Run", path: str, order: Sequence[str]) -> list[BarRow]:
    table = pd.concat([run.panel, run.scores])
    mine = table[table["path"] == path].set_index("detector").loc[list(order)]
    return [BarRow(str(name), float(row["p_spoof"]), str(row["verdict"])) for name, row in mine.iterrows()]
