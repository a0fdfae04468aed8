"""What stands in the frames of Analyse: drawn from what is known of a recording, and stamped with its ticket.

The page shows nothing that carries another ticket than its own (``static/recording.js``): what was drawn of a recording
that was removed meanwhile, and is still on its way to the browser, never appears.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import AudioError
from dashboard.components.analyse_frames import OPACITY, WAITING, AnalyseFrames
from dashboard.components.cues import cue_note, cue_table
from dashboard.components.explained import error_note, is_evidence, receipt_line, sentence_of, where_head
from dashboard.components.markup import Markup
from dashboard.components.nearest import nearest_frame, training_line
from dashboard.components.panel import others_label, panel_card
from dashboard.components.provenance import provenance_card
from dashboard.components.recording import players, record_lines
from dashboard.components.segments import segments_line
from dashboard.components.tried import tried_parts
from dashboard.components.verdict import verdict_card, verdict_frame
from dashboard.components.words import words_text
from dashboard.plots.clip import clip_figure
from dashboard.plots.error_map import error_map
from dashboard.sound import files_of, sound_urls

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.explain.cues import Cue
    from core.usecases import Analysis
    from core.watch import Progress
    from dashboard.resources import Resources
    from dashboard.visits import Recording

__all__ = ["Drawing", "Frames", "or_nothing"]

Frames = dict[Any, Any]
_LOOKING = "Looking for where the evidence lies…"
_UNPLACED = (
    "The run keeps no embedding of a member of this panel in which a new recording can be placed: score the "
    "reference corpus with it anew (docs/contributing.md)."
)
_STAMP = Markup('<div class="ss-stamp" data-recording="{}">{}</div>')


def or_nothing(steps: Callable[..., Iterator[Frames]]) -> Callable[..., Iterator[Any]]:
    """Have a handler that has no answer, or whose visitor has moved on, end by leaving the page as it is.

    Gradio would empty what a handler without an answer was to fill. And at the end it sends the last answer once more:
    of a recording that was removed meanwhile that comes after the page was emptied. Of any other it is wanted, since
    the page (Gradio 6.31) edits one answer in place into the next, and loses what it has not shown by then: a figure or
    a button whose answer were followed by another at once might never appear.
    """

    @wraps(steps)
    def shown(owner: Any, ticket: str, *asked: Any) -> Iterator[Any]:
        last = None
        for last in steps(owner, ticket, *asked):
            yield last
        if last is None or owner.visits.has_moved_on(ticket):
            yield gr.skip()

    return shown


class Drawing:
    """Fills the frames.

    Parameters
    ----------
    frames : AnalyseFrames
    resources : Resources
        For the panel's members and what it was set on.
    """

    def __init__(self, frames: AnalyseFrames, resources: "Resources") -> None:
        self.frames = frames
        self.resources = resources

    def emptied(self, ticket: str, *, dark: bool, busy: str = "", wrong: str = "", todo: str = "") -> Frames:
        """Return every frame empty, and the verdict's at work or with what went wrong."""
        frames = self.frames
        return {
            frames.verdict: _of(ticket, verdict_frame(waiting=WAITING, busy=busy, wrong=wrong, todo=todo)),
            frames.record: _of(ticket, record_lines(None)),
            frames.head: _of(ticket, where_head(players({}))),
            frames.panel: _of(ticket, panel_card(None)),
            frames.others: gr.Button(visible=False),
            frames.receipt: _of(ticket, receipt_line(None)),
            frames.segments: _of(ticket, segments_line(None)),
            frames.provenance: _of(ticket, provenance_card()),
            **self.tried(ticket),
            frames.words: _of(ticket, words_text(None)),
            frames.cues: _of(ticket, cue_note()),
            frames.ask_cues: gr.Button(visible=False),
            frames.nearest: _of(ticket, nearest_frame(None)),
            # While a recording is being read the browser hides the picture of the one before.
            frames.plot: gr.skip() if busy else _marked(clip_figure(None, dark=dark), ticket),
            **self._not_rebuilt(ticket),
            frames.detector: gr.Dropdown(choices=[], value=None),
            frames.method: gr.Dropdown(choices=[], value=None),
        }

    def stamped(self, ticket: str, html: Markup) -> Markup:
        """Return HTML that the page shows no longer than it shows this recording."""
        return _of(ticket, html)

    def progress(self, recording: "Recording", progress: "Progress") -> Frames:
        """Return the verdict's frame while the recording is being scored."""
        busy = verdict_frame(busy=f"Scoring {recording.name}:", progress=progress)
        return {self.frames.verdict: _of(recording.ticket, busy)}

    def refused(self, ticket: str, wrong: str, *, todo: str = "") -> Frames:
        """Return the verdict's frame with why the recording was not scored."""
        return {self.frames.verdict: _of(ticket, verdict_frame(wrong=wrong, todo=todo))}

    def verdict(self, recording: "Recording") -> Frames:
        """Return what is shown first once the verdict is there."""
        record = record_lines(_analysis(recording), truth=recording.truth)
        return {**self.answer(recording), self.frames.record: _of(recording.ticket, record)}

    def picture(self, recording: "Recording", *, dark: bool) -> Frames:
        """Return what is shown after the verdict, and with the evidence where that was found already."""
        frames = self.frames
        return {
            frames.head: self._head(recording),
            frames.plot: self.plot(recording, dark=dark),
            frames.segments: _of(recording.ticket, _segments(recording)),
            frames.detector: self.choices(recording),
            frames.method: self.methods(recording),
            frames.receipt: self.receipt(recording, busy=_LOOKING),
            frames.others: self.others(recording),
            **self.provenance(recording),
            **self.tried(recording.ticket, recording),
            **self.words(recording),
            **self.cues(recording),
            **self.rebuilt(recording, dark=dark),
        }

    def answer(self, recording: "Recording", *, busy: str = "") -> Frames:
        """Return verdict and panel."""
        resources, analysis, explanation = self.resources, _analysis(recording), recording.explanation
        checked = explanation is not None and explanation.faithfulness is not None
        known, fusion = resources.panel, resources.panel.fusion
        members, held_out = known.members, next((row for row in known.held_out if row["group"] == "all"), None)
        losses = {name: loss for name in members if (loss := known.loss_without(name)) is not None}
        mark = "Example, analysed when the page started." if recording.is_example else ""
        card = verdict_card(
            analysis, members=members, held_out=held_out, elsewhere=resources.elsewhere, mark=mark,
            sentence=sentence_of(explanation) if explanation is not None and checked else "",
            pending=busy or (_LOOKING if recording.method else ""),
        )  # fmt: skip
        panel = panel_card(
            analysis, members=members, selected=recording.detector, losses=losses,
            basis="" if fusion is None else fusion.basis,
            weights=None if fusion is None else fusion.combination.weights,
        )  # fmt: skip
        return {self.frames.verdict: _of(recording.ticket, card), self.frames.panel: _of(recording.ticket, panel)}

    def explained(self, recording: "Recording", *, dark: bool, opacity: float) -> Frames:
        """Return what is shown once the evidence was found and tested, or where none is looked for."""
        return {
            **self.answer(recording),
            self.frames.head: self._head(recording),
            self.frames.plot: self.plot(recording, dark=dark, opacity=opacity),
            self.frames.receipt: self.receipt(recording),
            **self.words(recording),
            **self.cues(recording),
        }

    def unexplained(self, recording: "Recording", why: str, *, dark: bool) -> Frames:
        """Return what is shown where there is no explanation."""
        return {
            **self.answer(recording, busy="There is no explanation."),
            self.frames.head: self._head(recording),
            self.frames.plot: self.plot(recording, dark=dark),
            self.frames.receipt: _of(recording.ticket, receipt_line(None, wrong=why)),
        }

    def asked(self, recording: "Recording") -> Frames:
        """Return what is shown at once where another detector or method is asked."""
        frames, name = self.frames, recording.detector
        return {
            **self.answer(recording),
            frames.receipt: self.receipt(recording, busy=f"Looking for what {name} relies on, and testing it…"),
            frames.detector: name,
            frames.method: self.methods(recording),
            **self.words(recording),
            **self.cues(recording),
        }

    def receipt(self, recording: "Recording", *, busy: str = "") -> Markup:
        """Return what the map is worth; what is being done while it is made; or why none is made unasked."""
        name, method, explanation = recording.detector, recording.method, recording.explanation
        if name is None or method is None:
            unmapped = self.resources.no_map_reason(name) if name is not None else ""
            return _of(recording.ticket, receipt_line(None, unmapped=unmapped))
        record = self.resources.map_record(name, method)
        return _of(recording.ticket, receipt_line(explanation, record=record, busy="" if explanation else busy))

    def methods(self, recording: "Recording") -> gr.Dropdown:
        """Return the methods that can be asked; where the detector has no default, that none is comes first."""
        names = self.resources.methods(recording.detector)
        choices = [(name, name) for name in names]
        if names and self.resources.default_method(recording.detector) is None:
            choices.insert(0, ("none by default", ""))
        return gr.Dropdown(choices=choices, value=recording.method or ("" if names else None))

    def provenance(self, recording: "Recording") -> Frames:
        """Return what the file states about itself; that it is being read, until that is known."""
        found = provenance_card(recording.provenance, busy=True)
        return {self.frames.provenance: _of(recording.ticket, found)}

    def tried(self, ticket: str, recording: "Recording | None" = None) -> Frames:
        """Return what came of what was tried; nothing without a recording."""
        parts = tried_parts(None) if recording is None else tried_parts(recording.trials, recording.analysis)
        return {getattr(self.frames, name): _of(ticket, html) for name, html in parts.items()}

    def words(self, recording: "Recording") -> Frames:
        """Return the paragraph of all that is known so far."""
        from core.words import facts_of

        analysis, name, trials = _analysis(recording), recording.detector, recording.trials
        facts = facts_of(
            analysis, self.resources.panel, explanation=recording.explanation, provenance=recording.provenance,
            detector=self.resources.detector(name) if name is not None else None,
            held=trials.hold.found or (), flip=trials.flip.found,
        )  # fmt: skip
        return {self.frames.words: _of(recording.ticket, words_text(facts))}

    def cues(self, recording: "Recording", *, busy: str = "", wrong: str = "") -> Frames:
        """Return the kinds of place that the evidence lies in, or the button that asks for them once there is a map."""
        frames, found, explanation = self.frames, recording.cues, recording.explanation
        askable = explanation is not None and not (found or busy or wrong)
        table = cue_note(busy=busy, wrong=wrong)
        if found and explanation is not None:
            table = cue_table(found, explanation.detector, self._cue_sounds(recording, found))
        return {frames.cues: _of(recording.ticket, table), frames.ask_cues: gr.Button(visible=askable)}

    def _cue_sounds(self, recording: "Recording", cues: "Sequence[Cue]") -> dict[str, str]:
        from core.explain.cues import cue_sounds

        clip = _analysis(recording).clip
        sounds = {cue.name: cue_sounds(clip, cue.name)[0] for cue in cues if cue.clip_share}
        urls = sound_urls(self.frames.cues, sounds)
        recording.files |= files_of(urls.values())
        return urls

    def rebuilt(self, recording: "Recording", *, dark: bool, wrong: str = "", busy: str = "") -> Frames:
        """Return the autoencoder's error map, or the button that asks for it."""
        frames, name = self.frames, self.resources.autoencoder
        if name is None:
            wrong = "No detector here is an autoencoder."
        if wrong or busy or recording.rebuilt is None:
            askable = not (wrong or busy)
            return {
                **self._not_rebuilt(recording.ticket, error_note(None, wrong=wrong, busy=busy)),
                frames.rebuild: gr.Button(visible=askable),
            }
        return {
            frames.error_plot: gr.Plot(self.error_plot(recording, dark=dark), visible=True),
            frames.error_note: _of(recording.ticket, error_note(recording.rebuilt, str(name))),
            frames.rebuild: gr.Button(visible=False),
        }

    def _not_rebuilt(self, ticket: str, note: Markup | None = None) -> Frames:
        frames = self.frames
        return {
            frames.error_plot: gr.Plot(None, visible=False), frames.rebuild: gr.Button(visible=False),
            frames.error_note: _of(ticket, error_note(None) if note is None else note),
        }  # fmt: skip

    def nearest(self, recording: "Recording", choice: str = "") -> Frames:
        """Return the clips of the chosen run that the recording is most like, with their sound where it is here.

        Those of the reference run where the chosen one keeps no embedding that a new recording can be placed in.
        """
        from core.nearest import nearest_clips

        analysis, resources = _analysis(recording), self.resources
        members = {name: analysis.detectors[name].embedding for name in resources.panel.members}
        run, missing, found = resources.run_of(choice), resources.problem_of(choice) or _UNPLACED, None
        if analysis.verdict is None:
            missing = "Nobody speaks in it: there is nothing to compare."
        elif run is not None:
            found = nearest_clips(run, members)
            if found is None and run is not resources.run and resources.run is not None:
                choice, run, found = "", resources.run, nearest_clips(resources.run, members)
        sounds = self._known_sounds([clip.path for clip in found.clips], choice) if found is not None else {}
        whose = "the reference run" if run is None or run is resources.run else f"the run {run.folder.name}"
        shown = nearest_frame(found, sounds, missing=missing, whose=whose)
        shown = training_line(resources.overlap(analysis)) + shown
        return {self.frames.nearest: _of(recording.ticket, shown)}

    def _known_sounds(self, paths: "Sequence[str]", choice: str) -> dict[str, str]:
        from core.audio.decode import decode

        waveforms = {}
        for path in paths:
            try:
                if (file := self.resources.locate(path, choice)) is not None:
                    waveforms[path] = decode(file).waveform
            except AudioError:
                # It is named all the same.
                continue
        by_number = sound_urls(self.frames.nearest, {str(at): wave for at, wave in enumerate(waveforms.values())})
        return dict(zip(waveforms, by_number.values(), strict=True))

    def choices(self, recording: "Recording") -> gr.Dropdown:
        """Return the detectors that can be asked: those that scored the recording, and the one that explains it."""
        names = [*_analysis(recording).detectors, *filter(None, [recording.detector])]
        return gr.Dropdown(choices=list(dict.fromkeys(names)), value=recording.detector)

    def others(self, recording: "Recording") -> gr.Button:
        """Return the button for the detectors outside of the panel."""
        from core.session import waiting

        analysis, panel = _analysis(recording), self.resources.panel
        names = waiting(analysis, panel)
        label = others_label(
            len(names), done=len(panel.others) - len(names), running=recording.scoring_others,
            left_s=self.resources.pace.expect(names, analysis.clip.duration_s),
        )  # fmt: skip
        has_scores = bool(panel.others) and analysis.verdict is not None
        return gr.Button(label, visible=has_scores, interactive=bool(names))

    def plot(self, recording: "Recording | None", *, dark: bool, opacity: float = OPACITY) -> "go.Figure":
        """Return the recording's figure; an empty one without a recording."""
        if recording is None or recording.analysis is None:
            return clip_figure(None, dark=dark)
        recording.mapped = recording.explanation is not None
        figure = clip_figure(
            recording.analysis, dark=dark, detector=recording.detector, explanation=recording.explanation,
            opacity=opacity, boxes=is_evidence(recording.explanation),
        )  # fmt: skip
        return _marked(figure, recording.ticket)

    def error_plot(self, recording: "Recording | None", *, dark: bool) -> "go.Figure | None":
        """Return the error map; None where there is none."""
        if recording is None or recording.rebuilt is None:
            return None
        return _marked(error_map(recording.rebuilt, dark=dark), recording.ticket)

    def _head(self, recording: "Recording") -> Markup:
        from core.explain.evidence import evidence

        clip, explanation = _analysis(recording).clip, recording.explanation
        sounds = {"clip": clip.waveform}
        if explanation is not None and is_evidence(explanation):
            sounds["evidence"], sounds["rest"] = evidence(clip, explanation)
        # Until the map is tested the buttons wait for it; where there is none, or it failed, there are none.
        may_come = recording.method is not None and (explanation is None or is_evidence(explanation))
        urls = sound_urls(self.frames.head, sounds)
        recording.files |= files_of(urls.values())
        buttons = players(urls, evidence=may_come)
        return _of(recording.ticket, where_head(buttons))


def _analysis(recording: "Recording") -> "Analysis":
    assert recording.analysis is not None, "asked for only once the verdict is there"
    return recording.analysis


def _segments(recording: "Recording") -> Markup:
    analysis, span = _analysis(recording), recording.span
    # Where nobody speaks there is no verdict, on parts neither.
    found = analysis.localised if analysis.verdict else None
    return segments_line(found, recording.name, from_s=span[0] if span is not None else 0.0)


def _of(ticket: str, html: Markup) -> Markup:
    return _STAMP.format(ticket, html)


def _marked(figure: "go.Figure", ticket: str) -> "go.Figure":
    figure.update_layout(meta={**(figure.layout.meta or {}), "recording": ticket})
    return figure
