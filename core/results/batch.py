"""The batch engine: a corpus is heard by a panel, clip by clip, and what was said becomes a run."""

import importlib.metadata
import json
import math
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.prosody import prosody
from core.audio.clip import Clip
from core.audio.decode_ahead import decode_ahead
from core.detectors.detector import Detector
from core.errors import AudioError, ResultsError
from core.explain.reconstruction import reconstruct_clip
from core.files import sha256_bytes
from core.results.chunks import Heard, Said, join, read_chunk, write_chunk
from core.results.store import CLIP_COLUMNS, MANIFEST, PROSODY_COLUMNS, Run, read_run, write_run
from core.threads import side_by_side

if TYPE_CHECKING:
    from core.corpus.table import Corpus
    from core.panel import Panel

__all__ = ["Progress", "detector_digest", "run_digest", "score_corpus"]

Progress = Callable[[int, int], None]
"""Called with the clips done and the clips in all."""

_CHUNK = 32
_BANDS = ("total", "static", "delta", "delta-delta")


_DECIDING = ("name", "architecture", "hyperparameters", "sha256", "calibration", "decision")


def detector_digest(detector: Detector) -> str:
    """Return the SHA-256 of all that decides what a detector says; what its card tells of it beyond that may grow."""
    card = detector.describe()
    return _digest({name: card[name] for name in _DECIDING})


def run_digest(corpus: "Corpus", panel: "Panel", *, split: str | None, embedding_dims: int | None) -> str:
    """Return what a run is made from, as a SHA-256: two runs with one digest would say the same."""
    return _digest({
        "corpus": corpus.digest, "split": split, "paths": sorted(set(corpus.frame["path"])),
        "detectors": {name: detector_digest(detector) for name, detector in panel.detectors.items()},
        "fusion": panel.fusion and panel.fusion.to_json(), "embedding_dims": embedding_dims,
    })  # fmt: skip


def _digest(value: object) -> str:
    return sha256_bytes(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode())


def score_corpus(
    corpus: "Corpus", panel: "Panel", folder: Path | str, *, split: str | None = None,
    embedding_dims: int | None = None, overwrite: bool = False, progress: Progress | None = None,
    audited: dict[str, Any] | None = None,
) -> Run:  # fmt: skip
    """Hear a corpus with a panel and keep what was said; what is already there is not done again.

    Clips that cannot be heard are listed in the manifest and the rest is scored. A run that was killed goes on
    where it stopped and ends the same.

    Parameters
    ----------
    corpus : Corpus
    panel : Panel
    folder : Path or str
        Where the run is kept.
    split : str, optional
        The split that ``corpus`` holds, for the manifest.
    embedding_dims : int, optional
        Embeddings wider than this are reduced by a PCA fitted on this run, and all are stored as float16.
    overwrite : bool
        Replace another run in ``folder``.
    progress : callable, optional
    audited : dict, optional
        What an audit of the whole corpus found (``AuditReport.summary``), kept in the manifest.

    Raises
    ------
    ResultsError
        When ``folder`` holds another run, or not one clip could be heard.
    """
    folder = Path(folder)
    # The audit may want a path that stands in two splits; here each clip is heard once.
    corpus = replace(corpus, frame=corpus.frame.drop_duplicates("path").reset_index(drop=True))
    digest = run_digest(corpus, panel, split=split, embedding_dims=embedding_dims)
    known = _known_run(folder, digest, overwrite=overwrite)
    if known is not None:
        return known
    unfinished = folder.parent / f".{folder.name}.{digest[:12]}.unfinished"
    chunks = []
    for chunk in _heard_chunks(corpus, _members(panel), unfinished):
        chunks.append(chunk)
        if progress is not None:
            progress(sum(len(c.rows) + len(c.problems) for c in chunks), len(corpus.frame))
    heard = join(chunks)
    if not heard.rows:
        raise ResultsError(f"Not one of {len(corpus.frame)} clips could be heard: check the root {corpus.root}.")
    tables = _tables(corpus, panel, heard)
    embeddings, notes = _embeddings(heard, [member.name for member in _members(panel)], dims=embedding_dims)
    manifest = _manifest(corpus, panel, heard, digest=digest, split=split, embeddings=notes)
    manifest["corpus"]["audit"] = audited
    write_run(
        folder, manifest=manifest, clips=tables["clips"], scores=tables["scores"], panel=tables["panel"],
        windows=tables["windows"], errors=tables.get("errors"), embeddings=embeddings, overwrite=overwrite,
    )  # fmt: skip
    shutil.rmtree(unfinished, ignore_errors=True)
    return read_run(folder)


