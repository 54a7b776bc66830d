"""Names made comparable: lower case, without accents, hyphens or apostrophes."""

from __future__ import annotations

import re
import unicodedata

SPECIAL = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


def name_key(*parts: str) -> str:
    """``name_key("Łukasz", "O’Brien-Smith")`` is ``"lukasz obriensmith"``; the key that names sort and match by."""
    text = unicodedata.normalize("NFKD", " ".join(parts).lower().translate(SPECIAL))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", "", text)).strip()


APOSTROPHES = re.compile("[\u0300-\u036f'’‘ʼ`´.]")
BETWEEN = re.compile("[\x01-\x2f\x3a-\x40\x5b-\x5f{|}~\xa0\u2010-\u2015\u2212]+")


def name_parts(name: str) -> list[str]:
    """``name_parts("Łukasz O’Brien-Smith")`` is ``["lukasz", "obrien", "smith"]``; names are compared part by part.

    The database's ``referrals_name_parts`` answers the same.
    """
    text = unicodedata.normalize("NFKD", name.lower().translate(SPECIAL))
    return [part for part in BETWEEN.split(APOSTROPHES.sub("", text)) if part]
