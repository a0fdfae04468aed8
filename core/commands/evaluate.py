"""``evaluate``: a corpus' split is scored, the figures are printed, and the run is kept."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from core.corpus.table import Corpus
    from core.results.store import Run

__all__ = ["evaluate"]


def evaluate(
    manifest: Annotated[Path, typer.Option(help="The corpus' manifest, CSV or Parquet.")],
    root: Annotated[Path, typer.Option(help="The folder that the manifest's paths start from.")],
    split: Annotated[str, typer.Option(help="The split to score: train, dev or eval.")],
    checkpoint: Annotated[
        list[str] | None, typer.Option(help="Name of a shipped detector, or a checkpoint's folder; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the run; by default in the user's data folder.")
    ] = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")] = 1000,
    embedding_dims: Annotated[
        int | None, typer.Option(help="Keep embeddings in half precision, reduced to this many dimensions.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace another run in the folder.")] = False,
    with_audit: Annotated[bool, typer.Option("--audit", help="Audit all splits and keep the result too.")] = False,
) -> None:
    """Score a corpus and print how well each detector tells speech from spoof."""
    from core.corpus.table import read_corpus
    from core.detectors.checkpoint import shipped
    from core.results.engine import run_digest, score_corpus
    from core.results.evaluation import evaluate_run
    from core.results.place import run_folder
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
    typer.echo(_as_json(run, tables) if as_json else _as_text(run, tables))


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


def _as_text(run: "Run", tables: "dict[str, pd.DataFrame]") -> str:
    from core.analysis.tables import render_table

    blocks = [f"{name}\n{render_table(table[_shown(table)])}" for name, table in tables.items()]
    return "\n\n".join([*blocks, f"{len(run.clips)} clips heard, {len(run.problems)} not. Run: {run.folder}"])
