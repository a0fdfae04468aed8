"""Whether a training on pseudo-labels would only repeat what their voters have in common."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.predictions.pseudo import PSEUDO_PART, read_record
from trainers.recipe import Recipe, RecipeError

__all__ = ["check_circularity"]


def check_circularity(
    recipe: Recipe, manifests: Sequence[Path], frame: pd.DataFrame, *, despite: bool = False
) -> list[dict[str, Any]]:
    """Return the records of the pseudo-labels in a corpus, for the card, where training on them is not circular.

    Parameters
    ----------
    recipe : Recipe
    manifests : sequence of Path
        Of the corpus.
    frame : DataFrame
        Its rows.
    despite : bool
        Train although something speaks against it; the card keeps the reasons.

    Raises
    ------
    RecipeError
        When pseudo-labelled clips would calibrate or measure the detector, have no record, or were labelled by voters
        that are not independent, by a teacher of this very training, or by the detector that it starts from.
    PredictionsError
        When a record is damaged.
    """
    rows = frame[frame["part"] == PSEUDO_PART]
    if rows.empty:
        return []
    judged = sorted(set(rows["split"]) - {"train"})
    if judged:
        raise RecipeError(
            f"{len(rows):,} clips with pseudo-labels lie in the split {judged[0]}: voters' guesses calibrate and "
            "measure nothing. Put them into train, or leave them out."
        )
    records = [record for manifest in manifests if (record := read_record(manifest)) is not None]
    if len(rows) > sum(int(record.get("clips", 0)) for record in records):
        raise RecipeError(
            "A manifest holds pseudo-labels and their record (MANIFEST.pseudo.json) is not beside it: write them again "
            "with python -m core panel --pseudo-labels."
        )
    reasons = [reason for record in records for reason in [*record.get("reasons_against", []), *_own(recipe, record)]]
    if reasons and not despite:
        raise RecipeError(
            f"{recipe.name} would be trained on pseudo-labels, and {'; '.join(reasons)}. Leave them out, choose other "
            "voters, or train anyway (--despite-circularity); the card keeps the reasons."
        )
    return [{**record, "reasons_at_training": _own(recipe, record)} for record in records]


def _own(recipe: Recipe, record: dict[str, Any]) -> list[str]:
    """Return what this training has in common with the voters."""
    voters = {str(voter.get("name")): voter for voter in record["voters"]}
    starts, teachers = recipe.start_names, {Path(teacher).name for teacher in recipe.teachers}
    own = Path(str(recipe.hyperparameters.get("model") or "")).name
    reasons = []
    for name, voter in voters.items():
        if name in teachers:
            reasons.append(f"{name}, which voted, is a teacher of this training")
        theirs = voter.get("rests_on", [])
        if start := next((each for each in starts if each in {name, *theirs}), None):
            reasons.append(f"it starts from {start}, as {name}, which voted, does or is")
        elif own and own in theirs:
            reasons.append(f"it rests on {own}, as {name}, which voted, does")
        if voter.get("architecture") == recipe.architecture and not starts and not own:
            reasons.append(f"{name}, which voted, has the same architecture ({recipe.architecture})")
    return reasons
