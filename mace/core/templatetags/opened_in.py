"""``{% csrf_token %}`` for all templates: Django's field, and one that says in which seat the page was opened.

A form sent while another seat is active is refused by ``mace.access.gate``, with what was typed in it.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from mace.core.seat import MARK_FIELD

register = template.Library()


class MarkedTokenNode(CsrfTokenNode):
    def render(self, context: Any) -> SafeString:
        seat = context.get("seat")
        token = mark_safe(super().render(context))  # noqa: S308 (Django's own, escaped)
        if not seat:
            return token
        return token + format_html('<input type="hidden" name="{}" value="{}">', MARK_FIELD, seat.mark)


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> MarkedTokenNode:
    return MarkedTokenNode()
