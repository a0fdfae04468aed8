"""The queue of disputed clips: one at a time, blind until it is judged, and then all that is known of it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import ReviewError
from core.review.agreement import agreement_sentence
from core.review.judgement import ANSWERS, Judgement
from core.review.queue import MOST_DISPUTED, ORDERS, first_open, ordered
from core.review.store import Kept, reviews_of
from dashboard.components.clickable import clickable_html
from dashboard.components.markup import Markup, loading, note, problem
from dashboard.components.review import CLIP, clip_card, foot, key_bar, way_in
from dashboard.context import QUIET
from dashboard.exporting import DOWNLOAD, handed_over
from dashboard.review.look import Looked, looked_at, moved, revealed
from dashboard.review.place import Place, answered, is_hidden, judge, own_of
from dashboard.review.source import Source
from dashboard.sound import sound_urls

if TYPE_CHECKING:
    from dashboard.context import Context

__all__ = ["review_pane"]

Of = Callable[..., Source | None]

# In the order in which they were pressed, and none is dropped.
_IN_ORDER: dict[str, Any] = {
    **QUIET, "trigger_mode": "multiple", "concurrency_id": "review", "concurrency_limit": 1,
}  # fmt: skip
_WITH_TURN = f"(...given) => [document.querySelector('#{CLIP} [data-turn]')?.dataset.turn || '', ...given.slice(1)]"
_REMEMBER = "(...given) => { window.spoofscope.reviewer(given[1]); return given; }"
_STEPS = {"next": 1, "previous": -1}
_NO_VOTES = "Where votes part, the clips can be judged by ear here: there are no votes yet."


def review_pane(
    context: "Context", of: Of, inputs: Sequence[Any] = (), follow: Sequence[Any] = ()
) -> None:
    """Lay out the queue within a view of class ``ss-view``, and wire it.

    While a person judges, everything else of the view is hidden.

    Parameters
    ----------
    context : Context
    of : callable
        ``of(choice, selection, *inputs)`` returns the source, or None where there is nothing to judge.
    inputs : sequence of components
        What the source depends on besides run and selection.
    follow : sequence of events
        After which there may be another source.
    """
    _Pane(context, of, list(inputs)).wire(follow)


class _Pane:
    def __init__(self, context: "Context", of: Of, given: list[Any]) -> None:
        self.context, self.of, self.given = context, of, given
        self.place = gr.State(Place())
        with gr.Column(elem_id="review", elem_classes="ss-pane ss-review"):
            self.way_in = clickable_html("review-way-in")
            with gr.Column(elem_classes="ss-desk"):
                self._lay_out_clip()
                self._lay_out_rest()

    def _lay_out_clip(self) -> None:
        with gr.Row(elem_classes="ss-inner-controls"):
            self.reviewer = gr.Textbox(label="Your name", elem_id="review-name", max_length=80, scale=2, min_width=160)
            self.order = gr.Radio(list(ORDERS), value=MOST_DISPUTED, label="Order", elem_id="review-order", scale=3)
            self.blind = gr.Checkbox(
                True, label="Blind: hide votes and label until judged", elem_id="review-blind", scale=3
            )
        self.card = gr.HTML(elem_id=CLIP, padding=False)
        self.keys = key_bar()
        self.note = gr.Textbox(label="Note, kept by Enter", elem_id="review-note", max_length=2000, lines=1)

    def _lay_out_rest(self) -> None:
        self.votes = gr.HTML(elem_id="review-votes", padding=False)
        with gr.Row(elem_classes="ss-inner-controls"):
            self.ask_maps = gr.Button("Timelines and maps", size="sm", visible=False, elem_id="review-ask-maps")
            self.ask_moved = gr.Button("How the votes move", size="sm", visible=False, elem_id="review-ask-moved")
        self.looked = gr.HTML(elem_id="review-looked", padding=False)
        self.plot = gr.Plot(show_label=False, container=False, visible=False, elem_id="review-plot")
        self.moved = gr.HTML(elem_id="review-moved", padding=False)
        self.foot = clickable_html("review-foot")
        self.merge = gr.UploadButton(
            "Take over another reviewer's export", file_types=[".csv", ".parquet"], size="sm", elem_id="review-merge"
        )

    def wire(self, follow: Sequence[Any]) -> None:
        """Wire the parts."""
        where = [self.context.run_choice, self.context.selection, *self.given]
        state = [self.place, self.reviewer, self.order, self.blind, *where]
        shown = [self.way_in, *self.desk]
        self.context.on_show(
            self._show, inputs=[self.place, self.reviewer, self.order, self.blind, *self.given], outputs=shown
        )
        followed = [one.input for one in self.given if hasattr(one, "input")]
        gr.on([self.order.input, self.blind.input, *followed, *follow], self._redraw, state, shown, **_IN_ORDER)
        gr.on([self.reviewer.blur, self.reviewer.submit], self._redraw, state, shown, js=_REMEMBER, **_IN_ORDER)
        self.way_in.select(self._opened, state, shown, **_IN_ORDER)
        self.keys.select(self._pressed, [self.note, *state], shown, **_IN_ORDER)
        turn = gr.Textbox(visible="hidden", container=False)
        gr.on(
            [self.note.submit, self.note.blur], self._noted, [turn, self.note, *state], self.foot, js=_WITH_TURN,
            **_IN_ORDER,
        )  # fmt: skip
        self.ask_maps.click(self._look, [self.context.dark, self.place, *where], [self.looked, self.plot], **QUIET)
        self.ask_moved.click(self._move, [self.place, *where], self.moved, **QUIET)
        self.foot.select(self._exported, where, self.foot, **QUIET).then(
            None, None, None, js=DOWNLOAD % "review-foot", api_visibility="private"
        )
        self.merge.upload(self._merged, [self.merge, *where], self.foot, **QUIET)
        self.context.page.load(None, None, self.reviewer, js="() => window.spoofscope.reviewer()")

    @property
    def desk(self) -> list[Any]:
        """What shows a clip."""
        return [
            self.card, self.note, self.votes, self.ask_maps, self.ask_moved, self.looked, self.plot, self.moved,
            self.foot,
        ]  # fmt: skip

    # -- handlers ----------------------------------------------------------------------------------------------------

    def _show(
        self, dark: bool, choice: str, selection: str, place: Place, reviewer: str, order: str, blind: bool, *given: Any
    ) -> Any:
        *drawn, _, moved_, foot_ = self._redraw(place, reviewer, order, blind, choice, selection, *given)
        # The page may have turned dark.
        return *drawn, _figure(place.looked, dark), moved_, foot_

    def _redraw(
        self, place: Place, reviewer: str, order: str, blind: bool, choice: str, selection: str, *given: Any
    ) -> Any:
        return self._drawn(self.of(choice, selection, *given), place, reviewer, order, blind)

    def _opened(
        self, event: gr.EventData, place: Place, reviewer: str, order: str, blind: bool, choice: str, selection: str,
        *given: Any,
    ) -> Any:  # fmt: skip
        place.begun, place.clip = event.value == "begin", ""
        return self._redraw(place, reviewer, order, blind, choice, selection, *given)

    def _pressed(
        self, event: gr.EventData, text: str, place: Place, reviewer: str, order: str, blind: bool, choice: str,
        selection: str, *given: Any,
    ) -> Any:  # fmt: skip
        source, value = self.of(choice, selection, *given), str(event.value)
        if source is None or str(event.turn) != str(place.turn):
            # It was meant for the clip before.
            return tuple(gr.skip() for _ in [self.way_in, *self.desk])
        if value in ANSWERS:
            wrong = judge(source, place.clip, value, reviewer=reviewer, note=text, blind=blind)
            return self._drawn(source, place, reviewer, order, blind, wrong=wrong)
        queue = ordered(source.disputed.ids, order, seed=reviewer)
        if value == "open":
            place.clip = first_open(queue, answered(own_of(reviews_of(source.clips).read(), reviewer)))
        elif place.clip in queue:
            place.clip = queue[(queue.index(place.clip) + _STEPS.get(value, 0)) % len(queue)]
        return self._drawn(source, place, reviewer, order, blind)

    def _noted(
        self, turn: str, text: str, place: Place, reviewer: str, order: str, blind: bool, choice: str, selection: str,
        *given: Any,
    ) -> Any:  # fmt: skip
        source = self.of(choice, selection, *given)
        clip = place.turns.get(int(turn)) if turn.isdecimal() else None
        if source is None or clip is None:
            return gr.skip()
        reviews = reviews_of(source.clips)
        before = own_of(reviews.read(), reviewer).get(clip)
        if text.strip() == (before.note if before is not None else ""):
            return gr.skip()
        if wrong := judge(source, clip, "", reviewer=reviewer, note=text, blind=blind):
            return _foot(reviews.read(), [wrong])
        return _foot(reviews.read(), more=Markup('<span class="ss-note" role="status">The note is kept.</span>'))

    def _look(self, dark: bool, place: Place, choice: str, selection: str, *given: Any) -> Iterator[tuple[Any, Any]]:
        source, clip = self.of(choice, selection, *given), place.clip
        if source is None or clip not in source.disputed.ids:
            yield gr.skip(), gr.skip()
            return
        yield loading("Each detector scores the clip; its map is made and tested."), gr.skip()
        found = looked_at(self.context.resources, source, clip)
        if place.clip != clip:
            # Of a clip that is no longer shown nothing may be revealed beside the next one.
            yield gr.skip(), gr.skip()
            return
        place.looked = found
        yield found.text, _figure(found, dark)

    def _move(self, place: Place, choice: str, selection: str, *given: Any) -> Iterator[Any]:
        source, clip = self.of(choice, selection, *given), place.clip
        if source is None or clip not in source.disputed.ids:
            yield gr.skip()
            return
        yield loading("The clip is processed and scored again.")
        text = moved(self.context.resources, source, clip)
        yield text if place.clip == clip else gr.skip()

    def _exported(self, event: gr.EventData, choice: str, selection: str, *given: Any) -> Any:
        from core.results.exporting import FORMATS, table_bytes
        from core.review.exchange import judgement_table

        source, ending = self.of(choice, selection, *given), str(event.value)
        if source is None or ending not in FORMATS:
            return gr.skip()
        kept = reviews_of(source.clips).read()
        data = table_bytes(judgement_table(kept.judgements), ending)
        return _foot(kept, more=handed_over(self.foot, data, f"judgements-{source.clips[:12]}.{ending}"))

    def _merged(self, path: str | None, choice: str, selection: str, *given: Any) -> Any:
        from core.review.exchange import read_judgements

        source = self.of(choice, selection, *given)
        if source is None or path is None:
            return gr.skip()
        reviews = reviews_of(source.clips)
        try:
            found, problems = read_judgements(Path(path))
            merged = reviews.merge(found)
        except ReviewError as error:
            return _foot(reviews.read(), [str(error)])
        text = f"Taken over: {merged.added}; there already: {merged.known}; of other clips, left out: {merged.foreign}."
        return _foot(reviews.read(), problems, more=note(text))

    # -- what is drawn -----------------------------------------------------------------------------------------------

    def _drawn(
        self, source: Source | None, place: Place, reviewer: str, order: str, blind: bool, *, wrong: str = ""
    ) -> Any:
        """Return the way in, and the desk where the visitor judges."""
        untouched = [gr.skip() for _ in self.desk]
        if source is None:
            return note(_NO_VOTES), *untouched
        try:
            kept = reviews_of(source.clips).read()
        except ReviewError as error:
            return problem(str(error)), *untouched
        ids = source.disputed.ids
        if not place.begun or not ids:
            anyone = {one.clip for one in kept.judgements if one.answer} & set(ids)
            known = source.disputed
            line = way_in(known.total, len(anyone), begun=place.begun, queued=len(ids), silent=not any(known.paths))
            return line, *untouched
        queue = ordered(ids, order, seed=reviewer)
        own = own_of(kept, reviewer)
        begins = place.show(place.clip if place.clip in queue else first_open(queue, answered(own)), reviewer)
        mine = own.get(place.clip)
        text = mine.note if mine is not None else "" if begins else gr.skip()
        card, *more = self._clip(source, place, queue, own, blind, wrong)
        found = [gr.skip(), gr.skip(), gr.skip()]
        if begins or is_hidden(mine, blind=blind):
            place.looked, found = None, ["", _figure(None, False), ""]
        return way_in(len(ids), 0, begun=True), card, text, *more, *found, _foot(kept)

    def _clip(
        self, source: Source, place: Place, queue: list[str], own: dict[str, Judgement], blind: bool, wrong: str
    ) -> list[Any]:
        mine, done = own.get(place.clip), answered(own)
        hidden = is_hidden(mine, blind=blind)
        sound = source.decoded(place.clip)
        url = "" if isinstance(sound, str) else sound_urls(self.card, {"clip": sound.waveform})["clip"]
        card = clip_card(
            at=queue.index(place.clip) + 1, of=len(queue), judged=sum(clip in done for clip in queue),
            turn=place.turn, sound=url, why_silent=sound if isinstance(sound, str) else "", mine=mine,
            name="" if hidden else place.clip, wrong=wrong,
        )  # fmt: skip
        button = gr.Button(visible=not hidden)
        return [card, "" if hidden else revealed(source, place.clip), button, button]


def _figure(found: Looked | None, dark: bool) -> Any:
    drawn = None if found is None or found.figure is None else found.figure(dark)
    return gr.Plot(drawn, visible=drawn is not None)


def _foot(kept: Kept, problems: Sequence[str] = (), *, more: Markup | None = None) -> Markup:
    sentence = agreement_sentence(kept.judgements)
    return foot(sentence, len(kept.judgements), problems=[*kept.problems, *problems], more=more)
