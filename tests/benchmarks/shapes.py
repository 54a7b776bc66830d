"""What a plan must not look like, whatever the size of the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

CONTENT = ("access_record", "access_grant", "referrals_", "panels_")
TOO_MANY_READ = 500
"""Rows that a scan from end to end may pass; the tables that are looked at have thousands."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A plan that ran: what is wrong with it, the indexes it used, the pages it touched, and its text."""

    problems: tuple[str, ...]
    indexes: frozenset[str]
    buffers: int
    text: str


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def shape_of(sql: str, parameters: Any) -> Shape:
    """Run a statement and look at how it ran."""
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, timing off, summary off, format json) {sql}", parameters)
        (answer,) = cursor.fetchone()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    problems, indexes, lines = [], set(), []
    for node in nodes(plan):
        where = node.get("Index Name") or node.get("Relation Name") or node.get("CTE Name") or "-"
        name = f"{node['Node Type']} on {where}"
        conditions = " ".join(
            str(node.get(key, "")) for key in ("Index Cond", "Filter", "Join Filter", "Hash Cond", "Recheck Cond")
        )
        loops, searches = node.get("Actual Loops", 0), node.get("Index Searches")
        lines.append(f"{name}: {node.get('Actual Rows')} rows x {loops}, {node.get('Index Cond', '')}")
        if "hashed SubPlan" in conditions:
            problems.append(f"{name} hashes a sub-plan")
        if node.get("Subplan Name", "").startswith("SubPlan") and node["Node Type"] == "Hash":
            problems.append(f"{name} hashes a sub-plan")
        if "Index Name" in node:
            indexes.add(node["Index Name"])
            if node.get("Relation Name") == "access_grant" and searches is not None and searches > loops:
                problems.append(f"{name} searches {searches} times in {loops} scans: it skips")
            if node.get("Relation Name") == "access_grant" and "principal = ANY" in node.get("Index Cond", ""):
                problems.append(f"{name} goes through all principals in the index: it skips")
            if node["Index Name"] == "grant_seek" and "principal =" not in node.get("Index Cond", ""):
                problems.append(f"{name} does not seek a principal")
        relation = node.get("Relation Name", "")
        if node["Node Type"] == "Seq Scan" and relation.startswith(CONTENT):
            read = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * loops
            if read > TOO_MANY_READ:
                problems.append(f"{name} reads {read:.0f} rows from end to end")
    buffers = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Shape(tuple(problems), frozenset(indexes), buffers, "\n".join(lines))


def inner_shape(function: str, **given: str) -> Shape:
    """How the statement inside a seek runs, whose plan ``explain`` does not show: under the function's own settings.

    ``given``: SQL for each of its arguments.
    """
    with connection.cursor() as cursor:
        cursor.execute("select prosrc, proargnames, proconfig from pg_proc where proname = %s", [function])
        source, names, settings = cursor.fetchone()
        found = re.search(r"return(?: query)?\s+(.*);\s*end", source, re.DOTALL)
        assert found, source
        sql = found[1].strip()
        for name in names:
            if name in given:
                sql = re.sub(rf"\b{name}\b", given[name], sql)
        if sql.startswith("("):
            sql = sql[1:-1]
        cursor.execute("savepoint as_the_function")
        for setting in settings:
            name, _, value = setting.partition("=")
            if name != "search_path":
                cursor.execute(f"set local {name} = {value}")
    shape = shape_of(sql, [])
    with connection.cursor() as cursor:
        cursor.execute("rollback to savepoint as_the_function")
    return shape
