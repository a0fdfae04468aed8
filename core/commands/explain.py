"""``explain``: what a detector's score rests on, as arrays, a picture, a sentence, and sound."""

import io
import json
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

__all__ = ["explain"]

_SOUNDS = ("evidence.wav", "rest.wav")


@command("explain")
def explain(
    file: Annotated[Path, typer.Argument(help="One recording.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for what is written.")],
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="Attribution method; the detector's default if not given.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Explain a detector's score of a recording.

    Writes which seconds and which frequencies the score rests on; no sound of the evidence where the map fails its
    faithfulness check.
    """
    from core.audio.decode import decode
    from core.detectors.checkpoint import load_detector
    from core.usecases import default_detector, explain_clip

    detector = load_detector(checkpoint if checkpoint is not None else default_detector())
    clip = decode(file)
    # The map and the check of it each go through all windows, some of them more than once.
    with progress("windows of this pass explained") as report, reporting_to(report):
        explanation = explain_clip(clip, detector, method)
    contents = _contents(str(file), clip, explanation)
    _write(output, contents)
    if as_json:
        typer.echo(contents["explanation.json"].decode(), nl=False)
        return
    typer.echo(explanation.sentence)
    if explanation.faithfulness is not None:
        typer.echo(explanation.faithfulness.words)
    typer.echo(f"Written to {output}.")


def _contents(path: str, clip: "Clip", explanation: "Explanation") -> dict[str, bytes]:
    from core.explain.overlay import overlay_png

    score = explanation.score
    title = f"{clip.name}: {score.verdict}, P(spoof) {score.p_spoof:.2f} ({score.name}, {explanation.method})"
    summary = {
        "path": path, "detector": explanation.detector, "method": explanation.method, "target": explanation.target,
        "p_spoof": score.p_spoof, "score": score.score, "verdict": score.verdict, "padded_s": score.padded_s,
        "sentence": explanation.sentence, "axes": list(explanation.axes),
        "regions": [_plain(region) for region in explanation.regions],
        "faithfulness": _plain(explanation.faithfulness), "decode": clip.record.to_json(),
    }  # fmt: skip
    arrays = {"times_s": explanation.times_s, "freqs_hz": explanation.freqs_hz, "attribution": explanation.attribution}
    return {
        "explanation.npz": _npz(arrays),
        "explanation.json": (json_text(summary) + "\n").encode(),
        "overlay.png": overlay_png(clip.waveform, explanation.attribution, title=title, caption=explanation.sentence),
        **_sounds(clip, explanation),
    }


def _sounds(clip: "Clip", explanation: "Explanation") -> dict[str, bytes]:
    """Return the evidence and the rest as sound; nothing where the map marks nothing that the detector relies on."""
    from core.explain.evidence import evidence

    if explanation.faithfulness is not None and not explanation.faithfulness.faithful:
        return {}
    return dict(zip(_SOUNDS, map(_wav, evidence(clip, explanation)), strict=True))


def _plain(record: Any) -> Any:
    """Return a dataclass as JSON values; None stays None."""
    from dataclasses import asdict

    if record is None:
        return None
    return json.loads(json.dumps(asdict(record), default=lambda value: np.asarray(value).tolist()))


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
        for name in _SOUNDS:
            if name not in contents:
                (folder / name).unlink(missing_ok=True)
        for name, content in contents.items():
            write_bytes(folder / name, content)
        return
    with atomic_folder(folder) as temporary:
        for name, content in contents.items():
            write_bytes(temporary / name, content)
