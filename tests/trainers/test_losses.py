"""Losses against values worked out on paper and against torch's own."""

import math

import pytest
import torch
from torch.nn import functional

from core.detectors.network import Output
from trainers.losses import LOSSES, LossError
from trainers.recipe import Recipe

LOGITS = torch.tensor([[2.0, -1.0], [0.5, 1.5], [0.0, 3.0]])
TARGETS = torch.tensor([0.0, 1.0, 0.0])


def recipe(**more):
    return Recipe(name="t", architecture="cnn2d-lfcc", summary="", **{"label_smoothing": 0.0, **more})


def two_logits(logits=LOGITS):
    return Output(logits[:, 1] - logits[:, 0], torch.zeros(len(logits), 1), logits)


def one_cosine(*cosines):
    return Output(torch.tensor(cosines), torch.zeros(len(cosines), 1), None)


def test_cross_entropy_is_torchs_with_weights_and_smoothing():
    ours = LOSSES["cross-entropy"](two_logits(), TARGETS, recipe(class_weights=(0.1, 0.9)))
    theirs = functional.cross_entropy(LOGITS, TARGETS.long(), weight=torch.tensor([0.1, 0.9]))
    torch.testing.assert_close(ours, theirs)
    ours = LOSSES["cross-entropy"](two_logits(), TARGETS, recipe(label_smoothing=0.2))
    torch.testing.assert_close(ours, functional.cross_entropy(LOGITS, TARGETS.long(), label_smoothing=0.2))


def test_a_soft_target_is_the_mean_of_both_hard_ones():
    half = LOSSES["cross-entropy"](two_logits(), torch.full((3,), 0.5), recipe())
    both = [functional.cross_entropy(LOGITS, torch.full((3,), c)) for c in (0, 1)]
    torch.testing.assert_close(half, sum(both) / 2)


def test_focal_without_gamma_is_cross_entropy_and_with_it_forgives_the_easy():
    plain = LOSSES["cross-entropy"](two_logits(), TARGETS, recipe())
    torch.testing.assert_close(LOSSES["focal"](two_logits(), TARGETS, recipe(focal_gamma=0.0)), plain)
    easy = two_logits(torch.tensor([[4.0, -4.0]]))
    sharp = LOSSES["focal"](easy, torch.tensor([0.0]), recipe(focal_gamma=2.0))
    assert sharp < 0.01 * LOSSES["cross-entropy"](easy, torch.tensor([0.0]), recipe())


def test_am_softmax_asks_the_right_class_for_its_margin():
    level = two_logits(torch.zeros(1, 2))
    # Both cosines equal: the right logit is 20 * 0.2 = 4 lower, so the loss is log(1 + e^4).
    loss = LOSSES["am-softmax"](level, torch.tensor([1.0]), recipe(am_margin=0.2))
    assert float(loss) == pytest.approx(math.log1p(math.exp(4)), rel=1e-6)


def test_oc_softmax_is_log_two_on_either_margin_and_vanishes_beyond():
    on = LOSSES["oc-softmax"](one_cosine(0.9, 0.2), torch.tensor([1.0, 0.0]), recipe())
    assert float(on) == pytest.approx(math.log(2), rel=1e-5)
    beyond = LOSSES["oc-softmax"](one_cosine(1.0, -1.0), torch.tensor([1.0, 0.0]), recipe())
    assert float(beyond) < 0.1


@pytest.mark.parametrize("name", ["cross-entropy", "focal", "am-softmax"])
def test_a_loss_of_two_logits_refuses_one_output(name):
    with pytest.raises(LossError, match="two logits"):
        LOSSES[name](one_cosine(0.5), torch.tensor([1.0]), recipe())


def test_oc_softmax_refuses_two_logits():
    with pytest.raises(LossError, match="one-class"):
        LOSSES["oc-softmax"](two_logits(), TARGETS, recipe())
