"""The page's endpoints for programs: a file goes in, and what the command line prints as JSON or writes comes out."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AudioError, SpoofscopeError
from core.watch import Progress, Watch, watched

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.detectors.detector import Detector
    from dashboard.resources import Resources

__all__ = ["ENDPOINTS", "Endpoint", "analyse", "explain", "report", "timeline", "wire_endpoints"]

Answers = Iterator[dict[str, Any]]


def analyse(resources: "Resources", path: str) -> Answers:
    """Yield nothing new about once a second, and at last what ``python -m core score --json`` gives for one file."""
    from core.usecases import analyse_file, refusal

    def work(watch: Watch) -> dict[str, Any]:
        name = Path(path).name
        try:
            return analyse_file(path, resources.panel, name=name, cancel=watch.event).to_json()
        except AudioError as error:
            return refusal(name, error)

    yield from _answered(path, work)


def explain(
    resources: "Resources", path: str, checkpoint: str | None = None, method: str | None = None
) -> Answers:
    """Yield nothing new about once a second, and at last what ``python -m core explain --json`` gives.

    Without a checkpoint or a method, the defaults of the command.
    """
    from core.explained import explain_by

    def work(watch: Watch) -> dict[str, Any]:
        detector, clip = resources.detector(checkpoint or _explained_by(resources)), _decoded(path, watch)
        return explain_by(detector, clip, method or None, path=clip.name).to_json()

    yield from _answered(path, work)


def timeline(resources: "Resources", path: str, checkpoint: str | None = None) -> Answers:
    """Yield nothing new about once a second, and at last what ``python -m core timeline --json`` gives."""
    from core.timeline.track import timeline as score

    def work(watch: Watch) -> dict[str, Any]:
        return score(_decoded(path, watch).waveform, _marking(resources, checkpoint)).to_json()

    yield from _answered(path, work)


def report(resources: "Resources", path: str, language: str | None = None) -> Iterator[Any]:
    """Yield nothing new about once a second, and at last the zip that ``python -m core report`` writes.

    The paragraph in it is English where no language is given.
    """
    from gradio.processing_utils import save_bytes_to_cache
    from gradio.utils import get_upload_folder

    from core.case import Context, case_bytes

    def work(watch: Watch) -> str:
        context = Context(resources.panel, resources.named, language=language or "en")
        # Where Gradio keeps what it gives out, and removes it after a while.
        case = case_bytes([Path(path)], context=context, cancel=watch.event)
        return save_bytes_to_cache(case, f"{Path(path).stem}-case.zip", get_upload_folder())

    yield from _steps(work)


@dataclass(frozen=True)
class Endpoint:
    """What a program can ask the page for.

    Attributes
    ----------
    answer : callable
        Takes the page's resources, the file, and what else its signature names.
    returns : str
        What that is, for the documents.
    queue, places : str, int
        Work of the same queue, the page's own too, takes so many places at once.
    """

    answer: Callable[..., Answers]
    returns: str
    queue: str
    places: int


#: By name.
ENDPOINTS = {
    "/analyse": Endpoint(analyse, "what `python -m core score --json` prints for one file", "score", 2),
    "/explain": Endpoint(explain, "what `python -m core explain --json` prints", "explain", 1),
    "/timeline": Endpoint(timeline, "what `python -m core timeline --json` prints", "score", 2),
    "/report": Endpoint(report, "the zip that `python -m core report` writes", "explain", 1),
}


def wire_endpoints(resources: "Resources") -> None:
    """Offer the endpoints; call inside the page."""
    import gradio as gr

    with gr.Row(visible=False):
        result, case = gr.JSON(label="result"), gr.File(label="case")
        asked = {
            "path": gr.File(type="filepath", label="recording"), "checkpoint": gr.Textbox(label="checkpoint"),
            "method": gr.Textbox(label="method"), "language": gr.Textbox(label="language"),
        }  # fmt: skip
        for name, endpoint in ENDPOINTS.items():
            inputs = [asked[each] for each in signature(endpoint.answer).parameters if each in asked]
            gr.Button().click(
                partial(endpoint.answer, resources), inputs, case if endpoint.answer is report else result,
                api_name=name.strip("/"), concurrency_id=endpoint.queue, concurrency_limit=endpoint.places,
            )  # fmt: skip


def _explained_by(resources: "Resources") -> str:
    """Return the command's default detector; where the page has only those that it was started with, its first."""
    from core.usecases import default_detector

    name = default_detector()
    return name if name in resources.panel.detectors else resources.panel.members[0]


def _marking(resources: "Resources", checkpoint: str | None) -> "Detector":
    from core.timeline.shipped import fitted_detector

    # A program names detectors of this page alone: any other name would be a folder of this machine.
    return resources.detector(checkpoint) if checkpoint else fitted_detector(None)


def _decoded(path: str, watch: Watch) -> "Clip":
    from core.audio.decode import decode

    return decode(Path(path), name=Path(path).name, cancel=watch.event)


def _answered(path: str, work: Callable[[Watch], dict[str, Any]]) -> Answers:
    """Yield nothing new about once a second, and at last what the work returns.

    ``path`` is None, since the person's own is not known here, and ``name`` is added: Gradio's client takes an
    object with a ``path`` of text for a file and tries to fetch it.
    """
    name = Path(path).name
    yield from _steps(lambda watch: {**work(watch), "path": None, "name": name})


def _steps(work: Callable[[Watch], Any]) -> Iterator[Any]:
    """Yield nothing new about once a second, and at last what the work returns.

    Gradio closes a handler that yields once its client has left: the work is stopped then, and its place is free.
    """
    import gradio as gr

    watch = Watch()
    try:
        with closing(watched(partial(work, watch), watch, every_s=1.0)) as steps:
            for step in steps:
                yield gr.skip() if isinstance(step, Progress) else step
    except SpoofscopeError as error:
        raise gr.Error(str(error), print_exception=False) from error
