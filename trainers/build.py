"""A recipe's network, built and tried on noise before any recording is decoded."""

import copy
import inspect
import time
from pathlib import Path

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.detectors.checkpoint import load_detector, read_foreign_weights
from core.detectors.network import NETWORKS, Network
from trainers.losses import LOSSES, cell_loss
from trainers.recipe import Phase, Recipe, RecipeError

__all__ = ["build_network", "choose_parameters", "training_loss", "trial_step"]

_CLIPS = 2


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
    if recipe.initial_weights:
        try:
            network.start_from(_initial_weights(recipe.initial_weights))
        except (RuntimeError, KeyError) as error:
            what = f"The weights {recipe.initial_weights} do not fit {recipe.architecture!r} as the recipe builds it"
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
    for number, phase in enumerate(recipe.phases):
        choose_parameters(network, phase, number=number)
    return network


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


def training_loss(network: Network, recipe: Recipe, waveforms: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of crops [shape=(batch, n)] with their targets P(bona fide) [shape=(batch,)].

    Where each cell has a target of its own [shape=(batch, bands, steps)], the loss is that of the cells.
    """
    if targets.ndim > 1:
        return cell_loss(network.cells(waveforms), targets, recipe)
    if network.supervised:
        return LOSSES[recipe.loss](network(waveforms), targets, recipe)
    return network.loss(network.frontend(waveforms))


def trial_step(network: Network, recipe: Recipe) -> float:
    """Try training steps on two clips of noise, with a copy of the network; return the seconds a step takes a clip.

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
            training_loss(copied, recipe, waves, targets).backward()  # warms up
            started = time.perf_counter()
            training_loss(copied, recipe, waves, targets).backward()
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise RecipeError(
                f"{recipe.architecture!r} cannot be trained on crops of {recipe.crop_s:g} s as the recipe builds it: "
                f"{error}"
            ) from error
    return (time.perf_counter() - started) / _CLIPS
