"""``audit``: what leaks between a corpus' splits, and what separates its classes by itself."""

import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.progress import progress
from core.shell import JsonFlag, Manifests, Roots, corpus_pairs, json_text, printable

if TYPE_CHECKING:
    import pandas as pd

    from core.corpus.audit import AuditReport
    from core.corpus.table import Corpus

__all__ = ["audit"]

_SHOWN = 40


@command("audit")
def audit(
    manifest: Manifests,
    root: Roots,
    fix: Annotated[Path | None, typer.Option(help="Write a corrected manifest here, CSV or Parquet.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Decode nothing: compare bytes and names only.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Find leaks between splits, and shortcuts between classes.

    Looks for the same recording, coded anew too, source or speaker in more than one split; for classes that length,
    level, silence, band, codec or the like separate; and for clips that the detectors here were trained on. Exit status
    1 where something leaks, or no row could be compared.
    """
    from core.corpus.audit import audit as look
    from core.corpus.audit import fix as correct
    from core.corpus.table import read_corpora
    from core.overlap import shipped_prints

    corpus = read_corpora(corpus_pairs(manifest, root))
    prints = None if quick else shipped_prints()
    with progress("clips compared") as report_progress:
        report = look(
            corpus, same_audio=not quick, known=None if prints is None else prints.known, progress=report_progress
        )
    typer.echo(json_text(_as_json(corpus, report)) if as_json else _as_text(corpus, report))
    if fix is not None:
        corrected = correct(corpus, report)
        _write(fix, corrected)
        gone = len(corpus.frame) - len(corrected)
        typer.echo(f"{gone} rows left out; the corrected manifest is {fix}.", err=as_json)
    if not report.is_clean:
        raise typer.Exit(1)


def _as_json(corpus: "Corpus", report: "AuditReport") -> dict[str, Any]:
    left_out = [{"row": problem.row, "path": problem.path, "what": problem.what} for problem in corpus.problems]
    return {**report.to_json(), "sentence": report.sentence(corpus), "left_out": left_out}


def _as_text(corpus: "Corpus", report: "AuditReport") -> str:
    problems = [*corpus.problems, *report.unread]
    findings = report.findings.to_dict(orient="records")
    lines = [f"problem: row {problem.row}, {printable(problem.path)}: {problem.what}" for problem in problems[:_SHOWN]]
    lines += [f"and {len(problems) - _SHOWN} more problems"] * (len(problems) > _SHOWN)
    lines += [_line(**{str(key): value for key, value in finding.items()}) for finding in findings[:_SHOWN]]
    lines += [f"and {len(findings) - _SHOWN} more findings"] * (len(findings) > _SHOWN)
    counts = Counter(zip(report.findings["severity"], report.findings["kind"], strict=True))
    lines += [f"{count} x {severity}: {kind}" for (severity, kind), count in counts.items()]
    return "\n".join([*lines, *_shortcut_lines(report), *_overlap_lines(corpus, report), report.sentence(corpus)])


def _shortcut_lines(report: "AuditReport") -> list[str]:
    """Return what separates the classes, red where a terminal shows it, or that nothing does."""
    if not report.shortcuts:
        return []
    red = (typer.style("SHORTCUT", fg="red", bold=True), "shortcut")
    lines = [f"{red[each.weight != 'solved']}: {each.sentence}" for each in report.shortcuts if each.sentence]
    if not lines:
        first = report.shortcuts[0]
        lines = [f"No measured figure alone separates the classes; the best is {first.name}, AUC {first.auc:.2f}."]
    return [*lines, f"Measured of {report.closely:,} clips."]


def _overlap_lines(corpus: "Corpus", report: "AuditReport") -> list[str]:
    if not report.searched:
        return []
    shown = ", ".join(corpus.frame["path"][list(report.trained[:3])].astype(str))
    some = f", among them {printable(shown)}: no score of them is evidence" if report.trained else ""
    return [f"In the training set of detectors here: {len(report.trained):,} of {report.searched:,} clips{some}."]


def _line(
    *, kind: str, severity: str, key: str, splits: tuple[str, ...], rows: tuple[int, ...], paths: tuple[str, ...]
) -> str:
    from core.analysis.format import first_few

    return printable(f"{severity}: {kind} {key[:24]} in {', '.join(splits)}: {first_few(paths, 3, of=len(rows))}")


def _write(path: Path, table: "pd.DataFrame") -> None:
    from core.files import write_bytes

    if path.suffix == ".parquet":
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write_bytes(path, buffer.getvalue())
    else:
        write_bytes(path, table.to_csv(index=False).encode())
