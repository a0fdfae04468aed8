"""What a visitor has brought: the place to drop files, and each detector with how it was read, turned and matched."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.analysis.format import rate
from core.predictions.matching import LEAST_COVERAGE
from core.predictions.report import apart_words, file_lines
from dashboard.components.markup import Markup, empty, joined, note, problem, term

if TYPE_CHECKING:
    from core.predictions.brought import Brought
    from core.predictions.panel import ImportedPanel, Member
    from core.predictions.predictions import Predictions
    from core.results.library import Entry
    from dashboard.imports.visit import Imports

__all__ = ["HOOK", "brought"]

HOOK = r"""
const send = (what, more) => trigger('select', {what, ...more});
const note = (text) => { const line = element.querySelector('.ss-bring-note'); if (line) line.textContent = text; };
const megabytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);
const take = (files) => {
  const zone = element.querySelector('.ss-bring'), most = Number(zone.dataset.maxMb), all = [...files];
  if (!all.length) return note('Nothing that was dropped is a file: drop files of scores from your computer.');
  const large = all.find((file) => file.size > most * 1048576), fit = all.filter((file) => file.size <= most * 1048576);
  const size = large && `${large.name} has ${megabytes(large.size)} MB and at most ${most} MB are taken`;
  if (large) note(`${size}: give ids and scores alone.`);
  if (!fit.length) return;
  const request = new XMLHttpRequest(), body = new FormData();
  fit.forEach((file) => body.append('files', file));
  request.upload.onprogress = (event) => note(`Uploading ${megabytes(event.loaded)} of ${megabytes(event.total)} MB.`);
  request.upload.onload = () => note(`Reading ${fit.length === 1 ? fit[0].name : `${fit.length} files`} …`);
  request.onload = () => {
    const names = fit.map((file) => file.name);
    if (request.status === 200) return send('drop', {stored: JSON.parse(request.responseText), names});
    note(`The files could not be uploaded (status ${request.status}): try again.`);
  };
  request.onerror = () => note('The files could not be uploaded: check that the page is still being served.');
  request.open('POST', 'gradio_api/upload');
  request.send(body);
};
element.addEventListener('ss-drop', (event) => take(event.detail.files));
element.addEventListener('click', (event) => {
  const {do: what, name, value} = event.target.closest('button[data-do]')?.dataset ?? {};
  if (what) send(what, {name, value});
});
element.addEventListener('change', (event) => {
  const {target} = event;
  if (target.type === 'file') { take(target.files); target.value = ''; }
  else if (target.matches('[data-put-back]')) send('put-back', {name: target.dataset.putBack, value: target.checked});
  else if (target.matches('[data-run]')) {
    const ticked = element.querySelectorAll(`[data-run="${CSS.escape(target.dataset.run)}"]:checked`);
    send('run', {name: target.dataset.run, value: [...ticked].map((box) => box.value)});
  } else if (target.matches('form[data-file] select')) {
    const form = target.closest('form');
    send('columns', {name: form.dataset.file, value: Object.fromEntries(new FormData(form))});
  }
});
// What a person has unfolded stays so when it is drawn again.
const unfolded = new Set();
element.addEventListener('toggle', ({target}) => {
  if (target.dataset.key) unfolded[target.open ? 'add' : 'delete'](target.dataset.key);
}, true);
new MutationObserver(() => element.querySelectorAll('details[data-key]:not([open])').forEach((part) => {
  if (unfolded.has(part.dataset.key)) part.open = true;
})).observe(element, {childList: true, subtree: true});
"""
_DROP = Markup(
    '<div class="ss-bring" data-max-mb="{0}" data-takes-drops><label class="ss-drop-zone"><input type="file" multiple '
    'class="ss-unseen" aria-label="Choose files of predictions"><b>Drop predictions</b><span>one file a detector, and '
    "a protocol or key if there is one: score files of ASVspoof 2019, 2021 and 5, CSV, TSV, JSON, Parquet, NPZ, "
    'pickled dictionaries; at most {0} MB each. They stay in this session and are not kept.</span></label>'
    '<p class="ss-drop-note ss-bring-note" role="status"></p></div>'
)
_SETTLED = {
    "labels": "by labels", "agreement": "by agreement", "given": "as you stated", "run": "a run's scores",
    "words": "votes in words",
}  # fmt: skip
_MOST_COLUMNS = 60
_SETTLE = (
    "Which way these scores point is open. A key with labels settles it for all. So does one answer, or a detector of "
    "the run ticked above: the others follow as far as they agree with it."
)
_ROLES = (("id", "clip's id"), ("score", "score"), ("label", "label"), ("attack", "attack"), ("group", "speaker"))


def brought(imports: "Imports", runs: Sequence["Entry"], *, here: str = "", max_mb: int) -> Markup:
    """Return the place to drop files, the detectors of runs to choose from, and what was brought so far.

    Parameters
    ----------
    imports : Imports
    runs : sequence of Entry
        The runs on this machine.
    here : str
        Key of the one that is chosen on the page.
    max_mb : int
        Of one file.
    """
    parts = [_DROP.format(max_mb), _runs(runs, imports.of_runs, here)]
    parts += [problem(text) for text in imports.refused]
    if imports.wrong:
        parts.append(problem(imports.wrong))
    members = {} if imports.found is None else {member.name: member for member in imports.found.panel.members}
    panel = None if imports.found is None else imports.found.panel
    rows = [_file(file, members.get(file.name), panel) for file in imports.files]
    rows += [_detector(each, members.get(each.name), panel) for each in imports.of_runs.values()]
    if panel is not None and panel.apart is not None:
        parts.append(note(apart_words(panel)))
    if panel is not None and len(panel.unsettled) > 1 and (panel.clips.labels < 0).all():
        parts.append(note(_SETTLE))
    if rows:
        parts.append(Markup('<ul class="ss-brought">{}</ul>').format(joined(rows)))
    return joined(parts)


def _runs(runs: Sequence["Entry"], chosen: Mapping[tuple[str, str], "Predictions"], here: str) -> Markup:
    """Return every run's detectors as boxes to tick, those of the chosen run unfolded."""
    readable = [entry for entry in runs if not entry.problem]
    if not readable:
        return Markup("")
    html = (
        '<details class="ss-menu ss-beside" data-key="runs"><summary>Beside them: detectors of a run '
        '<i aria-hidden="true">▾</i></summary><div class="ss-drawer">{}</div></details>'
    )
    return Markup(html).format(joined(_run(entry, chosen, entry.key == here) for entry in readable))


