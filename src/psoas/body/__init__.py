"""A person's body as a tree of segments, muscle lines and skin: plain arrays and names."""

from psoas.body.model import Body, Span, Tree

__all__ = ["Body", "Span", "Tree"]
