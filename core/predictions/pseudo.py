"""Pseudo-labels: clips that chosen voters label, refused where that would only repeat what the voters have in common.

They are a corpus manifest, and beside it a record of who voted and how; training reads both.
"""

import io
import json
import math
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.combining import majority, times_as_often
from core.analysis.format import enumerated, first_few, rate
from core.analysis.prosody import prosodic_variation
from core.corpus.manifest import manifest_csv
from core.corpus.reader import Row
from core.detectors.card import Card
from core.errors import PredictionsError
from core.files import sha256_bytes, sha256_file, write_bytes, write_json
from core.predictions.combined import INDEPENDENT
from core.predictions.figures import PanelFigures
from core.predictions.matching import places_of
from core.predictions.panel import ImportedPanel

__all__ = [
    "PSEUDO_PART",
    "Proposal",
    "proposal_archive",
    "propose",
    "read_record",
    "record_path",
    "shared_by_cards",
    "write_proposal",
]

#: What the manifest's column ``part`` holds for a clip that voters labelled.
PSEUDO_PART = "pseudo-labels"
_MOST_CORRELATED, _MOST_CALM, _LEAST_VOTERS = 0.3, 0.5, 1.5
_UNKNOWN = {"", "-", "random"}
# How many voters, and pairs of them, are named in a reason; and with how much prosody missing nothing is known.
_NAMED, _PAIRS_NAMED, _MOST_UNKNOWN = 6, 3, 0.5
_NO_PROSODY = "whether the disputed clips are bona fide speech of low prosodic variation is not known: no prosody"


@dataclass(frozen=True, eq=False)
class Proposal:
    """Labels that voters propose.

    Attributes
    ----------
    ids : list of str [shape=(n,)]
    bonafide : ndarray of bool [shape=(n,)]
    confidence : ndarray [shape=(n,)]
        Share of the voters' weight behind the label, 0.5 to 1.
    reasons : tuple of str
        Why such labels would mislead; empty where nothing speaks against them.
    record : dict
        Voters, what their cards state, thresholds and figures.
    """

    ids: list[str]
    bonafide: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    reasons: tuple[str, ...]
    record: dict[str, Any]


def propose(
    panel: ImportedPanel, figures: PanelFigures, *, cards: Mapping[str, Card] | None = None, confidence: float = 1.0,
    prosody: Mapping[str, tuple[float, float]] | None = None,
) -> Proposal:  # fmt: skip
    """Label the clips that enough of the voters' weight agrees on, and list what speaks against doing so.

    Parameters
    ----------
    panel : ImportedPanel
    figures : PanelFigures
    cards : mapping of str to Card, optional
        Of the voters, by name.
    confidence : float
        Least share of the weight of the votes, over 0.5; copies share the weight of one voter.
    prosody : mapping of str to (float, float), optional
        Pitch range (semitones) and energy variation (dB) of clips, by id.

    Raises
    ------
    PredictionsError
        When no clip has such a majority, or ``confidence`` is none.
    """
    if not 0.5 < confidence <= 1:
        raise PredictionsError(f"A confidence of {confidence:g} is no majority: choose one over 0.5, up to 1.")
    share = majority(panel.votes, figures.weights)
    everyone = (panel.votes >= 0).all(axis=1)
    # What rounding takes from unanimity is not missed.
    places = np.flatnonzero(everyone & (0.5 + np.abs(share) >= confidence - 1e-6))
    if not len(places):
        raise PredictionsError(
            f"No clip has {rate(confidence, digits=0)} of the weight behind one label and no voter unsure: choose "
            "fewer voters or less confidence."
        )
    names, known = list(figures.names), dict(cards or {})
    reasons = [*_too_few(figures), *shared_by_cards({name: known.get(name) for name in names}),
               *_err_together(panel, figures), *_calm(panel, figures, prosody)]  # fmt: skip
    record = {
        "voters": [_voter(panel, name, known.get(name)) for name in names], "confidence": confidence,
        "effective_voters": figures.effective, "clips": len(places), "bonafide": int((share[places] > 0).sum()),
        "reasons_against": reasons,
    }  # fmt: skip
    ids = panel.clips.names(panel.shared[places])
    return Proposal(ids, share[places] > 0, 0.5 + np.abs(share[places]), tuple(reasons), record)


