import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile
from markupsafe import Markup

from core.predictions.disputed import Disputed
from core.review.judged import JUDGED
from core.review.queue import MOST_DISPUTED, RANDOM
from core.review.store import reviews_of
from dashboard.components.review import way_in
from dashboard.context import Context, Resources
from dashboard.plots.frame import message
from dashboard.review.look import Looked, asked
from dashboard.review.pane import _Pane
from dashboard.review.place import Place
from dashboard.review.source import Source, source_of_run
from tests.dashboard.small_panel import context_of

KEYS = (MOST_DISPUTED, True)


@pytest.fixture
def source(resources: Resources, speech: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The run's disputed clips, the first of which have a recording under its own telling path."""
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    run = resources.run
    assert run is not None
    for path in source_of_run(run, run.detectors).disputed.ids[:3]:
        (tmp_path / "corpus" / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / "corpus" / path, speech[:8000], 16_000)
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path / "corpus"))
    return source_of_run(run, run.detectors)


@pytest.fixture
def pane(resources: Resources, source: Source) -> Iterator[_Pane]:
    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab("a") as tab:
        context: Context = context_of(resources, tabs, tab, page)
        yield _Pane(context, lambda choice, selection: source, [])


def press(pane: _Pane, place: Place, value: str, *, name: str = "Ada", text: str = "", blind: bool = True) -> str:
    event: Any = SimpleNamespace(value=value, turn=str(place.turn))
    return raw(pane._pressed(event, text, place, name, MOST_DISPUTED, blind, "", ""))


def begun(pane: _Pane, place: Place) -> str:
    event: Any = SimpleNamespace(value="begin")
    return raw(pane._opened(event, place, "Ada", *KEYS, "", ""))


def raw(outputs: Any) -> str:
    """Everything that goes to the browser, as text."""
    plain = [one if isinstance(one, dict) else getattr(one, "value", one) for one in outputs]
    return json.dumps(plain, default=str)


def gives_away(sent: str, source: Source, place: Place) -> list[str]:
    """What of a clip's name, label and votes is in what was sent."""
    assert source.run is not None
    row = source.run.clips.set_index("path").loc[place.clip]
    names = [place.clip, Path(place.clip).stem, str(row["source"]), str(row["speaker"]), *source.disputed.names]
    return [word for word in (*names, "P(spoof)", "Label", str(row["system"])) if word != "-" and word in sent]


def test_nothing_of_a_clip_but_its_sound_is_sent_before_it_is_judged(pane: _Pane, source: Source) -> None:
    place = Place()
    sent = begun(pane, place)
    assert place.clip == source.disputed.ids[0]
    assert "<audio" in sent
    assert gives_away(sent, source, place) == []
    sent = press(pane, place, "next")
    assert place.clip == source.disputed.ids[1]
    assert gives_away(sent, source, place) == []
    assert "s in all" not in sent
    sent = press(pane, place, "spoof")
    assert set(gives_away(sent, source, place)) >= {place.clip, *source.disputed.names, "P(spoof)", "Label"}
    assert "0.5 s in all" in sent


def test_where_nothing_is_voted_on_it_is_not_said_that_no_clip_is_disputed(pane: _Pane) -> None:
    line = str(pane._drawn(None, Place(), "Ada", *KEYS)[0])
    assert "there are no votes yet" in line and "disputed" not in line