def _run(entry: "Entry", chosen: Mapping[tuple[str, str], "Predictions"], unfolded: bool) -> Markup:
    boxes = joined(
        Markup('<label><input type="checkbox" data-run="{}" value="{}"{}> {}</label>').format(
            entry.key, name, Markup(" checked") if (entry.key, name) in chosen else "", name
        )
        for name in entry.detectors
    )
    html = (
        '<details data-key="run {}"{}><summary><b>{}</b> · {:,} rows</summary><div class="ss-ticks">{}</div></details>'
    )
    return Markup(html).format(entry.key, Markup(" open") if unfolded else "", entry.name, entry.rows, boxes)


def _file(file: "Brought", member: "Member | None", panel: "ImportedPanel | None") -> Markup:
    if file.wrong:
        fold = _fold(file, [_columns(file)] if file.cells else [])
        return _row(file.name, f"{file.title}: not used", problem(file.wrong), fold)
    if file.role == "labels" or member is None or panel is None:
        used = "" if panel is None else f" Used: {panel.clips.basis}." if panel.clips.basis != "no labels" else ""
        facts = f"labels · {file.format} · {file.columns.words}.{used}" if file.role == "labels" else file.columns.words
        return _row(file.name, facts, Markup(""), _fold(file, [_columns(file)]))
    details = [_lines(member, panel), _columns(file)]
    return _row(file.name, _facts(member), _asked(member, panel), _fold(file, details))


def _detector(each: "Predictions", member: "Member | None", panel: "ImportedPanel | None") -> Markup:
    if member is None or panel is None:
        return _row(each.name, f"of {each.source}", Markup(""), Markup(""))
    html = '<details class="ss-more" data-key="of {}"><summary>How it was read</summary>{}</details>'
    return _row(each.name, _facts(member), _asked(member, panel), Markup(html).format(each.name, _lines(member, panel)))


def _row(name: str, facts: str, asked: Markup, fold: Markup) -> Markup:
    html = (
        '<li><div class="ss-brought-line"><b>{0}</b><span>{1}</span><button type="button" class="ss-cross" '
        'data-do="remove" data-name="{0}" aria-label="Remove {0}" title="Remove">×</button></div>{2}{3}</li>'
    )
    return Markup(html).format(name, facts, asked, fold)


def _facts(member: "Member") -> Markup:
    """Return in one line what a person asks first: which way, how much, how good, and whether it votes."""
    polarity = member.polarity
    turned = f"higher = {polarity.higher} ({_SETTLED[polarity.how]})" if polarity.sign is not None else "polarity open"
    facts = [turned, f"{rate(member.aligned.coverage, digits=2)} of the clips scored"]
    if member.eer == member.eer:
        facts.append(Markup("{} {}").format(term("EER"), rate(member.eer, digits=2)))
    facts.append("votes" if not member.barred else "does not vote")
    return Markup(" · ").join(facts)


