"""A reference run made of numbers: seeded, of a plausible shape, for tests of the views alone. It never ships."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis.verdict import Decision
from core.results.store import Run, read_run, write_run

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


def _said(paths: pd.Series, name: str, llr: np.ndarray) -> pd.DataFrame:
    verdicts = [Decision().verdict(float(value)) for value in llr]
    return pd.DataFrame(
        {"path": paths, "detector": name, "score": llr, "p_spoof": 1 / (1 + np.exp(llr)), "verdict": verdicts}
    )


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
    hard = rng.normal(size=n)
    scores, windows, vectors = [], [], {}
    for number, (name, strength) in enumerate(detectors.items()):
        llr = strength * (np.where(real, 1.0, -1.0) + 0.6 * hard + rng.normal(scale=0.8, size=n))
        scores.append(_said(clips["path"], name, llr).assign(raw=llr / 3))
        windows.append(pd.DataFrame({"path": clips["path"], "detector": name, "start_s": 0.0, "end_s": 4.0,
                                     "raw": llr / 3, "score": llr}))  # fmt: skip
        centre = np.where(real[:, None], 1.0, -1.0) * np.linspace(1, 0, 12)
        vectors[name] = (centre + rng.normal(scale=0.7 + 0.2 * (number % 4), size=(n, 12))).astype(np.float16)
    base = np.exp(rng.normal(-0.6 + 0.3 * real, 0.3))
    bands = {"static": base, "delta": base * 1.2, "delta-delta": base * 1.6}
    errors = pd.DataFrame({"path": clips["path"], "detector": "cae-lfcc", **bands})
    errors.insert(2, "total", errors[["static", "delta", "delta-delta"]].mean(axis=1))
    about = {
        "digest": "d" * 64, "weights_sha256": "w" * 64, "architecture": "cnn2d-lfcc", "calibrated": True,
        "calibration": {"slope": 3.0, "intercept": 0.0}, "decision": Decision().model_dump(mode="json"),
        "seen_systems": list(SEEN), "embedding": {"dims": 12, "reduced": None},
    }  # fmt: skip
    manifest = {
        "digest": "r" * 64, "made": "2026-01-01T00:00:00+00:00", "problems": [],
        "fusion": {"members": dict.fromkeys(members, 1.0), "basis": "made-up clips"} if members else None,
        "versions": {"numpy": "2"},
        "corpus": {"digest": "c" * 64, "split": "eval", "rows": n, "heard": n},
        "detectors": dict.fromkeys(detectors, about), "decision": Decision().model_dump(mode="json"),
    }  # fmt: skip
    fused = np.mean([t["score"].to_numpy() for t in scores if t["detector"].iloc[0] in (members or detectors)], axis=0)
    write_run(
        folder, manifest=manifest, clips=clips, scores=pd.concat(scores, ignore_index=True),
        panel=_said(clips["path"], "panel", fused), windows=pd.concat(windows, ignore_index=True), embeddings=vectors,
        errors=errors,
    )  # fmt: skip
    return read_run(folder)
