"""The table of benign processings: counted clip by clip, kept line by line, read back, and written."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.robustness.measure import AS_IS, as_frame, choose, kept_scores, score_clips
from core.robustness.table import benign, benign_document, benign_table, of_codec, read_benign


class Panel:
    """One member, whose score is the clip's mean square in some unit."""

    members = ("one",)
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
            rows.append({"path": f"{n}.wav", "label": label, "page": f"p{n // 2}", "processing": name, "one": llr})
    return pd.DataFrame(rows)


def counted(table):
    return benign(table, Panel(), corpus="abc", split="dev", seconds=4.0, absent={"aac-48k": "no ffmpeg"}, resamples=50)


def test_errors_are_counted_before_and_after_at_each_detectors_own_thresholds():
    found = counted(frame())
    before, after = (row.rates for row in found.rows)
    assert (found.n_bonafide, found.n_spoof, found.n_pages) == (4, 4, 4)
    assert before["panel"].false_alarms.value == 0 and after["panel"].false_alarms.value == 0.25
    assert after["panel"].misses.value == 0.75 and after["panel"].more_misses.value == 0.75
    assert after["panel"].false_alarms.low <= 0.25 <= after["panel"].false_alarms.high
    # The member's own thresholds are wider than these scores.
    assert after["one"].misses.value == 0


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


def test_a_files_codec_is_known_by_what_it_surely_does_to_the_panel(tmp_path, monkeypatch) -> None:
    def rates(false_alarms: float, surely: float) -> dict[str, object]:
        none = {"value": 0.0}
        more = {"value": false_alarms - 0.05, "low": surely}
        return {"panel": {"false_alarms": {"value": false_alarms}, "misses": none, "more_false_alarms": more,
                          "more_misses": none}}  # fmt: skip

    table = tmp_path / "robustness.json"
    rows = [("as is", "as it is", rates(0.05, 0.0)), ("opus-24k", "Opus, 24 kbit/s", rates(0.276, 0.16)),
            ("mp3-64k", "MP3, 64 kbit/s", rates(0.06, -0.01))]  # fmt: skip
    table.write_text(json.dumps({
        "corpus": "", "split": "dev", "seconds": 4.0, "n_bonafide": 9, "n_spoof": 9, "n_pages": 3,
        "rows": [{"processing": name, "label": label, "rates": each} for name, label, each in rows],
    }))  # fmt: skip
    monkeypatch.setattr("core.robustness.table.TABLE", table)
    assert of_codec("Opus") == ("as Opus, 24 kbit/s, 28 % of real speech is called spoofed, else 5 %",)
    assert of_codec("MP3 (MPEG audio layer 3)") == of_codec("16-bit PCM") == ()
    table.write_text("{")
    assert of_codec("Opus") == (), "a verdict does not depend on it"


def test_the_table_that_ships_can_be_read() -> None:
    assert read_benign() is not None
