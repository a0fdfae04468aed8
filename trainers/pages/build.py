"""From clones to a corpus: each page becomes a folder that appears when it is whole, and the manifest stands last."""

import csv
import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, astuple, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.corpus.manifest import manifest_csv
from core.corpus.reader import Row
from core.errors import AudioError, CorpusError
from core.files import atomic_folder, sha256_bytes, sha256_json, write_bytes, write_json
from core.progress import Reporter
from trainers.pages.clones import Clone, check_git, find_clone
from trainers.pages.cut import cut_clip
from trainers.pages.table import PARTLY_FAKE, PageClip
from trainers.spoofing.path import flac_bytes

__all__ = ["MANIFEST", "RECORD", "STRETCHES", "Built", "Missing", "build_pages"]

MANIFEST, RECORD, STRETCHES = "manifest.csv", "pages.json", "partly-fake.csv"
LICENCE = "published demonstration sample"

# Raised when the same clones would give other clips: pages that were built before are built anew.
_PATH = 1
_PAGE = "page.json"


@dataclass(frozen=True)
class Missing:
    """What is not in the corpus: a clone, a commit or a file of one, and why."""

    what: str
    why: str
    clips: int = 1


@dataclass
class Built:
    """The rows of the corpus, in the table's order, and what is missing from it."""

    rows: list[Row] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


@dataclass(frozen=True)
class _Page:
    """A page's share of the work."""

    repo: str
    clips: tuple[PageClip, ...]
    git_dir: Path | None
    folder: Path

    @property
    def key(self) -> str:
        """Digest of all that decides the page's files, but for its clone."""
        return sha256_json([_PATH, [astuple(clip) for clip in self.clips]])


@dataclass(frozen=True)
class _Made:
    """What became of a page: what was written of each clip by its id, and what is missing."""

    page: _Page
    written: dict[str, dict[str, Any]]
    missing: list[Missing]


def build_pages(
    clips: Sequence[PageClip], clones: Path, out: Path, *, workers: int = 1, report: Reporter | None = None
) -> Built:
    """Build a corpus of the clips that the clones hold.

    A page that was built whole before, from the same rows of the table, is kept as it is, so that an interrupted call
    goes on where it was; the manifest is written last. The same clones give the same bytes, whatever the number of
    workers.

    Parameters
    ----------
    clips : sequence of PageClip
    clones : Path
        Folder of the clones (:func:`trainers.pages.clones.find_clone`).
    out : Path
        The corpus' folder.
    workers : int
        Processes that read, decode and write.
    report : Reporter, optional
        Takes how many clips of how many are done.

    Raises
    ------
    CorpusError
        When there is no git, ``out`` holds something else, or not one clip could be built.
    """
    check_git()
    _claim(out)
    groups: dict[str, list[PageClip]] = defaultdict(list)
    for clip in clips:
        groups[clip.repo].append(clip)
    pages = [
        _Page(repo, tuple(group), find_clone(clones, repo), out / repo.replace("/", "+"))
        for repo, group in groups.items()
    ]
    made: dict[str, _Made] = {}
    done = 0
    for one in _run(pages, workers):
        made[one.page.repo] = one
        done += len(one.page.clips)
        if report is not None:
            report(done, len(clips))
    return _finish(clips, made, out, clones)


def _claim(out: Path) -> None:
    """Make the folder ours, or refuse it where it holds something else."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / RECORD).is_file())):
        raise CorpusError(f"{out} exists and was not made by this command (it has no {RECORD}): choose another folder.")
    write_json(out / RECORD, {"made_by": "python -m trainers pages", "path": _PATH})


def _run(pages: Sequence[_Page], workers: int) -> Iterator[_Made]:
    if workers <= 1:
        yield from map(_make, pages)
        return
    # Spawned: a fork would copy the decoder's threads in the midst of their work. The largest pages first, so that no
    # worker is left with one in the end.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            ordered = sorted(pages, key=lambda page: -len(page.clips))
            for future in as_completed([pool.submit(_make, page) for page in ordered]):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _make(page: _Page) -> _Made:
    """Build one page's folder, unless it is there."""
    if (found := _built_before(page)) is not None:
        return _Made(page, found, [])
    if page.git_dir is None:
        return _Made(page, {}, [Missing(page.repo, "there is no clone of it", len(page.clips))])
    with Clone(page.git_dir) as clone, atomic_folder(page.folder, overwrite=True) as folder:
        written, missing = _write(page, clone, folder)
        write_json(folder / _PAGE, {"key": page.key, "clips": written})
    return _Made(page, written, missing)


