"""Batches are balanced, paired as asked, and drawn afresh in every epoch."""

import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

from core.corpus.table import Corpus
from core.errors import AudioError
from trainers.data import Draw, GroupSampler, TrainingClips
from trainers.module import mask_features
from trainers.phases import _FollowPhase
from trainers.recipe import Augmentation, Masks, Sampling
from trainers.recipe_file import load_recipe, recipe_names
from trainers.waveforms import PerturbedWaveforms, Waveforms


@pytest.fixture
def frame():
    rows = []
    for i in range(40):
        rows.append(
            {
                "label": "bonafide",
                "system": "-",
                "source": f"s{i}",
                "dataset": "big",
                "part": "made",
                "kind": "calm-read",
            }
        )
    for i in range(40, 44):
        rows.append(
            {"label": "bonafide", "system": "-", "source": f"s{i}", "dataset": "small", "part": "made", "kind": "vivid"}
        )
    for i in range(40):
        rows.append(
            {"label": "spoof", "system": "a", "source": f"s{i}", "dataset": "big", "part": "made", "kind": "vocoder"}
        )
    for i in range(5):
        rows.append(
            {"label": "spoof", "system": f"p{i}", "source": "-", "dataset": "web", "part": "published", "kind": "tts"}
        )
    return pd.DataFrame(rows)


def batches(frame, settings, epochs=1, **more):
    sampler = GroupSampler(frame, settings, batch=16, batches=50, seed=1, **more)
    return [[draw.row for draw in batch] for _ in range(epochs) for batch in sampler]


def test_half_of_each_batch_is_bona_fide(frame):
    for batch in batches(frame, Sampling()):
        assert (frame["label"].iloc[batch] == "bonafide").sum() == 8


def test_pairs_share_their_source(frame):
    shared = []
    for batch in batches(frame, Sampling(pairs=1.0)):
        rows = frame.iloc[batch]
        real = set(rows.loc[rows["label"] == "bonafide", "source"])
        made = rows[(rows["label"] == "spoof") & (rows["part"] == "made")]
        shared.append(made["source"].isin(real).mean())
    assert np.mean(shared) > 0.9


def test_clips_of_unknown_source_are_no_pairs_and_systems_stay_balanced(frame):
    frame = frame[frame["part"] == "made"].assign(source="-").reset_index(drop=True)
    frame.loc[frame.index[-4:], "system"] = "rare"
    drawn = [row for batch in batches(frame, Sampling(pairs=1.0, power=0.0)) for row in batch]
    systems = frame["system"].iloc[drawn].value_counts()
    assert systems["rare"] == pytest.approx(systems["a"], rel=0.3)


def test_rare_speech_is_drawn_more_often_when_asked(frame):
    def share(settings):
        drawn = frame.iloc[np.concatenate(batches(frame, settings))]
        return (drawn["kind"] == "vivid").mean()

    assert share(Sampling(rare=4.0)) > 1.5 * share(Sampling(rare=1.0)) > 0


def test_one_class_sampling_draws_bona_fide_only(frame):
    for batch in batches(frame, Sampling(), only_bonafide=True):
        assert (frame["label"].iloc[batch] == "bonafide").all() and len(batch) == 16


def test_epochs_differ_and_repeat_with_the_seed(frame):
    one, two = batches(frame, Sampling(), epochs=2), batches(frame, Sampling(), epochs=2)
    assert one == two
    assert one[:50] != one[50:]


def test_a_process_of_several_draws_its_own_batches_from_the_first_on(frame):
    def first(rank):
        sampler = GroupSampler(frame, Sampling(), batch=16, batches=50, seed=1)
        _FollowPhase(sampler).setup(SimpleNamespace(current_epoch=0, global_rank=rank), None, "fit")
        # So Lightning calls it before batches are fetched ahead; the callback's turn comes after that.
        sampler.set_epoch(0)
        return [draw.row for draw in next(iter(sampler))]

    assert first(0) == batches(frame, Sampling())[0]
    assert first(1) != first(0)


def test_invented_spoofs_come_from_the_batch_s_own_bona_fide_clips(frame):
    shares = []
    for batch in GroupSampler(frame, Sampling(invented=0.5), batch=16, batches=50, seed=1):
        real = [d.row for d in batch if not d.invented and frame["label"].iloc[d.row] == "bonafide"]
        invented = [d.row for d in batch if d.invented]
        assert len(batch) == 16 and len(real) == 8 and set(invented) <= set(real)
        shares.append(len(invented) / 8)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.1)


def test_a_corpus_without_spoofs_can_be_trained_on_with_invented_ones(frame):
    real = frame[frame["label"] == "bonafide"]
    for batch in GroupSampler(real, Sampling(invented=1.0), batch=16, batches=3, seed=1):
        assert sum(d.invented for d in batch) == 8


def test_an_invented_clip_is_changed_and_counts_as_spoof(speech):
    clips = TrainingClips([speech], np.ones(1), crop=32000, settings=Augmentation(), seed=1)
    (real, is_real), (spoof, is_spoof) = clips[Draw(0, 0)], clips[Draw(0, 0, invented=True)]
    assert (float(is_real), float(is_spoof)) == (1.0, 0.0)
    assert real.shape == spoof.shape == (32000,) and not torch.allclose(real, spoof, atol=1e-3)


def test_masks_hide_stripes_behind_the_mean():
    features = torch.randn(4, 20, 50) + 5
    masked = mask_features(features, Masks(time=10, frequency=5, count=2), torch.Generator().manual_seed(1))
    changed = masked != features
    assert changed.any() and not changed.all()
    for item in range(4):
        mean = features[item].mean().expand(changed[item].sum())
        torch.testing.assert_close(masked[item][changed[item]], mean)


