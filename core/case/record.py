"""What was found of a recording as files: tables, arrays and plain values, from which the report is laid out."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.case.arrays import npz
from core.case.raster import evidence_png, level_png
from core.case.trials import trial_files
from core.files import sha256_bytes

if TYPE_CHECKING:
    from core.case.context import Context
    from core.case.known import Material
    from core.explain.base import Explanation
    from core.usecases import Analysis

__all__ = ["json_bytes", "recording_files", "short_name"]

#: Frames of a map that are kept; of a longer recording, means of several.
_MOST_FRAMES = 6_000
_PARTS = 400


def recording_files(material: "Material", context: "Context") -> dict[str, bytes]:
    """Return the files of a recording by their names within its folder; the same material gives the same bytes."""
    analysis, explanation = material.analysis, material.explanation
    files = {
        "recording.json": json_bytes(_recording(material)),
        "scores.json": json_bytes(_scores(analysis, context)),
        "windows.csv": _csv(("detector", "start_s", "end_s", "score", "p_spoof"), _windows(analysis)),
        "pieces.csv": _csv(("start_s", "end_s", "score", "p_spoof"), _spans(analysis.timeline)),
        "words.json": json_bytes(_words(material, context)),
        "provenance.json": json_bytes({"lines": material.provenance.as_dict()["lines"]}),
        "map.json": json_bytes(_map(explanation, material.unexplained)),
        **{name: json_bytes(values) for name, values in trial_files(material.trials, analysis).items()},
        **_localised(analysis),
        **_grids(analysis, explanation),
    }
    return files


def json_bytes(value: Any) -> bytes:
    """Return a value as indented JSON; NaN and infinities are refused, a name's bytes that are no text are escaped."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def short_name(name: str) -> str:
    """Return the last part of a name that may be a path: where a file lay on somebody's disk is left out."""
    return PurePosixPath(name.replace("\\", "/")).name or "recording"


def _recording(material: "Material") -> dict[str, Any]:
    clip = material.analysis.clip
    return {
        "name": short_name(material.name), "sha256": material.sha256, "size_bytes": material.path.stat().st_size,
        "samples_sha256": sha256_bytes(np.ascontiguousarray(clip.waveform, dtype="<f4").tobytes()),
        "samples": len(clip.waveform), "decode": clip.record.to_json(),
    }  # fmt: skip


def _scores(analysis: "Analysis", context: "Context") -> dict[str, Any]:
    found = analysis.to_json()
    kept = ("verdict", "p_spoof", "prior", "score", "note", "speech_s", "silent_s", "worst")
    members = context.panel.members
    return {
        **{name: found[name] for name in kept},
        "padded_s": analysis.padded_s,
        "decision": analysis.decision.model_dump(mode="json"),
        "detectors": {
            name: {
                "verdict": own.verdict, "p_spoof": own.p_spoof, "score": own.score, "raw": own.raw,
                "calibrated": own.calibrated, "member": name in members,
                "spoof_below": own.decision.spoof_below, "bonafide_above": own.decision.bonafide_above,
            }
            for name, own in analysis.detectors.items()
        },
        "segments": _segments(analysis),
    }  # fmt: skip


def _words(material: "Material", context: "Context") -> dict[str, Any]:
    """Return the paragraph, sentence by sentence, with the facts that each of them states."""
    from core.words.gather import facts_of
    from core.words.paragraph import sentences

    found = material.explanation
    facts = facts_of(
        material.analysis, context.panel, detector=context.detector(found.detector) if found else None,
        explanation=found, provenance=material.provenance, held=material.trials.held, flip=material.trials.flip,
    )  # fmt: skip
    return {
        "language": context.language, "sentences": [asdict(one) for one in sentences(facts, context.language)],
    }  # fmt: skip


def _segments(analysis: "Analysis") -> dict[str, Any] | None:
    found = analysis.localised
    if found is None:
        return None
    sure = set(found.sure_segments)
    return {
        "detector": found.detector, "calibrated": found.calibrated, "hop_s": found.hop_s,
        "mark_below": found.rule.mark_below, "basis": found.rule.basis,
        "false_mark_rate": found.rule.false_mark_rate, "scored_s": found.scored_s, "marked_s": found.marked_s,
        "marked": [
            {"start_s": one.start_s, "end_s": one.end_s, "p_spoof": one.p_spoof, "sure": one in sure}
            for one in found.segments
        ],
    }  # fmt: skip


def _windows(analysis: "Analysis") -> Iterator[Sequence[object]]:
    for name, own in analysis.detectors.items():
        for row in _spans(own.windows):
            yield name, *row


def _spans(spans: Iterable[Any]) -> Iterator[Sequence[object]]:
    for one in spans:
        yield f"{one.start_s:.4f}", f"{one.end_s:.4f}", f"{one.score:.6f}", f"{one.p_spoof:.6f}"


def _localised(analysis: "Analysis") -> dict[str, bytes]:
    found = analysis.localised
    if found is None:
        return {}
    rows = (
        (f"{place * found.hop_s:.3f}", "" if np.isnan(value) else f"{value:.6f}")
        for place, value in enumerate(found.p_spoof)
    )
    return {"timeline.csv": _csv(("start_s", "p_spoof"), rows)}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _map(explanation: "Explanation | None", why: str) -> dict[str, Any]:
    if explanation is None:
        return {"detector": None, "why": why}
    found = explanation.faithfulness
    return {
        "detector": explanation.detector, "method": explanation.method, "target": explanation.target,
        "axes": list(explanation.axes), "sentence": explanation.sentence,
        "regions": [asdict(region) for region in explanation.regions],
        "faithful": None if found is None else found.faithful,
        "faithfulness": None if found is None else json.loads(json.dumps(asdict(found))),
    }  # fmt: skip


def _grids(analysis: "Analysis", explanation: "Explanation | None") -> dict[str, bytes]:
    """Return spectrogram and map, as arrays and as pictures; of a long recording, means over several frames."""
    from core.audio.edit import grid_freqs_hz, grid_times_s, magnitude_db

    level = magnitude_db(analysis.clip.waveform)
    step = -(-level.shape[1] // _MOST_FRAMES)
    level = _pooled(level, step)
    seconds = grid_times_s(level.shape[1]) * step
    arrays: dict[str, NDArray[Any]] = {
        "seconds": seconds, "hertz": grid_freqs_hz(), "level_db": np.round(level).astype(np.int8),
        "peaks": _peaks(analysis.clip.waveform),
    }  # fmt: skip
    pictures = {"spectrogram.png": level_png(level)}
    if explanation is not None:
        attribution = _pooled(explanation.attribution, step)
        largest = float(np.abs(attribution).max()) or 1.0
        arrays |= {"attribution": (attribution / largest).astype(np.float16), "largest": np.array(largest)}
        pictures["evidence.png"] = evidence_png(attribution)
    return {"map.npz": npz(arrays), **pictures}


def _peaks(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest absolute sample of each of up to 400 equal parts [shape=(parts,)]."""
    edges = np.unique(np.linspace(0, len(waveform), min(_PARTS, len(waveform)) + 1).astype(int)[:-1])
    return np.maximum.reduceat(np.abs(waveform), edges)


def _pooled(grid: NDArray[np.floating], step: int) -> NDArray[np.float32]:
    """Return the means [shape=(257, ceil(frames / step))] of so many frames each; the last may be of fewer."""
    starts = np.arange(0, grid.shape[1], step)
    counts = np.diff([*starts, grid.shape[1]])
    return (np.add.reduceat(grid, starts, axis=1) / counts).astype(np.float32)
