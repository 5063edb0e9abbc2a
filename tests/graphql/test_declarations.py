"""Mistakes in a declaration are told when the module is imported, in words."""

from uuid import UUID

import pytest

from backend.core.graphql import column, computed, edge, source
from tests.graphql.toy import student_table


def test_a_column_that_is_not_in_the_table() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.nickname: no column of that name"):

        @source(student_table)
        class Wrong:
            nickname: str = column()


def test_a_field_without_a_source() -> None:
    with pytest.raises(TypeError, match="does not say where it comes from"):

        @source(student_table)
        class Wrong:
            id: UUID


def test_a_declaration_that_asks_for_something_unknown() -> None:
    with pytest.raises(TypeError, match=r"not for \['request'\]"):
        edge(lambda me, request: me.id == request.id)


def test_an_argument_that_cannot_be_a_parameter() -> None:
    with pytest.raises(TypeError, match="an argument of a read cannot be"):
        column(lambda me: me.id, arguments={"filter": dict})


def test_a_computed_field_that_needs_what_is_not_there() -> None:
    with pytest.raises(TypeError, match=r"needs \['title'\]"):

        @source(student_table)
        class Wrong:
            id: UUID = column()
            label: str = computed(lambda title: title)
