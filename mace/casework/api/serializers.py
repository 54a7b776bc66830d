"""What the API answers. A part that the seat's scope does not cover is absent, not null."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from panels.enums import ActionStatus
from panels.models import Action
from referrals.enums import About, Rating, ReferralStatus, Tier
from referrals.models import Case, Referral


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no answer; the same words whether something is hidden or does not exist."""

    detail = serializers.CharField()


class ChildSerializer(serializers.Serializer[Any]):
    """Scope *identity*."""

    reference = serializers.CharField()
    name = serializers.CharField(source="identity.full_name")
    date_of_birth = serializers.DateField(source="identity.date_of_birth")


class SummarySerializer(serializers.Serializer[Any]):
    """Scope *summary*."""

    primary_category = serializers.CharField()
    rating = serializers.ChoiceField(choices=Rating.choices)
    rated_on = serializers.DateField()
    account = serializers.CharField()


class TierSerializer(serializers.Serializer[Any]):
    """Scope *summary*; a case may be open at two tiers at once."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    from_on = serializers.DateField()
    to_on = serializers.DateField(allow_null=True)


class CaseSerializer(serializers.Serializer[Case]):
    reference = serializers.CharField()
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    child = ChildSerializer()
    summary = SummarySerializer(required=False)
    tiers = TierSerializer(many=True, required=False)

    def to_representation(self, instance: Case) -> dict[str, Any]:
        answer = super().to_representation(instance)
        if getattr(instance, "summary", None) is None:  # beyond the seat's scope; every case has one
            for part in ("summary", "tiers"):
                answer.pop(part, None)
        return answer


class ReferralSerializer(serializers.Serializer[Referral]):
    """A referral without its content, which is read on its page."""

    reference = serializers.CharField()
    about = serializers.ChoiceField(choices=About.choices)
    status = serializers.ChoiceField(choices=ReferralStatus.choices)
    created_at = serializers.DateTimeField()
    submitted_on = serializers.DateField(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    agency = serializers.CharField(source="agency.name")
    case = serializers.SerializerMethodField()
    volt = serializers.SerializerMethodField()

    def get_case(self, referral: Referral) -> str | None:
        """The case's reference, once accepted."""
        return referral.case.reference if referral.case else None

    def get_volt(self, referral: Referral) -> str | None:
        """The reference of the record that one about no child became."""
        return referral.became or None


class ActionSerializer(serializers.Serializer[Action]):
    reference = serializers.CharField()
    text = serializers.CharField()
    measure = serializers.CharField()
    status = serializers.ChoiceField(choices=ActionStatus.choices)
    due_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    owner_agency = serializers.CharField(source="owner_agency.name")
    owner = serializers.SerializerMethodField()

    def get_owner(self, action: Action) -> str | None:
        """The named person, if there is one."""
        return action.owner.user.name if action.owner else None
