"""What every view is given: the detectors and the reference run, loaded when asked for, and the page's wiring."""

import logging
import os
import threading
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from core.errors import CheckpointError, ResultsError

if TYPE_CHECKING:
    import gradio as gr

    from core.audio.examples import Example
    from core.detectors.detector import Detector
    from core.results.store import Run
    from core.usecases import Panel

__all__ = ["QUIET", "Context", "Resources", "opening", "requested"]

# Settings of events that only the page itself causes: no endpoint of the API, no spinner. By itself Gradio drops what
# is asked while the question before is open; the last one asked is the one that counts.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "always_last"}

_log = logging.getLogger(__name__)


class Resources:
    """The panel and the reference run: each read once, on first use, by whichever thread comes first.

    Parameters
    ----------
    names : sequence of str or Path, optional
        Checkpoints of the panel; the panel that ships when not given.
    """

    def __init__(self, names: Sequence[str | Path] | None = None) -> None:
        self._names = names
        self._panel: Panel | None = None
        self._others: dict[str, Detector] | None = None
        self._run: Run | None = None
        self._run_problem: str | None = None
        self._examples: list[Example] | None = None
        self._examples_lock = threading.Lock()
        self._panel_lock = threading.Lock()
        self._others_lock = threading.Lock()
        self._run_lock = threading.Lock()

    @property
    def panel(self) -> "Panel":
        """The detectors.

        Raises
        ------
        CheckpointError
            When none is there or one is damaged.
        """
        from core.usecases import load_panel

        with self._panel_lock:
            if self._panel is None:
                self._panel = load_panel(self._names)
            return self._panel

    @property
    def members(self) -> frozenset[str]:
        """Names of the detectors that the panel's score is made of."""
        panel = self.panel
        return frozenset(panel.detectors if panel.fusion is None else panel.fusion.members)

    @property
    def others(self) -> "dict[str, Detector]":
        """Detectors that ship without being in the panel, heard without a say; none where checkpoints were named.

        One that is damaged is logged and left out; *Models & data* says why.
        """
        with self._others_lock:
            if self._others is None:
                self._others = {} if self._names is not None else _sound(self.panel.detectors)
            return self._others

    @property
    def other_names(self) -> list[str]:
        """Names of ``others``, without waiting until they are loaded."""
        from core.detectors import checkpoint

        if self._others is not None:
            return list(self._others)
        return [] if self._names is not None else [n for n in checkpoint.shipped() if n not in self.panel.detectors]

    def detector(self, name: str) -> "Detector":
        """Return a detector of the panel, or one of the others.

        Raises
        ------
        CheckpointError
            When it is neither.
        """
        found = self.panel.detectors.get(name) or self.others.get(name)
        if found is None:
            raise CheckpointError(f"{name} is not among the detectors of this page.")
        return found

    @property
    def run(self) -> "Run | None":
        """The reference run, or None when it is missing or damaged; ``run_problem`` then says why."""
        with self._run_lock:
            if self._run is None and self._run_problem is None:
                from core.usecases import reference_run

                try:
                    self._run = reference_run()
                except ResultsError as error:
                    self._run_problem = str(error)
            return self._run

    @property
    def run_problem(self) -> str | None:
        """One sentence on why there is no reference run, or None."""
        return self._run_problem if self.run is None else None

    @property
    def examples(self) -> "list[Example]":
        """Recordings to try the page with; the spoofs among them are made at first use.

        Raises
        ------
        AudioError
            When they cannot be made.
        """
        from core.audio.examples import example_clips
        from core.paths import cache_folder

        with self._examples_lock:
            if self._examples is None:
                self._examples = example_clips(cache_folder())
            return self._examples

    @property
    def corpus_root(self) -> Path | None:
        """The folder of the corpus' audio ($SPOOFSCOPE_CORPUS), or None where it is not on this machine."""
        named = os.environ.get("SPOOFSCOPE_CORPUS")
        return Path(named) if named and Path(named).is_dir() else None

    def locate(self, clip_path: str) -> Path | None:
        """Return the audio file of a clip of the reference run, or None when the corpus is not here.

        ``clip_path`` is the clip's ``path`` in the run; anything that is not in the run has no file.
        """
        from core.usecases import locate_clip

        run = self.run
        return None if run is None else locate_clip(run, clip_path)


def _sound(known: Container[str]) -> "dict[str, Detector]":
    """Return the detectors that ship and can be loaded, but for those already known."""
    from core.detectors import checkpoint

    found = {}
    for name in checkpoint.shipped():
        try:
            if name not in known:
                found[name] = checkpoint.load_detector(name)
        except CheckpointError as error:
            _log.warning("%s", error)
    return found


@dataclass(frozen=True)
class Context:
    """Handed to each view's ``build``.

    Attributes
    ----------
    resources : Resources
        Panel and reference run; use them inside event handlers only, they take a while at first.
    dark : gr.Checkbox
        Hidden; true while the page is dark. An input for every handler that returns a figure.
    analyse_request : gr.Textbox
        Hidden; set it to ``opening(path)`` of a clip of the reference run and *Analyse* opens that clip.
    tabs : gr.Tabs
        The page's tabs; ``gr.Tabs(selected="map")`` as an output opens one.
    tab : gr.Tab
        The view's own tab.
    page : gr.Blocks
        The whole page, for ``page.load``.
    ready : callable
        Whether there is what the view needs; ``on_show`` calls no handler before (``dashboard.needs``).
    """

    resources: Resources
    dark: "gr.Checkbox"
    analyse_request: "gr.Textbox"
    tabs: "gr.Tabs"
    tab: "gr.Tab"
    page: "gr.Blocks"
    ready: Callable[[], bool] = lambda: True

    @property
    def panel(self) -> "Panel":
        """The detectors (see ``Resources.panel``)."""
        return self.resources.panel

    @property
    def run(self) -> "Run | None":
        """The reference run or None (see ``Resources.run``)."""
        return self.resources.run

    @property
    def run_problem(self) -> str | None:
        """Why there is no reference run, or None."""
        return self.resources.run_problem

    def on_show(
        self, fn: Callable[..., Any], *, inputs: Sequence[Any] = (), outputs: Sequence[Any], **more: Any
    ) -> Any:
        """Call ``fn(dark, *inputs)`` whenever the tab is opened and whenever the page turns light or dark.

        Returns the event, for ``then`` and ``failure``.
        """
        import gradio as gr

        from dashboard.needs import guarded

        return gr.on(
            [self.tab.select, self.dark.change],
            guarded(fn, self.ready, len(outputs)), inputs=[self.dark, *inputs], outputs=list(outputs),
            api_visibility="private", show_progress="hidden", queue=True, **more,
        )  # fmt: skip

    def open_in_analyse(self, event: Callable[..., Any], path: "gr.Textbox") -> None:
        """Wire an event (such as ``button.click``) so that it opens the clip whose path in the run ``path`` holds."""
        import gradio as gr

        event(opening, path, self.analyse_request, **QUIET).then(
            lambda asked: gr.Tabs(selected="analyse") if asked else gr.skip(), self.analyse_request, self.tabs, **QUIET
        )


def opening(path: str | None) -> str:
    """Return a request to open a clip, unlike any before: the same one again would be no change, and go unheard."""
    return f"{uuid4().hex} {path}" if path else ""


def requested(request: str | None) -> str:
    """Return the path of the clip that a request asks for; "" where it asks for none."""
    return (request or "").partition(" ")[2]
