"""``python -m trainers``: the command line of the trainers."""

import sys

from trainers.cli import main

if __name__ == "__main__":
    sys.exit(main())
