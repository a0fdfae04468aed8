"""What stands above and below the figure or table of a pane, and the tooltips of controls."""

import json
from collections.abc import Mapping

import gradio as gr

from dashboard.components.markup import Markup, note, term
from dashboard.glossary import meaning

__all__ = ["figure_terms", "heading", "remark", "tips"]

_SET_TITLES = """
const set = () => Object.entries(TIPS).forEach(([id, text]) => {
  const control = document.getElementById(id);
  if (control) { control.title = text; control.setAttribute('aria-description', text); }
});
requestAnimationFrame(set);
"""


def heading(text: str) -> gr.HTML:
    """Lay out the heading of a pane; ``Markup`` may hold terms."""
    return gr.HTML(Markup('<h2 class="ss-h">{}</h2>').format(text), padding=False)


def remark(text: str) -> gr.HTML:
    """Lay out small explaining text; ``Markup`` may hold terms."""
    return gr.HTML(note(text), padding=False)


def figure_terms(*names: str) -> gr.HTML:
    """Lay out the terms inside a figure with their meanings: words that a figure draws cannot carry a tooltip."""
    return remark(Markup("In the figure: {}.").format(Markup(", ").join(term(name) for name in names)))


def tips(terms: Mapping[str, str]) -> gr.HTML:
    """Give controls, whose labels are plain text, the meaning of a term as their tooltip.

    Parameters
    ----------
    terms : mapping of str to str
        The control's ``elem_id`` to a term of the glossary. Lay this out after the controls.
    """
    texts = json.dumps({control: meaning(name) for control, name in terms.items()}, ensure_ascii=False)
    return gr.HTML("", js_on_load=_SET_TITLES.replace("TIPS", texts), padding=False, elem_classes="ss-script")
