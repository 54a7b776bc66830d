"""Runs several management commands in one process, because loading the product takes longer than most of them.

`python -m mace.embedded.commands migrate --no-input then bootstrap`. They all work as the role in `MACE_DB_ROLE`.
After each command the output has a line with the separator of records, so that a reader can tell one command's output
from the next.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

import django
from django.core.management import call_command

THEN: Final = "then"
END_OF_OUTPUT: Final = "\x1e"


def main(words: Sequence[str]) -> int:
    """Run the commands; the first that fails ends the program as it does under `manage.py`."""
    django.setup()
    for command in split(words):
        call_command(*command)
        sys.stdout.write(f"{END_OF_OUTPUT}\n")
    return 0


def split(words: Sequence[str]) -> Iterator[list[str]]:
    """The commands between the words `then`."""
    command: list[str] = []
    for word in (*words, THEN):
        if word != THEN:
            command.append(word)
        elif command:
            yield command
            command = []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
