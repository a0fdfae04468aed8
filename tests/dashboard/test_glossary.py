import ast
from pathlib import Path

import pytest

import dashboard
from core.analysis.slices import SLICES
from core.explain.base import METHODS
from dashboard.components.markup import Markup, card, esc, note, table, term
from dashboard.components.panes import tips
from dashboard.glossary import GLOSSARY, meaning


def _named(function: str) -> set[str]:
    """Return the terms that the page's sources ask ``function`` for by a literal."""
    found = set()
    for path in Path(dashboard.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == function and node.args:
                first = node.args[0]
                found |= {str(first.value)} if isinstance(first, ast.Constant) else set()
                found |= {v.value for v in getattr(first, "values", []) if isinstance(v, ast.Constant)}
    return found


@pytest.mark.parametrize("name", GLOSSARY)
def test_a_meaning_is_one_short_sentence(name: str) -> None:
    sentence = meaning(name)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert len(sentence) <= 160


@pytest.mark.parametrize("function", ["term", "tips"])
def test_every_term_that_the_page_explains_is_in_the_glossary(function: str) -> None:
    assert _named(function) <= GLOSSARY.keys()


def test_every_entry_of_the_glossary_is_used() -> None:
    paths = [path for path in Path(dashboard.__file__).parent.rglob("*.py") if path.name != "glossary.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    elsewhere = {*METHODS.names(), *SLICES}
    assert [name for name in GLOSSARY if f'"{name}"' not in code and name not in elsewhere] == []


def test_a_term_carries_its_meaning_for_mouse_and_keyboard() -> None:
    assert term("EER") == f'<abbr class="ss-term" tabindex="0" title="{meaning("EER")}">EER</abbr>'
    assert ">false alarms<" in term("false alarm", "false alarms")
    with pytest.raises(KeyError):
        term("no such term")


def test_a_control_is_given_the_meaning_of_its_term() -> None:
    laid_out = tips({"scores-at-eer": "at EER"})
    assert f'"scores-at-eer": "{meaning("at EER")}"' in str(laid_out.js_on_load)


def test_text_is_escaped_and_html_is_not() -> None:
    assert esc("<b>") == "&lt;b&gt;"
    assert esc(Markup("<b>")) == "<b>"
    assert "&lt;b&gt;" in note("<b>")
    assert "&lt;b&gt;" in card("<b>", note(""))
    assert table([term("EER")], [("<i>",)]).count("&lt;i&gt;") == 1
    assert 'class="ss-term"' in table([term("EER")], [])
