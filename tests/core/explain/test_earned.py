"""A detector's default method is the one that earned it in the lab; where none did, there is none, with a reason."""

import json

import pytest

from core.errors import ExplanationError
from core.explain import earned as module
from core.explain.base import default_method, methods_for
from core.explain.earned import Earned, Finding, Maps, earned, map_sentence, no_map_reason, read_maps, surely_found
from core.usecases import explain_clip
from tests.core.explain.conftest import Band, BandWithMap, as_clip, as_detector

FOUND = Finding(clips=80, hits=71, unplanted_hits=9, mass=0.6, factor=3.1, low=2.7, high=3.5, cpu_s=0.2)


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """A function that keeps what the lab measured of the detector "toy"."""

    def write(**record):
        found = {"gradient-x-input": {"second": FOUND}}
        maps = Maps(detectors={"toy": Earned(**({"methods": found} | record))})
        (tmp_path / "maps.json").write_text(maps.model_dump_json())

    monkeypatch.setattr(module, "read_maps", lambda: read_maps(tmp_path / "maps.json"))
    return write


def test_the_default_is_the_method_that_earned_it(keep):
    detector = as_detector(BandWithMap(with_frequency=True))
    assert default_method(detector) == "cam-occlusion"
    keep(sha256="", default="gradient-x-input")
    assert default_method(detector) == "gradient-x-input"
    assert methods_for(detector)[0] == "gradient-x-input"
    assert no_map_reason(detector) == ""


def test_what_maps_surely_find_is_the_lesser_of_second_and_band(keep):
    detector, lesser = as_detector(Band()), FOUND.model_copy(update={"low": 1.3})
    keep(sha256="", default="occlusion", methods={"occlusion": {"second": FOUND, "band": lesser}})
    assert surely_found(detector, "occlusion") == 1.3
    keep(sha256="", default="occlusion", methods={"occlusion": {"second": FOUND}})
    assert surely_found(detector, "occlusion") == surely_found(detector, "gradient-x-input") == 0


def test_what_other_weights_earned_does_not_count(keep):
    keep(sha256="of another training", default="gradient-x-input")
    detector = as_detector(BandWithMap(with_frequency=True))
    assert earned(detector) is None
    assert default_method(detector) == "cam-occlusion"
    assert map_sentence(detector, "gradient-x-input") == ""


def test_a_detector_at_chance_has_no_default_and_the_error_tells_why(keep, noise):
    keep(sha256="", default=None, reason="its best map is at chance.")
    detector = as_detector(Band())
    assert default_method(detector) is None
    assert set(methods_for(detector)) == {"gradient-x-input", "integrated-gradients", "occlusion"}
    with pytest.raises(ExplanationError, match=r"at chance\. Choose a method .*: gradient-x-input"):
        explain_clip(as_clip(noise(1)), detector)
    assert explain_clip(as_clip(noise(1)), detector, "occlusion", faithfulness=False).method == "occlusion"


def test_what_was_never_tested_says_so(keep):
    keep(sha256="", default=None, reason="the lab has not tested its maps.", methods={})
    reason = no_map_reason(as_detector(Band()))
    assert reason.startswith("toy shows no map by default: the lab has not tested its maps. Choose a method")
    assert reason.endswith("(--method on the command line).")


def test_the_sentence_beside_a_map_counts_its_hits(keep):
    keep(sha256="", default="gradient-x-input")
    detector = as_detector(Band())
    sentence = map_sentence(detector, "gradient-x-input")
    assert "found the planted second in 71 of 80 clips; unplanted it points there by chance in 9." in sentence
    assert map_sentence(detector, "occlusion") == ""


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"detectors": {"toy": {}}})])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path, text):
    path = tmp_path / "maps.json"
    path.write_text(text)
    with pytest.raises(ExplanationError, match=r"explain-lab --ship"):
        read_maps(path)


def test_without_a_file_nothing_was_measured(tmp_path):
    assert read_maps(tmp_path / "maps.json").detectors == {}


@pytest.mark.parametrize(
    ("changed", "beats"),
    [({}, True), ({"low": 0.9}, False), ({"gain_low": -0.1}, False), ({"gain_low": 0.5}, True)],
)
def test_a_map_beats_chance_only_above_1_and_above_the_unplanted_place(changed, beats):
    assert FOUND.model_copy(update=changed).beats_chance is beats
