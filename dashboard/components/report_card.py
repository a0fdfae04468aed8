"""The report card on the page: what passes a detector unnoticed, and which real speech it takes for spoofed."""

from typing import TYPE_CHECKING, Any

from core.analysis.format import bracket, rate
from core.results.held_out import held_out_figures, losses
from core.results.queries import PANEL, decision_of
from core.results.report_card import ALL, false_alarms, misses, without_errors, worst
from dashboard.components.markup import Markup, card, class_word, empty, joined, note, table, tall, term
from dashboard.components.reference import kept

if TYPE_CHECKING:
    import pandas as pd

    from core.panel import Panel
    from core.results.store import Run

__all__ = ["report_card"]

_NAMED = 3
_HOW = "Counted at the thresholds of the verdict: a miss is probably bona fide, a false alarm probably spoofed."
_KEY = Markup(
    '<div class="ss-key"><span><i class="ss-swatch ss-bg-error"></i>{}</span><span><i class="ss-swatch ss-bg-unsure">'
    "</i>{}</span><span>{}</span></div>"
)
_PARTS = {"published": term("published", "published pages"), "made": "made for this corpus"}
_BAR = Markup(
    '<span class="ss-share"><i class="ss-bg-error" style="width:{}%"></i>'
    '<i class="ss-bg-unsure" style="width:{}%"></i></span>'
)


def report_card(run: "Run", name: str, panel: "Panel") -> Markup:
    """Return a detector's report card.

    It is a sentence, misses by family and system, false alarms by kind and source; then, where they were measured,
    figures on held-out pages and what the panel loses without each member.
    """
    labelled = bool((run.real | run.fake).any())
    here = [_lead(run, name), _frames(run, name)] if labelled else [_lead_without_labels(run, name)]
    parts = [*here, *_held_out(panel, name)]
    return Markup('<div class="ss-stack">{}</div>').format(joined(parts))


def _held_out(panel: "Panel", name: str) -> list[Markup]:
    title = Markup("{}: by kind of speech and system, by language").format(
        term("held-out pages", "Held-out pages")
    )
    figures = _text_frame(title, held_out_figures(panel, name), "95 % intervals in brackets: pages drawn again.")
    without = losses(panel) if name == PANEL else None
    worth = _text_frame("What the panel loses without each member", without, "Held-out pages; points of EER.")
    return [*figures, *worth]


def _text_frame(title: str, frame: "pd.DataFrame | None", about: str) -> list[Markup]:
    if frame is None or frame.empty:
        return []
    rows = table([str(name) for name in frame.columns], frame.to_numpy().tolist(), numeric=range(1, len(frame.columns)))
    html = '<section class="ss-card"><details class="ss-more"><summary>{}</summary>{}{}</details></section>'
    return [Markup(html).format(title, rows, note(about))]


def _lead(run: "Run", name: str) -> Markup:
    missed, alarms = misses(run, name), false_alarms(run, name)
    html = (
        '<p class="ss-lead"><b>{who}</b> {misses} <b>{n_missed}</b> of {n_fake} {fake} ({miss_share}) and raises a '
        "{false_alarm} on <b>{n_alarms}</b> of {n_real} {real} clips ({alarm_share}).{most}</p>{note}"
    )
    found = worst(missed, _NAMED).to_dict(orient="records")
    listed = joined(Markup("; <b>{}</b>, {} of {}").format(row["title"], row["wrong"], row["n"]) for row in found)
    most = Markup(" Most surely missed:{}.").format(listed[1:]) if found else ""
    return card("", Markup(html).format(
        who="The panel" if name == PANEL else name, n_missed=_whole(missed, "wrong"), n_fake=_whole(missed, "n"),
        n_alarms=_whole(alarms, "wrong"), n_real=_whole(alarms, "n"), miss_share=_share(missed),
        alarm_share=_share(alarms), fake=class_word("spoof", word="spoofs"), real=class_word("bonafide"), most=most,
        misses=term("miss", "misses"), false_alarm=term("false alarm"), note=note(f"{kept(run)}. {_HOW}"),
    ))  # fmt: skip


