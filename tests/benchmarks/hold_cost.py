"""What *Does it hold?* and *What would change it?* cost in the tree that is on the path: a line of JSON a turn.

``bench_hold`` runs it in two trees at once and lets them measure in turns: for each line that comes in, both are tried
once on each clip, as the page does, which knows the scores already. Arguments: waveforms (.npy), named by their files.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.panel import load_panel
from core.robustness import QUICK, does_it_hold, smallest_flip


def timed(work: Callable[[], str]) -> dict[str, Any]:
    """Return what came of some work, and its seconds by the clock and computed."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return {"found": found, "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def main() -> None:
    """Warm up, then measure once for each line that comes in."""
    torch.set_num_threads(2)
    panel = load_panel()
    clips = {Path(path).stem: np.load(path) for path in sys.argv[1:]}
    scores = {name: panel.score(waveform) for name, waveform in clips.items()}
    # Builds from before it took the known scores computed them again.
    takes_scores = "scores" in signature(smallest_flip).parameters

    def hold(name: str) -> str:
        known = {member: own.score for member, own in scores[name].items()}
        held = does_it_hold(panel, clips[name], names=QUICK, scores=known)
        return f"{sum(each.panel is not None and each.panel.holds for each in held)} of {len(held)} hold"

    def flip(name: str) -> str:
        found = smallest_flip(panel, clips[name], **({"scores": scores[name]} if takes_scores else {}))
        return f"at {100 * found.energy_share:.0f} %" if found.found else "none"

    def measured() -> dict[str, Any]:
        works = (("Does it hold?", hold), ("What would change it?", flip))
        return {f"{what} {name}": timed(partial(work, name)) for what, work in works for name in clips}

    print(json.dumps(measured()), flush=True)
    for _ in sys.stdin:
        print(json.dumps(measured()), flush=True)


if __name__ == "__main__":
    main()
