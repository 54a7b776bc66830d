"""Names of people as spreadsheets write them, taken apart into forename and surname."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mace.core.names import name_key

Style = Literal["forename_surname", "surname_comma_forename", "surname_forename"]
STYLES: dict[Style, str] = {
    "forename_surname": "Forename Surname",
    "surname_comma_forename": "Surname, Forename",
    "surname_forename": "Surname Forename",
}
PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ibn",
        "abu",
        "de",
        "da",
        "das",
        "do",
        "dos",
        "du",
        "del",
        "della",
        "di",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "st",
        "mac",
        "mc",
    ]
)
"""Words that begin a surname of several words."""
NOBODY = frozenset(
    [
        "unknown",
        "unnamed",
        "unborn",
        "male",
        "female",
        "child",
        "baby",
        "boy",
        "girl",
        "yp",
        "person",
        "sibling",
        "anonymous",
        "tbc",
        "tba",
        "various",
        "group",
        "none",
        "nil",
        "na",
        "nk",
    ]
)
FORENAMES = frozenset(Path(__file__).with_name("forenames.txt").read_text(encoding="utf-8").split())
"""Common forenames in England, used only to see which way round a column of names is written."""
_ALSO = re.compile(r"\b(?:aka|a\.k\.a\.?|(?:also )?known as)(?=\W|$)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """A name taken apart. ``kind`` is empty where nothing is doubtful.

    Else ``no_name``, ``one_name`` or ``name_split``.
    """

    forename: str
    surname: str
    aliases: str = ""
    kind: str = ""
    words: str = ""


def name_words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_][\w'’.-]*", text)


def looks_like_name(text: str) -> bool:
    """Whether a text has the shape of a person’s name: two to five capitalised words, and no figures."""
    plain = re.sub(r"\(.*?\)", "", text)
    words = name_words(plain)
    if not 2 <= len(words) <= 5 or re.search(r"[\d:;@=/+?!]", plain):
        return False
    return all(word[0].isupper() or word.lower() in PARTICLES for word in words) and not NOBODY & {
        w.lower() for w in words
    }


def usual_style(texts: Iterable[str]) -> tuple[Style, str, bool]:
    """How a column writes its names, why, and whether that is certain."""
    names = [text for text in texts if len(name_words(text)) >= 2]
    commas = sum("," in text for text in names)
    if names and commas >= 0.5 * len(names):
        return "surname_comma_forename", f"{commas} of {len(names)} names have a comma", True
    capitals = sum(bool(re.match(r"[A-Z'’-]{2,}\s+[A-Z][a-z]", text)) for text in names)
    if names and capitals >= 0.5 * len(names):
        return "surname_forename", f"{capitals} of {len(names)} names begin with a word in capitals", True
    first = sum(_known(name_words(text)[0]) and not _known(name_words(text)[-1]) for text in names)
    last = sum(_known(name_words(text)[-1]) and not _known(name_words(text)[0]) for text in names)
    if last > first and last >= 0.2 * len(names):
        return (
            "surname_forename",
            f"{last} of {len(names)} names end with a common forename, {first} begin with one",
            last > 3 * first,
        )
    return (
        "forename_surname",
        f"{first} of {len(names)} names begin with a common forename, {last} end with one",
        first >= 3 * last and first >= 0.2 * len(names),
    )


def turned_round(text: str, style: Style) -> bool:
    """Whether a single name looks written the other way round than its column.

    Only its far word is a common forename.
    """
    words = name_words(re.sub(r"\(.*?\)", "", text))
    if len(words) != 2 or "," in text:
        return False
    if style == "forename_surname" and len(words[0]) > 2 and words[0].isupper() and not words[1].isupper():
        return True
    first, last = _known(words[0]), _known(words[1])
    return (
        (last and not first)
        if style == "forename_surname"
        else (first and not last)
        if style == "surname_forename"
        else False
    )


def begins_with_forename(text: str, style: Style) -> bool:
    """Whether the word that should be the forename is a common one, and the other is none."""
    words = name_words(re.sub(r"\(.*?\)", "", text))
    if len(words) < 2:
        return False
    if "," in text or style != "forename_surname":
        words.reverse()
    return _known(words[0]) and not _known(words[-1])


def _known(word: str) -> bool:
    return name_key(word) in FORENAMES


def take_apart(text: str, style: Style) -> Parts:
    """Forename and surname of a whole name; what stands in brackets or quotation marks are other names."""
    plain, aliases = without_aliases(text)
    words = name_words(plain)
    lower = {word.lower() for word in words}
    if not words or lower & NOBODY or re.search(r"\d", plain):
        return Parts("", "", aliases, "no_name", "is not a person’s name")
    if plain.count(",") > 1 or re.search(r"[?/&+;]|\band\b", plain):
        return Parts("", "", aliases, "no_name", "cannot be taken apart into one forename and one surname")
    if len(words) == 1:
        words_for_it = "is one name only, and a forename and a surname are needed"
        return Parts("", tidy(words[0]), aliases, "one_name", words_for_it)
    surname, comma, forename = plain.partition(",")
    if not comma:
        forename, surname = _halves(plain.split(), style)
    if not forename.strip() or not surname.strip():
        return Parts("", "", aliases, "no_name", "cannot be taken apart into one forename and one surname")
    doubtful = not comma and len(plain.split()) > 2
    kind, why = ("name_split", "has more than two words") if doubtful else ("", "")
    return Parts(tidy(forename), tidy(surname), aliases, kind, why)


def _halves(given: list[str], style: Style) -> tuple[str, str]:
    """Forename and surname of words without a comma; a surname of several words begins with a particle."""
    if style == "forename_surname":
        cut = next((at for at, word in enumerate(given[1:-1], 1) if word.lower() in PARTICLES), len(given) - 1)
        return " ".join(given[:cut]), " ".join(given[cut:])
    cut = next((at for at, word in enumerate(given) if word.lower() not in PARTICLES), 0) + 1
    return " ".join(given[cut:]), " ".join(given[:cut])


def without_aliases(text: str) -> tuple[str, str]:
    """A name without what stands in brackets, in quotation marks or after ``aka``, and that."""
    aliases = [
        part.strip() for part in re.findall(r"\(([^)]*)\)|[\"“]([^\"”]*)[\"”]", text) for part in part if part.strip()
    ]
    plain = re.sub(r"\([^)]*\)|[\"“][^\"”]*[\"”]", " ", text)
    plain, _, also = re.sub(_ALSO, "|", plain, count=1).partition("|")
    aliases += [also.strip(" .,:")] if also.strip(" .,:") else []
    aliases = [re.sub(_ALSO, "", alias).strip() for alias in aliases]
    return re.sub(r"\s+", " ", plain).strip(" ,"), ", ".join(aliases)


def tidy(name: str) -> str:
    """The name without spaces too many; one all in capitals gets small letters: ``O’BRIEN`` is ``O’Brien``."""
    name = re.sub(r"\s+", " ", name).strip(" ,")
    if name.isupper() and len(name) > 2:
        name = re.sub(r"[^\W\d_]+", lambda found: found[0].capitalize(), name)
        name = re.sub(r"\b(Mc)([a-z])", lambda found: found[1] + found[2].upper(), name)
    return name