def _voter(panel: ImportedPanel, name: str, card: Card | None) -> dict[str, Any]:
    member = next(member for member in panel.voters if member.name == name)
    about: dict[str, Any] = {"name": name, "polarity": member.polarity.how, "cut": member.cut and member.cut.how}
    if card is None:
        return about
    training = card.training
    return about | {
        "architecture": card.architecture, "sha256": card.sha256, "rests_on": _rests_on(card),
        "corpus_digest": training.corpus_digest if training else "",
        "datasets": sorted(training.datasets) if training else [], "teachers": _teachers(card),
    }  # fmt: skip


def shared_by_cards(cards: Mapping[str, Card | None]) -> list[str]:
    """Return what voters share by their cards: training data, weights to start from, teachers; and who has no card."""
    unknown = [name for name, card in cards.items() if card is None or card.training is None]
    were, cards_of = ("was", "its card") if len(unknown) == 1 else ("were", "their cards")
    reasons = [f"nothing is known of what {_listed(unknown)} {were} trained on: give {cards_of}"] if unknown else []
    known = {name: card for name, card in cards.items() if card is not None and card.training is not None}
    corpora, backbones = defaultdict(list), defaultdict(list)
    for name, card in known.items():
        assert card.training is not None
        corpora[card.training.corpus_digest].append((name, card.training.corpus))
        for weights in _rests_on(card):
            backbones[weights].append(name)
    reasons += [f"{_listed([name for name, _ in alike])} were trained on the same corpus ({alike[0][1]})"
                for alike in corpora.values() if len(alike) > 1]  # fmt: skip
    reasons += [f"{_listed(names)} rest on the same pretrained weights ({weights})"
                for weights, names in backbones.items() if len(names) > 1]  # fmt: skip
    data, built, teachers = [], [], []
    for (one, first), (other, second) in combinations(known.items(), 2):
        assert first.training is not None and second.training is not None
        both = sorted(set(first.training.datasets) & set(second.training.datasets) - _UNKNOWN)
        if both and first.training.corpus_digest != second.training.corpus_digest:
            data.append(f"{one} and {other} were trained on the same data ({', '.join(both)[:80]})")
        for upper, lower, card in ((one, other, first), (other, one, second)):
            if lower in _rests_on(card):
                built.append(f"{upper} is built on the weights of {lower}")
        if one in _teachers(second) or other in _teachers(first):
            teachers.append(f"one of {one} and {other} was trained on what the other predicts")
    return [*reasons, *_first(data, "were trained on the same data"), *_first(built, "are built on each other"),
            *_first(teachers, "are teacher and student")]  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    """Return names in a line, the first of many."""
    # One more takes no more room than its name does.
    if len(names) > _NAMED + 1:
        return first_few(names, _NAMED)
    return enumerated(names)


def _first(reasons: Sequence[str], what: str) -> list[str]:
    """Return the first of reasons that are of a kind, and how many more pairs of voters there are."""
    rest = len(reasons) - _PAIRS_NAMED
    more = [f"{rest} more pair{'s' if rest > 1 else ''} of voters {what}"] if rest > 0 else []
    return [*reasons[:_PAIRS_NAMED], *more]


def _rests_on(card: Card) -> list[str]:
    """Return the weights that a detector rests on: its encoder's, those it was started from, and those it borrows."""
    training = card.training
    started = [training.initial_weights, *training.earlier_weights] if training else []
    names = [str(card.hyperparameters.get("model") or ""), *started, *card.borrowed]
    return sorted({Path(name).name for name in names} - _UNKNOWN - {card.name})


def _teachers(card: Card) -> list[str]:
    return [str(name) for name in (card.training.recipe.get("teachers", []) if card.training else [])]


def _too_few(figures: PanelFigures) -> list[str]:
    if figures.effective >= _LEAST_VOTERS:
        return []
    return [f"the {len(figures.names)} voters amount to {figures.effective:.2f} independent ones"]


def _err_together(panel: ImportedPanel, figures: PanelFigures) -> list[str]:
    if figures.error_correlation is None:
        return ["whether the voters err independently is not known: no clips of both classes are labelled"]
    labels = panel.labels
    times = times_as_often((panel.votes != labels[:, None]) & (panel.votes >= 0), labels)
    found: list[tuple[float, str]] = []
    for i, j in combinations(range(len(figures.names)), 2):
        r, often = float(figures.error_correlation[i, j]), float(times[i, j])
        if (math.isfinite(r) and r > _MOST_CORRELATED) or (math.isfinite(often) and often > INDEPENDENT):
            found.append((-r if math.isfinite(r) else 0.0, (
                f"{figures.names[i]} and {figures.names[j]} err on the same clips: their errors are correlated by "
                f"{r:.2f} and meet {often:.1f} times as often as independent ones would"
            )))  # fmt: skip
    return _first([words for _, words in sorted(found)], "err together less strongly")


