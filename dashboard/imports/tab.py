"""What the pane of imported predictions answers: what is dropped, corrected, sorted, combined and saved there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import PredictionsError, SpoofscopeError
from core.predictions.brought import Role
from core.predictions.vote_table import listed
from core.watch import Progress, StoppedError, Watch, watched
from dashboard.components.analyse_frames import MAX_UPLOAD_MB
from dashboard.components.brought import brought
from dashboard.components.imported import answer, by_attack, combinations, vote_page
from dashboard.components.markup import Markup, loading, note, problem
from dashboard.components.pager import turned
from dashboard.components.progress import progress_words
from dashboard.components.proposal import proposal_text
from dashboard.exporting import handed_over
from dashboard.imports.visit import Found, Imports, Visit
from dashboard.plots.frame import message
from dashboard.plots.panel import WITHOUT_LABELS, dendrogram, overlaps, pairs, sweep

if TYPE_CHECKING:
    from core.predictions.combined import Combining
    from core.predictions.pseudo import Proposal
    from dashboard.context import Context
    from dashboard.imports.pane import Parts

__all__ = ["ANY", "LABELS", "ImportsTab", "changed"]

ANY = "any"
LABELS = {ANY: None, "■ bona fide": 1, "● spoof": 0}
Drawn = dict[Any, Any]
_COMBINE = "Combine them, and compare each way with the best single detector (some seconds)."


def changed(what: str, name: str, value: Any, uploaded: Callable[[str], Path | None]) -> Callable[[Imports], Imports]:
    """Return what a press does to a visitor's imports.

    Parameters
    ----------
    what : str
        ``drop`` (``name`` is not asked; ``value`` pairs where a file lies with its name), ``remove``, ``state``,
        ``put-back`` or ``columns``.
    name : str
        The detector's.
    value : object
    uploaded : callable
        Returns the file that the browser has uploaded, None for any other path.

    Raises
    ------
    PredictionsError
        When there is no such press.
    """
    if what == "drop":
        paths = [(uploaded(str(stored)), str(title)) for stored, title in value]
        return lambda imports: imports.drop([(path, title) for path, title in paths if path is not None])
    if what == "remove":
        return lambda imports: imports.remove(name)
    if what == "state":
        return lambda imports: imports.state(name, value if value in ("bonafide", "spoof") else None)
    if what == "put-back":
        return lambda imports: imports.let_vote(name, bool(value))
    if what == "columns":
        given = {role: str(column) for role, column in dict(value).items() if role != "role"}
        role: Role = "labels" if dict(value).get("role") == "labels" else "scores"
        if not given.get("bonafide"):
            given.pop("bonafide", None)
        if role == "labels":
            given.pop("score", None)
        return lambda imports: imports.read_as(name, given, role)
    raise PredictionsError(f"There is nothing called {what!r} to be done: load the page anew.")


@dataclass(frozen=True, eq=False)
class ImportsTab:
    """The handlers; what they return names the components that they fill.

    Parameters
    ----------
    context : Context
    parts : Parts
    """

    context: "Context"
    parts: "Parts"

    def pressed(
        self, visit: Visit, dark: bool, choice: str, pair: str, sets: str, show: str, order: str, label: str,
        attack: str, event: gr.EventData,
    ) -> Drawn:  # fmt: skip
        """Answer a press among the files: a file more or less, other columns, a polarity, a vote put back."""
        what, name, value = str(event.what), str(getattr(event, "name", "")), getattr(event, "value", None)
        try:
            if what == "run":
                visit.change(self._beside(name, value if isinstance(value, list) else []))
            else:
                given = list(zip(event.stored, event.names, strict=True)) if what == "drop" else value
                visit.change(changed(what, name, given, self._uploaded))
        except (SpoofscopeError, ValueError, TypeError) as error:
            return {self.parts.visit: visit, self.parts.files: problem(str(error)) + self._files(visit, choice)}
        drawn = self.draw(dark, choice, "", visit, pair, sets, show, order, label, attack)
        return {self.parts.visit: visit, **drawn}

    def _uploaded(self, stored: str) -> Path | None:
        path = Path(stored).resolve()
        inside = path.is_relative_to(Path(self.parts.files.GRADIO_CACHE).resolve())
        return path if inside and path.is_file() else None

    def _beside(self, key: str, names: Sequence[Any]) -> Callable[[Imports], Imports]:
        from core.predictions.runs import predictions_of_run

        library = self.context.resources.library
        run, entry = library.open(key), library.find(key)
        chosen = [name for name in run.detectors if name in names]
        called = entry.name if entry is not None else run.folder.name
        read = predictions_of_run(run, chosen)
        return lambda imports: imports.beside(key, called, read)

    def _files(self, visit: Visit, choice: str) -> Markup:
        library, run = self.context.resources.library, self.context.run(choice)
        here = "" if run is None else run.whole.key
        return brought(visit.imports, library.entries(), here=here, max_mb=MAX_UPLOAD_MB)

    def draw(
        self, dark: bool, choice: str, selection: str, visit: Visit, pair: str, sets: str, show: str, order: str,
        label: str, attack: str, anomaly: Sequence[str] = (), voters: Sequence[str] = (),
    ) -> Drawn:  # fmt: skip
        """Draw all of it, by what the visitor has chosen where there still is such a thing; without voters all vote."""
        parts, found = self.parts, visit.imports.found
        drawn: Drawn = {parts.files: self._files(visit, choice)}
        if found is None:
            return {**drawn, parts.results: gr.Column(elem_classes="ss-absent"), parts.lead: ""}
        lead = answer(found)
        if not found.votes:
            return {**drawn, parts.results: gr.Column(elem_classes="ss-absent"), parts.lead: lead}
        figures, names = found.figures, list(found.figures.names)
        known_attacks = figures.by_attack if found.panel.clips.attacks is not None else ()
        attacks = [row.attack for row in known_attacks if row.attack not in ("bona fide", "unlabelled")]
        known = figures.error_correlation is not None
        if not known and pair not in WITHOUT_LABELS:
            pair = "correlation of scores"
        label, attack = label if known else ANY, attack if attack in attacks else ANY
        return {
            **drawn, parts.results: gr.Column(elem_classes=""), parts.lead: lead,
            parts.attack: gr.Dropdown([ANY, *attacks], value=attack, visible=bool(attacks)), parts.pair: pair,
            parts.rows: self._rows(found, show, order, label, attack),
            parts.matrix: pairs(figures, pair, dark=dark), parts.tree: dendrogram(figures, dark=dark),
            parts.overlaps: overlaps(figures, sets, dark=dark), parts.attacks: by_attack(found),
            parts.anomaly: gr.Dropdown(names, value=[name for name in anomaly if name in names], multiselect=True),
            parts.voters: gr.CheckboxGroup(names, value=[name for name in names if name in voters] or names),
            **self._combined(found, dark), parts.proposal: self._proposed(visit.proposal),
            parts.label: gr.Radio(value=label, visible=known),
        }  # fmt: skip

    def _rows(self, found: Found, show: str, order: str, label: str, attack: str, page: int = 1) -> Markup:
        only = None if attack in (ANY, None, "") else attack
        places = listed(found.panel, found.columns, show=show, order=order, label=LABELS.get(label), attack=only)
        return vote_page(found, places, page, about=f"{show}; {order}; label {label}; attack {attack or ANY}")

    def listed(self, visit: Visit, show: str, order: str, label: str, attack: str, page: int = 1) -> Any:
        """List the clips that answer to the filters."""
        found = visit.imports.found
        return gr.skip() if found is None or not found.votes else self._rows(found, show, order, label, attack, page)

    def turn(
        self, visit: Visit, show: str, order: str, label: str, attack: str, event: gr.EventData
    ) -> Any:
        """Turn a page of the list."""
        page = turned(event)
        return gr.skip() if page is None else self.listed(visit, show, order, label, attack, page)

    def pairs(self, visit: Visit, dark: bool, pair: str) -> Any:
        """Draw another figure of each two voters."""
        found = visit.imports.found
        return gr.skip() if found is None or not found.votes else pairs(found.figures, pair, dark=dark)

    def overlaps(self, visit: Visit, dark: bool, sets: str) -> Any:
        """Draw the overlaps of other sets."""
        found = visit.imports.found
        return gr.skip() if found is None or not found.votes else overlaps(found.figures, sets, dark=dark)

    def combine(self, visit: Visit, dark: bool, anomaly: Sequence[str]) -> Iterator[Drawn]:
        """Combine the voters in every way, and show how far that is."""
        from core.predictions.combined import combine

        found, box = visit.imports.found, self.parts.combined
        if found is None:
            return
        yield {box: loading("Combining …")}
        try:
            for step in watched(lambda: combine(found.panel, anomaly=anomaly or ()), Watch()):
                if visit.imports.found is not found:
                    return
                if isinstance(step, Progress):
                    yield {box: loading(progress_words(step, "ways compared") if step.total else "Combining …")}
                else:
                    found.combined = step
                    yield self._combined(found, dark)
        except StoppedError:
            return
        except SpoofscopeError as error:
            yield {box: problem(str(error))}

    def _combined(self, found: Found, dark: bool) -> Drawn:
        combined: Combining | None = found.combined
        if combined is None:
            return {self.parts.combined: note(_COMBINE), self.parts.sweep: gr.Plot(visible=False)}
        figure = sweep(combined.sweep, dark=dark) if combined.sweep else message("", dark=dark, height=10)
        return {self.parts.combined: combinations(combined, found.figures.effective),
                self.parts.sweep: gr.Plot(figure, visible=bool(combined.sweep))}  # fmt: skip

    def propose(self, visit: Visit, voters: Sequence[str], confidence: float) -> Iterator[Any]:
        """Propose pseudo-labels from the chosen voters, with what speaks against them."""
        yield loading("Asking whether the voters are independent …")
        yield self._proposal(visit, voters, confidence)

    def _proposal(self, visit: Visit, voters: Sequence[str], confidence: float) -> Any:
        from core.predictions.figures import panel_figures
        from core.predictions.pseudo import propose
        from core.predictions.runs import cards_of, prosody_of

        try:
            if not voters:
                raise PredictionsError("No voter is chosen: choose at least two.")
            panel = visit.imports.panel_of(voters)
            if panel is None:
                return gr.skip()
            cards = cards_of([member.predictions for member in panel.voters], {})
            visit.proposal = propose(
                panel, panel_figures(panel), cards=cards, confidence=confidence, prosody=prosody_of(self._runs(visit)),
            )  # fmt: skip
        except SpoofscopeError as error:
            return problem(str(error))
        return self._proposed(visit.proposal)

    def _runs(self, visit: Visit) -> list[Path]:
        keys = dict.fromkeys(key for key, _ in visit.imports.of_runs)
        return [self.context.resources.library.open(key).folder for key in keys]

    def _proposed(self, proposal: "Proposal | None") -> Markup:
        return Markup("") if proposal is None else proposal_text(proposal)

    def write_proposal(self, visit: Visit, event: gr.EventData) -> Any:
        """Hand over the proposed labels as a corpus' manifest with its record."""
        from core.predictions.pseudo import proposal_archive
        from core.predictions.runs import rows_of

        proposal = visit.proposal
        if proposal is None:
            return gr.skip()
        despite = str(event.value) == "despite"
        try:
            data = proposal_archive(proposal, rows=rows_of(self._runs(visit)), despite=despite)
        except SpoofscopeError as error:
            return problem(str(error))
        return self._proposed(proposal) + handed_over(self.parts.proposal, data, "pseudo-labels.zip")

    def export(self, visit: Visit, event: gr.EventData) -> Any:
        """Hand over the vote table, the disputed clips, or the whole report."""
        from core.predictions.page import page_html
        from core.predictions.vote_table import vote_table
        from core.results.exporting import table_bytes

        found, (what, _, form) = visit.imports.found, str(event.value).partition(" ")
        if found is None or not found.votes or form not in ("csv", "parquet", "html"):
            return gr.skip()
        if form == "html":
            data = page_html(found.panel, found.figures, found.combined).encode()
            return handed_over(self.parts.saved, data, "panel.html")
        table = vote_table(found.panel, found.figures)
        if what == "disputed":
            table = table.slice(0, len(found.figures.split))
        return handed_over(self.parts.saved, table_bytes(table, form), f"{what}.{form}")
