"""A learning curve over pages: the same recipe with more and more pages, judged on the same held-out ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.analysis import resampled
from core.analysis.bootstrap import difference_interval
from core.analysis.det import equal_error_point
from core.analysis.format import NOTHING, bracket, figure, rate, text_table
from core.analysis.held_out import AS_IS
from core.files import write_text
from core.results.report import between_markers
from trainers.judge import Judge
from trainers.judged import read_judged
from trainers.recipe import Recipe

__all__ = ["learning_curve"]

_SHARES = {0.0: "the first corpus alone", 0.5: "and half of the other pages", 1.0: "and all of them"}
_MARK = "learning-curve"


def learning_curve(
    judge: Judge, recipes: Sequence[Recipe], out: Path, *, only_fold: int | None = None, document: Path | None = None
) -> str:
    """Judge recipes with the first corpus alone, with half of the pages that the others add, and with all of them.

    Parameters
    ----------
    judge : Judge
    recipes : sequence of Recipe
    out : Path
        Folder that receives the scores, a folder for each share.
    only_fold : int, optional
        Hold out one fold alone.
    document : Path, optional
        Receives the table between the markers ``<!-- learning-curve:start -->`` and ``<!-- learning-curve:end -->``.

    Returns
    -------
    str
        The table in Markdown, with a sentence on how it was made.
    """
    lines: list[dict[str, str]] = []
    for recipe in recipes:
        judged = [
            read_judged(judge.recipe(recipe, out / f"share-{share:g}", share=share, only_fold=only_fold))
            for share in _SHARES
        ]
        for words, one in zip(_SHARES.values(), judged, strict=True):
            lines.append(_line(recipe.name, words, one, judged[0][0]))
    text = f"{text_table(pd.DataFrame(lines), markdown=True)}\n\n{_how(recipes, only_fold)}"
    if document is not None:
        write_text(document, between_markers(document.read_text(encoding="utf-8"), text, what=_MARK))
    return text


def _line(name: str, words: str, judged: tuple[pd.DataFrame, dict[str, Any]], first: pd.DataFrame) -> dict[str, str]:
    frame, about = judged
    rows = {(row["group"], row["name"]): row for row in about["rows"]}
    everything = rows["all", "all"]

    def eer_of(group: str, part: str) -> str:
        row = rows.get((group, part), {})
        return rate(row.get("eer"), (row.get("eer_low"), row.get("eer_high")))

    return {
        "recipe": f"`{name}`", "trained on": words, "pages": str(about["training_pages"]),
        "clips": f"{about['training_clips']:,}", "EER": eer_of("all", "all"), "gain": _gain(frame, first),
        "Cllr": figure(everything["cllr"], (everything["cllr_low"], everything["cllr_high"])),
        **{head: eer_of(*part) for head, part in _PARTS.items()},
    }  # fmt: skip


_PARTS = {
    "EER read": ("real speech", "calm-read"), "EER acted": ("real speech", "vivid"),
    "EER spontaneous": ("real speech", "spontaneous"), "EER tts": ("spoofs", "tts"),
    "EER vocoder": ("spoofs", "vocoder"), "EER conversion": ("spoofs", "vc"), "EER codec": ("spoofs", "codec"),
}  # fmt: skip


def _gain(frame: pd.DataFrame, first: pd.DataFrame) -> str:
    """Return by how many points the error rate fell, with the interval on the same resampled pages."""
    if frame is first:
        return NOTHING
    here, before = (some[some["version"] == AS_IS].sort_values("path") for some in (frame, first))
    real = (here["label"] == "bonafide").to_numpy(dtype=bool)
    ends = difference_interval(resampled.eer, before["llr"], here["llr"], real, here["page"])
    rates = [equal_error_point(some["llr"][real], some["llr"][~real])[0] for some in (before, here)]
    return f"{100 * (rates[0] - rates[1]):+.1f} {bracket(ends)}"


def _how(recipes: Sequence[Recipe], only_fold: int | None) -> str:
    folds = "five fixed folds of pages" if only_fold is None else f"fold {only_fold} of five"
    names = " ".join(recipe.name for recipe in recipes)
    return (
        f"Held out: {folds}, the same ones in every row; intervals (95 %) are over pages. Pages and clips: those to "
        "train on, before a fold's own are taken away. Gain: points by which the EER "
        "fell from the recipe's first row, both on the same resampled pages. "
        f"Made by `python -m trainers learning-curve {names} --write docs/experiments.md ...`."
    )
