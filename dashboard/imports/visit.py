"""The predictions that a visitor has brought: files and detectors of runs, and the panel that they make.

All of it lives in the visitor's session and goes with it; no address names any of it.
"""

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.errors import PredictionsError
from core.predictions.brought import Brought, Role, bring

if TYPE_CHECKING:
    from core.predictions.combined import Combining
    from core.predictions.figures import PanelFigures
    from core.predictions.panel import Higher, ImportedPanel
    from core.predictions.predictions import Predictions
    from core.predictions.pseudo import Proposal
    from core.predictions.vote_table import VoteColumns
    from core.results.store import Run
    from dashboard.review.source import Source

__all__ = ["MOST_FILES", "MOST_SCORES", "Dropped", "Found", "Imports", "Visit"]

#: What a visitor may bring at once.
MOST_FILES, MOST_SCORES = 24, 16_000_000
_LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class Dropped:
    """A file that was dropped, and the folder that it lies in, which goes when nobody knows it any more."""

    file: Brought
    folder: "TemporaryDirectory[str]"


@dataclass(eq=False)
class Found:
    """A panel and its figures; those that take long are made when they are first asked for.

    Attributes
    ----------
    panel : ImportedPanel
    combined : Combining, optional
        Once that was asked for.
    source : Source, optional
        The disputed clips to be judged, once somebody looked at them.
    """

    panel: "ImportedPanel"
    combined: "Combining | None" = None
    source: "Source | None" = None

    @cached_property
    def figures(self) -> "PanelFigures":
        """What the voters amount to."""
        from core.predictions.figures import panel_figures

        return panel_figures(self.panel)

    @cached_property
    def columns(self) -> "VoteColumns":
        """How they part on each clip."""
        from core.predictions.vote_table import vote_columns

        return vote_columns(self.panel, self.figures)

    def to_judge(self, run: "Run | None") -> "Source | None":
        """Return the disputed clips, with the recordings of those that are the run's; None where nothing is voted on.

        Found once, since every key that judges one asks for them.
        """
        from dashboard.review.source import source_of_panel

        if self.votes and (self.source is None or self.source.run is not run):
            self.source = source_of_panel(self.panel, run)
        return self.source

    @property
    def votes(self) -> bool:
        """Whether anything was voted on."""
        return bool(self.panel.voters) and len(self.panel.shared) > 0


