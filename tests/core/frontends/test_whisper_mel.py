"""Whisper's log-mel spectrogram, against the publication's few lines written out with NumPy."""

import numpy as np
import torch

from core.frontends.whisper_mel import WhisperLogMel


def _slaney_hz(mels):
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))


def _published(waveform):
    """Return the spectrogram by the formulas of the publication and of Slaney's Auditory Toolbox."""
    padded = np.pad(waveform.astype(np.float64), 200, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    frames = np.stack([padded[start : start + 400] * window for start in range(0, len(waveform) // 160 * 160, 160)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = _slaney_hz(np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), 82))
    hertz = np.arange(201) * 40.0
    rising = (hertz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - hertz) / np.diff(edges)[1:, None]
    bands = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    logarithm = np.log10(np.maximum(bands @ power.T, 1e-10))
    return (np.maximum(logarithm, logarithm.max() - 8) + 4) / 4


def test_bands_are_those_of_the_publication(speech):
    waveform = speech[:64_000]
    found = WhisperLogMel().scale(torch.from_numpy(waveform)[None])[0].numpy()
    wanted = _published(waveform)
    assert found.shape == wanted.shape == (80, len(waveform) // 160)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_the_level_of_a_recording_does_not_show(speech):
    frontend, waveform = WhisperLogMel(), torch.from_numpy(speech)[None]
    torch.testing.assert_close(frontend(0.01 * waveform), frontend(waveform), atol=1e-4, rtol=0)


def test_a_tone_lies_in_the_band_that_is_named_by_its_frequency():
    frontend = WhisperLogMel()
    for hertz in (300.0, 1500.0, 6000.0):
        tone = torch.sin(torch.arange(16_000) / 16_000 * 2 * torch.pi * hertz)
        loudest = int(frontend(tone[None])[0].mean(1).argmax())
        assert abs(frontend.bins_hz[loudest] - hertz) < 0.05 * hertz + 20
