"""Train a detector from a recipe: phases, resume, the best step, then calibration, figures and the card."""

import time
from dataclasses import replace
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from torch.utils.data import DataLoader

from core.audio.clip import SAMPLE_RATE
from core.corpus.table import Corpus, read_corpus
from core.detectors.base import NETWORKS, Network
from trainers.data import GroupSampler, TrainingClips, Waveforms, WholeClips
from trainers.finish import finish
from trainers.module import TrainingModule
from trainers.recipe import Phase, Recipe

__all__ = ["fit"]


def fit(
    recipe: Recipe, *, manifest: Path, root: Path, out: Path, work: Path, resume: bool = False,
    max_minutes: float | None = None,
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
    max_minutes : float, optional
        Stop after this time in each phase, and keep the best step so far.

    Returns
    -------
    Path
        The checkpoint's folder.
    """
    lightning.seed_everything(recipe.seed, verbose=False)
    corpus = read_corpus(manifest, root)
    splits = {name: _split(corpus, name) for name in ("train", "dev")}
    waves = {name: Waveforms(split, work / "cache") for name, split in splits.items()}
    network = NETWORKS.get(recipe.architecture)(**recipe.hyperparameters)
    if recipe.initial_weights:
        from core.detectors.checkpoint import read_foreign_weights

        network.load_state_dict(read_foreign_weights(Path(recipe.initial_weights)))
    _prepare(network, splits["train"], waves["train"])
    runs = work / "runs" / recipe.name
    started, steps = time.time(), 0
    curves: list[dict[str, float]] = []
    for number, phase in enumerate(recipe.phases):
        folder = runs / f"phase-{number}"
        points = _run_phase(recipe, phase, network, splits, waves, folder, resume=resume, max_minutes=max_minutes)
        curves += [{**point, "step": steps + point["step"]} for point in points]
        steps = int(curves[-1]["step"])
    minutes = (time.time() - started) / 60
    return finish(network, recipe, corpus, waves=waves, out=out, curves=curves, steps=steps, minutes=minutes)


def _split(corpus: Corpus, name: str) -> Corpus:
    return replace(corpus, frame=corpus.frame[corpus.frame["split"] == name].reset_index(drop=True))


def _prepare(network: Network, train: Corpus, waves: Waveforms) -> None:
    """Let the network take what it needs of every third bona fide training clip."""
    real = (train.frame["label"] == "bonafide").to_numpy()
    clips = WholeClips(waves, real, window=network.window)
    with torch.inference_mode():
        network.prepare(network.frontend(clips[row][0][None]) for row in real.nonzero()[0][::3])


class _FollowPhase(Callback):
    """Tell the sampler which epoch it is, so that a resumed training draws fresh batches."""

    def __init__(self, sampler: GroupSampler) -> None:
        self._sampler = sampler

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._sampler.set_epoch(trainer.current_epoch)


def _run_phase(
    recipe: Recipe, phase: Phase, network: Network, splits: dict[str, Corpus], waves: dict[str, Waveforms],
    folder: Path, *, resume: bool, max_minutes: float | None,
) -> list[dict[str, float]]:  # fmt: skip
    for parameter in network.parameters():
        parameter.requires_grad_(phase.learns == "all")
    for parameter in network.last_layer().parameters():
        parameter.requires_grad_(True)
    module = TrainingModule(network, recipe, splits["dev"].frame["part"].tolist())
    module.phase = phase
    every = min(recipe.validate_every, phase.steps)
    train, dev, sampler = _loaders(recipe, network, splits, waves, every)
    # Saved when an epoch is over, never in its midst: a resumed training then repeats nothing and skips nothing.
    best = ModelCheckpoint(
        folder, "best", monitor="dev_eer", enable_version_counter=False, save_on_train_epoch_end=True
    )
    latest = ModelCheckpoint(folder, "last", enable_version_counter=False, save_on_train_epoch_end=True)
    patience = EarlyStopping("dev_eer", patience=recipe.patience, check_on_train_epoch_end=False)
    callbacks: list[Callback] = [best, latest, patience, _FollowPhase(sampler)]
    if recipe.ema_decay:
        # Not from the first step: the average would carry the random start for hundreds of steps.
        callbacks.append(EMAWeightAveraging(decay=recipe.ema_decay, update_starting_at_step=every // 2))
    trainer = lightning.Trainer(
        accelerator="auto", devices=1, precision=recipe.precision, max_steps=phase.steps, callbacks=callbacks,
        max_time=None if max_minutes is None else {"minutes": int(max_minutes), "seconds": int(max_minutes * 60 % 60)},
        logger=False, gradient_clip_val=recipe.gradient_clip or None,
        log_every_n_steps=every, num_sanity_val_steps=0, use_distributed_sampler=False, enable_model_summary=False,
    )  # fmt: skip
    last = folder / "last.ckpt"
    trainer.fit(module, train, dev, ckpt_path=last if resume and last.exists() else None, weights_only=False)
    if best.best_model_path:
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)["state_dict"]
        network.load_state_dict({k.removeprefix("network."): v for k, v in state.items()})
    network.cpu().eval()
    return module.curves


def _loaders(
    recipe: Recipe, network: Network, splits: dict[str, Corpus], waves: dict[str, Waveforms], every: int
) -> tuple[DataLoader, DataLoader, GroupSampler]:
    real = {name: (split.frame["label"] == "bonafide").to_numpy() for name, split in splits.items()}
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    clips = TrainingClips(waves["train"], real["train"], crop=crop, settings=recipe.augmentation, seed=recipe.seed)
    sampler = GroupSampler(
        splits["train"].frame, recipe.sampling, batch=recipe.batch, batches=every, seed=recipe.seed,
        only_bonafide=not network.supervised,
    )  # fmt: skip
    whole = WholeClips(waves["dev"], real["dev"], window=network.window)
    train = DataLoader(clips, batch_sampler=sampler, num_workers=1, persistent_workers=True)
    return train, DataLoader(whole, batch_size=16), sampler
