"""Finds the conditions in a piece of SQL, and says what it becomes without each of them.

Reads what PostgreSQL prints of a policy and what stands in a function's body. Of each list joined by ``and`` or ``or``
every member is taken away once; a condition that stands alone is taken away whole; a scope is asked one lower; a role
is struck off a list of roles.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*')|(?P<quote>\$[A-Za-z_]*\$)|(?P<word>[A-Za-z_][\w.$]*)|(?P<number>\d+)"""
    r"""|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>::|<>|<=|>=|:=|\|\||[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
BEGIN = {"where", "on", "if", "elsif", "when", "having"}
END = {
    *("group", "order", "limit", "offset", "then", "returning", "union", "for", "loop", "join", "left", "cross", "end"),
    *("else", "into", "using", "do", "set", "from", "select", "window", "case", "begin", "return", "delete", "insert"),
    *("update",),
}  # fmt: skip
ROLES = re.compile(
    r"'(?:practitioner|manager|coordinator|chair|agency_lead|agency_member|board|analyst|ig|admin|system|auditor)'"
    r"(?:::text)?"
)
SHORT = 70
LOCK = re.compile(
    r"mace_|access_held|access_shut|access_grant|principal|\brole\b|partnership|barred|restricted|audit_readable"
)
NO_LOCK = re.compile(
    r"\bbefore(?:_key)?\b|\bafter_(?:id|at)\b|\bmost\b"  # where a list goes on
    r"|similarity|dmetaphone|date_of_birth (?:in|between)|c\.date_of_birth|extract\(|near_birth|same_birth|sounds_alike"
    r"|\balike\b|wanted_name|aliases"
    r"|most_alike|referrals_sounds|day_known|\(days\)|\bn (?:=|%|/)|abs\(n|\bd <= 12|length\(p\)|trim\(a\)"
    r"|a\.p < b\.p|w <> p"
    r"|is distinct from \((?:excluded|3)"  # writes nothing where nothing changes
)
"""Conditions that say neither who nor which rows, unless they speak of a seat as well (``LOCK``)."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


@dataclass
class Region:
    """A condition from ``start``; its ``members`` end where an ``and`` or ``or`` of the same depth stands."""

    start: int
    begun_by: str
    operators: list[tuple[str, int, int]] = field(default_factory=list)
    between: bool = False


@dataclass(frozen=True)
class Change:
    """What is taken away, in words, the SQL without it, and the condition itself in full."""

    what: str
    sql: str
    of: str = ""

    @property
    def decides(self) -> bool:
        """Whether it says who may, or which rows: not where a list goes on, what sounds alike, or what saves work."""
        return not NO_LOCK.search(self.of) or bool(LOCK.search(self.of))


def tokens(sql: str) -> list[Token]:
    found = [Token(str(m.lastgroup), m.group(), m.start(), m.end()) for m in TOKEN.finditer(sql)]
    return [token for token in found if token.kind != "skip"]


def regions(sql: str) -> Iterator[tuple[Region, int]]:  # noqa: C901, PLR0912 (one case for each kind of token)
    """Each condition with the place where it ends."""
    stack: list[Region | None] = [Region(0, "")]
    previous_end, before = 0, ""
    for token, following in zip(read := tokens(sql), [*read[1:], None], strict=True):
        current = stack[-1]
        if token.kind == "open":
            stack.append(Region(token.end, "("))
        elif token.kind == "close" or token.text == ";":
            if current is not None:
                yield current, previous_end
            if token.kind == "close":
                stack.pop()
            else:
                stack[-1] = None
        elif token.word == "on" and (before == "distinct" or (following is not None and following.word == "conflict")):
            if current is not None:
                yield current, previous_end
            stack[-1] = None
        elif token.word in BEGIN:
            if current is not None and current.operators:
                yield current, previous_end
            stack[-1] = Region(token.end, token.word)
        elif token.word == "from" and before == "distinct":
            pass  # "is distinct from" ends no condition
        elif token.word in END or token.text == "," or token.kind == "quote":
            if current is not None and token.word not in {"from", "select"}:
                yield current, previous_end
            stack[-1] = None
        elif token.word == "between" and current is not None:
            current.between = True
        elif token.word in {"and", "or"} and current is not None:
            if token.word == "and" and current.between:
                current.between = False
            else:
                current.operators.append((token.word, token.start, token.end))
        previous_end, before = token.end, token.word
    if stack[-1] is not None:
        yield stack[-1], previous_end


