"""``panel``: anyone's predictions beside each other: who votes how, who is right, and who merely repeats."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.analysis.format import rate
from core.cli import command
from core.shell import JsonFlag, json_text

if TYPE_CHECKING:
    from core.predictions.combined import Combining
    from core.predictions.figures import PanelFigures
    from core.predictions.panel import ImportedPanel
    from core.predictions.predictions import Predictions

__all__ = ["panel", "stated_polarity"]

_INCOMPLETE = 3


_Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of predictions, or folders of runs.")]
_Protocol = Annotated[
    Path | None, typer.Option(help="A protocol, key or manifest: which clips there are, and their labels.")
]
_Columns = Annotated[
    list[str] | None,
    typer.Option(
        help="Corrects guessed columns: NAME:id=COLUMN,score=COLUMN,label=COLUMN,bonafide=VALUE, of a file or of the "
        "protocol; may be repeated."
    ),
]
_Higher = Annotated[
    list[str] | None,
    typer.Option(
        help="What a higher score means, where nothing settles it: NAME=bonafide or NAME=spoof; may be repeated."
    ),
]
_Reference = Annotated[
    str | None, typer.Option(help="The detector whose polarity is known that the others are compared with.")
]
_PutBack = Annotated[
    list[str] | None, typer.Option(help="Let a detector vote that is at chance on the labels; may be repeated.")
]
_Voter = Annotated[
    list[str] | None, typer.Option(help="Let only this detector vote, by default all; may be repeated.")
]
_Combine = Annotated[
    bool, typer.Option("--combine", help="Combine the voters in every way, each against the best single one.")
]
_Anomaly = Annotated[
    list[str] | None,
    typer.Option(
        help="With --combine: a voter that was trained on bona fide speech alone, which the hybrid weighs against the "
        "others; may be repeated."
    ),
]
_PseudoLabels = Annotated[
    Path | None,
    typer.Option(
        help="Write what the voters agree on as a corpus manifest to train on; refused where they are not independent."
    ),
]
_Confidence = Annotated[
    float, typer.Option(help="With --pseudo-labels: least share of the voters' weight behind a label.")
]
_Card = Annotated[
    list[str] | None,
    typer.Option(help="With --pseudo-labels: a voter's checkpoint, NAME=NAME_OR_FOLDER; may be repeated."),
]
_Despite = Annotated[
    bool, typer.Option("--despite", help="Write pseudo-labels although something speaks against them.")
]
_Html = Annotated[Path | None, typer.Option(help="Write the panel as one page that asks for nothing else.")]
_Votes = Annotated[
    Path | None, typer.Option(help="Write a row a clip with every vote, .csv or .parquet, most disputed first.")
]
_Write = Annotated[
    Path | None, typer.Option(help="Replace what stands between the markers --section of this Markdown file.")
]
_Section = Annotated[str, typer.Option(help="With --write: the name in the markers.")]


@command("panel")
def panel(
    files: _Files, protocol: _Protocol = None, columns: _Columns = None, higher: _Higher = None,
    reference: _Reference = None, put_back: _PutBack = None, voter: _Voter = None, with_combinations: _Combine = False,
    anomaly: _Anomaly = None, pseudo_labels: _PseudoLabels = None, confidence: _Confidence = 1.0, card: _Card = None,
    despite: _Despite = False, as_json: JsonFlag = False, html: _Html = None, votes: _Votes = None,
    write: _Write = None, section: _Section = "panel",
) -> None:  # fmt: skip
    """Compare anyone's predictions of the same clips.

    Prints of each file its polarity and how that was settled, coverage and error rate; of all together agreement, how
    many independent voters they amount to, and the disputed clips. A detector is called as its file, with its suffix
    or folder where another is called so. Exits with 3 where a file covers under 99 % of the clips, and with 1 where the
    polarity of one is not settled.
    """
    from core.predictions.combined import combine
    from core.predictions.figures import panel_figures
    from core.predictions.panel import assemble
    from core.predictions.protocol import read_protocol

    if votes is not None and votes.suffix not in (".csv", ".parquet"):
        raise typer.BadParameter(f"--votes {votes} ends neither in .csv nor in .parquet.")
    named = _columns(columns or [])
    about = "" if protocol is None or protocol.stem in {path.stem for path in files} else protocol.stem
    of_protocol = named.pop(about, None)
    read = _read(files, named, {*voter, reference} if voter else None)
    found = assemble(
        read, protocol=None if protocol is None else read_protocol(protocol, read[0].ids, columns=of_protocol),
        higher=stated_polarity(higher or []), reference=reference, put_back=put_back or (),
        voters=voter or (),
    )  # fmt: skip
    figures = panel_figures(found)
    combined = combine(found, anomaly=anomaly or ()) if with_combinations else None
    if html is not None:
        _write_page(html, found, figures, combined)
    if votes is not None:
        _write_votes(votes, found, figures)
    if write is not None:
        _write_section(write, section, found, figures, combined)
    typer.echo((_as_json if as_json else _as_text)(found, figures, combined))
    if pseudo_labels is not None:
        runs = [path for path in files if path.is_dir()]
        cards = _cards(card or [])
        _propose(pseudo_labels, found, figures, cards=cards, confidence=confidence, runs=runs, despite=despite)
    _exit_where_incomplete(found)


def _write_page(
    path: Path, found: "ImportedPanel", figures: "PanelFigures", combined: "Combining | None"
) -> None:
    from core.files import write_text
    from core.predictions.page import page_html

    write_text(path, page_html(found, figures, combined))


def _write_section(
    path: Path, section: str, found: "ImportedPanel", figures: "PanelFigures", combined: "Combining | None"
) -> None:
    from core.files import write_text
    from core.predictions.markdown import panel_markdown
    from core.results.report import between_markers

    text = path.read_text(encoding="utf-8")
    write_text(path, between_markers(text, panel_markdown(found, figures, combined), what=section))


def _as_json(found: "ImportedPanel", figures: "PanelFigures", combined: "Combining | None") -> str:
    from core.predictions.report import as_json, combining_json

    extra = {} if combined is None else {"combining": combining_json(combined)}
    return json_text(as_json(found, figures) | extra)


def _as_text(found: "ImportedPanel", figures: "PanelFigures", combined: "Combining | None") -> str:
    from core.predictions.report import as_text, combining_text

    return as_text(found, figures) + ("" if combined is None else f"\n\n{combining_text(combined)}")


def _write_votes(path: Path, found: "ImportedPanel", figures: "PanelFigures") -> None:
    from core.files import write_bytes
    from core.predictions.vote_table import vote_table
    from core.results.exporting import table_bytes

    write_bytes(path, table_bytes(vote_table(found, figures), path.suffix.lstrip(".")))


def _propose(
    path: Path, found: "ImportedPanel", figures: "PanelFigures", *, cards: dict[str, str], confidence: float,
    runs: list[Path], despite: bool,
) -> None:  # fmt: skip
    from core.predictions.pseudo import propose, write_proposal
    from core.predictions.runs import cards_of, prosody_of, rows_of

    known = cards_of([member.predictions for member in found.voters], cards)
    proposal = propose(found, figures, cards=known, confidence=confidence, prosody=prosody_of(runs))
    write_proposal(proposal, path, rows=rows_of(runs), despite=despite)
    typer.echo(f"{len(proposal.ids):,} clips with pseudo-labels: {path}", err=True)


def _exit_where_incomplete(found: "ImportedPanel") -> None:
    for member in found.unsettled:
        typer.echo(
            f"The polarity of {member.name} is {member.polarity.words}: state it with --higher {member.name}=bonafide "
            f"or --higher {member.name}=spoof, or give --protocol or --reference.", err=True,
        )  # fmt: skip
    for member in found.incomplete:
        covered = rate(member.aligned.coverage, digits=2)
        typer.echo(f"{member.name} covers {covered} of the clips, under 99 %.", err=True)
    if found.incomplete or found.unsettled:
        raise typer.Exit(_INCOMPLETE if found.incomplete else 1)


def _read(
    files: list[Path], columns: dict[str, dict[str, str]], wanted: set[str | None] | None
) -> "list[Predictions]":
    """Read all files, and of the runs the wanted detectors."""
    from core.predictions.predictions import read_predictions
    from core.predictions.runs import is_run, predictions_of_run
    from core.results.store import read_run

    runs = {path: read_run(path) for path in files if is_run(path)}
    read = []
    for (path, detector), name in _names(files, {path: run.detectors for path, run in runs.items()}).items():
        if not detector:
            read.append(read_predictions(path, name=name, columns=columns.pop(name, None)))
        elif wanted is None or name in wanted:
            read += [replace(one, name=name) for one in predictions_of_run(runs[path], [detector])]
    if columns:
        raise typer.BadParameter(f"--columns names {next(iter(columns))}, and no file is called so.")
    return read


def _names(files: list[Path], runs: Mapping[Path, Sequence[str]]) -> dict[tuple[Path, str], str]:
    """Return what each file's detector, or each of a run's, is called: by its own name, and more where that is shared.

    Raises
    ------
    BadParameter
        When a file is named twice.
    """
    twice = [path for place, path in enumerate(files) if path.resolve() in {each.resolve() for each in files[:place]}]
    if twice:
        raise typer.BadParameter(f"{twice[0]} is given twice: a copy is no further voter. Name each file once.")
    names = {(path, one): one or path.stem for path in files for one in runs.get(path, [""])}
    for fuller in (lambda path: path.name, str):
        counts = Counter(names.values())
        names = {
            (path, one): name if counts[name] == 1 else f"{one} ({fuller(path)})" if one else fuller(path)
            for (path, one), name in names.items()
        }
    return names


def _columns(given: list[str]) -> dict[str, dict[str, str]]:
    found = {}
    for text in given:
        name, colon, rest = text.partition(":")
        pairs = [pair.partition("=") for pair in rest.split(",")]
        if not colon or not all(equals and value for _, equals, value in pairs):
            raise typer.BadParameter(f"--columns {text} is not of the form NAME:id=COLUMN,score=COLUMN.")
        found[name] = {role.strip(): value for role, _, value in pairs}
    return found


def _cards(given: list[str]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in given]
    if not all(name and place for name, _, place in pairs):
        raise typer.BadParameter("--card is of the form NAME=NAME_OR_FOLDER.")
    return {name: place for name, _, place in pairs}


def stated_polarity(given: list[str]) -> dict[str, Literal["bonafide", "spoof"]]:
    """Return what a higher score means by detector, from texts ``NAME=bonafide`` or ``NAME=spoof``."""
    found: dict[str, Literal["bonafide", "spoof"]] = {}
    for text in given:
        name, _, word = text.rpartition("=")
        if not name or word not in ("bonafide", "spoof"):
            raise typer.BadParameter(f"--higher {text} is neither NAME=bonafide nor NAME=spoof.")
        found[name] = "bonafide" if word == "bonafide" else "spoof"
    return found
