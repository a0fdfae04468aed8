"""``audit``: what leaks between a corpus' splits."""

import io
from collections import Counter
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
    problems = [*corpus.problems, *report.unheard]
    findings = report.findings.to_dict(orient="records")
    lines = [f"problem: row {problem.row}, {problem.path}: {problem.what}" for problem in problems[:_SHOWN]]
    lines += [f"and {len(problems) - _SHOWN} more problems"] * (len(problems) > _SHOWN)
    lines += [_line(**{str(key): value for key, value in finding.items()}) for finding in findings[:_SHOWN]]
    lines += [f"and {len(findings) - _SHOWN} more findings"] * (len(findings) > _SHOWN)
    counts = Counter(zip(report.findings["severity"], report.findings["kind"], strict=True))
    lines += [f"{count} x {severity}: {kind}" for (severity, kind), count in counts.items()]
    verdict = "Something leaks between the splits." if report.has_leak else "Nothing leaks between the splits."
    return "\n".join([*lines, f"{len(corpus.frame)} rows checked, {len(problems)} problems. {verdict}"])


def _line(
    *, kind: str, severity: str, key: str, splits: tuple[str, ...], rows: tuple[int, ...], paths: tuple[str, ...]
) -> str:
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return f"{severity}: {kind} {key[:24]} in {', '.join(splits)}: {', '.join(paths[:3])}{more}"


def _write(path: Path, table: "pd.DataFrame") -> None:
    from core.files import write_bytes

    if path.suffix == ".parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write_bytes(path, buffer.getvalue())
    else:
        write_bytes(path, table.to_csv(index=False).encode())
