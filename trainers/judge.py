"""Judge a recipe or a checkpoint by published pages that it was not trained on."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.torch import save

from core.analysis.format import text_table
from core.analysis.held_out import COLUMNS, held_out_table
from core.corpus.table import Corpus, read_corpora, read_corpus
from core.detectors.card import Card
from core.detectors.checkpoint import find_checkpoint, load_detector, read_card
from core.errors import CheckpointError
from core.files import sha256_json, write_bytes
from trainers.distillation import without_teachers_of
from trainers.fold_scores import Material, Raw, fold_scores
from trainers.folds import FOLDS, judged_corpus, kept_pages, on_page
from trainers.judged import calibrated, read_judged, write_judged
from trainers.phases import Machine
from trainers.recipe import Recipe
from trainers.scoring import score_split
from trainers.starts import started_elsewhere
from trainers.versions import VERSIONS, versions_of
from trainers.waveforms import SomeWaveforms, Waveforms

__all__ = ["Judge", "judged_markdown", "seen_pages"]

_LOG = logging.getLogger(__name__)
_WHY_BLIND = "trained on their pages: what a student gains by such teachers is not in these figures."
Pairs = Sequence[tuple[Path, Path]]


class Judge:
    """Leave-page-out cross-validation over the published pages of the splits ``train`` and ``dev``.

    For each of five fixed folds (``trainers.folds``) a recipe is trained on all clips of the two splits but those of
    the fold's pages, and scores these. ``eval`` is never read.

    Parameters
    ----------
    corpora : sequence of (manifest, root)
        Read as one.
    work : Path
        Folder for caches and unfinished trainings. What was computed once is not computed again.
    versions : sequence of str
        In which a held-out clip is scored; of ``trainers.versions.VERSIONS``.
    machine : Machine, optional

    Raises
    ------
    CorpusError
        When no clip stands on a published page.
    """

    def __init__(
        self, corpora: Pairs, *, work: Path, versions: Sequence[str] = VERSIONS, machine: Machine | None = None
    ) -> None:
        self._corpora, self._work, self._machine = corpora, work, machine or Machine()
        self.corpus = judged_corpus(read_corpora(corpora))
        waves = Waveforms(self.corpus, work / "cache", limit_gb=self._machine.cache_limit_gb)
        self._material = Material(self.corpus, versions_of(waves, versions))

    def recipe(
        self, recipe: Recipe, out: Path, *, share: float = 1.0, seed: int = 0, only_fold: int | None = None,
        resume: bool = True, others: Sequence[Recipe] = (),
    ) -> Path:  # fmt: skip
        """Judge a recipe, and write the scores of the held-out clips to ``out / NAME.csv``, figures beside it.

        First weights that were trained on pages of a fold are trained anew for it, by their own recipe.

        Parameters
        ----------
        recipe : Recipe
        out : Path
        share : float
            Share of the pages that are trained on, of those that the corpora after the first add; of all where there
            is one corpus. Clips that stand on no page are always trained on.
        seed : int
            Of the draw of that share.
        only_fold : int, optional
            Train for this fold alone, where a training is dear. The table holds it and the folds that were judged
            before, by the same recipe on the same clips.
        resume : bool
            Go on from where an interrupted training was.
        others : sequence of Recipe
            By which first weights are trained anew, where one bears their name; else the recipe that ships does.

        Returns
        -------
        Path
            The table of scores.

        Raises
        ------
        RecipeError
            When first weights were trained on a fold's pages, and there is no recipe of their name.
        """
        known = self._known(share, seed)
        parts: dict[int, pd.DataFrame] = {}
        left_out: set[str] = set()
        anew: set[str] = set()
        for fold in range(FOLDS):
            split = self._split(fold, known)
            blind = self._blind(recipe, fold, split, others)
            wanted = only_fold in (None, fold) or _are_kept(blind.places)
            if wanted and split.held_out.any():
                parts[fold] = self._table(split.held_out, self._scores(blind, split, resume=resume))
                left_out |= set(recipe.teachers) - set(blind.recipe.teachers)
                anew |= set(blind.starts)
        about = {
            "recipe": recipe.model_dump(mode="json") | {"initial_weights": ", ".join(recipe.start_names)},
            "training_pages": len(self._pages(known)), "training_clips": int(known.sum()), "share": share,
            "seed": seed, "corpus_digest": self.corpus.digest, "folds": sorted(parts),
            "teachers_left_out": sorted(Path(teacher).name for teacher in left_out),
            "started_anew": sorted(Path(source).name for source in anew),
        }  # fmt: skip
        return write_judged(out, recipe.name, calibrated(pd.concat(parts.values(), ignore_index=True)), about)

    def checkpoint(self, name: str | Path, out: Path) -> Path:
        """Judge a finished checkpoint on the pages that it was not trained on; otherwise as ``recipe``.

        Raises
        ------
        CheckpointError
            When its card does not name its pages, or it was trained on all of them.
        """
        card = read_card(find_checkpoint(name))
        seen = seen_pages(card, self._corpora)
        frame = self.corpus.frame
        held_out = on_page(frame) & ~frame["page"].isin(seen).to_numpy()
        if not held_out.any():
            raise CheckpointError(
                f"{card.name} was trained on all {len(seen)} pages of the corpus: judge its recipe, which is trained "
                "again without each fold's pages."
            )
        rows = held_out.nonzero()[0]
        detector = load_detector(name)
        raw = {v: score_split(detector, SomeWaveforms(w, rows)) for v, w in self._material.versions.items()}
        about = {"checkpoint": card.name, "sha256": card.sha256, "training_pages": len(seen)}
        return write_judged(out, card.name, calibrated(self._table(held_out, raw)), about)

    def _known(self, share: float, seed: int) -> NDArray[np.bool_]:
        """Return the clips that may be trained on: all but those of pages that a share leaves out."""
        frame = self.corpus.frame
        if share >= 1:
            return np.ones(len(frame), dtype=bool)
        drawn = on_page(frame)
        if len(self._corpora) > 1:
            drawn &= ~_of_first(self.corpus, self._corpora)
        kept = kept_pages(frame.loc[drawn, "page"], share, seed=seed)
        return ~drawn | frame["page"].isin(kept).to_numpy()

    def _split(self, fold: int, known: NDArray[np.bool_]) -> "_Split":
        frame = self.corpus.frame
        held_out = (frame["fold"] == fold).to_numpy()
        # A recording that stands elsewhere too, under its own name, must not be on both sides.
        sources = set(frame.loc[held_out, "source"]) - {"", "-"}
        return _Split(known & ~held_out & ~frame["source"].isin(sources).to_numpy(), held_out)

    def _blind(self, recipe: Recipe, fold: int, split: "_Split", others: Sequence[Recipe]) -> "_Blind":
        """Return a recipe as a fold is trained by it: of what it starts or learns from, nothing knows other pages."""
        unknown = self._pages(~split.trained_on)
        blind = without_teachers_of(recipe, unknown)
        anew = started_elsewhere(blind, unknown, others)
        starts = {source: self._blind(theirs, fold, split, others) for source, theirs in anew.items()}
        rows = self.corpus.frame[["path", "sha256", "label", "split"]]
        digests = [rows[part].astype(str).to_numpy().tolist() for part in split]
        # Without defaults: a key that recipes gain later takes nothing away from what was computed.
        keyed = [blind.model_dump(mode="json", exclude_defaults=True), digests]
        if starts:
            keyed.append([one.folder.name for one in starts.values()])
        folder = self._work / "judged" / f"{recipe.name}-{fold}-{sha256_json(keyed)[:24]}"
        versions = {name: folder / f"{name.replace(' ', '-')}.csv" for name in self._material.versions}
        return _Blind(blind, fold, folder, versions, starts)

    def _scores(self, blind: "_Blind", split: "_Split", *, resume: bool) -> Raw:
        """Return the raw scores of a fold, from the cache where it was judged before."""
        if not _are_kept(blind.places):
            self._train(blind, split, resume=resume)
        return {name: np.loadtxt(path, ndmin=1) for name, path in blind.places.items()}

    def _train(self, blind: "_Blind", split: "_Split", *, resume: bool) -> None:
        """Train a fold's network, after those that it starts from; keep scores and, where it takes steps, weights."""
        for one in blind.starts.values():
            if not one.weights.exists():
                self._train(one, split, resume=resume)
        _LOG.info("%s: fold %d of %d, %s", blind.recipe.name, blind.fold + 1, FOLDS, split)
        sources = [str(blind.starts[s].weights) if s in blind.starts else s for s in blind.recipe.starts_from]
        recipe = blind.recipe.model_copy(update={"initial_weights": ",".join(sources)})
        raw, network = fold_scores(
            recipe, self._material, *split, folder=blind.folder / "training", resume=resume, machine=self._machine
        )
        blind.folder.mkdir(parents=True, exist_ok=True)
        if recipe.phases:
            write_bytes(blind.weights, save({k: v.contiguous() for k, v in network.state_dict().items()}))
        for name, path in blind.places.items():
            np.savetxt(path.with_suffix(".part"), raw[name])
            path.with_suffix(".part").replace(path)

    def _table(self, held_out: NDArray[np.bool_], raw: Raw) -> pd.DataFrame:
        clips = self.corpus.frame.loc[held_out, [name for name in COLUMNS if name in self.corpus.frame]]
        return pd.concat([clips.assign(version=name, raw=values) for name, values in raw.items()], ignore_index=True)

    def _pages(self, clips: NDArray[np.bool_]) -> set[str]:
        """Return the published pages that some clips stand on."""
        frame = self.corpus.frame[clips]
        return set(frame.loc[on_page(frame), "page"])


