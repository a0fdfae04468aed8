"""The shape of the project: who imports whom, what lies where, what may ship. Each rule is shown to bite."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "dashboard", "trainers")
MAY_IMPORT = {"core": {"core"}, "dashboard": {"core", "dashboard"}, "trainers": {"core", "trainers"}}
TOP_FOLDERS = {".ci", "checkpoints", "core", "dashboard", "docs", "findings", "requirements", "tests", "trainers"}
TOP_FILES = {".gitattributes", ".gitignore", "LICENSE", "Makefile", "README.md", "pyproject.toml"}
TOP_LEVEL = TOP_FOLDERS | TOP_FILES
KEYS_OF_PICKLES = {"allow_pickle", "weights_only"}
UNPICKLERS = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
PICKLED_SUFFIXES = {".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}
MEGABYTE = 1_000_000
ONE_CHECKPOINT, ALL_CHECKPOINTS = 25 * MEGABYTE, 120 * MEGABYTE
PIN = re.compile(r'[a-z0-9][a-z0-9.-]*==[0-9][0-9a-z.]*( ; [a-z_]+ [=>]= "[^"]+"( and [a-z_]+ == "[^"]+")*)?')

Rule = Callable[[Path], list[str]]


def project_files(root: Path) -> list[Path]:
    """Return the project's files: what git tracks or would add, or everything where there is no git."""
    if not (root / ".git").exists():
        return sorted(path for path in root.rglob("*") if path.is_file())
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return sorted(root / name for name in set(listed.split("\0")) if name and (root / name).is_file())


