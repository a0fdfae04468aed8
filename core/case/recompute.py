"""A case is computed again from its recordings, and what differs is put down to what may have made it so."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis.calibration import p_spoof
from core.analysis.format import first_few
from core.analysis.verdict import NOT_SURE, PARTLY, Decision
from core.case.context import Context
from core.case.folder import Folder, folders, shared_json
from core.case.known import Known, Material, gather
from core.case.record import recording_files
from core.case.result import Check
from core.case.surroundings import models, settings, versions
from core.case.tolerance import Difference, differences
from core.case.trials import FLIP, HELD, kept_trials
from core.errors import AudioError, CheckpointError, UnknownNameError
from core.files import sha256_bytes, sha256_file
from core.fusion import Fusion, panel_score

__all__ = ["panel_differences", "recomputed"]

_SHOWN = 3
# What is of the file itself, not of its samples.
_OF_THE_FILE = {"recording.json", "provenance.json", "words.json"}
# What follows from numbers in the case itself is rounded by nothing.
_EXACTLY = 1e-6


def panel_differences(folder: Folder, made: Mapping[str, Any]) -> list[str]:
    """Return how a recording's score, P(spoof) and verdicts differ from what its members' scores make, in words."""
    scores = folder.json("scores.json")
    fusion = Fusion.from_json(made["fusion"]) if made["fusion"] else None
    members = {name: scores["detectors"][name]["score"] for name in made["panel"]}
    expected = float(panel_score(members, fusion))
    pairs = {"score": (scores["score"], expected), "P(spoof)": (scores["p_spoof"], float(p_spoof(scores["score"])))}
    for name, own in scores["detectors"].items():
        pairs[f"P(spoof) of {name}"] = own["p_spoof"], float(p_spoof(own["score"]))
    for each in _moves(folder):
        what, moved = each["label"], each["panel"]
        if members := {name: own["score_after"] for name, own in each["members"].items()}:
            pairs[f"score after {what}"] = moved["score_after"], float(panel_score(members, fusion))
        pairs[f"P(spoof) after {what}"] = moved["p_spoof_after"], float(p_spoof(moved["score_after"]))
    wrong = {name: pair for name, pair in pairs.items() if abs(pair[0] - pair[1]) > _EXACTLY}
    found = [f"{name} is {kept:.4f} and should be {due:.4f}" for name, (kept, due) in wrong.items()]
    verdicts = [(name, kept, due) for name, kept, due in _verdicts(folder, scores) if kept != due]
    return [*found, *(f"{name} is {kept or 'none'} and should be {due}" for name, kept, due in verdicts)]


def _verdicts(folder: Folder, scores: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """Yield each verdict that is a score's: what it is called, what the case holds, what its thresholds make of it."""
    panel = Decision.model_validate(scores["decision"])
    # A note says why a verdict is not the score's (``core.caution``); then it may not be a plain one.
    if not (scores["note"] and scores["verdict"] in (None, NOT_SURE, PARTLY)):
        yield "the verdict", scores["verdict"], panel.verdict(scores["score"])
    own = {
        name: Decision(spoof_below=each["spoof_below"], bonafide_above=each["bonafide_above"])
        for name, each in scores["detectors"].items()
    }
    for name, each in scores["detectors"].items():
        yield f"the verdict of {name}", each["verdict"], own[name].verdict(each["score"])
    for each in _moves(folder):
        members = [(f" of {name}", own[name], moved) for name, moved in each["members"].items()]
        for whose, decision, moved in [("", panel, each["panel"]), *members]:
            for when in ("before", "after"):
                due = decision.verdict(moved[f"score_{when}"])
                yield f"the verdict{whose} {when} {each['label']}", moved[f"verdict_{when}"], due


def _moves(folder: Folder) -> Iterator[Mapping[str, Any]]:
    """Yield what was tried: label, what the panel was moved to, and its members."""
    if folder.has(HELD):
        yield from (each for each in folder.json(HELD)["processings"] if each["panel"] is not None)
    if folder.has(FLIP):
        yield {"label": "the removal", "panel": folder.json(FLIP), "members": {}}