def _are_kept(places: Mapping[str, Path]) -> bool:
    return all(path.exists() for path in places.values())


class _Blind(NamedTuple):
    """A recipe as one fold is trained by it, where its scores are kept, and what is trained before it."""

    recipe: Recipe
    fold: int
    folder: Path
    places: Mapping[str, Path]
    starts: Mapping[str, "_Blind"]

    @property
    def weights(self) -> Path:
        """Return the file of the fold's network."""
        return self.folder / "network.safetensors"


class _Split(NamedTuple):
    """Which clips a fold's network is trained on, and which it scores."""

    trained_on: NDArray[np.bool_]
    held_out: NDArray[np.bool_]

    def __str__(self) -> str:
        return f"trained on {self.trained_on.sum():,} clips, {self.held_out.sum():,} held out"


def _of_first(corpus: Corpus, corpora: Pairs) -> NDArray[np.bool_]:
    """Return which clips the first of the corpora holds."""
    first = read_corpus(*corpora[0])
    paths = {str((first.root / path).resolve()) for path in first.frame["path"]}
    return np.array([str((corpus.root / path).resolve()) in paths for path in corpus.frame["path"]])


def seen_pages(card: Card, corpora: Pairs) -> set[str]:
    """Return the published pages that a checkpoint was trained on.

    By its card; where that names none, by the corpus whose digest it holds.

    Raises
    ------
    CheckpointError
        When neither does.
    """
    training = card.training
    if training is not None and training.pages is not None:
        return set(training.pages)
    # What a student knows of pages, it may have from its teachers.
    known = training is not None and not training.recipe.get("teachers")
    for pair in corpora if known else ():
        one = read_corpus(*pair)
        if training is not None and one.digest == training.corpus_digest:
            frame = one.frame[one.frame["split"] == training.split]
            return set(frame["page"]) - {"", "-"}
    raise CheckpointError(
        f"The card of {card.name} does not name the pages it was trained on, so that none can be held out: judge "
        "its recipe, or train it again."
    )


def judged_markdown(path: Path) -> str:
    """Return the figures of judged scores as Markdown: what was judged, and a table by kind, language and version."""
    frame, about = read_judged(path)
    what = f"{about['name']}: {frame['path'].nunique():,} clips of {frame['page'].nunique()} held-out pages"
    text = f"## {what}\n\n{text_table(held_out_table(about['rows']), markdown=True)}"
    if about.get("teachers_left_out"):
        teachers = ", ".join(about["teachers_left_out"])
        text += f"\n\nThe folds were trained on labels in place of {teachers}, {_WHY_BLIND}"
    if about.get("started_anew"):
        text += f"\n\nThe folds started from {', '.join(about['started_anew'])} trained anew, without their pages too."
    return text
