"""Train a detector from a recipe: checked and built, then its clips decoded, its phases run, and the rest finished."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import lightning
import numpy as np
import torch
from numpy.typing import NDArray

from core.corpus.table import Corpus, read_corpora
from core.detectors.network import Network
from core.files import sha256_json, write_text
from trainers.batch import fastest_batch
from trainers.build import Trial, build_network, trial_step
from trainers.card import Trained, corpus_name
from trainers.circularity import check_circularity
from trainers.distillation import find_teachers, training_material
from trainers.finish import finish
from trainers.folds import train_and_dev
from trainers.needs import check_splits, state_needs
from trainers.phases import Machine, is_first_process, phase_loaders, run_phase
from trainers.recipe import Recipe, RecipeError
from trainers.vectors import Statistical, Vectors
from trainers.waveforms import Clips, SomeWaveforms, Waveforms
from trainers.windows import OneChangedWindow, OneWindow

__all__ = ["fit", "train_network"]


def fit(
    recipe: Recipe, *, corpora: Sequence[tuple[Path, Path]], out: Path, work: Path, resume: bool = False,
    machine: Machine | None = None, name: str = "", with_dev: bool = False, despite_circularity: bool = False,
) -> Path:  # fmt: skip
    """Train a detector and write its checkpoint.

    Recipe, network and corpus are checked before the first recording is decoded.

    Parameters
    ----------
    recipe : Recipe
    corpora : sequence of (manifest, root)
        Read as one; the splits ``train`` and ``dev`` are used, ``eval`` only for the figures of the finished card.
    out : Path
        Folder of checkpoints; the detector becomes ``out / recipe.name``.
    work : Path
        Folder for caches and unfinished training; may be deleted afterwards.
    resume : bool
        Go on from the last saved step of an earlier, interrupted call.
    machine : Machine
        Devices, time and space.
    name : str
        Of the corpus, for the card; by default its one dataset, or the manifests' folders.
    with_dev : bool
        Train on ``dev`` too. Its calibration then means nothing before ``python -m trainers judge --calibrate``.
    despite_circularity : bool
        Train on pseudo-labels although something speaks against them; the card keeps the reasons.

    Returns
    -------
    Path
        The checkpoint's folder. Of several processes that train together the first writes it.

    Raises
    ------
    RecipeError, LossError
        When the recipe asks for something impossible.
    CorpusError
        When a split lacks a class that it needs, or its clips do not fit on the disk.
    PolarityError
        When the trained network does not separate the classes.
    """
    machine = machine or Machine()
    lightning.seed_everything(recipe.seed, verbose=False)
    network = build_network(recipe)
    find_teachers(recipe.teachers)
    trial = trial_step(network, recipe) if recipe.phases else Trial()
    corpus = read_corpora(corpora)
    manifests = [manifest for manifest, _ in corpora]
    pseudo = check_circularity(recipe, manifests, corpus.frame, despite=despite_circularity)
    splits = {split: _split(corpus, split) for split in ("train", "dev", "eval")}
    if with_dev:
        splits["train"] = _with_dev(corpus, recipe, network)
    check_splits(splits, recipe, network, problems=corpus.problems)
    both = train_and_dev(corpus)
    cached = [both, splits["eval"]]
    limit_gb = machine.cache_limit_gb
    state_needs(network, recipe, splits, cached, work / "cache", limit_gb=limit_gb, trial=trial)
    # One file for both splits, and the same one as the judge's.
    decoded = Waveforms(both, work / "cache", limit_gb=limit_gb)
    waves = {s: SomeWaveforms(decoded, _rows(both, splits[s])) for s in ("train", "dev")}
    if isinstance(network, Statistical) and not recipe.phases:
        trained = _fit_to_vectors(network, recipe, both, decoded, waves["train"].rows)
    else:
        folder = work / "runs" / recipe.name
        trained = train_network(network, recipe, splits, waves, folder, resume=resume, machine=machine)
    if not is_first_process():
        return out / recipe.name
    title = corpus_name(manifests, splits["train"].frame, name)
    trained = replace(trained, pseudo_labels=pseudo)
    return finish(trained, splits, waves, decoded, corpus=title, digest=corpus.digest, out=out)


def _split(corpus: Corpus, name: str) -> Corpus:
    return replace(corpus, frame=corpus.frame[corpus.frame["split"] == name].reset_index(drop=True))


def _with_dev(corpus: Corpus, recipe: Recipe, network: Network) -> Corpus:
    if recipe.phases or not network.supervised:
        raise RecipeError(
            f"{recipe.name} cannot be trained on dev too: its best step, or the sign of its score, is found there."
        )
    return train_and_dev(corpus)


def _rows(both: Corpus, split: Corpus) -> NDArray[np.intp]:
    """Return at which rows of ``train`` and ``dev`` the clips of a split stand."""
    return np.asarray(both.frame["split"].isin(set(split.frame["split"])).to_numpy().nonzero()[0], dtype=np.intp)


def _fit_to_vectors(
    network: Network, recipe: Recipe, corpus: Corpus, decoded: Waveforms, rows: NDArray[np.intp]
) -> Trained:
    """Fit a network to the vectors that its frozen layers make of some clips; the judge keeps the same ones."""
    assert isinstance(network, Statistical)
    started = time.time()
    network.eval()
    vectors, real = Vectors(network, recipe, decoded), (corpus.frame["label"] == "bonafide").to_numpy()
    network.fit_statistics(*(vectors.to_train_on(rows[real[rows] == of_class]) for of_class in (True, False)))
    return Trained(network, recipe, [], minutes=(time.time() - started) / 60)


def train_network(
    network: Network, recipe: Recipe, splits: Mapping[str, Corpus], waves: Mapping[str, Clips], folder: Path, *,
    resume: bool, machine: Machine,
) -> Trained:  # fmt: skip
    """Run all phases of a recipe with a fresh network; ``folder`` keeps what an interrupted training goes on from.

    Raises
    ------
    RecipeError
        When a training of another recipe, or on other clips, was begun in that folder, and is to be gone on with.
    """
    if recipe.phases:
        _begin(folder, recipe, splits, waves, resume=resume)
    _prepare(network, recipe, splits["train"], waves["train"])
    if recipe.phases and recipe.batch == 0:
        recipe = recipe.model_copy(update={"batch": fastest_batch(network, recipe)})
    train, clips, targets = training_material(recipe, splits["train"], waves["train"])
    splits, waves = {**splits, "train": train}, {**waves, "train": clips}
    started, steps = time.time(), 0
    curves: list[dict[str, float]] = []
    for number, phase in enumerate(recipe.phases):
        loaders = phase_loaders(recipe, phase, network, splits, waves, targets)
        points = run_phase(
            recipe, number, network, loaders, folder / f"phase-{number}", resume=resume, machine=machine
        )
        curves += [{**point, "step": steps + point["step"]} for point in points]
        steps = int(curves[-1]["step"])
    return Trained(network, recipe, curves, minutes=(time.time() - started) / 60)


def _begin(
    folder: Path, recipe: Recipe, splits: Mapping[str, Corpus], waves: Mapping[str, Clips], *, resume: bool
) -> None:  # fmt: skip
    """See that what is kept in a folder to go on from is of this training: the weights of another one fit as well."""
    clips = [[waves[split].key, splits[split].frame["label"].tolist()] for split in ("train", "dev")]
    # Without defaults: a key that recipes gain later changes no training.
    settings = recipe.model_dump(mode="json", exclude_defaults=True, exclude={"summary", "limits"})
    digest, begun = sha256_json([settings, clips]), folder / "begun.txt"
    if not resume:
        for last in folder.glob("phase-*/last.ckpt"):
            last.unlink(missing_ok=True)
    elif begun.is_file() and begun.read_text(encoding="utf-8") != digest:
        raise RecipeError(
            f"The training that was begun in {folder} has another recipe or other clips: leave out --resume, or give "
            "what it was begun with."
        )
    write_text(begun, digest)


def _prepare(network: Network, recipe: Recipe, train: Corpus, waves: Clips) -> None:
    """Let the network look at the training clips of both classes, one window each.

    One that is fitted by this look alone sees each clip a second time as the recipe's augmentation changes it.
    """
    real = (train.frame["label"] == "bonafide").to_numpy()
    looks = [OneWindow(waves, network.window)]
    if not recipe.phases and recipe.augmentation.changes_anything:
        looks.append(OneChangedWindow(waves, network.window, recipe))

    def features(rows: NDArray[np.intp]) -> Iterator[torch.Tensor]:
        for row in rows:
            for look in looks:
                with torch.inference_mode():
                    seen = network.frontend(torch.from_numpy(look[int(row)])[None])
                yield seen.clone()

    network.eval()
    network.prepare(features(real.nonzero()[0]), features((~real).nonzero()[0]))
