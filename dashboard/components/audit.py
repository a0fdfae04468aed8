"""Where a run comes from, and what an audit of its corpus found."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashboard.components.corpus_audit import shortcuts_body, training_line
from dashboard.components.markup import Markup, card, definitions, note, problem, table, term

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["audit_panel", "provenance"]

_WHAT = (
    "A clip, a recording or a voice on both sides of a split lets a detector remember instead of judge. The audit "
    "compares bytes, decoded samples, fingerprints that survive coding, source recordings and speakers of train, dev "
    "and eval; it measures every clip, and looks for those that detectors here were trained on."
)
_KINDS = {
    "same-content": "the same bytes in two splits",
    "same-audio": "the same samples under another name",
    "same-recording": "the same recording, coded anew",
    "same-source": "one recording in two splits",
    "same-speaker": "one speaker in two splits",
}


def provenance(run: "Run | None", why: str | None) -> Markup:
    """Return the frame on what a run was made from."""
    if run is None:
        return card("The run", problem(why or "There is no run."))
    about, manifest = run.manifest["corpus"], run.manifest
    fusion = manifest.get("fusion")
    pairs = [
        ("clips", f"{len(run.clips)} scored of {about['rows']} in split {about['split'] or '(whole corpus)'}"),
        (term("digest", "corpus digest"), str(about["digest"])[:16]),
        (term("digest", "run digest"), run.digest[:16]),
        ("made", manifest.get("made", "–")),
        ("detectors", ", ".join(run.detectors)),
        ("panel", f"fused; set on {fusion['basis']}" if fusion else "mean of the detectors' log-likelihood ratios"),
        ("parts", f"{len(run.files)} files, {_megabytes(run.files):.1f} MB, each checked by SHA-256"),
        ("made with", ", ".join(f"{k} {v}" for k, v in manifest.get("versions", {}).items())),
    ]
    pairs += [
        (f"{name}, imported", f"{made['polarity']}; calibrated on {made['calibrated_on']}")
        for name, about in manifest["detectors"].items()
        if (made := about.get("imported"))
    ]
    body = definitions(pairs)
    if run.problems:
        body += note(f"{len(run.problems)} clips could not be scored as they are listed:") + table(
            ("clip", "why"), [(p["path"], p["what"]) for p in run.problems[:20]]
        )
    return card("The run", body)


def _megabytes(files: Mapping[str, Mapping[str, Any]]) -> float:
    return sum(file["bytes"] for file in files.values()) / 1e6


def audit_panel(summary: Mapping[str, Any] | None, *, present: bool) -> Markup:
    """Return an audit's result in words.

    Parameters
    ----------
    summary : mapping or None
        ``rows``, ``has_leak``, ``findings`` (records of kind, severity and count), and where the audit was run here
        ``worst`` (records of single findings), ``problems`` and ``digest``.
    present : bool
        Whether the corpus is on this machine.
    """
    if summary is None:
        todo = "Press the button to read it now." if present else (
            "To run it, set SPOOFSCOPE_CORPUS to the folder that holds the corpus and start the page again."
        )  # fmt: skip
        return note(_WHAT) + note(f"No audit is stored with this run. {todo}")
    counts = [(_KINDS.get(r["kind"], r["kind"]), r["severity"], r["count"]) for r in summary["findings"]]
    # An audit that was kept before they were counted compared all its rows.
    words = (
        "<b>Not known:</b> no clip could be compared."
        if not summary.get("compared", summary["rows"])
        else "<b>Leakage was found:</b> a clip of one split is known from another."
        if summary["has_leak"]
        else "<b>No leakage:</b> no clip and no recording is in two splits."
    )
    body = Markup(f'<p class="ss-say">{words}</p>')
    if counts:
        body += table(("what", "weight", "findings"), counts, numeric=(2,))
    if summary.get("worst"):
        rows = [(r["kind"], r["key"], r["splits"], r["rows"]) for r in summary["worst"]]
        inside = table(("kind", "key", "splits", "rows"), rows)
        body += Markup('<details class="ss-more"><summary>The first {}</summary>{}</details>').format(len(rows), inside)
    if summary.get("shortcuts"):
        inside = shortcuts_body(summary["shortcuts"])
        drawn = f"of all splits, {summary['closely']:,} clips"
        solved = any(each["weight"] == "solved" for each in summary["shortcuts"])
        words = Markup('<details class="ss-more"{}><summary>Shortcuts {}</summary>{}</details>')
        body += words.format(Markup(" open") if solved else "", drawn, inside)
    body += training_line(summary)
    unread = f", {summary['problems']} rows with a problem" if summary.get("problems") else ""
    return body + note(f"{summary['rows']} rows{unread}. {_WHAT}")
