"""``python -m core``: the command line."""

from core.cli import COMMAND_LINE

if __name__ == "__main__":
    COMMAND_LINE.run()
