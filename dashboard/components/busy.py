"""A sign of work: the browser greys what is on show until the answer to the new choice is there."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gradio as gr

from dashboard.components.relay import relayed

__all__ = ["answering", "following"]

_AT_WORK = "(...given) => { document.getElementById('VIEW')?.classList.add('ss-busy'); return given.slice(0, INPUTS); }"
_DONE = "() => { document.getElementById('VIEW')?.classList.remove('ss-busy'); }"

_ASKED = "(...given) => { window.spoofscope.asked(IDS, given[1], given[2]); return (WITH)(...given); }"
_ANSWERED = "() => { window.spoofscope.answered(IDS); }"


def following(outputs: Sequence[Any], inputs: int, js: str | None = None) -> tuple[str, str]:
    """Return the scripts that grey what is of another run or selection until the answer is there, and end that.

    Parameters
    ----------
    outputs : sequence of components
        What the answer fills.
    inputs : int
        How many values the question has: dark, run and selection first.
    js : str, optional
        A function that makes these values.
    """
    ids = json.dumps([one.elem_id or f"component-{one._id}" for one in outputs])
    given = js or f"(...given) => given.slice(0, {inputs})"
    return _ASKED.replace("IDS", ids).replace("WITH", given), _ANSWERED.replace("IDS", ids)


def answering(
    triggers: Sequence[Any], fn: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any], *, view: str,
    **more: Any,
) -> Any:  # fmt: skip
    """Wire controls to what answers them, greying the view from the press until the last answer is drawn.

    Parameters
    ----------
    triggers : sequence of events
    fn : callable
    inputs, outputs : sequence of components
    view : str
        ``elem_id`` of the column that holds controls and answers.
    **more
        For ``gr.on``. Where only the last question counts, ``fn`` is given no event (``relay.relayed``).
    """
    at_work = _AT_WORK.replace("VIEW", view).replace("INPUTS", str(len(inputs)))
    last_counts = more.get("trigger_mode") == "always_last"
    on = relayed(triggers) if last_counts else partial(gr.on, list(triggers))
    event = on(fn, list(inputs), list(outputs), js=at_work, **more)
    event.then(None, None, None, js=_DONE.replace("VIEW", view), api_visibility="private")
    return event