def recomputed(entries: Mapping[str, bytes], paths: Sequence[Path], context: Context | None) -> Iterator[Check]:
    """Yield, for each recording of a case, what its file gives now beside what the case holds."""
    made = shared_json(entries, "settings.json")
    try:
        context = context or context_of(made)
    except (CheckpointError, UnknownNameError) as error:
        yield Check("audio", "not checked", f"The case's panel is not here: {error}")
        return
    left = {path: sha256_file(path) for path in paths}
    for folder in folders(entries):
        path = _file_of(folder, left)
        if path is None:
            yield Check(folder.label, "not checked", f"{folder.json('recording.json')['name']} was not given.")
            continue
        del left[path]
        yield from _again(folder, path, entries, context)
    for path in left:
        text = f"{path.name} is no recording of this case: neither its digest nor its samples are any of its own."
        yield Check("audio", "differs", text)


def context_of(made: Mapping[str, Any]) -> Context:
    """Return the panel and the language that a case's settings name.

    Raises
    ------
    CheckpointError, UnknownNameError
        When a checkpoint that was named is not here.
    """
    from core.panel import load_panel

    return Context(load_panel(made["named"], others=True), made["named"], made["language"])


def _file_of(folder: Folder, given: Mapping[Path, str]) -> Path | None:
    """Return the file of a recording: that of its digest, or else one of the same samples in another container."""
    from core.audio.decode import decode

    about = folder.json("recording.json")
    for path, digest in given.items():
        if digest == about["sha256"]:
            return path
    for path in given:
        try:
            samples = decode(path).waveform
        except AudioError:
            continue
        if sha256_bytes(np.ascontiguousarray(samples, dtype="<f4").tobytes()) == about["samples_sha256"]:
            return path
    return None


def _again(folder: Folder, path: Path, entries: Mapping[str, bytes], context: Context) -> Iterator[Check]:
    about, kept_map = folder.json("recording.json"), folder.json("map.json")
    detectors = [name for name in folder.json("scores.json")["detectors"] if name not in context.panel.members]
    by = (kept_map["detector"], kept_map["method"]) if kept_map["detector"] else None
    named = Context(context.panel, context.named, context.language, {path: Known(about["name"])})
    material = gather(path, named, also=detectors, by=by, kept=kept_trials(folder))
    if material.sha256 == about["sha256"]:
        yield Check(folder.label, "matches", f"{path.name} is the recording, by its SHA-256 {material.sha256}.")
    else:
        text = f"{path.name} is another file than the case's, with the same samples: only its container is another."
        yield Check(folder.label, "within tolerance", text)
    why = _reasons(entries, material, context)
    for name, content in recording_files(material, named).items():
        if material.sha256 == about["sha256"] or name not in _OF_THE_FILE:
            yield _compared(folder, name, content, why)


def _compared(folder: Folder, name: str, content: bytes, why: str) -> Check:
    what = f"{folder.label}/{name}"
    if not folder.has(name):
        return Check(what, "differs", f"The case does not hold it, and it is computed now. {why}")
    found = differences(name, folder.read(name), content)
    if not found:
        return Check(what, "matches", "Exactly what is computed now.")
    beyond = [one for one in found if not one.within]
    if not beyond:
        return Check(what, "within tolerance", f"What is computed now differs by rounding: {_listed(found)}.")
    return Check(what, "differs", f"{_listed(beyond)}. {why}")


def _listed(found: Sequence[Difference]) -> str:
    largest = sorted(found, key=lambda one: -one.size)
    return first_few([str(one) for one in largest], _SHOWN, separator="; ")


def _reasons(entries: Mapping[str, bytes], material: Material, context: Context) -> str:
    """Return what is not the same now as when the case was made, and so may be why figures differ; one sentence."""
    here, then = versions(), shared_json(entries, "versions.json")
    found = [] if here["spoofscope"] == then["spoofscope"] else ["another version of Spoofscope"]
    found += [
        f"{name} {then['packages'].get(name, '(none)')} then, {version} now"
        for name, version in here["packages"].items()
        if then["packages"].get(name) != version
    ]
    found += [f"{key} {then[key]} then, {here[key]} now" for key in ("python", "machine") if then[key] != here[key]]
    stored = shared_json(entries, "models.json")
    for name, own in models([material], context).items():
        if own["sha256"] != stored.get(name, {}).get("sha256"):
            found.append(f"another checkpoint of {name}")
    if settings(context) | {"language": ""} != shared_json(entries, "settings.json") | {"language": ""}:
        found.append("other settings or thresholds of the panel")
    if not found:
        return "Versions, models and settings are the same: the case was changed, or the machine computes otherwise."
    return f"What is not as it was: {'; '.join(found)}."
