"""Django's stock messages, in plain words."""

from __future__ import annotations

from django import forms

from mace.core.forms.words import in_sentence, own

STOCK_MESSAGES = forms.Field.default_error_messages


def plain_messages(field: forms.Field, label: str) -> None:
    """Replace the sentences that Django ships, where the form's author wrote none, by ones that name the question."""
    messages = field.error_messages
    words = own(label)
    if messages.get("required") is STOCK_MESSAGES["required"]:
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        if isinstance(field, forms.BooleanField):
            messages["required"] = f"Select ‘{words}’ to go on"
        elif label.endswith("?"):
            messages["required"] = f"{'Select' if chosen else 'Enter'} an answer to ‘{label}’"
        else:
            messages["required"] = f"{'Select' if chosen else 'Enter'} {in_sentence(label.rstrip('.: '))}"
    messages.setdefault(
        "null_characters_not_allowed",
        f"{words} contains a hidden character that cannot be kept. Type it again, or paste it as plain text",
    )
    messages.setdefault("max_length", f"{words} must be %(limit_value)s characters or fewer")
    messages.setdefault("min_length", f"{words} must be %(limit_value)s characters or more")
    messages.setdefault("max_value", f"{words} must be %(limit_value)s or less")
    messages.setdefault("min_value", f"{words} must be %(limit_value)s or more")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) and messages.get("invalid_choice") == (
        type(field).default_error_messages.get("invalid_choice")
    ):
        messages["invalid_choice"] = f"{words}: select one of the answers on the page"
        messages["invalid_list"] = messages["invalid_choice"]
    stock = type(field).default_error_messages.get("invalid")
    if "invalid" in messages and messages["invalid"] is not stock:
        return
    if isinstance(field, forms.EmailField):
        messages["invalid"] = "Enter an email address in the correct format, like name@example.com"
    elif isinstance(field, forms.FloatField | forms.DecimalField):
        messages["invalid"] = f"{words} must be a number"
    elif isinstance(field, forms.IntegerField):
        messages["invalid"] = f"{words} must be a whole number"
    elif isinstance(field, forms.DateField):
        messages["invalid"] = f"{words} must be a real date, like 27/3/2011"
    elif isinstance(field, forms.TimeField):
        messages["invalid"] = f"{words} must be a time, like 9:30 or 14:05"
