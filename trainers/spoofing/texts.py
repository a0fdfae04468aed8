"""The sentences that text-to-speech speaks where a person gives no texts of their own."""

from pathlib import Path

from trainers.spoofing.base import SpoofingError

__all__ = ["SENTENCES", "read_texts"]

SENTENCES = (
    "The last bus leaves the square at twenty past eleven.",
    "She kept the letters in a tin box under the stairs.",
    "Please send the signed copies back before Friday noon.",
    "A thin layer of snow had settled on the garden wall.",
    "We could hear the children laughing two houses away.",
    "The committee will meet again in the second week of June.",
    "He poured the coffee slowly and looked out at the harbour.",
    "My account was charged twice for the same order.",
    "The road climbs through pine woods and then turns north.",
    "Could you repeat the number, a little slower this time?",
    "They repaired the bridge with timber from the old barn.",
    "Nobody had expected the river to rise so quickly.",
    "The museum opens at nine and closes an hour before sunset.",
    "I would rather walk than wait for another train.",
    "Her brother works as a carpenter in the next valley.",
    "The recording was made with a telephone in a busy street.",
    "It takes about forty minutes to reach the northern shore.",
    "Fresh bread, three lemons and a jar of honey, please.",
    "The doctor asked him to come back after the weekend.",
    "Strong winds are expected along the coast this evening.",
    "We moved the piano into the room with the large windows.",
    "There was a short silence before anyone dared to answer.",
    "The first chapter describes a journey across the desert.",
    "If it rains tomorrow, the match will be played on Sunday.",
)


def read_texts(path: Path | None) -> tuple[str, ...]:
    """Return the texts of a UTF-8 file, one a line, blank lines and repeats left out; without a file, our own.

    Raises
    ------
    SpoofingError
        When the file cannot be read or holds fewer than three texts, one for each split.
    """
    if path is None:
        return SENTENCES
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SpoofingError(f"The texts {path} cannot be read: {error}.") from error
    texts = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if len(texts) < 3:
        raise SpoofingError(f"{path} has {len(texts)} texts: give at least three, one a line.")
    return texts