def _lead_without_labels(run: "Run", name: str) -> Markup:
    rule, llr = decision_of(run, name), run.llr(name)
    spoof, real = int((llr < rule.spoof_below).sum()), int((llr > rule.bonafide_above).sum())
    html = (
        '<p class="ss-lead"><b>{who}</b> calls <b>{spoof}</b> of {n} clips {fake}, <b>{real}</b> {bona_fide} and '
        "<b>{unsure}</b> {not_sure}. None has a label: how often that is wrong is not known here.</p>{note}"
    )
    return card("", Markup(html).format(
        who="The panel" if name == PANEL else name, spoof=f"{spoof:,}", n=f"{len(run):,}", real=f"{real:,}",
        unsure=f"{len(run) - spoof - real:,}", fake=class_word("spoof", word="probably spoofed"),
        bona_fide=class_word("bonafide", word="probably bona fide"), not_sure=class_word("unsure"),
        note=note(f"{kept(run)}. Below: how often it errs on held-out pages, where labels are known."),
    ))  # fmt: skip


def _whole(counted: "pd.DataFrame", column: str) -> int:
    return int(counted[column].iloc[0]) if len(counted) else 0


def _share(counted: "pd.DataFrame") -> str:
    return rate(float(counted["rate"].iloc[0])) if len(counted) else rate(None)


def _frames(run: "Run", name: str) -> Markup:
    missed = _errors(
        misses(run, name), heads=(term("attack", "family and system"), term("miss", "missed")),
        words=("probably bona fide", "the rest is called spoofed"), clean="None was missed of",
    )  # fmt: skip
    alarms = _errors(
        false_alarms(run, name), heads=("kind and source", term("false alarm", "false alarms")),
        words=("probably spoofed", "the rest is called bona fide"), clean="None raised a false alarm in",
    )  # fmt: skip
    frames = joined([
        card("What passes unnoticed: misses by system", missed), card("False alarms by source of real speech", alarms)
    ])  # fmt: skip
    return Markup('<div class="ss-wide-two ss-report">{}</div>').format(frames)


def _errors(counted: "pd.DataFrame", *, heads: tuple[str, str], words: tuple[str, str], clean: str) -> Markup:
    if counted.empty:
        return empty("No such clip in the run.")
    shown = counted[(counted["group"] == ALL) | (counted["name"] == ALL) | (counted["wrong"] > 0)]
    body = joined(_row(row) for row in shown.to_dict(orient="records"))
    html = (
        '<table class="ss-table"><thead><tr><th>{}</th><th class="n">n</th><th>{} {}</th><th class="n">{}</th></tr>'
        "</thead><tbody>{}</tbody></table>"
    )
    interval = term("95 % interval", "[95 %]")
    rows = tall(Markup(html).format(heads[0], heads[1], interval, term("not sure"), body))
    found = ", ".join(f"{title} ({n})" for title, n in without_errors(counted))
    rest = Markup('<details class="ss-note"><summary>{} {} others</summary>{}.</details>')
    more = rest.format(clean, len(without_errors(counted)), found) if found else Markup("")
    return _KEY.format(words[0], "not sure", words[1]) + rows + more


def _row(row: "dict[Any, Any]") -> Markup:
    """Return a line of the table; that of a whole group is set in bold."""
    if row["group"] == row["name"] == ALL:
        title = Markup("<b>all</b>")
    elif ALL in (row["group"], row["name"]):
        whole = _PARTS.get(row["name"], row["name"]) if row["group"] == ALL else row["group"]
        title = Markup("<b>{}</b>").format(whole)
    else:
        seen = Markup(" <small>{}</small>").format(term("seen attacks", "seen")) if row.get("seen") else ""
        title = Markup('<span class="ss-under">{}</span>{}').format(row["name"], seen)
    shares = _BAR.format(*(f"{100 * count / row['n']:.0f}" for count in (row["wrong"], row["unsure"])))
    stated = rate(row["rate"], digits=0), bracket((row["low"], row["high"]), digits=0)
    html = '<tr><td>{}</td><td class="n">{}</td><td>{}{} <small>{}</small></td><td class="n">{}</td></tr>'
    return Markup(html).format(title, row["n"], shares, *stated, row["unsure"])
