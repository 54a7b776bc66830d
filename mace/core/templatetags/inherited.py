"""``{% extends %}`` for all templates: looks for the blocks of a root template once, and not for every page drawn."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Template, TextNode, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode, do_extends

register = template.Library()


class KeptExtendsNode(ExtendsNode):
    def render(self, context: Any) -> Any:
        """As Django's own, but for where the parent's blocks come from."""
        parent = self.get_parent(context)
        block_context = context.render_context.get(BLOCK_CONTEXT_KEY)
        if block_context is None:
            block_context = context.render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        block_context.add_blocks(self.blocks)
        block_context.add_blocks(root_blocks(parent))
        with context.render_context.push_state(parent, isolated_context=False):
            return parent._render(context)  # type: ignore[attr-defined]  # noqa: SLF001 (so does Django's own)


def root_blocks(parent: Template) -> dict[str, BlockNode]:
    """The blocks of a template that extends no other; none for one that does, because its own tag adds them."""
    kept: dict[str, BlockNode] | None = getattr(parent, "kept_blocks", None)
    if kept is None:
        first = next((node for node in parent.nodelist if not isinstance(node, TextNode)), None)
        found = [] if isinstance(first, ExtendsNode) else parent.nodelist.get_nodes_by_type(BlockNode)
        kept = parent.kept_blocks = {node.name: node for node in found}  # type: ignore[attr-defined]
    return kept


@register.tag
def extends(parser: Parser, token: Token) -> ExtendsNode:
    node = do_extends(parser, token)
    return KeptExtendsNode(node.nodelist, node.parent_name)
