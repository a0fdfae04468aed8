"""What every trial has: a heading, a button, its progress, and the sounds that came of it."""

from typing import TYPE_CHECKING, Any

from dashboard.components.markup import Markup
from dashboard.components.progress import progress_words

if TYPE_CHECKING:
    from dashboard.trials import Trial

__all__ = ["NO_VERDICT", "player", "progress_line", "trial_button", "trial_head"]

NO_VERDICT = "No verdict, so there is nothing to try: without speech the scores mean nothing."
_HEAD = Markup('<h3 class="ss-try">{}</h3><p class="ss-trial">{}</p>')
_BUTTON = Markup('<button type="button" class="{}" data-trial="{}"{}>{}</button>')
_BAR = Markup('<progress class="ss-progress" {} aria-label="{}"></progress>')
_BUSY = Markup('<div class="ss-work"><span class="ss-dot"></span><span role="status">{}</span>{}{}</div>')
_PLAY = Markup(
    '<button type="button" class="ss-play" data-play="{0}" aria-label="Play {1}" title="Play {1}">'
    '<i aria-hidden="true">▶</i> {2}<audio preload="auto" data-from="{4:.3f}" src="{3}"></audio></button>'
)


def trial_head(title: str, what: str) -> Markup:
    """Return a heading and the sentence below it."""
    return _HEAD.format(title, what)


def trial_button(what: str, words: str, *, first: bool = True, disabled: bool = False) -> Markup:
    """Return the button that starts a trial (``static/tried.js`` asks for it)."""
    off = Markup(" disabled") if disabled else Markup("")
    return _BUTTON.format("ss-act ss-go" if first else "ss-act", what, off, words)


def progress_line(trial: "Trial[Any]", what: str, doing: str, unit: str) -> Markup:
    """Return what is being done, how far it is, and the button that stops it."""
    known = trial.progress if trial.progress is not None and trial.progress.total else None
    words = f"{doing} {progress_words(known, unit)}" if known else doing
    bar = Markup('max="{}" value="{}"').format(known.total, known.done) if known else Markup("")
    return _BUSY.format(words, _BAR.format(bar, unit), trial_button(f"{what} stop", "Stop", first=False))


def player(name: str, what: str, words: str, url: str, from_s: float) -> Markup:
    """Return a button that plays a sound.

    Parameters
    ----------
    name, what, words : str
        Of the sound: its key, what it is, and what stands on the button.
    url : str
        Its address, relative to the page.
    from_s : float
        Where in the recording it begins.
    """
    return _PLAY.format(name, what, words, url, from_s)
