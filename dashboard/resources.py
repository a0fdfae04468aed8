"""The panel, the other detectors, the runs and the examples: each read once, when first asked for."""

import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import CheckpointError, ResultsError, ReviewError
from core.session import Pace
from core.settings import CORPUS
from dashboard.featured import Featured
from dashboard.visits import Visits

if TYPE_CHECKING:
    from core.audio.examples import Example
    from core.detectors.detector import Detector
    from core.explain.base import Explanation
    from core.explain.cues import Cue
    from core.overlap import Overlap
    from core.results.elsewhere import Elsewhere
    from core.results.library import Library
    from core.results.store import Run
    from core.usecases import Analysis, Panel
    from dashboard.jobs import Jobs

__all__ = ["Resources"]

_log = logging.getLogger(__name__)

# Detectors outside of the panel that stay in memory.
_SPARE = 2


class Resources:
    """What the page stands on, read by whichever thread comes first.

    Parameters
    ----------
    names : sequence of str or Path, optional
        Checkpoints of the panel; the panel that ships when not given.
    runs : sequence of Path
        Folders of runs, besides those in the user's data folder and the one that ships.
    local : bool
        Whether all visitors sit at this machine, and may open any of its folders.

    Attributes
    ----------
    featured : Featured
        The examples on the first screen.
    visits : Visits
        The recordings that the page's visitors look at.
    pace : Pace
        How long detectors take here.
    """

    def __init__(
        self, names: Sequence[str | Path] | None = None, *, runs: Sequence[Path] = (), local: bool = False
    ) -> None:
        self._names = names
        self._runs = [folder.resolve() for folder in runs]
        self._local = local
        self._panel: Panel | None = None
        self._run: Run | None = None
        self._run_problem: str | None = None
        self._elsewhere: Elsewhere | None = None
        self._examples: list[Example] | None = None
        self.featured = Featured(self)
        self.visits = Visits()
        self.pace = Pace()
        self._locks = {what: threading.RLock() for what in ("panel", "run", "examples")}

    @property
    def named(self) -> list[str] | None:
        """The checkpoints that were named for the panel; None where it is the one that ships."""
        return None if self._names is None else [str(name) for name in self._names]

    # -- detectors -------------------------------------------------------------------------------------------

    @property
    def panel(self) -> "Panel":
        """The detectors; those outside of the panel are loaded when they are looked up, and few of them stay.

        Raises
        ------
        CheckpointError
            When none is there or one is damaged.
        """
        from core.usecases import load_panel

        with self._locks["panel"]:
            if self._panel is None:
                self._panel = load_panel(self._names, others=True, spare=_SPARE)
            return self._panel

    def detector(self, name: str) -> "Detector":
        """Return a detector of the panel, or one of the others, which is loaded now.

        Raises
        ------
        CheckpointError
            When it is neither, or damaged.
        """
        if name not in self.panel.detectors:
            raise CheckpointError(f"{name} is not among the detectors of this page.")
        return self.panel.detectors[name]

    @cached_property
    def autoencoder(self) -> str | None:
        """Name of the first detector whose reconstruction error can be shown; None where there is none."""
        for name in self.panel.detectors:
            try:
                if self.panel.rebuilds(name):
                    return name
            except CheckpointError as error:
                # *Models & data* shows it, too.
                _log.warning("%s", error)
        return None

    def methods(self, name: str | None) -> list[str]:
        """Return the methods that explain a detector, its default first; none where no detector is named."""
        from core.explain.base import methods_for

        return [] if name is None else methods_for(self.detector(name))

    def default_method(self, name: str | None) -> str | None:
        """Return the method that explains a detector by default.

        None where no detector is named, or its maps are no better than chance.
        """
        from core.explain.base import default_method

        return None if name is None else default_method(self.detector(name))

    def no_map_reason(self, name: str) -> str:
        """Return why a detector shows no map by default; empty where it shows one."""
        from core.explain.earned import no_map_reason

        return no_map_reason(self.detector(name))

    def map_record(self, name: str, method: str) -> str:
        """Return how often such maps of the detector found planted evidence; empty where that was not measured."""
        from core.explain.earned import map_sentence

        return map_sentence(self.detector(name), method)

    def explain(self, analysis: "Analysis", name: str, method: str | None) -> "Explanation":
        """Return what a detector relies on in an analysed clip, with its faithfulness check.

        Raises
        ------
        ExplanationError
            When there is no explanation by that method.
        """
        from core.usecases import explain_clip

        return explain_clip(analysis.clip, self.detector(name), method, score=analysis.detectors.get(name))

    def overlap(self, analysis: "Analysis") -> "Overlap | None":
        """Return whether a recording was in training of the panel; None where no fingerprints can be read."""
        from core.overlap import overlap_of, shipped_prints

        try:
            prints = shipped_prints()
        except CheckpointError as error:
            _log.warning("%s", error)
            return None
        cards = [self.panel.card(name) for name in self.panel.members]
        return None if prints is None else overlap_of(analysis.clip.waveform, cards, prints)

    def cues(self, analysis: "Analysis", explanation: "Explanation") -> "tuple[Cue, ...]":
        """Return in what kinds of place the evidence lies, and how the score depends on each."""
        from core.explain.cues import find_cues

        return find_cues(analysis.clip, self.detector(explanation.detector), explanation.attribution)

    # -- runs ------------------------------------------------------------------------------------------------

    @cached_property
    def library(self) -> "Library":
        """The runs on this machine."""
        from core.detectors import checkpoint
        from core.results.library import Library

        return Library(self._runs, shipped=checkpoint.SHIPPED / "reference")

    def run_of(self, choice: str = "") -> "Run | None":
        """Return the run that a visitor has chosen by its key; None where there is none (``problem_of`` has why).

        Without a choice it is the reference run.
        """
        from core.review.judged import with_judgements

        found = self._found(choice)
        if isinstance(found, str):
            return None
        try:
            return with_judgements(found)
        except ReviewError as error:
            # Without what people judged the run is as it is; *Disagreements* shows the error, too.
            _log.warning("%s", error)
            return found

    def problem_of(self, choice: str = "") -> str | None:
        """Return one sentence on why there is no such run, or None."""
        found = self._found(choice)
        return found if isinstance(found, str) else None

    def open_folder(self, folder: str) -> str:
        """Open a folder that a visitor named, and return the key of the run in it.

        Raises
        ------
        ResultsError
            When there is no run in it, or who is not at this machine names a folder outside of those of runs.
        """
        from core.paths import data_folder

        if not folder.strip():
            raise ResultsError("Name the folder of a run: python -m core evaluate has written one.")
        path = Path(folder.strip()).expanduser().resolve()
        inside = [*self._runs, data_folder().resolve()]
        if not self._local and not any(path.is_relative_to(each) for each in inside):
            raise ResultsError("From elsewhere only folders below those named by RUNS can be opened: ask who serves.")
        return self.library.add(path).key

    @cached_property
    def jobs(self) -> "Jobs":
        """The scorings that were begun from this page."""
        from core.paths import data_folder
        from dashboard.jobs import Jobs

        return Jobs(data_folder() / "jobs", self._may_read)

    def _may_read(self, path: Path) -> bool:
        """Return whether a visitor may have what lies at a path scored: who is not at this machine, only what is named.

        What is named is the corpus' folder and the folders of runs.
        """
        root = self.corpus_root
        named = [*self._runs, *([] if root is None else [root.resolve()])]
        return self._local or any(path.is_relative_to(each) for each in named)

    def _found(self, choice: str) -> "Run | str":
        reference = self.run
        if not choice or (reference is not None and choice == reference.key):
            return reference if reference is not None else self._run_problem or "There is no reference run."
        try:
            return self.library.open(choice)
        except ResultsError as error:
            return str(error)

    @property
    def run(self) -> "Run | None":
        """The reference run, or None when it is missing or damaged; ``run_problem`` then says why."""
        with self._locks["run"]:
            if self._run is None and self._run_problem is None:
                from core.usecases import reference_run

                try:
                    self._run = reference_run()
                except ResultsError as error:
                    self._run_problem = str(error)
            return self._run

    @property
    def run_problem(self) -> str | None:
        """One sentence on why there is no reference run, or None."""
        return self._run_problem if self.run is None else None

    @property
    def elsewhere(self) -> "Elsewhere | None":
        """The shipped panel's errors on recordings from elsewhere; None until ``measure_elsewhere`` was called."""
        return self._elsewhere

    def measure_elsewhere(self) -> None:
        """Take those errors from the reference run, where its panel is this page's."""
        from core.results.elsewhere import errors_elsewhere

        panel, run = self.panel, self.run
        if run is None or panel.fusion is None or self._names is not None:
            return
        members = (run.manifest.get("fusion") or {}).get("members", {})
        if set(members) == set(panel.fusion.members):
            self._elsewhere = errors_elsewhere(run, panel.decision)

    def label_of(self, clip_path: str, choice: str = "") -> tuple[str, str]:
        """Return label and spoofing system of a clip of a run."""
        from core.results.one_clip import clip

        run = self.run_of(choice)
        found = None if run is None else clip(run, clip_path)
        return ("", "") if found is None else (str(found.get("label", "")), str(found.get("system", "")))

    @property
    def corpus_root(self) -> Path | None:
        """The folder of the corpus' audio ($SPOOFSCOPE_CORPUS), or None where it is not on this machine."""
        named = CORPUS.read()
        return Path(named) if named and Path(named).is_dir() else None

    def locate(self, clip_path: str, choice: str = "") -> Path | None:
        """Return the audio file of a clip of a run, or None when its corpus is not here.

        ``clip_path`` is the clip's ``path`` in the run; anything that is not in the run has no file.
        """
        run = self.run_of(choice)
        return None if run is None else self.library.locate(run, clip_path)

    # -- examples --------------------------------------------------------------------------------------------

    @property
    def examples(self) -> "list[Example]":
        """Recordings to try the page with; the spoofs among them are made at first use.

        Raises
        ------
        AudioError
            When they cannot be made.
        """
        from core.audio.examples import example_clips
        from core.paths import cache_folder

        with self._locks["examples"]:
            if self._examples is None:
                self._examples = example_clips(cache_folder())
            return self._examples