def _asked(member: "Member", panel: "ImportedPanel") -> Markup:
    """Return what a person has to know or to decide before the rest is read."""
    parts = []
    if member.polarity.sign is None:
        parts.append(_question(member))
    elif member.barred:
        parts.append(_barred(member))
    elif member.auc == member.auc and member.auc < 0.6:
        parts.append(note(f"Put back by you, although its AUC is {member.auc:.3f}.") + _put_back(member, on=True))
    if member.aligned.coverage < LEAST_COVERAGE:
        parts.append(problem(
            f"It scores {rate(member.aligned.coverage, digits=2)} of the {len(panel.clips):,} clips, under "
            f"{rate(LEAST_COVERAGE, digits=0)}: the figures are of the clips that all voters score."
        ))  # fmt: skip
    if member.predictions.labels is None and (column := member.predictions.columns.label):
        parts.append(note(f"The labels in {column} are not used: choose below which of its values is bona fide."))
    return joined(parts)


def _question(member: "Member") -> Markup:
    html = '<div class="ss-ask"><p>What does a higher score of <b>{0}</b> mean? It is {1}.</p>{2}</div>'
    return Markup(html).format(member.name, member.polarity.words, _answers(member.name))


def _answers(name: str) -> Markup:
    words = (("bonafide", "higher = bona fide"), ("spoof", "higher = spoof"))
    html = '<button type="button" class="ss-btn" data-do="state" data-name="{}" data-value="{}">{}</button> '
    return joined(Markup(html).format(name, value, text) for value, text in words)


def _barred(member: "Member") -> Markup:
    return problem(f"{member.name} does not vote: {member.barred}.") + _put_back(member, on=False)


def _put_back(member: "Member", *, on: bool) -> Markup:
    html = '<label class="ss-put-back"><input type="checkbox" data-put-back="{}"{}> let it vote all the same</label>'
    return Markup(html).format(member.name, Markup(" checked") if on else "")


def _fold(file: "Brought", parts: Sequence[Markup]) -> Markup:
    if not parts:
        return Markup("")
    html = '<details class="ss-more" data-key="file {}"><summary>How it was read, and its columns</summary>{}</details>'
    return Markup(html).format(file.name, joined(parts))


def _lines(member: "Member", panel: "ImportedPanel") -> Markup:
    lines = [line.replace("(--json lists all)", "(the report lists more)") for line in file_lines(member, panel)]
    items = joined(Markup("<li>{}</li>").format(line) for line in lines)
    listed = Markup('<ul class="ss-list">{}</ul>').format(items)
    if member.polarity.how not in ("agreement", "given"):
        return listed
    undo = '<button type="button" class="ss-btn" data-do="state" data-name="{}" data-value="">as it was</button>'
    back = Markup(undo).format(member.name) if member.polarity.how == "given" else Markup("")
    return listed + Markup('<div class="ss-ask"><p>Is that wrong?</p>{}{}</div>').format(_answers(member.name), back)


def _columns(file: "Brought") -> Markup:
    """Return a form in which a person corrects what each column is taken for."""
    cells = file.cells or {}
    if not cells:
        return empty("No column could be read.")
    roles = [role for role in _ROLES if role[0] != "score" or file.role == "scores"]
    fields = [_field(role, words, getattr(file.columns, role), cells) for role, words in roles]
    fields.append(_select("role", "the file holds", file.role, {"scores": "a detector's scores", "labels": "labels"}))
    if file.labels:
        known = {"": "as the words state", **{value: value for value in file.labels}}
        fields.append(_select("bonafide", "bona fide is", file.columns.bonafide or "", known))
    return Markup('<form class="ss-columns" data-file="{}">{}</form>').format(file.name, joined(fields))


def _field(role: str, words: str, chosen: str | None, cells: Mapping[str, str]) -> Markup:
    names = list(cells)
    # Of a table of embeddings nobody looks through all columns.
    few = names if len(names) <= _MOST_COLUMNS else [*names[: _MOST_COLUMNS // 2], *names[-_MOST_COLUMNS // 2 :]]
    few = few if chosen is None or chosen in few else [chosen, *few]
    shown = {"": "–"} | {name: f"{name}: {cells[name][:28]}" for name in few}
    return _select(role, words, chosen or "", shown)


def _select(name: str, words: str, chosen: str, shown: Mapping[str, str]) -> Markup:
    options = joined(
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == chosen else "", text)
        for value, text in shown.items()
    )
    return Markup('<label>{} <select name="{}">{}</select></label>').format(words, name, options)