def _members(panel: "Panel") -> list[Detector]:
    # Chunks know detectors by number, and the digest does not care in which order they were named.
    return [panel.detectors[name] for name in sorted(panel.detectors)]


def _known_run(folder: Path, digest: str, *, overwrite: bool) -> Run | None:
    if not (folder / MANIFEST).is_file():
        return None
    try:
        run = read_run(folder)
    except ResultsError:
        if overwrite:
            return None
        raise
    if run.digest == digest:
        return run
    if overwrite:
        return None
    raise ResultsError(f"{folder} holds another run, and runs are never changed: choose another folder.")


def _heard_chunks(corpus: "Corpus", detectors: list[Detector], unfinished: Path) -> Iterator[Heard]:
    paths = corpus.frame["path"].tolist()
    for number, start in enumerate(range(0, len(paths), _CHUNK)):
        file = unfinished / f"{number:06d}.chunk"
        chunk = read_chunk(file)
        if chunk is None:
            rows = range(start, min(start + _CHUNK, len(paths)))
            real = {row for row in rows if corpus.frame["label"].iloc[row] == "bonafide"}
            # The corpus has checked that links stay within it; the decoder itself follows none.
            chunk = _hear([(row, (corpus.root / paths[row]).resolve()) for row in rows], detectors, real)
            write_chunk(file, chunk)
        yield chunk


def _hear(files: list[tuple[int, Path]], detectors: list[Detector], real: Collection[int]) -> Heard:
    heard = Heard()
    said: list[list[Said]] = [[] for _ in detectors]
    for row, clip in decode_ahead(files):
        if isinstance(clip, AudioError):
            heard.problems.append((row, str(clip)))
            continue
        for sayings, saying in zip(said, side_by_side(partial(_say, clip=clip), detectors), strict=True):
            sayings.append(saying)
        heard.rows.append(row)
        heard.prosody.append(prosody(clip.waveform) if row in real else (math.nan, math.nan))
    # Each clip by itself first: joined they are counted through.
    singles = [Heard([0], [], [sayings[i] for sayings in said]) for i in range(len(heard.rows))]
    heard.said = join(singles).said
    return heard


def _say(detector: Detector, clip: Clip) -> Said:
    answer = detector.score(clip.waveform)
    windows = np.array([(0, w.start_s, w.end_s, w.raw) for w in answer.windows])
    return Said(np.array([answer.raw]), answer.embedding[None].astype(np.float32), windows, _errors(detector, clip))


def _errors(detector: Detector, clip: Clip) -> NDArray[np.float64]:
    if not hasattr(detector.network, "error_map"):
        return np.zeros((1, 0))
    rebuilt = reconstruct_clip(clip, detector)
    return np.array([[rebuilt.total, *rebuilt.bands.values()]])


