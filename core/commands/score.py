"""``score``: the panel's verdict on recordings."""

import glob
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.errors import AudioError
from core.progress import Reporter, progress
from core.shell import Checkpoints, JsonFlag, json_text, printable
from core.watch import reporting_to

if TYPE_CHECKING:
    from core.panel import Panel
    from core.usecases import Analysis

__all__ = ["score"]


@command("score")
def score(
    files: Annotated[list[str], typer.Argument(help="Recordings, folders of them, or patterns such as 'calls/*.wav'.")],
    checkpoint: Checkpoints = None,
    as_json: JsonFlag = False,
    as_lines: Annotated[
        bool, typer.Option("--jsonl", help="Print JSON, an object on a line as soon as its file is scored.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Give the networks' own bona fide outputs, uncalibrated.")] = False,
    language: Annotated[
        str | None,
        typer.Option("--words", metavar="LANGUAGE", help="Print a paragraph for each file, in a language: en, de, …"),
    ] = None,
) -> None:
    """Score recordings: spoofed, bona fide, or not sure."""
    from core.audio.decode import warm

    if language is not None:
        from core.words.language import read_language

        # Before minutes are spent: is there such a language?
        read_language(language)
    paths = list(dict.fromkeys(_paths(files)))
    # The decoder's children start while the networks load; a failure to start is reported by the first decode.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(warm)
        from core.usecases import load_panel

        panel = load_panel(checkpoint)
    answers: list[dict[str, Any]] = []
    if not (as_json or as_lines or language):
        typer.echo(_HEAD)
    # Of one file, which may be long, the windows are counted.
    one = len(paths) == 1
    try:
        with progress("windows scored" if one else "files scored") as report, _windows_to(report if one else None):
            for answer in _answers(paths, panel, raw=raw, language=language):
                answers.append(answer)
                if not as_json:
                    report.line(json_text(answer, indent=None) if as_lines else _text(answer))
                if not one:
                    report(len(answers), len(paths))
    finally:
        # Also where it is interrupted: what has been scored is not lost.
        if as_json:
            typer.echo(json_text(answers))
    if any(answer["error"] for answer in answers):
        raise typer.Exit(1)


def _windows_to(report: Reporter | None) -> AbstractContextManager[None]:
    return nullcontext() if report is None else reporting_to(report)


def _paths(names: Iterable[str]) -> Iterator[Path]:
    """Yield the recordings that the arguments name; a folder stands for all that are in it."""
    for name in names:
        # Not Path.glob, which refuses patterns that begin at the root.
        found = [name] if Path(name).exists() else sorted(glob.glob(name, recursive=True))  # noqa: PTH207
        for path in map(Path, found or [name]):
            yield from _recordings_in(path) if path.is_dir() else [path]


def _recordings_in(folder: Path) -> list[Path]:
    from core.corpus.tree import Tree

    tree = Tree(folder)
    for warning in tree.warnings():
        typer.echo(f"warning: {folder}: {warning}", err=True)
    if not tree.audio:
        raise AudioError(f"{folder} holds no recording: give a folder with WAV, FLAC, MP3 or other sound files.")
    return [folder / path for path in tree.audio]


def _answers(paths: list[Path], panel: "Panel", *, raw: bool, language: str | None) -> Iterator[dict[str, Any]]:
    from core.audio.decode_ahead import decode_ahead
    from core.usecases import add_detectors, analyse_clip, refusal

    for path, clip in decode_ahead((str(path), path) for path in paths):
        if isinstance(clip, AudioError):
            yield refusal(path, clip)
        else:
            analysis = analyse_clip(clip, panel, path=path)
            # Detectors that were named without being members of the panel that the others make.
            answer = add_detectors(analysis, panel, panel.others).to_json(raw=raw)
            yield answer | _words(analysis, panel, path, language) if language is not None else answer


def _words(analysis: "Analysis", panel: "Panel", path: str, language: str) -> dict[str, Any]:
    from core.words import whole_facts, words_json

    return {"words": words_json(whole_facts(analysis, panel, Path(path)), language)}


def _text(answer: dict[str, Any]) -> str:
    """Return what is printed of a file: its paragraph where one was asked for, and otherwise its rows."""
    return f"{printable(answer['words']['text'])}\n" if "words" in answer else _rows(answer)


_HEAD = f"{'verdict':<24}  {'P(spoof)':>8}  {'score':>8}  {'scored':>9}  file"


def _rows(answer: dict[str, Any]) -> str:
    """Return the panel's row of a file and, where it has several members, one for each."""
    path = printable(answer["path"])
    if answer["error"]:
        return f"{'not scored':<24}  {'':>8}  {'':>8}  {'':>9}  {path}: {answer['error']}"
    rows = [f"{_figures(answer)}  {answer['decode']['used_s']:>7.2f} s  {path}"]
    if len(answer["detectors"]) > 1:
        rows += [f"{_figures(result)}  {'':>9}    {name}" for name, result in answer["detectors"].items()]
    if answer["note"]:
        rows.append(f"{'':<47}{answer['note']}")
    return "\n".join(rows)


def _figures(result: dict[str, Any]) -> str:
    score = "" if result["score"] is None else f"{result['score']:+.3f}"
    return f"{result['verdict'] or 'no verdict':<24}  {result['p_spoof']:>8.3f}  {score:>8}"
