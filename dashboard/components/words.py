"""The result in words: one paragraph in each language, of which the browser shows the one that was chosen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.words import Facts, languages, sentences
from dashboard.components.markup import Markup, frame_head, joined, note, table

if TYPE_CHECKING:
    from core.words import Sentence

__all__ = ["CHOOSE", "words_head", "words_text"]

_WAITING = "One paragraph for a reader who knows nothing of the field appears here with the verdict."
_SUMMARY = "Every number, and where it is from"
_BELOW = (
    "Rules put the paragraph together from these facts and nothing else. Rest on a sentence to see which of them it "
    "used; facts without a wording of their own decided which sentence was taken."
)

#: Has the browser show the chosen language, and remember it.
CHOOSE = """
const chosen = element.querySelector('select'), key = 'spoofscope-words';
const known = [...chosen.options].map((option) => option.value);
const show = (code) => { document.documentElement.dataset.words = chosen.value = code; };
const kept = localStorage.getItem(key);
show(known.includes(kept) ? kept : known[0]);
chosen.addEventListener('change', () => { localStorage.setItem(key, chosen.value); show(chosen.value); });
"""


def words_head() -> Markup:
    """Return the card's heading with the choice of a language, and the rule by which only that one is shown."""
    option = Markup('<option value="{0}" lang="{0}">{1}</option>')
    options = joined(option.format(code, title) for code, title in languages().items())
    select = Markup('<select class="ss-language" aria-label="Language of the paragraph">{}</select>').format(options)
    others = ",".join(
        f'html[data-words="{code}"] .ss-words > [data-words]:not([data-words="{code}"])' for code in languages()
    )
    return frame_head("In words", aside=select + Markup("<style>{}{{display:none}}</style>").format(Markup(others)))


def words_text(facts: Facts | None) -> Markup:
    """Return the paragraph in every language; what will stand there where nothing is known yet."""
    if facts is None:
        return note(_WAITING)
    return Markup('<div class="ss-words">{}</div>').format(joined(_in(code, facts) for code in languages()))


def _in(code: str, facts: Facts) -> Markup:
    found = sentences(facts, code)
    span = Markup('<span title="{}">{}</span> ')
    # No line begins with a per cent sign.
    paragraph = joined(
        span.format(", ".join(used.name for used in sentence.facts), sentence.text.replace(" %", "\u00a0%"))
        for sentence in found
    )
    return Markup('<div data-words="{0}"><p lang="{0}">{1}</p>{2}</div>').format(code, paragraph, _facts(found))


def _facts(found: "Sequence[Sentence]") -> Markup:
    """Return every fact that the sentences used, once, with its value and how it is written."""
    used = {fact.name: fact for sentence in found for fact in sentence.facts}
    rows = [(Markup("<code>{}</code>").format(fact.name), fact.value, fact.shown or "–") for fact in used.values()]
    html = '<details class="ss-menu ss-facts"><summary>{}</summary><div>{}{}</div></details>'
    return Markup(html).format(_SUMMARY, note(_BELOW), table(("Fact", "Value", "As written"), rows))
