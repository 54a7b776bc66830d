"""Figures of referrals, counted by the database from the rows that the acting seat may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from dashboards.models import PopulationShare, PublishedFigures
from dashboards.rules import (
    AGE_BANDS,
    BROAD_GROUPS,
    NOT_KNOWN,
    TEENAGE,
    Group,
    Table,
    month_words,
    months_between,
    share_words,
    table,
)
from referrals.enums import Rating
from referrals.selectors.codes import codes, label

OPEN, CLOSED, NEITHER = "Open", "Closed", "Not opened"

_COHORT = """
with cohort as materialized (
  select r.record_id, r.case_id, r.child_id,
         date_trunc('month', r.submitted_on)::date as month,
         extract(year from age(r.submitted_on, i.date_of_birth))::int as age,
         p.sex, e."group" as ethnicity, c.primary_category as category, c.key_team as team,
         c.legal_status as legal, c.education_status as education,
         (select a.rating from referrals_riskassessment a where a.record_id = r.record_id
           order by a.effective_on <= r.submitted_on desc,
                    abs(r.submitted_on - a.effective_on), a.id desc limit 1) as rating,
         case t.pre_mace when true then 'open' when false then 'closed' else '' end as pre_mace,
         case t.mace when true then 'open' when false then 'closed' else '' end as mace
    from referrals_referral r
    left join referrals_concern c on c.referral_id = r.record_id
    left join referrals_childidentity i on i.child_id = r.child_id
    left join referrals_childprofile p on p.child_id = r.child_id
    left join lateral (
      select bool_or(p.to_on is null or p.to_on > %(end)s) filter (where p.tier = 'pre_mace') as pre_mace,
             bool_or(p.to_on is null or p.to_on > %(end)s) filter (where p.tier = 'mace') as mace
        from referrals_tierperiod p where p.case_id = r.case_id and p.from_on <= %(end)s) t on true
    left join referrals_code e on e.list_name = 'ethnicity' and e.code = p.ethnicity
   where r.partnership_id = %(partnership)s and r.submitted_on between %(start)s and %(end)s
     and r.about = 'child' and r.status not in ('draft', 'withdrawn'))
select grouping(month, rating, sex, age, ethnicity, category, team, legal, education, pre_mace, mace),
       month, coalesce(rating, sex, age::text, ethnicity, category, team, legal, education, pre_mace, mace, ''),
       count(*), count(distinct case_id), count(distinct child_id)
  from cohort
 group by grouping sets ((), month, rating, sex, age, ethnicity, category, team, legal, education, pre_mace, mace)"""

_SETS = ("month", "rating", "sex", "age", "ethnicity", "category", "team", "legal", "education", "pre_mace", "mace")
_ALL = (1 << len(_SETS)) - 1
_SET_OF = {_ALL - (1 << (len(_SETS) - 1 - place)): name for place, name in enumerate(_SETS)} | {_ALL: "total"}

TITLES = {
    "month": "Referrals by month",
    "rating": "Risk rating in the referral",
    "sex": "Sex",
    "age": "Age at referral",
    "ethnicity": "Ethnicity, broad groups",
    "category": "Primary risk category",
    "team": "Key team",
    "legal": "Legal and social-care status",
    "education": "Education status",
    "pre_mace": "Pre-MACE, at the end of the period",
    "mace": "MACE, at the end of the period",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one seat may know of the referrals that were submitted in a period.

    A referral counts in the month in which it was submitted; drafts and withdrawn ones do not count. Age is in
    completed years on that day; the rating is the one that the referral gave. A case counts as open or closed at a tier
    by how it stood at the end of the period's last day, once however many referrals led to it; it may be open at two
    tiers, so tiers are never added up. (Lewisham report 2024, 5.1.)
    """

    start: dt.date
    end: dt.date
    referrals: int
    children: int
    tables: dict[str, Table]

    def count(self, name: str, group: str) -> int:
        return self.tables[name].count(group) or 0

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The figures that a report prints first, in words."""
        parts = [
            ("Referrals", f"{self.referrals:,}"),
            ("Open at pre-MACE", f"{self.count('pre_mace', OPEN):,}"),
            ("Closed at pre-MACE", f"{self.count('pre_mace', CLOSED):,}"),
            ("Open at MACE", f"{self.count('mace', OPEN):,}"),
            ("Closed at MACE", f"{self.count('mace', CLOSED):,}"),
        ]
        for title, name, group in (
            *((f"Rated {rating.label.lower()}", "rating", rating.label) for rating in Rating),
            ("Black", "ethnicity", "Black"),
            ("White", "ethnicity", "White"),
            ("Male", "sex", "Male"),
            (f"Aged {TEENAGE.replace(' to ', '–')}", "age", TEENAGE),
        ):
            parts.append((title, share_words(self.count(name, group), self.tables[name].total)))
        return parts

    def as_dict(self) -> dict[str, Any]:
        """The same for programs: counts, and shares in per cent to one decimal, ``None`` for a share of nothing."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "referrals": self.referrals,
            "children": self.children,
            "pre_mace": {"open": self.count("pre_mace", OPEN), "closed": self.count("pre_mace", CLOSED)},
            "mace": {"open": self.count("mace", OPEN), "closed": self.count("mace", CLOSED)},
            **{
                name: {group.label: {"count": group.count, "percent": group.percent} for group in shown.groups}
                for name, shown in self.tables.items()
                if name not in ("pre_mace", "mace")
            },
        }


