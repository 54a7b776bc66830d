"""What a column of a spreadsheet can hold, in words for people and in the words that headings use for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["people", "places", "nothing"]


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can hold. ``kind`` is how its values are read; ``codes`` names the list a coded field draws on."""

    name: str
    words: str
    kind: Literal["name", "date", "number", "code", "text", "id", "state", "actions", "note", "ignore"]
    codes: str = ""
    many: bool = False
    """Whether several columns of one sheet may hold it."""


_PEOPLE = (
    Field("name", "The person’s whole name", "name"),
    Field("forename", "Forename", "name"),
    Field("surname", "Surname", "name"),
    Field("aliases", "Other names they are known by", "text", many=True),
    Field("date_of_birth", "Date of birth", "date"),
    Field("age", "Age in years", "number"),
    Field("sex", "Sex", "code", "sex"),
    Field("gender_identity", "Gender identity", "text"),
    Field("ethnicity", "Ethnicity", "code", "ethnicity"),
    Field("local_id", "The social-care system’s number", "id"),
    Field("nhs_number", "NHS number", "id"),
    Field("upn", "Unique pupil number", "id"),
    Field("address", "Address or placement", "text"),
    Field("school", "School or college", "text"),
    Field("education_status", "Education status", "code", "education_status"),
    Field("legal_status", "Social-care status", "code", "legal_status"),
    Field("referred_on", "Date referred", "date"),
    Field("referred_by", "Who referred", "text"),
    Field("key_team", "Key team", "text"),
    Field("lead_professional", "Lead professional", "text"),
    Field("primary_category", "Main category of exploitation", "code", "primary_category"),
    Field("rating", "Risk rating", "code", "rating"),
    Field("pre_mace_on", "Date of the pre-MACE meeting", "date"),
    Field("mace_on", "Date of the MACE meeting", "date"),
    Field("closed_on", "Date closed", "date"),
    Field("outcome", "Outcome", "text"),
    Field("actions", "Actions, one to a line", "actions", many=True),
    Field("next_review_on", "Date of the next review", "date"),
    Field("state", "Open or closed", "state"),
    Field("missing", "Missing from home or care", "text"),
    Field("note", "Kept as text", "note", many=True),
    Field("ignore", "Not taken", "ignore", many=True),
)
_PLACES = (
    Field("place", "Place", "text"),
    Field("concern", "Concern", "text"),
    Field("first_raised_on", "Date first raised", "date"),
    Field("rag", "Red, amber or green", "text"),
    Field("who_does_what", "Who is doing what", "text"),
    Field("note", "Kept as text", "note", many=True),
    Field("ignore", "Not taken", "ignore", many=True),
)
PEOPLE: dict[str, Field] = {entry.name: entry for entry in _PEOPLE}
PLACES: dict[str, Field] = {entry.name: entry for entry in _PLACES}
FIELDS: dict[str, dict[str, Field]] = {"people": PEOPLE, "places": PLACES, "nothing": {}}
CODED: dict[str, str] = {entry.name: entry.codes for entry in _PEOPLE if entry.codes}
"""The coded fields, each with the name of its list."""
IDENTIFYING = frozenset(
    {"name", "forename", "surname", "aliases", "date_of_birth", "local_id", "nhs_number", "upn", "address", "place"}
)
"""Fields whose text a report for the shell does not repeat."""


def words_of(use: str, field: str) -> str:
    """The field in words for people."""
    return FIELDS[use][field].words if field in FIELDS.get(use, {}) else field
