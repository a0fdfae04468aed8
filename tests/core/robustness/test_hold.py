"""Does it hold: scores before and after, what a verdict rests on, and the smallest removal that flips it."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from core.analysis.verdict import Decision
from core.audio.edit import stft
from core.audio.segment import Sound
from core.robustness import does_it_hold, rests_on, smallest_flip, taken_and_left
from core.robustness.flip import MOST

DECISION = Decision(spoof_below=-1.0, bonafide_above=1.0)


@dataclass(frozen=True)
class Reader:
    """A panel of one member whose score is a function of the waveform."""

    reads: object
    members = ("reader",)
    decision = DECISION

    def score(self, waveform, names=None):
        return {"reader": SimpleNamespace(score=float(self.reads(waveform)))}

    def fused(self, scores):
        return np.asarray(scores["reader"])

    def card(self, name):
        return SimpleNamespace(decision=DECISION)


def band_level(wave, low, high):
    import torch

    power = stft(torch.from_numpy(np.ascontiguousarray(wave))).abs().numpy() ** 2
    return float(power[round(low / 31.25) : round(high / 31.25)].sum())


@pytest.fixture(scope="module")
def hiss():
    return (0.1 * np.random.default_rng(0).standard_normal(32000)).astype(np.float32)


def test_a_verdict_by_the_top_band_is_said_to_rest_on_a_band(hiss):
    whole = band_level(hiss, 5000, 8000)
    panel = Reader(lambda wave: 3.0 - 6.0 * band_level(wave, 5000, 8000) / whole)
    held = {each.name: each for each in does_it_hold(panel, hiss, names=["low-pass", "trim-silence"])}
    assert held["low-pass"].panel.p_before == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)
    assert held["low-pass"].panel.p_after < 0.1 and not held["low-pass"].panel.holds
    assert held["trim-silence"].panel.holds and held["trim-silence"].warning == ""
    (warning,) = rests_on(list(held.values()))
    assert "one band" in warning and "probably spoofed into probably bona fide" in warning
    assert held["low-pass"].members["reader"].after == held["low-pass"].panel.after


def test_a_verdict_by_the_silence_is_said_to_rest_on_it(hiss):
    padded = np.pad(hiss, 6400)
    panel = Reader(lambda wave: -3.0 if len(wave) > 40000 else 3.0)
    (held,) = does_it_hold(panel, padded, names=["trim-silence"])
    assert "silence" in held.warning


@pytest.mark.parametrize("name", ["noise-20db", "opus-24k", "telephone", "room"])
def test_digital_silence_that_is_not_scored_is_not_filled_either(hiss, name):
    reads = lambda wave: -3.0 if len(Sound.of(wave).waveform) == len(hiss) else 3.0  # noqa: E731
    alone, padded = (does_it_hold(Reader(reads), wave, names=[name]) for wave in (hiss, np.pad(hiss, (0, 160_000))))
    assert padded == alone and padded[0].panel.holds


def test_a_clip_that_is_not_sure_rests_on_nothing(hiss):
    panel = Reader(lambda wave: 0.0 if wave is hiss else 3.0)
    (held,) = does_it_hold(panel, hiss, names=["low-pass"])
    assert not held.panel.holds and held.warning == ""


def test_what_is_not_installed_has_a_reason_in_place_of_figures(hiss, monkeypatch):
    monkeypatch.setattr("core.audio.ffmpeg_pipe.find_ffmpeg", lambda: None)
    (held,) = does_it_hold(Reader(lambda wave: 0.0), hiss, names=["aac-48k"])
    assert held.panel is None and "ffmpeg" in held.why_not and held.to_json()["panel"] is None


def test_known_scores_are_not_computed_again(hiss):
    seen = []
    panel = Reader(lambda wave: seen.append(len(wave)) or 2.0)
    (held,) = does_it_hold(panel, hiss, names=["low-pass"], scores={"reader": 2.0})
    assert len(seen) == 1 and held.panel.before == 2.0


def beep(hiss):
    wave = 0.05 * hiss
    wave[16000:17600] += 0.2 * np.sin(2 * np.pi * 3000 * np.arange(1600) / 16000).astype(np.float32)
    return wave.astype(np.float32)


def test_the_smallest_removal_is_the_place_that_the_score_reads(hiss):
    wave = beep(hiss)
    whole = band_level(wave, 2800, 3200)
    panel = Reader(lambda left: 4.0 - 8.0 * band_level(left, 2800, 3200) / whole)
    evidence = np.zeros((257, 201), np.float32)
    evidence[88:104, 100:110] = 1.0
    evidence[0:8, 0:10] = 0.5
    flip = smallest_flip(panel, wave, attribution=evidence)
    assert flip.verdict_before == "probably spoofed"
    # The beep holds nearly all of the energy, so that it cannot go within the limit.
    assert not flip.found and f"{100 * MOST:.0f} %" in flip.sentence
    quiet = wave + 5 * np.sin(2 * np.pi * 200 * np.arange(len(wave)) / 16000).astype(np.float32)
    flip = smallest_flip(panel, quiet.astype(np.float32), attribution=evidence)
    assert flip.found and flip.verdict_after != flip.verdict_before and flip.energy_share < 0.02
    assert flip.mask[96, 105] and not flip.mask[200].any() and flip.elsewhere_flips == 0
    assert flip.p_after < flip.p_before and "As much energy taken out at random does not." in flip.sentence


def test_what_is_played_of_a_flip_is_what_was_scored_to_the_sample(hiss):
    wave = (beep(hiss) + 5 * np.sin(2 * np.pi * 200 * np.arange(32000) / 16000)).astype(np.float32)
    scored = []
    whole = band_level(wave, 2800, 3200)
    panel = Reader(lambda left: scored.append(left) or 4.0 - 8.0 * band_level(left, 2800, 3200) / whole)
    evidence = np.zeros((257, 201), np.float32)
    evidence[88:104, 100:110] = 1.0
    flip = smallest_flip(panel, wave, attribution=evidence)
    taken, left = taken_and_left(wave, flip.mask)
    assert flip.found and any(np.array_equal(left, one) for one in scored)
    assert flip.score_after == panel.reads(left)
    np.testing.assert_allclose(taken + left, wave, atol=1e-6)
    assert len(scored) <= 2 + 5 + 3 + 3


def test_known_scores_spare_a_flip_the_first_scoring(hiss):
    scored = []
    panel = Reader(lambda left: scored.append(left) or -3.0)
    flip = smallest_flip(
        panel, hiss, attribution=np.ones((257, 201), np.float32), scores={"reader": SimpleNamespace(score=-3.0)}
    )
    assert not flip.found and len(scored) == 5


def test_a_bona_fide_verdict_is_tried_by_what_speaks_for_bona_fide(hiss):
    wave = (beep(hiss) + 5 * np.sin(2 * np.pi * 200 * np.arange(32000) / 16000)).astype(np.float32)
    whole = band_level(wave, 2800, 3200)
    panel = Reader(lambda left: -4.0 + 8.0 * band_level(left, 2800, 3200) / whole)
    evidence = np.zeros((257, 201), np.float32)
    evidence[88:104, 100:110] = -1.0
    flip = smallest_flip(panel, wave, attribution=evidence)
    assert flip.found and flip.verdict_before == "probably bona fide" and flip.mask[96, 105]
