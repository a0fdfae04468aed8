"""Write what the documents repeat of the code: commands, settings, what is registered, recipe keys, the folder tree.

``python .ci/docs.py`` writes ``docs/reference.md``, the tree of ``docs/architecture.md``, and the readers and the
counts of pages of ``docs/corpora.md``; ``--check`` writes nothing and exits with 1 when they are out of date.
"""

import ast
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
REFERENCE, ARCHITECTURE, CORPORA = Path("docs/reference.md"), Path("docs/architecture.md"), Path("docs/corpora.md")
TOP = ("core", "trainers", "dashboard")
ENDPOINTS = (
    "For `gradio_client`, or any client of HTTP. `path` is the recording; the other arguments may be left out. "
    "`checkpoint` names a detector of the page, never a folder. In an answer of JSON `path` is null and `name` is the "
    "file's. A client that leaves ends its work."
)
HEAD = "<!-- Written by `make docs`: change the code that it repeats, then write it again. -->"


def sentence(thing: object) -> str:
    """Return the first paragraph of a docstring as one line."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _option(option: object) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    if option.param_type_name == "argument":
        names = f"`{option.name.upper()}`"
    notes = [note for note in (
        "may be repeated" if option.multiple and "repeated" not in (option.help or "") else "",
        "required" if option.required and option.param_type_name == "option" else "",
        f"default `{option.default}`" if isinstance(option.default, str | int | float) and option.default not in (
            "", False, True) else "",
    ) if note]  # fmt: skip
    return names, (option.help or "") + (f" ({', '.join(notes)})" if notes else "")


def _visible(option: object) -> bool:
    return not getattr(option, "hidden", False) and "--help" not in option.opts


def commands(program: str, group: object) -> Iterator[str]:
    """Yield a section for each command of a command line."""
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        yield f"### `python -m {program} {name}`\n\n{sentence_of(command.help)}\n\n" + table(
            ("argument or option", "meaning"), [_option(option) for option in command.params if _visible(option)]
        )


def sentence_of(text: str | None) -> str:
    """Return the first paragraph of a command's help as one line."""
    return " ".join((text or "").split("\f")[0].split("\n\n")[0].split())


def registered() -> Iterator[str]:
    """Yield a section for each kind of plug-in."""
    from core.corpus.reader import READERS
    from core.detectors.network import NETWORKS
    from core.explain.base import METHODS
    from core.lab.planted import KINDS
    from core.predictions.reader import READERS as PREDICTIONS
    from trainers.spoofing.base import SYSTEMS

    kinds = (
        ("Detectors (`core/detectors/zoo/`)", NETWORKS), ("Explanation methods (`core/explain/methods/`)", METHODS),
        ("Kinds of planted evidence (`core/lab/kinds/`)", KINDS),
        ("Corpus readers (`core/corpus/readers/`)", READERS),
        ("Readers of predictions (`core/predictions/readers/`)", PREDICTIONS),
        ("Spoofing systems (`trainers/spoofing/systems/`)", SYSTEMS),
    )  # fmt: skip
    for title, registry in kinds:
        rows = [(f"`{name}`", sentence(registry.get(name))) for name in registry.names()]
        yield f"### {title}\n\n" + table(("name", "what it is"), rows)


def recipe_keys() -> str:
    """Return the keys of a recipe, those of its tables too."""
    from pydantic import BaseModel

    from trainers.recipe import Recipe

    def rows(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, ...]]:
        for name, field in model.model_fields.items():
            inner = field.annotation
            inner = next((each for each in (inner, *getattr(inner, "__args__", ())) if _is_model(each)), None)
            if inner is not None:
                many = "[]" if inner is not field.annotation else ""
                yield from rows(inner, f"{prefix}{name}{many}.")
            else:
                default = "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
                yield f"`{prefix}{name}`", default, field.description or ""

    return table(("key", "default", "meaning"), rows(Recipe))


def _is_model(kind: object) -> bool:
    from pydantic import BaseModel

    return inspect.isclass(kind) and issubclass(kind, BaseModel)


def settings() -> str:
    """Return the environment variables."""
    from core.settings import SETTINGS

    return table(("variable", "default", "meaning"), [(f"`{s.name}`", s.default, s.summary) for s in SETTINGS])


