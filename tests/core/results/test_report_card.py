"""Misses by system and false alarms by source: counts that can be made by hand, and the texts that state them."""

import pandas as pd
import pytest

from core.cli import main
from core.panel import Panel, load_panel
from core.results.queries import PANEL, rows
from core.results.report_card import ALL, false_alarms, misses, with_errors, without_errors, worst
from core.results.report_text import card_text, report_markdown
from core.results.store import Run
from tests.dashboard.synthetic_run import CROWD, synthetic_clips, synthetic_run


def clip(number: int, system: str = "-", kind: str = "calm-read", dataset: str = "LJSpeech", part: str = "made"):
    label = "bonafide" if system == "-" else "spoof"
    return {
        "path": f"{number}.flac", "label": label, "system": system, "source": f"s{number}", "speaker": f"v{number}",
        "dataset": dataset, "split": "eval", "part": part, "kind": kind, "seconds": 3.0,
    }  # fmt: skip


@pytest.fixture
def run(tmp_path) -> Run:
    clips = [*map(clip, range(6)), clip(6, kind="vivid"), clip(7, kind="vivid", dataset="ESD", part="published")]
    clips += [clip(10 + n, "griffinlim", "vocoder") for n in range(4)]
    clips += [clip(20 + n, "vits2", "tts", part="published") for n in range(6)]
    clips += [clip(30, "rare", "tts", part="published"), clip(40, "odd", "-")]
    return synthetic_run(tmp_path / "run", pd.DataFrame(clips))


@pytest.fixture
def answered(run, monkeypatch) -> Run:
    """The panel's verdicts, set by hand: vits2 5 of 6 missed, rare 1 of 1, griffinlim 1 not sure; ESD accused."""
    table = rows(run, PANEL).copy()
    table["verdict"] = "probably bona fide"
    table.loc[table["label"] == "spoof", "verdict"] = "probably spoofed"
    vits = table.index[table["system"] == "vits2"][:5]
    table.loc[vits, "verdict"] = table.loc[table["system"] == "rare", "verdict"] = "probably bona fide"
    table.loc[table["path"] == "10.flac", "verdict"] = "not sure"
    table.loc[table["dataset"] == "ESD", "verdict"] = "probably spoofed"
    monkeypatch.setattr("core.results.report_card.rows", lambda run, name: table)
    return run


def at(card, group, name):
    (row,) = card[(card["group"] == group) & (card["name"] == name)].to_dict(orient="records")
    return row


def test_misses_are_counted_by_family_and_system_at_the_verdict(answered):
    card = misses(answered, PANEL)
    whole = at(card, ALL, ALL)
    assert (whole["n"], whole["wrong"], whole["unsure"]) == (12, 6, 1)
    assert (at(card, ALL, "published")["wrong"], at(card, ALL, "made")["wrong"]) == (6, 0)
    family = at(card, "text-to-speech", ALL)
    assert (family["n"], family["wrong"]) == (7, 6)
    assert at(card, "text-to-speech", "vits2")["rate"] == pytest.approx(5 / 6)
    assert at(card, "vocoder", "griffinlim")["unsure"] == 1
    assert at(card, "kind not given", "odd")["wrong"] == 0
    assert at(card, "vocoder", "griffinlim")["seen"] and not at(card, "text-to-speech", "vits2")["seen"]


def test_the_surely_worst_stands_first_and_its_interval_is_wilsons(answered):
    card = misses(answered, PANEL)
    assert card["group"].drop_duplicates().tolist()[1] == "text-to-speech"
    # One miss of one proves less than five of six.
    assert worst(card, 5)["name"].tolist() == ["vits2", "rare"] == with_errors(card)["name"].tolist()
    vits = at(card, "text-to-speech", "vits2")
    # (k + z²/2 ± z √(k (n - k) / n + z²/4)) / (n + z²), by hand for k = 5 and n = 6.
    assert (vits["low"], vits["high"]) == pytest.approx((0.4365, 0.9699), abs=1e-4)


def test_false_alarms_are_counted_by_kind_of_speech_and_source(answered):
    card = false_alarms(answered, PANEL)
    assert (at(card, ALL, ALL)["n"], at(card, ALL, ALL)["wrong"]) == (8, 1)
    assert (at(card, "acted", ALL)["n"], at(card, "acted", "ESD")["wrong"]) == (2, 1)
    assert worst(card, 3)["name"].tolist() == ["ESD"]
    # LJSpeech is read and acted, and neither raised an alarm.
    assert without_errors(card) == [("LJSpeech, read", 6), ("LJSpeech, acted", 1)]


def test_a_source_has_its_language_where_the_run_knows_it(answered, monkeypatch):
    from core.results import report_card

    table = report_card.rows(answered, PANEL)
    spoken = table.assign(language=["zh" if name == "ESD" else "-" for name in table["dataset"]])
    monkeypatch.setattr("core.results.report_card.rows", lambda run, name: spoken)
    assert set(false_alarms(answered, "aasist")["name"]) >= {"ESD (zh)", "LJSpeech"}


def test_the_text_states_the_counts(answered):
    text = card_text(answered, PANEL, markdown=True)
    assert "| **all** |  | 12 | 6 | 50 % [25, 75] | 1 |" in text
    assert "| **text-to-speech** |  | 7 | 6 |" in text
    assert "|  | vits2 | 6 | 5 | 83 % [44, 97] | 0 |" in text
    assert "No clip was missed of: griffinlim (4), odd (1)." in text
    assert "No clip raised a false alarm in: LJSpeech, read (6), LJSpeech, acted (1)." in text


def test_every_detector_has_a_line_in_the_document(tmp_path):
    run = synthetic_run(tmp_path / "run", synthetic_clips(), detectors=CROWD)
    text = report_markdown(run, Panel({}))
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.split(" | ")[0].removeprefix("| ").removesuffix(" ●") for line in lines[-len(CROWD) - 1 :]} == {
        PANEL, *CROWD,
    }  # fmt: skip
    assert run.digest[:12] in text


def test_the_command_writes_the_cards_between_the_markers(run, tmp_path, capsys):
    document = tmp_path / "document.md"
    document.write_text("before\n<!-- report-card:start -->\nwritten before\n<!-- report-card:end -->\nafter\n")
    assert main(["report-card", "--run", str(run.folder), "--write", str(document)]) == 0
    text = document.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "written before" not in text
    assert report_markdown(run, load_panel()) in text
    assert main(["report-card", "--run", str(run.folder), "--checkpoint", "aasist"]) == 0
    assert capsys.readouterr().out.endswith(card_text(run, "aasist") + "\n")
    assert main(["report-card", "--run", str(run.folder), "--checkpoint", "nobody"]) == 1
    assert "nobody is not scored yet" in capsys.readouterr().err
