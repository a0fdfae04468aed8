"""Find the batch that a machine trains fastest with."""

import copy
import time

import torch

from core.audio.clip import SAMPLE_RATE
from core.detectors.network import Network
from trainers.build import training_loss
from trainers.recipe import Recipe, RecipeError

__all__ = ["fastest_batch"]

_SIZES = (8, 16, 32, 64, 128)


def fastest_batch(network: Network, recipe: Recipe) -> int:
    """Return the smallest batch within 5 % of the most clips a second, of those that fit into memory.

    Parameters
    ----------
    network : Network
        Left as it is: a copy is trained.
    recipe : Recipe
        Its crop, loss and precision.

    Raises
    ------
    RecipeError
        When not even the smallest fits.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = copy.deepcopy(network).to(device).train()
    speeds: dict[int, float] = {}
    for size in _SIZES:
        try:
            speeds[size] = _clips_per_second(network, recipe, size, device)
        except (torch.OutOfMemoryError, MemoryError):
            break
    if not speeds:
        raise RecipeError(f"Not even {_SIZES[0]} clips of {recipe.crop_s:g} s fit into memory: lower crop_s.")
    return min(size for size, speed in speeds.items() if speed >= 0.95 * max(speeds.values()))


def _clips_per_second(network: Network, recipe: Recipe, size: int, device: str) -> float:
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    waves = 0.1 * torch.randn(size, crop, device=device)
    targets = (torch.arange(size, device=device) % 2).float()
    _step(network, recipe, waves, targets)  # warms up
    started = time.perf_counter()
    _step(network, recipe, waves, targets)
    return size / (time.perf_counter() - started)


def _step(network: Network, recipe: Recipe, waves: torch.Tensor, targets: torch.Tensor) -> None:
    device = waves.device.type
    with torch.autocast(device, torch.bfloat16, enabled=recipe.precision == "bf16-mixed"):
        loss = training_loss(network, recipe, waves, targets)
    loss.backward()
    if device == "cuda":
        torch.cuda.synchronize()
