"""Auditing a run's corpus from the page: how far it is, what was found, and the checks of the run that follow."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import CheckpointError, CorpusError
from core.watch import Progress, StoppedError, Watch, report, watched
from dashboard.components.audit import audit_panel
from dashboard.components.markup import Markup, loading, problem, term
from dashboard.components.progress import progress_words
from dashboard.components.run_checks import run_checks
from dashboard.context import Context
from dashboard.needs import lacking

__all__ = ["Audits", "corpus_at"]


def corpus_at(context: Context, choice: str = "") -> Path | None:
    """Return the folder of the chosen run's corpus; None where it is not on this machine."""
    run, resources = context.run(choice), context.resources
    return resources.corpus_root if run is None else resources.library.root_of(run)


class Audits:
    """The audits of corpora on this machine: those that visitors wait for, one each, and what each corpus' last found.

    A run keeps the audit that it was evaluated with; one that is made here is kept beside it as long as the page runs.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watches: dict[str | None, Watch] = {}
        self._found: dict[Path, Mapping[str, Any]] = {}

    def checks(self, choice: str = "", selection: str = "") -> Markup:
        """Return the checks of the chosen run; nothing where there is no run, which the report card states."""
        context = self._context
        run = context.selected(choice, selection) if lacking(context, choice, selection) is None else None
        return Markup("") if run is None else run_checks(run, self._known(choice))

    def at_rest(self, choice: str = "") -> Markup:
        """Return what is known of the corpus of the chosen run."""
        present = corpus_at(self._context, choice) is not None
        return _head() + audit_panel(self._known(choice), present=present)

    def _known(self, choice: str) -> Mapping[str, Any] | None:
        run, root = self._context.run(choice), corpus_at(self._context, choice)
        if root in self._found:
            return self._found[root]
        return None if run is None else run.manifest["corpus"].get("audit")

    def run(self, choice: str, selection: str, request: gr.Request) -> Iterator[tuple[Any, Any, Any]]:
        """Audit, and offer to cancel as long as it takes; then the checks of the run are made anew."""
        watch = self._watches[request.session_hash] = Watch()
        try:
            for frame in self.audit(watch, choice):
                yield frame, gr.skip(), gr.Button(visible=True)
        finally:
            self._watches.pop(request.session_hash, None)
        yield gr.skip(), self.checks(choice, selection), gr.Button(visible=False)

    def cancel(self, request: gr.Request) -> None:
        """End the visitor's audit."""
        if (watch := self._watches.get(request.session_hash)) is not None:
            watch.stop()

    def audit(self, watch: Watch, choice: str = "") -> Iterator[Markup]:
        """Audit the corpus on this machine; yield how far it is, then what was found, or what stood there before."""
        from core.corpus.audit import audit
        from core.corpus.opened import open_corpus
        from core.overlap import shipped_prints

        root = corpus_at(self._context, choice)
        if root is None:
            yield self.at_rest(choice)
            return
        yield _head() + loading("Reading the manifest …")
        try:
            corpus, prints = open_corpus(root), shipped_prints()
            known = None if prints is None else prints.known
            for step in watched(lambda: audit(corpus, known=known, progress=report), watch, every_s=1.0):
                if isinstance(step, Progress):
                    yield _head() + loading(progress_words(step, "clips compared"))
                else:
                    self._found[root] = step.summary(corpus)
                    yield self.at_rest(choice)
        except StoppedError:
            yield self.at_rest(choice)
        except (CorpusError, CheckpointError) as error:
            yield _head() + problem(str(error))


def _head() -> Markup:
    return Markup('<div class="ss-hd"><h2>{} between the splits</h2></div>').format(term("leakage", "Leakage"))
