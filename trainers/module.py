"""The training loop's inside: loss, masks, phases, development figures."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import lightning
import numpy as np
import torch

from core.analysis.metrics import eer
from core.detectors.network import Network
from trainers.build import training_loss
from trainers.recipe import Masks, Phase, Recipe
from trainers.sharpness import SharpnessAware

__all__ = ["TrainingModule", "mask_features"]


def mask_features(features: torch.Tensor, masks: Masks, generator: torch.Generator) -> torch.Tensor:
    """Set random stripes of each item of [batch, bins, frames] to that item's mean (SpecAugment)."""
    batch, bins, frames = features.shape
    hidden = torch.zeros(batch, bins, frames, dtype=torch.bool)
    for _ in range(masks.count):
        for size, width, axis in ((frames, masks.time, 2), (bins, masks.frequency, 1)):
            width = min(width, size - 1)
            if width <= 0:
                continue
            span = torch.randint(0, width + 1, (batch, 1), generator=generator)
            start = (torch.rand(batch, 1, generator=generator) * (size - span)).long()
            line = torch.arange(size)[None]
            stripe = (line >= start) & (line < start + span)
            hidden |= stripe[:, None, :] if axis == 2 else stripe[:, :, None]
    mean = features.mean((1, 2), keepdim=True)
    return torch.where(hidden.to(features.device), mean, features)


