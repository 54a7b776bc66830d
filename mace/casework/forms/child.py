"""What is kept of a child beside who they are: addresses, numbers at agencies, the authorities that answer for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from mace.agencies.models import Agency, LocalAuthority
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select
from referrals.models import AddressKind, ChildAuthority


class ChildAddressForm(GovukForm):
    address = forms.CharField(label="Address", max_length=300, error_messages={"required": "Enter the address"})
    kind = forms.ChoiceField(
        label="What address is it?",
        choices=AddressKind.choices,
        widget=Radios(),
        error_messages={"required": "Select what address it is"},
    )
    from_on = GovukDateField(label="From", required=False, not_after=clock.today)
    to_on = GovukDateField(
        label="Until", help_text="Leave this empty if it is so still.", required=False, not_after=clock.today
    )
    source = forms.CharField(
        label="Who or what says so?", max_length=200, error_messages={"required": "Say who or what says so"}
    )


class ChildNumberForm(GovukForm):
    agency = forms.ChoiceField(label="Agency", widget=Select(), error_messages={"required": "Select the agency"})
    number = forms.CharField(
        label="Its number for the child", max_length=40, error_messages={"required": "Enter the number"}
    )

    def __init__(self, *args: Any, agencies: Iterable[Agency], **more: Any) -> None:
        super().__init__(*args, **more)
        self.agencies = {str(agency.pk): agency for agency in agencies}
        self.fields["agency"].choices = [  # type: ignore[attr-defined]
            ("", "Select an agency"),
            *((key, agency.name) for key, agency in self.agencies.items()),
        ]

    @property
    def chosen(self) -> Agency:
        return self.agencies[self.cleaned_data["agency"]]


class ChildAuthorityForm(GovukForm):
    home = forms.ChoiceField(
        label="Home authority",
        help_text="The local authority that the child comes from, or that looks after them.",
        widget=Select(),
        error_messages={"required": "Select the home authority"},
    )
    placing = forms.ChoiceField(
        label="Placing authority",
        help_text="If another authority placed the child here.",
        required=False,
        widget=Select(),
    )
    from_on = GovukDateField(label="Since", not_after=clock.today)
    told_on = GovukDateField(label="When was the home authority told?", required=False, not_after=clock.today)
    told_by = forms.CharField(label="Who told it?", max_length=120, required=False)

    def __init__(
        self, *args: Any, authorities: Iterable[LocalAuthority], present: ChildAuthority | None = None, **more: Any
    ) -> None:
        """``present`` is what stands now, to be changed or taken over."""
        if present is not None:
            more["initial"] = {
                "home": str(present.home_id),
                "placing": str(present.placing_id or ""),
                "from_on": present.from_on,
                "told_on": present.told_on,
                "told_by": present.told_by,
            }
        super().__init__(*args, **more)
        self.authorities = {str(each.pk): each for each in authorities}
        for name in ("home", "placing"):
            self.fields[name].choices = [  # type: ignore[attr-defined]
                ("", "Select an authority" if name == "home" else "None"),
                *((key, each.name) for key, each in self.authorities.items()),
            ]

    def authority(self, name: str) -> LocalAuthority | None:
        """What was chosen in the field of that name."""
        return self.authorities.get(self.cleaned_data.get(name) or "")
