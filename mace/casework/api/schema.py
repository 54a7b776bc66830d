"""The API's OpenAPI description, for whoever has a seat."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView

from mace.access.policy import Capability
from mace.casework.api.views import HasCapability


class Schema(SpectacularAPIView):
    capability = Capability.WORK
    permission_classes = (HasCapability,)
    http_method_names = ["get", "head"]
