"""A corpus of pages so easy that any network learns it, and a network that is fitted to vectors."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import torch

from core.detectors.network import Network, Output
from core.frontends.linear_spectrogram import LinearSpec

KINDS = {"bonafide": ("calm-read", "vivid"), "spoof": ("tts", "vocoder")}


def write_pages(root: Path, *, pages: int = 10, clips: int = 6, first: int = 0, made: int = 4) -> Path:
    """Write clips of ``train``, ``dev`` and ``eval``: a spoof has a 3 kHz tone in it, each page its own noise."""
    root.mkdir(parents=True, exist_ok=True)
    rows = []
    for page in range(first, first + pages):
        rng = np.random.default_rng(page)
        split = ("train", "train", "dev", "train", "eval")[page % 5]
        for i in range(clips):
            label = ("bonafide", "spoof")[i % 2]
            kind = KINDS[label][i // 2 % 2]
            rows.append(_row(root, f"{split}-{page}-{i}.wav", rng, label, split, kind, f"own/p{page}"))
    for i in range(made):
        for split in ("train", "dev"):
            label = ("bonafide", "spoof")[i % 2]
            rng = np.random.default_rng(1000 + i)
            rows.append(_row(root, f"{split}-made-{i}.wav", rng, label, split, KINDS[label][0], "-"))
    pd.DataFrame(rows).to_csv(root / "manifest.csv", index=False)
    return root


def _row(root: Path, name: str, rng: np.random.Generator, label: str, split: str, kind: str, page: str) -> dict:
    t = np.arange(16000) / 16000
    tone = (label == "spoof") * 0.04 * rng.uniform(0.2, 2) * np.sin(2 * np.pi * 3000 * t)
    wave = 0.05 * rng.standard_normal(16000) + tone
    soundfile.write(root / name, wave, 16000, subtype="PCM_16")
    return {
        "path": name, "label": label, "system": "tone" if label == "spoof" else "-", "source": f"{page}/{name}",
        "speaker": page, "dataset": "made up", "licence": "none", "split": split, "seconds": 1.0,
        "sha256": f"{root}{name}",
        "part": "made" if page == "-" else "published", "kind": kind, "language": "en", "page": page,
    }  # fmt: skip


class MeanSvm(Network):
    """A linear boundary between mean spectra: fitted to one vector a window."""

    window = 16000
    computed = 0

    def __init__(self) -> None:
        super().__init__()
        self.frontend = LinearSpec(normalisation="none")
        self.centre = torch.nn.Buffer(torch.zeros(self.frontend.n_bins))
        self.directions = torch.nn.Buffer(torch.zeros(self.frontend.n_bins))

    def statistics(self, features: torch.Tensor) -> torch.Tensor:
        """Return mean spectra."""
        type(self).computed += len(features)
        return features.mean(-1)

    def fit_statistics(self, real: np.ndarray, fake: np.ndarray) -> None:
        """Take the difference of the classes' means."""
        means = torch.from_numpy(real.mean(0)), torch.from_numpy(fake.mean(0))
        self.centre.copy_((means[0] + means[1]) / 2)
        self.directions.copy_(means[0] - means[1])

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit to training features."""
        self.fit_statistics(*(torch.cat([self.statistics(x) for x in clips]).numpy() for clips in (bonafide, spoof)))

    def judge(self, statistics: torch.Tensor) -> Output:
        """Return the distance from the middle."""
        return Output((statistics - self.centre) @ self.directions, statistics, None)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the output for features."""
        return self.judge(self.statistics(features))
