"""Timelines measured on a corpus in the layout of LlamaPartialSpoof."""

import json

import numpy as np
import pytest
import soundfile

from core.cli import main
from core.timeline import measured, shipped
from tests.core.timeline.toy import detector, rule


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Clips of four seconds of positive samples; the spoofed seconds are negative, which the toy network scores."""
    monkeypatch.setattr(shipped, "shipped_localiser", lambda: detector(rule(slope=100.0)))
    lines = []
    for number, span in enumerate([(1.0, 2.0), (2.5, 3.5), None]):
        wave = np.abs(np.random.default_rng(number).normal(0, 0.1, 64000))
        name = f"clip_{number}"
        if span is None:
            lines.append(f"{name} 4.00 bonafide 0.00-4.00-bonafide")
        else:
            wave[round(span[0] * 16000) : round(span[1] * 16000)] *= -1
            start, end = span
            lines.append(f"{name} 4.00 spoof 0.00-{start}-bonafide {start}-{end}-spoof {end}-4.00-bonafide")
        soundfile.write(tmp_path / f"{name}.wav", wave, 16000, subtype="PCM_16")
    (tmp_path / "label_R01TTS.0.a.txt").write_text("\n".join(lines))
    return tmp_path


def test_figures_of_a_corpus(corpus, capsys):
    assert main(["timeline-score", str(corpus), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["event_f1"]["value"] == 1.0
    assert value["range_eer"]["value"] < 0.05 and value["miss_rate"]["value"] < 0.1
    assert main(["timeline-score", str(corpus)]) == 0
    assert "event f1            1.000  [" in capsys.readouterr().out


@pytest.mark.parametrize(("most", "scored"), [(0, 3), (1, 1), (2, 2), (3, 3), (4, 3)])
def test_at_most_so_many_clips_are_scored(corpus, monkeypatch, most, scored):
    clips = []
    monkeypatch.setattr(measured, "measure", lambda judged: clips.extend(judged) or {})
    assert main(["timeline-score", str(corpus), "--most", str(most)]) == 0
    assert len(clips) == scored


def test_labels_that_are_wrong_make_bad_figures(corpus, capsys):
    path = corpus / "label_R01TTS.0.a.txt"
    text = path.read_text().replace("bonafide", "x").replace("spoof", "bonafide").replace("x", "spoof")
    path.write_text(text)
    assert main(["timeline-score", str(corpus), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["range_eer"]["value"] > 0.9


def test_a_split_without_spoofed_spans_is_refused(corpus, capsys):
    assert main(["timeline-score", str(corpus), "--split", "train"]) == 1
    assert "has both a recording and a spoofed span" in capsys.readouterr().err
