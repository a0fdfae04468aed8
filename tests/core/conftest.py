"""Two small, untrained, seeded checkpoints, and a small corpus of pieces of a real voice."""

import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

from core.analysis.calibration import Calibration
from core.analysis.verdict import Decision
from core.detectors import checkpoint
from core.detectors.card import Card, Polarity, Training
from core.detectors.network import NETWORKS
from core.files import sha256_file
from core.runtime import choose

RATE = 16000
SMALL = {"small-cnn": ("cnn2d-lfcc", {"channels": [4, 4, 4]}), "small-cae": ("cae-lfcc", {"n_lfcc": 20})}


@pytest.fixture(autouse=True)
def unwarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines are chosen as in a process that serves no page: another file's test may have warmed one here."""
    monkeypatch.setattr(choose, "_later", threading.Event())


@pytest.fixture(scope="session")
def small_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints: ``small-cnn`` and ``small-cae``, calibrated, with decisions of their own."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for number, (name, (architecture, settings)) in enumerate(SMALL.items()):
        torch.manual_seed(number)
        network = NETWORKS.get(architecture)(**settings).eval()
        training = Training(corpus="made up", corpus_digest="0", n_bonafide=1, n_spoof=1, systems=["buzz"])
        card = Card(
            name=name, architecture=architecture, hyperparameters=settings, training=training,
            polarity=Polarity(how="made up"), calibration=Calibration(slope=2.0, intercept=0.5 + number),
            decision=Decision(spoof_below=-0.5, bonafide_above=0.5 + number, basis="made up"),
        )  # fmt: skip
        checkpoint.save_checkpoint(folder / name, network, card)
    return folder


@pytest.fixture
def shipped_small(small_checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small checkpoints in place of those that ship."""
    monkeypatch.setattr(checkpoint, "SHIPPED", small_checkpoints)
    return small_checkpoints


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory, speech_source: np.ndarray) -> Path:
    """A folder with ``manifest.csv``: 12 clips of 0.5 to 4.9 s in ``eval``, half of them spoofed by two systems."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(5)
    rows = []
    for number in range(12):
        # The last one is longer than a window.
        length = 8000 + 2400 * number if number < 11 else 78_400
        clip = np.roll(np.tile(speech_source, 2), -2000 * number)[:length]
        spoofed = number % 2 == 1
        if spoofed:
            clip = np.sign(clip) * 0.1 + rng.normal(0, 0.01, length)
        name = f"clip-{number:02d}.flac"
        soundfile.write(folder / name, clip, RATE, subtype="PCM_16")
        rows.append({
            "path": name, "label": "spoof" if spoofed else "bonafide",
            "system": ("buzz" if number % 4 == 1 else "hiss") if spoofed else "-",
            "source": f"recording-{number}", "speaker": f"voice-{number // 2}", "dataset": "made", "licence": "CC0",
            "split": "eval", "seconds": length / RATE, "sha256": sha256_file(folder / name),
            "part": "published" if number > 5 else "made", "kind": "-",
        })  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return folder
