"""The table of benign processings: counted clip by clip, kept line by line, read back, and written."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.robustness.measure import AS_IS, as_frame, choose, kept_scores, score_clips
from core.robustness.table import benign, benign_document, benign_table, read_benign


class Panel:
    """One member, whose score is the clip's mean square in some unit."""

    members, marks_segments = ("one",), False
    decision = Decision(spoof_below=-1.0, bonafide_above=1.0)
    calls = 0

    def card(self, name):
        return SimpleNamespace(decision=Decision(spoof_below=-3.0, bonafide_above=3.0))

    def fused(self, scores):
        return np.asarray(scores["one"], dtype=float)

    def score(self, waveform):
        type(self).calls += 1
        return {"one": SimpleNamespace(score=float(np.mean(np.square(waveform)) * 100 - 2))}


def frame():
    rows = []
    for n in range(8):
        label = "bonafide" if n % 2 else "spoof"
        for name, llr in ((AS_IS, 2.0 if n % 2 else -2.0), ("low-pass", -2.0 if n in (1, 4) else 2.0)):
            rows.append({"path": f"{n}.wav", "label": label, "page": f"p{n // 2}", "processing": name, "one": llr,
                         "mark": None})  # fmt: skip
    return pd.DataFrame(rows)


def counted(table, **more):
    absent = {"aac-48k": "no ffmpeg"}
    return benign(table, Panel(), corpus="abc", split="dev", seconds=4.0, absent=absent, resamples=50, **more)


def test_errors_are_counted_before_and_after_at_each_detectors_own_thresholds():
    found = counted(frame())
    before, after = (row.rates for row in found.rows)
    assert (found.n_bonafide, found.n_spoof, found.n_pages) == (4, 4, 4)
    assert before["panel"].false_alarms.value == 0 and after["panel"].false_alarms.value == 0.25
    assert after["panel"].misses.value == 0.75 and after["panel"].more_misses.value == 0.75
    assert after["panel"].false_alarms.low <= 0.25 <= after["panel"].false_alarms.high
    # The member's own thresholds are wider than these scores.
    assert after["one"].misses.value == 0


def test_what_surely_raises_false_alarms_has_a_threshold_that_few_real_clips_pass() -> None:
    rows = []
    for n in range(400):
        real, page = bool(n % 2), f"p{n // 2 % 20}"
        for name, shift in ((AS_IS, 0.0), ("opus-24k", -3.5), ("low-pass", 0.0)):
            llr = (2.0 if real else -6.0) + shift + n / 200
            rows.append({"path": f"{n}.wav", "label": "bonafide" if real else "spoof", "page": page,
                         "processing": name, "one": llr, "mark": llr if llr < 0 else None})  # fmt: skip
    found = counted(pd.DataFrame(rows), mark_below=-0.9)
    limits = {row.processing: row.limit for row in found.rows}
    assert limits[AS_IS] is limits["low-pass"] is None
    limit = limits["opus-24k"]
    assert limit is not None and limit.usual == Panel.decision.spoof_below
    scores = sorted(row["one"] for row in rows if row["processing"] == "opus-24k" and row["label"] == "bonafide")
    assert limit.spoof_below == pytest.approx(scores[9]) and limit.false_alarms == 9 / 200
    assert limit.misses == 0 and limit.held_out is not None and 0 < limit.held_out.value < 0.2
    text = benign_document("<!-- benign:start --><!-- benign:end -->", found)
    assert "Opus, 24 kbit/s: the panel calls a recording spoofed over P(spoof) 0.80 in place of 0.73." in text
    assert "Of real speech 4.5 % is then called so" in text and "of spoofs 100.0 %." in text
    # Marks are real speech's own scores here, where these are below zero.
    before, after = found.rows[0].marks, next(row.marks for row in found.rows if row.processing == "opus-24k")
    assert before is not None and before.false_marks.value == 0 and before.limit is None
    assert after is not None and after.false_marks.value == after.more_false_marks.value == 60 / 200
    assert after.limit is not None and after.limit.spoof_below == limit.spoof_below and after.limit.misses is None
    assert "It takes a mark of P(spoof) 0.80 in place of 0.71, as 4.5 % of it has" in text
    assert all(row.marks is None for row in counted(pd.DataFrame(rows)).rows), "no timeline, no marks"
    assert all(row.marks is not None for row in counted(pd.DataFrame(rows), mark_below=0.0).rows), "0 is a limit too"


def test_a_clip_that_lacks_a_processing_does_not_count():
    rows = frame()
    assert counted(rows[~((rows["path"] == "1.wav") & (rows["processing"] == "low-pass"))]).n_bonafide == 3
    with pytest.raises(ResultsError, match="let the measurement go on"):
        counted(rows[:0])


def test_the_table_is_kept_read_and_written(tmp_path):
    found = counted(frame())
    (tmp_path / "robustness.json").write_text(found.model_dump_json())
    assert read_benign(tmp_path / "robustness.json") == found and read_benign(tmp_path / "none.json") is None
    table = benign_table(found, "misses")
    assert list(table.columns) == ["processing", "panel", "one"] and table["panel"][1].startswith("75.0 % [")
    text = benign_document("a\n<!-- benign:start -->\nold\n<!-- benign:end -->\nb", found)
    assert "old" not in text and "| Low pass at 4 kHz | 25.0 % [" in text and "4 real and 4 spoofed clips" in text
    (tmp_path / "robustness.json").write_text("{}")
    with pytest.raises(ResultsError, match="robustness-table --ship"):
        read_benign(tmp_path / "robustness.json")


def corpus(tmp_path):
    import soundfile

    rows = []
    for n in range(6):
        soundfile.write(tmp_path / f"{n}.wav", 0.1 * np.random.default_rng(n).standard_normal(16000), 16000)
        label = "bonafide" if n < 4 else "spoof"
        rows.append({"path": f"{n}.wav", "label": label, "page": f"p{n % 2}", "speaker": "-"})
    return SimpleNamespace(frame=pd.DataFrame(rows), root=tmp_path)


def test_pages_take_turns_and_what_was_scored_is_not_scored_again(tmp_path):
    given, keep = corpus(tmp_path), tmp_path / "scores.jsonl"
    chosen = choose(given, 2)
    for label in ("bonafide", "spoof"):
        assert {clip.page for clip in chosen if clip.label == label} == {"p0", "p1"}
    assert list(score_clips(Panel(), given, chosen, ["low-pass"], seconds=0.5, keep=keep))[-1] == 4
    calls = Panel.calls
    assert len(as_frame(chosen, kept_scores(keep))) == 8
    # The last line was cut off half-way: it alone is made again.
    keep.write_text(keep.read_text()[:-20])
    list(score_clips(Panel(), given, chosen, ["low-pass"], seconds=0.5, keep=keep))
    assert Panel.calls == calls + 1 and len(kept_scores(keep)) == 8


def test_the_table_that_ships_can_be_read() -> None:
    assert read_benign() is not None
