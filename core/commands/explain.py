"""``explain``: what a detector's score rests on, as arrays, a picture, a sentence, and sound."""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from core.cli import command
from core.files import atomic_folder, write_bytes
from core.progress import progress
from core.shell import CHECKPOINT_HELP, JsonFlag, json_text
from core.watch import reporting_to

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.explain.base import Explanation
    from core.explain.cues import Cue
    from core.explained import Explained

__all__ = ["explain"]

_SOUNDS = ("evidence.wav", "rest.wav")
# Not every explanation comes with these.
_SOME = (*_SOUNDS, "cues.json")
_PROMISE = (
    "evidence.wav holds what the map marks, rest.wav all else. Most listeners cannot hear what a detector responds to."
)


@command("explain")
def explain(
    file: Annotated[Path, typer.Argument(help="One recording.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for what is written.")],
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="Attribution method; the detector's default if not given.")] = None,
    without_cues: Annotated[
        bool, typer.Option("--no-cues", help="Leave out what kind of place the evidence lies in.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Explain a detector's score of a recording.

    Writes which seconds and which frequencies the score rests on, and what kind of places they are; no sound of the
    evidence where the map fails its faithfulness check, and no place where nobody speaks.
    """
    from core.audio.decode import decode
    from core.detectors.checkpoint import load_detector
    from core.explain.cues import find_cues
    from core.explained import explain_by
    from core.usecases import default_detector

    detector = load_detector(checkpoint if checkpoint is not None else default_detector())
    clip = decode(file)
    # The map and the check of it each go through all windows, some of them more than once.
    with progress("windows of this pass explained") as report, reporting_to(report):
        found = explain_by(detector, clip, method, path=str(file))
        wanted = not without_cues and found.analysis.verdict is not None
        places = find_cues(clip, detector, found.explanation.attribution) if wanted else ()
    contents = _contents(found, places)
    _write(output, contents)
    if as_json:
        typer.echo(contents["explanation.json"].decode(), nl=False)
        return
    for line in _lines(found, places, contents):
        typer.echo(line)
    typer.echo(f"Written to {output}.")


def _lines(found: "Explained", cues: "Sequence[Cue]", contents: Mapping[str, bytes]) -> Iterator[str]:
    analysis, explanation = found.analysis, found.explanation
    yield explanation.sentence
    if analysis.verdict is None:
        return
    if analysis.note:
        yield analysis.note
    if explanation.faithfulness is not None:
        yield explanation.faithfulness.words
    yield from (f"- {cue}" for cue in cues)
    if _SOUNDS[0] in contents:
        yield _PROMISE


def _contents(found: "Explained", cues: "Sequence[Cue]") -> dict[str, bytes]:
    from core.explain.overlay import overlay_png
    from core.explained import plain

    analysis, explanation = found.analysis, found.explanation
    clip, score = analysis.clip, explanation.score
    # Of a clip without speech a detector's P(spoof) means nothing.
    outcome = "no verdict" if analysis.verdict is None else f"{analysis.verdict}, P(spoof) {score.p_spoof:.2f}"
    title = f"{clip.name}: {outcome} ({score.name}, {explanation.method})"
    arrays = {"times_s": explanation.times_s, "freqs_hz": explanation.freqs_hz, "attribution": explanation.attribution}
    return {
        "explanation.npz": _npz(arrays),
        "explanation.json": (json_text(found.to_json()) + "\n").encode(),
        "overlay.png": overlay_png(clip.waveform, explanation.attribution, title=title, caption=explanation.sentence),
        **({"cues.json": (json_text([plain(cue) for cue in cues]) + "\n").encode()} if cues else {}),
        **(_sounds(clip, explanation) if analysis.verdict is not None else {}),
    }


def _sounds(clip: "Clip", explanation: "Explanation") -> dict[str, bytes]:
    """Return the evidence and the rest as sound; nothing where the map marks nothing that the detector relies on."""
    from core.explain.evidence import evidence

    if explanation.faithfulness is not None and not explanation.faithfulness.faithful:
        return {}
    return dict(zip(_SOUNDS, map(_wav, evidence(clip, explanation)), strict=True))


def _npz(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _wav(waveform: NDArray[np.float32]) -> bytes:
    import soundfile

    from core.audio.clip import SAMPLE_RATE

    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(waveform, -1, 1), SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    if folder.exists():
        # The folder may hold other things of its owner: only our files are replaced, each at once.
        for name in _SOME:
            if name not in contents:
                (folder / name).unlink(missing_ok=True)
        for name, content in contents.items():
            write_bytes(folder / name, content)
        return
    with atomic_folder(folder) as temporary:
        for name, content in contents.items():
            write_bytes(temporary / name, content)
