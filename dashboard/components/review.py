"""The desk at which disputed clips are judged: the way in, one clip at a time, the keys, what was judged so far."""

from collections.abc import Sequence

import gradio as gr

from core.review.judgement import Judgement
from dashboard.components.markup import Markup, class_word, joined, note, problem

__all__ = ["CLIP", "KEYS", "clip_card", "foot", "key_bar", "way_in"]

CLIP = "review-clip"
#: Keys of the keyboard, what each does, and its word; ``static/review.js`` presses the button that bears it.
KEYS = (
    ("1", "bonafide", "bona fide"), ("2", "spoof", "spoof"), ("3", "unsure", "unsure"), ("n", "note", "note"),
    ("space", "play", "play"), ("k", "previous", "previous"), ("j", "next", "next"), ("u", "open", "next not judged"),
)  # fmt: skip
_JUDGING = {"bonafide", "spoof", "unsure"}
_HOOK = f"""
element.addEventListener('click', (event) => {{
  const button = event.target.closest('[data-value]');
  if (!button || !element.contains(button)) return;
  const shown = document.querySelector('#{CLIP} [data-turn]');
  trigger('select', {{value: button.dataset.value, turn: shown ? shown.dataset.turn : ''}});
}});
"""


def way_in(disputed: int, judged: int, *, begun: bool, queued: int = 0, silent: bool = False) -> Markup:
    """Return the line that opens the desk, or leaves it.

    Parameters
    ----------
    disputed, judged : int
        Clips, and how many of them anyone has judged.
    begun : bool
        Whether the desk is open.
    queued : int
        How many of them the queue holds.
    silent : bool
        Whether none of their recordings is on this machine.
    """
    if begun:
        html = (
            '<div class="ss-hd"><h2 class="ss-h">Judge the disputed clips</h2><span class="ss-sp"></span><button '
            'type="button" class="ss-btn" data-value="leave" data-reviewing="off">Back to the votes</button></div>'
        )
        return Markup(html)
    if not disputed:
        return Markup('<p class="ss-flat">No clip is disputed: there is nothing to judge.</p>')
    so_far = f", {judged:,} of them judged so far" if judged else ""
    most = f"; the {queued:,} most disputed can be judged" if queued < disputed else ""
    mute = " None of their recordings is on this machine: nothing can be played." if silent else ""
    how = "Go through them" if silent else "Judge them by ear"
    html = (
        '<p class="ss-flat"><b>Who is right?</b> {:,} clip{} disputed{}{}.{} <button type="button" class="ss-btn" '
        'data-value="begin" data-reviewing="on">{}</button></p>'
    )
    return Markup(html).format(disputed, " is" if disputed == 1 else "s are", so_far, most, mute, how)


def key_bar() -> gr.HTML:
    """Lay out the keys as buttons; ``select`` has ``event.value`` and the ``event.turn`` of the clip that was shown."""
    buttons = joined(_key(*each) for each in KEYS)
    html = Markup('<div class="ss-keys" role="group" aria-label="Judge this clip">{}</div>').format(buttons)
    return gr.HTML(html, js_on_load=_HOOK, elem_id="review-keys", padding=False)


def _key(key: str, value: str, word: str) -> Markup:
    # What only the browser does has no value for Python.
    what = "data-review" if value in ("note", "play") else "data-value"
    shown = class_word(value, word=word) if value in _JUDGING else Markup("<span>{}</span>").format(word)
    html = '<button type="button" {}="{}" data-key="{}" aria-keyshortcuts="{}">{} <kbd>{}</kbd></button>'
    return Markup(html).format(Markup(what), value, key, "Space" if key == "space" else key, shown, key)


def clip_card(
    *, at: int, of: int, judged: int, turn: int, sound: str = "", why_silent: str = "", mine: Judgement | None = None,
    name: str = "", wrong: str = "",
) -> Markup:  # fmt: skip
    """Return one clip to be judged: how far the reviewer is, its sound, and what was answered.

    Parameters
    ----------
    at, of, judged : int
        Its place in the queue from 1, the clips of the queue, and how many of them the reviewer has judged.
    turn : int
        Comes back with each key, so that no answer counts for another clip than the one shown.
    sound : str
        Address of its sound.
    why_silent : str
        Why there is none.
    mine : Judgement, optional
        The reviewer's.
    name : str
        What the clip is called; empty while that is hidden.
    wrong : str
        Why the last answer was not kept.
    """
    width = f"{100 * judged / max(of, 1):.1f}%"
    bar = Markup('<span class="ss-mini" aria-hidden="true"><i style="width:{}"></i></span>').format(width)
    player = Markup('<audio controls preload="auto" src="{}"></audio>').format(sound) if sound else note(why_silent)
    named = Markup('<p class="ss-note ss-clip-name">{}</p>').format(name) if name else Markup("")
    html = (
        '<div data-turn="{}"><p class="ss-flat" role="status">{}<b>{:,} of {:,} judged</b> · clip {:,} of the queue · '
        "{}</p>{}{}{}</div>"
    )
    warning = problem(wrong) if wrong else Markup("")
    return Markup(html).format(turn, bar, judged, of, at, _answer(mine), warning, player, named)


def _answer(mine: Judgement | None) -> Markup:
    if mine is None or not mine.answer:
        return Markup("not judged yet")
    how = "blind" if mine.blind else "with the votes in view"
    word = class_word(mine.answer, word="unsure" if mine.answer == "unsure" else None)
    return Markup("you judged it {}, {}").format(word, how)


def foot(agreement: str, judged: int, *, problems: Sequence[str] = (), more: Markup | None = None) -> Markup:
    """Return how far reviewers agree, and the buttons that export all judgements.

    Parameters
    ----------
    agreement : str
        A sentence.
    judged : int
        Judgements that there are.
    problems : sequence of str
        What could not be read, or taken over.
    more : Markup, optional
        Put at the end: a link to an export, or what a merge came to.
    """
    buttons = joined(
        Markup('<button type="button" class="ss-btn" data-value="{}"{}>{}</button> ').format(
            ending, Markup("") if judged else Markup(" disabled"), word
        )
        for ending, word in (("csv", "CSV"), ("parquet", "Parquet"))
    )
    html = '<div class="ss-review-foot"><p class="ss-flat">{}</p><p class="ss-flat">Export: {}{}</p>{}</div>'
    wrong = joined(problem(each) for each in problems)
    return Markup(html).format(agreement, buttons, more or Markup(""), wrong)
