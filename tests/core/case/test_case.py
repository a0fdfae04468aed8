"""Cases: what they hold, that they follow from the recording, and that a change is found and put down to its cause."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from markupsafe import escape

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from core.case import Context, Verification, verify_case, write_case
from core.case.archive import pack, unpack
from core.case.record import json_bytes
from core.case.tolerance import differences
from core.case.write import MANIFEST, manifest_bytes
from core.errors import CaseError
from core.files import sha256_file


def again(case: Path, out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a case anew with some of its files changed, its manifest and its seal made to fit."""
    entries = unpack(case.read_bytes())
    made = json.loads(entries.pop(MANIFEST))["made"]
    change(entries)
    out.write_bytes(pack({**entries, MANIFEST: manifest_bytes(entries, made=made)}))
    return out


def states(found: Verification) -> dict[str, str]:
    return {check.what: check.state for check in found.checks}


def test_a_case_holds_the_recordings_digest_its_figures_as_files_and_no_path(case: Path, recording: Path) -> None:
    entries = unpack(case.read_bytes())
    about = json.loads(entries["case/01/recording.json"])
    assert about["sha256"] == sha256_file(recording)
    assert about["name"] == recording.name
    scores = json.loads(entries["case/01/scores.json"])
    assert set(scores["detectors"]) == {"small-cnn", "small-cae"}
    assert set(json.loads(entries["case/models.json"])) == {"small-cnn", "small-cae"}
    kinds = {Path(name).suffix for name in entries}
    assert kinds == {".json", ".csv", ".npz", ".png", ".svg", ".html"}
    assert not any(str(recording.parent).encode() in content for content in entries.values())


def test_the_report_asks_for_nothing_outside_and_holds_every_figure_as_text(case: Path) -> None:
    entries = unpack(case.read_bytes())
    html = entries["case/report.html"].decode()
    assert not re.search(r"(?:src|href)=\"(?!data:)|url\(|@import|<script|<link|<iframe", html)
    assert "default-src 'none'" in html
    assert "a voice &amp; &lt;more&gt;.wav" in html
    assert "<more>" not in html
    # Five seconds are five rows of the table beside the picture.
    assert html.count("</td></tr>") > 5 and all(f"<td>{second}–{second + 1}</td>" in html for second in range(5))
    assert "evidence about a recording, not proof" in html
    paragraph = " ".join(one["text"] for one in json.loads(entries["case/01/words.json"])["sentences"])
    assert len(paragraph) > 100


def test_an_untouched_case_holds_and_states_what_was_not_checked(case: Path) -> None:
    found = verify_case(case)
    assert found.holds
    assert states(found) == {
        "archive": "matches", "files": "matches", "report": "matches", "01/scores.json": "matches",
        "audio": "not checked",
    }  # fmt: skip


def test_with_the_recording_all_of_it_is_computed_again(case: Path, recording: Path, small_context: Context) -> None:
    found = verify_case(case, recording, context=small_context)
    assert found.holds
    own = {name for name in unpack(case.read_bytes()) if name.startswith("case/01/") and not name.endswith(".svg")}
    assert {f"case/{check.what}" for check in found.checks} >= own
    assert set(states(found).values()) == {"matches"}


@pytest.fixture(scope="module")
def tried_case(recording: Path, small_context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.robustness.QUICK", ("telephone", "noise-20db"))
        out = tmp_path_factory.mktemp("tried") / "case.zip"
        return write_case([recording], out, context=replace(small_context, tries=True))


def test_what_was_tried_stands_in_case_report_and_words_and_is_tried_again(
    tried_case: Path, recording: Path, small_context: Context
) -> None:
    entries = unpack(tried_case.read_bytes())
    held, flip = (json.loads(entries[f"case/01/{name}.json"]) for name in ("held", "flip"))
    assert [each["name"] for each in held["processings"]] == ["telephone", "noise-20db"]
    report = entries["case/report.html"].decode()
    for text in (held["sentence"], flip["sentence"], "Telephone band", "What was taken out"):
        assert str(escape(text)) in report
    words = " ".join(one["text"] for one in json.loads(entries["case/01/words.json"])["sentences"])
    assert "limiting it to a telephone band" in words or "after limiting" in words
    found = verify_case(tried_case, recording, context=small_context)
    assert found.holds
    assert {"01/held.json", "01/flip.json"} <= {check.what for check in found.checks if check.state == "matches"}


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("held", lambda kept: kept["processings"][0]["panel"].update(score_after=2.5), "01/scores.json"),
        ("flip", lambda kept: kept.update(score_after=-9.0), "01/scores.json"),
        ("held", lambda kept: other(kept["processings"][0]["panel"], "verdict_after"), "01/scores.json"),
        ("held", lambda kept: other(kept["processings"][0]["members"]["small-cnn"], "verdict_after"), "01/scores.json"),
        ("flip", lambda kept: other(kept, "verdict_before"), "01/scores.json"),
        ("held", lambda kept: kept["processings"].pop(), "01/held.json"),
        ("flip", lambda kept: kept["cells"].update(runs=[[3, 0, 20]]), "01/flip.json"),
        ("flip", lambda kept: kept["cells"].update(shape=[33, 10**9]), "audio"),
    ],
)
def test_what_was_tried_cannot_be_changed_unnoticed(
    tried_case: Path, recording: Path, small_context: Context, tmp_path: Path, name: str, change: Any, what: str
) -> None:
    def changed(entries: dict[str, bytes]) -> None:
        kept = json.loads(entries[f"case/01/{name}.json"])
        change(kept)
        entries[f"case/01/{name}.json"] = json_bytes(kept)

    found = verify_case(again(tried_case, tmp_path / "again.zip", changed), recording, context=small_context)
    assert what in {check.what for check in found.checks if check.state == "differs"}


