"""Compiles every template of ours, so that a tag that does not exist is found before a page is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.apps import apps
from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates

from mace.embedded.supervisor import say
from mace.embedded.workplace import ROOT


def main() -> int:
    """Compile all templates and name those that do not; the status is the number of those, at most 1."""
    django.setup()
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)
    folders = [
        *(Path(folder) for folder in engine.dirs),
        *(Path(app.path) / "templates" for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT)),
    ]
    ours = [
        (folder, path)
        for folder in folders
        if ".venv" not in folder.parts
        for path in sorted(folder.rglob("*.*"))
        if path.is_file() and path.suffix != ".md"
    ]
    wrong = 0
    for folder, path in ours:
        try:
            engine.get_template(path.relative_to(folder).as_posix())
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            wrong += 1
            say(f"{path.relative_to(ROOT)}: {error}")
    say(f"{len(ours)} templates, {wrong} do not compile.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
