"""A run made of anyone's scores and a manifest: the views show those clips as far as scores alone can fill them."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import Calibration, fit_calibration
from core.analysis.verdict import Decision
from core.analysis.voters import midranks
from core.errors import PredictionsError, ResultsError
from core.files import sha256_file, sha256_json
from core.predictions.matching import Clips, align, labelled
from core.predictions.polarity import Polarity, by_labels, given
from core.predictions.predictions import text_of
from core.predictions.protocol import read_protocol
from core.predictions.reader import read_raw
from core.results.manifest import write_manifest
from core.results.parts import clips_digest, read_part, write_part
from core.results.store import CLIP_COLUMNS, Run, read_run

if TYPE_CHECKING:
    from core.predictions.predictions import Predictions

__all__ = ["import_run"]

_LABELS = {1: "bonafide", 0: "spoof"}
_NUMBERS = {"seconds"}


@dataclass(frozen=True)
class _Voice:
    """A detector as its file gives it: scores of the clips that are kept, turned so that higher = bona fide."""

    name: str
    raw: Any
    polarity: Polarity
    calibration: Calibration
    basis: str
    digest: str


def import_run(
    files: "Sequence[Predictions]", manifest: Path | str, folder: Path | str, *,
    higher: Mapping[str, Literal["bonafide", "spoof"]] | None = None,
) -> Run:  # fmt: skip
    """Write a run of detectors whose scores others have made, and return it.

    It holds neither embeddings nor windows nor errors of reconstruction. Clips that a file lacks or the manifest lists
    twice are listed as problems. Scores are calibrated on the labels of these same clips, as nothing else is known of
    them: error rates at the equal error rate are as they are, P(spoof) is optimistic.

    Parameters
    ----------
    files : sequence of Predictions
        One a detector, each of its own name.
    manifest : Path or str
        A manifest, protocol or key of the clips; all its columns are kept.
    folder : Path or str
        Of the run; nothing may be in it.
    higher : mapping of str to {"bonafide", "spoof"}, optional
        What a higher score means, by the detector's name, where labels do not settle it.

    Raises
    ------
    PredictionsError
        When no clip has all scores, the polarity of a detector is not settled, or two have one name.
    ResultsError
        When there is something in the folder.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ResultsError(f"{folder} holds something already: name a new folder.")
    names = [file.name for file in files]
    if len(set(names)) < len(names) or "panel" in names:
        raise PredictionsError("Each file of scores needs a name of its own, other than panel: rename one.")
    protocol = read_protocol(manifest, files[0].ids)
    listed = labelled(protocol.ids.unique(), [protocol], basis=f"the manifest {protocol.name}")
    aligned = {file.name: align(file, listed.ids) for file in files}
    usable = np.logical_and.reduce([np.isfinite(each.scores) for each in aligned.values()]) & (listed.labels >= 0)
    if not usable.any():
        raise PredictionsError(f"No labelled clip of {manifest} has a score in every file: are these the same clips?")
    labels = listed.labels[usable]
    voices = [
        _voice(file, aligned[file.name].scores[usable], labels, (higher or {}).get(file.name)) for file in files
    ]
    clips = _clips(Path(manifest), protocol, listed).loc[usable].reset_index(drop=True)
    _write(folder, clips, voices, problems=_problems(protocol, listed, usable), source=Path(manifest))
    return read_run(folder)


def _problems(protocol: "Predictions", listed: Clips, usable: NDArray[np.bool_]) -> list[dict[str, str]]:
    """Return which clips are left out, and which rows of the manifest repeat one, each with why."""
    import pyarrow.compute as pc

    unlike = set(listed.conflicts)
    found = [
        {"path": path, "what": "it is left out, since rows of the manifest label it differently" if path in unlike else
         "it is left out, since it has no label, or no score in one of the files"}
        for path in listed.ids.filter(~usable).to_pylist()
    ]  # fmt: skip
    counts = pc.value_counts(protocol.ids)
    repeated = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist()
    what = "the manifest lists it more than once: it counts once, with what its first row states"
    return [*found, *({"path": path, "what": what} for path in repeated if path not in unlike)]


