"""What a visitor waits for when predictions are dropped: ``python -m tests.benchmarks.bench_imports_page``."""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from dashboard.imports.pane import Parts
from dashboard.imports.tab import ImportsTab, changed
from dashboard.imports.visit import Visit


def made(folder: Path, clips: int, files: int) -> list[Path]:
    """Write files of scores of the same clips, and their key."""
    rng = np.random.default_rng(0)
    real = rng.random(clips) < 0.1
    names = [f"LA_E_{at:07d}" for at in range(clips)]
    paths = []
    for number in range(files):
        scores = np.where(real, 2.0, -2.0) + rng.normal(scale=1.5, size=clips)
        paths.append(folder / f"detector-{number}.txt")
        paths[-1].write_text("".join(f"{name} {score:.6f}\n" for name, score in zip(names, scores, strict=True)))
    key = [f"spk{at % 60} {name} - {'-' if real[at] else f'A{at % 13:02d}'} {'bonafide' if real[at] else 'spoof'}\n"
           for at, name in enumerate(names)]  # fmt: skip
    (folder / "key.txt").write_text("".join(key))
    return [*paths, folder / "key.txt"]


def measured(paths: list[Path]) -> dict[str, tuple[float, float]]:
    """Return seconds on the clock, and of processors, of each step of the handler."""
    from dashboard.imports.pane import Parts as Components

    names = Components.__dataclass_fields__
    library = SimpleNamespace(entries=list, open=None, find=None)
    context: Any = SimpleNamespace(resources=SimpleNamespace(library=library), run=lambda choice: None)
    parts: Parts = SimpleNamespace(**{name: name for name in names})  # type: ignore[assignment]
    tab, visit, found = ImportsTab(context, parts), Visit(), {}
    uploads = [(str(path), path.name) for path in paths]
    steps: dict[str, Any] = {
        "read and settled": lambda: visit.change(changed("drop", "", uploads, Path)),
        "drawn": lambda: tab.draw(False, "", "", visit, "correlation of errors", "wrong by"),
        "sorted anew": lambda: tab.listed(visit, "all clips", "least confidence first", "any", "any"),
        "another page": lambda: tab.listed(visit, "all clips", "least confidence first", "any", "any", 40),
    }
    for name, step in steps.items():
        wall, processor = time.perf_counter(), time.process_time()
        step()
        found[name] = (time.perf_counter() - wall, time.process_time() - processor)
    return found


def main() -> None:
    """Measure both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="real files of scores and their protocol, instead of made-up ones")
    parser.add_argument("--clips", type=int, default=71_237)
    parser.add_argument("--files", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.folder is None:
            paths = made(Path(folder), asked.clips, asked.files)
        else:
            found = [path for path in sorted(asked.folder.iterdir()) if path.suffix == ".txt"]
            paths = [Path(shutil.copy(path, folder)) for path in found]
        for name, (wall, processor) in measured(paths).items():
            print(f"{name:18} {wall:6.2f} s on the clock, {processor:6.2f} s of processors")


if __name__ == "__main__":
    main()
