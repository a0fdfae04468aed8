"""What it costs to read files of predictions and to put them beside each other, and what pandas alone would cost.

``python -m tests.benchmarks.bench_panel_files [--clips N] [--detectors D] [--folder FOLDER]`` writes D made-up files of
N clips (or takes the files of a folder, the one with ``trl`` in its name as protocol) and prints seconds by the clock
and by the processor: of the command's own steps in this process, and of reading, joining and ranking by pandas, one
after the other in one run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

__all__ = ["main", "pandas_way", "panel_way", "write_files"]

Step = Callable[[str], None]


def write_files(folder: Path, *, clips: int, detectors: int, seed: int = 0) -> tuple[list[Path], Path]:
    """Write a protocol and a file a detector and return their paths; every second file has rows in another order."""
    rng = np.random.default_rng(seed)
    ids = [f"E_{n:010d}" for n in range(clips)]
    real = rng.random(clips) < 0.2
    key = folder / "key.trl.txt"
    key.write_text("".join(f"S_{n % 700} {name} - {'-' if is_real else f'A{n % 13:02d}'} "
                           f"{'bonafide' if is_real else 'spoof'}\n"
                           for n, (name, is_real) in enumerate(zip(ids, real.tolist(), strict=True))))  # fmt: skip
    files = []
    for place in range(detectors):
        scores = (-1) ** place * (np.where(real, 2.0, -2.0) + 1.5 * rng.normal(size=clips))
        order = rng.permutation(clips) if place % 2 else np.arange(clips)
        path = folder / f"detector{place}.csv"
        path.write_text("id,score\n" + "".join(f"{ids[n]},{scores[n]:.6f}\n" for n in order.tolist()))
        files.append(path)
    return files, key


@contextmanager
def measured(what: str, rows: list[tuple[str, float, float]]) -> Iterator[None]:
    """Add seconds by the clock and by the processor to ``rows``."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    rows.append((what, time.perf_counter() - clock, time.process_time() - processor))


def panel_way(files: list[Path], key: Path, rows: list[tuple[str, float, float]]) -> int:
    """Run the steps of ``python -m core panel`` and return how many clips are split."""
    with measured("panel: import", rows):
        from core.predictions.figures import panel_figures
        from core.predictions.panel import assemble
        from core.predictions.predictions import read_predictions
        from core.predictions.protocol import read_protocol
        from core.predictions.report import as_text
    with measured("panel: read", rows):
        read = [read_predictions(path) for path in files]
        protocol = read_protocol(key, read[0].ids)
    with measured("panel: match and settle", rows):
        panel = assemble(read, protocol=protocol)
    with measured("panel: figures", rows):
        figures = panel_figures(panel)
    with measured("panel: show", rows):
        as_text(panel, figures)
    return len(figures.split)


def pandas_way(files: list[Path], rows: list[tuple[str, float, float]]) -> int:
    """Read the files with pandas, join them by id, correlate ranks, and return how many rows were joined."""
    with measured("pandas: import", rows):
        import pandas as pd
    with measured("pandas: read", rows):
        tables = []
        for path in files:
            blanks = path.suffix == ".txt"
            table = pd.read_csv(path, sep=" " if blanks else ",", header=None if blanks else 0)
            tables.append(table.set_index(table.columns[0])[table.columns[-1]].rename(path.stem))
    with measured("pandas: join", rows):
        joined = pd.concat(tables, axis=1, join="inner")
    with measured("pandas: rank and correlate", rows):
        joined.rank().corr()
    return len(joined)


def main() -> None:
    """Print a row a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1_000_000)
    parser.add_argument("--detectors", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="files of predictions and a protocol to measure instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        if asked.folder:
            texts = sorted(asked.folder.glob("*.txt"))
            key = next(path for path in texts if "trl" in path.name)
            files = [path for path in texts if path != key]
        else:
            files, key = write_files(Path(made), clips=asked.clips, detectors=asked.detectors)
        rows: list[tuple[str, float, float]] = []
        split, joined = panel_way(files, key, rows), pandas_way(files, rows)
    print(f"{joined:,} clips, {len(files)} files, {split:,} split")
    for way in ("panel", "pandas"):
        own = [row for row in rows if row[0].startswith(way)]
        for what, clock, processor in [*own, (f"{way}: together", *(sum(r[at] for r in own) for at in (1, 2)))]:
            print(f"{what:<28} {clock:7.2f} s  {processor:7.2f} s of processor")


if __name__ == "__main__":
    main()