def endpoints() -> str:
    """Return what a program can ask the page for."""
    from dashboard.endpoint import ENDPOINTS

    rows = []
    for name, endpoint in ENDPOINTS.items():
        asked = ", ".join(f"`{each}`" for each in inspect.signature(endpoint.answer).parameters if each != "resources")
        rows.append((f"`{name}`", asked, endpoint.returns))
    return table(("endpoint", "arguments", "answer"), rows)


def reference() -> str:
    """Return ``docs/reference.md``."""
    import typer

    import core.cli
    import trainers.cli

    parts = [HEAD, "# Reference", "## Command lines"]
    parts += commands("core", typer.main.get_command(core.cli.COMMAND_LINE.app))
    parts += commands("trainers", typer.main.get_command(trainers.cli.COMMAND_LINE.app))
    parts += ["## Endpoints of the page", ENDPOINTS, endpoints()]
    parts += ["## Environment variables", settings(), "## What is registered", *registered()]
    parts += ["## Keys of a recipe", recipe_keys()]
    return "\n\n".join(parts) + "\n"


def tree() -> str:
    """Return the folders of the code, each with the first line of its package's docstring."""
    lines = []
    for top in TOP:
        for package in sorted((ROOT / top).rglob("__init__.py")):
            folder = package.parent.relative_to(ROOT)
            doc = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
            name = "  " * (len(folder.parts) - 1) + folder.name + "/"
            lines.append(f"{name:<18}{doc.splitlines()[0] if doc else ''}".rstrip())
    return "```\n" + "\n".join(lines) + "\n```"


def readers() -> str:
    """Return what each reader of a corpus looks for, and where its splits come from."""
    from core.corpus.reader import READERS

    rows = [(f"`{name}`", READERS.get(name).needs, READERS.get(name).splits) for name in READERS.names()]
    return table(("`--format`", "what is looked for", "split"), rows)


def pages() -> str:
    """Return how many clips on published pages there are, by split, kind and language."""
    from trainers.pages.table import PARTLY_FAKE, read_table

    clips = read_table()
    sides = {side: [c for c in clips if side == (PARTLY_FAKE if c.synthetic else c.split)] for side in (
        "train", "dev", PARTLY_FAKE)}  # fmt: skip
    counts = table(("split", "pages", "real", "spoofed", "systems"), [
        (f"`{name}`" if name != "all" else name, f"{len({c.repo for c in group}):,}",
         *(f"{sum(c.label == label for c in group):,}" for label in ("bonafide", "spoof")),
         f"{len({c.system for c in group if c.label == 'spoof'}):,}")
        for name, group in {**sides, "all": clips}.items()
    ])  # fmt: skip
    kinds = Counter((c.label, c.kind) for c in clips)
    systems = {kind: len({c.system for c in clips if (c.label, c.kind) == kind}) for kind in kinds}
    by_kind = ", ".join(
        f"`{kind[1]}` {count:,}" + (f" ({systems[kind]} systems)" if kind[0] == "spoof" else "")
        for kind, count in sorted(kinds.items(), key=lambda item: (item[0][0], -item[1]))
    )
    languages = Counter(c.language or "not known" for c in clips).most_common()
    return f"{counts}\n\nBy kind: {by_kind}.\n\nBy language: {', '.join(f'{name} {n:,}' for name, n in languages)}."


def between_markers(path: Path, blocks: dict[str, str]) -> str:
    """Return a document with what stands between the markers of each name written anew."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for name, content in blocks.items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        block = f"{start}\n{content}\n{end}"
        text = re.sub(f"{start}.*?{end}", lambda _, block=block: block, text, flags=re.DOTALL)
    return text


def documents() -> dict[Path, str]:
    """Return what each document should hold."""
    return {
        REFERENCE: reference(),
        ARCHITECTURE: between_markers(ARCHITECTURE, {"tree": tree()}),
        CORPORA: between_markers(CORPORA, {"readers": readers(), "pages": pages()}),
    }


def outdated() -> list[Path]:
    """Return the documents that do not hold what they should."""
    return [
        path for path, text in documents().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]  # fmt: skip


def main() -> int:
    """Write the documents, or with ``--check`` name those that are out of date."""
    if "--check" in sys.argv[1:]:
        late = outdated()
        print("\n".join(f"{path} is out of date: run `make docs`." for path in late))
        return int(bool(late))
    for path, text in documents().items():
        (ROOT / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
