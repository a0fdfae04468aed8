"""The errors a person may read: each says what was wrong, where, and what to do."""

__all__ = [
    "AudioError",
    "CaseError",
    "CheckpointError",
    "CorpusError",
    "ExplanationError",
    "ExportError",
    "PolarityError",
    "PredictionsError",
    "ProjectionError",
    "ResultsError",
    "ReviewError",
    "ScoringError",
    "SpoofscopeError",
    "TrialError",
    "UnknownNameError",
    "WorkerDiedError",
]


class SpoofscopeError(Exception):
    """Base of every error this project raises on purpose; its text is one sentence for a person."""


class AudioError(SpoofscopeError):
    """A recording that cannot be decoded: not audio, empty, silent, damaged, or beyond the limits."""


class CaseError(SpoofscopeError):
    """A case that cannot be written, or an archive that is refused as one."""


class CorpusError(SpoofscopeError):
    """A manifest or label that cannot be read."""


class CheckpointError(SpoofscopeError):
    """A checkpoint folder that is incomplete, damaged, or does not fit its architecture."""


class PolarityError(CheckpointError):
    """A detector whose development scores are higher for spoofs than for bona fide speech."""


class PredictionsError(SpoofscopeError):
    """A file of predictions that cannot be read, matched to clips, or turned the right way round."""


class ExplanationError(SpoofscopeError):
    """An explanation that the chosen detector and method cannot give."""


class ProjectionError(SpoofscopeError):
    """Embeddings that cannot be laid out on a plane."""


class ExportError(SpoofscopeError):
    """A network that cannot be exported, or whose export does not predict what the network predicts."""


class ResultsError(SpoofscopeError):
    """A stored run that is incomplete or damaged."""


class ReviewError(SpoofscopeError):
    """A judgement that cannot be kept or read."""


class ScoringError(SpoofscopeError):
    """Work on a corpus that cannot be done: an item that fails, or workers that cannot be started."""


class WorkerDiedError(ScoringError):
    """An item that ended every worker that began it."""


class TrialError(SpoofscopeError):
    """Boxes on a recording that cannot be tried out: none, too many, or too far apart."""


class UnknownNameError(SpoofscopeError):
    """A name that no registered plug-in carries."""
