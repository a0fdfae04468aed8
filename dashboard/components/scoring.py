"""*Score a folder*: the form that begins a scoring, and the scorings with how far each is."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, frame_head, joined, note, problem
from dashboard.components.progress import time_words

if TYPE_CHECKING:
    from dashboard.jobs import Job

__all__ = ["HOOK", "scoring_form", "scorings"]

HOOK = """
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  trigger('select', {what: 'score', place: given.get('place'), split: given.get('split'),
    detectors: given.getAll('detector')});
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-job]');
  if (button && element.contains(button)) trigger('select', {what: button.dataset.act, job: button.dataset.job});
});
"""

_SPLITS = (("", "all of it"), ("train", "train"), ("dev", "dev"), ("eval", "eval"))
_STATES = {"waiting": "waiting", "scoring": "scoring", "done": "scored", "failed": "failed", "cancelled": "cancelled"}


def scoring_form(members: Sequence[str], others: Sequence[str]) -> Markup:
    """Return the form: where the recordings lie, which split, which detectors; the panel's members are ticked."""
    splits = joined(Markup('<option value="{}">{}</option>').format(value, shown) for value, shown in _SPLITS)
    ticked = joined(_box(name, Markup(" checked")) for name in members)
    more = joined(_box(name, Markup("")) for name in others)
    folded = Markup("<details><summary>{:,} more detectors</summary><div>{}</div></details>").format(len(others), more)
    html = (
        '<form class="ss-score"><div><label class="ss-where">Folder or manifest <input name="place" required '
        'placeholder="its path on this machine" autocomplete="off" spellcheck="false"></label><label>Split <select '
        'name="split">{}</select></label><button type="submit" class="ss-btn">Score</button></div><fieldset><legend>'
        "Detectors</legend>{}{}</fieldset></form>"
    )
    about = note(
        "A manifest (CSV or Parquet with path and label), a corpus as it was downloaded, folders real/ and "
        "fake/, or any folder of recordings. Nothing leaves this machine."
    )
    return frame_head("Score a folder") + Markup(html).format(splits, ticked, folded if others else "") + about


def _box(name: str, more: Markup) -> Markup:
    html = '<label><input type="checkbox" name="detector" value="{0}"{1}> {0}</label>'
    return Markup(html).format(name, more)


def scorings(jobs: Iterable["Job"], *, wrong: str = "") -> Markup:
    """Return the scorings, the latest first, below what was wrong with the last press."""
    rows = joined(map(_job, jobs))
    listed = Markup('<ul class="ss-jobs">{}</ul>').format(rows) if rows else Markup("")
    return (problem(wrong) if wrong else Markup("")) + listed


def _job(job: "Job") -> Markup:
    split = f", split {job.asked.split}" if job.asked.split else ""
    detectors = ", ".join(Path(name).name for name in job.asked.detectors)
    html = (
        '<li data-state="{}"><b>{}</b>{} <span class="ss-note">{}</span><div class="ss-work">{}{}</div>{}</li>'
    )
    more = problem(job.problem) if job.problem else note(job.needs) if job.needs and job.state != "done" else ""
    return Markup(html).format(job.state, job.asked.place, split, detectors, _how_far(job), _buttons(job), more)


def _how_far(job: "Job") -> Markup:
    if job.state == "done":
        left_out = f", {job.left_out:,} left out" if job.left_out else ""
        return Markup("<span>{:,} clips scored{}.</span>").format(job.clips, left_out)
    if job.state != "scoring":
        return Markup("<span>{}.</span>").format(_STATES[job.state].capitalize())
    if not job.total:
        return Markup('<span class="ss-loading"><span class="ss-dot"></span>Reading the corpus …</span>')
    left = f", about {time_words(job.left_s)} left" if job.left_s is not None and job.done > 1 else ""
    html = '<progress class="ss-progress" max="{}" value="{}" aria-label="clips scored"></progress><span>{}</span>'
    return Markup(html).format(job.total, job.done, f"{job.done:,} of {job.total:,} clips scored{left}.")


def _buttons(job: "Job") -> Markup:
    acts = {
        "waiting": (("cancel", "Cancel"),), "scoring": (("cancel", "Cancel"),),
        "done": (("open", "Open the run"), ("forget", "Take off the list")),
        "failed": (("go-on", "Go on"), ("forget", "Take off the list")),
        "cancelled": (("go-on", "Go on"), ("forget", "Take off the list")),
    }[job.state]  # fmt: skip
    html = '<button type="button" class="ss-btn" data-job="{}" data-act="{}">{}</button>'
    return joined(Markup(html).format(job.id, act, shown) for act, shown in acts)
