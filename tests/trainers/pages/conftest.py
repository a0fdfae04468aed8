"""Tiny repositories, made with git itself, and a table of clips in them."""

import csv
import os
import subprocess
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.clip import SAMPLE_RATE
from trainers.pages.table import PageClip

Repository = Callable[[Path, dict[str, bytes]], str]
_IDENTITY = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(*arguments: str, folder: Path) -> str:
    """Run git in a folder and return what it printed."""
    environment = {**os.environ, **_IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, bytes]) -> str:
    """Write files into a repository, made where it is not there, and return the commit that has them."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git("init", "-q", folder=folder)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    git("add", "-A", folder=folder)
    git("commit", "-q", "-m", "files", folder=folder)
    return git("rev-parse", "HEAD", folder=folder)


def page_clip(name: str, commit: str, path: str, **more: str) -> PageClip:
    """Return a row of the table, real speech of ``owner/one`` if nothing else is given."""
    cells = dict.fromkeys((field.name for field in fields(PageClip)), "")
    given = {"id": name, "commit": commit, "path": path, "repo": "owner/one", "split": "train", "label": "bonafide"}
    return PageClip(**(cells | given | more))


def write_table(path: Path, clips: list[PageClip]) -> Path:
    """Write rows as a table."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(PageClip)])
        writer.writeheader()
        writer.writerows(map(asdict, clips))
    return path


@pytest.fixture(scope="session")
def clones(tmp_path_factory: pytest.TempPathFactory, speech_source: np.ndarray) -> tuple[Path, list[PageClip]]:
    """Clones of three repositories, each laid out otherwise, and the table of their clips."""
    folder = tmp_path_factory.mktemp("pages")

    def sound(suffix: str, waveform: np.ndarray, rate: int = SAMPLE_RATE) -> bytes:
        soundfile.write(folder / f"sound.{suffix}", waveform, rate)
        return (folder / f"sound.{suffix}").read_bytes()

    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    stereo = np.stack([speech_source, 0.5 * speech_source], axis=1)
    first = commit(folder / "clones/owner+one/repo", {
        "real voice.wav": sound("wav", 0.1 * np.concatenate([quiet, speech_source, quiet])),
        "fake/ü.flac": sound("flac", stereo),
        "text.wav": b"no sound at all",
    })  # fmt: skip
    commit(folder / "clones/owner+one/repo", {"fake/ü.flac": b"replaced in a later commit"})
    second = commit(folder / "work/two", {"a.mp3": sound("mp3", speech_source[: 3 * SAMPLE_RATE], 16_000)})
    git("clone", "-q", "--bare", str(folder / "work/two"), str(folder / "clones/owner+two"), folder=folder)
    third = commit(folder / "clones/owner+three", {"edited.wav": sound("wav", np.concatenate([quiet, speech_source]))})
    note = "partially fake (cut/paste): 1.00-1.50, 2.25-2.75 s synthetic, rest bona fide; times measured"
    return folder / "clones", [
        page_clip("r1", first, "real voice.wav", kind="vivid", language="de", speaker="ann", dataset="VCTK"),
        page_clip("f1", first, "fake/ü.flac", label="spoof", system="x-tts", kind="tts", start_s="1.0", end_s="3.0"),
        page_clip("f2", second, "a.mp3", repo="owner/two", label="spoof", system="y-vc", kind="vc", split="dev"),
        page_clip("p1", third, "edited.wav", repo="owner/three", label="spoof", system="cut", kind="tts", note=note),
    ]
