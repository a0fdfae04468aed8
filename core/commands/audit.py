"""``audit``: what leaks between a corpus' splits."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from core.corpus.audit import AuditReport
    from core.corpus.table import Corpus

__all__ = ["audit"]

_SHOWN = 40


def audit(
    manifest: Annotated[Path, typer.Argument(help="The corpus' manifest, CSV or Parquet.")],
    root: Annotated[Path, typer.Option(help="The folder that the manifest's paths start from.")],
    fix: Annotated[Path | None, typer.Option(help="Write a corrected manifest here, CSV or Parquet.")] = None,
) -> None:
    """Look for the same recording, source or speaker in more than one split; exit with 1 on leakage."""
    from core.corpus.audit import audit as look
    from core.corpus.audit import fix as correct
    from core.corpus.table import read_corpus

    corpus = read_corpus(manifest, root)
    report = look(corpus)
    typer.echo(_as_text(corpus, report))
    if fix is not None:
        corrected = correct(corpus, report)
        _write(fix, corrected)
        typer.echo(f"{len(corpus.frame) - len(corrected)} rows left out; the corrected manifest is {fix}.")
    if report.has_leak:
        raise typer.Exit(1)


def _as_text(corpus: "Corpus", report: "AuditReport") -> str:
    lines = [f"problem: row {problem.row}, {problem.path}: {problem.what}" for problem in corpus.problems[:_SHOWN]]
    if len(corpus.problems) > _SHOWN:
        lines.append(f"and {len(corpus.problems) - _SHOWN} more problems")
    findings = report.findings
    lines += [_line(finding) for finding in findings.head(_SHOWN).to_dict(orient="records")]
    if len(findings) > _SHOWN:
        lines.append(f"and {len(findings) - _SHOWN} more findings")
    counts = findings["severity"].value_counts()
    leaks, warnings = int(counts.get("leak", 0)), int(counts.get("warning", 0))
    lines.append(
        f"{len(corpus.frame)} rows, {len(corpus.problems)} problems, {leaks} leaks between splits, {warnings} warnings."
    )
    return "\n".join(lines)


def _line(finding: "dict[str, object]") -> str:
    return f"{finding['severity']}: {finding['kind']} {finding['key']} in {_listed(finding['splits'])}"


def _listed(splits: object) -> str:
    return splits if isinstance(splits, str) else ", ".join(map(str, splits))  # type: ignore[call-overload]


def _write(path: Path, table: "pd.DataFrame") -> None:
    from core.files import write_bytes

    if path.suffix == ".parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write_bytes(path, buffer.getvalue())
    else:
        write_bytes(path, table.to_csv(index=False).encode())
