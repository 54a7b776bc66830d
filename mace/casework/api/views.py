"""The API: the seat's own view of cases, referrals and actions, read only, through the selectors the pages use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mace.access.policy import Capability, can
from mace.access.selectors import after_key
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.casework.api.bodies import ActionLine, CaseLine, ReferralLine
from mace.casework.api.selectors import action_page, action_row, case_page, case_row, referral_page, referral_row
from mace.casework.api.serializers import ActionSerializer, CaseSerializer, ProblemSerializer, ReferralSerializer
from mace.core.seat import Seat


class HasCapability(BasePermission):
    """The seat's role includes what the view declares."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return can(getattr(request, "seat", None), view.capability)  # type: ignore[attr-defined]


class OwnView(APIView):
    """What the three resources share: a capability, the seat, the read log."""

    capability: ClassVar[Capability]
    permission_classes = (HasCapability,)
    http_method_names = ["get", "head"]

    def answer(
        self,
        request: Request,
        *,
        action: str,
        body: Any,
        record_id: int | None = None,
        rows: int = 1,
        records: Sequence[int] = (),
    ) -> Response:
        seat: Seat = request.seat  # type: ignore[attr-defined]
        record_read(
            by=seat,
            action=action,
            record_id=record_id,
            reference=str(self.kwargs.get("reference", "")),
            rows=rows,
            records=records,
            kind=ReadKind.API,
        )
        return Response(body)

    def page(
        self,
        request: Request,
        *,
        action: str,
        rows: Sequence[CaseLine | ReferralLine | ActionLine],
        next_after: str,
    ) -> Response:
        url = request.build_absolute_uri(reverse(f"api:{action}") + f"?after={next_after}") if next_after else None
        return self.answer(
            request,
            action=f"api {action}",
            body={"results": [row.body() for row in rows], "next": url},
            rows=len(rows),
            records=[row.record_id for row in rows],
        )


AFTER = OpenApiParameter("after", str, description="Where the page before ended; taken from its `next`.")


def answers(shown: Any) -> dict[int, Any]:
    """What an address answers: 403 before signing in and to a role without it, 404 for hidden and absent alike."""
    return {200: shown, 403: ProblemSerializer, 404: ProblemSerializer}


def page_of(name: str, row: type[serializers.BaseSerializer[Any]]) -> dict[int, Any]:
    """The answers of a list: one page of rows, newest first."""
    return answers(inline_serializer(name, {"results": row(many=True), "next": serializers.URLField(allow_null=True)}))


def after_of(request: Request) -> str:
    """The ``after`` of the query. Raises ``Http404`` when it is not one of ours."""
    after = request.query_params.get("after", "")
    try:
        if after:
            after_key(after)
    except ValueError as foreign:
        raise Http404 from foreign
    return after


class CaseList(OwnView):
    capability = Capability.READ_CASES

    @extend_schema(operation_id="cases", parameters=[AFTER], responses=page_of("CasePage", CaseSerializer))
    def get(self, request: Request) -> Response:
        """Cases that the seat may see, newest first."""
        rows, after = case_page(after_of(request))
        return self.page(request, action="cases", rows=rows, next_after=after)


class CaseDetail(OwnView):
    capability = Capability.READ_CASES

    @extend_schema(operation_id="case", responses=answers(CaseSerializer))
    def get(self, request: Request, reference: str) -> Response:
        """One case; parts beyond the seat's scope are absent."""
        case = case_row(reference)
        return self.answer(request, action="api case", body=CaseSerializer(case).data, record_id=case.pk)


class ReferralList(OwnView):
    capability = Capability.READ_CASES

    @extend_schema(operation_id="referrals", parameters=[AFTER], responses=page_of("ReferralPage", ReferralSerializer))
    def get(self, request: Request) -> Response:
        """Referrals that the seat may see, newest first."""
        rows, after = referral_page(after_of(request))
        return self.page(request, action="referrals", rows=rows, next_after=after)


class ReferralDetail(OwnView):
    capability = Capability.READ_CASES

    @extend_schema(operation_id="referral", responses=answers(ReferralSerializer))
    def get(self, request: Request, reference: str) -> Response:
        """One referral."""
        referral = referral_row(reference)
        return self.answer(
            request, action="api referral", body=ReferralSerializer(referral).data, record_id=referral.pk
        )


class ActionList(OwnView):
    capability = Capability.READ_ACTIONS

    @extend_schema(operation_id="actions", parameters=[AFTER], responses=page_of("ActionPage", ActionSerializer))
    def get(self, request: Request) -> Response:
        """Actions that the seat may see, newest first."""
        rows, after = action_page(request.seat, after_of(request))  # type: ignore[attr-defined]
        return self.page(request, action="actions", rows=rows, next_after=after)


class ActionDetail(OwnView):
    capability = Capability.READ_ACTIONS

    @extend_schema(operation_id="action", responses=answers(ActionSerializer))
    def get(self, request: Request, reference: str) -> Response:
        """One action."""
        action = action_row(reference)
        return self.answer(request, action="api action", body=ActionSerializer(action).data, record_id=action.record_id)
