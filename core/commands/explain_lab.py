"""``explain-lab``: how well the maps of detectors find evidence whose place is known."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag, Manifests, Roots, corpus_pairs, json_text

if TYPE_CHECKING:
    from core.corpus.table import Corpus
    from core.detectors.detector import Detector
    from core.lab.figures import Figures, JoinFigures

__all__ = ["explain_lab"]


class _Measured(NamedTuple):
    rows: "list[Figures]"
    joins: "list[JoinFigures]"


@command("explain-lab")
def explain_lab(
    manifest: Manifests,
    root: Roots,
    split: Annotated[str, typer.Option(help="The split whose clips are used: choosing a method costs it.")] = "dev",
    checkpoint: Checkpoints = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Attribution method; may be repeated; all that fit if not given.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of planted evidence; may be repeated; all, and joins, if not given.")
    ] = None,
    clips: Annotated[
        int, typer.Option(help="Clips a kind, of systems seen in training and of unseen ones each.", min=1)
    ] = 60,
    budget: Annotated[
        float,
        typer.Option(help="CPU seconds for a method with a detector; dear methods get fewer clips. 0: no end.", min=0),
    ] = 300.0,
    as_json: JsonFlag = False,
    write: Annotated[Path | None, typer.Option(help="Put the rows between the markers of this file.")] = None,
    ship: Annotated[
        bool,
        typer.Option("--ship", help="Keep the counts and each detector's default method in checkpoints/maps.json."),
    ] = False,
) -> None:
    """Measure whether maps find evidence that was planted.

    Without --checkpoint: the panel's members and the detectors that localise. What is planted depends on the manifest
    alone, so that all detectors and methods get the same clips.
    """
    import torch

    from core.corpus.splits import normalise_split
    from core.corpus.table import read_corpora
    from core.explain.earned import DECIDING
    from core.files import write_text
    from core.lab.table import check_document, document

    # Before minutes are spent: can what is asked for be written?
    if write is not None:
        check_document(write.read_text(encoding="utf-8"))
    if ship and kind and DECIDING not in kind:
        raise typer.BadParameter(f"--ship needs --kind {DECIDING}: it decides on the default method.")
    # A second thread that waits spins, and would count as the method's cost.
    torch.set_num_threads(1)
    pairs = corpus_pairs(manifest, root)
    corpus = read_corpora(pairs, split=normalise_split(split))
    detectors, found = _detectors(checkpoint), _Measured([], [])
    for _ in _measure(found, corpus, _trained(pairs), detectors, method, kind, clips=clips, budget_s=budget):
        # Method by method, so that a long run that is ended keeps what it found.
        if ship:
            _ship(found, detectors, corpus.digest, normalise_split(split))
        if write is not None:
            write_text(write, document(write.read_text(encoding="utf-8"), found.rows, found.joins))
    typer.echo(_as_json(found) if as_json else _as_text(found))


def _detectors(names: Sequence[str] | None) -> "list[Detector]":
    from core.detectors.checkpoint import load_detector
    from core.timeline.shipped import shipped_localiser
    from core.usecases import load_panel

    if names:
        return [load_detector(name) for name in names]
    panel, localiser = load_panel(), shipped_localiser()
    found = [panel.detectors[name] for name in panel.members]
    return found if localiser is None or localiser.name in panel.members else [*found, localiser]


def _trained(pairs: Sequence[tuple[Path, Path]]) -> set[str]:
    """Return the spoofing systems of the corpora's training split; none where there is no such split."""
    from core.corpus.table import read_corpora
    from core.errors import CorpusError

    try:
        return set(read_corpora(pairs, split="train").frame["system"]) - {"-"}
    except CorpusError:
        return set()


def _measure(
    found: _Measured, corpus: "Corpus", trained: set[str], detectors: "Sequence[Detector]", methods: list[str] | None,
    kinds: list[str] | None, *, clips: int, budget_s: float,
) -> Iterator[None]:  # fmt: skip
    """Measure one method after another; what is found is in ``found`` whenever it yields."""
    from core.lab.clips import choose, load
    from core.lab.figures import figures, join_figures
    from core.lab.planted import KINDS
    from core.lab.trials import Scores, baseline_trials, run, steps, timeline_trials
    from core.progress import progress

    chosen, joins = list(kinds) if kinds else KINDS.names(), not kinds
    plan = [(scores, method) for scores in map(Scores, detectors) for method in _methods(scores.detector, methods)]
    with progress("groups of clips searched for copies") as report:
        choices = choose(corpus, clips, trained=trained, report=report)
    sources = list(load(choices))
    for trials in baseline_trials(sources, kinds=chosen, clips=clips):
        found.rows.extend(figures(trials, trained=trained))
    total = sum(steps(scores.detector, sources, chosen, clips=clips, joins=joins) for scores, _ in plan)
    with progress("steps of the lab done") as report:
        done = iter(range(1, total + 1))
        for scores, method in plan:
            trials = run(
                scores, method, sources, kinds=chosen, clips=clips, joins=joins, budget_s=budget_s,
                step=lambda: report(next(done), total),
            )  # fmt: skip
            found.rows.extend(figures(trials, trained=trained | _systems(scores.detector)))
            found.joins.extend(join_figures(trials))
            yield
    for detector in detectors:
        if joins and detector.network.grid() is not None:
            found.joins.extend(join_figures(timeline_trials(detector, sources[:clips])))
    yield


def _methods(detector: "Detector", asked: list[str] | None) -> list[str]:
    from core.errors import ExplanationError
    from core.explain.base import METHODS, methods_for

    known = methods_for(detector)
    wanted = [name for name in asked or known if METHODS.get(name) and name in known]
    if not wanted:
        raise ExplanationError(f"None of these methods can explain {detector.name}: choose of {', '.join(known)}.")
    return wanted


def _systems(detector: "Detector") -> set[str]:
    training = detector.card.training
    return set(training.systems) if training is not None else set()


def _ship(found: _Measured, detectors: "Sequence[Detector]", corpus: str, split: str) -> None:
    from core.detectors.checkpoint import SHIPPED, read_card, shipped
    from core.explain.earned import MAPS, read_maps
    from core.files import write_json
    from core.lab.ship import with_findings, with_untested

    tried = {row.detector for row in found.rows}
    cards = {detector.name: detector.card for detector in detectors if detector.name in tried}
    maps = with_findings(read_maps(), found.rows, cards, corpus=corpus, split=split)
    maps = with_untested(maps, (read_card(SHIPPED / name) for name in shipped()))
    write_json(MAPS, maps.model_dump(mode="json"))


def _as_json(found: _Measured) -> str:
    from dataclasses import asdict

    return json_text({"planted": [asdict(row) for row in found.rows], "joins": [asdict(row) for row in found.joins]})


def _as_text(found: _Measured) -> str:
    return "\n\n".join(_tables(found))


def _tables(found: _Measured) -> Iterator[str]:
    from core.analysis.format import text_table
    from core.lab.table import control_table, join_table, planted_table

    yield text_table(planted_table(found.rows))
    yield text_table(control_table(found.rows))
    if found.joins:
        yield text_table(join_table(found.joins))
    yield (
        "Factor: share of the evidence in the planted place by that place's share of the area (1 is chance); "
        "unplanted: the same before planting, and the second table the same at many places alike. Strongest inside: "
        "clips whose strongest cell lies in the place (before "
        "planting)."
    )
