"""How often the default map of each member of the panel passes its faithfulness check.

``python -m tests.benchmarks.faithful_maps --corpus FOLDER`` draws clips of the corpus' ``eval``, takes their
first seconds and prints the table of ``docs/explanations.md``.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch

from core.analysis.format import rate, text_table
from core.analysis.shares import wilson
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.corpus.table import read_corpus
from core.usecases import explain_clip, load_panel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="Folder with its manifest.csv.")
    parser.add_argument("--bonafide", type=int, default=20, help="Clips of real speech.")
    parser.add_argument("--spoof", type=int, default=40, help="Spoofed clips.")
    parser.add_argument("--seconds", type=float, default=4.0, help="Of each clip, from its start.")
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    root, panel = asked.corpus, load_panel()
    frame = read_corpus(root / "manifest.csv", root, split="eval").frame
    table: list[dict[str, str]] = []
    for label, most in (("bonafide", asked.bonafide), ("spoof", asked.spoof)):
        drawn = frame[frame["label"] == label].sample(most, random_state=asked.seed)
        clips = [decode(root / path) for path in drawn["path"]]
        clips = [replace(clip, waveform=clip.waveform[: round(asked.seconds * SAMPLE_RATE)]) for clip in clips]
        for name, detector in panel.detectors.items():
            checks = [explain_clip(clip, detector).faithfulness for clip in clips]
            tested = [found for found in checks if found is not None and found.trials]
            passed = sum(found.faithful for found in tested)
            table.append({
                "detector": f"`{name}`", "clips": label, "n": str(most), "tested": str(len(tested)),
                "passed": f"{passed}: {rate(passed / len(tested), wilson(passed, len(tested)))}" if tested else "0",
            })  # fmt: skip
    print(text_table(pd.DataFrame(table), markdown=True))


if __name__ == "__main__":
    main()
