"""Train a detector from a recipe: phases, resume, the best step, then calibration, figures and the card."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, WeightAveraging
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import fit_length
from core.corpus.table import Corpus, read_corpus
from core.detectors.checkpoint import load_detector, read_foreign_weights
from core.detectors.network import NETWORKS, Network
from core.panel import load_panel
from trainers.augment import augment
from trainers.batch import fastest_batch
from trainers.data import CACHE_LIMIT_GB, GroupSampler, TrainingClips, Waveforms, WholeClips
from trainers.finish import finish, score_split
from trainers.module import TrainingModule
from trainers.recipe import Augmentation, Phase, Recipe

__all__ = ["Machine", "fit", "is_first_process"]


@dataclass(frozen=True)
class Machine:
    """What a training may use: accelerators of each node, nodes, minutes for each phase, and 10^9 bytes of cache.

    With more than one device Lightning starts one process for each (see docs/training.md); every process draws its
    own batches, so that a step hears ``devices * nodes`` times as many clips.
    """

    devices: int = 1
    nodes: int = 1
    max_minutes: float | None = None
    cache_limit_gb: float = CACHE_LIMIT_GB


def fit(
    recipe: Recipe, *, manifest: Path, root: Path, out: Path, work: Path, resume: bool = False,
    machine: Machine = Machine(),
) -> Path:  # fmt: skip
    """Train a detector and write its checkpoint.

    Parameters
    ----------
    recipe : Recipe
    manifest, root : Path
        The corpus; its splits ``train`` and ``dev`` are read, ``eval`` only for the figures of the finished card.
    out : Path
        Folder of checkpoints; the detector becomes ``out / recipe.name``.
    work : Path
        Folder for caches and unfinished training; may be deleted afterwards.
    resume : bool
        Go on from the last saved step of an earlier, interrupted call.
    machine : Machine
        Devices and time.

    Returns
    -------
    Path
        The checkpoint's folder. Of several processes that train together the first writes it.
    """
    lightning.seed_everything(recipe.seed, verbose=False)
    corpus = read_corpus(manifest, root)
    splits = {name: _split(corpus, name) for name in ("train", "dev")}
    waves = {name: Waveforms(split, work / "cache", limit_gb=machine.cache_limit_gb) for name, split in splits.items()}
    network = NETWORKS.get(recipe.architecture)(**recipe.hyperparameters)
    if recipe.initial_weights:
        network.start_from(_initial_weights(recipe.initial_weights))
    _prepare(network, recipe, splits["train"], waves["train"])
    if recipe.batch == 0:
        recipe = recipe.model_copy(update={"batch": fastest_batch(network, recipe)})
    targets = _targets(recipe, splits["train"], waves["train"])
    started, steps = time.time(), 0
    curves: list[dict[str, float]] = []
    for number, phase in enumerate(recipe.phases):
        folder = work / "runs" / recipe.name / f"phase-{number}"
        loaders = _loaders(recipe, phase, network, splits, waves, targets)
        points = _run_phase(recipe, phase, network, loaders, folder, resume=resume, machine=machine)
        curves += [{**point, "step": steps + point["step"]} for point in points]
        steps = int(curves[-1]["step"])
    if not is_first_process():
        return out / recipe.name
    minutes = (time.time() - started) / 60
    return finish(network, recipe, corpus, waves=waves, out=out, curves=curves, steps=steps, minutes=minutes)


def is_first_process() -> bool:
    """Return whether this is the process of a training that finishes for all: calibrates and writes the card."""
    distributed = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0


def _split(corpus: Corpus, name: str) -> Corpus:
    return replace(corpus, frame=corpus.frame[corpus.frame["split"] == name].reset_index(drop=True))


def _initial_weights(source: str) -> dict[str, torch.Tensor]:
    """Return the weights of a checkpoint of ours (a folder or a name that ships) or of a file of others."""
    if Path(source).suffix:
        return read_foreign_weights(Path(source))
    return load_detector(source).network.state_dict()


def _prepare(network: Network, recipe: Recipe, train: Corpus, waves: Waveforms) -> None:
    """Let the network look at the training clips of both classes, one window each.

    One that is fitted by this look alone hears each clip a second time as the recipe's augmentation changes it.
    """
    real = (train.frame["label"] == "bonafide").to_numpy()
    clips = WholeClips(waves, real, window=network.window)
    twice = not recipe.phases and recipe.augmentation != Augmentation()

    def features(rows: NDArray[np.intp]) -> Iterator[torch.Tensor]:
        for row in rows:
            heard = [clips[int(row)][0]]
            if twice:
                rng = np.random.default_rng((recipe.seed, int(row)))
                changed = augment(heard[0].numpy(), recipe.augmentation, rng)
                heard.append(torch.from_numpy(fit_length(changed, network.window)))
            for waveform in heard:
                with torch.inference_mode():
                    seen = network.frontend(waveform[None])
                yield seen.clone()

    network.eval()
    network.prepare(features(real.nonzero()[0]), features((~real).nonzero()[0]))


def _taught(teacher: str, waves: Waveforms) -> NDArray[np.float64]:
    """Return what a checkpoint, or "panel", says of every clip: log-likelihood ratios."""
    if teacher == "panel":
        panel = load_panel()
        said = {name: d.calibration.llr(score_split(d, waves)) for name, d in panel.detectors.items()}
        return panel.llr(said)
    detector = load_detector(teacher)
    return detector.calibration.llr(score_split(detector, waves))


def _targets(recipe: Recipe, train: Corpus, waves: Waveforms) -> NDArray[np.float32]:
    """Return each training clip's P(bona fide): its label, in part replaced by what the teachers say."""
    labels = (train.frame["label"] == "bonafide").to_numpy().astype(np.float32)
    if not recipe.teachers:
        return labels
    llr = np.mean([_taught(name, waves) for name in recipe.teachers], axis=0)
    taught = 1 / (1 + np.exp(-llr))
    return np.asarray((1 - recipe.distillation) * labels + recipe.distillation * taught, dtype=np.float32)


