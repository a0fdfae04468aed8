"""A recipe's network, built and tried on noise before any recording is decoded."""

import copy
import inspect
import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.detectors.checkpoint import borrow, load_detector, read_foreign_weights
from core.detectors.network import NETWORKS, Network
from trainers.losses import LOSSES, cell_loss
from trainers.recipe import Phase, Recipe, RecipeError

__all__ = ["Trial", "build_network", "choose_parameters", "training_loss", "trial_step"]

_CLIPS = 2


class Trial(NamedTuple):
    """What a network took for one crop: seconds of a training step, and seconds until it had the step's input."""

    step_s: float = 0.0
    input_s: float = 0.0


def build_network(recipe: Recipe) -> Network:
    """Return the network of a recipe with its first weights.

    Raises
    ------
    UnknownNameError
        When there is no such architecture, or no such checkpoint to start from.
    RecipeError
        When the hyper-parameters do not fit the architecture, the initial weights do not fit the network, or a phase
        would train nothing.
    """
    kind = NETWORKS.get(recipe.architecture)
    try:
        network = kind(**recipe.hyperparameters)
    except (TypeError, ValueError, LookupError, RuntimeError) as error:
        raise RecipeError(_misfit(recipe, list(inspect.signature(kind).parameters), error)) from error
    borrow(network)
    for source in recipe.starts_from:
        try:
            network.start_from(_initial_weights(source))
        except (RuntimeError, KeyError) as error:
            what = f"The weights {source} do not fit {recipe.architecture!r} as the recipe builds it"
            raise RecipeError(f"{what}: {error}") from error
    if not network.supervised and "polarity" not in dict(network.named_buffers()):
        raise RecipeError(
            f"{recipe.architecture!r} is trained on bona fide speech alone, and the sign of its score is found on dev: "
            "give it a buffer `polarity` of 1.0, and multiply its raw output by it."
        )
    if recipe.splices.any and (network.grid() is None or recipe.mixup or recipe.teachers):
        raise RecipeError(
            "The recipe trains cell by cell (`splices`): that needs a network with a grid of cells, such as "
            "`localiser`, and neither `mixup` nor `teachers`."
        )
    moving = [name for name in ("silence_trim", "speed") if getattr(recipe.augmentation, name)]
    if recipe.splices.any and moving:
        raise RecipeError(
            "The recipe trains cell by cell (`splices`), and its augmentation moves sounds off their targets: set "
            f"{' and '.join(moving)} to 0."
        )
    _check_frames(network, recipe)
    for number, phase in enumerate(recipe.phases):
        choose_parameters(network, phase, number=number)
    return network


def _check_frames(network: Network, recipe: Recipe) -> None:
    on_frames = network.learns_from_frames
    if on_frames and (not recipe.splices.any or recipe.batch == 0 or recipe.kept_crops < recipe.batch):
        raise RecipeError(
            f"{recipe.architecture!r} is trained on the frames of crops: that needs `splices`, a `batch`, and "
            "`kept_crops`, at least as many as a batch takes."
        )
    if on_frames and (recipe.masks.time or recipe.masks.frequency):
        raise RecipeError(f"{recipe.architecture!r} is trained on frames: set the `masks` of time and frequency to 0.")
    if not on_frames and recipe.kept_crops:
        raise RecipeError(f"{recipe.architecture!r} has no frozen frames: leave out `kept_crops`.")


def _misfit(recipe: Recipe, known: list[str], error: Exception) -> str:
    unknown = [name for name in recipe.hyperparameters if name not in known]
    there_are = ", ".join(known) or "(none)"
    if unknown:
        return f"{recipe.architecture!r} has no hyper-parameter {' or '.join(unknown)}; there are: {there_are}."
    return f"The hyper-parameters of the recipe do not fit {recipe.architecture!r}, which has {there_are}: {error}"


def _initial_weights(source: str) -> dict[str, torch.Tensor]:
    """Return the weights of a checkpoint of ours (a folder or a name that ships) or of a file of others."""
    if Path(source).is_file():
        return read_foreign_weights(Path(source))
    return load_detector(source).network.state_dict()


def choose_parameters(network: Network, phase: Phase, *, number: int) -> None:
    """Let only those parameters learn that a phase trains.

    Raises
    ------
    RecipeError
        When there are none.
    """
    trained = network if phase.learns == "all" else _last_layer(network, number)
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in trained.parameters():
        parameter.requires_grad_(True)
    for name in network.frozen_modules:
        network.get_submodule(name).requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise RecipeError(
            f"Phase {number} of the recipe (learns = {phase.learns!r}) would train nothing: {type(trained).__name__} "
            "has no parameters. Let last_layer() of the network return its classifying layer."
        )


def _last_layer(network: Network, number: int) -> nn.Module:
    try:
        return network.last_layer()
    except TypeError as error:
        raise RecipeError(f"Phase {number} of the recipe trains the last layer alone. {error}") from error


def training_loss(network: Network, recipe: Recipe, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of a batch with its targets P(bona fide).

    Parameters
    ----------
    network : Network
    recipe : Recipe
    inputs : Tensor
        What ``network.training_input`` returns for crops.
    targets : Tensor [shape=(batch,) or (batch, bands, steps)]
        Of the crops; or of the cells of ``network.target_grid()``, whose loss it then is.
    """
    if not network.supervised:
        return network.loss(network.frontend(inputs))
    output = network.from_training_input(inputs)
    if targets.ndim == 1:
        return LOSSES[recipe.loss](output, targets, recipe)
    assert output.cells is not None, "a network with a grid has cells"
    one_band = targets.shape[1] == 1
    return cell_loss(output.cells.mean(1, keepdim=True) if one_band else output.cells, targets, recipe)


def trial_step(network: Network, recipe: Recipe) -> Trial:
    """Try training steps on two crops of noise, with a copy of the network.

    Raises
    ------
    LossError
        When the recipe's loss does not suit the network's head.
    RecipeError
        When the network cannot be trained on crops of the recipe's length.
    """
    copied = copy.deepcopy(network).train()
    for parameter in copied.parameters():
        parameter.requires_grad_(True)
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    # What is random here must not change what is random in the training.
    with torch.random.fork_rng():
        waves, targets = 0.1 * torch.randn(_CLIPS, crop), (torch.arange(_CLIPS) % 2).float()
        try:
            training_loss(copied, recipe, copied.training_input(waves), targets).backward()  # warms up
            started = time.perf_counter()
            inputs = copied.training_input(waves)
            between = time.perf_counter()
            training_loss(copied, recipe, inputs, targets).backward()
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise RecipeError(
                f"{recipe.architecture!r} cannot be trained on crops of {recipe.crop_s:g} s as the recipe builds it: "
                f"{error}"
            ) from error
    return Trial((time.perf_counter() - between) / _CLIPS, (between - started) / _CLIPS)
