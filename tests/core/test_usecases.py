"""One layer for page, command line and API: what it promises of panels, analyses and the shipped run."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from core.analysis.verdict import NOT_SURE
from core.audio.clip import Clip, DecodeRecord
from core.detectors.card import Card
from core.detectors.network import NETWORKS
from core.errors import AudioError, CheckpointError, ExplanationError, ResultsError, UnknownNameError
from core.explain.earned import Earned, Maps
from core.panel import Panel
from core.usecases import (
    add_detectors,
    analyse_clip,
    analyse_file,
    by_contribution,
    default_detector,
    load_panel,
    reconstruct_clip,
    reference_run,
    refusal,
)

RATE = 16000


def clip_of(waveform: np.ndarray, name: str = "voice.wav") -> Clip:
    seconds = len(waveform) / RATE
    return Clip(name, waveform.astype(np.float32), DecodeRecord("WAV", "PCM_16", RATE, 1, seconds, seconds))


@pytest.fixture
def panel(shipped_small):
    return load_panel()


@pytest.fixture
def long_clip(speech):
    return clip_of(np.tile(speech, 3)[: int(9.3 * RATE)])


def write_fusion(folder, members):
    decision = {"spoof_below": -0.1, "bonafide_above": 0.2, "basis": "made up"}
    fusion = {"members": members, "calibration": {"slope": 2.0, "intercept": -0.3}, "decision": decision}
    (folder / "panel.json").write_text(json.dumps(fusion))


@pytest.fixture
def fusion_file(shipped_small):
    path = shipped_small / "panel.json"
    yield path
    path.unlink(missing_ok=True)


def test_a_panel_without_fusion_scores_the_mean_of_its_members(panel, long_clip):
    analysis = analyse_clip(long_clip, panel)
    assert set(analysis.detectors) == {"small-cnn", "small-cae"}
    assert analysis.score == pytest.approx(np.mean([d.score for d in analysis.detectors.values()]))
    assert analysis.p_spoof == pytest.approx(1 / (1 + np.exp(analysis.score)))


def test_a_fitted_fusion_is_used_when_the_members_are_the_same(fusion_file, shipped_small, long_clip):
    write_fusion(shipped_small, {"small-cnn": 0.75, "small-cae": 0.25})
    analysis = analyse_clip(long_clip, load_panel())
    said = {name: result.score for name, result in analysis.detectors.items()}
    assert analysis.score == pytest.approx(2 * (0.75 * said["small-cnn"] + 0.25 * said["small-cae"]) - 0.3)
    assert analysis.decision.spoof_below == -0.1


def test_members_and_others_and_their_order_are_the_panels(fusion_file, shipped_small, long_clip):
    write_fusion(shipped_small, {"small-cnn": 1.0})
    panel = load_panel(others=True)
    assert (panel.members, panel.others) == (("small-cnn",), ("small-cae",))
    assert panel.batches(panel.others) == [["small-cae"]]
    analysis = analyse_clip(long_clip, panel)
    assert list(analysis.detectors) == panel.detectors.loaded == ["small-cnn"]
    more = add_detectors(analysis, panel, panel.others)
    assert list(more.detectors) == ["small-cnn", "small-cae"]
    assert (more.score, more.verdict) == (analysis.score, analysis.verdict)
    assert more.detectors["small-cae"].score == panel.detectors["small-cae"].score(long_clip.waveform).score


def test_the_members_come_in_the_order_of_their_weight_and_not_of_the_alphabet(fusion_file, shipped_small):
    write_fusion(shipped_small, {"small-cnn": 0.75, "small-cae": 0.25})
    assert load_panel().members == ("small-cnn", "small-cae")


def test_slow_detectors_come_last_each_by_itself(small_checkpoints, monkeypatch):
    detectors = load_panel([small_checkpoints / "small-cnn", small_checkpoints / "small-cae"]).detectors
    monkeypatch.setattr(type(detectors["small-cnn"].network), "slow", True)
    panel = Panel(dict(detectors))
    assert panel.quick_first(panel.members) == ["small-cae", "small-cnn"]
    assert panel.batches(panel.members) == [["small-cae"], ["small-cnn"]]


def test_the_deciding_member_moves_the_score_most_towards_the_verdict(fusion_file, shipped_small, long_clip):
    write_fusion(shipped_small, {"small-cnn": 0.75, "small-cae": 0.25})
    panel = load_panel()
    analysis = analyse_clip(long_clip, panel)
    for scores, score, expected in (
        ({"small-cnn": 1.0, "small-cae": 2.0}, 1.0, "small-cnn"),
        ({"small-cnn": 1.0, "small-cae": 4.0}, 1.0, "small-cae"),
        ({"small-cnn": 1.0, "small-cae": -9.0}, -1.0, "small-cae"),
        ({"small-cnn": 1.0, "small-cae": -9.0}, 1.0, "small-cnn"),
    ):
        detectors = {name: replace(own, score=scores[name]) for name, own in analysis.detectors.items()}
        assert next(iter(by_contribution(replace(analysis, detectors=detectors, score=score), panel))) == expected


@pytest.mark.parametrize("where", ["front", "behind", "between"])
@pytest.mark.parametrize("seconds", [1, 30])
def test_digital_silence_changes_no_score_and_is_told(panel, speech, where, seconds):
    gap, half = np.zeros(seconds * RATE, np.float32), len(speech) // 2
    parts = {"front": [gap, speech], "behind": [speech, gap], "between": [speech[:half], gap, speech[half:]]}[where]
    before, after = analyse_clip(clip_of(speech), panel), analyse_clip(clip_of(np.concatenate(parts)), panel)
    assert after.score == before.score and after.verdict == before.verdict
    assert (before.silent_s, after.silent_s) == (0, seconds)
    assert {name: own.score for name, own in after.detectors.items()} == {
        name: own.score for name, own in before.detectors.items()
    }
    # No piece of the timeline lies in the silence, and the rest keeps its place.
    assert sum(piece.end_s - piece.start_s for piece in after.timeline) == pytest.approx(4, abs=1.1)
    start = {"front": seconds, "behind": 0, "between": 0}[where]
    assert after.timeline[0].start_s == pytest.approx(start, abs=1.0)
    windows = after.detectors["small-cnn"].windows
    assert windows[0].start_s == start and windows[-1].end_s == start + 4 + seconds * (where == "between")


def test_a_tone_gets_no_verdict_but_keeps_its_detectors_scores(panel):
    analysis = analyse_clip(clip_of(0.3 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)), panel)
    assert analysis.verdict is None and "no speech" in analysis.note
    assert all(np.isfinite(own.score) for own in analysis.detectors.values())
    answer = analysis.to_json()
    assert (answer["verdict"], answer["speech_s"], answer["note"]) == (None, 0.0, analysis.note)


def test_half_a_second_of_speech_is_not_sure(panel, speech):
    analysis = analyse_clip(clip_of(speech[: RATE // 2]), panel)
    assert analysis.verdict == NOT_SURE and "of speech" in analysis.note


def test_silence_gets_no_verdict(panel):
    analysis = analyse_clip(clip_of(np.zeros(2 * RATE)), panel)
    assert analysis.verdict is None and "silent" in analysis.note
    assert analysis.silent_s == 2.0


def test_a_fusion_of_other_members_is_left_alone(fusion_file, shipped_small, long_clip):
    write_fusion(shipped_small, {"small-cnn": 0.75, "another": 0.25})
    panel = load_panel()
    assert panel.fusion is None
    analysis = analyse_clip(long_clip, panel)
    assert analysis.score == pytest.approx(np.mean([d.score for d in analysis.detectors.values()]))


def test_a_panel_of_one_speaks_as_its_member(shipped_small, long_clip):
    analysis = analyse_clip(long_clip, load_panel(["small-cae"]))
    member = analysis.detectors["small-cae"]
    assert analysis.note == ""
    assert (analysis.score, analysis.verdict, analysis.decision) == (member.score, member.verdict, member.decision)
    assert analysis.decision.bonafide_above == 1.5


@pytest.mark.parametrize("content", ["{", "[]", '{"members": {"a": "b"}}', "\udcff", '{"members": {"a": 1}}'])
def test_a_damaged_fusion_file_is_refused(content, fusion_file):
    fusion_file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CheckpointError, match="does not describe how a panel is fused"):
        load_panel()


def test_a_checkpoint_given_twice_is_refused(shipped_small):
    with pytest.raises(CheckpointError, match="give each once"):
        load_panel(["small-cnn", shipped_small / "small-cnn"])


def test_an_unknown_checkpoint_is_refused_by_name(shipped_small):
    with pytest.raises(UnknownNameError, match=r"'nobody'.*small-cae, small-cnn"):
        load_panel(["nobody"])


def test_a_panel_of_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.detectors.checkpoint.SHIPPED", tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint to score with"):
        load_panel()


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.99, 4.0, 4.01, 9.3])
def test_the_timeline_covers_the_clip_without_gap_or_overlap(seconds, panel, speech):
    clip = clip_of(np.tile(speech, 3)[: round(seconds * RATE)])
    timeline = analyse_clip(clip, panel).timeline
    assert timeline[0].start_s == 0
    assert timeline[-1].end_s == pytest.approx(clip.duration_s)
    assert [piece.end_s for piece in timeline[:-1]] == [piece.start_s for piece in timeline[1:]]
    assert all(piece.end_s - piece.start_s <= 1.5 for piece in timeline)


def test_the_timeline_of_one_window_is_the_clips_score(panel, speech):
    analysis = analyse_clip(clip_of(speech), panel)
    assert [piece.score for piece in analysis.timeline] == pytest.approx([analysis.score] * 4)


def test_the_timeline_follows_the_windows_that_heard_a_second(shipped_small, speech):
    clip = clip_of(np.concatenate([speech, speech[:32000], np.sign(speech) * 0.1]))
    analysis = analyse_clip(clip, load_panel(["small-cae"]))
    windows = analysis.detectors["small-cae"].windows
    # The first seconds lie in the first window only, the last ones in the last only.
    assert analysis.timeline[0].score == pytest.approx(windows[0].score)
    assert analysis.timeline[-1].score == pytest.approx(windows[-1].score)
    assert windows[0].score != pytest.approx(windows[-1].score, abs=0.01)


def test_padding_is_a_detectors_fact(panel, speech):
    short, whole = (analyse_clip(clip_of(wave), panel) for wave in (speech[:16000], speech))
    assert short.padded_s == pytest.approx(3.0)
    assert whole.padded_s == 0
    answer = short.to_json()
    assert [own["padded_s"] for own in answer["detectors"].values()] == pytest.approx([3.0, 3.0])
    assert "padded_s" not in answer["decode"]


def test_json_has_what_programs_rely_on(panel, long_clip):
    told = json.loads(json.dumps(analyse_clip(long_clip, panel, path="a/b.wav").to_json(), allow_nan=False))
    assert list(told) == [
        "path", "p_spoof", "prior", "verdict", "score", "note", "speech_s", "silent_s", "processed", "segments",
        "worst", "detectors", "decode", "error",
    ]  # fmt: skip
    assert told["path"] == "a/b.wav"
    assert told["error"] is None
    assert told["decode"]["sample_rate_hz"] == RATE
    for said in told["detectors"].values():
        assert {"p_spoof", "score", "windows"} <= set(said)
        assert said["windows"][0]["start_s"] == 0
        assert said["windows"][-1]["end_s"] == pytest.approx(9.3)
        assert all(set(window) == {"start_s", "end_s", "score"} for window in said["windows"])


def test_raw_json_gives_the_networks_own_outputs(panel, long_clip):
    analysis = analyse_clip(long_clip, panel)
    raw, calibrated = analysis.to_json(raw=True), analysis.to_json()
    for name, result in analysis.detectors.items():
        assert raw["detectors"][name]["score"] == result.raw != calibrated["detectors"][name]["score"]
        assert raw["detectors"][name]["windows"][1]["score"] == result.windows[1].raw
        assert raw["detectors"][name]["p_spoof"] == result.p_spoof
    # Networks' outputs have no common scale.
    assert raw["score"] is None


def test_raw_json_of_one_detector_has_its_output_on_top(shipped_small, long_clip):
    analysis = analyse_clip(long_clip, load_panel(["small-cnn"]))
    assert analysis.to_json(raw=True)["score"] == analysis.detectors["small-cnn"].raw


def test_a_refusal_has_the_keys_of_an_answer(panel, long_clip):
    told = refusal("x.wav", AudioError("x.wav is empty."))
    assert list(told) == list(analyse_clip(long_clip, panel).to_json())
    assert (told["error"], told["path"], told["p_spoof"]) == ("x.wav is empty.", "x.wav", None)


def test_a_file_is_decoded_and_scored_as_its_samples(panel, speech, tmp_path):
    samples = np.round(speech * 32767).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="PCM_16")
    heard = analyse_file(tmp_path / "a.wav", panel)
    expected = analyse_clip(clip_of(samples.astype(np.float32) / 32768), panel)
    assert heard.score == pytest.approx(expected.score, abs=1e-6)
    assert heard.path == str(tmp_path / "a.wav")
    assert analyse_file(tmp_path / "a.wav", panel, name="call.wav").path == "call.wav"


def test_a_file_that_is_no_audio_is_refused(panel, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"not audio at all")
    with pytest.raises(AudioError, match=r"a\.wav"):
        analyse_file(tmp_path / "a.wav", panel)


@pytest.mark.parametrize("seconds", [1.0, 4.0, 9.3])
def test_a_reconstruction_covers_the_clip(seconds, panel, speech):
    clip = clip_of(np.tile(speech, 3)[: round(seconds * RATE)])
    rebuilt = reconstruct_clip(clip, panel.detectors["small-cae"])
    assert rebuilt.input.shape == rebuilt.output.shape == rebuilt.error.shape == (60, len(rebuilt.times_s))
    assert rebuilt.times_s[-1] == pytest.approx(seconds, abs=0.0126)
    assert np.mean(list(rebuilt.bands.values())) == pytest.approx(rebuilt.total)


def test_a_reconstruction_of_one_window_is_the_networks_own(panel, speech):
    import torch

    detector = panel.detectors["small-cae"]
    rebuilt = reconstruct_clip(clip_of(speech), detector)
    with torch.inference_mode():
        features, output, error = (m[0].numpy() for m in detector.network.error_map(torch.from_numpy(speech[None])))
    np.testing.assert_allclose(rebuilt.input, features, atol=1e-6)
    np.testing.assert_allclose(rebuilt.output, output, atol=1e-6)
    np.testing.assert_allclose(rebuilt.error, error, atol=1e-5)
    assert -np.log(rebuilt.total + 1e-6) == pytest.approx(detector.score(speech).raw, abs=1e-4)


def test_a_reconstruction_leaves_out_the_digital_silence_that_is_not_scored(panel, speech):
    silent = np.zeros(5 * RATE, np.float32)
    detector = panel.detectors["small-cae"]
    alone = reconstruct_clip(clip_of(speech), detector)
    padded = reconstruct_clip(clip_of(np.concatenate([silent, speech, silent])), detector)
    assert (padded.total, padded.bands) == (pytest.approx(alone.total), pytest.approx(alone.bands))
    first = 5 * RATE // 200
    np.testing.assert_allclose(padded.error[:, first : first + 320], alone.error[:, :320], atol=1e-5)
    assert not padded.error[:, : first - 1].any() and len(padded.times_s) == padded.error.shape[1]


def test_overlapping_windows_do_not_change_what_went_in(panel, speech):
    """A stationary front-end sees the same features in both windows, but at their edges."""
    long = np.tile(speech, 2)[: 6 * RATE]
    detector = panel.detectors["small-cae"]
    rebuilt = reconstruct_clip(clip_of(long), detector)
    alone = reconstruct_clip(clip_of(long[: 4 * RATE]), detector)
    inside = slice(20, 150)
    np.testing.assert_allclose(rebuilt.input[:20, inside], alone.input[:20, inside], atol=1e-4)


def test_a_detector_that_rebuilds_nothing_says_so(panel, speech):
    with pytest.raises(ExplanationError, match="small-cnn rebuilds nothing"):
        reconstruct_clip(clip_of(speech), panel.detectors["small-cnn"])


def test_the_detector_to_explain_by_did_best_on_development_data(tmp_path, monkeypatch, small_checkpoints):
    from core.detectors import checkpoint

    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint to explain"):
        default_detector()
    truth = np.array([0, 0, 1, 1])
    for name, scores in {"a": [0, 2, 1, 3], "b": [0, 1, 2, 3], "c": [0, 2, 1, 4]}.items():
        small = checkpoint.load_detector(small_checkpoints / "small-cnn")
        card = small.card.model_copy(update={"name": name})
        checkpoint.save_checkpoint(tmp_path / name, small.network, card, dev_raw=scores, dev_is_bonafide=truth)
    assert default_detector() == "b"
    # One whose output is a mean of local ones is explained exactly, whatever its figures.
    network = NETWORKS.get("patchcnn-spec")(channels=(4, 4, 4))
    card = Card(name="d", architecture="patchcnn-spec", hyperparameters={"channels": [4, 4, 4]}, polarity=card.polarity)
    checkpoint.save_checkpoint(tmp_path / "d", network, card, dev_raw=[2, 0, 3, 1], dev_is_bonafide=truth)
    assert default_detector() == "d"
    maps = Maps(detectors={"d": Earned(sha256=checkpoint.read_card(tmp_path / "d").sha256, default=None, methods={})})
    monkeypatch.setattr("core.explain.earned.read_maps", lambda: maps)
    assert default_detector() == "b"


def test_a_missing_reference_run_is_told(shipped_small):
    with pytest.raises(ResultsError, match="no run"):
        reference_run()
