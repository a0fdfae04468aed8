"""The scores of one fold: a recipe's network, trained on everything else, scores the clips that are held out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import lightning
import numpy as np
from numpy.typing import NDArray

from core.analysis.held_out import AS_IS
from core.analysis.metrics import roc_auc
from core.corpus.table import Corpus
from core.detectors.card import Card, Polarity
from core.detectors.detector import Detector
from core.detectors.network import Network
from trainers.build import Trial, build_network, trial_step
from trainers.fit import train_network
from trainers.needs import state_needs
from trainers.phases import Machine
from trainers.recipe import Recipe
from trainers.scoring import score_split
from trainers.vectors import Statistical, Vectors
from trainers.waveforms import Clips, SomeWaveforms

__all__ = ["Material", "fold_scores"]

Raw = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Material:
    """The clips of ``train`` and ``dev``: the rows of the corpus, and each clip in the versions it is scored in."""

    corpus: Corpus
    versions: Mapping[str, Clips]

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which clips are bona fide."""
        return (self.corpus.frame["label"] == "bonafide").to_numpy(dtype=bool)


def fold_scores(
    recipe: Recipe, material: Material, trained_on: NDArray[np.bool_], held_out: NDArray[np.bool_], *, folder: Path,
    resume: bool, machine: Machine,
) -> tuple[Raw, Network]:  # fmt: skip
    """Train a recipe's network on some clips and return the raw scores of others, by version, and the network.

    A network whose frozen part gives one vector a window is fitted to cached vectors. Any other is trained; its best
    step is chosen on the clips of ``dev`` that are not held out.

    Parameters
    ----------
    recipe : Recipe
    material : Material
    trained_on, held_out : ndarray of bool [shape=(n,)]
        Rows of the material.
    folder : Path
        Keeps what an interrupted training goes on from.
    resume : bool
    machine : Machine
    """
    lightning.seed_everything(recipe.seed, verbose=False)
    network = build_network(recipe)
    if isinstance(network, Statistical) and not recipe.phases:
        return _refitted(network, recipe, material, trained_on, held_out), network
    raw = _retrained(network, recipe, material, trained_on, held_out, folder=folder, resume=resume, machine=machine)
    return raw, network


def _refitted(
    network: Statistical, recipe: Recipe, material: Material, trained_on: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
) -> Raw:  # fmt: skip
    vectors = {name: Vectors(network, recipe, waves) for name, waves in material.versions.items()}
    real, fake = ((trained_on & of_class).nonzero()[0] for of_class in (material.real, ~material.real))
    network.fit_statistics(vectors[AS_IS].to_train_on(real), vectors[AS_IS].to_train_on(fake))
    return {name: some.scores(held_out.nonzero()[0]) for name, some in vectors.items()}


def _retrained(
    network: Network, recipe: Recipe, material: Material, trained_on: NDArray[np.bool_], held_out: NDArray[np.bool_], *,
    folder: Path, resume: bool, machine: Machine,
) -> Raw:  # fmt: skip
    frame = material.corpus.frame
    as_is = material.versions[AS_IS]
    of_split = {split: (frame["split"] == split).to_numpy(dtype=bool) & trained_on for split in ("train", "dev")}
    if network.supervised and not recipe.phases:
        # Nothing is chosen on dev: its clips are worth more to train on.
        of_split["train"] = trained_on
    rows = {split: chosen.nonzero()[0] for split, chosen in of_split.items()}
    splits = {s: replace(material.corpus, frame=frame.iloc[r].reset_index(drop=True)) for s, r in rows.items()}
    waves = {split: SomeWaveforms(as_is, chosen) for split, chosen in rows.items()}
    trial = trial_step(network, recipe) if recipe.phases else Trial()
    state_needs(network, recipe, splits, [], as_is.cache, limit_gb=machine.cache_limit_gb, trial=trial)
    train_network(network, recipe, splits, waves, folder, resume=resume, machine=machine)
    card = Card(name=recipe.name, architecture=recipe.architecture, polarity=Polarity(how="not settled"))
    detector = Detector(network, card)
    sign = 1 if network.supervised else _sign(detector, waves["dev"], material.real[rows["dev"]])
    scored = held_out.nonzero()[0]
    return {name: sign * score_split(detector, SomeWaveforms(some, scored)) for name, some in material.versions.items()}


def _sign(detector: Detector, dev: Clips, real: NDArray[np.bool_]) -> Literal[1, -1]:
    """Return the sign by which a network that never met a spoof scores bona fide speech higher."""
    raw = score_split(detector, dev)
    return 1 if roc_auc(raw[real], raw[~real]) >= 0.5 else -1
