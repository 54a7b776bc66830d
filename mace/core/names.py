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
