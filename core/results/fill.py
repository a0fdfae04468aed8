"""Filling a run: what is asked for and not there is scored, nothing else, and nothing twice."""

import importlib.metadata
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ResultsError, ScoringError, WorkerDiedError
from core.files import alone
from core.results.clip_worker import clip_item, clip_work
from core.results.clips import clips_of
from core.results.journal import Journal
from core.results.keys import clips_key, detector_digest, detector_facts, part_key
from core.results.manifest import write_manifest
from core.results.measured import measured_key, write_measured
from core.results.needs import Needs, check_space, remember_costs
from core.results.parts import Part, clips_digest, part_folder, read_part, write_part
from core.results.resuming import journals_of, known_manifest, settled_dims
from core.results.rows import score_files
from core.results.store import PROSODY_COLUMNS, Run, read_run
from core.scoring.base import Executor, Item
from core.scoring.executors.local import Local

if TYPE_CHECKING:
    from core.corpus.table import Corpus
    from core.detectors.card import Card
    from core.panel import Panel

__all__ = ["Tally", "score_corpus"]

# Clips from which on it is kept what they took.
_TELLING = 20


@dataclass(frozen=True)
class Tally:
    """What a call had to do: clips that were scored, with how many detectors, and the scores that were there."""

    clips: int
    detectors: int
    found: int


@dataclass(frozen=True)
class _Task:
    """A detector whose part is not there yet."""

    key: str
    card: "Card"
    folder: Path
    journal: Journal


def score_corpus(
    corpus: "Corpus", panel: "Panel", folder: Path | str, *, split: str | None = None,
    embedding_dims: int | None = None, overwrite: bool = False, progress: Callable[[int, int], None] | None = None,
    tally: Callable[[Tally], None] | None = None, audited: dict[str, Any] | None = None,
    executor: Executor | None = None, needs: Callable[[Needs], None] | None = None,
) -> Run:  # fmt: skip
    """Score a corpus with the detectors of a panel, as far as the run does not hold their scores, and return the run.

    Clips that cannot be decoded are listed and the rest is scored. What is known of a clip is on the disk as soon as
    its worker has sent it: a call that was killed goes on where it stopped and ends the same; so does one whose
    workers are.

    Parameters
    ----------
    corpus : Corpus
    panel : Panel
    folder : Path or str
        Of the run; it may hold scores of other detectors, which stay there.
    split : str, optional
        The split that ``corpus`` holds.
    embedding_dims : int, optional
        Embeddings wider than this are reduced by a PCA fitted on this run, and all are stored as float16. Settled
        when the run is made; a detector that comes later follows.
    overwrite : bool
        Let the folder hold this corpus and these detectors alone; parts of them that are there and intact stay.
    progress : callable, optional
        Called with the clips done and the clips to do.
    tally : callable, optional
        Called once, at the end, with what was done and what was there.
    audited : dict, optional
        What an audit of the whole corpus found (``AuditReport.summary``), kept in the manifest.
    executor : Executor, optional
        Where clips are scored (``core.scoring``); in this process, one after the other, where none is given.
    needs : callable, optional
        Called before the first clip, where there is one, with the space and time that will be needed.

    Returns
    -------
    Run
        Of the detectors of the panel, whatever else the folder holds.

    Raises
    ------
    ResultsError
        When ``folder`` holds another corpus or is damaged, another process is filling it, the disk is too small, or not
        one clip could be decoded.
    ScoringError
        When a detector fails, or workers cannot be kept alive.
    """
    folder = Path(folder)
    # Two that fill one run would remove each other's journals, and each would leave the other out of the manifest.
    with alone(folder.parent / f".{folder.name}.spoofscope-lock") as mine:
        if not mine:
            raise ResultsError(f"Another process is filling {folder}: wait for it, or choose another folder.")
        filling = _Filling(corpus, panel, folder, split=split, dims=embedding_dims, overwrite=overwrite)
        filling.score(executor or Local(), progress, needs)
        if tally is not None:
            tally(filling.tally)
        filling.write_parts()
        filling.write_manifest(audited)
        return read_run(folder).only(list(panel.detectors))


