"""Takes every lock away in turn and shows that a test notices: ``python -m tests.mutation``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

TESTS = (
    *("tests/access", "tests/accounts", "tests/audit", "tests/casework", "tests/dashboards", "tests/notifications"),
    *("tests/panels", "tests/referrals", "tests/settings", "tests/volt"),
)

BROAD = (
    *(f"tests/access/test_{name}.py" for name in ("bad_input", "bad_input_forms", "bad_input_seats", "canaries")),
    *(
        f"tests/access/test_{name}.py"
        for name in ("matrix", "non_interference", "refusals", "relations", "stateful", "plans")
    ),
    *(f"tests/settings/test_{name}.py" for name in ("env", "production", "roles", "startup")),
    *(
        "tests/casework/test_nonsense.py",
        "tests/casework/test_sharing_property.py",
        "tests/dashboards/test_suppression.py",
    ),
    *("tests/referrals/test_import_file.py", "tests/referrals/test_journey.py", "tests/referrals/test_rules.py"),
    *("tests/referrals/test_sections.py", "tests/panels/test_rules_meetings.py", "tests/panels/test_chasing_rules.py"),
)
"""Not asked: they walk over everything long, or never come near a lock. What they alone notice does not count."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", default="", help="only mutants whose name holds this text; several with commas")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="how many at once")
    parser.add_argument(
        "--sample", type=int, default=0, help="so many mutants, the same every time, at least one of each kind"
    )
    parser.add_argument("--quick", action="store_true", help="only with the tests made for it, or known to notice it")
    parser.add_argument("--fresh", action="store_true", help="forget the results of earlier runs")
    parser.add_argument(
        "--trusting", action="store_true", help="take what a test noticed before it was changed for good"
    )
    parser.add_argument("--known", action="store_true", help="only with tests that earlier runs have got to know")
    parser.add_argument("--list", action="store_true", help="name them only")
    parser.add_argument("--answer", default="", help="a file for the result as JSON")
    parser.add_argument("tests", nargs="*", help="the tests that may notice (all that are quick)")
    given = parser.parse_args()
    tests = given.tests or [path for path in TESTS if Path(path).exists()]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "-p",
        "tests.mutation.plugin",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--tb=native",
    ]
    options = ["--mutants", given.only, "--mutation-jobs", str(given.jobs), "--mutation-sample", str(given.sample)]
    options += ["--mutation-quick"] if given.quick else []
    options += ["--mutation-trusting"] if given.trusting else []
    options += ["--mutation-known"] if given.known else []
    options += ["--mutation-fresh"] if given.fresh else []
    options += [] if given.tests else [f"--ignore={path}" for path in BROAD]
    options += ["--mutation-list"] if given.list else []
    return subprocess.run(
        [*command, "-m", "not deep and not e2e", *options, "--mutation-answer", given.answer, *tests], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
