"""A sign of work: the browser greys what is on show until the answer to the new choice is there."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gradio as gr

from dashboard.components.relay import relayed

__all__ = ["answering", "following"]

# What is greyed is kept by its id, with what it shows, in ``static/linked.js``.
_ASKED = "(...given) => { window.spoofscope.asked(IDS, SHOWS); return (WITH)(...given); }"
_ANSWERED = "() => { window.spoofscope.answered(IDS); }"
_RUN_AND_SELECTION, _ANOTHER = "`${given[1]} ${given[2]}`", "null"


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
    ids = [one.elem_id or f"component-{one._id}" for one in outputs]
    return _scripts(ids, _RUN_AND_SELECTION, js or _first(inputs))


def answering(
    triggers: Sequence[Any], fn: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any], *, view: str,
    **more: Any,
) -> Any:  # fmt: skip
    """Wire controls to what answers them, greying the view from the press until the last answer is drawn.

    All of it but its bar of controls: who has pressed a control should not read on in what answers to the one before.

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
    asked, answered = _scripts([view], _ANOTHER, _first(len(inputs)))
    last_counts = more.get("trigger_mode") == "always_last"
    on = relayed(triggers) if last_counts else partial(gr.on, list(triggers))
    event = on(fn, list(inputs), list(outputs), js=asked, **more)
    event.then(None, None, None, js=answered, api_visibility="private")
    return event


def _scripts(ids: Sequence[str], shows: str, values: str) -> tuple[str, str]:
    names = json.dumps(ids)
    return _ASKED.replace("IDS", names).replace("SHOWS", shows).replace("WITH", values), _ANSWERED.replace("IDS", names)


def _first(inputs: int) -> str:
    return f"(...given) => given.slice(0, {inputs})"
