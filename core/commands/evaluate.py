"""``evaluate``: a corpus' split is scored, the figures are printed, and the run is kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag, corpus_pairs, json_text

if TYPE_CHECKING:
    import pandas as pd

    from core.corpus.table import Corpus
    from core.panel import Panel
    from core.results.fill import Tally
    from core.results.store import Run
    from core.scoring.base import Executor

__all__ = ["evaluate"]


_Place = Annotated[Path | None, typer.Argument(help="A corpus' folder or manifest, or any folder of recordings.")]
_Manifests = Annotated[
    list[Path] | None, typer.Option("--manifest", metavar="FILE", help="Instead: tables of the corpus' clips.")
]
_Roots = Annotated[
    list[Path] | None, typer.Option("--root", metavar="FOLDER", help="The root of each manifest, in their order.")
]
_Split = Annotated[str | None, typer.Option(help="One split alone: train, dev or eval.")]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder of the run; by default in the user's data folder.")
]
_Resamples = Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")]
_EmbeddingDims = Annotated[
    int | None,
    typer.Option(help="Keep embeddings in half precision and reduced to so many dimensions; a run has one number."),
]
_Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Leave nothing else in the folder; scores that are asked for stay.")
]
_WithAudit = Annotated[bool, typer.Option("--audit", help="Audit all splits and keep the result too.")]
_Full = Annotated[bool, typer.Option("--full", help="Print every figure, a table for each detector.")]
_WithoutScores = Annotated[
    bool, typer.Option("--no-scores", help="Write no score files beside the run, as where it is one that ships.")
]
_MembersOnly = Annotated[
    bool, typer.Option("--panel", help="Without --checkpoint: score with the members of the panel, not with all.")
]
_Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Workers, one core each; by default one a core.")
]
_Where = Annotated[
    str, typer.Option("--executor", help="Where clips are scored: process, ray or local (docs/runs.md).")
]


@command("evaluate")
def evaluate(
    place: _Place = None, manifest: _Manifests = None, root: _Roots = None, split: _Split = None,
    checkpoint: Checkpoints = None, as_json: JsonFlag = False, output: _Output = None, resamples: _Resamples = 1000,
    embedding_dims: _EmbeddingDims = None, overwrite: _Overwrite = False, with_audit: _WithAudit = False,
    full: _Full = False, without_scores: _WithoutScores = False, members_only: _MembersOnly = False,
    jobs: _Jobs = None, where: _Where = "process",
) -> None:  # fmt: skip
    """Score a corpus or one split of it, and print error rates.

    Only what was not scored before is scored. Beside the run, in its folder scores/, each detector and the panel get
    the score file of the public anti-spoofing arena.
    """
    from core.scoring.base import EXECUTORS

    with EXECUTORS.get(where)(jobs) as executor:
        # Before what takes a second to import here, too.
        executor.expect("core.results.clip_worker")

        from core.corpus.splits import normalise_split
        from core.detectors.checkpoint import shipped
        from core.results.arena import write_score_files
        from core.results.evaluation import evaluate_run
        from core.results.library import remember_corpus
        from core.usecases import load_panel

        split = None if split is None else normalise_split(split)
        corpora = corpus_pairs(manifest or [], root or [])
        corpus = _corpus(place, corpora, split)
        panel = load_panel(checkpoint or (None if members_only else shipped()))
        run = _filled(
            corpus, panel, output or _folder(corpus, place, split), executor, split=split,
            embedding_dims=embedding_dims, overwrite=overwrite, audited=_audit(place, corpora) if with_audit else None,
        )  # fmt: skip
        remember_corpus(corpus.digest, corpus.root)
        files = None if without_scores else write_score_files(run, run.detectors)
        tables = evaluate_run(run, resamples=resamples)
        _print_problems(run)
        typer.echo(_as_json(run, tables, files) if as_json else _as_text(run, tables, files, full=full))


def _folder(corpus: "Corpus", place: Path | None, split: str | None) -> Path:
    """Return where the run is kept if nobody chooses: in the user's data folder, by its clips or by its place."""
    from core.paths import run_folder
    from core.results.job import place_folder
    from core.results.keys import clips_key

    key = clips_key(corpus, split=split)
    return run_folder(key) if place is None else place_folder(place, key)


