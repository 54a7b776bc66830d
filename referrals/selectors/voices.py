"""What children say, read across cases: never who said it. Only of cases that the reader sees in full anyway."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from mace.access.models import Grant, Kind, Scope
from mace.access.selectors import CAP, PAGE, visible_page
from mace.core.pages import page_key, page_numbers
from referrals.models import Case, ChildIdentity, ChildVoice, Referral, Review
from referrals.rules import age_band, voice_wanted_since
from referrals.selectors.codes import label

NO_THEME = "none"
LEFT_OUT = "[…]"
SHORTEST_NAME = 2
WORD = re.compile(r"[^\W\d_]+")


class VoiceLine(NamedTuple):
    """``record`` is for the read log; nothing else tells one child from another."""

    record: int
    themes: str
    words: str
    observed: str
    wants: str
    age: str
    month: str


class Voices(NamedTuple):
    lines: list[VoiceLine]
    following: str


def _readable() -> QuerySet[ChildVoice]:
    """Of cases, and of referrals that belong to one, on which the seat holds all."""
    record = OuterRef("record_id")
    held = Grant.objects.filter(record_id=record, scope__gte=Scope.FULL)
    case, joined = Case.objects.filter(pk=record), Referral.objects.filter(pk=record, case__isnull=False)
    return ChildVoice.objects.filter(Exists(held), Exists(case) | Exists(joined))


def _within(rows: QuerySet[ChildVoice], since: dt.date | None, until: dt.date | None) -> QuerySet[ChildVoice]:
    narrowed = rows.filter(effective_on__gte=since) if since else rows
    return narrowed.filter(effective_on__lte=until) if until else narrowed


def voices(
    *, theme: str = "", since: dt.date | None = None, until: dt.date | None = None, after: str = "", size: int = PAGE
) -> Voices:
    """One page, the latest first, and the next one’s key. Raises ``ValueError`` for a wrong ``after``."""
    rows = _within(_readable(), since, until)
    if theme:
        rows = rows.filter(themes=[]) if theme == NO_THEME else rows.filter(themes__contains=[theme])
    if after:
        day, key = page_numbers(after, count=2)
        last = dt.date.fromordinal(day)
        rows = rows.filter(Q(effective_on__lt=last) | Q(effective_on=last, pk__lt=key))
    found = list(rows.select_related("child__identity").order_by("-effective_on", "-pk")[: size + 1])
    shown = found[:size]
    following = page_key(shown[-1].effective_on.toordinal(), shown[-1].pk) if len(found) > size else ""
    return Voices([_line(voice) for voice in shown], following)


def _line(voice: ChildVoice) -> VoiceLine:
    identity = voice.child.identity
    without = nameless(identity)
    return VoiceLine(
        record=voice.record_id,
        themes="; ".join(label("voice_theme", code) for code in voice.themes) or "No theme yet",
        words=without.sub(LEFT_OUT, voice.words),
        observed=without.sub(LEFT_OUT, voice.observed),
        wants=without.sub(LEFT_OUT, voice.wants),
        age=age_band(identity.date_of_birth, voice.effective_on),
        month=f"{voice.effective_on:%B %Y}",
    )


def nameless(identity: ChildIdentity) -> re.Pattern[str]:
    """What finds the child's own names and numbers in a text, in capitals or not. Names of others it cannot know."""
    names = WORD.findall(f"{identity.forename} {identity.surname} {identity.aliases}")
    numbers = [identity.nhs_number, identity.upn, identity.local_id]
    number = identity.nhs_number
    if number:
        numbers.append(f"{number[:3]} {number[3:6]} {number[6:]}")
    hidden = [word for word in names if len(word) >= SHORTEST_NAME] + [text for text in numbers if text]
    either = "|".join(sorted(map(re.escape, hidden), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)" if either else r"(?!)", re.IGNORECASE)


def theme_counts(*, since: dt.date | None = None, until: dt.date | None = None) -> list[tuple[str, int]]:
    """How often each theme was spoken of in the period, the most frequent first; of the latest ``CAP`` records."""
    tagged = _within(_readable(), since, until).order_by("-effective_on", "-pk").values_list("themes", flat=True)
    counts = Counter(code for codes in tagged[:CAP] for code in (codes or [NO_THEME]))
    named = ((label("voice_theme", code) if code != NO_THEME else "No theme yet", n) for code, n in counts.items())
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


def heard_on() -> Func:
    """The last day on which anything that a ``Case``’s child says came on record; null for never or where unseen."""
    below = Q(record_id=OuterRef("pk")) | Q(
        record_id__in=Referral.objects.filter(case_id=OuterRef(OuterRef("pk"))).values("record_id")
    )
    said = ChildVoice.objects.filter(below).order_by("-effective_on").values("effective_on")[:1]
    reviewed = Review.objects.filter(case_id=OuterRef("pk"), answered_on__isnull=False).exclude(voice="")
    answered = reviewed.order_by("-answered_on").values("answered_on")[:1]
    return Greatest(Subquery(said), Subquery(answered))


def cases_not_heard(on: dt.date) -> int:
    """Open cases among the latest ``CAP`` that the seat sees in full on which the child was not heard for 12 weeks."""
    ids = visible_page(Kind.CASE, scope=Scope.FULL, size=CAP).ids
    still_open = Case.objects.filter(pk__in=ids, closed_on=None).annotate(heard=heard_on())
    return still_open.filter(Q(heard__isnull=True) | Q(heard__lte=voice_wanted_since(on))).count()


def last_heard(said: Iterable[ChildVoice], reviews: Iterable[Review]) -> dt.date | None:
    """The last day on which anything of the child came on record; ``None`` when nothing ever did."""
    days = [voice.effective_on for voice in said]
    days += [review.answered_on for review in reviews if review.voice and review.answered_on]
    return max(days, default=None)
