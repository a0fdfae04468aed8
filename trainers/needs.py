"""What a training needs, found out before it starts: clips of both classes, space, and about how much time."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from core.corpus.table import Corpus, Problem
from core.detectors.network import Network
from core.errors import CorpusError
from trainers.build import Trial
from trainers.distillation import seconds_of_teachers
from trainers.frames import frames_bytes
from trainers.progress import duration
from trainers.recipe import Recipe
from trainers.waveforms import cache_bytes

__all__ = ["check_classes", "check_splits", "needs", "state_needs"]

_LOG = logging.getLogger(__name__)

_BOTH = ("bonafide", "spoof")
_WORDS = {"bonafide": "bona fide speech", "spoof": "spoofs"}


def check_splits(
    splits: Mapping[str, Corpus], recipe: Recipe, network: Network, *, problems: Sequence[Problem] = ()
) -> None:
    """See that ``train`` and ``dev`` have the classes that a recipe needs; raises as :func:`check_classes` does."""
    alone = not network.supervised or recipe.sampling.invented == 1
    check_classes(splits, {"train": _BOTH[:1] if alone else _BOTH, "dev": _BOTH}, problems=problems)


def check_classes(
    splits: Mapping[str, Corpus], wanted: Mapping[str, Sequence[str]], *, problems: Sequence[Problem] = ()
) -> None:
    """See that every split has the classes that it is needed for.

    Parameters
    ----------
    splits : dict of str to Corpus
    wanted : dict of str to sequence of str
        The labels that each split needs.
    problems : sequence of Problem
        Rows of the manifest that were left out, which may be why a class is missing.

    Raises
    ------
    CorpusError
        When one does not.
    """
    for split, labels in wanted.items():
        for label in sorted(set(labels) - set(splits[split].frame["label"])):
            raise CorpusError(
                f"The split {split!r} of the manifest has no {_WORDS[label]}, and some are needed: add clips of that "
                f"class, or mend the columns label and split.{_left_out(problems)}"
            )


def _left_out(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    return f" {len(problems)} of its rows were left out, the first ({problems[0].path}): {problems[0].what}."


def state_needs(
    network: Network, recipe: Recipe, splits: dict[str, Corpus], decoded: Sequence[Corpus], cache: Path, *,
    limit_gb: float, trial: Trial,
) -> None:  # fmt: skip
    """Log what a training of a network needs; parameters and errors are those of :func:`needs`."""
    _LOG.info("%s", needs(
        recipe, splits, decoded, cache, limit_gb=limit_gb, trial=trial,
        frames=frames_bytes(network, recipe, n_windows=len(splits["dev"].frame)),
        teachers_s=seconds_of_teachers(recipe.teachers, splits["train"].frame["seconds"]),
    ))  # fmt: skip


def needs(
    recipe: Recipe, splits: dict[str, Corpus], decoded: Sequence[Corpus], cache: Path, *, limit_gb: float,
    trial: Trial, frames: int = 0, teachers_s: float = 0.0,
) -> str:  # fmt: skip
    """Return a sentence for each thing that a training needs: clips, space of the cache, time.

    Parameters
    ----------
    recipe : Recipe
    splits : dict of str to Corpus
    decoded : sequence of Corpus
        The clips that are decoded into one file of the cache each.
    cache : Path
        Folder of decoded clips.
    limit_gb : float
        How large it may become, in 10^9 bytes.
    trial : Trial
        Seconds that a training step took for each of its crops.
    frames : int
        Bytes of the frames of frozen layers that are kept beside them.
    teachers_s : float
        Seconds that the teachers of a student take for all clips.

    Raises
    ------
    CorpusError
        When the clips do not fit on the disk.
    """
    kept = frames + sum(size for size in map(cache_bytes, decoded) if size <= limit_gb * 1e9)
    free = shutil.disk_usage(_existing(cache)).free
    # What lies there may be what is needed: an interrupted training must not be refused for its own files.
    if kept > free + _lying_in(cache):
        raise CorpusError(
            f"The decoded clips{_of_frames(frames)} need {kept / 1e9:.2f} GB, and {cache} has {free / 1e9:.2f} GB "
            "left: choose another folder with --work, or keep no clips with --cache-limit-gb 0."
        )
    clips = ", ".join(f"{len(split.frame):,} clips to {_USES[name]}" for name, split in splits.items())
    space = f"{kept / 1e9:.2f} GB of decoded clips{_of_frames(frames)} at most in {cache}"
    space += f", where {free / 1e9:.0f} GB are free"
    first = {
        "frozen layers": trial.input_s * (recipe.kept_crops + len(splits["dev"].frame)) if frames else 0.0,
        "teachers' scores": teachers_s,
    }  # fmt: skip
    return f"{recipe.name}: {clips}; {space}; {_work(recipe, trial, first)}."


def _of_frames(size: int) -> str:
    return f" and frames of frozen layers ({size / 1e9:.2f} GB)" if size else ""


_USES = {"train": "train on", "dev": "validate and calibrate on", "eval": "measure on"}


def _lying_in(cache: Path) -> int:
    return sum(file.stat().st_size for kind in ("waveforms-*.i16", "frames-*/frames.npy") for file in cache.glob(kind))


def _work(recipe: Recipe, trial: Trial, first: Mapping[str, float]) -> str:
    steps = sum(phase.steps for phase in recipe.phases)
    if not steps:
        return "fitted in one pass"
    text = f"{steps:,} steps of {recipe.batch or 'as many clips as is fastest,'} x {recipe.crop_s:g} s"
    if recipe.batch and not torch.cuda.is_available():
        text += f", roughly {duration(trial.step_s * recipe.batch * steps)} by one trial step"
    before = [f"{duration(seconds)} of {what}" for what, seconds in first.items() if seconds]
    return text + (f", and before them roughly {' and '.join(before)}, less what is kept already" if before else "")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
