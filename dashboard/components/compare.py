"""Several recordings: the list of them, two of them side by side, the minutes of a long one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.analysis.calibration import p_spoof
from core.analysis.verdict import PARTLY
from core.audio.excerpt import LONGEST_S, clock
from core.audio.limits import DEFAULT_LIMITS
from core.overview import worst_minutes
from core.timeline.segments import in_words
from dashboard.components.markup import Markup, class_of, class_word, empty, esc, frame_head, joined, note, number
from dashboard.components.progress import progress_words
from dashboard.listing import COLUMNS, MOST

if TYPE_CHECKING:
    from core.overview import Minute, Overview
    from dashboard.listing import Entry, Listing

__all__ = ["CompareFrames", "lay_out_back", "lay_out_compare", "list_frame", "minutes_frame"]

_INVITATION = (
    f"Drop several recordings at once, or add others to the one above: they stand here as a list of up to {MOST}. Of a "
    f"recording longer than {DEFAULT_LIMITS.keep_s / 60:.0f} minutes, up to {LONGEST_S / 60:.0f} minutes are scored "
    "here, and its worst minutes come first. A whole folder or a corpus is scored in Models & data."
)
_BACK = (
    '<button type="button" class="ss-act" data-act="list"><i aria-hidden="true">←</i> Back to the list of recordings'
    "</button>"
)
_ADD = Markup(
    '<label class="ss-act ss-add"><input type="file" multiple class="ss-unseen" aria-label="Add recordings">'
    "Add recordings</label>"
)
_ACT = Markup('<button type="button" class="ss-act" data-listed="{}">{}</button>')
# Minutes that are listed at once; the others wait behind a button.
_LISTED = 6

# What the page asks for reaches Python as events of this one component; static/compare.js raises them.
_HOOK = """
document.addEventListener('spoofscope', (event) => {
  const {kind, ...asked} = event.detail;
  if (kind === 'listed') trigger('upload', asked);
  if (kind === 'entry') trigger('select', asked);
  if (kind === 'listing') trigger('input', asked);
});
"""


@dataclass(frozen=True)
class CompareFrames:
    """The components.

    Attributes
    ----------
    entries : gr.HTML
        The list; it raises what the page's script asks for.
    pair : gr.Plot
        Two recordings side by side.
    minutes : gr.HTML
        Of a long recording, the worst first.
    whole : gr.Plot
        That recording.
    """

    entries: gr.HTML
    pair: gr.Plot
    minutes: gr.HTML
    whole: gr.Plot

    @property
    def all(self) -> list[Any]:
        """All of them."""
        return [self.entries, self.pair, self.minutes, self.whole]


def lay_out_back() -> None:
    """Lay out the way back to the list; the style sheet shows it above a recording of the list alone."""
    gr.HTML(_BACK, elem_id="ss-back", padding=False, apply_default_css=False)


def lay_out_compare() -> CompareFrames:
    """Lay out the card."""
    with gr.Column(elem_classes="ss-card", elem_id="ss-compare"):
        more: dict[str, Any] = {"padding": False, "apply_default_css": False}
        gr.HTML('<p class="ss-note ss-sending" role="status"></p>', **more)
        return CompareFrames(
            entries=gr.HTML(list_frame(None), js_on_load=_HOOK, elem_id="ss-list", **more),
            pair=gr.Plot(visible=False, elem_id="ss-pair", show_label=False, container=False),
            minutes=gr.HTML("", elem_id="ss-minutes", **more),
            whole=gr.Plot(visible=False, elem_id="ss-whole", show_label=False, container=False),
        )


def list_frame(listing: "Listing | None") -> Markup:
    """Return the list of recordings with its buttons; an invitation where there is none."""
    if listing is None or not listing.entries:
        return frame_head("Compare recordings", aside=_ADD) + note(_INVITATION)
    scored = sum(entry.overview is not None for entry in listing.entries)
    at_work = any(entry.running or entry.is_waiting for entry in listing.entries)
    acts = [_ADD]
    if at_work:
        acts.append(_ACT.format("cancel", "Cancel"))
    elif any(entry.cancelled for entry in listing.entries):
        acts.append(_ACT.format("resume", "Score the rest"))
    acts.append(_ACT.format("clear", "Forget all"))
    count = Markup('<span class="ss-soft" role="status">{} of {} scored</span>').format(scored, len(listing.entries))
    head = frame_head("Recordings", aside=joined([count, *acts]))
    rows = joined(_row(entry, listing) for entry in listing.ordered())
    table = Markup(
        '<div class="ss-scroll"><table class="ss-table ss-list" data-entries="{}"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    )
    shown = table.format(len(listing.entries), _headings(listing), rows)
    return joined([head, shown, _hint(scored, listing)])


def _hint(scored: int, listing: "Listing") -> Markup:
    if scored < 2:
        return Markup("")
    both = "The two that are ticked stand below, on one scale of time and P(spoof)."
    return note(both if listing.pair() else "Tick two to see them side by side.")


def _headings(listing: "Listing") -> Markup:
    cell = Markup('<th scope="col"{}{}><button type="button" data-listed="sort" data-value="{}">{}{}</button></th>')
    cells = [Markup('<th scope="col"><span class="ss-unseen">Compare</span></th>')]
    for key, (word, _) in COLUMNS.items():
        sorted_so = ("descending" if listing.descending else "ascending") if key == listing.column else ""
        aria = Markup(' aria-sort="{}"').format(sorted_so) if sorted_so else Markup("")
        arrow = Markup(' <i aria-hidden="true">{}</i>').format("↓" if listing.descending else "↑") if sorted_so else ""
        cells.append(cell.format(_numeric(key), aria, key, word, arrow))
    return joined([*cells, Markup('<th scope="col"><span class="ss-unseen">Forget</span></th>')])


def _numeric(key: str) -> Markup:
    return Markup(' class="n"') if key in ("p_spoof", "seconds") else Markup("")


def _row(entry: "Entry", listing: "Listing") -> Markup:
    forget = Markup(
        '<td class="ss-forget"><button type="button" data-listed="forget" data-value="{0}" aria-label="Forget {1}" '
        'title="Forget {1}">×</button></td>'
    ).format(entry.number, entry.name)
    inside = _scored(entry, entry.overview, listing) if entry.overview is not None else _unscored(entry)
    return Markup('<tr data-entry="{}">{}{}</tr>').format(entry.number, inside, forget)


def _scored(entry: "Entry", found: "Overview", listing: "Listing") -> Markup:
    tick = Markup(
        '<td class="ss-tick"><input type="checkbox" data-listed="pick" data-value="{}" aria-label="Compare {}"{}></td>'
    ).format(entry.number, entry.name, Markup(" checked" if entry.number in listing.chosen else ""))
    opened = Markup(
        '<td class="ss-name"><button type="button" class="ss-open" data-entry="{}" title="Open {}">{}</button></td>'
    )
    verdict = class_word(class_of(found.verdict), word=found.verdict or "no verdict")
    return joined([
        tick, opened.format(entry.number, entry.name, entry.name),
        Markup('<td class="ss-verdict-cell">{}</td>').format(verdict),
        Markup('<td class="n" data-word="P(spoof)">{}</td>').format(number(found.relied_p_spoof)),
        Markup('<td class="n" data-word="seconds">{}</td>').format(f"{found.duration_s:,.1f}"),
        Markup('<td data-word="marked">{}</td>').format(_marked(entry, found)),
        _known(found),
    ])  # fmt: skip


def _known(found: "Overview") -> Markup:
    if not found.problems:
        return Markup('<td class="ss-know ss-none">–</td>')
    return Markup('<td class="ss-know">{}</td>').format(Markup("<br>").join(found.problems))


def _marked(entry: "Entry", found: "Overview") -> Markup:
    words = esc(in_words(found.segments, most=2)) if found.segments else Markup("none")
    if not entry.is_long:
        return words
    button = '{} <button type="button" class="ss-act" data-listed="minutes" data-value="{}">Minutes</button>'
    return Markup(button).format(words, entry.number)


def _unscored(entry: "Entry") -> Markup:
    name = Markup('<td class="ss-tick"></td><td class="ss-name">{}</td>').format(entry.name)
    if entry.problem:
        return name + Markup('<td colspan="5" class="ss-why"><b>Not scored:</b> {}</td>').format(entry.problem)
    if entry.cancelled:
        return name + Markup('<td colspan="5" class="ss-why ss-soft">Cancelled.</td>')
    if not entry.running:
        return name + Markup('<td colspan="5" class="ss-why ss-soft">Waits for its turn.</td>')
    progress = entry.progress
    if progress is None or not progress.total:
        return name + Markup('<td colspan="5" class="ss-why"><span class="ss-dot"></span> Reading…</td>')
    bar = '<td colspan="5" class="ss-why"><progress max="{}" value="{}" aria-label="windows scored"></progress> {}</td>'
    return name + Markup(bar).format(progress.total, progress.done, progress_words(progress))


def minutes_frame(entry: "Entry | None") -> Markup:
    """Return a long recording's minutes, the worst first, each a press away from its page; nothing without one."""
    if entry is None or entry.overview is None:
        return Markup("")
    found = entry.overview
    minutes = worst_minutes(found)
    head = frame_head(f"{found.name}: {len(minutes)} minutes, the worst first")
    if not minutes or found.verdict is None:
        return head + empty("There is no speech to score in it.")
    rows = [_minute(entry, each) for each in minutes]
    more = Markup('<details class="ss-more"><summary>{} more minutes</summary>{}</details>')
    rest = more.format(len(rows) - _LISTED, _minutes_table(rows[_LISTED:])) if len(rows) > _LISTED else Markup("")
    words = note(
        "Ordered by the panel's P(spoof) of each minute's worst five seconds. Press a minute to open it above with its "
        "evidence. Over so many minutes some real ones are marked too: a long recording has more chances for an error."
    )
    return joined([head, words, _minutes_table(rows[:_LISTED]), rest])


def _minutes_table(rows: Iterable[Markup]) -> Markup:
    names = ("Minute", "Worst seconds", "P(spoof) there", "of the minute", "Marked")
    numeric = (2, 3, 4)
    heads = joined(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="n"' if at in numeric else ""), name)
        for at, name in enumerate(names)
    )
    html = (
        '<div class="ss-scroll"><table class="ss-table ss-minutes"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    )
    return Markup(html).format(heads, joined(rows))


def _minute(entry: "Entry", minute: "Minute") -> Markup:
    worst = f"{clock(minute.worst.start_s)} to {clock(minute.worst.end_s)}"
    marked = class_word(class_of(PARTLY), word=f"{minute.marked_s:.1f} s") if minute.marked_s else Markup("–")
    html = (
        '<tr><td><button type="button" class="ss-open" data-entry="{}" data-start="{}" data-end="{}">{} to {}</button>'
        '</td><td>{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td></tr>'
    )
    return Markup(html).format(
        entry.number, minute.start_s, minute.end_s, clock(minute.start_s), clock(minute.end_s), worst,
        number(float(p_spoof(minute.worst.score))), number(minute.p_spoof), marked,
    )  # fmt: skip