def _tables(corpus: "Corpus", panel: "Panel", heard: Heard) -> dict[str, pd.DataFrame]:
    clips = corpus.frame.iloc[heard.rows][list(CLIP_COLUMNS)].reset_index(drop=True)
    clips[list(PROSODY_COLUMNS)] = np.array(heard.prosody, dtype=np.float64)
    paths = clips["path"].to_numpy()
    scores, windows, errors = [], [], []
    llrs: dict[str, NDArray[np.float64]] = {}
    for detector, said in zip(_members(panel), heard.said, strict=True):
        name = detector.name
        llrs[name] = np.asarray(detector.calibration.llr(said.raw))
        verdicts = [detector.card.decision.verdict(llr) for llr in llrs[name]]
        scores.append(_said_table(paths, name, llrs[name], verdicts).assign(raw=said.raw))
        owner, start, end, raw = said.windows.T
        windows.append(pd.DataFrame({
            "path": paths[owner.astype(int)], "detector": name, "start_s": start, "end_s": end, "raw": raw,
            "score": np.asarray(detector.calibration.llr(raw)),
        }))  # fmt: skip
        if said.errors.shape[1]:
            table = pd.DataFrame(said.errors, columns=list(_BANDS))
            table.insert(0, "path", paths)
            table.insert(1, "detector", name)
            errors.append(table)
    llr = panel.llr(llrs)
    fused = _said_table(paths, "panel", llr, [panel.decision.verdict(value) for value in llr])
    listed = {"scores": scores, "windows": windows, "errors": errors}
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in listed.items() if tables}
    return {"clips": clips, "panel": fused, **joined}


def _said_table(paths: NDArray[Any], name: str, llr: NDArray[np.float64], verdicts: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({
        "path": paths, "detector": name, "score": llr, "p_spoof": np.asarray(p_spoof(llr)), "verdict": verdicts,
    })  # fmt: skip


def _embeddings(
    heard: Heard, names: list[str], *, dims: int | None
) -> tuple[dict[str, NDArray[np.floating]], dict[str, dict[str, Any]]]:
    arrays: dict[str, NDArray[np.floating]] = {}
    notes: dict[str, dict[str, Any]] = {}
    for name, said in zip(names, heard.said, strict=True):
        array: NDArray[np.floating] = said.embedding
        notes[name] = {"dims": array.shape[1], "reduced": None}
        if dims is not None:
            if array.shape[1] > dims:
                array, notes[name]["reduced"] = _reduced(said.embedding, dims)
            array = array.astype(np.float16)
            if not np.isfinite(array).all():
                raise ResultsError(f"The embeddings of {name} are too large for half precision: keep them whole.")
        arrays[name] = array
    return arrays, notes


def _reduced(array: NDArray[np.float32], dims: int) -> tuple[NDArray[np.float32], dict[str, Any]]:
    from sklearn.decomposition import PCA

    fitted = PCA(min(dims, *array.shape), svd_solver="randomized", random_state=0)
    reduced = fitted.fit_transform(array)
    share = float(fitted.explained_variance_ratio_.sum())
    return reduced.astype(np.float32), {
        "method": "PCA fitted on this run, seed 0", "dims": reduced.shape[1],
        "explained_variance": share if math.isfinite(share) else None,
    }  # fmt: skip


def _manifest(
    corpus: "Corpus", panel: "Panel", heard: Heard, *, digest: str, split: str | None,
    embeddings: dict[str, dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    paths = corpus.frame["path"].tolist()
    problems = [{"path": str(problem.path), "what": problem.what} for problem in corpus.problems]
    problems += [{"path": paths[row], "what": what} for row, what in heard.problems]
    return {
        "digest": digest,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "corpus": {"digest": corpus.digest, "split": split, "rows": len(corpus.frame), "heard": len(heard.rows)},
        "detectors": {
            name: {**_about(detector), "embedding": embeddings[name]} for name, detector in panel.detectors.items()
        },
        "fusion": panel.fusion and panel.fusion.to_json(),
        "decision": panel.decision.model_dump(mode="json"),
        "problems": problems,
        "versions": {name: importlib.metadata.version(name) for name in ("torch", "torchaudio", "numpy", "pandas")},
    }


def _about(detector: Detector) -> dict[str, Any]:
    card = detector.card
    return {
        "digest": detector_digest(detector), "weights_sha256": card.sha256, "architecture": card.architecture,
        "calibration": {"slope": detector.calibration.slope, "intercept": detector.calibration.intercept},
        "calibrated": card.calibration is not None, "decision": card.decision.model_dump(mode="json"),
        "seen_systems": list(card.training.systems) if card.training else None,
    }  # fmt: skip
