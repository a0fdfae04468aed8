"""The card of a trained detector: every fact of it is taken from the recipe, the manifest and the training itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core.audio.clip import SAMPLE_RATE
from core.detectors.card import Card, Polarity, Training
from core.detectors.network import Network
from trainers.distillation import pages_of_teachers
from trainers.progress import duration
from trainers.recipe import Recipe
from trainers.starts import cards_of_starts

__all__ = ["Trained", "blank_card", "corpus_name"]

_UNNAMED = {"", "-"}


@dataclass(frozen=True)
class Trained:
    """A network after training, and what it took.

    Attributes
    ----------
    network : Network
    recipe : Recipe
    curves : list of dict
        One point an epoch.
    minutes : float
    pseudo_labels : list of dict
        The records of pseudo-labels among the clips.
    """

    network: Network
    recipe: Recipe
    curves: list[dict[str, float]]
    minutes: float
    pseudo_labels: list[dict[str, Any]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Batches that the network was trained on."""
        return int(self.curves[-1]["step"]) if self.curves else 0


def corpus_name(manifests: Sequence[Path], frame: pd.DataFrame, given: str = "") -> str:
    """Return what a corpus is called: as given, or as its one dataset, or as the manifests' folders.

    Parameters
    ----------
    manifests : sequence of Path
    frame : DataFrame
        Its rows; the column ``dataset`` names where each clip comes from.
    given : str
        A name that a person chose.
    """
    datasets = set(frame["dataset"].astype(str)) - _UNNAMED
    folders = " + ".join(manifest.resolve().parent.name for manifest in manifests)
    return given or (datasets.pop() if len(datasets) == 1 else folders)


def blank_card(trained: Trained, frame: pd.DataFrame, *, corpus: str, digest: str, seconds: float | None) -> Card:
    """Return the card of a network that is not calibrated yet.

    Parameters
    ----------
    trained : Trained
    frame : DataFrame
        The rows of the clips that it was trained on.
    corpus, digest : str
        Name and digest of the corpus.
    seconds : float, optional
        Length of those clips together.
    """
    network, recipe = trained.network, trained.recipe
    spoofs = frame[frame["label"] == "spoof"]
    training = Training(
        corpus=corpus, corpus_digest=digest, split=_splits(frame), n_bonafide=len(frame) - len(spoofs),
        n_spoof=len(spoofs), systems=sorted(set(spoofs["system"])), pages=_pages(recipe, frame),
        hours=None if seconds is None else round(seconds / 3600, 4),
        datasets=_counts(frame["dataset"]), licences=_counts(frame["licence"]), initial_weights=_first_weights(recipe),
        earlier_weights=_earlier_weights(recipe), recipe=_shareable(network, recipe), steps=trained.steps,
        minutes=round(trained.minutes, 1), pseudo_labels=trained.pseudo_labels,
    )  # fmt: skip
    return Card(
        name=recipe.name, architecture=recipe.architecture, hyperparameters=recipe.hyperparameters,
        summary=recipe.summary, polarity=Polarity(how="not settled yet"), training=training,
        limits=[*recipe.limits, *_limits(network, recipe, training, seconds)], licence=_licence(training),
    )  # fmt: skip


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().items()}


def _splits(frame: pd.DataFrame) -> str:
    return " and ".join(sorted(set(frame["split"]), reverse=True)) if "split" in frame else "train"


def _pages(recipe: Recipe, frame: pd.DataFrame) -> list[str] | None:
    """Return the pages of the clips, of its teachers' and of its first weights': the network is blind to none."""
    before = [card.training.pages if card.training else None for card in cards_of_starts(recipe).values()]
    theirs = [pages_of_teachers(recipe), *before]
    if "page" not in frame or any(pages is None for pages in theirs):
        return None
    return sorted(set(frame["page"].astype(str)).union(*(pages or () for pages in theirs)) - _UNNAMED)


def _first_weights(recipe: Recipe) -> str:
    # An encoder that others published is named among the hyper-parameters.
    if recipe.start_names:
        return recipe.start_names[0]
    return Path(str(recipe.hyperparameters.get("model") or "")).name or "random"


def _earlier_weights(recipe: Recipe) -> list[str]:
    """Return what else lives on in weights that the recipe starts from; oldest first.

    That is what each of them, where it is a checkpoint of ours, had started from itself, and so on, and all that it
    names after the first: who votes beside the detector is to know.
    """
    known: dict[str, None] = {}
    for before in (card.training for card in cards_of_starts(recipe).values()):
        known |= dict.fromkeys([] if before is None else [*before.earlier_weights, before.initial_weights])
    known |= dict.fromkeys(recipe.start_names[1:])
    return [weights for weights in known if weights != "random"]


def _shareable(network: Network, recipe: Recipe) -> dict[str, object]:
    """Return the recipe as JSON values; where files lay on the machine that trained is nobody's business."""
    plain = recipe.model_dump(mode="json")
    return plain | {
        "initial_weights": ", ".join(recipe.start_names) or "random",
        "hyperparameters": network.rebuilt_by(recipe.hyperparameters),
        "teachers": [Path(teacher).name for teacher in recipe.teachers],
    }


def _limits(network: Network, recipe: Recipe, training: Training, seconds: float | None) -> list[str]:
    """Return what any detector that was trained so cannot do."""
    clips = training.n_bonafide + training.n_spoof
    amount = f"{clips:,} clips" if seconds is None else duration(seconds)
    what = "speech" if network.supervised else "bona fide speech"
    limits = [
        *(f"{record['clips']:,} of its clips were labelled by {', '.join(str(v['name']) for v in record['voters'])}: "
          "what they err on alike it learns too." for record in training.pseudo_labels),
        f"Trained on {amount} of {what}: voices, rooms and spoofing systems unlike those of the corpus may mislead it.",
        f"Scores windows of {network.window / SAMPLE_RATE:.3g} s: a spoofed stretch much shorter than that moves the "
        "score little.",
    ]
    if recipe.start_names:
        limits.append(f"Started from the weights {' and '.join(recipe.start_names)}, which may know other data.")
    return limits


def _licence(training: Training) -> str:
    """Return under which licences the recordings are that the weights come from."""
    named = {name: count for name, count in training.licences.items() if name not in _UNNAMED}
    missing = sum(training.licences.values()) - sum(named.values())
    parts = [f"{name} ({count:,} clips)" for name, count in named.items()]
    if missing:
        parts.append(f"no licence named in the manifest ({missing:,} clips)")
    return f"Trained on recordings under these licences: {', '.join(parts)}."