def _filled(
    corpus: "Corpus", panel: "Panel", folder: Path, executor: "Executor", *, split: str | None,
    embedding_dims: int | None, overwrite: bool, audited: dict[str, Any] | None,
) -> "Run":  # fmt: skip
    """Score what is missing in a run, with progress, what it needs, and at the end what was done."""
    from core.progress import progress
    from core.results.fill import score_corpus

    done: list[Tally] = []
    with progress("clips scored") as reporter:
        run = score_corpus(
            corpus, panel, folder, split=split, embedding_dims=embedding_dims, overwrite=overwrite,
            progress=reporter, tally=done.append, executor=executor, audited=audited,
            needs=lambda needs: typer.echo(needs.text, err=True),
        )  # fmt: skip
    typer.echo(_scored(done[0]), err=True)
    return run


def _corpus(place: Path | None, corpora: list[tuple[Path, Path]], split: str | None) -> "Corpus":
    from core.corpus.opened import open_corpus
    from core.corpus.table import read_corpora
    from core.errors import CorpusError

    if (place is None) == (not corpora):
        raise CorpusError("Name one of both: a folder or manifest to score, or --manifest and --root.")
    if place is not None:
        corpus = open_corpus(place, split=split, verify=True)
    else:
        corpus = read_corpora(corpora, split=split, verify=True)
    if corpus.frame.empty:
        where = "" if split is None else f" in the split {split!r}: choose another split"
        raise CorpusError(f"The corpus has no usable row{where}.")
    return corpus


def _audit(place: Path | None, corpora: list[tuple[Path, Path]]) -> dict[str, Any]:
    from core.corpus.audit import audit
    from core.overlap import shipped_prints

    corpus, prints = _corpus(place, corpora, None), shipped_prints()
    return audit(corpus, known=None if prints is None else prints.known).summary(corpus)


def _scored(tally: "Tally") -> str:
    clips, detectors = _counted(tally.clips, "clip"), _counted(tally.detectors, "detector")
    if tally.clips and not tally.detectors:
        return f"measured {clips}; {_counted(tally.found, 'score')} were there already"
    there = "was" if tally.found == 1 else "were"
    return f"scored {clips} with {detectors}; {_counted(tally.found, 'score')} {there} there already"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _print_problems(run: "Run") -> None:
    for problem in run.problems[:20]:
        typer.echo(f"not scored: {problem['path']}: {problem['what']}", err=True)
    if len(run.problems) > 20:
        typer.echo(f"and {len(run.problems) - 20} more: --json lists them all", err=True)


def _why_no_rate(run: "Run", tables: "dict[str, pd.DataFrame]") -> list[str]:
    """Return the reason for a row of dashes, if there is one."""
    if tables["panel"]["eer"].notna().any():
        return []
    if not run.real.any() and not run.fake.any():
        counts = run.panel["verdict"].value_counts()
        panel = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
        return [f"These clips have no labels, so that no error rate can be given. The panel's verdicts: {panel}."]
    return [
        "No error rate can be given: it takes at least two clips of each class, and here are "
        f"{run.real.sum():,} bona fide and {run.fake.sum():,} spoofed."
    ]


def _as_json(run: "Run", tables: "dict[str, pd.DataFrame]", files: Path | None) -> str:
    from core.results.evaluation import plain_rows

    figures = {name: plain_rows(table) for name, table in tables.items()}
    return json_text({
        "run": str(run.folder), "digest": run.digest, "score_files": None if files is None else str(files),
        "problems": run.problems, "figures": figures,
    })  # fmt: skip


def _shown(table: "pd.DataFrame") -> list[str]:
    # What fits a terminal; --json has the rest.
    stems = ("eer", "auc", "cllr")
    ends = [f"{stem}{end}" for stem in stems for end in ("", "_low", "_high")]
    wanted = ["slice", "n_bonafide", "n_spoof", *ends, "min_dcf", "act_dcf", "false_alarm_rate", "miss_rate"]
    return [name for name in wanted if name in table.columns]


def _as_text(run: "Run", tables: "dict[str, pd.DataFrame]", files: Path | None, *, full: bool) -> str:
    kept = f"{_counted(len(run.clips), 'clip')} scored, {len(run.problems)} not. Run: {run.folder}"
    if files is not None:
        kept += f"\nScore files of the anti-spoofing arena (utterance, score; higher = bona fide): {files}"
    return "\n\n".join([_in_full(tables) if full else _as_table(run, tables), *_why_no_rate(run, tables), kept])


def _in_full(tables: "dict[str, pd.DataFrame]") -> str:
    from core.analysis.tables import render_table

    return "\n\n".join(f"{name}\n{render_table(table[_shown(table)])}" for name, table in tables.items())


def _as_table(run: "Run", tables: "dict[str, pd.DataFrame]") -> str:
    from core.results.report import results_text

    return results_text(run, tables)