class _Filling:
    """One call of ``score_corpus``: which parts are there, and the journals of those that are not."""

    def __init__(
        self, corpus: "Corpus", panel: "Panel", folder: Path, *, split: str | None, dims: int | None, overwrite: bool
    ) -> None:
        # The audit may want a path that stands in two splits; here each clip is scored once.
        self.corpus = replace(corpus, frame=corpus.frame.drop_duplicates("path").reset_index(drop=True))
        self.panel, self.folder, self.split, self.overwrite = panel, folder, split, overwrite
        self.key = clips_key(self.corpus, split=split)
        self.known = known_manifest(folder, self.key, overwrite=overwrite)
        self.dims = settled_dims(folder, self.known, dims, overwrite=overwrite)
        self.journals = journals_of(folder)
        self.clip_part = self._part(self.key)
        if self.clip_part is None and self.known is not None and not overwrite:
            raise ResultsError(f"{part_folder(folder, self.key)} is missing: restore it, or use --overwrite.")
        self.clip_journal = self._journal(self.key)
        self.measured_key = measured_key(self.key)
        self.is_measured = self._belongs(self._part(self.measured_key))
        self.measured_journal = self._journal(self.measured_key)
        self.keys = {name: part_key(self.key, panel.card(name)) for name in panel.detectors}
        self.there = {key for key in self.keys.values() if self._has_scores(key)}
        # By key: two names of one detector are scored once.
        self.tasks = {
            key: _Task(key, panel.card(name), panel.folder(name), self._journal(key))
            for name, key in self.keys.items()
            if key not in self.there
        }
        self.tally = Tally(0, 0, 0)
        self.computed_s: Counter[str] = Counter()
        self.sound_s = 0.0

    def _journal(self, key: str) -> Journal:
        return Journal(self.journals / f"{key[:16]}.jsonl")

    def _part(self, key: str) -> Part | None:
        try:
            part = read_part(self.folder, key)
            if part is not None and self.overwrite:
                part.verify()
        except ResultsError:
            if self.overwrite:
                return None
            raise
        return part

    def _belongs(self, part: Part | None) -> bool:
        clips = self.clip_part
        return part is not None and clips is not None and part.about["clips"] == clips_digest(clips)

    def _has_scores(self, key: str) -> bool:
        part = self._part(key)
        return self._belongs(part) and part is not None and part.about["embedding_dims"] == self.dims

    def score(
        self, executor: Executor, progress: Callable[[int, int], None] | None, needs: Callable[[Needs], None] | None
    ) -> None:
        """Score what is missing; what is known of a clip is kept as soon as it comes."""
        todo = list(self._todo())
        scored = {task.key for path in todo for task in self._wanted(path)}
        n_clips = len(self.corpus.frame) if self.clip_part is None else _n_clips(self.clip_part)
        found = n_clips * len(self.there) + sum(len(task.journal.paths) for task in self.tasks.values())
        self.tally = Tally(len(todo), len(scored), found)
        if todo:
            self._check_needs(todo, scored, executor.workers, needs)
        if progress is not None:
            progress(0, len(todo))
        work = clip_work({key: (task.folder, task.card) for key, task in self.tasks.items()})
        for done, (item, result) in enumerate(executor.map(work, self._items(todo)), start=1):
            self._keep(item["path"], result)
            if progress is not None:
                progress(done, len(todo))
        self._remember_costs(len(todo))

    def _check_needs(
        self, todo: list[str], scored: set[str], workers: int, needs: Callable[[Needs], None] | None
    ) -> None:
        seconds = self.corpus.frame.set_index("path")["seconds"].reindex(todo).astype(float).tolist()
        cards = [self.tasks[key].card for key in scored]
        dims = {detector_digest(card): card.embedding_dim for card in cards}
        found = Needs.of(seconds, dims, self.folder, half=self.dims, workers=workers)
        check_space(found)
        if needs is not None:
            needs(found)

    def _remember_costs(self, clips: int) -> None:
        # Of a few clips the first, which meets cold caches, would tell most.
        if clips >= _TELLING:
            names = {key: detector_digest(task.card) for key, task in self.tasks.items()}
            remember_costs({names.get(key, key): s for key, s in self.computed_s.items()}, self.sound_s)

    def _items(self, todo: list[str]) -> Iterator[Item]:
        for path in todo:
            # The corpus has checked that links stay within it; the decoder itself follows none.
            file = (self.corpus.root / path).resolve()
            yield clip_item(path, file, keys=[task.key for task in self._wanted(path)], measure=self._unmeasured(path))

    def _todo(self) -> Iterator[str]:
        """Yield the clips that lack a detector's score, or of which something is not known yet."""
        if self.clip_part is not None:
            paths = self.clip_part.table("clips.parquet", ["path"])["path"].tolist()
        else:
            paths = self.corpus.frame["path"].tolist()
        problems = {row["path"] for row in self.clip_journal.rows() if "problem" in row}
        for path in paths:
            if path not in problems and (self._wanted(path) or self._unmeasured(path)):
                yield path

    def _unmeasured(self, path: str) -> bool:
        if self.clip_part is None and path not in self.clip_journal.paths:
            return True
        return not self.is_measured and path not in self.measured_journal.paths

    def _wanted(self, path: str) -> list[_Task]:
        return [task for task in self.tasks.values() if path not in task.journal.paths]

    def _keep(self, path: str, result: Item | ScoringError) -> None:
        """Keep what is known of a clip: its scores first, so that a clip that is noted has them."""
        if isinstance(result, WorkerDiedError):
            self._note_problem(path, str(result))
            return
        if isinstance(result, ScoringError):
            raise ScoringError(f"{path}: {result}")
        if "problem" in result:
            self._note_problem(path, result["problem"])
            return
        self.computed_s.update(result["computed_s"])
        self.sound_s += result["sound_s"]
        for key, row in result["scores"].items():
            self.tasks[key].journal.add(path, **row)
        measured = result["measured"]
        if measured is None:
            return
        if path not in self.measured_journal.paths:
            self.measured_journal.add(path, **measured)
        if self.clip_part is None:
            self.clip_journal.add(path, prosody=[measured[name] for name in PROSODY_COLUMNS])

    def _note_problem(self, path: str, problem: str) -> None:
        if self.clip_part is not None:
            raise ResultsError(
                f"{path} was scored when the run was made and cannot be now ({problem}): restore it, or use "
                "--overwrite."
            )
        self.clip_journal.add(path, problem=problem)

    def write_parts(self) -> None:
        """Write the part of the clips where there is none, and that of each detector that has scored them all."""
        if self.clip_part is None:
            self._write_clips()
        part = read_part(self.folder, self.key)
        assert part is not None
        paths = part.table("clips.parquet", ["path"])["path"].tolist()
        for task in self.tasks.values():
            files, embedding = score_files(task.journal.rows(), paths, name=task.card.name, dims=self.dims)
            about = {
                "clips": clips_digest(part), "detector": detector_digest(task.card), "embedding": embedding,
                "embedding_dims": self.dims,
            }  # fmt: skip
            write_part(self.folder, task.key, {**about, **_made()}, files)
        if not self.is_measured:
            rows = {row["path"]: row for row in self.measured_journal.rows()}
            write_measured(self.folder, part, [rows[path] for path in paths], _made())

    def _write_clips(self) -> None:
        rows = {row["path"]: row for row in self.clip_journal.rows()}
        frame = self.corpus.frame
        scored = [path for path in frame["path"] if "prosody" in rows[path]]
        if not scored:
            self.clip_journal.remove()
            raise ResultsError(f"Not one of {len(frame)} clips could be decoded: check the root {self.corpus.root}.")
        clips = clips_of(frame.loc[frame["path"].isin(scored)], [rows[path]["prosody"] for path in scored])
        problems = [{"path": str(problem.path), "what": problem.what} for problem in self.corpus.problems]
        problems += [{"path": p, "what": rows[p]["problem"]} for p in frame["path"] if "problem" in rows[p]]
        write_part(self.folder, self.key, {"problems": problems, **_made()}, {"clips.parquet": clips})

    def write_manifest(self, audited: dict[str, Any] | None) -> None:
        """Name the parts in the manifest, and remove what is no longer needed."""
        known = {} if self.overwrite or self.known is None else self.known
        mine = {name: {"part": key, **detector_facts(self.panel.card(name))} for name, key in self.keys.items()}
        # A name whose part goes by another name now was renamed.
        asked = set(self.keys.values())
        others = {name: about for name, about in known.get("detectors", {}).items() if about["part"] not in asked}
        fusion = self._fusion(known, {**others, **mine})
        audit = audited if audited is not None else (self.known or {}).get("corpus", {}).get("audit")
        manifest = {
            "corpus": {
                "part": self.key, "digest": self.corpus.digest, "split": self.split, "rows": len(self.corpus.frame),
                "audit": audit,
            },
            "detectors": dict(sorted({**others, **mine}.items())), "fusion": fusion, "embedding_dims": self.dims,
        }  # fmt: skip
        if self.known is None or any(self.known[key] != value for key, value in manifest.items()):
            write_manifest(self.folder, {**manifest, **_made()})
        if self.overwrite:
            named = {part_folder(self.folder, key) for key in (self.key, self.measured_key, *self.keys.values())}
            for folder in set((self.folder / "parts").iterdir()) - named:
                shutil.rmtree(folder)
        shutil.rmtree(self.journals, ignore_errors=True)

    def _fusion(self, known: dict[str, Any], detectors: Collection[str]) -> dict[str, Any] | None:
        """Return how the scores of the run's detectors become one: the panel's fusion, else the one that was known.

        That one is of no use where a member of it goes by another name now.
        """
        if self.panel.fusion is not None:
            return self.panel.fusion.to_json()
        fusion: dict[str, Any] | None = known.get("fusion")
        return fusion if fusion is not None and set(fusion["members"]) <= set(detectors) else None


def _n_clips(part: Part) -> int:
    return int(part.files["clips.parquet"]["rows"])


def _made() -> dict[str, Any]:
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: importlib.metadata.version(name) for name in ("torch", "torchaudio", "numpy", "pandas")},
    }
