"""The languages that a paragraph can be written in: one file of texts each, and how numbers are written in them."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from core.errors import UnknownNameError

__all__ = ["Language", "languages", "placeholders", "read_language"]

_FOLDER = Path(__file__).resolve().parent
# Recordings as long as this have their times written like a clock's.
_CLOCK_S = 100.0


def placeholders(template: str) -> list[str]:
    """Return the names of what a text leaves open, in order."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


@dataclass(frozen=True)
class Language:
    """The texts of one language.

    Attributes
    ----------
    code : str
        Of ISO 639, as its file is called.
    texts : mapping of str to (mapping of str to Any)
        By topic and name: templates whose placeholders are names of facts.
    """

    code: str
    texts: Mapping[str, Mapping[str, Any]]

    @property
    def title(self) -> str:
        """What the language calls itself."""
        return self.text("language.title")

    def text(self, key: str) -> str:
        """Return the text of a key such as ``verdict.spoofed``."""
        topic, _, name = key.partition(".")
        return str(self.texts[topic][name])

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the language's own signs for decimals and thousands."""
        whole, _, decimals = f"{value:,.{digits}f}".partition(".")
        grouped = whole.replace(",", self.text("number.thousands"))
        return grouped + (self.text("number.decimal") + decimals if decimals else "")

    def share(self, value: float, digits: int = 0) -> str:
        """Return a share of 1 in per cent; what is not quite all or nothing does not read so."""
        percent = self.text("number.percent")
        if 0.99 < value < 1:
            return self.text("number.over").format(value=percent.format(value=self.number(99)))
        if 0 < value < 0.01:
            return self.text("number.under").format(value=percent.format(value=self.number(1)))
        return percent.format(value=self.number(100 * value, digits))

    def count(self, value: int) -> str:
        """Return a small number as a word, a large one in digits."""
        words = self.texts["number"]["words"]
        return str(words[value]) if value < len(words) else self.number(value)

    def duration(self, seconds: float) -> str:
        """Return a length of time with its unit."""
        if seconds < _CLOCK_S:
            return self.text("number.seconds").format(value=self.number(seconds, 1))
        minutes, rest = divmod(round(seconds), 60)
        return self.text("number.minutes").format(minutes=self.number(minutes), seconds=self.number(rest))

    def stretch(self, start_s: float, end_s: float, *, of_s: float) -> str:
        """Return from when to when in a recording of ``of_s`` seconds; long ones have minutes."""
        key, write = ("number.stretch", self._moment) if of_s < _CLOCK_S else ("number.clock", self._clock)
        # As many decimals as it takes to tell the ends apart.
        digits = 1 if end_s - start_s >= 0.1 - 1e-9 else 2
        return self.text(key).format(start=write(start_s, digits), end=write(end_s, digits))

    def _moment(self, seconds: float, digits: int) -> str:
        return self.number(seconds, digits)

    def _clock(self, seconds: float, digits: int) -> str:
        minutes, rest = divmod(round(seconds, digits), 60)
        return f"{int(minutes)}:{'0' if rest < 10 else ''}{self.number(rest, digits)}"

    def listed(self, texts: list[str]) -> str:
        """Return texts as a list in a sentence."""
        if len(texts) < 2:
            return "".join(texts)
        return f"{', '.join(texts[:-1])} {self.text('number.and')} {texts[-1]}"


def languages() -> dict[str, str]:
    """Return the languages there are: what each is called, by its code, English first."""
    codes = sorted((path.stem for path in _FOLDER.glob("*.toml")), key=lambda code: (code != "en", code))
    return {code: read_language(code).title for code in codes}


@functools.cache
def read_language(code: str) -> Language:
    """Return a language.

    Raises
    ------
    UnknownNameError
        When there are no texts in it.
    """
    known = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    if code not in known:
        raise UnknownNameError(f"There are no texts in the language {code!r}: choose one of {', '.join(known)}.")
    return Language(code, tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8")))
