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
    except KeyboardInterrupt:
        say("Stopped; what was filled to its end is kept.")
        return 130


def run(servers: Cluster, sizes: tuple[Size, ...], seconds: float) -> int:
    """Fill what is not filled, measure, and write the report. Answers 1 when something that is wanted was missed."""
    store.make_room(list(sizes), servers)
    store.migrated(servers, say)
    os.environ |= store.environment(servers, store.PAGES)
    import django  # noqa: PLC0415 (the servers’ addresses are known from here on)

    django.setup()
    from tests.benchmarks import places, report  # noqa: PLC0415
    from tests.benchmarks.running import find_out, page_costs  # noqa: PLC0415
    from tests.benchmarks.timing import place  # noqa: PLC0415

    busy = os.getloadavg()[0]
    for size in sizes:
        if size.cases > SMALL and not store.is_filled(servers, size.database):
            say(f"Filling {size.cases:,} cases; a million takes ten minutes and more, once.")
        places.fill_database(servers, size, say)
    say(f"The data stays in {store.FOLDER.relative_to(ROOT)}; rm -r {store.FOLDER.relative_to(ROOT)} deletes it.")
    with ExitStack() as stack:
        measured = tuple(stack.enter_context(place(servers, size)) for size in sizes)
        found = find_out(measured, say, seconds=seconds)
    say("Pages ...")
    pages = page_costs(servers)
    missed = found.missed() + [f"{name}: {problem}" for name, costs in pages.items() for problem in costs.problems()]
    text = report.written([*found.paragraphs(), report.pages(pages)], missed, at=dt.datetime.now(tz=dt.UTC), busy=busy)
    REPORT.write_text(text)
    sys.stdout.write(f"\n{text}\n")
    say(f"Written to {REPORT.relative_to(ROOT)}. " + (f"{len(missed)} missed." if missed else "All reached."))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
