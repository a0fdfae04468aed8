"""A recipe: everything that decides how a detector is trained, in one small file."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import SpoofscopeError

__all__ = ["Augmentation", "Masks", "Phase", "Recipe", "RecipeError", "Sampling", "load_recipe", "recipe_names"]

_FOLDER = Path(__file__).parent / "recipes"


class RecipeError(SpoofscopeError):
    """A recipe that does not exist or says something impossible."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Augmentation(_Strict):
    """Probability of each change to a training clip; both classes are changed alike.

    ``rawboost_algorithm`` is 1 to 8 (trainers/rawboost.py); ``codec_chain`` is the share of clips sent through a codec
    that are sent through a second one.
    """

    silence_trim: float = 0.0
    speed: float = 0.0
    pitch: float = 0.0
    pitch_semitones: tuple[float, float] = (-2.0, 2.0)
    reverberation: float = 0.0
    equaliser: float = 0.0
    band_limit: float = 0.0
    phase: float = 0.0
    rawboost: float = 0.0
    rawboost_algorithm: int = Field(default=4, ge=1, le=8)
    noise: float = 0.0
    noise_snr_db: tuple[float, float] = (5.0, 40.0)
    gain: float = 0.0
    gain_db: tuple[float, float] = (-20.0, 6.0)
    clipping: float = 0.0
    resample: float = 0.0
    codec: float = 0.0
    codec_chain: float = 0.0


class Masks(_Strict):
    """Stripes of the representation set to its mean (SpecAugment, Park et al. 2019); widths in frames and bins."""

    time: int = 0
    frequency: int = 0
    count: int = 1


class Sampling(_Strict):
    """How batches are drawn: as many bona fide as spoof, groups weighted by ``count ** power``.

    ``pairs`` is the share of spoofs drawn from the batch's own bona fide sources; ``rare`` multiplies the weight of
    bona fide speech that is vivid or spontaneous; ``published`` is the share of spoofs from the published part;
    ``invented`` is the share of spoofs made on the fly from the batch's own bona fide clips (trainers/invent.py).
    """

    power: float = 0.5
    pairs: float = 0.0
    rare: float = 1.0
    published: float = 0.5
    invented: float = 0.0


class Phase(_Strict):
    """A stretch of training: for how many steps, which part of the network learns, at which rate."""

    steps: int
    learning_rate: float
    learns: Literal["all", "head"] = "all"
    schedule: Literal["constant", "cosine", "cyclic", "plateau"] = "cosine"


class Recipe(_Strict):
    """How one detector is trained; the keys of a file in ``trainers/recipes``.

    ``batch`` 0 looks for the size that this machine trains fastest with. ``mixup`` is the parameter of its Beta
    distribution, ``teachers`` are checkpoints, or "panel", whose mean P(bona fide) replaces the share
    ``distillation`` of a clip's label, ``ema_decay`` and ``swa_from`` (a share of each phase) average the weights,
    ``sharpness_radius`` above 0 steps by the gradients so far uphill (SAM), at twice the work.
    Without ``phases`` the network only looks at the corpus once, as mixture models do.
    """

    name: str
    architecture: str
    summary: str
    hyperparameters: dict[str, Any] = {}
    initial_weights: str = ""
    seed: int = 1234
    crop_s: float = 3.0
    batch: int = 32
    phases: list[Phase] = []
    weight_decay: float = 1e-4
    sharpness_radius: float = Field(default=0.0, ge=0.0)
    loss: Literal["cross-entropy", "focal", "am-softmax", "oc-softmax"] = "cross-entropy"
    label_smoothing: float = 0.05
    class_weights: tuple[float, float] = (1.0, 1.0)
    focal_gamma: float = 2.0
    am_margin: float = 0.2
    oc_margins: tuple[float, float] = (0.9, 0.2)
    mixup: float = 0.0
    teachers: list[str] = []
    distillation: float = 0.5
    ema_decay: float = 0.0
    swa_from: float = 1.0
    precision: Literal["32-true", "bf16-mixed"] = "bf16-mixed"
    gradient_clip: float = 5.0
    validate_every: int = 100
    patience: int = 8
    masks: Masks = Masks()
    augmentation: Augmentation = Augmentation()
    sampling: Sampling = Sampling()
    limits: list[str] = Field(default_factory=list)


def recipe_names() -> list[str]:
    """Return the names of the recipes that ship."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_recipe(name_or_path: str, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe by its name or from a TOML file.

    Parameters
    ----------
    name_or_path : str
    changes : sequence of str
        Keys to change, as "augmentation.codec=0" or "phases.0.steps=600"; values are TOML, or else plain words.

    Raises
    ------
    RecipeError
        When there is no such recipe, or a key of it is unknown or impossible.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        # Names of before had a hyphen where the recipe's own part now begins with a full stop.
        renamed = {name.replace(".", "-"): name for name in recipe_names()}
        path = _FOLDER / f"{renamed.get(name_or_path, name_or_path)}.toml"
    if not path.is_file():
        raise RecipeError(f"There is no recipe {name_or_path!r}; there are: {', '.join(recipe_names())}.")
    try:
        settings = tomllib.loads(path.read_text())
        for change in changes:
            _change(settings, change)
        return Recipe(**settings)
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"The recipe {path.name} cannot be read: {error}") from error


def _change(settings: Any, change: str) -> None:
    """Set one key of nested tables and lists in place."""
    key, equals, text = change.partition("=")
    if not equals:
        raise RecipeError(f"A change is written key=value, not {change!r}.")
    *way, last = [int(step) if step.isdigit() else step for step in key.strip().split(".")]
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    try:
        for step in way:
            settings = settings.setdefault(step, {}) if isinstance(settings, dict) else settings[step]
        settings[last] = value
    except (TypeError, IndexError) as error:
        raise RecipeError(f"The recipe has no key {key.strip()!r} to change.") from error
