"""Serve the page: ``python -m dashboard``, on $HOST and $PORT."""

import os

from dashboard.app import launch


def main() -> None:
    """Serve until interrupted."""
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or "7860")
    launch(host, port)


if __name__ == "__main__":
    main()
