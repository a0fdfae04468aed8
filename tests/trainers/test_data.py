"""Batches are balanced, paired as asked, and drawn afresh in every epoch."""

import numpy as np
import pandas as pd
import pytest
import torch

from trainers.data import Draw, GroupSampler, TrainingClips
from trainers.module import mask_features
from trainers.recipe import Augmentation, Masks, Sampling, load_recipe, recipe_names


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


def test_invented_spoofs_come_from_the_batch_s_own_bona_fide_clips(frame):
    shares = []
    for batch in GroupSampler(frame, Sampling(invented=0.5), batch=16, batches=50, seed=1):
        real = [d.row for d in batch if not d.invented and frame["label"].iloc[d.row] == "bonafide"]
        invented = [d.row for d in batch if d.invented]
        assert len(batch) == 16 and len(real) == 8 and set(invented) <= set(real)
        shares.append(len(invented) / 8)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.1)


def test_a_corpus_without_spoofs_can_be_taught_by_invented_ones(frame):
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
