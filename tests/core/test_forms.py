"""Forms look and speak as the design system says, whoever wrote them."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from typing import ClassVar

import pytest
from django import forms

from mace.core.forms import Checkboxes, GovukDateField, GovukForm, GovukRenderer, Radios, Text, Textarea


class ChildForm(GovukForm):
    name = forms.CharField(label="Child’s full name", max_length=10)
    nhs = forms.CharField(label="NHS number", required=False, help_text="10 figures", widget=Text(width=10))
    born = GovukDateField(label="Date of birth", not_after=lambda: dt.date(2026, 5, 3))
    held = forms.ChoiceField(
        label="Was a discussion held?", choices=[("yes", "Yes"), ("no", "No")], widget=Radios(reveals={"no": "why"})
    )
    why = forms.CharField(label="Why not?", required=False)
    harms = forms.MultipleChoiceField(
        label="Types of harm",
        choices=[("cse", "Sexual"), ("none", "None")],
        widget=Checkboxes(hints={"cse": "A hint"}, exclusive=["none"]),
    )
    reason = forms.CharField(label="Reason", max_length=20, widget=Textarea(rows=3, count=True))


class StockForm(forms.Form):
    email = forms.EmailField(label="Email")
    age = forms.IntegerField(label="Age", max_value=25)


class Tags(HTMLParser):
    """Every tag of a page, by its id where it has one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def by_id(self, id_: str) -> dict[str, str | None]:
        found = [attributes for _, attributes in self.all if attributes.get("id") == id_]
        assert len(found) == 1, f"{id_} occurs {len(found)} times"
        return found[0]


def bound(**data: str) -> ChildForm:
    return ChildForm(data)


def test_every_link_of_the_summary_leads_to_a_control_that_exists_once() -> None:
    form = bound()
    page = Tags(str(form.error_summary) + str(form))
    links = [attributes["href"] for tag, attributes in page.all if tag == "a"]
    assert links == ["#id_name", "#id_born_day", "#id_held_0", "#id_harms_0", "#id_reason"]
    for link in links:
        assert link is not None
        assert "name" in page.by_id(link[1:])


def test_no_summary_when_nothing_is_wrong() -> None:
    assert not ChildForm().error_summary


def test_labels_hints_and_errors_belong_to_their_control() -> None:
    page = Tags(str(bound(nhs="x" * 3)))
    ids = {attributes["id"] for _, attributes in page.all if attributes.get("id")}
    targets = {attributes["for"] for tag, attributes in page.all if tag == "label"}
    assert targets <= ids
    described = " ".join(
        attributes["aria-describedby"] or "" for _, attributes in page.all if "aria-describedby" in attributes
    )
    assert set(described.split()) <= ids
    assert page.by_id("id_nhs")["aria-describedby"] == "id_nhs_hint"
    assert page.by_id("id_reason")["aria-describedby"] == "id_reason-info id_reason_error"


def test_messages_name_the_question() -> None:
    assert bound().errors == {
        "name": ["Enter child’s full name"],
        "born": ["Enter date of birth"],
        "held": ["Select an answer to ‘Was a discussion held?’"],
        "harms": ["Select types of harm"],
        "reason": ["Enter reason"],
    }
    assert bound(name="x" * 11).errors["name"] == ["Child’s full name must be 10 characters or fewer"]


def test_forms_of_other_packages_get_the_same_words_and_look() -> None:
    form = StockForm({"email": "nobody", "age": "26"}, renderer=GovukRenderer())
    assert form.errors == {
        "email": ["Enter an email address in the correct format, like name@example.com"],
        "age": ["Age must be 25 or less"],
    }
    page = Tags(str(form))
    assert page.by_id("id_age")["type"] == "text"
    assert page.by_id("id_age")["inputmode"] == "numeric"
    assert "govuk-input--error" in str(page.by_id("id_email")["class"])


def test_a_message_of_the_author_stays() -> None:
    class Own(GovukForm):
        name = forms.CharField(error_messages={"required": "Who is it?"})

    assert Own({}).errors["name"] == ["Who is it?"]


def test_a_percent_sign_in_a_label_does_no_harm() -> None:
    class Share(GovukForm):
        share = forms.IntegerField(label="Share in %", max_value=100)

    assert Share({"share": "101"}).errors["share"] == ["Share in % must be 100 or less"]


