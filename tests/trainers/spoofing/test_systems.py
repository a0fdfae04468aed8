"""Every spoofing system: finite audio of the source's length and level that is not the source; pitch as promised."""

import json

import numpy as np
import pytest
import torch

from core.errors import CheckpointError
from trainers.spoofing.base import SYSTEMS, Resynthesis, SpoofingError, TextToSpeech, resynthesise
from trainers.spoofing.codecs import NeuralCodec
from trainers.spoofing.pitch import FRAME, pitch_track
from trainers.spoofing.programs import SpeechProgram
from trainers.spoofing.systems.psola_vc import pitch_marks, shift_pitch

RATE = 16000
CODECS = [name for name in SYSTEMS.names() if issubclass(SYSTEMS.get(name), NeuralCodec)]
SPEAKERS = [name for name in SYSTEMS.names() if issubclass(SYSTEMS.get(name), SpeechProgram)]
RENDERERS = [name for name in SYSTEMS.names() if issubclass(SYSTEMS.get(name), Resynthesis)]


def rms(waveform):
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))


@pytest.fixture
def two_seconds(speech):
    return speech[: 2 * RATE]


@pytest.fixture
def vowel():
    """Two seconds of a steady vowel: harmonics of 120 Hz under formants at 700 and 1,200 Hz."""
    time = np.arange(2 * RATE) / RATE
    sound = np.zeros_like(time)
    for harmonic in range(120, 7900, 120):
        weight = sum(1 / (1 + ((harmonic - formant) / 100) ** 2) for formant in (700, 1200))
        sound += weight * np.sin(2 * np.pi * harmonic * time)
    return np.asarray(0.2 * sound / np.abs(sound).max(), np.float32)


def median_pitch_hz(waveform):
    track = pitch_track(np.asarray(waveform, np.float32))
    return float(np.median(track[track > 0]))


@pytest.mark.parametrize("name", SYSTEMS.names())
def test_a_system_is_of_a_kind_of_the_manifest_and_says_what_it_lacks(name):
    system = SYSTEMS.get(name)()
    assert system.kind in {"vocoder", "vc", "codec", "tts"}
    assert isinstance(system, Resynthesis | TextToSpeech) and isinstance(system.absent(), str)


@pytest.mark.parametrize("base", [Resynthesis, TextToSpeech, NeuralCodec, SpeechProgram])
def test_a_system_without_its_method_cannot_be_made(base):
    class Forgetful(base):
        kind = "vc"

    with pytest.raises(TypeError, match="abstract"):
        Forgetful()


def check_spoof(name, waveform):
    system = SYSTEMS.get(name)()
    if system.absent():
        pytest.skip(f"{name} cannot run here: {system.absent()}")
    spoof, again = (resynthesise(system, waveform, np.random.default_rng(3)) for _ in range(2))
    assert spoof.dtype == np.float32 and spoof.shape == waveform.shape
    assert np.isfinite(spoof).all() and np.abs(spoof).max() <= 0.99001
    assert rms(spoof) == pytest.approx(rms(waveform), rel=0.05)
    assert np.corrcoef(spoof, waveform)[0, 1] < 0.995
    np.testing.assert_array_equal(spoof, again)
    return spoof


@pytest.mark.parametrize("name", RENDERERS)
def test_a_system_keeps_length_and_level_and_changes_the_voice(name, two_seconds):
    spoof = check_spoof(name, two_seconds)

    def loudness(waveform):
        return 10 * np.log10(np.square(waveform, dtype=np.float64).reshape(-1, 800).mean(axis=1) + 1e-9)

    # It is still the same utterance: loud where that is loud.
    assert np.corrcoef(loudness(spoof), loudness(two_seconds))[0, 1] > 0.8


