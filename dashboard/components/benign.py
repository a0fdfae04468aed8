"""What benign processings do to the errors of the panel and its members: the table that ships."""

from core.errors import ResultsError
from core.robustness.table import ERRORS, benign_table, read_benign
from dashboard.components.markup import Markup, card, empty, joined, note, problem, table

__all__ = ["benign_card"]

_NOTE = (
    "Each clip as it is and after each processing, at the thresholds that ship; 95 % interval over pages in brackets. "
    "{} real and {} spoofed clips of {} held-out pages."
)


def benign_card() -> Markup:
    """Return the table of benign processings; words where none ships, or it is damaged."""
    try:
        found = read_benign()
    except ResultsError as error:
        return card("Benign processings", problem(str(error)))
    if found is None:
        return card("Benign processings", empty("Not measured yet: python -m core robustness-table makes the table."))
    tables = []
    for which, title in ERRORS.items():
        frame = benign_table(found, which)
        head = Markup("<h3>{}</h3>").format(title)
        tables.append(head + table(list(frame.columns), frame.to_numpy().tolist(), numeric=range(1, frame.shape[1])))
    about = note(_NOTE.format(found.n_bonafide, found.n_spoof, found.n_pages))
    return card("Benign processings", joined(tables) + about)