def _voice(file: "Predictions", scores: Any, labels: Any, stated: Literal["bonafide", "spoof"] | None) -> _Voice:
    polarity = given(stated) if stated is not None else by_labels(midranks(scores), labels)
    if polarity.sign is None:
        raise PredictionsError(
            f"The polarity of {file.name} is {polarity.words}: state it with --higher {file.name}=bonafide or "
            f"--higher {file.name}=spoof."
        )
    raw, real = polarity.sign * scores, labels == 1
    both = bool(real.any() and not real.all())
    calibration = fit_calibration(raw, real) if both else Calibration(1.0, 0.0)
    basis = "the labels of these same clips, so that P(spoof) is optimistic" if both else "nothing: only one class"
    return _Voice(file.name, raw, polarity, calibration, basis, sha256_file(file.source))


def _clips(manifest: Path, protocol: "Predictions", listed: Clips) -> pd.DataFrame:
    """Return the manifest's columns, by the names that a run knows where they are known: a row for each clip."""
    import pyarrow.compute as pc

    _, raw = read_raw(manifest)
    known = protocol.columns
    assert known.id is not None
    # A clip's first row; rows without an id are none's.
    rows = pc.index_in(listed.ids, value_set=text_of(raw.columns[known.id]))
    taken = {known.id, known.label, known.attack, known.group}
    found: dict[str, Any] = {
        "path": listed.ids.to_pylist(), "label": pd.Series(listed.labels).map(_LABELS),
        "system": "-" if listed.attacks is None else listed.attacks,
        "speaker": "-" if listed.groups is None else listed.groups,
    }  # fmt: skip
    for name, column in raw.columns.items():
        if name not in taken and name not in found:
            found[name] = column.take(rows).to_pandas()
    frame = pd.DataFrame(found)
    for name in CLIP_COLUMNS:
        if name not in frame:
            frame[name] = np.nan if name in _NUMBERS else "-"
    frame["seconds"] = pd.to_numeric(frame["seconds"], errors="coerce")
    frame.loc[frame["label"] == "bonafide", "system"] = "-"
    return frame[[*CLIP_COLUMNS, *(name for name in frame if name not in CLIP_COLUMNS)]]


def _write(
    folder: Path, clips: pd.DataFrame, voices: Sequence[_Voice], *, problems: list[dict[str, str]], source: Path
) -> None:
    made = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "versions": {
        name: importlib.metadata.version(name) for name in ("numpy", "pandas", "pyarrow")
    }}  # fmt: skip
    digest = sha256_file(source)
    key = sha256_json({"imported": digest, "paths": clips["path"].tolist()})
    write_part(folder, key, {"problems": problems, **made}, {"clips.parquet": clips})
    stored = read_part(folder, key)
    assert stored is not None
    about = {"clips": clips_digest(stored), "embedding": {"dims": 0, "reduced": None}, "embedding_dims": None, **made}
    none = np.array([], dtype=np.float64)
    no_windows = pd.DataFrame({"clip": none.astype(np.int32), "start_s": none, "end_s": none, "raw": none})
    detectors = {}
    for voice in voices:
        part = sha256_json({"clips": key, "scores": voice.digest, "sign": voice.polarity.sign})
        files = {"scores.parquet": pd.DataFrame({"raw": voice.raw}, dtype=float), "windows.parquet": no_windows}
        write_part(folder, part, about, files)
        detectors[voice.name] = {
            "part": part, "digest": voice.digest, "architecture": "imported", "weights_sha256": "",
            "calibration": voice.calibration.to_json(), "calibrated": False,
            "decision": Decision().model_dump(mode="json"), "seen_systems": None,
            "imported": {"polarity": voice.polarity.words, "calibrated_on": voice.basis},
        }  # fmt: skip
    splits = set(clips["split"].unique())
    corpus = {"part": key, "digest": digest, "split": splits.pop() if len(splits) == 1 else "", "rows": len(clips)}
    corpus["split"] = corpus["split"] if corpus["split"] != "-" else ""
    write_manifest(folder, {
        "corpus": {**corpus, "audit": None}, "detectors": detectors, "fusion": None, "embedding_dims": None, **made,
    })  # fmt: skip
