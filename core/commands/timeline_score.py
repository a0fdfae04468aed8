"""``timeline-score``: how well timelines find the spoofed seconds of a corpus whose labels are known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.progress import progress
from core.shell import CHECKPOINT_HELP, JsonFlag, json_text, printable

if TYPE_CHECKING:
    from core.corpus.reader import Row, Spans
    from core.corpus.tree import Tree
    from core.detectors.detector import Detector
    from core.timeline.measured import Figure, Judged

__all__ = ["timeline_score"]


@command("timeline-score")
def timeline_score(
    root: Annotated[Path, typer.Argument(help="The folder of a corpus of partial spoofs, as it was downloaded.")],
    checkpoint: Annotated[
        str | None,
        typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}; it must have cells."),
    ] = None,
    layout: Annotated[
        str | None, typer.Option("--format", help="Which corpus it is; recognised by its files if not given.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only the clips of this split.")] = None,
    most: Annotated[int, typer.Option(min=0, help="Score at most so many clips, drawn evenly; 0 scores all.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Measure timelines on a corpus of partial spoofs.

    Prints segment EER at 160 ms, range-based EER, event F1 at an intersection over union of 0.5, and the shares of
    seconds that are missed and falsely marked, with intervals over speakers.
    """
    from core.corpus.reader import READERS, detect
    from core.corpus.tree import Tree
    from core.errors import CorpusError
    from core.timeline.measured import measure
    from core.timeline.shipped import fitted_detector

    tree = Tree(root)
    reader = READERS.get(layout if layout is not None else detect(tree))()
    spans = reader.spoofed_spans(tree)
    rows = [row for row in reader.read(tree).rows if row.path in spans and split in {None, row.split}]
    if not any(spans[row.path] for row in rows):
        raise CorpusError(
            f"No clip under {root} has both a recording and a spoofed span: check --split and the labels."
        )
    detector = fitted_detector(checkpoint)
    found = measure(_judged(detector, tree, rows[:: -(-len(rows) // most)] if most else rows, spans))
    if as_json:
        typer.echo(json_text({"detector": detector.name, **{name: own.to_json() for name, own in found.items()}}))
        return
    typer.echo("\n".join([f"{detector.name} on {printable(str(root))}", *(_line(*each) for each in found.items())]))


def _judged(
    detector: "Detector", tree: "Tree", rows: "list[Row]", spans: "Spans"
) -> "list[Judged]":  # fmt: skip
    from core.audio.decode_ahead import decode_ahead
    from core.errors import AudioError
    from core.timeline.measured import Judged
    from core.timeline.track import timeline

    judged = []
    with progress("clips scored") as report:
        for row, clip in decode_ahead((row, tree.root / row.path) for row in rows):
            if isinstance(clip, AudioError):
                typer.echo(f"left out: {printable(row.path)}: {clip}", err=True)
                continue
            found = timeline(clip.waveform, detector)
            group = row.speaker if row.speaker != "-" else row.path
            judged.append(Judged(found.llr, found.segments, spans[row.path], found.hop_s, found.duration_s, group))
            report(len(judged), len(rows))
    return judged


def _line(name: str, figure: "Figure") -> str:
    return f"{name.replace('_', ' '):<18}{figure.value:>7.3f}  [{figure.low:.3f}, {figure.high:.3f}]"
