"""Regions, sentences, the sound of the evidence, and the faithfulness, on maps drawn by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED
from core.detectors.detector import Detector
from core.explain.base import explain, smooth, with_faithfulness
from core.explain.evidence import evidence, evidence_mask
from core.explain.faithfulness import check_faithfulness
from core.explain.inspection import Inspection
from core.explain.masking import NOISE_FLOOR, SILENCE
from core.explain.regions import Region, find_regions
from core.explain.sentence import describe, time_span
from tests.core.explain.conftest import Band, as_clip, as_detector


def drawn(*boxes, background=0.0, frames=400):
    """A map of 257 bins: boxes of (bins, frames, value)."""
    found = np.full((257, frames), background)
    for bins, times, value in boxes:
        found[bins, times] = value
    return found


def test_a_box_is_found_with_its_share_and_its_edges():
    found = drawn((slice(64, 128), slice(100, 150), 3.0), (slice(200, 240), slice(300, 350), 1.0))
    first, second = find_regions(found, duration_s=3.99)
    assert first.share == pytest.approx(9600 / 11600)
    assert (first.low_hz, first.high_hz) == (2000, 4000)
    assert (first.start_s, first.end_s) == pytest.approx((1.0, 1.5), abs=0.01)
    assert second.share == pytest.approx(2000 / 11600)


def test_evidence_that_is_spread_has_no_region():
    assert find_regions(drawn(background=1.0), duration_s=3.99) == ()


def test_digital_silence_does_not_make_a_place_of_all_that_sounds(noise):
    for seconds in (0, 6):
        clip = as_clip(np.pad(noise(3), (0, seconds * 16000)))
        found = explain(clip, as_detector(Band(0, 8000, gain=100.0)), "gradient-x-input", faithfulness=False)
        assert found.regions == () and "is spread over time and frequency" in found.sentence


def test_no_evidence_has_no_region():
    assert find_regions(drawn(background=-1.0), duration_s=3.99) == ()


def test_regions_are_few_and_do_not_overlap():
    boxes = [(slice(8 * i, 8 * i + 8), slice(40 * i, 40 * i + 30), 1.0) for i in range(9)]
    regions = find_regions(drawn(*boxes), duration_s=3.99)
    assert len(regions) == 3
    assert sum(region.share for region in regions) <= 1


def test_a_map_of_time_alone_gives_times_over_all_frequencies():
    (region,) = find_regions(drawn((slice(None), slice(100, 150), 1.0)), duration_s=3.99, has_frequency=False)
    assert (region.low_hz, region.high_hz) == (0, 8000)
    assert region.share == pytest.approx(1)


def test_the_last_region_ends_with_the_clip():
    (region,) = find_regions(drawn((slice(0, 64), slice(350, 400), 1.0)), duration_s=3.99)
    assert region.end_s == 3.99


REGION = Region(0.8, 1.1, 3125, 4375, 0.41)
SECOND = Region(2.0, 2.5, 0, 500, 0.2)
MAP = np.ones((257, 10))


@pytest.mark.parametrize(
    ("regions", "verdict", "has_frequency", "sentence"),
    [
        ([REGION], SPOOFED, True, "41 % of the evidence for spoof lies at 0.8–1.1 s, 3.1–4.4 kHz."),
        ([REGION], SPOOFED, False, "41 % of the evidence for spoof lies at 0.8–1.1 s."),
        ([REGION], BONAFIDE, True, "41 % of the little that speaks for spoof lies at 0.8–1.1 s, 3.1–4.4 kHz."),
        (
            [REGION], NOT_SURE, True,
            "41 % of the evidence for spoof (the detector is not sure) lies at 0.8–1.1 s, 3.1–4.4 kHz.",
        ),
        (
            [REGION, SECOND], SPOOFED, True,
            "41 % of the evidence for spoof lies at 0.8–1.1 s, 3.1–4.4 kHz, and 20 % at 2.0–2.5 s, 0.0–0.5 kHz.",
        ),
        ([Region(0.08, 0.12, 0, 500, 0.3)], SPOOFED, False, "30 % of the evidence for spoof lies at 0.08–0.12 s."),
        ([], SPOOFED, True, "The evidence for spoof is spread over time and frequency: no region stands out."),
        ([], BONAFIDE, False, "The little that speaks for spoof is spread over time: no region stands out."),
    ],
)  # fmt: skip
def test_the_sentence_says_where(regions, verdict, has_frequency, sentence):
    assert describe(MAP, regions, verdict=verdict, has_frequency=has_frequency) == sentence


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [(0.0, 0.1, "0.0–0.1"), (0.08, 0.12, "0.08–0.12"), (0.795, 0.89, "0.80–0.89"), (3.1, 4.4, "3.1–4.4")],
)
def test_a_short_stretch_of_time_keeps_its_two_ends(start, end, text):
    assert time_span(start, end) == text


def test_a_map_that_failed_its_check_names_no_place_and_says_so_first():
    sentence = describe(MAP, [REGION], verdict=SPOOFED, faithful=False)
    assert sentence.startswith("Not faithful")
    assert "%" not in sentence and "kHz" not in sentence


def test_an_explanation_that_fails_its_check_has_no_boxes(noise, monkeypatch):
    detector = as_detector(Band(3000, 4000, gain=100.0))
    bare = explain(as_clip(noise(2)), detector, "gradient-x-input", faithfulness=False)
    assert bare.regions
    wrong = replace(bare, attribution=np.roll(bare.attribution, 100, axis=0))
    assert with_faithfulness(wrong).regions == ()
    assert with_faithfulness(wrong).sentence.startswith("Not faithful")
    assert with_faithfulness(bare).regions == bare.regions


def test_a_map_that_fails_for_want_of_effect_is_not_said_to_do_no_more_than_others(noise):
    waveform = noise(2)
    waveform[8000:12000] *= 6
    found = explain(as_clip(waveform), as_detector(Band(2000, 3000, gain=0.03)), "gradient-x-input")
    trials = found.faithfulness.trials
    assert not found.faithfulness.faithful and all(one.deletion.area > max(one.deletion.random) for one in trials)
    assert "hardly towards bona fide, or no further" in found.sentence


def test_boxes_are_numbered_by_their_share():
    # The second box is denser, and is found first; the first holds more.
    found = drawn((slice(0, 128), slice(0, 150), 1.0), (slice(200, 216), slice(300, 320), 20.0), background=0.01)
    shares = [region.share for region in find_regions(found, duration_s=3.99)]
    assert len(shares) >= 2 and shares == sorted(shares, reverse=True)


def test_a_map_without_evidence_says_so():
    assert describe(-MAP, [], verdict=BONAFIDE) == "Nothing in this clip speaks for spoof."


def test_evidence_and_rest_add_up_to_the_clip(speech):
    explanation = explain(as_clip(speech), as_detector(Band(3000, 4000)), "gradient-x-input", faithfulness=False)
    marked, rest = evidence(as_clip(speech), explanation)
    assert marked.dtype == rest.dtype == np.float32
    np.testing.assert_allclose(marked + rest, speech, atol=1e-6)
    assert 0 < np.square(marked).sum() < np.square(speech).sum()


def test_the_evidence_of_a_band_is_heard_in_that_band(noise):
    waveform = noise(2)
    explanation = explain(as_clip(waveform), as_detector(Band(3000, 4000)), "gradient-x-input", faithfulness=False)
    marked, _ = evidence(as_clip(waveform), explanation, share=0.9)
    power = np.abs(np.fft.rfft(marked)) ** 2
    hz = np.fft.rfftfreq(len(marked), 1 / 16000)
    assert power[(hz > 2800) & (hz < 4200)].sum() / power.sum() > 0.97


def test_the_mask_marks_the_strongest_cells_that_hold_the_share():
    found = drawn((slice(64, 128), slice(100, 150), 3.0), (slice(0, 257), slice(300, 350), 0.01))
    mask = evidence_mask(found, share=0.5)
    assert mask.min() >= 0 and mask.max() <= 1
    assert mask[96, 125] > 0.99 and mask[96, 325] < 0.01 and mask[10, 10] == 0


def test_the_mask_is_empty_where_nothing_speaks_for_spoof():
    assert not evidence_mask(-MAP).any()


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        evidence_mask(MAP, share=share)


def test_smoothing_keeps_the_sum():
    found = np.random.default_rng(0).normal(size=(257, 90))
    assert smooth(found).sum() == pytest.approx(found.sum(), abs=1e-2)
    assert smooth(found).std() < found.std() / 3


@pytest.mark.parametrize(("bins", "faithful"), [(slice(96, 128), True), (slice(190, 222), False)])
def test_the_receipt_tells_the_right_band_from_a_wrong_one(noise, bins, faithful):
    detector = as_detector(Band(3000, 4000, gain=100.0))
    waveform = noise(2)
    faithfulness = check_faithfulness(Inspection(waveform, detector), drawn((bins, slice(None), 1.0), frames=201))
    assert faithfulness.faithful is faithful
    assert faithfulness.words.startswith("Faithful" if faithful else "Not faithful")
    if faithful:
        floor = faithfulness.trials[0]
        assert floor.deletion.area > max(floor.deletion.random)
        assert floor.insertion.area < min(floor.insertion.random)
        assert floor.deletion.area > floor.deletion.energy
        # Taking out ever more of what it responds to moves the score ever further towards bona fide.
        assert np.all(np.diff(floor.deletion.curve) >= -1e-6)


def test_a_detector_that_responds_to_nothing_has_no_faithful_map(noise):
    faithfulness = check_faithfulness(Inspection(noise(2), as_detector(Band(gain=0.0))), np.ones((257, 201)))
    assert not faithfulness.faithful


def test_a_map_that_marks_nothing_is_not_tested(noise):
    faithfulness = check_faithfulness(Inspection(noise(2), as_detector(Band())), -np.ones((257, 201)))
    assert not faithfulness.faithful and not faithfulness.trials
    assert faithfulness.words.startswith("Not tested: ")


def test_every_masking_operator_has_its_trial_with_random_maps_of_its_own(noise):
    detector = as_detector(Band(3000, 4000, gain=100.0))
    right = drawn((slice(96, 128), slice(None), 1.0), frames=201)
    found = check_faithfulness(Inspection(noise(2), detector), right)
    assert [trial.operator for trial in found.trials] == ["noise-floor", "interpolation", "silence"]
    # Interpolated from equally loud neighbours, white noise stays what it was.
    assert [trial.faithful for trial in found.trials] == [True, False, True]
    assert found.faithful and "(not so by interpolation from the neighbours)" in found.words
    assert len({trial.deletion.random for trial in found.trials}) == 3
    assert [trial.insertion is None for trial in found.trials] == [False, True, True]


def test_the_words_say_what_was_tested(noise):
    detector = as_detector(Band(3000, 4000, gain=100.0))
    right = drawn((slice(96, 128), slice(None), 1.0), frames=201)
    found = check_faithfulness(Inspection(noise(2), detector), right, operators=[NOISE_FLOOR, SILENCE])
    assert found.words.startswith(
        "Faithful: replaced by the noise floor and by silence, what the map marks moves the score towards bona fide "
        "further than each of 5 random maps of the same shape does; by the noise floor: without the marked cells"
    )


def test_a_random_map_that_does_as_well_ends_the_trial(noise):
    # The map of the whole spectrum, moved elsewhere, is itself again.
    found = check_faithfulness(Inspection(noise(2), as_detector(Band(gain=10.0))), np.ones((257, 201)))
    assert not found.faithful
    assert all(len(trial.deletion.random) == 2 for trial in found.trials)


def test_the_receipt_of_a_long_clip_is_written_on_the_window_with_the_evidence(noise):
    waveform = noise(6)
    waveform[:-32000] *= 0.01
    detector = as_detector(Band(3000, 4000, gain=100.0))
    explanation = explain(as_clip(waveform), detector, "gradient-x-input")
    assert explanation.faithfulness is not None and explanation.faithfulness.faithful


@pytest.fixture
def made(monkeypatch):
    """The inspections that are built, and the clips that are scored, while a test runs."""
    counts = {"inspections": 0, "scores": 0}

    def counted(key, real):
        def call(*arguments, **more):
            counts[key] += 1
            return real(*arguments, **more)

        return call

    monkeypatch.setattr(Inspection, "__init__", counted("inspections", Inspection.__init__))
    monkeypatch.setattr(Detector, "score", counted("scores", Detector.score))
    return counts


def test_a_check_made_later_is_the_one_made_at_once_and_builds_no_second_inspection(noise, made):
    clip, detector = as_clip(noise(2)), as_detector(Band(3000, 4000, gain=100.0))
    score = detector.score(clip.waveform)
    bare = explain(clip, detector, "gradient-x-input", score=score, faithfulness=False)
    assert bare.faithfulness is None
    complete = with_faithfulness(bare)
    assert made == {"inspections": 1, "scores": 1}
    assert with_faithfulness(complete) is complete
    assert complete.inspection is None
    assert complete.faithfulness == explain(clip, detector, "gradient-x-input").faithfulness


def test_the_explanation_carries_the_clips_score(noise, made):
    clip, detector = as_clip(noise(2)), as_detector(Band(3000, 4000, gain=100.0))
    explanation = explain(clip, detector, "gradient-x-input", faithfulness=False)
    assert made["scores"] == 1
    assert explanation.score.score == detector.score(clip.waveform).score
    assert explanation.detector == detector.name
