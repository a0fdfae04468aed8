"""Serve the page: ``python -m dashboard``, on $HOST and $PORT, for who knows $SPOOFSCOPE_AUTH where it is set."""

import os
import sys

from dashboard.app import launch
from dashboard.server import exposure, read_account


def main() -> None:
    """Serve until interrupted."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "7860"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {port!r}.")
    try:
        account = read_account(os.environ.get("SPOOFSCOPE_AUTH"))
    except ValueError as error:
        sys.exit(str(error))
    if warning := exposure(host, account):
        print(warning, file=sys.stderr, flush=True)
    try:
        launch(host, int(port), account=account, on_ready=lambda url: print(f"Spoofscope: {url}", flush=True))
    except OSError as error:
        sys.exit(f"Cannot serve on {host}:{port}: {error.strerror or error}. Set PORT to another number.")


if __name__ == "__main__":
    main()
