"""A corpus so easy that it can be learnt in seconds."""

import numpy as np
import pandas as pd
import pytest
import soundfile


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Bona fide is noise with slow syllables, spoof the same with a 3 kHz tone in it."""
    root = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    rows = []
    for split, count in (("train", 12), ("dev", 8), ("eval", 8)):
        for i in range(2 * count):
            label = "bonafide" if i < count else "spoof"
            t = np.arange(24000) / 16000
            wave = rng.standard_normal(24000) * (1 + np.sin(2 * np.pi * 3 * t + i)) * 0.05
            wave += (label == "spoof") * 0.1 * np.sin(2 * np.pi * 3000 * t) * np.sin(2 * np.pi * 5 * t)
            path = f"{split}-{label}-{i}.wav"
            soundfile.write(root / path, wave, 16000, subtype="PCM_16")
            rows.append({
                "path": path, "label": label, "system": "tone" if label == "spoof" else "-",
                "source": f"{split}{i % count}",
                "speaker": f"{split}{i % 4}", "dataset": "made up", "licence": "none", "split": split, "part": "made",
                "kind": "vocoder" if label == "spoof" else "calm-read", "seconds": 1.5, "sha256": f"{split}{label}{i}",
            })  # fmt: skip
    pd.DataFrame(rows).to_csv(root / "manifest.csv", index=False)
    return root