@pytest.mark.parametrize(
    ("day", "month", "year", "value", "message", "wrong"),
    [
        ("27", "3", "2011", dt.date(2011, 3, 27), None, set()),
        ("27", "mar", "2011", dt.date(2011, 3, 27), None, set()),
        ("27", "March", "2011", dt.date(2011, 3, 27), None, set()),
        ("", "3", "2011", None, "Date of birth must include a day", {"day"}),
        ("27", "", "", None, "Date of birth must include a month and year", {"month", "year"}),
        ("31", "2", "2011", None, "Date of birth must be a real date", {"day"}),
        ("1", "13", "2011", None, "Date of birth must be a real date", {"month"}),
        ("1", "1", "11", None, "Year must include 4 numbers", {"year"}),
        ("²", "1", "2011", None, "Date of birth must be a real date", {"day"}),
        ("4", "5", "2026", None, "Date of birth must be on or before 3 May 2026", {"day", "month", "year"}),
    ],
)
def test_dates(day: str, month: str, year: str, value: dt.date | None, message: str | None, wrong: set[str]) -> None:
    form = bound(born_day=day, born_month=month, born_year=year)
    assert form.errors.get("born", [None])[0] == message
    assert form.cleaned_data.get("born") == value
    page = Tags(str(form))
    assert {part for part in ("day", "month", "year") if "aria-invalid" in page.by_id(f"id_born_{part}")} == wrong


@pytest.mark.parametrize("initial", [dt.date(2011, 3, 27), "2011-03-27", ("27", "3", "2011")])
def test_a_date_is_filled_in_from_what_is_known(initial: object) -> None:
    page = Tags(str(ChildForm(initial={"born": initial})))
    assert [page.by_id(f"id_born_{part}")["value"] for part in ("day", "month", "year")] == ["27", "3", "2011"]


def test_an_unchanged_date_has_not_changed() -> None:
    data = {"born_day": "27", "born_month": "3", "born_year": "2011"}
    assert "born" not in ChildForm(data, initial={"born": dt.date(2011, 3, 27)}).changed_data
    assert "born" in ChildForm(data, initial={"born": dt.date(2011, 3, 28)}).changed_data


def test_a_revealed_question_is_drawn_once_and_seen_without_scripts() -> None:
    html = str(ChildForm())
    page = Tags(html)
    page.by_id("id_why")
    more = page.by_id("id_held_1_more")
    assert page.by_id("id_held_1")["data-reveals"] == "id_held_1_more"
    # The class hides only beneath `govuk-frontend-supported`, which a script sets.
    assert more["class"] == "govuk-radios__conditional govuk-radios__conditional--hidden"
    assert "hidden" not in more


def test_choices_can_have_hints_and_rule_out_others() -> None:
    page = Tags(str(ChildForm()))
    assert page.by_id("id_harms_0")["aria-describedby"] == "id_harms_0_hint"
    assert page.by_id("id_harms_1")["data-behaviour"] == "exclusive"


def test_browsers_neither_suggest_nor_cut_short_nor_check() -> None:
    for tag, attributes in Tags(str(ChildForm())).all:
        if tag in {"input", "textarea"}:
            assert not {"required", "maxlength", "placeholder"} & attributes.keys()
            assert attributes.get("type") in {"radio", "checkbox"} or attributes["autocomplete"] == "off"


def test_a_line_break_counts_as_one_character() -> None:
    form = bound(reason="1234567890\r\n123456789")
    assert "reason" not in form.errors
    assert form.cleaned_data["reason"] == "1234567890\n123456789"


def test_the_question_of_a_page_is_its_heading() -> None:
    class One(GovukForm):
        heading_field: ClassVar[str | None] = "held"
        held = forms.ChoiceField(label="Held?", choices=[("y", "Yes")], widget=Radios())

    html = str(One())
    assert (
        '<legend class="govuk-fieldset__legend govuk-fieldset__legend--l"><h1 class="govuk-fieldset__heading">' in html
    )
    assert "<h1" not in str(ChildForm())


def test_optional_questions_say_so_unless_all_are() -> None:
    class Filter(GovukForm):
        mark_optional: ClassVar[bool] = False
        owner = forms.CharField(required=False)

    assert "NHS number (optional)</label>" in str(ChildForm())
    assert "(optional)" not in str(Filter())


def test_what_people_type_is_escaped() -> None:
    html = str(bound(name="<script>", reason="</textarea><b>"))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_password_is_not_sent_back() -> None:
    class SignIn(GovukForm):
        password = forms.CharField(widget=forms.PasswordInput)

    assert "secret" not in str(SignIn({"password": "secret"}))


def test_partials_are_compiled_once() -> None:
    renderer = GovukForm().renderer
    assert isinstance(renderer, GovukRenderer)
    assert GovukRenderer().engine is renderer.engine
