"""GraphQL plumbing. What a slice's api.py needs is importable from here."""

from backend.core.graphql.binds import now, one_of, today
from backend.core.graphql.connection import Connection, PageInfo
from backend.core.graphql.fields import Info, mutation, query, root, root_value, subscription
from backend.core.graphql.problems import Problem
from backend.core.graphql.ref import Ref
from backend.core.graphql.scalars import Mark
from backend.core.graphql.source import column, computed, edge, source

__all__ = [
    "Connection", "Info", "Mark", "PageInfo", "Problem", "Ref", "column", "computed", "edge", "mutation", "now",
    "one_of", "query", "root", "root_value", "source", "subscription", "today",
]  # fmt: skip
