"""``score``: what the panel says of recordings."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import AudioError

if TYPE_CHECKING:
    from core.panel import Panel

__all__ = ["score"]


def score(
    files: Annotated[list[Path], typer.Argument(help="Recordings: WAV, FLAC, OGG, Opus, MP3, m4a, ...")],
    checkpoint: Annotated[
        list[str] | None, typer.Option(help="Name of a shipped detector, or a checkpoint's folder; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, one object per file.")] = False,
    raw: Annotated[bool, typer.Option(help="Give the networks' own bona fide outputs, uncalibrated.")] = False,
) -> None:
    """Score recordings: probably spoofed, probably bona fide, or not sure."""
    from core.audio.decode import warm

    # The decoder's children start while the networks load; a failure to start is told by the first decode.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(warm)
        from core.usecases import load_panel

        panel = load_panel(checkpoint)
    if not as_json:
        typer.echo(_HEAD)
    answers = []
    for answer in _answers(files, panel, raw=raw):
        answers.append(answer)
        if not as_json:
            typer.echo(_rows(answer))
    if as_json:
        told = json.dumps(answers, indent=2, ensure_ascii=False, allow_nan=False)
        # A file's name may hold bytes that are no text; JSON has an escape for them.
        typer.echo(told.encode("utf-8", "backslashreplace").decode())
    if any(answer["error"] for answer in answers):
        raise typer.Exit(1)


def _answers(files: list[Path], panel: "Panel", *, raw: bool) -> Iterator[dict[str, Any]]:
    from core.audio.decode_ahead import decode_ahead
    from core.usecases import analyse_clip, refusal

    for path, clip in decode_ahead((str(file), file) for file in files):
        if isinstance(clip, AudioError):
            yield refusal(path, clip)
        else:
            yield analyse_clip(clip, panel, path=path).to_json(raw=raw)


_HEAD = f"{'verdict':<18}  {'P(spoof)':>8}  {'score':>8}  {'heard':>9}  file"


def _rows(answer: dict[str, Any]) -> str:
    """Return the panel's row of a file and, where it has several members, one for each."""
    path = _printable(answer["path"])
    if answer["error"]:
        return f"{'not heard':<18}  {'':>8}  {'':>8}  {'':>9}  {path}: {answer['error']}"
    rows = [f"{_figures(answer)}  {answer['decode']['used_s']:>7.2f} s  {path}"]
    if len(answer["detectors"]) > 1:
        rows += [f"{_figures(said)}  {'':>9}    {name}" for name, said in answer["detectors"].items()]
    return "\n".join(rows)


def _figures(said: dict[str, Any]) -> str:
    score = "" if said["score"] is None else f"{said['score']:+.3f}"
    return f"{said['verdict']:<18}  {said['p_spoof']:>8.3f}  {score:>8}"


def _printable(path: str) -> str:
    # A file's name must not be able to move a terminal's cursor.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in path)
