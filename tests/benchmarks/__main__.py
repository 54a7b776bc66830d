"""Measures speed at a million cases: ``python -m tests.benchmarks``, or ``make bench``.

Filling takes minutes the first time; the data is kept under ``var/bench`` for the next run, until a migration changes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from contextlib import ExitStack

from mace.embedded.servers import ServerFailed
from mace.embedded.testing import Cluster
from tests.benchmarks import store
from tests.benchmarks.store import CannotMeasure, Size
from tests.fingerprint import ROOT

SMALL = 10_000
REPORT = ROOT / "var" / "bench.txt"
STARTED = time.monotonic()


def say(text: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - STARTED:6.0f} s] {text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many cases the larger database has")
    parser.add_argument("--agencies", type=int, default=500, help="how many agencies each database has")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each question is asked in a seat")
    given = parser.parse_args()
    if given.agencies < 10 or given.cases <= SMALL:
        parser.error(f"at least 10 agencies and more than {SMALL} cases")
    sizes = (Size(SMALL, given.agencies), Size(given.cases, given.agencies))
    try:
        with store.server(say) as servers:
            return run(servers, sizes, given.seconds)
    except (CannotMeasure, ServerFailed) as failure:
        say(str(failure))
        return 2


def run(servers: Cluster, sizes: tuple[Size, ...], seconds: float) -> int:
    """Fill what is not filled, measure, and write the report. Answers 1 when something that is wanted was missed."""
    store.make_room(list(sizes), servers)
    store.migrated(servers, say)
    os.environ |= store.environment(servers, store.PAGES)
    import django

    django.setup()
    from tests.benchmarks import report
    from tests.benchmarks.running import page_costs, plan_problems
    from tests.benchmarks.timing import all_questions, place, read_log

    for size in sizes:
        if size.cases > SMALL and not store.is_filled(servers, size.database):
            say(f"Filling {size.cases:,} cases; a million takes ten minutes and more, once.")
        store.fill_database(servers, size, say)
    say(f"The data stays in {store.FOLDER.relative_to(ROOT)}; rm -r {store.FOLDER.relative_to(ROOT)} deletes it.")
    missed: list[str] = []
    with ExitStack() as stack:
        places = tuple(stack.enter_context(place(servers, size)) for size in sizes)
        say("Looking at plans ...")
        plans = [line for of in places for line in plan_problems(of)]
        found = []
        for one in all_questions(places, seconds=seconds):
            say(f"{one.seat}: {one.question.name}, asked {len(one.times[0].plain)} times of each")
            found.append(one)
            missed += one.misses(sizes)
        say("Read log ...")
        entry = read_log(places[-1], seconds=seconds)
    if entry > report.READ_LOG_AT_MOST:
        missed.append(f"an entry in the read log adds {entry:.2f} ms, wanted {report.READ_LOG_AT_MOST} ms")
    say("Pages ...")
    pages = page_costs(servers)
    missed += plans + [f"{name}: {problem}" for name, costs in pages.items() for problem in costs.problems()]
    log = [f"An entry in the read log adds {entry:.2f} ms to a list of 25; wanted <= {report.READ_LOG_AT_MOST} ms."]
    shapes = ["Plan shapes: " + (f"{len(plans)} problems" if plans else "no problems") + "."]
    parts = [report.filled(places), report.times(found, places), log, shapes, report.pages(pages)]
    text = report.written(parts, missed, at=dt.datetime.now(tz=dt.UTC))
    REPORT.write_text(text)
    sys.stdout.write(f"\n{text}\n")
    say(f"Written to {REPORT.relative_to(ROOT)}. " + (f"{len(missed)} missed." if missed else "All reached."))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