class TrainingModule(lightning.LightningModule):
    """A network under training, with the recipe's loss and phases.

    Parameters
    ----------
    network : Network
    recipe : Recipe
    dev_parts : list of str
        For each development clip the part of the corpus it belongs to.
    """

    def __init__(self, network: Network, recipe: Recipe, dev_parts: list[str]) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self.dev_parts = np.array(dev_parts)
        self.phase: Phase = recipe.phases[0]
        self.curves: list[dict[str, float]] = []
        self._validated: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._rebuilt: list[torch.Tensor] = []
        self._losses: list[torch.Tensor] = []
        self._random: list[torch.Tensor] = []

    @contextmanager
    def _masked(self, batch_idx: int) -> Iterator[None]:
        generator = torch.Generator().manual_seed(self.recipe.seed + 7919 * self.global_step + batch_idx)
        handle = self.network.frontend.register_forward_hook(
            lambda _module, _inputs, output: mask_features(output, self.recipe.masks, generator)
        )
        try:
            yield
        finally:
            handle.remove()

    def _mixed(
        self, waveforms: torch.Tensor, targets: torch.Tensor, batch_idx: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Blend each clip with another of the batch, and their targets alike (mixup, Zhang et al. 2018)."""
        if self.recipe.mixup <= 0:
            return waveforms, targets
        rng = np.random.default_rng((self.recipe.seed, self.global_step, batch_idx))
        share = float(rng.beta(self.recipe.mixup, self.recipe.mixup))
        other = torch.from_numpy(rng.permutation(len(waveforms))).to(waveforms.device)
        mixed = share * waveforms + (1 - share) * waveforms[other]
        return mixed, share * targets + (1 - share) * targets[other]

    def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
        """Return the loss of one batch of crops, or of their frames."""
        inputs, targets = batch
        if self.network.supervised:
            inputs, targets = self._mixed(inputs, targets, batch_idx)
        with self._masked(batch_idx) if self.network.supervised else nullcontext():
            loss = training_loss(self.network, self.recipe, inputs, targets)
        self.log("train_loss", loss, prog_bar=True)
        self._losses.append(loss.detach())
        return loss

    def on_train_epoch_start(self) -> None:
        """Keep what does not learn in this phase as it is, batch statistics too; Lightning leaves modes alone."""
        self.network.train(self.phase.learns == "all")

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Score a batch of whole development clips."""
        inputs, labels, _rows = batch
        output = self.network.from_training_input(inputs)
        self._validated.append((output.raw.float(), labels))
        if self.network.rebuilds:
            self._rebuilt.append(self.network.error_map(inputs)[2].float().mean((1, 2)))

    def on_validation_epoch_end(self) -> None:
        """Log the development EER of each part and their mean, by which the best step is chosen.

        Of an autoencoder also the mean squared error of each class: ``dev_mse`` that of bona fide speech, of which it
        is trained to make little, and ``dev_mse_spoof``.
        """
        raw = torch.cat([raw for raw, _ in self._validated]).cpu().numpy()
        labels = torch.cat([labels for _, labels in self._validated]).cpu().numpy().astype(bool)
        errors = torch.cat(self._rebuilt).cpu().numpy() if self._rebuilt else None
        self._validated.clear()
        self._rebuilt.clear()
        if self.trainer.sanity_checking or len(raw) != len(self.dev_parts):
            return
        rates = []
        for part in sorted(set(self.dev_parts)):
            here = self.dev_parts == part
            rate = eer(raw[here & labels], raw[here & ~labels]).rate
            # A bona fide-only network may rebuild either class better; its sign is learnt afterwards.
            rate = rate if self.network.supervised else min(rate, 1 - rate)
            rates.append(rate)
            self.log(f"dev_eer_{part}", rate, prog_bar=True)
        self.log("dev_eer", float(np.mean(rates)), prog_bar=True)
        if errors is not None:
            self.log("dev_mse", float(errors[labels].mean()))
            self.log("dev_mse_spoof", float(errors[~labels].mean()))

    def on_train_epoch_end(self) -> None:
        """Add a point to the learning curves, which travel with the training's own checkpoints."""
        if not self._losses:
            return  # Resumed at the end of an epoch whose point is already there.
        point = {name: float(value) for name, value in self.trainer.callback_metrics.items() if name.startswith("dev_")}
        self.curves.append({"step": self.global_step, "train_loss": float(torch.stack(self._losses).mean()), **point})
        self._losses.clear()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the learning curves, and where what is random has come to, so that a resumed training goes on there."""
        self._random = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
        checkpoint["curves"], checkpoint["random"] = self.curves, self._random

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the learning curves of the training that is resumed, and what is random in it."""
        self.curves = list(checkpoint["curves"])
        self._random = checkpoint.get("random", [])
        self.draw_as_saved()

    def on_train_start(self) -> None:
        """Draw as if nothing was resumed: a loader that keeps its workers draws once when it begins, as it just did."""
        if getattr(self.trainer.train_dataloader, "persistent_workers", False):
            self.draw_as_saved()

    def draw_as_saved(self) -> None:
        """Draw from where the training was when it was saved last."""
        if self._random:
            torch.set_rng_state(self._random[0].cpu())
            for device, state in enumerate(self._random[1 : 1 + torch.cuda.device_count()]):
                torch.cuda.set_rng_state(state.cpu(), device)

    def configure_optimizers(self) -> Any:
        """AdamW over what this phase trains, with its schedule."""
        learning = [p for p in self.network.parameters() if p.requires_grad]
        rate, decay, radius = self.phase.learning_rate, self.recipe.weight_decay, self.recipe.sharpness_radius
        optimiser = (
            SharpnessAware(learning, rate, weight_decay=decay, radius=radius) if radius > 0
            else torch.optim.AdamW(learning, rate, weight_decay=decay)
        )  # fmt: skip
        if self.phase.schedule == "constant":
            return optimiser
        if self.phase.schedule == "plateau":
            plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=2)
            return {"optimizer": optimiser, "lr_scheduler": {"scheduler": plateau, "monitor": "dev_eer"}}
        if self.phase.schedule == "cyclic":
            half = max(1, self.phase.steps // 6)
            cycles = torch.optim.lr_scheduler.CyclicLR(
                optimiser, rate / 100, rate, step_size_up=half, mode="triangular2", cycle_momentum=False
            )
            return {"optimizer": optimiser, "lr_scheduler": {"scheduler": cycles, "interval": "step"}}
        cosine = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=self.phase.steps, pct_start=0.1)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": cosine, "interval": "step"}}
