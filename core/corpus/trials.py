"""What the ASVspoof challenges' lists have in common: columns parted by blanks, no header, a file name in each row."""

from collections.abc import Iterator

from core.corpus.labels import BONAFIDE_WORDS, normalise_label
from core.corpus.reader import Reading
from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["LA_KINDS", "countermeasure_lists", "lists_of", "split_lists", "trials"]

_SPEAKER_KEYS = frozenset({"target", "nontarget", "non-target"})

# X. Wang et al., "ASVspoof 2019: a large-scale public database ...", Computer Speech & Language 64, 2020, table 1.
LA_KINDS = {
    **dict.fromkeys(("A01", "A02", "A03", "A04", "A07", "A08", "A09", "A10", "A11", "A12", "A16"), "tts"),
    **dict.fromkeys(("A05", "A06", "A17", "A18", "A19"), "vc"),
    **dict.fromkeys(("A13", "A14", "A15"), "tts-vc"),
}


def lists_of(tree: Tree, name: str, *, columns: int) -> list[str]:
    """Return the lists of this name whose first row has so many columns, those nearest to the root first."""
    return [path for path in tree.named(name) if len(next(tree.lines(path), (0, ""))[1].split()) == columns]


def countermeasure_lists(tree: Tree, name: str, *, columns: int, key: int, reading: Reading) -> list[str]:
    """Return those of the lists whose key is bonafide or spoof; the others are warned of.

    The keys of ASVspoof 2021 hold a list for speaker verification beside the one for countermeasures, of the same name
    and the same columns. Its key is target, nontarget or spoof.
    """
    found = lists_of(tree, name, columns=columns)
    wanted = [path for path in found if not _lists_speakers(tree, path, key)]
    if found and not wanted:
        reading.warnings.append(
            f"{found[0]} lists trials of speaker verification (target, nontarget), not bonafide and spoof: add the "
            f"{name} of the countermeasures, from the folder CM of the keys."
        )
    return wanted


def _lists_speakers(tree: Tree, path: str, key: int) -> bool:
    for _, line in tree.lines(path):
        word = next(iter(line.split()[key : key + 1]), "").lower()
        # A spoof stands in lists of both kinds.
        if word in _SPEAKER_KEYS or word in BONAFIDE_WORDS:
            return word in _SPEAKER_KEYS
    return False


def trials(tree: Tree, path: str, *, columns: int, key: int, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row of a list; rows of another shape go to the reading's problems.

    The key is spelt as ours: bonafide or spoof.

    Parameters
    ----------
    tree : Tree
    path : str
        The list, below the tree's root.
    columns : int
        How many cells a row has.
    key : int
        The column that holds bonafide or spoof.
    reading : Reading
    """
    for number, line in tree.lines(path):
        cells = line.split()
        if len(cells) != columns:
            reading.problems.append(Problem(number, path, f"the row has {len(cells)} columns, not {columns}"))
            continue
        try:
            cells[key] = normalise_label(cells[key])
        except CorpusError as error:
            reading.problems.append(Problem(number, path, str(error)))
        else:
            yield number, cells


def split_lists(tree: Tree, names: dict[str, str], reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield split and path of each list that is there; the others are warned of.

    Parameters
    ----------
    names : dict of str to str
        File name of the list of each split.
    """
    for split, name in names.items():
        found = tree.named(name)
        if found:
            yield split, found[0]
        else:
            reading.warnings.append(f"{split}: there is no list {name}, so its clips are left out.")