@pytest.mark.parametrize("name", recipe_names())
def test_every_shipped_recipe_can_be_read(name):
    assert load_recipe(name).name == name


@pytest.fixture
def corpora(tmp_path):
    """Three corpora of three clips of 0.1 to 0.3 s each: 19,200 bytes of samples a corpus."""
    rng = np.random.default_rng(0)
    made = []
    for name in "abc":
        rows = []
        for number in range(3):
            wave = rng.uniform(-0.5, 0.5, 1600 * (number + 1))
            soundfile.write(tmp_path / f"{name}{number}.wav", wave, 16000, subtype="PCM_16")
            rows.append({"path": f"{name}{number}.wav", "sha256": f"{name}{number}", "seconds": 0.1 * (number + 1)})
        made.append(Corpus(pd.DataFrame(rows), tmp_path))
    return made


def cached(folder):
    return sorted(path.name for path in folder.glob("*"))


def test_clips_are_the_same_from_the_cache_and_decoded_on_the_fly(corpora, tmp_path):
    kept = Waveforms(corpora[0], tmp_path / "kept")
    passing = Waveforms(corpora[0], tmp_path / "passing", limit_gb=19_000e-9)
    assert len(cached(tmp_path / "kept")) == 2 and cached(tmp_path / "passing") == []
    assert len(kept) == len(passing) == 3
    for number in range(3):
        assert len(kept[number]) == 1600 * (number + 1)
        np.testing.assert_array_equal(kept[number], passing[number])
        truth, _ = soundfile.read(corpora[0].root / f"a{number}.wav", dtype="float32")
        np.testing.assert_array_equal(kept[number], truth)


def test_a_cache_is_not_decoded_twice(corpora, tmp_path):
    first = Waveforms(corpora[0], tmp_path / "cache")[2]
    for number in range(3):
        (corpora[0].root / f"a{number}.wav").unlink()
    np.testing.assert_array_equal(Waveforms(corpora[0], tmp_path / "cache")[2], first)


def test_the_cache_unused_longest_is_deleted_first_and_stays_readable_where_it_is_open(corpora, tmp_path):
    folder = tmp_path / "cache"
    one, two = (Waveforms(corpus, folder, limit_gb=45_000e-9) for corpus in corpora[:2])
    os.utime(folder / f"waveforms-{two.key}.i16", (1, 1))
    before = two[1]
    three = Waveforms(corpora[2], folder, limit_gb=45_000e-9)
    assert cached(folder) == sorted(f"waveforms-{w.key}{end}" for w in (one, three) for end in (".i16", ".npy"))
    np.testing.assert_array_equal(two[1], before)


def test_using_a_cache_makes_it_the_newest(corpora, tmp_path):
    folder = tmp_path / "cache"
    keys = [Waveforms(corpus, folder, limit_gb=45_000e-9).key for corpus in corpora[:2]]
    for key, age in zip(keys, (1, 2), strict=True):
        os.utime(folder / f"waveforms-{key}.i16", (age, age))
    Waveforms(corpora[0], folder)
    Waveforms(corpora[2], folder, limit_gb=45_000e-9)
    assert (folder / f"waveforms-{keys[0]}.i16").exists() and not (folder / f"waveforms-{keys[1]}.i16").exists()


def test_a_clip_that_cannot_be_decoded_leaves_no_half_cache(corpora, tmp_path):
    (corpora[0].root / "a1.wav").write_bytes(b"not audio")
    with pytest.raises(AudioError):
        Waveforms(corpora[0], tmp_path / "cache")
    assert cached(tmp_path / "cache") == []


def test_changed_clips_are_the_same_each_time_and_unlike_the_clips_as_they_are(corpora, tmp_path):
    waves = Waveforms(corpora[0], tmp_path / "cache")
    changes = [Augmentation(noise=1.0), Augmentation(band_limit=1.0)]
    changed = PerturbedWaveforms(waves, changes, seed=3)
    assert len(changed) == len(waves) and len(changed[0]) == len(waves[0])
    np.testing.assert_array_equal(changed[0], changed[0])
    assert np.abs(changed[0] - waves[0]).max() > 1e-4
    others = [PerturbedWaveforms(waves, changes, seed=4), PerturbedWaveforms(waves, changes[:1], seed=3)]
    assert len({waves.key, changed.key, *(other.key for other in others)}) == 4


def test_recordings_of_one_name_without_a_digest_are_not_taken_for_each_other(tmp_path):
    """Two corpora whose manifests have no column sha256, and a file that is replaced."""

    def decoded(place, size):
        (tmp_path / place).mkdir(exist_ok=True)
        noise = np.random.default_rng(size).uniform(-0.5, 0.5, size)
        soundfile.write(tmp_path / place / "a.wav", noise, 16000, subtype="PCM_16")
        frame = pd.DataFrame([{"path": "a.wav", "sha256": "-", "seconds": 0.1}])
        return len(Waveforms(Corpus(frame, tmp_path / place), tmp_path / "cache")[0])

    assert [decoded(*clip) for clip in (("x", 1601), ("y", 1602), ("x", 1603))] == [1601, 1602, 1603]


def test_seconds_are_those_of_the_decoded_clips_or_of_the_manifest_or_unknown(corpora, tmp_path):
    rows = np.array([True, False, True])
    assert Waveforms(corpora[0], tmp_path / "cache").total_s(rows) == pytest.approx(0.4)
    assert Waveforms(corpora[0], tmp_path / "none", limit_gb=0).total_s(rows) == pytest.approx(0.4)
    unknown = Corpus(corpora[1].frame.assign(seconds=[0.1, 0.2, np.nan]), tmp_path)
    assert Waveforms(unknown, tmp_path / "none", limit_gb=0).total_s(rows) is None