def referral_figures(*, partnership: int, start: dt.date, end: dt.date) -> Figures:
    """Figures of the referrals that a partnership (its id) received from ``start`` to ``end``, both included.

    One statement, whatever the number of referrals; row-level security leaves only those that the acting seat may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COHORT, {"partnership": partnership, "start": start, "end": end})
        rows = cursor.fetchall()
    counted: dict[str, dict[str, int]] = {name: {} for name in _SETS}
    months: dict[dt.date, int] = {}
    referrals = children = 0
    for which, month, value, count, cases, distinct_children in rows:
        name = _SET_OF[which]
        if name == "total":
            referrals, children = count, distinct_children
        elif name == "month":
            months[month] = count
        else:
            counted[name][value] = cases if name in ("pre_mace", "mace") else count
    return Figures(
        start=start,
        end=end,
        referrals=referrals,
        children=children,
        tables={
            "month": table(
                "month", TITLES["month"], [(month_words(m), months.get(m, 0)) for m in months_between(start, end)]
            ),
            "rating": _known("rating", counted, [(rating.value, rating.label) for rating in Rating]),
            "sex": _known("sex", counted, [("F", "Female"), ("M", "Male")]),
            "age": _ages(counted["age"]),
            "ethnicity": _known("ethnicity", counted, [(group, group) for group in BROAD_GROUPS]),
            "category": _listed("category", counted, "primary_category"),
            "team": table(
                "team",
                TITLES["team"],
                sorted(
                    ((team or NOT_KNOWN, count) for team, count in counted["team"].items()),
                    key=lambda row: (-row[1], row[0]),
                ),
            ),
            "legal": _listed("legal", counted, "legal_status"),
            "education": _listed("education", counted, "education_status"),
            "pre_mace": _tier("pre_mace", counted, referrals),
            "mace": _tier("mace", counted, referrals),
        },
    )


def _known(name: str, counted: dict[str, dict[str, int]], groups: list[tuple[str, str]]) -> Table:
    """A table with a line for each known group and one for what is not known, also at 0."""
    left = dict(counted[name])
    lines = [(words, left.pop(value, 0)) for value, words in groups]
    return table(name, TITLES[name], [*lines, (NOT_KNOWN, sum(left.values()))])


def _ages(by_age: dict[str, int]) -> Table:
    lines = [
        (words, sum(count for age, count in by_age.items() if age and least <= int(age) <= most))
        for words, least, most in AGE_BANDS
    ]
    return table("age", TITLES["age"], [*lines, (NOT_KNOWN, by_age.get("", 0))])


def _listed(name: str, counted: dict[str, dict[str, int]], list_name: str) -> Table:
    """A table of all codes of a list in its order, then codes no longer in force that occur, then what is not known."""
    lines = {entry.label: 0 for entry in codes(list_name) if entry.label != NOT_KNOWN}
    unknown = 0
    for code, count in sorted(counted[name].items()):
        words = label(list_name, code) if code else NOT_KNOWN
        if words == NOT_KNOWN:
            unknown += count
        else:
            lines[words] = lines.get(words, 0) + count
    return table(name, TITLES[name], [*lines.items(), (NOT_KNOWN, unknown)])


def _tier(name: str, counted: dict[str, dict[str, int]], referrals: int) -> Table:
    """Cases open and closed at a tier; the rest of the referrals have none there, or joined a case counted already."""
    opened, closed = counted[name].get("open", 0), counted[name].get("closed", 0)
    return table(name, TITLES[name], [(OPEN, opened), (CLOSED, closed), (NEITHER, referrals - opened - closed)])


# --- Beside and instead of true figures -----------------------------------------------------------------------------


def population_shares(partnership: int) -> dict[str, list[PopulationShare]]:
    """What was loaded of the population that the partnership compares itself with, by dimension."""
    found: dict[str, list[PopulationShare]] = {}
    for share in PopulationShare.objects.filter(partnership_id=partnership):
        found.setdefault(share.dimension, []).append(share)
    return found


def published_releases() -> list[PublishedFigures]:
    """The releases that the seat may read, newest first."""
    return list(PublishedFigures.objects.all())


def tables_of(body: dict[str, Any]) -> list[Table]:
    """The suppressed tables of a release."""
    return [
        Table(
            entry["name"],
            entry["title"],
            entry["total"],
            tuple(Group(group["label"], group["count"], group["percent"]) for group in entry["groups"]),
        )
        for entry in body["tables"]
    ]
