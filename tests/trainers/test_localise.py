"""Fitting a timeline: on cells that are known, and from a corpus to the card."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.corpus.table import read_corpus
from core.detectors import checkpoint
from core.errors import CorpusError, PolarityError
from core.timeline.segments import calibrated, find_segments
from tests.core.timeline.toy import detector
from trainers.cli import main
from trainers.localisation.clips import Scored, score_clips
from trainers.localisation.rule import fit_rule
from trainers.waveforms import Waveforms

RATE = 16000


def scored(number, spans, *, noise=0.3, sign=1.0):
    """Six seconds; cells are 1 where bona fide and -1 where spoofed, in noise."""
    rng = np.random.default_rng(number)
    times = np.arange(300) * 0.02 + 0.01
    spoofed = np.any([(times > a) & (times < b) for a, b in spans], axis=0) if spans else np.zeros(300, bool)
    mean = sign * np.where(spoofed, -1.0, 1.0) + rng.normal(0, noise, 300)
    kind = "partial spoof" if spans else "bona fide"
    return Scored(kind, mean, tuple(spans), 0.02, 6.0, f"system-{number % 3}", f"page-{number}", number)


@pytest.fixture
def known():
    rng = np.random.default_rng(0)
    starts = rng.uniform(0.5, 4.0, 12)
    return [
        *(scored(i, [(float(start), float(start) + 1.0)]) for i, start in enumerate(starts)),
        *(scored(100 + i, []) for i in range(20)),
    ]


def test_the_fitted_rule_finds_the_spans(known):
    rule = fit_rule(known, basis="made up")
    assert rule.slope > 0 and rule.basis == "made up"
    for clip in known:
        found = find_segments(calibrated(clip.over_time, rule, hop_s=0.02), rule, hop_s=0.02, duration_s=6.0)
        assert [(each.start_s, each.end_s) for each in found] == [pytest.approx(span, abs=0.2) for span in clip.spans]


def test_its_steps_are_log_likelihood_ratios(known):
    rule = fit_rule(known, basis="")
    llr = np.concatenate([calibrated(clip.over_time, rule, hop_s=0.02) for clip in known if clip.spans])
    assert rule.slope * 0 + rule.intercept == pytest.approx(0.0, abs=2.5), "the classes lie at -1 and 1"
    assert np.median(llr) > 2 and np.quantile(llr, 0.05) < -2


def test_few_bona_fide_clips_get_a_verdict_for_a_part(known):
    odd = [scored(200 + i, []) for i in range(3)]
    for clip in odd:
        clip.over_time[100:150] = -3.0
    rule = fit_rule([*known, *odd], basis="")
    assert rule.false_mark_rate is not None and rule.false_mark_rate <= 0.05
    assert rule.verdict_below is not None and rule.verdict_below < rule.keep_below
    assert rule.counted_s == pytest.approx(6.0), "their mean length"
    plain = fit_rule(known, basis="")
    assert plain.verdict_below == plain.keep_below and plain.false_mark_rate == 0.0


def test_cells_of_the_other_sign_are_refused(known):
    turned = [replace(clip, over_time=-clip.over_time) for clip in known]
    with pytest.raises(PolarityError, match="it cannot mark places"):
        fit_rule(turned, basis="")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Recordings of positive samples, and copies of them turned upside down: the toy network scores the sign."""
    root = tmp_path_factory.mktemp("pairs")
    rows = []
    for number in range(10):
        rng = np.random.default_rng(number)
        syllables = 1.1 + np.sin(2 * np.pi * (3 + 0.3 * number) * np.arange(5 * RATE) / RATE + number)
        real = 0.1 * np.abs(rng.normal(size=5 * RATE)) * syllables
        for label, wave in (("bonafide", real), ("spoof", -real)):
            path = f"{label}-{number}.flac"
            soundfile.write(root / path, np.clip(wave, -1, 1), RATE, subtype="PCM_16")
            rows.append({
                "path": path, "label": label, "system": f"flip-{number % 2}" if label == "spoof" else "-",
                "source": f"source-{number}", "speaker": f"speaker-{number // 2}", "dataset": "made up",
                "licence": "none", "split": "dev", "seconds": 5.0, "sha256": f"{label}{number}",
            })  # fmt: skip
    pd.DataFrame(rows).to_csv(root / "manifest.csv", index=False)
    return root


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The card of a checkpoint whose network is the toy."""
    toy = detector()
    (tmp_path / "level").mkdir()
    checkpoint.save_card(tmp_path / "level", toy.card)
    monkeypatch.setattr(checkpoint, "load_detector", lambda _: toy)
    return tmp_path / "level"


def asked(folder, corpus, tmp_path, *more):
    return [
        "localise", "--checkpoint", str(folder), "--manifest", str(corpus / "manifest.csv"), "--root", str(corpus),
        "--work", str(tmp_path / "work"), *more,
    ]  # fmt: skip


def test_the_command_writes_the_card(folder, corpus, tmp_path, capsys):
    assert main(asked(folder, corpus, tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "partial spoofs, unseen systems (10 clips): segment eer 0.0" in printed
    # By system, the one that is missed most first.
    assert printed.index("by flip-1 (5 clips): miss rate 0.139") < printed.index("by flip-0 (5 clips): miss rate 0.100")
    rule = checkpoint.read_card(folder).localisation
    assert rule is not None and rule.slope > 0
    assert rule.basis.endswith("10 bona fide recordings, from 5 pages and speakers of dev")
    partial, throughout, bonafide, deletions, splices, *by_system = rule.figures
    assert [row["clips"] for row in by_system] == ["partial spoofs by flip-1", "partial spoofs by flip-0"]
    assert partial["n_systems"] == 2 and partial["event_f1"]["value"] > 0.9
    assert throughout["marked_share"]["value"] > 0.9
    assert bonafide["verdict_rate"]["value"] == 0.0
    assert deletions["excess_ms"]["value"] == pytest.approx(0.0)
    assert (splices["clips"], splices["n_clips"]) == ("authentic same-speaker splice", 10)


def test_a_dry_run_leaves_the_card_and_prints_json(folder, corpus, tmp_path, capsys):
    before = (folder / "card.json").read_bytes()
    assert main(asked(folder, corpus, tmp_path, "--dry-run", "--json", "--most", "4")) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["figures"][0]["n_clips"] == 4
    assert (folder / "card.json").read_bytes() == before


def test_too_few_clips_are_refused(folder, corpus, tmp_path, capsys):
    assert main(asked(folder, corpus, tmp_path, "--most", "1")) == 1
    assert "a half has no partial spoof or no bona fide recording" in capsys.readouterr().err


def test_a_corpus_without_pairs_is_refused(corpus, tmp_path):
    table = pd.read_csv(corpus / "manifest.csv")
    table[table["label"] == "bonafide"].to_csv(tmp_path / "genuine.csv", index=False)
    genuine = read_corpus(tmp_path / "genuine.csv", corpus)
    with pytest.raises(CorpusError, match="No spoof of this corpus is the aligned copy"):
        score_clips(detector(), genuine.frame, Waveforms(genuine, tmp_path), most=1)
