"""A reference run made of numbers: seeded, of a plausible shape, for tests of the views alone. It never ships."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.analysis.calibration import Calibration
from core.analysis.fusion import Combination
from core.analysis.verdict import Decision
from core.files import sha256_bytes
from core.fusion import Fusion
from core.results.manifest import write_manifest
from core.results.parts import clips_digest, read_part, write_part
from core.results.store import Run, read_run

DETECTORS = {"aasist": 2.6, "cae-lfcc": 0.9, "cnn2d-lfcc": 2.2, "resnet18-mel": 1.9}
#: Many detectors and how well each tells speech from spoof; those named in ``PANEL`` have a say.
CROWD = {
    "aasist": 2.6, "cae-lfcc": 0.9, "cnn2d-lfcc": 2.2, "cnn1d-wrong-axis": 0.2, "crnn": 1.6, "ecapa-tdnn": 2.4,
    "embedding-density": 0.7, "lcnn-lfcc": 2.3, "meanpool-mlp": 0.5, "patchcnn-phase": 1.1, "patchcnn-spec": 1.4,
    "rawgat-st": 2.0, "rawnet2": 1.8, "resnet18-mel": 1.9, "resnet18-ocsoftmax": 2.1, "statspool-mlp": 0.8,
}  # fmt: skip
PANEL = ("aasist", "cnn2d-lfcc", "ecapa-tdnn", "lcnn-lfcc", "rawgat-st", "rawnet2", "resnet18-ocsoftmax")
KINDS = {
    "griffinlim": "vocoder", "world-vc": "vc", "espeak-ng": "tts", "lpc": "vocoder", "neural-nsf": "vocoder",
    "hifi-gan-v1": "vocoder", "vits2": "tts", "encodec-6kbps": "codec",
}  # fmt: skip
SEEN = ("griffinlim", "world-vc", "espeak-ng")
PUBLISHED = ("hifi-gan-v1", "vits2", "encodec-6kbps")


def synthetic_clips(n: int = 200, *, seed: int = 7) -> pd.DataFrame:
    """Return ``n`` clips, 4 in 10 bona fide, over eight systems and two parts of the corpus."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        real = rng.random() < 0.4
        system = "-" if real else str(rng.choice(list(KINDS)))
        published = rng.random() < 0.25 if real else system in PUBLISHED
        kind = str(rng.choice(["calm-read", "vivid", "spontaneous"], p=[0.8, 0.1, 0.1])) if real else KINDS[system]
        label = "bonafide" if real else "spoof"
        rows.append({
            "path": f"eval/{label}/clip-{number:04d}.flac", "label": label, "system": system,
            "source": f"src-{number // 2:03d}", "speaker": f"libri/{number % 23}", "dataset": "LibriSpeech",
            "split": "eval", "part": "published" if published else "made", "kind": kind,
            "seconds": float(rng.uniform(2, 6)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def synthetic_run(
    folder: Path, clips: pd.DataFrame | None = None, *, detectors: Mapping[str, float] = DETECTORS,
    members: Sequence[str] | None = None, seed: int = 7,
) -> Run:  # fmt: skip
    """Write and read a run of detectors that agree as far as the same clips are hard for all of them.

    Parameters
    ----------
    folder : Path
        Where the run is written.
    clips : DataFrame, optional
        Its clips; 200 synthetic ones when not given.
    detectors : mapping of str to float
        Names, and how far apart each puts the classes.
    members : sequence of str, optional
        Those whose mean is the panel's score; all when not given.
    seed : int
    """
    rng = np.random.default_rng(seed)
    clips = synthetic_clips(seed=seed) if clips is None else clips
    n, real = len(clips), (clips["label"] == "bonafide").to_numpy()
    part, keys = _key(clips.to_json()), {name: _key(f"{name} {seed}") for name in detectors}
    write_part(folder, part, {"problems": []}, {"clips.parquet": clips})
    stored = read_part(folder, part)
    assert stored is not None
    hard = rng.normal(size=n)
    for number, (name, strength) in enumerate(detectors.items()):
        raw = strength * (np.where(real, 1.0, -1.0) + 0.6 * hard + rng.normal(scale=0.8, size=n)) / 3
        centre = np.where(real[:, None], 1.0, -1.0) * np.linspace(1, 0, 12)
        vectors = (centre + rng.normal(scale=0.7 + 0.2 * (number % 4), size=(n, 12))).astype(np.float16)
        files = {"scores.parquet": pd.DataFrame({"raw": raw}), "windows.parquet": _windows(raw),
                 "embeddings.npy": vectors}  # fmt: skip
        about = {"clips": clips_digest(stored), "embedding": {"dims": 12, "reduced": None}}
        write_part(folder, keys[name], about, files | ({"errors.parquet": _errors(real)} if name == "cae-lfcc" else {}))
    write_manifest(folder, _manifest(n, part, keys, members))
    return read_run(folder)


def _key(text: str) -> str:
    return sha256_bytes(text.encode())


def _windows(raw: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"clip": np.arange(len(raw), dtype=np.int32), "start_s": 0.0, "end_s": 4.0, "raw": raw})


def _errors(real: np.ndarray) -> pd.DataFrame:
    base = np.exp(np.random.default_rng(3).normal(-0.6 + 0.3 * real, 0.3))
    bands = pd.DataFrame({"static": base, "delta": base * 1.2, "delta-delta": base * 1.6})
    bands.insert(0, "total", bands.mean(axis=1))
    return bands


def _manifest(n: int, part: str, keys: Mapping[str, str], members: Sequence[str] | None) -> dict[str, Any]:
    about = {
        "digest": "d" * 64, "weights_sha256": "w" * 64, "architecture": "cnn2d-lfcc", "calibrated": True,
        "calibration": {"slope": 3.0, "intercept": 0.0}, "decision": Decision().model_dump(mode="json"),
        "seen_systems": list(SEEN),
    }  # fmt: skip
    weights = {name: 1 / len(members) for name in members} if members else {}
    fusion = Fusion(Combination(weights), Calibration(1.0, 0.0), Decision(), basis="made-up clips")
    return {
        "corpus": {"part": part, "digest": "c" * 64, "split": "eval", "rows": n, "audit": None},
        "detectors": {name: {"part": key, **about} for name, key in keys.items()},
        "fusion": fusion.to_json() if members else None, "embedding_dims": None,
        "made": "2026-01-01T00:00:00+00:00", "versions": {"numpy": "2"},
    }  # fmt: skip
