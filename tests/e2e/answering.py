"""Answering forms in a browser as a person does, and what is answered in a referral."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer a form as a person does: radios and checkboxes chosen, lists selected, boxes filled."""
    for name, value in answers.items():
        control = page.locator(f'[name="{name}"]').first
        kind = control.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                page.locator(f'[name="{name}"][value="{one}"]').check()
        elif kind == "select":
            control.select_option(str(value))
        else:
            control.fill(str(value))


def answer_criteria(page: Page) -> None:
    """Each criterion on the page met, with a note."""
    for one in page.locator('[name^="criterion_"][value="met"]').all():
        one.check()
    for note in page.locator('textarea[name^="criterion_"]').all():
        note.fill("As the referral says.")


def date_fields(name: str, day: dt.date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def select_containing(page: Page, name: str, text: str) -> None:
    """Choose the option whose words contain the text."""
    option = page.locator(f'[name="{name}"] option', has_text=text).first
    page.locator(f'[name="{name}"]').select_option(value=str(option.get_attribute("value")))


def told(forename: str, surname: str, today: dt.date) -> dict[str, dict[str, Any]]:
    """What is typed into each page of a referral."""
    week_ago = today - dt.timedelta(days=7)
    return {
        "child": {
            "forename": forename,
            "surname": surname,
            **date_fields("date_of_birth", dt.date(today.year - 15, 3, 27)),
            "sex": "F",
            "ethnicity": "BCRB",
        },
        "situation": {
            "legal_status": "CIN",
            "known_to": ["youth_justice"],
            "education_status": "mainstream",
            "school": "Eastmere Academy",
            "attendance": "82",
            "neuro_adhd": "awaited",
        },
        "around": {
            "around_0_name": "Her aunt",
            "around_0_relation": "family",
            "around_0_responsible": "no",
        },
        "concern": {
            "primary_category": "county_lines",
            "account": "Found in a house 60 miles away with two phones.",
            "short_account": "May be made to carry drugs by older people.",
            "threshold": "Several agencies must know who she is to keep her safe.",
        },
        "surroundings": {
            "context_place": "Met outside the station.",
            "missing": "yes",
            "missing_times": "2",
            "nrm": "not_considered",
        },
        "prerequisites": {
            "strategy_discussion_met": "yes",
            **date_fields("strategy_discussion_on", week_ago),
            "child_protection_met": "yes",
            **date_fields("child_protection_on", week_ago),
            "police_report_met": "no",
        },
        "told": {
            "child_told": "yes",
            "parents_told": "no",
            "parents_not_told_reason": "Her father may be involved.",
            "consent": "given",
        },
        "voice": {"words_said": "I just want it to stop.", "wants": "To go back to school."},
        "risk": {"rating": "moderate", "rationale": "Missing twice; an older group; her mother acts at once."},
        "plan": {
            "made_with": "The child and her mother",
            "summary": "Taken to and from school.",
            "step_0_text": "Taxi to and from school",
            "step_0_who": "School",
        },
        "mentions": {
            "person_0_name": f"Dex of {surname}",
            "person_0_about": "Older, drives a white van.",
            "place_0_name": f"{surname} Arcade",
            "place_0_about": "Where she is met.",
            "theme_0_name": f"Phones as presents, {surname}",
        },
    }
