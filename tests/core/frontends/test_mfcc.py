"""MFCC: the axes they claim, librosa's values, and no influence of batch mates, level or channel."""

import numpy as np
import torch

from core.frontends.base import level
from core.frontends.mfcc import Mfcc

RATE = 16000


def noise(count: int, seconds: float = 1.0) -> torch.Tensor:
    return torch.randn(count, int(seconds * RATE), generator=torch.Generator().manual_seed(2)) * 0.1


def test_frames_are_a_hop_apart():
    frontend = Mfcc(n_mfcc=20)
    features = frontend(noise(2, 1.5))
    assert features.shape == (2, 20, 1 + 24000 // 160)
    assert frontend.n_bins == 20 and frontend.hop_s == 0.01


def test_coefficients_are_those_of_librosa(speech):
    import librosa
    from scipy.fft import dct

    scaled = level(torch.from_numpy(speech)[None])
    mel = librosa.feature.melspectrogram(
        y=scaled[0].numpy(), sr=RATE, n_fft=512, win_length=400, hop_length=160, n_mels=40, htk=True, norm=None,
        pad_mode="constant",
    )  # fmt: skip
    expected = dct(np.log(mel + 1e-6), axis=0, norm="ortho")
    found = Mfcc(normalisation="none")(torch.from_numpy(speech)[None])[0].numpy()
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_a_loud_neighbour_in_the_batch_changes_nothing():
    quiet = noise(1) * 1e-3
    quiet[:, RATE // 2 :] *= 1e-3
    together = Mfcc(normalisation="none")(torch.cat([quiet, noise(1).cumsum(-1)]))
    torch.testing.assert_close(together[:1], Mfcc(normalisation="none")(quiet), atol=1e-4, rtol=1e-4)


def test_the_level_of_a_recording_is_not_heard(speech):
    waveform = torch.from_numpy(speech)[None]
    frontend = Mfcc(normalisation="none")
    torch.testing.assert_close(frontend(waveform * 0.1), frontend(waveform), atol=1e-3, rtol=1e-3)


def test_silence_is_finite_and_constant():
    features = Mfcc()(torch.zeros(1, RATE))
    assert torch.isfinite(features).all() and features.abs().max() < 1e-2