class _FollowPhase(Callback):
    """Tell the sampler which epoch it is and for whom it draws.

    A resumed training then draws fresh batches, and each process of a larger training draws batches of its own.
    """

    def __init__(self, sampler: GroupSampler) -> None:
        self._sampler = sampler

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._sampler.set_epoch(trainer.current_epoch, process=trainer.global_rank)


@dataclass(frozen=True)
class _Loaders:
    train: DataLoader
    dev: DataLoader
    sampler: GroupSampler
    dev_parts: list[str]
    every: int


def _run_phase(
    recipe: Recipe, phase: Phase, network: Network, loaders: _Loaders, folder: Path, *, resume: bool, machine: Machine
) -> list[dict[str, float]]:
    for parameter in network.parameters():
        parameter.requires_grad_(phase.learns == "all")
    for parameter in network.last_layer().parameters():
        parameter.requires_grad_(True)
    module = TrainingModule(network.train(), recipe, loaders.dev_parts)
    module.phase = phase
    # Saved when an epoch is over, never in its midst: a resumed training then repeats nothing and skips nothing.
    best = ModelCheckpoint(
        folder, "best", monitor="dev_eer", enable_version_counter=False, save_on_train_epoch_end=True
    )
    latest = ModelCheckpoint(folder, "last", enable_version_counter=False, save_on_train_epoch_end=True)
    patience = EarlyStopping("dev_eer", patience=recipe.patience, check_on_train_epoch_end=False)
    callbacks: list[Callback] = [best, latest, patience, _FollowPhase(loaders.sampler)]
    limit = machine.max_minutes
    trainer = lightning.Trainer(
        accelerator="auto", devices=machine.devices, num_nodes=machine.nodes, precision=recipe.precision,
        max_steps=phase.steps, callbacks=callbacks + _averaging(recipe, phase, loaders.every),
        max_time=None if limit is None else {"minutes": int(limit), "seconds": int(limit * 60 % 60)},
        logger=False, gradient_clip_val=recipe.gradient_clip or None, log_every_n_steps=loaders.every,
        num_sanity_val_steps=0, use_distributed_sampler=False, enable_model_summary=False,
    )  # fmt: skip
    last = folder / "last.ckpt"
    start = last if resume and last.exists() else None
    trainer.fit(module, loaders.train, loaders.dev, ckpt_path=start, weights_only=False)
    if best.best_model_path:
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)["state_dict"]
        network.load_state_dict({k.removeprefix("network."): v for k, v in state.items()})
    network.cpu().eval()
    return module.curves


class _StochasticAveraging(WeightAveraging):
    """Average the weights of all steps from a given one on equally (SWA, Izmailov et al. 2018)."""

    def __init__(self, first_step: int) -> None:
        super().__init__()
        self._first_step = first_step

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        return step_idx is not None and step_idx >= self._first_step


def _averaging(recipe: Recipe, phase: Phase, every: int) -> list[Callback]:
    if recipe.swa_from < 1:
        return [_StochasticAveraging(int(recipe.swa_from * phase.steps))]
    if recipe.ema_decay:
        # Not from the first step: the average would carry the random start for hundreds of steps.
        return [EMAWeightAveraging(decay=recipe.ema_decay, update_starting_at_step=every // 2)]
    return []


def _loaders(
    recipe: Recipe, phase: Phase, network: Network, splits: dict[str, Corpus], waves: dict[str, Waveforms],
    targets: NDArray[np.float32],
) -> _Loaders:  # fmt: skip
    every = min(recipe.validate_every, phase.steps)
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    clips = TrainingClips(waves["train"], targets, crop=crop, settings=recipe.augmentation, seed=recipe.seed)
    sampler = GroupSampler(
        splits["train"].frame, recipe.sampling, batch=recipe.batch, batches=every, seed=recipe.seed,
        only_bonafide=not network.supervised,
    )  # fmt: skip
    dev = splits["dev"].frame
    whole = WholeClips(waves["dev"], (dev["label"] == "bonafide").to_numpy(), window=network.window)
    # What a draw gives depends on its number alone, not on who prepares it.
    workers = max(1, min(8, (os.cpu_count() or 2) // 2))
    train = DataLoader(clips, batch_sampler=sampler, num_workers=workers, persistent_workers=True)
    return _Loaders(train, DataLoader(whole, batch_size=16), sampler, dev["part"].tolist(), every)
