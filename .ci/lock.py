"""Split pip's resolutions of all groups into pinned requirements: a file a group, and one for what CUDA wheels need.

``python .ci/lock.py REPORT [REPORT]...``: reports of ``pip install --dry-run --report`` for ``requirements/*.in``, one
for each Python, the oldest first. What only a later Python needs is pinned with that marker.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pip._vendor.packaging.markers import default_environment
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

FOLDER = Path("requirements")
GROUPS = ("run", "train", "test", "voices", "ray")
# torch brings these only where its CUDA wheels exist; a build for the CPU alone does without them.
CUDA_ONLY = re.compile(r"^(nvidia|cuda|triton)\b")
CUDA_MARKER = ' ; sys_platform == "linux" and platform_machine == "x86_64"'

Resolved = dict[str, tuple[str, list[str]]]
"""A package's version, and what it requires."""


def resolved(report: dict) -> Resolved:
    """Return what pip resolved, by canonical name."""
    found: Resolved = {}
    for entry in report["install"]:
        metadata = entry["metadata"]
        if "+" in metadata["version"]:
            raise SystemExit(f"{metadata['name']} {metadata['version']} is a local build: others cannot install it.")
        found[canonicalize_name(metadata["name"])] = (metadata["version"], metadata.get("requires_dist", []))
    return found


def asked(group: str) -> Iterator[Requirement]:
    """Yield what a group's ``.in`` file asks for."""
    for line in (FOLDER / f"{group}.in").read_text().splitlines():
        if line and not line.startswith("#"):
            yield Requirement(line)


def closure(wanted: Iterable[Requirement], packages: Resolved, environment: dict[str, str]) -> set[str]:
    """Return the names of all that is needed for what is wanted."""
    seen: set[tuple[str, str]] = set()
    todo = [(canonicalize_name(r.name), extra) for r in wanted for extra in ("", *r.extras)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen or name not in packages:
            continue
        seen.add((name, extra))
        for line in packages[name][1]:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({**environment, "extra": extra}):
                todo += [(canonicalize_name(need.name), more) for more in ("", *need.extras)]
    return {name for name, _ in seen}


def environment_of(report: dict) -> dict[str, str]:
    """Return the markers' values on the machine and Python of a report."""
    return {**default_environment(), **report.get("environment", {})}


def split(reports: list[dict]) -> dict[str, list[str]]:
    """Return the pins of each file, sorted."""
    pins: dict[str, dict[str, str]] = {name: {} for name in (*GROUPS, "cuda")}
    for number, report in enumerate(reports):
        packages, environment = resolved(report), environment_of(report)
        later = f' ; python_version >= "{environment["python_version"]}"' if number else ""
        for group in GROUPS:
            for name in closure(asked(group), packages, environment):
                if not any(name in known for known in pins.values()):
                    file = "cuda" if CUDA_ONLY.match(name) else group
                    marker = CUDA_MARKER if file == "cuda" else later
                    pins[file][name] = f"{name}=={packages[name][0]}{marker}"
    return {file: sorted(lines.values()) for file, lines in pins.items()}


def main(paths: list[str]) -> None:
    """Write the pins of each group."""
    for file, lines in split([json.loads(Path(path).read_text()) for path in paths]).items():
        head = "# Written by `make lock` from the .in files beside it: change those, then lock again."
        part = FOLDER / f"{file}.txt.part"
        part.write_text("\n".join([head, *lines]) + "\n")
        part.replace(FOLDER / f"{file}.txt")


if __name__ == "__main__":
    main(sys.argv[1:])
