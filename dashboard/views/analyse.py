"""Analyse: one recording, its verdict, and where and when the evidence lies."""

from typing import Any

from dashboard.comparing import Comparing
from dashboard.components.analyse_frames import AnalyseFrames, lay_out
from dashboard.components.compare import lay_out_back, lay_out_compare
from dashboard.context import AT_ONCE, QUIET, Context
from dashboard.drawing import Drawing
from dashboard.endpoint import wire_endpoints
from dashboard.keeping import Keeping
from dashboard.opening import Opening
from dashboard.trying import Trying
from dashboard.work import Work

TITLE = "Analyse"
ORDER = 0

# What a person does is answered at once, whatever else is being computed; only then the work begins.
_WORK: dict[str, Any] = {**QUIET, "trigger_mode": "multiple"}
_TICKET = "window.spoofscope.ticket()"

__all__ = ["ORDER", "TITLE", "AnalyseTab", "build"]


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    lay_out_back()
    AnalyseTab(context, lay_out()).wire()


def _stamped(inputs: int, *, ticket: str = _TICKET) -> str:
    """Return the script that puts the page's ticket before the other inputs of an event."""
    names = ", ".join(f"a{number}" for number in range(inputs))
    return f"(_, {names}) => [{ticket}, {names}]" if inputs else f"(_) => [{ticket}]"


# Ticket and scheme as they are now: when the page loads, the hidden checkbox does not know its scheme yet.
_SEEN = f"(_, dark) => [{_TICKET}, document.body.classList.contains('dark')]"