def test_where_nothing_was_tried_the_report_states_it(case: Path) -> None:
    entries = unpack(case.read_bytes())
    assert "case/01/held.json" not in entries
    assert "It was not tried whether the verdict holds" in entries["case/report.html"].decode()


def test_a_flipped_byte_anywhere_is_found_and_the_file_is_named(case: Path, tmp_path: Path) -> None:
    data, changed = case.read_bytes(), tmp_path / "changed.zip"
    places = [*range(0, len(data), len(data) // 40), *range(len(data) - 1500, len(data), 50), len(data) - 1]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 0x20
        changed.write_bytes(flipped)
        try:
            assert not verify_case(changed).holds, place
        except CaseError as error:
            assert "its end was changed" in str(error)
    name = b"case/01/scores.json"
    flipped = bytearray(data)
    flipped[data.index(name) + len(name) + 30] ^= 1
    changed.write_bytes(flipped)
    assert any("cannot be read" in one.text or "scores.json" in one.text for one in verify_case(changed).checks[1:])


def test_a_report_that_does_not_follow_from_its_data_is_found_whatever_its_digests(case: Path, tmp_path: Path) -> None:
    def flatter(entries: dict[str, bytes]) -> None:
        entries["case/report.html"] = entries["case/report.html"].replace(b"P(spoof)", b"P(real)")

    found = verify_case(again(case, tmp_path / "a.zip", flatter))
    assert states(found)["files"] == "matches"
    assert states(found)["report"] == "differs"


def test_a_verdict_that_does_not_follow_from_its_scores_is_found(case: Path, tmp_path: Path) -> None:
    def raise_it(entries: dict[str, bytes]) -> None:
        scores = json.loads(entries["case/01/scores.json"])
        entries["case/01/scores.json"] = json.dumps({**scores, "p_spoof": 0.99}).encode()

    found = verify_case(again(case, tmp_path / "a.zip", raise_it))
    assert states(found)["01/scores.json"] == "differs"
    assert not found.holds


def other(kept: dict[str, Any], key: str = "verdict") -> None:
    """Put another verdict in the place of one that follows from a score."""
    kept[key] = SPOOFED if kept[key] != SPOOFED else BONAFIDE


VERDICTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another verdict": (other, "the verdict is"),
    "of a detector": (lambda scores: other(scores["detectors"]["small-cnn"]), "the verdict of small-cnn is"),
    "another threshold": (lambda scores: scores["decision"].update(spoof_below=-99.0, bonafide_above=-98.0), BONAFIDE),
    "none": (lambda scores: scores.update(verdict=None, note=""), "the verdict is none"),
    "a plain one with a note": (lambda scores: (other(scores), scores.update(note="Surely.")), "the verdict is"),
    "no speech": (lambda scores: scores.update(verdict=None, note="No verdict: no speech was found."), "matches"),
    "in part": (lambda scores: scores.update(verdict=PARTLY, note="In part: 1 to 2 s."), "matches"),
    "little speech": (lambda scores: scores.update(verdict=NOT_SURE, note="Not sure: it holds 0.4 s."), "matches"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_each_verdict_must_follow_from_its_score_unless_a_note_explains_it(
    case: Path, tmp_path: Path, name: str
) -> None:
    change, expected = VERDICTS[name]

    def changed(entries: dict[str, bytes]) -> None:
        scores = json.loads(entries["case/01/scores.json"])
        change(scores)
        entries["case/01/scores.json"] = json_bytes(scores)

    found = verify_case(again(case, tmp_path / "a.zip", changed))
    (check,) = [check for check in found.checks if check.what == "01/scores.json"]
    if expected == "matches":
        assert check.state == "matches"
    else:
        assert check.state == "differs"
        assert expected in check.text


def rescored(by: float) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        lines = entries["case/01/windows.csv"].decode().splitlines()
        cells = lines[1].split(",")
        lines[1] = ",".join([*cells[:3], f"{float(cells[3]) + by:.6f}", *cells[4:]])
        entries["case/01/windows.csv"] = ("\n".join(lines) + "\n").encode()

    return change


@pytest.mark.parametrize(("by", "state"), [(0.0004, "within tolerance"), (0.4, "differs")])
def test_another_figure_is_rounding_or_a_difference(
    by: float, state: str, case: Path, recording: Path, small_context: Context, tmp_path: Path
) -> None:
    changed = again(case, tmp_path / "a.zip", rescored(by))
    found = verify_case(changed, recording, context=small_context)
    (check,) = [check for check in found.checks if check.what == "01/windows.csv"]
    assert check.state == state
    assert found.holds == (state == "within tolerance")
    if state == "differs":
        assert "row 1 / score" in check.text
        assert "Versions, models and settings are the same" in check.text


def test_another_version_is_named_as_the_cause(
    case: Path, recording: Path, small_context: Context, tmp_path: Path
) -> None:
    def of_old(entries: dict[str, bytes]) -> None:
        rescored(0.4)(entries)
        versions = json.loads(entries["case/versions.json"])
        versions["packages"]["torch"] = "1.0"
        entries["case/versions.json"] = json.dumps({**versions, "spoofscope": "0" * 64}).encode()

    found = verify_case(again(case, tmp_path / "a.zip", of_old), recording, context=small_context)
    (check,) = [check for check in found.checks if check.what == "01/windows.csv"]
    assert "another version of Spoofscope; torch 1.0 then" in check.text
    assert states(found)["report"] == "not checked"


def test_another_container_of_the_same_samples_is_known_and_another_recording_is_not(
    case: Path, recording: Path, small_context: Context, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(recording, dtype="int16")
    same, other = tmp_path / "same.flac", tmp_path / "other.wav"
    soundfile.write(same, samples, rate)
    soundfile.write(other, np.roll(samples, 100), rate)
    found = verify_case(case, same, context=small_context)
    assert found.holds
    assert states(found)["01"] == "within tolerance"
    found = verify_case(case, other, context=small_context)
    assert not found.holds
    assert "other.wav is no recording of this case" in found.checks[-1].text


def test_what_is_no_case_is_refused_in_words(recording: Path) -> None:
    with pytest.raises(CaseError, match="is no case"):
        verify_case(recording)


@pytest.mark.parametrize("broken", [b"[]", b"{}", b"\xff", b'{"verdict": "x"}', b"[" * 100_000])
def test_a_sealed_case_whose_data_are_nonsense_does_not_hold(
    broken: bytes, case: Path, recording: Path, tmp_path: Path
) -> None:
    for name in ("case/01/scores.json", "case/01/recording.json", "case/settings.json", "case/versions.json"):
        changed = again(case, tmp_path / "a.zip", lambda entries, name=name: entries.update({name: broken}))
        assert not verify_case(changed, recording).holds, name


def test_a_case_of_several_recordings_and_of_none(
    case: Path, recording: Path, small_context: Context, tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match="1 to 50 recordings"):
        write_case([], tmp_path / "none.zip", context=small_context)
    two = write_case([recording, recording], tmp_path / "two.zip", context=small_context)
    assert {name[:8] for name in unpack(two.read_bytes()) if name[5].isdigit()} == {"case/01/", "case/02/"}
    assert verify_case(two).holds


@pytest.mark.parametrize(
    ("key", "kept", "found", "near"),
    [
        ("sentence", "P(spoof) is 0.45.", "P(spoof) is 0.46.", True),
        ("sentence", "P(spoof) is 0.45.", "P(spoof) is 0.47.", False),
        ("text", "Die Wahrscheinlichkeit beträgt 93,4 %.", "Die Wahrscheinlichkeit beträgt 93,5 %.", True),
        ("sentence", "It holds (0.45).", "It does not hold (0.45).", False),
        ("sha256", "ab12cd", "ab13cd", False),
        ("verdict", "probably spoofed", "not sure", False),
    ],
)
def test_in_a_sentence_the_last_digit_of_a_number_may_differ(key: str, kept: str, found: str, near: bool) -> None:
    (one,) = differences("words.json", json_bytes({key: kept}), json_bytes({key: found}))
    assert one.within is near
