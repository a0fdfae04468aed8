"""A disputed clip examined in words: how it sounds, and what each voter makes of it, as Markdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

    from core.audio.clip import Clip
    from core.detectors.detector import Detector
    from core.results.store import Run
    from core.review.evidence import Seen
    from core.robustness.hold import Moved

__all__ = ["examined"]

_CAMPS = {"spoof": "spoof", "bonafide": "bona fide", "unsure": "not sure"}
_LABELS = {"spoof": "spoof", "bonafide": "bona fide"}
_CAMP_OF = {SPOOFED: "spoof", BONAFIDE: "bonafide", NOT_SURE: "unsure"}


def examined(run: "Run", path: str, detectors: Sequence["Detector"]) -> str:
    """Return one clip of a run as it sounds by figures, and as each detector scores it.

    Parameters
    ----------
    run : Run
    path : str
        The clip's.
    detectors : sequence of Detector
        The voters.

    Raises
    ------
    ResultsError
        When the run has no such clip, or its recording is not on this machine.
    """
    from core.audio.decode import decode
    from core.results.library import recordings
    from core.results.one_clip import clip as clip_of
    from core.results.one_clip import scores_of_clip
    from core.review.evidence import look, overlap

    row = clip_of(run.whole, path)
    if row is None:
        raise ResultsError(f"{path} is no clip of this run: give a path as the run has it.")
    (place,) = recordings(run, [path])
    if place is None:
        raise ResultsError(f"The recording of {path} is not on this machine: set SPOOFSCOPE_CORPUS to its folder.")
    sound = decode(place)
    parts = [f"**`{path}`**: {_truth(row)}.", _sound(sound), *_prosody(run, path)]
    votes = scores_of_clip(run.whole, path, [detector.name for detector in detectors]).set_index("detector")
    seen = look(sound, detectors, {str(name): _CAMP_OF[verdict] for name, verdict in votes["verdict"].items()})
    parts += [_voter(run, path, one, float(votes["score"][one.detector])) for one in seen]
    known = overlap(seen)
    parts += [] if known is None else [known.words]
    parts.append(_moves(sound, detectors))
    return "\n".join(f"- {part}" if number else f"{part}\n" for number, part in enumerate(parts))


def _truth(row: "pd.Series") -> str:
    made = f", made by {row['system']}" if row["label"] == "spoof" and "system" in row else ""
    return f"{_LABELS.get(row['label'], 'no label')}{made}"


def _sound(sound: "Clip") -> str:
    from core.corpus.measure import measure_clip
    from core.review.phrases import phrases, phrases_text

    waveform = sound.waveform
    found = measure_clip(waveform, sound.record)
    about = (
        f"{float(found['snr_db']):.0f} dB above its noise, band to {float(found['bandwidth_hz']) / 1000:.1f} kHz, "
        f"{float(found['speaking_rate']):.1f} syllables a second"
    )
    return f"*Sound:* {phrases_text(phrases(waveform), sound.duration_s)} {about[0].upper()}{about[1:]}."


def _prosody(run: "Run", path: str) -> list[str]:
    from core.review.beside import prosody_beside

    found = prosody_beside(run, path)
    if not found:
        return []
    return [f"*Prosody:* {'; '.join(one.words for one in found)}."]


def _voter(run: "Run", path: str, seen: "Seen", llr: float) -> str:
    from core.review.beside import near

    why = seen.why_not or (seen.explanation.sentence if seen.explanation is not None else "")
    close = near(run, path, [seen.detector])
    rows = close[0].clips if close else None
    beside = "" if rows is None else f" Nearest: {_neighbours(rows)}."
    return f"`{seen.detector}` votes **{_CAMPS[seen.camp]}** (llr {llr:+.1f}). {_timeline(seen)} {why}{beside}"


def _timeline(seen: "Seen") -> str:
    """Return where P(spoof) is highest and lowest over a second."""
    values, times = seen.p_spoof, seen.times_s
    step = float(times[1] - times[0]) if len(times) > 1 else 1.0
    width = max(1, min(round(1 / step), len(values)))
    known = np.nan_to_num(values, nan=float(np.nanmean(values)))
    means = np.convolve(known, np.ones(width) / width, mode="valid")
    high, low = int(means.argmax()), int(means.argmin())
    return (
        f"Over time P(spoof) is highest at {times[high]:.1f} to {times[high] + width * step:.1f} s ({means[high]:.2f}) "
        f"and lowest at {times[low]:.1f} to {times[low] + width * step:.1f} s ({means[low]:.2f})."
    )


def _neighbours(rows: "pd.DataFrame") -> str:
    """Return what the nearest clips are: how many of which system or source."""
    kinds = [str(row.get("system")) if row["label"] == "spoof" else _LABELS.get(row["label"], "no label")
             for row in rows.to_dict(orient="records")]  # fmt: skip
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _moves(sound: "Clip", detectors: Sequence["Detector"]) -> str:
    from core.panel import Panel
    from core.robustness.hold import QUICK, does_it_hold

    held = does_it_hold(Panel({detector.name: detector for detector in detectors}), sound.waveform, names=QUICK)
    names = [detector.name for detector in detectors]
    rows = [f"{one.label} {' / '.join(_moved(one.members[name]) for name in names)}" for one in held if one.members]
    return f"*Votes under processing* ({' / '.join(names)}, bold where one changes): {'; '.join(rows)}."


def _moved(moved: "Moved") -> str:
    text = f"{moved.after:+.1f}"
    return text if moved.holds else f"**{text}**"
