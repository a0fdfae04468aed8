"""A folder of recordings to make spoofs from, and text-to-speech programs that only pretend."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 16000

# Writes a tone as long as its text to the file after -w or -o, and beside itself what it was asked for.
PRETENDER = """#!{python}
import json, pathlib, struct, sys, wave
arguments = sys.argv[1:]
words = [a for a in arguments if a.endswith("text.txt")][0]
text = pathlib.Path(words).read_text(encoding="utf-8")
with open(__file__ + ".log", "a") as log:
    log.write(json.dumps([arguments, text]) + "\\n")
if "fail" in text:
    sys.exit("no such voice")
flag = "-w" if "-w" in arguments else "-o"
with wave.open(arguments[arguments.index(flag) + 1], "wb") as sound:
    sound.setparams((1, 2, 22050, 0, "NONE", ""))
    n = 22050 * 2 + 300 * len(text) + 7 * sum(map(ord, "".join(arguments[:6])))
    sound.writeframes(b"".join(struct.pack("<h", (i * 37) % 8000 - 4000) for i in range(n)))
"""


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, speech_source: np.ndarray) -> Path:
    """Three recordings at different depths and in different formats, and one file that is none; not to be changed."""
    folder = tmp_path_factory.mktemp("recorded") / "my voice"
    for number, name in enumerate(("One.wav", "calls/two.flac", "calls/old/three.ogg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, speech_source[number * RATE : number * RATE + int(1.8 * RATE)], RATE)
    (folder / "broken.wav").write_bytes(b"RIFF but no sound")
    (folder / "notes.txt").write_text("not a recording")
    return folder


@pytest.fixture
def mine(recorded: Path, tmp_path: Path) -> Path:
    """The test's own copy of the recordings."""
    return Path(shutil.copytree(recorded, tmp_path / "my voice"))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, with pretending ``espeak-ng``, ``flite`` and ``text2wave``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("espeak-ng", "flite", "text2wave"):
        (folder / name).write_text(PRETENDER.format(python=sys.executable))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder
