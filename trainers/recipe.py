"""A recipe: everything that decides how a detector is trained. Its keys are the fields of these models."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.errors import SpoofscopeError

__all__ = ["Augmentation", "Masks", "Phase", "Recipe", "RecipeError", "Sampling"]


class RecipeError(SpoofscopeError):
    """A recipe that does not exist or asks for something impossible."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _chance(description: str) -> Any:
    return Field(default=0.0, ge=0.0, le=1.0, description=f"Probability: {description}")


class Augmentation(_Strict):
    """Probability of each change to a training clip, in this order, after the crop; both classes are changed alike."""

    silence_trim: float = _chance("both ends are cut 40 dB below the loudest frame, and the rest is repeated.")
    speed: float = _chance("played at 0.9, 0.95, 1.05 or 1.1 times the speed, pitch included.")
    pitch: float = _chance("the pitch is moved within `pitch_semitones`, the tempo kept, by a phase vocoder.")
    pitch_semitones: tuple[float, float] = Field(default=(-2.0, 2.0), description="Range of `pitch`, in semitones.")
    reverberation: float = _chance("a room of 0.1 to 0.6 s: decaying noise below the direct sound.")
    equaliser: float = _chance("a smooth random gain of up to 12 dB.")
    band_limit: float = _chance("a band from 40-300 Hz to 3.4-7.8 kHz.")
    phase: float = _chance("two to eight random all-passes, perhaps the other sign: magnitudes stay.")
    rawboost: float = _chance("RawBoost (arXiv:2111.04433).")
    rawboost_algorithm: int = Field(
        default=4,
        ge=1,
        le=8,
        description="1 filtered powers, 2 impulses, 3 filtered noise, 4 all, 5 = 1 + 2, 6 = 1 + 3, 7 = 2 + 3, "
        "8 = 1 beside 2.",
    )
    noise: float = _chance("noise that falls by 0 to 6 dB an octave.")
    noise_snr_db: tuple[float, float] = Field(
        default=(5.0, 40.0), description="Range of the signal-to-noise ratio, in dB."
    )
    gain: float = _chance("another level, within `gain_db`.")
    gain_db: tuple[float, float] = Field(default=(-20.0, 6.0), description="Range of `gain`, in dB.")
    clipping: float = _chance("the loudest 0 to 3 % of the samples are clipped.")
    resample: float = _chance("to 8, 11.025, 22.05 or 24 kHz and back, through filters of three qualities.")
    telephone: float = _chance("a telephone: 300 Hz to 3.4 kHz, then mu-law, A-law or GSM 6.10 at 8 kHz.")
    codec: float = _chance(
        "MP3 (constant, average, variable rate), Vorbis, Opus, mu-law, A-law, GSM 6.10, IMA, Microsoft and NMS ADPCM, "
        "G.721 or G.723, at a random rate and quality, low bit rates more often."
    )
    codec_chain: float = _chance("a coded clip goes through a second codec.")
    opus: float = _chance(
        "Opus at 8 to 48 kbit/s, a messenger's voice note: `codec` seldom draws it at rates that are in use."
    )

    @property
    def changes_anything(self) -> bool:
        """Whether any change has a probability above 0."""
        return any(isinstance(value, float) and value > 0 for _, value in self)


class Masks(_Strict):
    """Stripes of the representation set to its mean (SpecAugment, Park et al. 2019)."""

    time: int = Field(default=0, ge=0, description="Widest stripe over time, in frames; 0 for none.")
    frequency: int = Field(default=0, ge=0, description="Widest stripe over frequency, in bins; 0 for none.")
    count: int = Field(default=1, ge=0, description="Stripes of each kind.")


class Sampling(_Strict):
    """How batches are drawn: half bona fide, half spoof, for networks that are trained on both classes.

    Groups are (dataset, kind) for bona fide speech and the system for spoofs.
    """

    power: float = Field(
        default=0.5, description="A group weighs its number of clips to this power: 1 draws clips evenly, 0 groups."
    )
    pairs: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Share of the `made` spoofs that are drawn from the batch's own bona fide sources, so that words, "
        "speaker, room and level cannot separate the classes.",
    )
    rare: float = Field(default=1.0, gt=0.0, description="Factor for bona fide speech that is vivid or spontaneous.")
    published: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Share of the spoofs that come from the part `published`, where the corpus has one.",
    )
    invented: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Share of the spoofs that are made on the fly from the batch's own bona fide clips "
        "(trainers/invent.py). With 1.0, `train` needs no spoofs.",
    )


class Splices(_Strict):
    """Crops whose spoofed seconds and bands are known, for networks that score cell by cell (``trainers/splices.py``).

    With all at 0, crops are of one class each and targets are the clips'.
    """

    pairs: float = _chance("the crop is spliced from a recording and its aligned copy, drawn by system.")
    invented: float = _chance("else, a bona fide clip is spliced with a spoof of it that is made on the fly.")
    joins: float = _chance("else, a clip is cut and joined, with itself or its like: no evidence at all.")
    bands: float = _chance("a splice takes some of the frequencies alone.")

    @property
    def any(self) -> bool:
        """Whether crops hold pieces at all."""
        return self.pairs > 0 or self.invented > 0


