"""One phase of a training, by Lightning: what learns, what is saved, which weights are averaged."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, WeightAveraging
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from core.audio.clip import SAMPLE_RATE
from core.corpus.table import Corpus
from core.detectors.network import Network
from trainers.build import choose_parameters
from trainers.data import GroupSampler, TrainingClips, WholeClips
from trainers.frames import ShuffledRows, kept_crops, kept_windows
from trainers.module import TrainingModule
from trainers.recipe import Phase, Recipe
from trainers.splices import Splicer, kept_pairs
from trainers.waveforms import CACHE_LIMIT_GB, Clips

__all__ = ["Loaders", "Machine", "is_first_process", "phase_loaders", "run_phase"]


@dataclass(frozen=True)
class Machine:
    """What a training may use: accelerators of each node, nodes, minutes for each phase, and 10^9 bytes of cache.

    With more than one device Lightning starts one process for each (see docs/training.md); every process draws its
    own batches, so that a step takes ``devices * nodes`` times as many clips.
    """

    devices: int = 1
    nodes: int = 1
    max_minutes: float | None = None
    cache_limit_gb: float = CACHE_LIMIT_GB


def is_first_process() -> bool:
    """Return whether this is the process of a training that finishes for all: calibrates and writes the card."""
    distributed = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0


class _FollowPhase(Callback):
    """Set the sampler's epoch, and the process that it draws for.

    A resumed training then draws fresh batches, and each process of a larger training draws batches of its own.
    """

    def __init__(self, sampler: GroupSampler | ShuffledRows) -> None:
        self._sampler = sampler

    def setup(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        # Batches are fetched ahead before the first epoch begins.
        self._sampler.set_epoch(trainer.current_epoch, process=trainer.global_rank)

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._sampler.set_epoch(trainer.current_epoch, process=trainer.global_rank)


@dataclass(frozen=True)
class Loaders:
    """Batches for a phase: training crops, whole development clips, and the part of the corpus of each of these.

    Of a network that learns from frames, these stand in the place of samples.
    """

    train: DataLoader
    dev: DataLoader
    sampler: GroupSampler | ShuffledRows
    dev_parts: list[str]
    every: int


def run_phase(
    recipe: Recipe, number: int, network: Network, loaders: Loaders, folder: Path, *, resume: bool, machine: Machine
) -> list[dict[str, float]]:
    """Train a network through one phase of its recipe, and leave it with the weights of the best validation.

    Parameters
    ----------
    recipe : Recipe
    number : int
        Of the phase.
    network : Network
    loaders : Loaders
    folder : Path
        For the weights of the best and of the last epoch.
    resume : bool
        Go on from the last epoch that is kept in ``folder``.
    machine : Machine

    Returns
    -------
    list of dict
        The learning curves, one point an epoch.
    """
    phase = recipe.phases[number]
    choose_parameters(network, phase, number=number)
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
    with warnings.catch_warnings():
        # Frozen layers are in evaluation mode on purpose, and Lightning would have people look into it.
        warnings.filterwarnings("ignore", "Found .* in eval mode at the start of training")
        trainer.fit(module, loaders.train, loaders.dev, ckpt_path=start, weights_only=False)
    # The next phase begins alike, whether this one was resumed or not.
    module.draw_as_saved()
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


def phase_loaders(
    recipe: Recipe, phase: Phase, network: Network, splits: Mapping[str, Corpus],
    waves: Mapping[str, Clips], targets: NDArray[np.float32],
) -> Loaders:  # fmt: skip
    """Return the batches of a phase; ``targets`` are the training clips' P(bona fide) [shape=(n,)]."""
    every = min(recipe.validate_every, phase.steps)
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    clips = TrainingClips(
        waves["train"], targets, crop=crop, settings=recipe.augmentation, seed=recipe.seed,
        splicer=_splicer(recipe, network, splits["train"], waves["train"]),
    )  # fmt: skip
    n_batches = recipe.kept_crops // recipe.batch if network.learns_from_frames else every
    sampler = GroupSampler(
        splits["train"].frame, recipe.sampling, batch=recipe.batch, batches=n_batches, seed=recipe.seed,
        only_bonafide=not network.supervised,
    )  # fmt: skip
    dev = splits["dev"].frame
    whole = WholeClips(waves["dev"], (dev["label"] == "bonafide").to_numpy(), window=network.window)
    if network.learns_from_frames:
        frames = kept_crops(network, clips, sampler, recipe, waves["train"], crop=crop)
        rows = ShuffledRows(len(frames), batch=recipe.batch, batches=every, seed=recipe.seed)
        windows = kept_windows(network, whole, recipe, waves["dev"])
        train = DataLoader(frames, batch_sampler=rows)
        return Loaders(train, DataLoader(windows, batch_size=16), rows, dev["part"].tolist(), every)
    # What a draw gives depends on its number alone, not on who prepares it.
    workers = max(1, min(8, (os.cpu_count() or 2) // 2))
    train = DataLoader(clips, batch_sampler=sampler, num_workers=workers, persistent_workers=True)
    return Loaders(train, DataLoader(whole, batch_size=16), sampler, dev["part"].tolist(), every)


def _splicer(recipe: Recipe, network: Network, train: Corpus, waves: Clips) -> Splicer | None:
    """Return what makes crops of pieces, where the recipe asks for them and the network scores cells."""
    grid = network.target_grid()
    if grid is None or not recipe.splices.any:
        return None
    return Splicer(train.frame, waves, kept_pairs(train.frame, waves), grid, recipe.splices, recipe.sampling)
