"""Words and frames that the tabs on the reference run share: what the run is, why there is none, a clip's facts."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis.calibration import p_spoof
from core.results.one_clip import clip, scores_of_clip
from core.results.queries import PANEL, detectors, members
from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.markup import Markup, card, empty, label_word, problem, term

if TYPE_CHECKING:
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["NO_AUDIO", "chosen_or_first", "clip_facts", "clip_title", "clip_words", "kept",
    "label_line", "no_run", "waiting"]

NO_AUDIO = (
    "The audio of the corpus is not on this machine, so this clip cannot be played. "
    "Set SPOOFSCOPE_CORPUS to the folder that holds the corpus and start the page again."
)
_HOW = (
    "python -m core evaluate CORPUS/manifest.csv --root CORPUS --split eval --embedding-dims 64 --audit "
    "-o checkpoints/reference"
)


def chosen_or_first(wanted: str | None, known: Sequence[str]) -> str:
    """Return what was chosen, or the first where there is none of that name."""
    return wanted if wanted is not None and wanted in known else known[0]


def kept(run: "Run") -> str:
    """Return in words which clips of the run are looked at: *n of N selected*, or all, and their split."""
    split, n, whole = run.manifest["corpus"]["split"], len(run), len(run.whole)
    clips = f"{whole:,} clips of the run" if run is run.whole else f"{n:,} of {whole:,} clips of the run selected"
    return clips + (f", split {split}" if split else "")


def no_run(context: "Context", choice: str = "") -> Markup:
    """Return the frame shown in place of everything where there is no such run."""
    why = context.run_problem(choice) or "There is no run."
    todo = "" if choice else f"Make it where the corpus is: {_HOW}"
    return card("No such run" if choice else "No reference run", problem(why, todo=todo))


def waiting(text: str) -> Markup:
    """Return an empty frame with a word of what will fill it."""
    return card("", empty(text))


def clip_title(row: "Mapping[Hashable, Any] | pd.Series") -> str:
    """Return what a clip is in a few words, as plain text: who or what spoke, and from which recording.

    A clip whose recording is not known goes by the name of its file: many may share the rest.
    """
    return _named("bona fide" if row["label"] == "bonafide" else row.get("system"), row)


def clip_words(row: "Mapping[Hashable, Any] | pd.Series") -> str:
    """Return what a clip is in a row of a table: the kind of speech or the system, and its recording; else its file."""
    return _named(row.get("kind" if row["label"] == "bonafide" else "system"), row)


def _named(maker: object, row: "Mapping[Hashable, Any] | pd.Series") -> str:
    source = row.get("source")
    recording = source if _known(source) else str(row["path"]).rsplit("/", 1)[-1]
    return " · ".join(str(word) for word in (maker, recording) if _known(word))


def _known(word: object) -> bool:
    return word not in (None, "", "-")


def label_line(row: pd.Series) -> Markup:
    """Return what a clip of the run really is, with the system that made it where it is a spoof."""
    named = row["label"] == "spoof" and _known(row["system"])
    made = Markup(" made by <b>{}</b>").format(row["system"]) if named else Markup("")
    html = '<p class="ss-truth">{} {}{}</p>'
    return Markup(html).format(term("label", "Label"), label_word(row["label"]), made)


def clip_facts(run: "Run", path: str) -> Markup:
    """Return a clip's facts and what each detector scored, those outside the panel folded away."""
    row = clip(run, path)
    if row is None:
        return empty("This clip is not in the run.")
    panel = [PANEL, *members(run)]
    others = [name for name in detectors(run) if name not in panel]
    speaker = f"speaker {row['speaker']}" if _known(row["speaker"]) else "-"
    facts = [row["kind"], row["part"], f"{row['seconds']:.1f} s", speaker, row["dataset"]]
    more = Markup("")
    if others:
        html = '<details class="ss-note"><summary>{} not in the panel</summary>{}</details>'
        more = Markup(html).format(len(others), _scores(run, path, others))
    about = Markup('<p class="ss-note">{}<br>{}</p>').format(
        " · ".join(str(fact) for fact in facts if _known(fact)),
        row["source"] if _known(row["source"]) else row["path"],
    )
    return label_line(row) + about + _scores(run, path, panel) + more


def _scores(run: "Run", path: str, order: Sequence[str]) -> Markup:
    scores = scores_of_clip(run, path, order).to_dict(orient="records")
    rows = [
        BarRow(
            str(row["detector"]), float(row["p_spoof"]), str(row["verdict"]),
            band=(float(p_spoof(row["bonafide_above"])), float(p_spoof(row["spoof_below"]))),
        )
        for row in scores
    ]  # fmt: skip
    return Markup(bar_rows(rows, clickable=False))