def _calm(
    panel: ImportedPanel, figures: PanelFigures, prosody: Mapping[str, tuple[float, float]] | None
) -> list[str]:
    """Return a reason where the disputed clips are mostly bona fide speech of low prosodic variation."""
    if not len(figures.split):
        return []
    if not prosody:
        return [_NO_PROSODY]
    # Where no label is known, the voters' own verdict stands in for it.
    real = np.where(panel.labels >= 0, panel.labels, figures.verdict) == 1
    names = panel.clips.names(panel.shared[real])
    values = [*prosody.values(), (math.nan, math.nan)]
    both = np.array([values[at] for at in _at(names, prosody)], dtype=float).reshape(-1, 2)
    variation = np.full(len(real), np.nan)
    variation[real] = prosodic_variation(both[:, 0], both[:, 1])
    disputed = np.isin(panel.shared, figures.split)
    asked = variation[disputed & real]
    if len(asked) and np.isnan(asked).mean() > _MOST_UNKNOWN:
        return [_NO_PROSODY]
    share = float((variation[disputed] < 0.5).sum() / disputed.sum())
    if share <= _MOST_CALM:
        return []
    return [f"{rate(share, digits=0)} of the disputed clips are bona fide speech of low (calm) prosodic variation: the "
            "voters part over how people speak, not over spoofs"]  # fmt: skip


def _at(names: Sequence[str], known: Iterable[str]) -> list[int]:
    """Return where each id stands among those that are known, -1 where it does not; matched as those of files are."""
    import pyarrow as pa

    ids = pa.array(list(names), pa.string())
    places: list[int] = places_of(ids, pa.array(list(known), pa.string()))[0].tolist()
    return places


def write_proposal(proposal: Proposal, manifest: Path, *, rows: Mapping[str, Row] | None = None,
                   despite: bool = False) -> None:  # fmt: skip
    """Write proposed labels as a corpus manifest (split ``train``) and the record beside it.

    Parameters
    ----------
    proposal : Proposal
    manifest : Path
        A CSV file; the ids are the paths of recordings, below whatever root training is given.
    rows : mapping of str to Row, optional
        What is known of clips, by id; their labels are not taken over.
    despite : bool
        Write them although something speaks against it; the record keeps the reasons.

    Raises
    ------
    PredictionsError
        When something speaks against it.
    """
    if proposal.reasons and not despite:
        raise PredictionsError(
            f"No pseudo-labels are written, since {'; '.join(proposal.reasons)}. Choose voters that are independent, "
            "or write them anyway (--despite); their record keeps the reasons."
        )
    found, known = [], list((rows or {}).values())
    places = _at(proposal.ids, rows or {})
    for name, real, at in zip(proposal.ids, proposal.bonafide.tolist(), places, strict=True):
        row = known[at] if at >= 0 else Row(path=name, label="", source=name)
        found.append(row._replace(label="bonafide" if real else "spoof", system="-" if real else "unknown",
                                  split="train", part=PSEUDO_PART))  # fmt: skip
    content = manifest_csv(found)
    write_bytes(manifest, content)
    write_json(record_path(manifest), {**proposal.record, "manifest_sha256": sha256_bytes(content), "despite": despite})


def proposal_archive(
    proposal: Proposal, *, rows: Mapping[str, Row] | None = None, despite: bool = False
) -> bytes:
    """Return a zip of what ``write_proposal`` writes: the manifest and its record."""
    with TemporaryDirectory() as folder:
        manifest = Path(folder) / "pseudo-labels.csv"
        write_proposal(proposal, manifest, rows=rows, despite=despite)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (manifest, record_path(manifest)):
                archive.write(path, path.name)
    return buffer.getvalue()


def record_path(manifest: Path) -> Path:
    """Return where the record of a manifest of pseudo-labels lies."""
    return manifest.with_name(f"{manifest.name}.pseudo.json")


def read_record(manifest: Path) -> dict[str, Any] | None:
    """Return the record of a manifest of pseudo-labels, or None where it has none.

    Raises
    ------
    PredictionsError
        When the record is damaged or another manifest's.
    """
    path = record_path(manifest)
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict) or not isinstance(record.get("voters"), list):
            raise ValueError("it has no voters")
    except ValueError as error:
        raise PredictionsError(f"{path} is damaged ({error}): write the pseudo-labels again.") from error
    if record.get("manifest_sha256") != sha256_file(manifest):
        raise PredictionsError(f"{path} is not the record of {manifest} as it is: write the pseudo-labels again.")
    return record