def _built_before(page: _Page) -> dict[str, dict[str, Any]] | None:
    try:
        record = json.loads((page.folder / _PAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = record.get("key") == page.key and set(record["clips"]) == {clip.id for clip in page.clips}
    if whole and all((page.folder / f"{clip.id}.flac").is_file() for clip in page.clips):
        return dict(record["clips"])
    return None


def _write(page: _Page, clone: Clone, folder: Path) -> tuple[dict[str, dict[str, Any]], list[Missing]]:
    commits = {commit: clone.has(commit) for commit in {clip.commit for clip in page.clips}}
    written: dict[str, dict[str, Any]] = {}
    missing = []
    for commit in sorted(commit for commit, there in commits.items() if not there):
        count = sum(clip.commit == commit for clip in page.clips)
        missing.append(Missing(page.repo, f"its clone lacks the commit {commit}: fetch it", count))
    for clip in page.clips:
        if not commits[clip.commit]:
            continue
        try:
            content, facts = _clip(clip, clone)
        except AudioError as error:
            missing.append(Missing(f"{clip.id}, {page.repo}: {clip.path}", str(error)))
            continue
        (folder / f"{clip.id}.flac").write_bytes(content)
        written[clip.id] = facts
    return written, missing


def _clip(clip: PageClip, clone: Clone) -> tuple[bytes, dict[str, Any]]:
    """Return a clip as a FLAC file, and what the manifest holds of it."""
    blob = clone.read(clip.commit, clip.path)
    if blob is None:
        raise AudioError("there is no such file at the commit.")
    with tempfile.TemporaryDirectory(prefix="spoofscope-") as folder:
        file = Path(folder) / "recording"
        file.write_bytes(blob)
        waveform = decode(file, name=Path(clip.path).name).waveform
    cut = cut_clip(waveform, *clip.cut)
    content = flac_bytes(cut.waveform)
    seconds = len(cut.waveform) / SAMPLE_RATE
    facts: dict[str, Any] = {"seconds": f"{seconds:.3f}", "sha256": sha256_bytes(content)}
    if clip.synthetic:
        times = [[start - cut.start_s, end - cut.start_s] for start, end in clip.synthetic]
        facts["synthetic"] = [[round(min(max(time, 0.0), seconds), 3) for time in stretch] for stretch in times]
    return content, facts


def _finish(clips: Iterable[PageClip], made: dict[str, _Made], out: Path, clones: Path) -> Built:
    built = Built(missing=[missing for _, one in sorted(made.items()) for missing in one.missing])
    stretches = []
    for clip in clips:
        facts = made[clip.repo].written.get(clip.id)
        if facts is None:
            continue
        row = _row(clip, facts)
        built.rows.append(row)
        stretches += [(row.path, f"{start:.3f}", f"{end:.3f}") for start, end in facts.get("synthetic", [])]
    if not built.rows:
        raise CorpusError(
            f"Not one clip could be built from {clones}: it has to hold clones of the repositories as OWNER+NAME or "
            "OWNER+NAME/repo."
        )
    write_bytes(out / STRETCHES, _csv([("path", "start_s", "end_s"), *stretches]))
    write_bytes(out / MANIFEST, manifest_csv(built.rows))
    return built


def _row(clip: PageClip, facts: dict[str, Any]) -> Row:
    known = {name: value or "-" for name, value in asdict(clip).items()}
    return Row(
        path=f"{clip.repo.replace('/', '+')}/{clip.id}.flac", label=clip.label, system=known["system"],
        source=f"pages/{clip.repo}/{clip.id}", speaker=clip.speaker or f"pages/{clip.repo}",
        dataset=clip.dataset or clip.repo, licence=LICENCE, split=PARTLY_FAKE if clip.synthetic else clip.split,
        seconds=facts["seconds"], sha256=facts["sha256"], part="published", kind=known["kind"],
        language=known["language"], page=clip.repo,
    )  # fmt: skip


def _csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
