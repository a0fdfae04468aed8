"""Trying the verdict: the boxes that were drawn, played and scored again."""

from typing import TYPE_CHECKING, Any

from core.analysis.calibration import p_spoof
from dashboard.components.markup import Markup, class_word, joined, note, number, problem, term
from dashboard.components.progress import progress_words

if TYPE_CHECKING:
    from core.tried import Scored, Tried
    from dashboard.trials import Trial

__all__ = ["TRIED", "box_tools", "boxes_result", "progress_line", "trial_button", "trial_head"]

TRIED = "Try the verdict"
_HEAD = Markup('<h3 class="ss-try">{}</h3><p class="ss-trial">{}</p>')
_BUTTON = Markup('<button type="button" class="{}" data-trial="{}"{}>{}</button>')
_TOOLS = Markup(
    '<div class="ss-tools">{}<ul class="ss-boxes" aria-label="Boxes"></ul><div class="ss-acts">'
    '<button type="button" class="ss-act" data-box="draw" aria-pressed="false" disabled>▢ Draw a box</button>'
    '<button type="button" class="ss-act" data-box="add" disabled>Type one in</button>{}</div></div>'
)
_BAR = Markup('<progress class="ss-progress" {} aria-label="{}"></progress>')
_BUSY = Markup('<div class="ss-work"><span class="ss-dot"></span><span role="status">{}</span>{}{}</div>')
_PLAY = Markup(
    '<button type="button" class="ss-play" data-play="{0}" aria-label="Play {1}" title="Play {1}">'
    '<i aria-hidden="true">▶</i> {2}<audio preload="auto" data-from="{3:.3f}" src="{4}"></audio></button>'
)
_NO_VERDICT = "No verdict, so there is nothing to try: without speech the scores mean nothing."


def trial_head(title: str, what: str) -> Markup:
    """Return a heading and the sentence below it."""
    return _HEAD.format(title, what)


def trial_button(what: str, words: str, *, first: bool = True, disabled: bool = False) -> Markup:
    """Return the button that starts a trial (``static/tried.js`` asks for it)."""
    off = Markup(" disabled") if disabled else Markup("")
    return _BUTTON.format("ss-act ss-go" if first else "ss-act", what, off, words)


def box_tools() -> Markup:
    """Return what boxes are drawn and listed with; ``static/tried.js`` does the rest."""
    what = (
        "Draw one box on the spectrogram, or several: play only what is in it, or all but it, and every panel member "
        "is scored again beside the original."
    )
    return _TOOLS.format(trial_head("Without this part?", what), trial_button("boxes", "Score again", disabled=True))


def progress_line(trial: "Trial[Any]", what: str, doing: str, unit: str) -> Markup:
    """Return what is being done, how far it is, and the button that stops it."""
    known = trial.progress if trial.progress is not None and trial.progress.total else None
    words = f"{doing} {progress_words(known, unit)}" if known else doing
    bar = Markup('max="{}" value="{}"').format(known.total, known.done) if known else Markup("")
    return _BUSY.format(words, _BAR.format(bar, unit), trial_button(f"{what} stop", "Stop", first=False))


def boxes_result(trial: "Trial[Tried] | None", *, askable: bool = True) -> Markup:
    """Return the sounds of the boxes and how they are scored, how far that is, or why there is none.

    Parameters
    ----------
    trial : Trial or None
        Nothing is shown where there is none.
    askable : bool
        Whether the recording has a verdict.
    """
    if trial is None:
        return Markup("")
    if not askable:
        return note(_NO_VERDICT)
    if trial.wrong:
        return problem(trial.wrong)
    sounds = _players(trial) if trial.sounds else Markup("")
    if trial.running:
        return sounds + progress_line(trial, "boxes", "Scoring again:", "sounds scored")
    return sounds + _scores(trial.found) if trial.found is not None else sounds


def _players(trial: "Trial[Tried]") -> Markup:
    words = {"alone": ("only what is in the box", "Only it"), "without": ("all but the box", "All but it")}
    made = (
        _PLAY.format(name, *words[name], trial.starts.get(name, 0.0), trial.sounds[name])
        for name in words if name in trial.sounds
    )  # fmt: skip
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
