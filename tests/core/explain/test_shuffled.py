"""A trained network and the same with shuffled weights are told apart by map and faithfulness check.

After Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: a map that does not change with the weights shows
the clip, not the network.
"""

import copy

import numpy as np
import pytest
import torch

from core.audio.resynthesis import griffin_lim
from core.detectors.checkpoint import load_detector
from core.detectors.detector import Detector
from core.explain.base import explain
from core.explain.faithfulness import check_faithfulness
from core.explain.inspection import Inspection
from tests.core.explain.conftest import as_clip


@pytest.fixture(scope="module")
def spoof(speech_source: np.ndarray) -> np.ndarray:
    return griffin_lim(speech_source)


def shuffled(detector: Detector, seed: int) -> Detector:
    """Return the detector with the weights of each layer in another order: as large, but in vain."""
    network = copy.deepcopy(detector.network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            order = torch.randperm(parameter.numel(), generator=generator)
            parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
    return Detector(network, detector.card)


@pytest.mark.parametrize("name", ["patchcnn-phase"])
def test_only_the_trained_network_relies_on_its_map(name: str, spoof: np.ndarray) -> None:
    trained = load_detector(name)
    explanation = explain(as_clip(spoof), trained, "native")
    assert explanation.faithfulness is not None and explanation.faithfulness.faithful, explanation.faithfulness
    for seed in range(3):
        control = explain(as_clip(spoof), shuffled(trained, seed), "native")
        assert control.faithfulness is not None and not control.faithfulness.faithful, control.faithfulness
        maps = explanation.attribution.ravel(), control.attribution.ravel()
        assert abs(np.corrcoef(*maps)[0, 1]) < 0.5


def test_a_map_of_shuffled_weights_fails_the_check_of_the_trained_network(spoof: np.ndarray) -> None:
    trained = load_detector("patchcnn-spec")
    # The one shuffle of three whose map marks anything as evidence for spoof.
    wrong = explain(as_clip(spoof), shuffled(trained, 0), "native", faithfulness=False).attribution
    assert (wrong > 0).any()
    found = check_faithfulness(Inspection(spoof, trained), wrong)
    assert found.trials and not any(trial.faithful for trial in found.trials)
