"""Trying the verdict: the boxes that were drawn, played and scored again, beside what else is tried."""

from typing import TYPE_CHECKING

from core.analysis.calibration import p_spoof
from core.session import part_to_try
from dashboard.components.held import flip_result, hold_result
from dashboard.components.markup import Markup, class_word, joined, note, number, problem, term
from dashboard.components.trial import NO_VERDICT, player, progress_line, trial_button, trial_head

if TYPE_CHECKING:
    from core.tried import Scored, Tried
    from core.usecases import Analysis
    from dashboard.trials import Trial, Trials

__all__ = ["TRIED", "box_tools", "boxes_result", "tried_parts"]

TRIED = "Try the verdict"
_TOOLS = Markup(
    '<div class="ss-tools">{}<ul class="ss-boxes" aria-label="Boxes"></ul><div class="ss-acts">'
    '<button type="button" class="ss-act" data-box="draw" aria-pressed="false" disabled>▢ Draw a box</button>'
    '<button type="button" class="ss-act" data-box="add" disabled>Type one in</button>{}</div></div>'
)


def box_tools() -> Markup:
    """Return what boxes are drawn and listed with; ``static/tried.js`` does the rest."""
    what = (
        "Draw one box on the spectrogram, or several: play only what is in it, or all but it, and every panel member "
        "is scored again beside the original."
    )
    return _TOOLS.format(trial_head("Without this part?", what), trial_button("boxes", "Score again", disabled=True))


def tried_parts(trials: "Trials | None", analysis: "Analysis | None" = None) -> dict[str, Markup]:
    """Return what stands in each frame of trials, by its name: ``box_sounds``, ``tried``, ``held`` and ``flipped``.

    Parameters
    ----------
    trials : Trials or None
        Without, the frames are empty.
    analysis : Analysis, optional
        Of the recording that they were made on.
    """
    if trials is None or analysis is None:
        empty = Markup("")
        return {"box_sounds": empty, "tried": empty, "held": empty, "flipped": empty}
    askable, remark = analysis.verdict is not None, _scope(analysis)
    return {
        "box_sounds": _players(trials.boxes) if trials.boxes.sounds else Markup(""),
        "tried": boxes_result(trials.boxes, askable=askable),
        "held": hold_result(trials.hold, decision=analysis.decision, askable=askable, remark=remark),
        "flipped": flip_result(trials.flip, askable=askable, remark=remark),
    }


def _scope(analysis: "Analysis") -> str:
    """Return what scores of a trial are not: of the whole of a long recording, or all that the verdict weighs."""
    start, end = part_to_try(analysis)
    long = end - start < analysis.clip.duration_s
    part = f"Of this recording {start:.0f} to {end:.0f} s were tried, around its worst seconds. " if long else ""
    if analysis.verdict == analysis.decision.verdict(analysis.score):
        return part
    return f"{part}The verdict above weighs more than the panel’s score; here that score alone counts."


def boxes_result(trial: "Trial[Tried]", *, askable: bool = True) -> Markup:
    """Return how the boxes are scored, how far that is, or why they are not.

    Parameters
    ----------
    trial : Trial
    askable : bool
        Whether the recording has a verdict.
    """
    if not askable:
        return note(NO_VERDICT)
    if trial.wrong:
        return problem(trial.wrong)
    if trial.running:
        return progress_line(trial, "boxes", "Scoring again:", "sounds scored")
    return _scores(trial.found) if trial.found is not None else Markup("")


def _players(trial: "Trial[Tried]") -> Markup:
    words = {"alone": ("only what is in the box", "Only it"), "without": ("all but the box", "All but it")}
    made = (
        player(name, *words[name], trial.sounds[name], trial.starts[name]) for name in words if name in trial.sounds
    )
    return Markup('<div class="ss-players ss-tried-players">{}</div>').format(joined(made))


def _scores(tried: "Tried") -> Markup:
    lead = Markup('<p class="ss-lead">{}</p>').format(_sentence(tried))
    rows = joined([_row("Panel", tried, None), *(_row(name, tried, name) for name in tried.original.members)])
    html = (
        '<div class="ss-scroll" tabindex="0"><table class="ss-table ss-trial-table"><thead><tr><th>P(spoof)</th>'
        '<th class="n">Original</th><th class="n">All but it</th><th class="n">Only it</th>'
        '<th class="n">As much elsewhere</th></tr></thead><tbody>{}</tbody></table></div>'
    )
    return lead + Markup(html).format(rows) + note(_remark(tried))


def _row(name: str, tried: "Tried", member: str | None) -> Markup:
    elsewhere = sorted(_p_spoof(each, member) for each in tried.elsewhere)
    span = f"{elsewhere[0]:.2f} to {elsewhere[-1]:.2f}" if elsewhere else "–"
    cells = joined(
        Markup('<td class="n">{}</td>').format(cell)
        for cell in (_cell(tried.original, member), _cell(tried.without, member), _cell(tried.alone, member), span)
    )
    kind = Markup(' class="ss-whole"') if member is None else Markup("")
    return Markup("<tr{}><th>{}</th>{}</tr>").format(kind, name, cells)


def _p_spoof(scored: "Scored", member: str | None) -> float:
    return scored.p_spoof if member is None else float(p_spoof(scored.members[member][0]))


def _cell(scored: "Scored", member: str | None) -> Markup:
    verdict = scored.verdict if member is None else scored.members[member][1]
    return Markup("{} {}").format(number(_p_spoof(scored, member)), class_word(verdict, brief=True))


def _sentence(tried: "Tried") -> str:
    one = len(tried.boxes) == 1
    it, counts = ("it", "it counts") if one else ("them", "they count")
    before, after = tried.original, tried.without
    elsewhere = [each.p_spoof for each in tried.elsewhere]
    random = f"{min(elsewhere):.2f} to {max(elsewhere):.2f}"
    moved = f"P(spoof) is {before.p_spoof:.2f}, without {it} {after.p_spoof:.2f}, without as much elsewhere {random}: "
    if not tried.stands_out:
        return f"{moved}the score does not depend on {it} in particular."
    if after.verdict != before.verdict:
        return f"{moved}the verdict rests on {it}, and turns from {before.verdict} to {after.verdict}."
    return f"{moved}{counts} for more than other parts do, and the verdict stays {before.verdict}."


def _remark(tried: "Tried") -> Markup:
    from core.tried import LEAST_SPEECH_S

    few = tried.alone_speech_s < LEAST_SPEECH_S
    alone = f"Only it holds {tried.alone_speech_s:.1f} s of speech: its scores mean little. " if few else ""
    text = Markup(
        "{}Scored on {:.1f} to {:.1f} s. What is taken out is left at the recording’s own {}. ● spoof, ■ bona fide, "
        "◐ not sure."
    )
    return text.format(alone, tried.start_s, tried.end_s, term("noise floor"))
