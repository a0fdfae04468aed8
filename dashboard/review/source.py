"""Disputed clips to be judged: whose clips they are, how each is voted on, and its recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import AudioError
from core.predictions.disputed import disputed_of_panel, disputed_of_run
from core.review.judged import clips_key_of
from core.settings import CORPUS
from dashboard.components.reference import NO_AUDIO
from dashboard.components.revealed import VOTES

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.predictions.disputed import Disputed
    from core.predictions.panel import ImportedPanel
    from core.results.store import Run

__all__ = ["Source", "source_of_panel", "source_of_run"]


@dataclass(frozen=True, eq=False)
class Source:
    """Disputed clips, and where judgements of them are kept.

    Attributes
    ----------
    disputed : Disputed
    clips : str
        Key of the judgements (``core.review.judgement.Judgement.clips``).
    run : Run, optional
        The run whose clips they are, as far as they are.
    """

    disputed: "Disputed"
    clips: str
    run: "Run | None" = None

    def camps(self, clip: str) -> dict[str, str]:
        """Return how each detector votes on a clip."""
        votes = self.disputed.votes[self.disputed.ids.index(clip)]
        return {name: VOTES[int(vote)] for name, vote in zip(self.disputed.names, votes, strict=True)}

    def label(self, clip: str) -> str:
        """Return a clip's label; "" where it has none."""
        labels = self.disputed.labels
        known = -1 if labels is None else int(labels[self.disputed.ids.index(clip)])
        return VOTES[known] if known >= 0 else ""

    def decoded(self, clip: str) -> "Clip | str":
        """Return a clip's recording, or one sentence on why it cannot be played."""
        from core.audio.decode import decode

        path: str | Path | None = self.disputed.paths[self.disputed.ids.index(clip)]
        if path is None and self.run is not None:
            from core.results.library import recordings

            # It may have come since.
            (path,) = recordings(self.run, [clip])
        if path is None:
            return NO_AUDIO
        try:
            return decode(path)
        except AudioError as error:
            return str(error)


def source_of_run(run: "Run", detectors: Sequence[str]) -> Source:
    """Return the clips that some detectors of a run dispute; found once, since every key asks for them."""
    return _source_of_run(run, tuple(detectors), CORPUS.read())


@lru_cache(maxsize=4)
def _source_of_run(run: "Run", detectors: tuple[str, ...], corpus: str | None) -> Source:
    return Source(disputed_of_run(run, detectors), clips_key_of(run), run)


def source_of_panel(panel: "ImportedPanel", run: "Run | None") -> Source:
    """Return the disputed clips of imported predictions: the run's, where all are matched there."""
    disputed = disputed_of_panel(panel, run)
    if run is not None and disputed.ids and run.whole.paths.issuperset(disputed.ids):
        return Source(disputed, clips_key_of(run), run)
    return Source(disputed, _key_of_ids(panel), run)


@lru_cache(maxsize=4)
def _key_of_ids(panel: "ImportedPanel") -> str:
    from core.files import sha256_json

    return sha256_json(sorted(panel.clips.ids.to_pylist()))
