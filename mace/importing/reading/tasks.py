"""Actions that a cell lists one to a line: what is to be done, by whom, by when."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from mace.importing.reading.dates import day_and_month, nearest_year, read_date

DONE = frozenset(["done", "complete", "completed", "finished", "actioned", "closed", "yes", "✓", "✔", "achieved"])
"""Words in the place of a due date, or at the end of a line, that say that the action is done."""
NO_DAY = frozenset(
    {
        "asap",
        "a.s.a.p",
        "ongoing",
        "on-going",
        "immediately",
        "immediate",
        "urgent",
        "urgently",
        "next mace",
        "next meeting",
        "next panel",
        "next pre-mace",
        "next review",
        "next cp",
        "review",
        "tbc",
        "tba",
        "n/a",
        "?",
        "no date",
        "end of term",
        "end of month",
    }
)
"""Words for a time that is no day. They stand as they are, and are no doubt."""
ROLES = frozenset(
    [
        "sw",
        "yjs",
        "yos",
        "police",
        "health",
        "educ",
        "education",
        "school",
        "housing",
        "mash",
        "csc",
        "cst",
        "kt",
        "all",
        "lado",
        "camhs",
        "iro",
        "ysw",
        "lpm",
        "cla",
        "missing",
        "parent",
        "carer",
        "mother",
    ]
)
_BULLET = re.compile(r"^\s*(?:[-•*–·▪o]\s+|\[?[ xX✓]\]\s*|\(?\d{1,2}[.)]\s*|\(?[a-h]\)\s*)")
_DUE = re.compile(
    r"^(.*?)(?:[\s,;(\[-]*)\b(?:by|due|deadline|target|before)\b:?\s*((?:(?!\bby\b).)*)$", re.IGNORECASE | re.DOTALL
)
_DONE_END = re.compile(
    r"[\s,;–-]*[\[(]?\b(done|completed?|actioned)\b[\])]?(?:\s+(?:on\s+)?([\d./-]+))?[.!]?$", re.IGNORECASE
)
_MOST_WHO = 40


@dataclass(frozen=True, slots=True)
class GivenAction:
    """One action. ``due_words`` is what stands for the due date; ``due_on`` is it, where it is a day.

    ``cell`` as ``R5``.
    """

    text: str
    who: str
    due_on: dt.date | None
    due_words: str
    done: bool
    cell: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """What is doubtful about a line of actions. ``line`` counts from 1."""

    line: int
    kind: str
    text: str
    words: str


def action_lines(text: str) -> list[str]:
    """The actions of a cell: its lines, or where it has one line only, its numbered or semicolon-separated parts."""
    lines = [line.strip() for line in text.split("\n") if line.strip(" -•*")]
    if len(lines) == 1:
        numbered = [part.strip() for part in re.split(r"(?:^|\s)(?=\(?\d{1,2}[.)]\s)", lines[0]) if part.strip()]
        if len(numbered) > 1 and all(_BULLET.match(part) for part in numbered):
            return numbered
        parts = [part.strip() for part in lines[0].split(";")]
        if len(parts) > 1 and all(len(part.split()) >= 2 for part in parts):
            return parts
    return lines


def read_actions(
    text: str, *, cell: str, after: dt.date | None, around: dt.date | None, today: dt.date
) -> tuple[list[GivenAction], list[Unsure]]:
    """The actions of a cell and what is doubtful in them.

    A due date without a year gets that which brings it nearest ``around`` (the row’s last meeting) and not before
    ``after`` (its
    referral); that is always a doubt. Without those dates it has none.
    """
    given: list[GivenAction] = []
    unsure: list[Unsure] = []
    for number, line in enumerate(action_lines(text), 1):
        plain = _BULLET.sub("", line, count=1).strip() or line
        task, due_words, done = _due_of(plain)
        done = done or bool(re.match(r"\s*(?:\[[xX✓]\]|✓)", line))
        task, who = _who_of(task, due=bool(due_words) or done)
        due_on = None
        if due_words and not _no_day(due_words):
            due_on, doubt = _day_of(due_words, after=after, around=around, today=today)
            if doubt:
                unsure.append(Unsure(number, doubt[0], due_words, doubt[1]))
        given.append(GivenAction(task, who, due_on, due_words, done, cell))
    return given, unsure


def _due_of(line: str) -> tuple[str, str, bool]:
    """The line without its due date, the words of that, and whether it says that it is done."""
    if (found := _DUE.match(line)) and found[1].strip():
        words = found[2].strip(" )].;,")
        first = words.lower().split(" ")[0].strip(".,;:-") if words else ""
        if first in DONE and (len(words.split()) == 1 or re.search(r"\d", words)):
            return found[1].strip(" ,;([-–"), words, True
        if (
            re.search(r"\d", words)
            or words.lower().strip(" .") in NO_DAY
            or words.lower().startswith(("next ", "end of "))
        ):
            late = _DONE_END.search(words)
            if late and late.start() > 0:
                return found[1].strip(" ,;([-–"), words[: late.start()].strip(" ,;-"), True
            return found[1].strip(" ,;([-–"), words, False
        if re.search(r"\s[-–]\s[^-–]{1,40}$", found[1]) and len(words.split()) <= 4:
            return found[1].strip(" ,;([-–"), words, False
    if (end := _DONE_END.search(line)) and line[: end.start()].strip():
        return line[: end.start()].strip(" ,;([-–"), end[0].strip(" ,;–-[]().!") if end[2] else "", True
    return line, "", False


def _who_of(task: str, *, due: bool) -> tuple[str, str]:
    """The task, and who is to do it: after the last dash, before a colon, or before ``to``.

    Empty where none is named.
    """
    head, dash, tail = task.rpartition(" - ")
    if not dash:
        head, dash, tail = task.rpartition(" – ")
    tail = tail.strip()
    named = due and all(word[0].isupper() for word in tail.split())
    if dash and tail and len(tail) <= _MOST_WHO and len(tail.split()) <= 4 and (named or _is_role(tail)):
        return head.strip(" -–"), tail
    if dash and tail and _is_role(head) and len(head.split()) <= 2:
        return tail, head.strip()
    if (found := re.match(r"^([^:]{2,30}):\s+(.+)$", task, re.DOTALL)) and _is_role(found[1]):
        return found[2].strip(), found[1].strip()
    if (found := re.match(r"^((?:[\w&/]+\s+){0,2}[\w&/]+)\s+to\s+\w+", task)) and _is_role(found[1]):
        return task, found[1].strip()
    return task, ""


def _no_day(words: str) -> bool:
    """Whether words in the place of a due date name no day, and are no doubt: ``asap``, ``DONE``, ``done 03/04/25``."""
    plain = words.lower().strip(" .")
    return plain in NO_DAY or plain.split(" ")[0].strip(".,;:-") in DONE


def _is_role(words: str) -> bool:
    parts = re.split(r"[\s/&,+]+", words.strip())
    return len(parts) <= 4 and any(part.lower() in ROLES or re.fullmatch(r"[A-Z]{2,5}", part) for part in parts)


def _day_of(
    words: str, *, after: dt.date | None, around: dt.date | None, today: dt.date
) -> tuple[dt.date | None, tuple[str, str] | None]:
    """The day that the words name, and the kind and words of a doubt about it."""
    if short := day_and_month(words):
        if around is None:
            return None, (
                "due_without_year",
                "has no year, and the row has no date to tell it by: the action gets no due date",
            )
        day = nearest_year(*short, after=after or around, around=around)
        return day, (
            "year_assumed",
            f"has no year: it is taken as {day:%-d %B %Y}, the nearest to the row’s own dates",
        ) if day else (
            "due_unclear",
            "is a day that the calendar does not have: the action gets no due date",
        )
    found = read_date(words, words, birth=False, order="day_first", today=today)
    if found.on is None:
        return None, (
            "due_unclear",
            f"{found.words or 'is not a date'}: the action keeps these words and gets no due date",
        )
    if after and (found.on < after or (found.on - after).days > 5 * 366):
        return found.on, ("due_unlikely", "is before the row’s referral or years after it: it is taken as it stands")
    if found.on.year < 2000 or found.on > today + dt.timedelta(days=3 * 366):
        return found.on, ("due_unlikely", "is far from today: it is taken as it stands")
    return found.on, None