def members(region: Region, end: int) -> list[tuple[str, int, int]]:
    """Start and end of each member, with the word that joins it: members of ``or`` may be lists of ``and``."""
    found = []
    edges = [("", region.start, region.start), *region.operators, ("", end, end)]
    ors = [edge for edge in edges if edge[0] in {"or", ""}]
    several = len(ors) > 2
    for (_, _, start), (_, stop, _) in itertools.pairwise(ors):
        if several:
            found.append(("or", start, stop))
        inner = [(a, b) for word, a, b in region.operators if word == "and" and start <= a < stop]
        if inner:
            starts = [start, *(b for _, b in inner)]
            stops = [*(a for a, _ in inner), stop]
            found += [("and", a, b) for a, b in zip(starts, stops, strict=True)]
    return found


def short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 20]} … {line[-17:]}"


def decided(sql: str, start: int, end: int, *, by: bool) -> str:
    """With that condition decided already. Its text stays, and so the parameters in it."""
    return f"{sql[:start]} {'(true or (' if by else '(false and ('}{sql[start:end]})) {sql[end:]}"


def without_conditions(sql: str) -> Iterator[Change]:
    """Every condition in ``sql`` taken away once: of ``and`` what it asks, of ``or`` what it allows."""
    seen: set[str] = set()
    for region, end in regions(sql):
        alone = sql[region.start : end].strip()
        if region.operators:
            for joined, start, stop in members(region, end):
                without = decided(sql, start, stop, by=joined == "and")
                yield from _once(seen, f"without {joined} {short(sql[start:stop])}", without, sql[start:stop])
        elif region.begun_by in BEGIN and alone and alone.lower() not in {"true", "false"}:
            without = decided(sql, region.start, end, by=region.begun_by in {"where", "on", "having"})
            yield from _once(seen, f"without {region.begun_by} {short(alone)}", without, alone)


SCOPE = re.compile(
    r"(?P<before>\bscope >= |(?<!set )\bscope = |access_held\([^()]*\) [<=] |\bheld = )(?P<number>[123])\b"
)


def narrower_and_wider(sql: str) -> Iterator[Change]:
    """A scope asked one lower; a role struck off each list of roles."""
    seen: set[str] = set()
    for match in SCOPE.finditer(sql):
        at, number = match.start("number"), int(match["number"])
        before = match["before"]
        if before.endswith(">= ") and number == 1:
            continue  # there is no grant of less
        if before.endswith(" = ") and number > 1:
            lower = sql[: at - 2] + f">= {number - 1}" + sql[at + 1 :]
        else:
            lower = sql[:at] + str(number - 1) + sql[at + 1 :]
        yield from _once(seen, f"one lower: {before}{number}", lower)
    for listed in re.finditer(r"(?:\bin \(|ARRAY\[)(?P<roles>[^()\[\]]*)[)\]]", sql):
        names = list(ROLES.finditer(listed["roles"]))
        if len(names) < 2:
            continue
        for name in names:
            inside = listed["roles"]
            struck = ", ".join(other.group() for other in names if other is not name)
            yield from _once(
                seen,
                f"without role {name.group().split('::')[0]} of {short(inside)[:40]}",
                sql[: listed.start("roles")] + struck + sql[listed.end("roles") :],
            )


def _once(seen: set[str], what: str, sql: str, of: str = "") -> Iterator[Change]:
    name, number = what, 1
    while name in seen:
        number += 1
        name = f"{what} #{number}"
    seen.add(name)
    yield Change(name, sql, of)
