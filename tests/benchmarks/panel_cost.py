"""What a tree's panel costs, as JSON: ``bench_panel`` runs it in each of two trees, so it uses what both have."""

import json

import torch

from core.audio.clip import Clip, DecodeRecord
from core.runtime.probes import speechlike
from core.speed.timing import time_in_turns
from core.usecases import analyse_clip, load_panel

RATE = 16_000
MEMBER_S, VERDICT_S = 4.0, 10.0
REPEATS = 3


def main() -> None:
    """Time each member on one thread, then the verdict on two, both warm."""
    panel = load_panel()
    torch.set_num_threads(1)
    waveform = speechlike(round(MEMBER_S * RATE))
    members = {name: panel.detectors[name] for name in panel.members}
    for detector in members.values():
        detector.score(waveform)
    calls = {name: lambda detector=detector: detector.score(waveform) for name, detector in members.items()}
    taken = time_in_turns(calls, repeats=REPEATS)
    torch.set_num_threads(2)
    record = DecodeRecord("-", "-", RATE, 1, VERDICT_S, VERDICT_S)
    clip = Clip("made up", speechlike(round(VERDICT_S * RATE)), record)
    analyse_clip(clip, panel)
    verdict = time_in_turns({"verdict": lambda: analyse_clip(clip, panel)}, repeats=REPEATS)["verdict"]
    print(json.dumps({
        "members": {name: [one.cpu_s, one.wall_s] for name, one in taken.items()},
        "verdict": [verdict.cpu_s, verdict.wall_s],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