class Phase(_Strict):
    """A stretch of training."""

    steps: int = Field(ge=1, description="Batches.")
    learning_rate: float = Field(gt=0.0, description="Highest rate of the schedule.")
    learns: Literal["all", "head"] = Field(
        default="all", description="What is trained: the network, or its last layer alone."
    )
    schedule: Literal["constant", "cosine", "cyclic", "plateau"] = Field(
        default="cosine", description="Of the learning rate."
    )


class Recipe(_Strict):
    """How one detector is trained."""

    name: str = Field(description="Of the checkpoint: `architecture.recipe`. By default the file's name.")
    architecture: str = Field(
        description="A registered detector. By default that of the recipe it extends, else the name up to the first "
        "full stop."
    )
    summary: str = Field(description="What the detector is, in one sentence, for its card. Never inherited.")
    hyperparameters: dict[str, Any] = Field(default={}, description="Keyword arguments of the architecture.")
    initial_weights: str = Field(
        default="", description="Weights to start from: a checkpoint, or a file of others. Random if empty. Several, "
        "separated by commas, are taken over in that order: of a network of this kind all, then of another one a part."
    )
    seed: int = Field(
        default=1234, ge=0, description="Of everything random: first weights, batches, crops, augmentation."
    )
    crop_s: float = Field(default=3.0, gt=0.0, description="Seconds of a clip in a training step, at most the window.")
    batch: int = Field(
        default=32, ge=0, description="Clips in a step; 0 looks for the size that this machine trains fastest with."
    )
    kept_crops: int = Field(
        default=0,
        ge=0,
        description="Crops that go through frozen layers once, for steps that draw from their frames; for networks "
        "that train on such frames.",
    )
    phases: list[Phase] = Field(
        default=[],
        description="Stretches of training, one after the other. None for what is fitted in one pass (mixtures, "
        "support vector machines).",
    )
    weight_decay: float = Field(default=1e-4, ge=0.0, description="Of the optimiser, AdamW.")
    sharpness_radius: float = Field(
        default=0.0, ge=0.0, description="Radius of sharpness-aware minimisation; 0 for none. Twice the work a step."
    )
    loss: Literal["cross-entropy", "focal", "am-softmax", "oc-softmax"] = Field(
        default="cross-entropy",
        description="`am-softmax` needs the head `cosine`, `oc-softmax` the head `one-class`. Networks trained on bona "
        "fide speech alone have a loss of their own.",
    )
    label_smoothing: float = Field(
        default=0.05, ge=0.0, lt=1.0, description="Of the losses `cross-entropy` and `focal`."
    )
    class_weights: tuple[float, float] = Field(default=(1.0, 1.0), description="Of (spoof, bona fide) in the loss.")
    focal_gamma: float = Field(default=2.0, ge=0.0, description="Of the loss `focal`.")
    am_margin: float = Field(default=0.2, ge=0.0, description="Of the loss `am-softmax`.")
    oc_margins: tuple[float, float] = Field(
        default=(0.9, 0.2), description="Of the loss `oc-softmax`: (bona fide, spoof)."
    )
    mixup: float = Field(
        default=0.0,
        ge=0.0,
        description="Blends clips and targets, by a Beta distribution of this parameter; 0 for none.",
    )
    teachers: list[str] = Field(
        default=[],
        description="Checkpoints, or `panel`, whose mean P(bona fide) replaces the share `distillation` of a "
        "clip's label.",
    )
    distillation: float = Field(default=0.5, ge=0.0, le=1.0, description="Share of the teachers in a clip's target.")
    ema_decay: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="Decay of the exponential average of the weights; 0 for none."
    )
    swa_from: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="The weights are averaged from this share of each phase on; 1 for never.",
    )
    precision: Literal["32-true", "bf16-mixed"] = Field(
        default="bf16-mixed", description="Of the arithmetic in training."
    )
    gradient_clip: float = Field(default=5.0, ge=0.0, description="Longest gradient; 0 for no limit.")
    validate_every: int = Field(default=100, ge=1, description="Steps between validations on `dev`.")
    patience: int = Field(default=8, ge=1, description="Validations without improvement before a phase ends.")
    masks: Masks = Field(default=Masks(), description="Stripes of the representation that are hidden.")
    augmentation: Augmentation = Field(default=Augmentation(), description="Changes to training clips.")
    sampling: Sampling = Field(default=Sampling(), description="How batches are drawn.")
    splices: Splices = Field(default=Splices(), description="Crops put together of pieces.")
    limits: list[str] = Field(
        default=[],
        description="Sentences for the card: what this detector cannot do. How much speech it was trained on, its "
        "window and where its first weights came from are added by the trainer.",
    )

    @property
    def starts_from(self) -> list[str]:
        """The checkpoints and files that ``initial_weights`` names, in order."""
        return [source.strip() for source in self.initial_weights.split(",") if source.strip()]

    @property
    def start_names(self) -> list[str]:
        """The same without their places, which are nobody's business."""
        return [Path(source).name for source in self.starts_from]
