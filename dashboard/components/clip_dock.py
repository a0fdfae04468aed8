"""The dock of a chosen clip: its facts, its sound, and the way into *Analyse*."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from core.errors import AudioError
from dashboard.components.markup import empty, note
from dashboard.components.reference import NO_AUDIO, clip_facts

if TYPE_CHECKING:
    from dashboard.context import Context

__all__ = ["ClipDock", "clip_dock", "show_clip"]


@dataclass(frozen=True)
class ClipDock:
    """The dock's components, in the order of what ``show_clip`` returns.

    Attributes
    ----------
    path : gr.Textbox
        Hidden; the chosen clip's path in the run, "" where none is chosen.
    facts : gr.HTML
    audio : gr.Audio
    button : gr.Button
        Opens the clip in *Analyse*.
    """

    path: gr.Textbox
    facts: gr.HTML
    audio: gr.Audio
    button: gr.Button

    @property
    def outputs(self) -> list[Any]:
        """What ``show_clip`` fills."""
        return [self.path, self.facts, self.audio, self.button]


def clip_dock(context: "Context", elem_id: str, *, invitation: str) -> ClipDock:
    """Lay out a dock and wire its button.

    Parameters
    ----------
    context : Context
    elem_id : str
        Prefix of the ids: ``<elem_id>-facts``, ``-audio``, ``-open``, ``-path``.
    invitation : str
        What stands in the dock while no clip is chosen.
    """
    path = gr.Textbox(visible="hidden", elem_id=f"{elem_id}-path", container=False)
    facts = gr.HTML(empty(invitation), elem_id=f"{elem_id}-facts", padding=False)
    audio = gr.Audio(
        visible=False, interactive=False, show_label=False, autoplay=True, elem_id=f"{elem_id}-audio",
        buttons=[], container=False,
    )  # fmt: skip
    button = gr.Button("Open in Analyse", interactive=False, size="sm", elem_id=f"{elem_id}-open")
    context.open_in_analyse(button.click, path)
    return ClipDock(path, facts, audio, button)


def show_clip(context: "Context", path: str, choice: str = "", *, play: bool = True) -> tuple[Any, ...]:
    """Return what a dock shows of a clip of a run.

    Parameters
    ----------
    context : Context
    path : str
        The clip's path in the run.
    choice : str
        Key of the run.
    play : bool
        Start playing at once.
    """
    run = context.run(choice)
    if run is None or run.place(path) is None:
        return gr.skip(), empty("This clip is not in the run."), gr.Audio(visible=False), gr.skip()
    facts = clip_facts(run, path)
    sound, why = clip_sound(context, path, choice)
    audio = gr.Audio(value=sound, visible=sound is not None, autoplay=play)
    return path, facts + (note(why) if why else ""), audio, gr.Button(interactive=sound is not None)


def clip_sound(context: "Context", path: str, choice: str = "") -> tuple[tuple[int, Any] | None, str]:
    """Return rate and int16 samples of a clip, or None and one sentence on why there is no sound."""
    from core.audio.clip import SAMPLE_RATE
    from core.audio.decode import decode

    file = context.resources.locate(path, choice)
    if file is None:
        return None, NO_AUDIO
    try:
        waveform = decode(file).waveform
    except AudioError as error:
        return None, str(error)
    # Gradio stretches float samples to full scale; whole numbers it leaves as loud as they are.
    return (SAMPLE_RATE, np.round(np.clip(waveform, -1, 1) * 32767).astype(np.int16)), ""
