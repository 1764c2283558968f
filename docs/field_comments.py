"""Griffe extension for the API pages: the comment behind a field is its description.

Fields of dataclasses carry shape and unit in a comment on their line; the pages show it as a docstring.
"""

import tokenize
from typing import Any

import griffe


class FieldComments(griffe.Extension):
    """Gives attributes without a docstring the trailing comment of their last line."""

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Set the docstring of one attribute."""
        if attr.has_docstring or not attr.source:
            return
        lines = iter(attr.source.splitlines(keepends=True))
        try:
            tokens = [*tokenize.generate_tokens(lambda: next(lines, ""))]
        except (tokenize.TokenError, IndentationError):
            return
        comments = [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]
        if comments and not comments[-1].startswith(("type:", "noqa")):
            attr.docstring = griffe.Docstring(comments[-1], lineno=attr.lineno, parent=attr)
