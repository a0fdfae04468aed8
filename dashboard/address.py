"""The page's address: the run and the selection that a link brings back. What comes from one is checked.

The open tab stands there, too (``static/recording.js``). No recording of a visitor is ever a part of it.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from core.errors import ResultsError
from core.results.manifest import KEY_DIGITS
from core.results.selection import Selection

__all__ = ["LONGEST", "Restored", "restored", "wire_address"]

LONGEST = 1500
"""Letters of the longest selection that an address carries; servers and mail programs cut longer ones."""

_MOST_LETTERS = 16_000
_KEY = re.compile(rf"[0-9a-f]{{{KEY_DIGITS}}}")
_SHOW = f"(run, chosen) => {{ window.spoofscope.address(run, [...chosen].length > {LONGEST} ? '' : chosen); }}"


@dataclass(frozen=True)
class Restored:
    """What an address asks for.

    Attributes
    ----------
    choice, selection : str
        "" where it names none, or one that is none.
    problems : tuple of str
        A sentence for each part that was left out.
    """

    choice: str = ""
    selection: str = ""
    problems: tuple[str, ...] = ()


def restored(search: str | None) -> Restored:
    """Return what the part of an address from its question mark asks for.

    Parameters
    ----------
    search : str
        Such as ``?run=0123456789ab&select=...``; it may come from anywhere.
    """
    if not search or search == "?":
        return Restored()
    try:
        if len(search) > _MOST_LETTERS:
            raise ValueError("too long")
        given = {name: values[-1] for name, values in parse_qs(search.removeprefix("?"), max_num_fields=50).items()}
    except ValueError:
        return Restored(problems=("This address cannot be read, and was left out: copy the link anew.",))
    choice, problems = given.get("run", ""), []
    if choice and not _KEY.fullmatch(choice):
        return Restored(problems=(f"The address names no run: a run's key has {KEY_DIGITS} hexadecimal digits.",))
    try:
        selection = Selection.parse(given.get("select", "")).text
    except ResultsError as error:
        problems.append(f"The selection in the address was left out. {error}")
        selection = ""
    return Restored(choice, selection, tuple(problems))


def wire_address(page: gr.Blocks, run_choice: gr.Textbox, selection: gr.Textbox) -> None:
    """Have the page's address follow run and selection, and have a loaded page take them from there."""
    from dashboard.context import QUIET

    search = gr.Textbox(visible="hidden", elem_id="ss-address", container=False)

    def restore(asked: str) -> tuple[Any, Any]:
        found = restored(asked)
        for sentence in found.problems:
            gr.Warning(sentence)
        return found.choice or gr.skip(), found.selection or gr.skip()

    page.load(restore, search, [run_choice, selection], js="() => [location.search]", **QUIET)
    for event in (run_choice.change, selection.change):
        event(None, [run_choice, selection], None, js=_SHOW, api_visibility="private", trigger_mode="multiple")
