"""The report: one HTML file that asks for nothing else, laid out from the case's other files alone."""

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from core.analysis.calibration import EVEN
from core.analysis.format import first_few
from core.case.archive import FOLDER
from core.case.folder import folders, shared_json
from core.case.layout import table
from core.case.picture import picture_svg
from core.case.sections import recording_section
from core.fusion import Fusion

__all__ = ["report_html"]

_PAGE = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{style}</style>'
    "</head><body><main>{body}</main></body></html>\n"
)
_LIMITS = (
    "This is evidence about a recording, not proof. A detector knows the kinds of spoofs, rooms and telephones that it "
    "was trained on; speech of a kind that it never met may be called either.",
    "P(spoof) of the recording and of its seconds is the panel's, at a prior of {prior:.2f}: a spoof is taken to be "
    "that likely before anything is known of the recording. That of a single detector is at a prior of 0.50. What else "
    "is known of the recording may weigh more.",
    "Real speech that was processed (noise suppression, a neural codec, a change of pitch or tempo) may be called "
    "spoofed though nobody is imitated in it.",
    "A verdict of bona fide is none on who speaks, when, or whether the recording was cut.",
    "Not analysed: the words, who speaks them, pictures of a video, sound above 8 kHz, channels by themselves (they "
    "are mixed to one), and what was dropped or is digital silence, as each recording's last table lists.",
)
_VERIFY = (
    "“python -m core verify case.zip” checks that no byte of this archive was changed and that this report follows "
    "from the files beside it; with “--audio FILE” it computes everything again from the recording. The archive's own "
    "digest finds accidents, not forgers, who can write another: to prove later that a case is the one that was made, "
    "keep the SHA-256 of the zip in another place."
)


def report_html(entries: Mapping[str, bytes], *, made: str) -> dict[str, bytes]:
    """Return the report and its pictures as entries of a case.

    Parameters
    ----------
    entries : mapping of str to bytes
        The case's other files.
    made : str
        When, in words.
    """
    recordings = list(folders(entries))
    pictures = {f"{folder.prefix}picture.svg": (picture_svg(folder) + "\n").encode() for folder in recordings}
    names = [folder.json("recording.json")["name"] for folder in recordings]
    title = f"Spoofscope case: {first_few(names, 1)}"
    head = Markup('<header><p class="brand">Spoofscope</p><p>Case of {} recording{}, made {}</p></header>').format(
        len(names), "" if len(names) == 1 else "s", made
    )
    body = Markup("").join(
        [head, *(recording_section(folder) for folder in recordings), _limits(entries), _made_by(entries)]
    )
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    page = _PAGE.format(title=title, style=Markup(style), body=body)
    return {**pictures, f"{FOLDER}report.html": page.encode("utf-8", "replace")}


def _limits(entries: Mapping[str, bytes]) -> Markup:
    fusion = shared_json(entries, "settings.json")["fusion"]
    prior = EVEN if fusion is None else Fusion.from_json(fusion).prior
    points = Markup("").join(Markup("<li>{}</li>").format(limit.format(prior=prior)) for limit in _LIMITS)
    rates = shared_json(entries, "error-rates.json")
    measured = Markup("<p>This panel's error rates on pages that nobody trained on were not measured.</p>")
    if rates["rows"]:
        words = (
            "<h3>How often it errs on pages that nobody trained on</h3><p>Verdicts of this panel on clips of published "
            "pages that neither member was trained on, with 95 % intervals over pages. These pages also set its "
            "thresholds, so that others may be worse.</p>"
        )
        cells = [[Markup("{}<br>[{}").format(*cell.partition(" [")[::2]) if " [" in cell else cell for cell in row]
                 for row in rates["rows"]]
        measured = Markup(words) + table(rates["columns"], cells)
    return Markup('<section class="limits"><h2>Limits</h2><ul>{}</ul>{}</section>').format(points, measured)


def _made_by(entries: Mapping[str, bytes]) -> Markup:
    versions, models = shared_json(entries, "versions.json"), shared_json(entries, "models.json")
    settings = shared_json(entries, "settings.json")
    rows = [
        (name, "panel" if own["member"] else "beside it", f"{own['parameters']:,}", own["sha256"])
        for name, own in models.items()
    ]
    packages = ", ".join(f"{name} {version}" for name, version in versions["packages"].items())
    about = [
        ("Spoofscope's own files, SHA-256", versions["spoofscope"]),
        ("Python and machine", f"{versions['python']}, {versions['machine']}"), ("packages", packages),
        ("inference engine asked for", settings["engine"]),
        ("panel", ", ".join(settings["panel"])),
    ]  # fmt: skip
    facts = Markup("").join(Markup("<tr><th>{}</th><td>{}</td></tr>").format(*row) for row in about)
    digests = table(("model", "part", "parameters", "SHA-256 of its weights"), rows, text=(0, 1, 3), kind="digests")
    html = '<section class="limits"><h2>How to check this case</h2><p>{}</p>{}<table class="facts">{}</table></section>'
    return Markup(html).format(_VERIFY, digests, facts)
