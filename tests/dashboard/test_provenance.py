"""The card of what the file states about itself: its states, and when it is filled."""

from pathlib import Path

import gradio as gr
import pytest

from core.provenance import Line, Provenance
from dashboard.components.analyse_frames import lay_out
from dashboard.components.provenance import provenance_card
from dashboard.context import Resources
from dashboard.views.analyse import AnalyseTab
from dashboard.visits import Recording
from tests.dashboard.small_panel import context_of, small_panel


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_panel(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def tab(resources: Resources) -> AnalyseTab:
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab() as own:
        return AnalyseTab(context_of(resources, tabs, own, page), lay_out())


def found(*states: str) -> Provenance:
    """A line of history in each state."""
    return Provenance("a.wav", tuple(Line("history", f"<b>{s}</b>", f"of {s}", s) for s in states))  # type: ignore[arg-type]


def test_the_card_shows_every_line_with_its_meaning_escaped_and_apart_from_the_verdict() -> None:
    html = str(provenance_card(found("fact", "nothing", "unread")))
    assert "&lt;b&gt;fact&lt;/b&gt;" in html and "<b>fact" not in html
    assert all(f"of {state}" in html for state in ("fact", "nothing", "unread"))
    assert "None of this is a part of P(spoof)." in html


@pytest.mark.parametrize(
    ("states", "first"),
    [
        (("fact", "notable"), "notable"), (("notable", "invalid"), "invalid"), (("notable", "valid"), "valid"),
        (("unread", "nothing"), "nothing"), (("fact", "trusted"), "trusted"),
    ],
)  # fmt: skip
def test_a_closed_topic_shows_its_weightiest_line(states: tuple[str, ...], first: str) -> None:
    summary = str(provenance_card(found(*states))).split("</summary>")[0]
    assert f"ss-is-{first}" in summary and "of " not in summary


def test_other_notable_lines_are_counted_while_the_topic_is_closed() -> None:
    assert "(1 more to note)" in str(provenance_card(found("valid", "notable")))
    assert "(2 more to note)" in str(provenance_card(found("notable", "fact", "notable", "notable")))


def test_the_card_is_filled_after_the_verdict_and_read_once(
    tab: AnalyseTab, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def provenance(path: Path, *, clip: object, name: str) -> Provenance:
        read.append(name)
        return found("notable")

    monkeypatch.setattr("core.provenance.provenance", provenance)
    frames, path = tab.frames, recordings["heath_ledger.mp3"]
    waiting = tab.opening.take(Recording("ana.1", path, path.name), False)
    assert "appear here" in waiting[frames.provenance]
    assert list(tab.work.trace("ana.1")) == [gr.skip()], "there is no verdict yet"
    list(tab.work.score("ana.1"))
    assert "is being read" in tab.work.picture("ana.1", False)[frames.provenance] and read == []
    (shown,) = [step for step in tab.work.trace("ana.1") if step != gr.skip()]
    assert list(shown) == [frames.provenance, frames.words] and "ss-is-notable" in shown[frames.provenance]
    assert list(tab.work.trace("ana.1")) == [gr.skip()] and read == [path.name]
    # A page that is loaded anew shows it at once.
    assert "ss-is-notable" in tab.work.draw.picture(tab.visits.current("ana.1"), dark=False)[frames.provenance]


def test_a_recording_that_was_left_is_not_read(tab: AnalyseTab) -> None:
    assert list(tab.work.trace("nobody.1")) == [gr.skip()]
