"""How far figures of a case differ by rounding: ``python -m tests.benchmarks.bench_rounding --corpus FOLDER``.

Cases of some real and spoofed clips of a corpus (``manifest.csv``) are made by each inference engine and number of
threads, in processes of their own, and compared as ``verify`` compares them. Prints the largest difference of each kind
of figure; ``--write docs/case.md`` keeps the table there. What a threshold decided counts as *text*.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from core.analysis.format import text_table
from core.case.archive import unpack
from core.case.folder import folders
from core.case.tolerance import TOLERANCE, Difference, differences, kind_of
from core.files import write_text
from core.results.report import between_markers

FIRST, *OTHERS = (("onnx", 2), ("onnx", 1), ("eager", 1))


def clips(corpus: Path, number: int) -> list[Path]:
    """Return so many clips of the split ``dev``, real and spoofed in turn, each of another voice or system."""
    table = pd.read_csv(corpus / "manifest.csv")
    table = table[(table["split"] == "dev") & table["seconds"].between(3, 10)]
    real = table[table["label"] == "bonafide"].drop_duplicates("speaker")["path"]
    spoofed = table[table["label"] == "spoof"].drop_duplicates("system")["path"]
    pairs = [path for pair in zip(real, spoofed, strict=False) for path in pair]
    return [corpus / path for path in pairs[:number]]


def made(paths: list[Path], out: Path, engine: str, threads: int) -> dict[str, bytes]:
    """Return the entries of the clips' case as one engine makes it on so many threads."""
    environment = {**os.environ, "SPOOFSCOPE_ENGINE": engine, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "core", "report", *map(str, paths), "-o", str(out)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return unpack(out.read_bytes())


def found(one: dict[str, bytes], other: dict[str, bytes]) -> Iterator[tuple[str, Difference]]:
    """Yield kind and difference of each figure that is not the same in two cases."""
    for folder, again in zip(folders(one), folders(other), strict=True):
        for name in folder.own:
            if not name.endswith(".svg"):
                for difference in differences(name, folder.read(name), again.read(name)):
                    yield kind_of(name, difference), difference


def main() -> None:
    """Make the cases, compare them, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--write", type=Path, help="replace what stands between the rounding markers of this file")
    asked = parser.parse_args()
    paths = clips(asked.corpus, asked.clips)
    with tempfile.TemporaryDirectory() as folder:
        cases = {setting: made(paths, Path(folder) / "case.zip", *setting) for setting in (FIRST, *OTHERS)}
    rows = []
    for setting in OTHERS:
        kinds = pd.DataFrame([(kind, one.size, str(one)) for kind, one in found(cases[FIRST], cases[setting])])
        row = {"computed by": f"{setting[0]}, {setting[1]} thread(s)"}
        for kind in (*TOLERANCE, "picture", "text"):
            some = kinds[kinds[0] == kind] if len(kinds) else kinds
            row[kind] = "0" if not len(some) else str(len(some)) if kind == "text" else f"{some[1].max():.2g}"
            if kind == "text":
                print("\n".join(some[2] if len(some) else []), file=sys.stderr)
        rows.append(row)
    content = text_table(pd.DataFrame(rows), markdown=True)
    print(content)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        write_text(asked.write, between_markers(text, content, what="rounding"))


if __name__ == "__main__":
    main()
