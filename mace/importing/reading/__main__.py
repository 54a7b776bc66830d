"""Trying a file out: ``python -m mace.importing.reading FILE [--json]`` says what would be read."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path

from mace.core.errors import RuleBroken
from mace.importing.reading import propose, read, read_book, said

REFERENCE = Path(__file__).parents[3] / "referrals" / "reference"
RATINGS = [("emerging", "Emerging"), ("moderate", "Moderate"), ("significant", "Significant")]


def shipped_codes() -> dict[str, list[tuple[str, str]]]:
    """The lists that come with the system, as a partnership has them before it changes any."""
    codes = {"rating": RATINGS}
    for name in ("sex", "ethnicity", "legal_status", "education_status", "primary_category"):
        with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            codes[name] = [(row["code"], row["label"]) for row in csv.DictReader(file)]
    return codes


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mace.importing.reading", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the plan and everything read, people’s names with it")
    asked = parser.parse_args(arguments)
    codes = shipped_codes()
    try:
        book = read_book(asked.file.read_bytes(), asked.file.name)
    except (RuleBroken, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    plan = propose(book, codes=codes)
    reading = read(book, plan, codes=codes, today=dt.datetime.now(tz=dt.UTC).date())
    if asked.json:
        whole = {"plan": plan.to_json(), "reading": asdict(reading)}
        sys.stdout.write(json.dumps(whole, indent=1, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.write("\n".join(said(book, plan, reading)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
