"""*Score a folder*: the form that begins a scoring, and the scorings with how far each is."""

from collections.abc import Iterable, Mapping
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
  const tick = event.target.closest('[data-tick]');
  if (tick) tick.closest('fieldset').querySelectorAll('input').forEach((box) => { box.checked = tick.dataset.tick; });
  const button = event.target.closest('[data-job]');
  if (button && element.contains(button)) trigger('select', {what: button.dataset.act, job: button.dataset.job});
});
"""

_SPLITS = (("", "all of it"), ("train", "train"), ("dev", "dev"), ("eval", "eval"))
_STATES = {"waiting": "waiting", "scoring": "scoring", "done": "scored", "failed": "failed", "cancelled": "cancelled"}


def scoring_form(groups: Mapping[str, Mapping[str, str]]) -> Markup:
    """Return the form: where the recordings lie, which split, which detectors.

    Parameters
    ----------
    groups : mapping of str to mapping
        Detectors and what each is, by the title of their group; those of the first group are ticked.
    """
    splits = joined(Markup('<option value="{}">{}</option>').format(value, shown) for value, shown in _SPLITS)
    fields = joined(_group(title, names, number == 0) for number, (title, names) in enumerate(groups.items()))
    first, n = len(next(iter(groups.values()), ())), sum(map(len, groups.values()))
    html = (
        '<form class="ss-score"><div><label class="ss-where">Folder or manifest <input name="place" required '
        'placeholder="such as /data/release_in_the_wild or /data/mine/manifest.csv, on this machine" '
        'autocomplete="off" spellcheck="false"></label><label>Split <select name="split">{}</select></label><button '
        'type="submit" class="ss-btn">Score</button></div><details><summary>Detectors: the panel’s {}, or others of '
        "{}</summary>{}</details></form>"
    )
    about = note(
        "Your own recordings: a manifest (CSV or Parquet with path and label), a corpus as it was downloaded, folders "
        "real/ and fake/, or any folder. They become a run that every tab shows. Nothing leaves this machine."
    )
    return frame_head("Score a folder") + Markup(html).format(splits, first, n, fields) + about


def _group(title: str, names: Mapping[str, str], ticked: bool) -> Markup:
    box = '<label title="{1}"><input type="checkbox" name="detector" value="{0}"{2}> {0}</label>'
    boxes = joined(
        Markup(box).format(name, about, Markup(" checked") if ticked else Markup("")) for name, about in names.items()
    )
    html = (
        '<fieldset><legend>{} <button type="button" data-tick="1">tick all</button> <button type="button" '
        'data-tick="">tick none</button></legend>{}</fieldset>'
    )
    return Markup(html).format(title, boxes) if names else Markup("")


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
    stated = (job.found, f"Left out: {job.why}." if job.why else "", job.needs if job.state != "done" else "")
    more = problem(job.problem) if job.problem else joined(note(each) for each in stated if each)
    return Markup(html).format(job.state, job.asked.place, split, detectors, _how_far(job), _buttons(job), more)


def _how_far(job: "Job") -> Markup:
    if job.state == "done":
        left_out = f", {job.left_out:,} left out" if job.left_out else ""
        return Markup("<span>{:,} clips scored{}.</span>").format(job.clips, left_out)
    done, total = job.before + job.done, job.before + job.total
    if job.state != "scoring":
        kept = f" at {done:,} of {total:,} clips: what was scored is kept" if done and job.state == "cancelled" else ""
        return Markup("<span>{}{}.</span>").format(_STATES[job.state].capitalize(), kept)
    if not job.total:
        return Markup('<span class="ss-loading"><span class="ss-dot"></span>{}</span>').format(
            "Loading the detectors …" if job.found else "Reading the corpus …"
        )
    left = f", about {time_words(job.left_s)} left" if job.left_s is not None and job.done > 1 else ""
    html = '<progress class="ss-progress" max="{}" value="{}" aria-label="clips scored"></progress><span>{}</span>'
    return Markup(html).format(total, done, f"{done:,} of {total:,} clips scored{left}.")


def _buttons(job: "Job") -> Markup:
    acts = {
        "waiting": (("cancel", "Cancel"),), "scoring": (("cancel", "Cancel"),),
        "done": (("open", "Open the run"), ("forget", "Take off the list")),
        "failed": (("go-on", "Go on"), ("forget", "Take off the list")),
        "cancelled": (("go-on", "Go on"), ("forget", "Take off the list")),
    }[job.state]  # fmt: skip
    html = '<button type="button" class="ss-btn" data-job="{}" data-act="{}">{}</button>'
    return joined(Markup(html).format(job.id, act, shown) for act, shown in acts)
