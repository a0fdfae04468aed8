"""Where a verdict's time goes, without browser and server.

``python -m tests.benchmarks.bench_verdict [--panel FOLDER]`` prints the milliseconds of each part for a clip of 10 s,
by the clock and by the processor, which a busy machine lengthens less: medians of warm rounds. ``FOLDER`` holds
checkpoints and a ``panel.json``.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.audio.clip import Clip
from core.audio.decode import decode, warm
from core.audio.segment import Sound
from core.detectors import checkpoint
from core.detectors.score import ClipScore
from core.runtime.choose import make_ready
from core.speech import speech_seconds
from core.timeline.shipped import shipped_localiser
from core.timeline.track import timeline
from core.usecases import analyse_clip, explain_clip, load_panel
from dashboard.plots.clip import clip_figure
from tests.benchmarks.bench_page import clips

# Set by tests.conftest, for tests.
os.environ.pop("SPOOFSCOPE_ENGINE", None)


def taken(work: Callable[..., Any], *given: Any, **more: Any) -> tuple[Any, float, float]:
    """Return a result with the milliseconds it took, by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work(*given, **more)
    return result, 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor)


def localising(clip: Clip, scores: Mapping[str, ClipScore]) -> dict[str, list[float]]:
    """Return what timeline and exact map cost, made by themselves and of the cells of a score that is known."""
    localiser = shipped_localiser()
    if localiser is None:
        return {}
    make_ready(localiser)
    known = scores.get(localiser.name) or localiser.score(clip.waveform)
    parts = {}
    for how, score in (("by itself", None), ("of a known score", known)):
        parts[f"timeline {how}"] = taken(timeline, clip.waveform, localiser, score=score)[1:]
        parts[f"exact map {how}"] = taken(explain_clip, clip, localiser, score=score, faithfulness=False)[1:]
    return {part: list(times) for part, times in parts.items()}


def main() -> None:
    """Print a row a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panel", type=Path, help="a folder of checkpoints with its panel.json")
    asked = parser.parse_args()
    checkpoint.SHIPPED = asked.panel or checkpoint.SHIPPED
    panel = load_panel()
    for name in panel.members:
        make_ready(panel.detectors[name])
    warm()
    rows: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in 2 * clips(Path(folder)):
            clip, *decoding = taken(decode, path)
            analysis, *analysing = taken(analyse_clip, clip, panel)
            parts: dict[str, Any] = {"decode": decoding, "analyse in all": analysing}
            parts["of it the panel"] = taken(panel.score, clip.waveform)[1:]
            parts["of it speech activity"] = taken(speech_seconds, Sound.of(clip.waveform).waveform)[1:]
            parts["picture"] = taken(clip_figure, analysis, dark=False)[1:]
            parts |= localising(clip, analysis.detectors)
            for name in panel.members:
                parts[f"{name} alone"] = taken(panel.detectors[name].score, clip.waveform)[1:]
            for part, each in parts.items():
                rows.setdefault(part, []).append(tuple(each))
    print("| part | clock, ms | processor, ms |\n| --- | ---: | ---: |")
    for part, each in rows.items():
        clock, processor = (statistics.median(column) for column in zip(*each[2:], strict=True))
        print(f"| {part} | {clock:.1f} | {processor:.1f} |")


if __name__ == "__main__":
    main()