class AnalyseTab:
    """What happens on the tab: first the verdict, then the evidence.

    Parameters
    ----------
    context : Context
    frames : AnalyseFrames
        The tab's components.
    """

    def __init__(self, context: Context, frames: AnalyseFrames) -> None:
        self.context = context
        self.frames = frames
        self.visits = context.resources.visits
        draw = Drawing(frames, context.resources)
        self.opening = Opening(context.resources, self.visits, draw)
        self.work = Work(context.resources, self.visits, draw)
        self.comparing = Comparing(lay_out_compare(), self.opening)
        self.trying = Trying(context.resources, self.visits, draw)
        self.keeping = Keeping(context.resources, self.visits, draw)

    def wire(self) -> None:
        """Connect what a person does with what follows."""
        # First, as Gradio names an event after its handler and numbers those of one name.
        wire_endpoints(self.context.resources)
        for event in self._wire_opening():
            self._wire_work(event)
        self._wire_list()
        frames, stamped = self.frames, [self.frames.ticket, self.context.dark]
        frames.drop.clear(self.opening.remove, stamped, frames.all, js=_SEEN, **AT_ONCE)
        self._wire_keeping()
        self._wire_asking()
        self._wire_choices()
        frames.opacity.input(None, [frames.opacity], None, js="(value) => { window.spoofscope.opacity(value); }")
        self.context.dark.change(
            self.work.redraw, [*stamped, frames.opacity], [frames.plot, frames.error_plot], js=_stamped(2), **QUIET
        )
        self.context.page.load(self.opening.cards, None, [frames.cards], concurrency_limit=16, **QUIET)

    def _wire_opening(self) -> list[Any]:
        """Wire all ways to open a recording; return their events."""
        frames, opening, request = self.frames, self.opening, self.context.analyse_request
        stamped, seen = [frames.ticket, self.context.dark], _SEEN
        opened = [
            frames.drop.upload(opening.upload, stamped, frames.all, js=seen, **AT_ONCE),
            frames.drop.select(opening.example, stamped, frames.all, js=seen, **AT_ONCE),
            frames.microphone.stop_recording(
                opening.microphone, [*stamped, frames.microphone], frames.all,
                js=_stamped(2, ticket="window.spoofscope.next()"), **AT_ONCE,
            ),
            request.change(
                opening.clip, [*stamped, request], frames.all,
                js="(ticket, dark, asked) => [asked ? window.spoofscope.next() : ticket, dark, asked]", **AT_ONCE,
            ),
            frames.keep.upload(opening.reopen, stamped, frames.all, js=seen, **AT_ONCE),
            self.comparing.frames.entries.select(self.comparing.open, stamped, frames.all, js=seen, **AT_ONCE),
            self.context.page.load(opening.restore, stamped, frames.all, js=seen, concurrency_limit=16, **_WORK),
        ]  # fmt: skip
        # The recorder is free for the next one.
        opened[2].then(lambda: None, None, frames.microphone, **AT_ONCE)
        return opened

    def _wire_work(self, event: Any) -> None:
        """Have an opened recording scored, drawn, explained and traced, one after the other."""
        frames, work, stamped = self.frames, self.work, [self.frames.ticket, self.context.dark]
        explained = event.then(
            work.score, [frames.ticket], frames.scored, js=_stamped(0), concurrency_id="score",
            concurrency_limit=2, **_WORK,
        ).then(work.picture, stamped, frames.pictured, js=_SEEN, **AT_ONCE).then(**self._explaining()).then(
            work.trace, [frames.ticket], [frames.provenance, frames.words], js=_stamped(0), concurrency_id="trace",
            concurrency_limit=1, **_WORK,
        )  # fmt: skip
        event.then(self.keeping.past, [frames.ticket], [frames.past], js=_stamped(0), **AT_ONCE)
        self._scoring(
            explained.then(self.comparing.take_long, stamped, self.comparing.frames.all, js=_SEEN, **AT_ONCE)
        )
        explained.then(
            work.nearest, [frames.ticket, self.context.run_choice], [frames.nearest], js=_stamped(1), **_WORK
        )  # fmt: skip

    def _wire_asking(self) -> None:
        """Wire what is computed of a recording only when a person asks for it."""
        frames, work = self.frames, self.work
        frames.others.click(work.start_or_stop, [frames.ticket], None, js=_stamped(0), **AT_ONCE).then(
            work.score_others, [frames.ticket], [frames.panel, frames.verdict, frames.detector, frames.others],
            js=_stamped(0), concurrency_id="others", concurrency_limit=1, **_WORK,
        )  # fmt: skip
        frames.ask_cues.click(
            work.sort, [frames.ticket], [frames.cues, frames.ask_cues], js=_stamped(0), concurrency_id="explain",
            concurrency_limit=1, **_WORK,
        )  # fmt: skip
        frames.tools.select(
            self.trying.ask, [frames.ticket], frames.trials, js=_stamped(0), concurrency_id="try",
            concurrency_limit=2, **_WORK,
        ).then(work.words, [frames.ticket], [frames.words], js=_stamped(0), **AT_ONCE)  # fmt: skip
        frames.tools.clear(self.trying.stop, [frames.ticket], None, js=_stamped(0), **AT_ONCE)
        rebuilt = [frames.error_plot, frames.error_note, frames.rebuild]
        frames.rebuild.click(work.rebuild, [frames.ticket, self.context.dark], rebuilt, js=_SEEN, **_WORK)

    def _wire_keeping(self) -> None:
        frames, keeping = self.frames, self.keeping
        frames.keep.select(
            keeping.keep, [frames.ticket], [frames.kept], js=_stamped(0), concurrency_id="explain",
            concurrency_limit=1, **_WORK,
        )  # fmt: skip
        frames.keep.clear(keeping.forget, [frames.ticket], [frames.past], js=_stamped(0), **AT_ONCE)

    def _wire_list(self) -> None:
        comparing, stamped = self.comparing, [self.frames.ticket, self.context.dark]
        shown = comparing.frames.all
        for event in (
            comparing.frames.entries.upload(comparing.add, stamped, shown, js=_SEEN, **AT_ONCE),
            comparing.frames.entries.input(comparing.act, stamped, shown, js=_SEEN, **AT_ONCE),
            self.context.page.load(comparing.restore, stamped, shown, js=_SEEN, concurrency_limit=16, **_WORK),
        ):
            self._scoring(event)
        self.context.dark.change(comparing.restore, stamped, shown, js=_SEEN, **AT_ONCE)

    def _scoring(self, event: Any) -> None:
        """Have what waits on the list scored after an event; few at a time, since an hour takes half a gigabyte."""
        stamped = [self.frames.ticket, self.context.dark]
        event.then(
            self.comparing.work, stamped, self.comparing.frames.all, js=_SEEN, concurrency_id="list",
            concurrency_limit=2, **_WORK,
        )  # fmt: skip

    def _wire_choices(self) -> None:
        frames, work = self.frames, self.work
        chosen = [frames.detector, frames.method]
        shown = [*chosen, frames.verdict, frames.panel, frames.receipt, frames.words, frames.cues, frames.ask_cues]
        for event in (
            frames.panel.select(work.press, [frames.ticket], shown, js=_stamped(0), **AT_ONCE),
            frames.detector.input(work.choose, [frames.ticket, frames.detector], shown, js=_stamped(1), **AT_ONCE),
            frames.method.input(work.choose, [frames.ticket, *chosen], shown, js=_stamped(2), **AT_ONCE),
        ):
            event.then(**self._explaining())

    def _explaining(self) -> dict[str, Any]:
        frames = self.frames
        return {
            "fn": self.work.explain, "inputs": [frames.ticket, self.context.dark, frames.opacity],
            "outputs": frames.explained, "js": _stamped(2), "concurrency_id": "explain", "concurrency_limit": 1,
            **_WORK,
        }  # fmt: skip
