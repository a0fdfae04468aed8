import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import ResultsError
from core.results.selected import selected
from core.results.selection import Between, Called, Is, Picked, Scored, Search, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "made-up")


def every_condition(run: Run) -> Selection:
    picked = Picked.of(run, [9, 3, 3, 150])
    conditions = (
        Is("label", ("spoof",)), Between("seconds", 2.5, None), Scored("panel", None, 0.0), Called("aasist", 0.0),
        Search("", "src"), picked,
    )  # fmt: skip
    return Selection(conditions)


def test_an_empty_selection_selects_every_clip(run: Run) -> None:
    assert Selection().mask(run).all()
    assert Selection.parse("") == Selection.parse(None) == Selection()
    assert selected(run, "") is run


def test_a_selection_comes_back_from_its_text_as_it_was(run: Run) -> None:
    before = every_condition(run)
    after = Selection.parse(before.text)
    assert after.text == before.text
    assert (after.mask(run) == before.mask(run)).all()
    assert after.conditions[-1].positions.tolist() == [3, 9, 150]  # type: ignore[attr-defined]


def test_each_condition_selects_what_it_names(run: Run) -> None:
    clips, llr = run.clips, run.llr("aasist")
    real = (clips["label"] == "bonafide").to_numpy()
    called = llr < 0.5
    expected = [
        (Is("kind", ("tts", "codec")), clips["kind"].isin(["tts", "codec"])),
        (Between("seconds", 3.0, 4.0), (clips["seconds"] >= 3) & (clips["seconds"] < 4)),
        (Scored("aasist", -1.0, 1.0), (llr >= -1) & (llr < 1)),
        (Called("aasist", 0.5, "wrong"), called == real),
        (Called("aasist", 0.5, "right"), called != real),
        (Called("aasist", 0.5, "false alarm"), called & real),
        (Called("aasist", 0.5, "miss"), ~called & ~real),
        (Search("speaker", "LIBRI/2 "), clips["speaker"].str.contains("libri/2")),
        (Search("", "0001 eval"), clips["path"].str.contains("0001")),
    ]  # fmt: skip
    for condition, wanted in expected:
        assert (condition.mask(run) == np.asarray(wanted)).all(), condition.words()
        assert wanted.any()


def test_conditions_hold_together_and_one_about_the_same_takes_the_place_of_the_first(run: Run) -> None:
    both = Selection() & Is("label", ("spoof",)) & Between("seconds", 3, None)
    assert both.mask(run).sum() == ((run.clips["label"] == "spoof") & (run.clips["seconds"] >= 3)).sum()
    other = both & Is("label", ("bonafide",))
    assert [one.words() for one in other.conditions] == ["seconds from 3", "label is bonafide"]
    assert other.without(0).words() == "label is bonafide"


def test_the_words_name_probabilities_where_the_scores_are_ratios() -> None:
    assert Scored("panel", -1.0, 1.0).words() == "P(spoof) by panel from 0.27 to 0.73"
    assert Called("aasist", 0.0, "miss").words() == "missed spoof by aasist, spoof from P(spoof) 0.50"


@pytest.mark.parametrize("text", [
    "{", "1", '["is"]', '[["is"]]', '[["is","label",[]]]', '[["is","label",[1]]]', '[["between","seconds","a",1]]',
    '[["between","seconds",1e999,1]]', '[["called","panel",0,"so"]]', '[["called","panel",null,"wrong"]]',
    '[["search","path"," "]]', '[["picked","x","%%%"]]', '[["picked","x","AAAA"]]', '[["unknown"]]', '[[["is"]]]',
    "[" * 100_000, json.dumps([["is", "label", ["x" * 501]]]), json.dumps([["is", "label", ["a"]]] * 33),
])  # fmt: skip
def test_what_is_no_selection_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ResultsError, match="no selection of clips"):
        Selection.parse(text)


def test_a_condition_that_a_run_cannot_fulfil_is_named(run: Run, tmp_path: Path) -> None:
    for condition in (Is("codec", ("mp3",)), Between("codec", 0, 1), Scored("mine", 0, 1)):
        with pytest.raises(ResultsError, match="clear the selection"):
            condition.mask(run)
    with pytest.raises(ResultsError, match="no column of numbers"):
        Between("label", 0, 1).mask(run)
    other = synthetic_run(tmp_path / "other", seed=8, detectors={"aasist": 1.0})
    with pytest.raises(ResultsError, match="another run"):
        Picked.of(run, [1]).mask(other)


def test_the_selected_clips_are_a_run_of_their_own(run: Run) -> None:
    text = (Selection() & Is("label", ("spoof",))).text
    part, mask = selected(run, text), (run.clips["label"] == "spoof").to_numpy()
    assert len(part) == mask.sum() < len(run)
    assert part.whole is run
    assert (part.positions == np.flatnonzero(mask)).all()
    assert part.clips["path"].tolist() == run.clips["path"][mask].tolist()
    assert (part.llr("panel") == run.llr("panel")[mask]).all()
    assert (part.panel["score"].to_numpy() == run.panel["score"][mask]).all()
    assert (part.embeddings("aasist") == run.embeddings("aasist")[mask]).all()
    assert part.column("label").tolist() == ["spoof"] * len(part)
    assert part.rows([1], ["path"])["path"][0] == part.clips["path"][1]
    assert part.errors is not None
    assert part.errors["path"].tolist() == part.clips["path"].tolist()
    assert part.scores["path"].tolist() == part.clips["path"].tolist() * len(run.detectors)
    assert part.digest != run.digest
    assert selected(run, text) is part