def test_a_judgement_is_kept_with_what_was_seen_and_can_be_changed(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    assert "you judged it" in press(pane, place, "spoof", text="buzz")
    press(pane, place, "unsure", text="buzz")
    first, second = reviews_of(source.clips).read().judgements
    assert (first.answer, first.note, first.blind, dict(first.votes)) == ("spoof", "buzz", True, {})
    assert (second.answer, second.blind, second.votes) == ("unsure", False, source.camps(place.clip))
    assert pane.context.run("") is not None
    assert pane.context.run("").column(JUDGED).dropna().tolist() == ["unsure"]  # type: ignore[union-attr]


def test_a_run_opens_although_its_judgements_cannot_be_read(pane: _Pane, source: Source) -> None:
    reviews_of(source.clips).file.mkdir(parents=True)
    assert pane.context.run("") is source.run
    assert "cannot be read" in begun(pane, Place())


def test_who_comes_back_goes_on_with_the_first_clip_that_is_not_judged(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    press(pane, place, "bonafide")
    again = Place()
    assert f"1 of {len(source.disputed.ids)} judged" in begun(pane, again)
    assert again.clip == source.disputed.ids[1]
    assert "you judged it" in press(pane, again, "previous")
    press(pane, again, "open")
    assert again.clip == source.disputed.ids[1]


def test_another_reviewer_is_shown_nothing_of_the_first_ones_answer(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    press(pane, place, "bonafide", text="creaky door")
    sent = press(pane, place, "stay", name="Bob")
    assert "not judged yet" in sent
    assert "creaky door" not in sent
    assert gives_away(sent, source, place) == []
    assert "alpha" not in sent
    press(pane, place, "bonafide", name="Bob")
    press(pane, place, "next")
    press(pane, place, "spoof")
    assert "alpha 1.00" not in press(pane, place, "unsure", name="Bob")


def test_an_answer_counts_for_the_clip_that_was_shown_and_for_no_other(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    late: Any = SimpleNamespace(value="spoof", turn=str(place.turn))
    press(pane, place, "next")
    pane._pressed(late, "", place, "Ada", *KEYS, "", "")
    assert reviews_of(source.clips).read().judgements == ()
    pane._noted(str(place.turn - 1), "of the first", place, "Ada", *KEYS, "", "")
    (noted,) = reviews_of(source.clips).read().judgements
    assert (noted.clip, noted.answer) == (source.disputed.ids[0], "")
    assert "of the first" in press(pane, place, "previous")


def test_without_a_name_nothing_is_kept_and_the_page_says_so(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    assert "Write your name first" in press(pane, place, "spoof", name=" ")
    assert not reviews_of(source.clips).file.exists()


def test_what_is_looked_into_is_dropped_once_another_clip_is_shown(
    pane: _Pane, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    begun(pane, place)
    monkeypatch.setattr("dashboard.review.pane.moved", lambda *given: (place.show("another", "Ada"), "secret")[1])
    assert "secret" not in [str(step) for step in pane._move(place, "", "")]


def test_what_was_looked_into_stays_while_the_clip_does_and_is_drawn_anew_in_the_dark(
    pane: _Pane, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    begun(pane, place)
    press(pane, place, "spoof")
    found = Looked(Markup("found"), lambda dark: message(f"dark {dark}", dark=dark, height=100))
    monkeypatch.setattr("dashboard.review.pane.looked_at", lambda *given: found)
    *_, (text, plot) = pane._look(False, place, "", "")
    assert text == "found"
    assert "dark False" in str(plot.value)
    changed = pane._show(True, "", "", place, "Ada", *KEYS)
    assert "dark True" in str(changed[-3].value)
    press(pane, place, "next")
    assert pane._show(True, "", "", place, "Ada", *KEYS)[-3].value is None


def test_a_clip_without_a_recording_says_so(pane: _Pane, source: Source) -> None:
    place = Place()
    begun(pane, place)
    for _ in range(3):
        sent = press(pane, place, "next")
    assert "not on this machine" in sent
    assert "<audio" not in sent


def test_an_export_opens_and_another_takes_it_over(pane: _Pane, source: Source, tmp_path: Path) -> None:
    import pandas as pd

    place = Place()
    begun(pane, place)
    press(pane, place, "spoof")
    event: Any = SimpleNamespace(value="csv")
    found = re.search(r'href="gradio_api/file=([^"]+)"', str(pane._exported(event, "", "")))
    assert found is not None
    assert pd.read_csv(found[1])["answer"].tolist() == ["spoof"]
    reviews_of(source.clips).file.unlink()
    assert "Taken over: 1; there already: 0" in str(pane._merged(found[1], "", ""))
    assert len(reviews_of(source.clips).read().judgements) == 1
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    assert "no table of judgements" in str(pane._merged(str(tmp_path / "no.csv"), "", ""))


def test_the_surest_of_both_camps_are_asked_first() -> None:
    names = tuple("abcdefgh")
    llr = np.array([[-9, -8, -7, -6, -5, -4, 1, 0.1]], dtype=np.float32)
    votes = np.array([[0, 0, 0, 0, 0, 0, 1, -1]], dtype=np.int8)
    source = Source(Disputed(("x",), names, llr, votes, None, (None,), (True,) * 8, 1), "c")
    assert asked(source, "x", set(names) - {"a"}) == (["b", "g", "h", "c", "d", "e"], ["a", "f"])


def test_everyone_may_go_through_the_clips_at_random(pane: _Pane, source: Source) -> None:
    place = Place()
    pane._opened(SimpleNamespace(value="begin"), place, "Ada", RANDOM, True, "", "")  # type: ignore[arg-type]
    assert place.clip in source.disputed.ids


def test_the_way_in_tells_how_many_are_disputed_and_what_cannot_be_played() -> None:
    line = way_in(4832, 0, begun=False, queued=2000, silent=True)
    assert "4,832 clips are disputed; the 2,000 most disputed can be judged." in line
    assert "nothing can be played" in line
    assert "most disputed" not in way_in(12, 3, begun=False, queued=12)
