"""A made-up run of a million clips and eight detectors, written by the store's own writers and kept in a folder."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis.calibration import Calibration
from core.analysis.verdict import Decision
from core.files import sha256_bytes
from core.results.manifest import read_manifest, write_manifest
from core.results.parts import clips_digest, read_part, write_part

__all__ = ["made_run"]

_KINDS = ("tts", "vc", "vocoder", "codec")
_SPEECH = ("calm-read", "vivid", "spontaneous")
_DIMS = 32


def made_run(folder: Path, *, clips: int = 1_000_000, detectors: int = 8, seed: int = 0) -> Path:
    """Write a run of made-up clips and scores where there is none yet, and return its folder.

    Detectors are alike as far as the same clips are hard for all of them; each is worse on some systems and speakers.
    """
    if (folder / "manifest.json").is_file():
        read_manifest(folder)
        return folder
    rng = np.random.default_rng(seed)
    table = _clips(clips, rng)
    key = sha256_bytes(f"{clips} clips {seed}".encode())
    write_part(folder, key, {"problems": []}, {"clips.parquet": table})
    part = read_part(folder, key)
    assert part is not None
    hard, real = rng.normal(size=clips), (table["label"] == "bonafide").to_numpy()
    system = table["system"].astype("category").cat.codes.to_numpy()
    about = {}
    for number in range(detectors):
        name = f"detector-{number}"
        offsets = 0.8 * rng.normal(size=system.max() + 1)
        raw = np.where(real, 1.6, -1.6 - 0.1 * number) + 0.7 * hard + rng.normal(size=clips) + offsets[system]
        files = {
            "scores.parquet": pd.DataFrame({"raw": raw}), "windows.parquet": _windows(table, raw),
            "embeddings.npy": (rng.normal(size=(clips, _DIMS)) + raw[:, None] / 3).astype(np.float16),
        }  # fmt: skip
        own = sha256_bytes(f"{key} {name}".encode())
        note = {"clips": clips_digest(part), "embedding": {"dims": _DIMS, "reduced": None}, "embedding_dims": None}
        write_part(folder, own, note, files)
        about[name] = {
            "part": own, "digest": own, "architecture": "made-up", "weights_sha256": own, "calibrated": True,
            "calibration": Calibration(slope=1.0, intercept=0.1).to_json(), "seen_systems": ["system-000"],
            "decision": Decision().model_dump(mode="json"),
        }  # fmt: skip
    corpus = {"part": key, "digest": key, "split": None, "rows": clips, "audit": None}
    # What a run needs to be listed by the page.
    facts = {"corpus": corpus, "detectors": about, "fusion": None, "embedding_dims": None}
    write_manifest(folder, {**facts, "made": "2025-01-01T00:00:00+00:00", "versions": {}})
    return folder


def _clips(n: int, rng: np.random.Generator) -> pd.DataFrame:
    real = rng.random(n) < 0.4
    system = rng.integers(120, size=n)
    names = np.array([f"system-{i:03d}" for i in range(120)], dtype=object)
    source = rng.integers(40_000, size=n)
    sets = np.array([f"data set {i}" for i in range(12)], dtype=object)
    return pd.DataFrame({
        "path": [f"eval/{i // 1000:04d}/clip-{i:07d}.flac" for i in range(n)],
        "label": np.where(real, "bonafide", "spoof").astype(object), "system": np.where(real, "-", names[system]),
        "source": np.array([f"source-{i:05d}" for i in range(40_000)], dtype=object)[source],
        "speaker": np.array([f"speaker-{i:04d}" for i in range(2_000)], dtype=object)[source % 2_000],
        "dataset": sets[source % 12], "split": "eval",
        "part": np.where(rng.random(n) < 0.3, "published", "made").astype(object),
        "kind": np.where(real, np.array(_SPEECH, dtype=object)[rng.integers(3, size=n)],
                         np.array(_KINDS, dtype=object)[system % 4]),
        "language": np.array(["en", "de", "zh", "ja"], dtype=object)[source % 4], "seconds": rng.uniform(1, 8, n),
        "pitch_range_st": np.where(real, rng.gamma(4, 1, n), np.nan),
        "energy_sd_db": np.where(real, rng.normal(8, 2, n), np.nan),
    })  # fmt: skip


def _windows(table: pd.DataFrame, raw: np.ndarray) -> pd.DataFrame:
    ends = table["seconds"].clip(lower=4.0)
    return pd.DataFrame({
        "clip": np.arange(len(raw), dtype=np.int32), "start_s": ends - 4.0, "end_s": ends, "raw": raw,
    })  # fmt: skip
