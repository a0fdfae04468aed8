"""The panel: the detectors whose scores become one, those that are scored beside them, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import EVEN
from core.analysis.verdict import Decision
from core.audio.segment import Sound
from core.detectors import checkpoint
from core.detectors.card import HELD_OUT, Card
from core.detectors.catalogue import Catalogue
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS, Network
from core.detectors.score import ClipScore
from core.errors import CheckpointError
from core.fusion import Fusion, Loss, panel_decision, panel_score
from core.threads import side_by_side

__all__ = ["Fusion", "Loss", "Panel", "default_detector", "load_panel"]


@dataclass(frozen=True)
class Panel:
    """Detectors that score the same clips; the members' scores become the panel's.

    Attributes
    ----------
    detectors : mapping of str to Detector
        Members and others. A ``Catalogue`` loads each when it is first looked up.
    fusion : Fusion or None
        Only where all its members are here; otherwise every detector is a member, and the panel's score is their mean.
    marks_segments : bool
        Whether the localiser that ships marks segments beside the panel's score: in the panel that ships.
    """

    detectors: Mapping[str, Detector]
    fusion: Fusion | None = None
    marks_segments: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """The detectors that the panel's score is made of: the heaviest first, or as they were named."""
        return tuple(self.fusion.members if self.fusion else self.detectors)

    @property
    def others(self) -> tuple[str, ...]:
        """The detectors that are not members."""
        members = set(self.members)
        return tuple(name for name in self.detectors if name not in members)

    @property
    def decision(self) -> Decision:
        """The thresholds of the panel's verdict; those of its only member where it has one."""
        return panel_decision({name: self.card(name).decision for name in self.members}, self.fusion)

    def deciding_by(self, decision: Decision) -> "Panel":
        """Return this panel with other thresholds, where its own are the fusion's."""
        if self.fusion is None:
            return self
        return replace(self, fusion=replace(self.fusion, decision=decision))

    @property
    def prior(self) -> float:
        """How likely a spoof is taken to be before a clip is scored, where P(spoof) of the panel's score is stated."""
        return self.fusion.prior if self.fusion else EVEN

    def fused(self, scores: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the panel's score from its members' [any shape]: its log odds of bona fide at ``prior``."""
        return panel_score({name: scores[name] for name in self.members}, self.fusion)

    def contributions(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return what each member's score adds to the panel's; positive = towards bona fide."""
        if self.fusion is not None:
            return self.fusion.combination.contributions(scores)
        return {name: scores[name] / len(self.members) for name in self.members}

    @property
    def held_out(self) -> list[dict[str, Any]]:
        """The panel's figures on held-out pages; a panel of one has those of its member's card."""
        if self.fusion is not None:
            return self.fusion.held_out
        return self.card(self.members[0]).metrics.get(HELD_OUT, []) if len(self.members) == 1 else []

    def loss_without(self, name: str) -> Loss | None:
        """Return what the panel loses without a member, on held-out pages; None where that was not measured."""
        return self.fusion.loss_without(name) if self.fusion is not None else None

    def card(self, name: str) -> Card:
        """Return a detector's card, without loading its weights where they are not loaded yet."""
        return self.detectors.card(name) if isinstance(self.detectors, Catalogue) else self.detectors[name].card

    def folder(self, name: str) -> Path:
        """Return the folder of a detector's checkpoint.

        Raises
        ------
        CheckpointError
            When it was not read from one.
        """
        if not isinstance(self.detectors, Catalogue):
            raise CheckpointError(f"{name} was not read from a folder: save it as a checkpoint and load the panel.")
        return self.detectors.folder(name)

    def is_slow(self, name: str) -> bool:
        """Return whether a detector is slow to score and to explain; its weights are not loaded for it."""
        known = self.detectors
        return known.is_slow(name) if isinstance(known, Catalogue) else known[name].network.is_slow

    def rebuilds(self, name: str) -> bool:
        """Return whether a detector rebuilds its input; its weights are not loaded for it."""
        known = self.detectors
        return known.rebuilds(name) if isinstance(known, Catalogue) else known[name].network.rebuilds

    def quick_first(self, names: Sequence[str]) -> list[str]:
        """Return names in the order of their cost: the quick ones, then the slow ones, each kind as given."""
        return sorted(names, key=self.is_slow)

    def batches(self, names: Sequence[str]) -> list[list[str]]:
        """Return names in the parts that are worth waiting for: the quick together, each slow one by itself."""
        quick = [name for name in names if not self.is_slow(name)]
        slow = [[name] for name in names if self.is_slow(name)]
        return [quick, *slow] if quick else slow

    def score(self, waveform: NDArray[np.float32], names: Sequence[str] | None = None) -> dict[str, ClipScore]:
        """Score a clip with several detectors, their windows side by side where there are several cores.

        Parameters
        ----------
        waveform : ndarray [shape=(n,), float32]
            Mono, 16 kHz, at least one sample.
        names : sequence of str, optional
            The members where none are given.

        Returns
        -------
        dict of str to ClipScore
            In the order given.
        """
        asked = list(self.members if names is None else names)
        # All are waited for: who begins with the dearest ends soonest.
        order = list(reversed(self.quick_first(asked)))
        detectors = self._load(order)
        sound = Sound.of(waveform)
        # One engine for the whole clip, also when another takes its place meanwhile.
        cuts = [(detector, detector.engine, *detector.cut(sound)) for detector in detectors]
        work = [(engine, some) for _, engine, pieces, _ in cuts for some in pieces]
        predictions = iter(side_by_side(lambda each: each[0].predict(each[1]), work))
        scores = {
            name: detector.conclude(sound, spans, [next(predictions) for _ in pieces])
            for name, (detector, _, pieces, spans) in zip(order, cuts, strict=True)
        }
        return {name: scores[name] for name in asked}

    def _load(self, names: Sequence[str]) -> list[Detector]:
        known = self.detectors
        return known.load(names) if isinstance(known, Catalogue) else [known[name] for name in names]


def load_panel(names: Sequence[str | Path] | None = None, *, others: bool = False, spare: int | None = None) -> Panel:
    """Return the panel of the detectors that are named; None for the panel that ships.

    Cards are read; weights are read when a detector is first looked up.

    Parameters
    ----------
    names : sequence of str or Path, optional
        Names of shipped checkpoints, or folders.
    others : bool
        Where no names are given: also list what ships without being a member.
    spare : int, optional
        How many detectors that are not members stay loaded at once; None for all.

    Raises
    ------
    UnknownNameError
        When there is no such checkpoint.
    CheckpointError
        When none is named and none ships, when two carry one name, or when a card is damaged.
    """
    fusion = Fusion.read(checkpoint.SHIPPED / "panel.json")
    folders = _shipped_folders(fusion, others=others) if names is None else _named_folders(names)
    if not folders:
        raise CheckpointError("There is no checkpoint to score with: train one, or name a folder that holds one.")
    # One detector that is named stands for itself, even where it is the panel's only member.
    alone = names is not None and len(folders) == 1
    fits = fusion is not None and not alone and set(fusion.members) <= folders.keys()
    used = fusion if fits else None
    pinned = used.members if used else folders.keys()
    return Panel(Catalogue(folders, pinned=pinned, spare=spare), used, marks_segments=names is None)


def _shipped_folders(fusion: Fusion | None, *, others: bool) -> dict[str, Path]:
    shipped = checkpoint.shipped()
    members = shipped if fusion is None else [name for name in fusion.members if name in shipped]
    more = [name for name in shipped if others and name not in members]
    return {name: checkpoint.SHIPPED / name for name in (*members, *more)}


def _named_folders(names: Sequence[str | Path]) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for folder in map(checkpoint.find_checkpoint, names):
        name = checkpoint.read_card(folder).name
        if name in folders:
            raise CheckpointError(f"Two of the checkpoints are called {name!r}: give each once.")
        folders[name] = folder
    return folders


def default_detector() -> str:
    """Return the shipped detector to explain by.

    One whose output is the mean of local ones, so that its map is exact (the method ``native``), and of these one that
    was calibrated to say when; where there is none, the one with the best AUC on development data. None that shows no
    map by default, where another does.

    Raises
    ------
    CheckpointError
        When none ships, or a card is damaged.
    """
    names = checkpoint.shipped()
    if not names:
        raise CheckpointError("There is no checkpoint to explain: train one, or name a folder that holds one.")
    return max(names, key=lambda name: _worth_explaining(checkpoint.read_card(checkpoint.SHIPPED / name)))


def _worth_explaining(card: Card) -> tuple[bool, bool, bool, float]:
    from core.explain.earned import earned_by

    record = earned_by(card)
    shows_a_map = record is None or record.default is not None
    return shows_a_map, _adds_up(card), card.localisation is not None, card.polarity.dev_auc or 0.0


def _adds_up(card: Card) -> bool:
    architecture = NETWORKS.get(card.architecture)
    # Most never do, and need not be built to know.
    return architecture.grid is not Network.grid and architecture(**card.hyperparameters).grid() is not None
