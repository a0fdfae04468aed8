"""``evaluate``: a corpus' split is scored, the figures are printed, and the run is kept."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag, Manifest, Root

if TYPE_CHECKING:
    import pandas as pd

    from core.corpus.table import Corpus
    from core.results.store import Run

__all__ = ["evaluate"]


@command("evaluate")
def evaluate(
    manifest: Manifest,
    root: Root,
    split: Annotated[str, typer.Option(help="The split to score: train, dev or eval.")],
    checkpoint: Checkpoints = None,
    as_json: JsonFlag = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the run; by default in the user's data folder.")
    ] = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")] = 1000,
    embedding_dims: Annotated[
        int | None, typer.Option(help="Keep embeddings in half precision, reduced to this many dimensions.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder.")] = False,
    with_audit: Annotated[bool, typer.Option("--audit", help="Audit all splits and keep the result too.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every figure, a table for each detector.")] = False,
) -> None:
    """Score a split of a corpus and print the error rates."""
    from core.corpus.table import read_corpus
    from core.detectors.checkpoint import shipped
    from core.paths import run_folder
    from core.results.batch import run_digest, score_corpus
    from core.results.evaluation import evaluate_run
    from core.usecases import load_panel

    corpus = read_corpus(manifest, root, split=split, verify=True)
    _check(corpus, split)
    panel = load_panel(checkpoint or shipped())
    digest = run_digest(corpus, panel, split=split, embedding_dims=embedding_dims)
    run = score_corpus(
        corpus, panel, output if output is not None else run_folder(digest), split=split,
        embedding_dims=embedding_dims, overwrite=overwrite, progress=_tell,
        audited=_audit(manifest, root) if with_audit else None,
    )  # fmt: skip
    tables = evaluate_run(run, resamples=resamples)
    _tell_problems(run)
    told = _as_json(run, tables) if as_json else _in_full(tables) if full else _as_table(run, tables)
    typer.echo(told)
    if not as_json:
        typer.echo(f"\n{len(run.clips)} clips heard, {len(run.problems)} not. Run: {run.folder}")


def _audit(manifest: Path, root: Path) -> dict[str, Any]:
    from core.corpus.audit import audit
    from core.corpus.table import read_corpus

    corpus = read_corpus(manifest, root)
    return audit(corpus).summary(corpus)


def _check(corpus: "Corpus", split: str) -> None:
    from core.errors import CorpusError

    if corpus.frame.empty:
        raise CorpusError(f"The manifest has no usable row in the split {split!r}: choose another split.")


def _tell(done: int, total: int) -> None:
    end = "\n" if done == total or not sys.stderr.isatty() else "\r"
    typer.echo(f"{done} of {total} clips heard{end}", nl=False, err=True)


def _tell_problems(run: "Run") -> None:
    for problem in run.problems[:20]:
        typer.echo(f"not scored: {problem['path']}: {problem['what']}", err=True)
    if len(run.problems) > 20:
        typer.echo(f"and {len(run.problems) - 20} more: see the run's manifest", err=True)


def _as_json(run: "Run", tables: "dict[str, pd.DataFrame]") -> str:
    from core.results.evaluation import plain_rows

    figures = {name: plain_rows(table) for name, table in tables.items()}
    told = {"run": str(run.folder), "digest": run.digest, "problems": run.problems, "figures": figures}
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)


def _shown(table: "pd.DataFrame") -> list[str]:
    # What fits a terminal; --json has the rest.
    stems = ("eer", "auc", "cllr")
    ends = [f"{stem}{end}" for stem in stems for end in ("", "_low", "_high")]
    wanted = ["slice", "n_bonafide", "n_spoof", *ends, "min_dcf", "act_dcf", "false_alarm_rate", "miss_rate"]
    return [name for name in wanted if name in table.columns]


def _in_full(tables: "dict[str, pd.DataFrame]") -> str:
    from core.analysis.tables import render_table

    return "\n\n".join(f"{name}\n{render_table(table[_shown(table)])}" for name, table in tables.items())


def _as_table(run: "Run", tables: "dict[str, pd.DataFrame]") -> str:
    from core.results.report import results_text

    return results_text(run, tables)
