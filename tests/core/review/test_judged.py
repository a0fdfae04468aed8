from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import ResultsError
from core.results import queries
from core.results.exporting import clips_table
from core.results.queries import cut
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.slicing import sliceable
from core.results.store import Run
from core.review.beside import near, prosody_beside
from core.review.evidence import BONAFIDE, SPOOF, overlap, profile
from core.review.judged import DIFFER, JUDGED, clips_key_of, with_judgements
from core.review.judgement import judged_now
from core.review.store import reviews_of
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    clips = synthetic_clips(60).assign(pitch_range_st=np.linspace(1, 7, 60), energy_sd_db=np.nan)
    return synthetic_run(tmp_path / "run", clips)


def judge(run: Run, at: int, answer: str, reviewer: str = "Ada") -> None:
    key = clips_key_of(run)
    reviews_of(key).add(judged_now(key, run.clips["path"][at], answer, reviewer=reviewer, blind=True))


def test_judgements_are_a_column_of_their_own_that_can_be_selected_by(run: Run) -> None:
    assert JUDGED not in with_judgements(run).lent
    judge(run, 3, "spoof")
    judge(run, 5, "bonafide")
    judge(run, 5, "spoof", "Bob")
    column = with_judgements(run).column(JUDGED)
    assert {at: value for at, value in column.items() if isinstance(value, str)} == {3: "spoof", 5: DIFFER}
    asked = Selection((Is(JUDGED, ("spoof",)),)).text
    assert selected(run, asked).positions.tolist() == [3]
    judge(run, 5, "spoof")
    assert selected(with_judgements(run), asked).positions.tolist() == [3, 5]
    assert selected(run, asked).column(JUDGED).tolist() == ["spoof", "spoof"]


def test_no_figure_and_no_label_changes_by_a_judgement(run: Run) -> None:
    name = run.detectors[0]
    labels, before = run.column("label").tolist(), cut(run, name)
    rates = before.eer, before.equal_error, clips_table(run).column_names
    for at in range(30):
        judge(run, at, "spoof" if run.real[at] else "bonafide")
    assert with_judgements(run).column(JUDGED).notna().sum() == 30
    for kept in (queries._cut, queries._sorted):
        kept.cache_clear()
    after = cut(run, name)
    assert (after.eer, after.equal_error, clips_table(run).column_names) == rates
    assert len(selected(run, Selection((Is(JUDGED, ("spoof",)),)).text).only([name]))
    assert run.column("label").tolist() == labels
    assert JUDGED not in {*run.columns, *sliceable(run)}


def test_a_column_of_the_run_itself_is_never_replaced(run: Run) -> None:
    with pytest.raises(ResultsError, match="label"):
        run.lend(pd.Series(["spoof"] * len(run), name="label"))


def test_the_nearest_clips_and_the_prosody_stand_beside_a_clip(run: Run) -> None:
    path = str(run.clips["path"][30])
    found = near(run, path, run.detectors, k=3)
    assert [one.detector for one in found] == run.detectors
    assert len(found[0].clips) == 3
    assert path not in set(found[0].clips["path"])
    (pitch,) = prosody_beside(run, path)
    values = run.column("pitch_range_st")[run.real]
    assert pitch.percentile == pytest.approx((values <= pitch.value).mean())
    assert not near(run, "elsewhere", run.detectors)
    assert not prosody_beside(run, "elsewhere")


def _seen(camp: str, frames: slice) -> object:
    from types import SimpleNamespace

    attribution = np.zeros((4, 10))
    attribution[:, frames] = 1.0 if camp == SPOOF else -1.0
    return SimpleNamespace(camp=camp, why_not="", explanation=SimpleNamespace(attribution=attribution))


def test_the_overlap_is_what_both_camps_have_of_what_either_has() -> None:
    seen = [_seen(SPOOF, slice(0, 4)), _seen(BONAFIDE, slice(2, 6))]
    found = overlap(seen)  # type: ignore[arg-type]
    assert found is not None
    assert found.iou == pytest.approx(0.5 / 1.5)
    assert overlap([seen[0], _seen(SPOOF, slice(2, 6))]) is None  # type: ignore[list-item]
    assert profile(np.zeros((4, 10)), SPOOF) is None
