"""Turn pip's resolution report (standard input) into pinned requirements (standard output)."""

import json
import re
import sys

# Torch brings these only where its CUDA wheels exist; elsewhere they cannot be installed at all.
CUDA_ONLY = re.compile(r"^(nvidia|cuda|triton)\b")
CUDA_MARKER = ' ; sys_platform == "linux" and platform_machine == "x86_64"'


def pins(report: dict) -> list[str]:
    """Return one sorted ``name==version`` per package that ``pip install --report`` resolved."""
    lines = []
    for entry in report["install"]:
        name, version = entry["metadata"]["name"].lower().replace("_", "-"), entry["metadata"]["version"]
        if "+" in version:
            raise SystemExit(f"{name} {version} is a local build: others cannot install it.")
        lines.append(f"{name}=={version}{CUDA_MARKER if CUDA_ONLY.match(name) else ''}")
    return sorted(lines)


if __name__ == "__main__":
    print("# Written by `make lock` from requirements.in: change that file, then lock again.")
    print("\n".join(pins(json.load(sys.stdin))))