def sources(root: Path, *packages: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield each module of the packages as its path in the project and its syntax tree."""
    for path in project_files(root):
        relative = path.relative_to(root)
        if path.suffix == ".py" and relative.parts[0] in packages:
            yield relative, parsed(path.read_text(encoding="utf-8"), str(relative))


@cache
def parsed(text: str, name: str) -> ast.Module:
    """Return a syntax tree; several rules ask for the same."""
    return ast.parse(text, name)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of all that a module imports, inside functions and by importlib too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and called(node).endswith("import_module"):
            yield from ((node.lineno, str(arg.value)) for arg in node.args if isinstance(arg, ast.Constant))


def called(node: ast.Call) -> str:
    """Return the dotted name that a call is written with, such as ``torch.load``."""
    parts, place = [], node.func
    while isinstance(place, ast.Attribute):
        parts.append(place.attr)
        place = place.value
    return ".".join(reversed([*parts, place.id if isinstance(place, ast.Name) else ""]))


def wrong_imports(root: Path) -> list[str]:
    """``core`` imports only itself; ``dashboard`` and ``trainers`` import ``core`` and never each other."""
    ours = {*PACKAGES, "tests"}
    return [
        f"{path}:{line} imports {name}"
        for path, tree in sources(root, *PACKAGES)
        for line, name in imports(tree)
        if name.startswith(".") or name.split(".")[0] in ours - MAY_IMPORT[path.parts[0]]
    ]


METRICS = {
    "metrics", "det", "tables", "bins", "bootstrap", "resampled", "shares", "tandem", "fusion", "voting", "voters",
    "combining", "paired", "projections", "space", "reliability",
}  # fmt: skip
CALCULATORS = {"scipy", "sklearn", "statsmodels", "torchmetrics", "umap"}


def computing_views(root: Path) -> list[str]:
    """``dashboard`` draws: figures of merit, clusterings and votes come from ``core.results``, where all share them."""
    banned = {f"core.analysis.{name}" for name in METRICS} | CALCULATORS
    found = []
    for path, tree in sources(root, "dashboard"):
        asked = list(imports(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "core.analysis":
                asked += [(node.lineno, f"core.analysis.{alias.name}") for alias in node.names]
        found += [
            f"{path}:{line} imports {name}"
            for line, name in asked
            if any(name == module or name.startswith(f"{module}.") for module in banned)
        ]
    return found


def strangers_at_the_top(root: Path) -> list[str]:
    """The top level holds the six folders of the design, and the project's own files."""
    return sorted({path.relative_to(root).parts[0] for path in project_files(root)} - TOP_LEVEL)


def drawers(root: Path) -> list[str]:
    """No module is a drawer for what has no place."""
    names = {"common.py", "helpers.py", "misc.py", "util.py", "utils.py"}
    return [str(path.relative_to(root)) for path in project_files(root) if path.name in names]


def foreign_paths(root: Path) -> list[str]:
    """Code, settings and what ships name no folder outside the checkout and no folder of one machine."""
    suffixes = {".html", ".js", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ".csv"}
    pattern = re.compile(r"\.\./shared|/(work|root|home|Users)/\w")
    found = []
    for path in project_files(root):
        relative = path.relative_to(root)
        if path.suffix in suffixes and relative.parts[0] != "tests":
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [f"{relative}:{n} {line.strip()[:80]}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def _names_its_error(node: ast.AST) -> bool:
    """``from pickle import UnpicklingError`` runs nothing: it is how a refusal is caught."""
    return isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == ["UnpicklingError"]


def _unpickles(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    given = {word.arg: ast.unparse(word.value) for word in node.keywords if word.arg in KEYS_OF_PICKLES}
    if name == "torch.load":
        return given.get("weights_only") != "True"
    return given.get("allow_pickle", "False") != "False" or name.rsplit(".", 1)[-1] == "read_pickle"


def unpicklings(root: Path) -> list[str]:
    """No file can run code here: no pickle, no ``torch.load`` without ``weights_only=True``."""
    found = []
    for path, tree in sources(root, *PACKAGES):
        harmless = {node.lineno for node in ast.walk(tree) if _names_its_error(node)}
        asked = [(line, name) for line, name in imports(tree) if line not in harmless]
        found += [f"{path}:{line} {name}" for line, name in asked if name.split(".")[0] in UNPICKLERS]
        found += [f"{path}:{node.lineno} {ast.unparse(node)}" for node in ast.walk(tree) if _unpickles(node)]
    return found


def _holds_objects(path: Path) -> bool:
    try:
        np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        return True
    return False


def pickled_checkpoints(root: Path) -> list[str]:
    """What ships holds no pickled file: neither by its name nor inside a ``.npy`` of objects."""
    shipped = [path for path in project_files(root) if path.relative_to(root).parts[0] == "checkpoints"]
    return [
        str(path.relative_to(root))
        for path in shipped
        if path.suffix in PICKLED_SUFFIXES or (path.suffix == ".npy" and _holds_objects(path))
    ]


def heavy_checkpoints(root: Path) -> list[str]:
    """Each folder of ``checkpoints`` stays below 25 MB, all of them below 120 MB."""
    sizes: dict[str, int] = {}
    for path in project_files(root):
        relative = path.relative_to(root)
        if relative.parts[0] == "checkpoints":
            folder = str(Path(*relative.parts[: min(2, len(relative.parts))]))
            sizes[folder] = sizes.get(folder, 0) + path.stat().st_size
    heavy = {folder: size for folder, size in sizes.items() if size >= ONE_CHECKPOINT}
    if (total := sum(sizes.values())) >= ALL_CHECKPOINTS:
        heavy["checkpoints"] = total
    return [f"{folder}: {size / MEGABYTE:.1f} MB" for folder, size in heavy.items()]


def loose_requirements(root: Path) -> list[str]:
    """Each requirement is pinned to one public version; no index, no local file, none missing."""
    files = sorted((root / "requirements").glob("*.txt"))
    lines = [line for file in files for line in file.read_text().splitlines() if not line.startswith("#")]
    pinned = {re.split(r"[^a-z0-9.-]", line)[0] for line in lines}
    wishes = "\n".join(file.read_text() for file in (root / "requirements").glob("*.in"))
    asked = re.findall(r"^[A-Za-z][\w.-]*", wishes, re.MULTILINE)
    missing = sorted({name.lower().replace("_", "-") for name in asked} - pinned)
    return [line for line in lines if not PIN.fullmatch(line)] + [f"{name} is not locked" for name in missing]


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands under ``if TYPE_CHECKING``: it is read by the type checker and never run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from (inner for statement in node.body for inner in ast.walk(statement))


def _room(module: str) -> str:
    """Return the part of core that a module belongs to: ``core.audio.decode`` to ``audio``."""
    return module.split(".")[1] if module.count(".") else ""


def rooms_used(root: Path) -> dict[str, dict[str, str]]:
    """Return, for each room of core, the rooms that it imports when it runs, and where."""
    used: dict[str, dict[str, str]] = {}
    for path, tree in sources(root, "core"):
        room = _room(".".join(path.with_suffix("").parts))
        annotations = {id(node) for node in _annotations(tree)}
        for node in ast.walk(tree):
            if id(node) in annotations or not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for line, name in imports(ast.Module([node], [])):
                if name.startswith("core.") and _room(name) != room:
                    used.setdefault(room, {}).setdefault(_room(name), f"{path}:{line} imports {name}")
    return used


def upward_imports(root: Path) -> list[str]:
    """No room of core needs, by whatever way round, one that needs it: there is an order from the bottom up."""
    used = rooms_used(root)
    below = {room: set(names) for room, names in used.items()}
    for _ in below:
        below = {room: names.union(*(below.get(name, set()) for name in names)) for room, names in below.items()}
    return [where for room, names in used.items() for name, where in names.items() if room in below.get(name, set())]


RULES: list[Rule] = [
    wrong_imports,
    computing_views,
    strangers_at_the_top,
    drawers,
    foreign_paths,
    unpicklings,
    pickled_checkpoints,
    heavy_checkpoints,
    loose_requirements,
    upward_imports,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    assert rule(REPOSITORY) == []


BREACHES: list[tuple[Rule, str, str | bytes]] = [
    (wrong_imports, "core/a.py", "import dashboard.app"),
    (wrong_imports, "core/a.py", "def f():\n    from trainers import loop"),
    (wrong_imports, "core/a.py", "import importlib\nimportlib.import_module('dashboard.app')"),
    (wrong_imports, "dashboard/a.py", "from trainers.loop import fit"),
    (wrong_imports, "trainers/a.py", "import dashboard"),
    (wrong_imports, "core/a.py", "from ..trainers import loop"),
    (wrong_imports, "core/a.py", "from tests.conftest import speech"),
    (computing_views, "dashboard/a.py", "from core.analysis.metrics import eer"),
    (computing_views, "dashboard/a.py", "from core.analysis import det"),
    (computing_views, "dashboard/a.py", "def f():\n    import sklearn.metrics"),
    (computing_views, "dashboard/a.py", "from scipy.stats import norm"),
    (strangers_at_the_top, "scripts/a.sh", "true"),
    (strangers_at_the_top, "notes.md", ""),
    (drawers, "core/utils.py", ""),
    (foreign_paths, "core/a.py", 'ROOT = "../shared/corpus"'),
    (foreign_paths, "checkpoints/a/card.json", '{"from": "/home/me/corpus"}'),
    (unpicklings, "core/a.py", "from pickle import load"),
    (unpicklings, "core/a.py", "from pickle import UnpicklingError, loads"),
    (unpicklings, "trainers/a.py", "import joblib"),
    (unpicklings, "core/a.py", "import torch\ntorch.load('a')"),
    (unpicklings, "core/a.py", "import torch\ntorch.load('a', weights_only=False)"),
    (unpicklings, "dashboard/a.py", "import numpy as np\nnp.load('a.npy', allow_pickle=True)"),
    (unpicklings, "core/a.py", "import pandas as pd\npd.read_pickle('a')"),
    (pickled_checkpoints, "checkpoints/a/model.pth", b"\x80"),
    (heavy_checkpoints, "checkpoints/a/model.safetensors", bytes(ONE_CHECKPOINT)),
    (loose_requirements, "requirements/run.txt", "numpy>=2\n"),
    (loose_requirements, "requirements/run.txt", "numpy\n"),
    (loose_requirements, "requirements/run.txt", "numpy==2.0+local\n"),
    (loose_requirements, "requirements/run.txt", "numpy==2.0\n--extra-index-url https://index.invalid/simple\n"),
    (loose_requirements, "requirements/run.txt", "numpy @ file:///wheels/numpy.whl\n"),
    (loose_requirements, "requirements/run.txt", "scipy==1.17.1\n"),
    (loose_requirements, "requirements/test.in", "pytest\n"),
]


@pytest.fixture
def model_project(tmp_path: Path) -> Path:
    """A small project that keeps every rule."""
    content = {
        "core/a.py": "import torch\ntorch.load('a', weights_only=True)\n",
        "dashboard/b.py": "from core.a import f\nfrom dashboard import c\n",
        "trainers/d.py": "from pickle import UnpicklingError\n\nfrom core import a\n",
        "tests/test_a.py": "PATH = '../shared'\n",
        "checkpoints/a/card.json": "{}",
        "core/low/e.py": "if TYPE_CHECKING:\n    from core.high.f import g\n",
        "core/high/f.py": "from core.low import e\n",
        "requirements/run.in": "numpy>=2\n",
        "requirements/run.txt": '# locked\nnumpy==2.4.6\ntriton==3.6.0 ; sys_platform == "linux"\n',
    }
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    np.save(tmp_path / "checkpoints/a/embeddings.npy", np.zeros((2, 3)))
    return tmp_path


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_allows_a_clean_project(rule: Rule, model_project: Path) -> None:
    assert rule(model_project) == []


@pytest.mark.parametrize(("rule", "name", "content"), BREACHES)
def test_the_rule_notices_a_breach(rule: Rule, name: str, content: str | bytes, model_project: Path) -> None:
    path = model_project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert len(rule(model_project)) == 1


def test_a_circle_of_rooms_is_noticed(model_project: Path) -> None:
    (model_project / "core/low/e.py").write_text("def f():\n    from core.high.f import g\n")
    assert upward_imports(model_project) == [
        "core/high/f.py:1 imports core.low",
        "core/low/e.py:2 imports core.high.f",
    ]


def test_an_array_of_objects_is_noticed_as_pickled(model_project: Path) -> None:
    np.save(model_project / "checkpoints/a/names.npy", np.array([{}]), allow_pickle=True)
    assert pickled_checkpoints(model_project) == ["checkpoints/a/names.npy"]


def test_all_checkpoints_together_have_a_limit(model_project: Path) -> None:
    for number in range(5):
        path = model_project / f"checkpoints/{number}/model.safetensors"
        path.parent.mkdir()
        path.write_bytes(bytes(24 * MEGABYTE))
    assert heavy_checkpoints(model_project) == ["checkpoints: 120.0 MB"]
