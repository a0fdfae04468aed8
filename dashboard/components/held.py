"""Does the verdict hold, and what would change it: tables and small figures of what was tried."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.analysis.calibration import p_spoof
from dashboard.components.markup import Markup, class_of, class_word, joined, note, number, problem
from dashboard.components.trial import NO_VERDICT, player, progress_line, trial_button, trial_head

if TYPE_CHECKING:
    from core.analysis.verdict import Decision
    from core.robustness import Flip, Held, Moved
    from dashboard.trials import Trial

__all__ = ["FLIP_HEAD", "HOLD_HEAD", "flip_result", "hold_result"]

HOLD_HEAD = trial_head(
    "Does it hold?",
    "The recording is changed as everyday handling changes it (silence trimmed, MP3, a messenger, a telephone, noise, "
    "a room, a low pass), and scored again each time.",
)
FLIP_HEAD = trial_head(
    "What would change it?",
    "The evidence is taken out, the strongest first, until the verdict is another one.",
)
_WARNING = Markup('<p class="ss-warn"><b aria-hidden="true">!</b> {}</p>')
_STRIP = Markup(
    '<span class="ss-strip" aria-hidden="true"><s style="left:{low:.1f}%;width:{band:.1f}%"></s>'
    '<u style="left:{left:.1f}%;width:{width:.1f}%"></u>{members}<b style="left:{before:.1f}%"></b>'
    '<i class="ss-bg-{key}" style="left:{after:.1f}%"></i></span>'
)


def hold_result(
    trial: "Trial[tuple[Held, ...]]", *, decision: "Decision | None" = None, askable: bool = True, remark: str = ""
) -> Markup:  # fmt: skip
    """Return for each processing how P(spoof) moves, how far that is, or the button that asks for it.

    Parameters
    ----------
    trial : Trial
    decision : Decision, optional
        The panel's: between its thresholds the band of *not sure* is drawn.
    askable : bool
        Whether the recording has a verdict.
    remark : str
        What else is to be known of these scores.
    """
    if not askable:
        return note(NO_VERDICT)
    if trial.running:
        return progress_line(trial, "hold", "Changing and scoring:", "processings done")
    ask = trial_button("hold", "Does it hold?" if trial.found is None else "Once more", first=trial.found is None)
    if trial.wrong:
        return problem(trial.wrong) + ask
    return ask if trial.found is None else _held(trial.found, decision, remark)


def _held(found: "Sequence[Held]", decision: "Decision | None", remark: str) -> Markup:
    from core.robustness import held_sentence, rests_on

    names = next((list(each.members) for each in found if each.panel is not None), [])
    heads = joined(Markup('<th class="n">{}</th>').format(name) for name in ("Panel", *names))
    band = (0.5, 0.5) if decision is None else _band(decision)
    rows = joined(_row(each, names, band) for each in found)
    html = (
        '<div class="ss-scroll" tabindex="0"><table class="ss-table ss-trial-table ss-held"><thead><tr>'
        '<th>Changed by</th><th><span class="ss-ends"><span>0</span><span>P(spoof)</span><span>1</span></span></th>{}'
        "</tr></thead><tbody>{}</tbody></table></div>"
    )
    lead = Markup('<p class="ss-lead">{}</p>').format(held_sentence(found))
    warnings = joined(_WARNING.format(text) for text in rests_on(found))
    legend = "Line: from the original (stroke) to the changed recording (dot); small rings: the members. "
    return lead + warnings + Markup(html).format(heads, rows) + note(f"{legend}{remark}".strip())


def _band(decision: "Decision") -> tuple[float, float]:
    return float(p_spoof(decision.bonafide_above)), float(p_spoof(decision.spoof_below))


def _row(each: "Held", names: Sequence[str], band: tuple[float, float]) -> Markup:
    name = Markup('<th title="{}">{}</th>').format(each.summary, each.label)
    if each.panel is None:
        return Markup('<tr>{}<td colspan="{}" class="ss-why">Not tried: {}</td></tr>').format(
            name, 2 + len(names), each.why_not
        )
    cells = joined(_cell(moved) for moved in (each.panel, *(each.members[one] for one in names)))
    changed = Markup("") if each.panel.holds else Markup(' class="ss-changed"')
    return Markup("<tr{}>{}<td>{}</td>{}</tr>").format(changed, name, _strip(each, band), cells)


def _cell(moved: "Moved") -> Markup:
    step = moved.p_after - moved.p_before
    change = Markup('<small class="ss-soft">{}</small>').format(f"{step:+.2f}".replace("-", "−"))
    word = class_word(moved.verdict_after, brief=True)
    return Markup('<td class="n">{} {} {}</td>').format(number(moved.p_after), word, change)


def _strip(each: "Held", band: tuple[float, float]) -> Markup:
    assert each.panel is not None, "drawn only where it was applied"
    before, after = 100 * each.panel.p_before, 100 * each.panel.p_after
    rings = joined(Markup('<em style="left:{:.1f}%"></em>').format(100 * own.p_after) for own in each.members.values())
    return _STRIP.format(
        low=100 * band[0], band=100 * (band[1] - band[0]), left=min(before, after), width=abs(after - before),
        members=rings, before=before, after=after, key=class_of(each.panel.verdict_after),
    )  # fmt: skip


def flip_result(trial: "Trial[Flip]", *, askable: bool = True, remark: str = "") -> Markup:
    """Return the smallest removal that flips the verdict, how far the search is, or the button that asks for it.

    Parameters
    ----------
    trial : Trial
    askable : bool
        Whether the recording has a verdict.
    remark : str
        What else is to be known of these scores.
    """
    if not askable:
        return note(NO_VERDICT)
    if trial.running:
        return progress_line(trial, "flip", "Taking out more and more:", "removals scored")
    ask = trial_button("flip", "What would change it?")
    if trial.wrong:
        return problem(trial.wrong) + ask
    return ask if trial.found is None else _flip(trial.found, trial.sounds, trial.starts, remark)


def _flip(flip: "Flip", sounds: Mapping[str, str], starts: Mapping[str, float], remark: str) -> Markup:
    lead = Markup('<p class="ss-lead">{}</p>').format(flip.sentence)
    words = {"taken": ("what was taken out", "What was taken out"), "left": ("what is left", "What is left")}
    buttons = joined(player(key, *words[key], sounds[key], starts.get(key, 0.0)) for key in words if key in sounds)
    players = Markup('<div class="ss-players ss-tried-players">{}</div>').format(buttons) if sounds else Markup("")
    return lead + _place(flip) + players + (note(remark) if remark else Markup(""))


def _place(flip: "Flip") -> Markup:
    """Return a small picture of which cells were taken out: time to the right, 0 to 8 kHz upwards."""
    from core.robustness.flip import cells_path

    cells = flip.cells[:-1]
    high, wide = cells.shape
    html = (
        '<figure class="ss-place"><svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"/></svg><figcaption><span>0 s</span><span>0 kHz at the foot, 8 at the top</span>'
        "<span>{:.1f} s</span></figcaption></figure>"
    )
    label = f"What was taken out: {100 * flip.area_share:.0f} % of time and frequency"
    return Markup(html).format(wide, high, label, cells_path(cells), (flip.mask.shape[1] - 1) / 100)