@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_psola_moves_the_pitch_and_not_the_formants(vowel, factor):
    moved = shift_pitch(vowel, factor)[RATE // 4 : -RATE // 4]
    assert median_pitch_hz(moved) == pytest.approx(120 * factor, rel=0.04)

    def centroid_hz(waveform):
        power = np.abs(np.fft.rfft(waveform)) ** 2
        return float((power * np.fft.rfftfreq(len(waveform), 1 / RATE)).sum() / power.sum())

    assert centroid_hz(moved) == pytest.approx(centroid_hz(vowel), rel=0.1)


def test_pitch_marks_lie_a_period_apart_on_the_peaks(vowel):
    marks, periods, voiced = pitch_marks(vowel, pitch_track(vowel))
    steady = slice(20, -20)
    assert voiced[steady].all() and np.median(np.diff(marks[steady])) == pytest.approx(RATE / 120, abs=1)
    assert set(np.unique(periods[steady])) <= {132, 133, 134}
    assert vowel[marks[steady]].min() > 0.8 * vowel.max()


def test_the_lpc_vocoder_keeps_pitch_and_formants(vowel):
    spoof = resynthesise(SYSTEMS.get("lpc")(), vowel, np.random.default_rng(0))[RATE // 4 :]
    assert median_pitch_hz(spoof) == pytest.approx(120, rel=0.03)
    spectrum = np.abs(np.fft.rfft(spoof)) ** 2
    hz = np.fft.rfftfreq(len(spoof), 1 / RATE)
    assert spectrum[(hz > 550) & (hz < 1350)].sum() > 0.7 * spectrum.sum()


def test_world_conversion_moves_pitch_both_ways(vowel):
    system = SYSTEMS.get("world-vc")()
    rngs = [np.random.default_rng(seed) for seed in range(5)]
    pitches = [median_pitch_hz(resynthesise(system, vowel[: RATE // 2], rng)) for rng in rngs]
    assert min(pitches) < 120 / 1.1 and max(pitches) > 120 * 1.1


def test_the_phase_vocoder_moves_the_pitch_up(vowel):
    spoof = resynthesise(SYSTEMS.get("pvoc-vc")(), vowel, np.random.default_rng(0))
    assert 120 * 2 ** (0.8 / 12) < median_pitch_hz(spoof) < 120 * 2 ** (4.7 / 12)


def test_the_pitch_track_has_a_value_every_five_milliseconds(vowel):
    assert len(pitch_track(vowel[: 100 * FRAME + 3])) == 101


@pytest.mark.parametrize(
    ("rendered", "stated"),
    [
        (lambda w: np.full(9, np.nan), "not finite"),
        (lambda w: 0 * w, "silent"),
        (lambda w: 3 * w, "the recording itself"),
    ],
)
def test_what_is_no_spoof_is_refused(rendered, stated, two_seconds):
    class Odd(Resynthesis):
        def render(self, waveform, rng):
            return rendered(waveform)

    with pytest.raises(SpoofingError, match=stated):
        resynthesise(Odd(), two_seconds, np.random.default_rng(0))


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_missing_program_is_named(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    system = SYSTEMS.get(name)()
    assert system.absent().startswith("the program ") and system.absent().endswith(" is not installed")


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_program_reads_the_text_from_a_file_and_its_clip_is_decoded(name, programs):
    system = SYSTEMS.get(name)()
    assert system.absent() == ""
    speech, voice = system.speak("-w is no option here.", np.random.default_rng(0))
    assert np.isfinite(speech).all() and len(speech) > 2 * RATE and voice
    (log,) = programs.glob("*.log")
    arguments, text = json.loads(log.read_text())
    assert text == "-w is no option here.\n"
    assert not any("option" in argument for argument in arguments)


@pytest.mark.parametrize("name", SPEAKERS)
def test_the_output_of_a_program_that_fails_is_in_the_error(name, programs):
    with pytest.raises(SpoofingError, match=r"exit status 1.*no such voice"):
        SYSTEMS.get(name)().speak("Please fail.", np.random.default_rng(0))


@pytest.mark.parametrize("name", CODECS)
def test_a_missing_package_is_named(name):
    import importlib.util

    if importlib.util.find_spec(name) is not None:
        pytest.skip(f"{name} is installed here")
    assert SYSTEMS.get(name)().absent() == f"the Python package {name} is not installed"


# A network with one weight that rounds to so many steps, in place of each package's own.
ENCODEC = """
import torch
class EncodecModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = torch.nn.Parameter(torch.zeros(1))
    @staticmethod
    def encodec_model_24khz(pretrained=True):
        assert not pretrained, "nothing may be downloaded"
        return EncodecModel()
    def set_target_bandwidth(self, kbps):
        self.kbps = kbps
    def forward(self, waveform):
        assert self.kbps in (3.0, 6.0, 12.0)
        return torch.round(waveform * self.steps) / self.steps
"""
DAC = """
import torch
class DAC(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.steps = torch.nn.Parameter(torch.zeros(width))
    def forward(self, waveform, rate_hz, n_quantizers):
        assert rate_hz == 16000 and 4 <= n_quantizers <= 12
        return {"audio": torch.round(waveform * self.steps) / self.steps}
"""


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Both codecs' packages and weights in a folder of their own."""
    for name, source in (("encodec", ENCODEC), ("dac", DAC)):
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HOME", str(tmp_path))
    steps = torch.full((1,), 12.0)
    return {"encodec": {"steps": steps}, "dac": {"state_dict": {"steps": steps}, "metadata": {"kwargs": {"width": 1}}}}


@pytest.mark.parametrize("name", ["dac", "encodec"])
def test_a_codec_that_is_installed_codes(name, packages, two_seconds):
    system = SYSTEMS.get(name)()
    assert "fetch them once: python -c" in system.absent()
    system.weights().parent.mkdir(parents=True)
    torch.save(packages[name], system.weights())
    check_spoof(name, two_seconds)


def test_weights_that_are_more_than_weights_are_not_opened(packages, two_seconds):
    system = SYSTEMS.get("encodec")()
    system.weights().parent.mkdir(parents=True)
    torch.save({"steps": Exception("code")}, system.weights())
    with pytest.raises(CheckpointError, match="more than weights"):
        resynthesise(system, two_seconds, np.random.default_rng(0))
