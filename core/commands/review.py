"""``review``: what people judged a run's disputed clips to be; exported, merged, and how far they agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import JsonFlag, json_text

if TYPE_CHECKING:
    from core.review.store import Kept, Reviews

__all__ = ["review"]


@command("review")
def review(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    merge: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Another reviewer's export to take over; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File for all judgements: .csv or .parquet.")
    ] = None,
    examine: Annotated[
        list[str] | None,
        typer.Option(metavar="CLIP", help="Only describe this clip of the run: how it sounds, and what "
                     "each voter makes of it, as Markdown; may be repeated."),
    ] = None,
    voter: Annotated[
        list[str] | None, typer.Option(help="With --examine: a detector; may be repeated; by default the run's panel.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="With --examine: replace what stands between the markers of this Markdown file.")
    ] = None,
    section: Annotated[str, typer.Option(help="With --write: the name in the markers.")] = "examined",
    as_json: JsonFlag = False,
) -> None:
    """Count, merge, export judgements of clips; describe clips.

    Judgements are made on the page, under Disagreements. Agreement between reviewers is Krippendorff's alpha.
    """
    if examine:
        return _examine(run, examine, voter or [], write, section)
    from core.errors import ResultsError
    from core.files import write_bytes
    from core.results.exporting import FORMATS, table_bytes
    from core.results.store import read_run
    from core.review.exchange import judgement_table
    from core.review.judged import clips_key_of
    from core.review.store import reviews_of

    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    if output is not None and ending not in FORMATS:
        raise ResultsError(f"{output} ends in none of {', '.join(f'.{each}' for each in FORMATS)}: name it so.")
    reviews = reviews_of(clips_key_of(read_run(run)))
    for path in merge or []:
        _merge(reviews, path)
    kept = reviews.read()
    for problem in kept.problems:
        typer.echo(problem, err=True)
    if output is not None:
        write_bytes(output, table_bytes(judgement_table(kept.judgements), ending))
    _report(kept, as_json=as_json)


def _examine(folder: Path, clips: list[str], voters: list[str], write: Path | None, section: str) -> None:
    from core.detectors.checkpoint import find_checkpoint, load_detector
    from core.files import write_text
    from core.results.report import between_markers
    from core.results.store import read_run
    from core.review.examined import examined

    run = read_run(folder)
    detectors = [load_detector(find_checkpoint(name)) for name in voters or run.members]
    text = "\n\n".join(examined(run, clip, detectors) for clip in clips)
    if write is not None:
        write_text(write, between_markers(write.read_text(encoding="utf-8"), text, what=section))
    typer.echo(text)


def _merge(reviews: "Reviews", path: Path) -> None:
    from core.review.exchange import read_judgements

    found, problems = read_judgements(path)
    merged = reviews.merge(found)
    for problem in problems:
        typer.echo(problem, err=True)
    counts = f"{merged.added} taken over, {merged.known} there already, {merged.foreign} of other clips left out"
    typer.echo(f"{path}: {counts}.", err=True)


def _report(kept: "Kept", *, as_json: bool) -> None:
    from collections import Counter

    from core.review.agreement import agreement, agreement_sentence
    from core.review.store import latest

    answers = Counter((one.reviewer, one.answer) for one in latest(kept.judgements).values() if one.answer)
    people = {name: {answer: n for (who, answer), n in answers.items() if who == name} for name, _ in sorted(answers)}
    if as_json:
        alpha = agreement(kept.judgements)._asdict()
        known = {name: None if value != value else value for name, value in alpha.items()}
        typer.echo(json_text({"reviewers": people, "agreement": known, "problems": list(kept.problems)}))
        return
    for name, given in people.items():
        typer.echo(f"{name}: {', '.join(f'{n} {answer}' for answer, n in sorted(given.items()))}")
    typer.echo(agreement_sentence(kept.judgements))