@dataclass(frozen=True, eq=False)
class Imports:
    """What one visitor has brought; every change returns another one.

    Attributes
    ----------
    dropped : tuple of Dropped
    of_runs : mapping of (str, str) to Predictions
        By the run's key and the detector's name there.
    higher : mapping of str to {'bonafide', 'spoof'}
        What the visitor has stated of detectors' polarity.
    put_back : frozenset of str
        Detectors at chance that vote all the same.
    refused : tuple of str
        What of the last drop was not taken, and why.
    found : Found, optional
        None where there is no file of scores.
    wrong : str
        Why there is no panel although there are scores.
    """

    dropped: tuple[Dropped, ...] = ()
    of_runs: Mapping[tuple[str, str], "Predictions"] = field(default_factory=dict)
    higher: Mapping[str, "Higher"] = field(default_factory=dict)
    put_back: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()
    found: Found | None = None
    wrong: str = ""

    @property
    def files(self) -> list[Brought]:
        """The files, in the order they came."""
        return [each.file for each in self.dropped]

    @property
    def names(self) -> list[str]:
        """What detectors are called here."""
        return [*(file.name for file in self.files), *(each.name for each in self.of_runs.values())]

    def drop(self, uploads: Sequence[tuple[Path, str]]) -> "Imports":
        """Take uploaded files, each with its own name; they are moved out of the place that the server gives out."""
        dropped, refused = list(self.dropped), []
        for path, title in uploads:
            if len(dropped) >= MOST_FILES:
                refused.append(f"{title} was not taken: at most {MOST_FILES} files go together. Remove one first.")
                continue
            folder = TemporaryDirectory(prefix="spoofscope-")
            kept = Path(shutil.move(path, Path(folder.name) / "predictions"))
            names = [*(each.file.name for each in dropped), *(each.name for each in self.of_runs.values())]
            file = bring(kept, title=title, name=_unlike(Path(title).stem[:_LONGEST_NAME] or "file", names))
            if _scores(dropped, file) + sum(len(each.ids) for each in self.of_runs.values()) > MOST_SCORES:
                refused.append(f"{title} was not taken: more than {MOST_SCORES:,} scores do not go together here. Use "
                               "python -m core panel, or remove a file first.")  # fmt: skip
                continue
            dropped.append(Dropped(file, folder))
        return replace(self, dropped=tuple(dropped), refused=tuple(refused))._assembled()

    def remove(self, name: str) -> "Imports":
        """Forget a file or a run's detector."""
        dropped = tuple(each for each in self.dropped if each.file.name != name)
        of_runs = {key: each for key, each in self.of_runs.items() if each.name != name}
        return replace(self, dropped=dropped, of_runs=of_runs, refused=())._assembled()

    def read_as(self, name: str, given: Mapping[str, str], role: Role | None) -> "Imports":
        """Read a file again, by the columns that the visitor named."""
        dropped = tuple(_again(each, given, role) if each.file.name == name else each for each in self.dropped)
        return replace(self, dropped=dropped, refused=())._assembled()

    def beside(self, key: str, run: str, detectors: "Sequence[Predictions]") -> "Imports":
        """Take these detectors of a run, and no others of it."""
        of_runs = {place: each for place, each in self.of_runs.items() if place[0] != key}
        for each in detectors:
            taken = [*(file.name for file in self.files), *(known.name for known in of_runs.values())]
            name = each.name if each.name not in taken else _unlike(f"{each.name} ({run})", taken)
            of_runs[key, each.name] = replace(each, name=name, source=run)
        return replace(self, of_runs=of_runs, refused=())._assembled()

    def state(self, name: str, higher: "Higher | None") -> "Imports":
        """Take what the visitor states of a detector's polarity, or take it back."""
        rest = {each: word for each, word in self.higher.items() if each != name}
        return replace(self, higher=rest | ({name: higher} if higher else {}), refused=())._assembled()

    def let_vote(self, name: str, votes: bool) -> "Imports":
        """Put a detector that is at chance back among the voters, or take it out again."""
        put_back = self.put_back | {name} if votes else self.put_back - {name}
        return replace(self, put_back=frozenset(put_back), refused=())._assembled()

    def panel_of(self, voters: Sequence[str] = ()) -> "ImportedPanel | None":
        """Return the panel in which only these vote, by default all.

        Raises
        ------
        PredictionsError
            When labels and scores do not go together.
        """
        from core.predictions.panel import assemble

        scores = [file.predictions for file in self.files if file.predictions is not None]
        scores += self.of_runs.values()
        if not scores:
            return None
        names = {each.name for each in scores}
        return assemble(
            scores, protocol=self._protocol(scores), voters=voters, put_back=self.put_back & names,
            higher={name: word for name, word in self.higher.items() if name in names},
        )  # fmt: skip

    def _protocol(self, scores: "Sequence[Predictions]") -> "Predictions | None":
        from core.predictions.protocol import protocol_of

        labels = [file for file in self.files if file.raw is not None and not file.wrong]
        if len(labels) > 1:
            raise PredictionsError(
                f"{labels[0].title} and {labels[1].title} both hold labels, and the clips follow from one file: "
                "remove one of them."
            )
        for file in labels:
            assert file.raw is not None
            # Any of the scores may be of other clips: the labels belong to those that they name.
            wrong: list[PredictionsError] = []
            for each in scores:
                try:
                    found = protocol_of(file.format, file.raw, file.title, each.ids, given=file.given)
                    return replace(found, source=file.title)
                except PredictionsError as error:
                    wrong.append(error)
            raise wrong[0]
        return None

    def _assembled(self) -> "Imports":
        try:
            panel = self.panel_of()
        except PredictionsError as error:
            return replace(self, found=None, wrong=str(error))
        return replace(self, found=None if panel is None else Found(panel), wrong="")


class Visit:
    """One visitor's imports; a new session begins with none.

    Attributes
    ----------
    imports : Imports
    proposal : Proposal, optional
        The pseudo-labels that were asked for last.
    """

    def __init__(self) -> None:
        self.imports = Imports()
        self.proposal: Proposal | None = None
        self._lock = threading.Lock()

    def __deepcopy__(self, known: object) -> "Visit":
        """Return a new visit: so Gradio makes one for each session."""
        return Visit()

    def change(self, how: Callable[[Imports], Imports]) -> Imports:
        """Change the imports, one change after the other."""
        with self._lock:
            self.imports, self.proposal = how(self.imports), None
            return self.imports


def _scores(dropped: Sequence[Dropped], file: Brought) -> int:
    read = [each.predictions for each in (*(each.file for each in dropped), file)]
    return sum(len(each.ids) for each in read if each is not None)


def _again(each: Dropped, given: Mapping[str, str], role: Role | None) -> Dropped:
    file = each.file
    return replace(each, file=bring(file.path, title=file.title, name=file.name, given=given, role=role))


def _unlike(name: str, taken: Sequence[str]) -> str:
    """Return the name, with a number where there is one like it."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found
