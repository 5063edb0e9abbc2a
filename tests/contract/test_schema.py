"""The schema is a file, every root field is guarded, and every trusted document still works within the limits."""

import json
from pathlib import Path

import pytest
from graphql import parse

from backend.core.actor import Permission
from backend.core.graphql import limits
from backend.core.graphql.fields import root_permissions
from backend.core.graphql.schema import Operations
from backend.schema import print_schema, schema

BACKEND = Path(__file__).parents[2] / "backend"
TRUSTED: dict[str, str] = json.loads((BACKEND / "operations.json").read_text())
PUBLIC_FIELDS = {
    "Mutation.requestCitizenCode",
    "Mutation.requestSignInCode",
    "Mutation.signInWithCode",
    "Mutation.signInWithPassword",
    "Query.officeDays",
    "Query.procedure",
    "Query.procedureVersion",
    "Query.procedures",
    "Query.serviceSchools",
    "Query.trackDossier",
    "Query.verifyPaper",
    "Query.viewer",
}
CORE = schema._schema  # pyright: ignore[reportPrivateUsage]  Strawberry gives no other way to graphql-core's schema


def test_the_printed_schema_is_up_to_date() -> None:
    """`nhipcau schema` writes it; a difference here is a change of the contract with installed apps."""
    assert (BACKEND / "schema.graphql").read_text() == print_schema()


def test_every_root_field_names_its_permission() -> None:
    permissions = root_permissions(CORE)
    known = {permission.value for permission in Permission}
    assert {name for name, permission in permissions.items() if permission not in known} == set()


def test_only_these_fields_are_public() -> None:
    public = {name for name, permission in root_permissions(CORE).items() if permission == Permission.PUBLIC.value}
    assert public == PUBLIC_FIELDS


def test_there_are_trusted_documents() -> None:
    assert len(TRUSTED) >= 20


@pytest.mark.parametrize(
    "text", TRUSTED.values(), ids=[text.split("(")[0].split("{")[0].strip() for text in TRUSTED.values()]
)
def test_trusted_documents_validate_within_the_limits(text: str) -> None:
    limits.check(CORE, parse(text))
    Operations(schema, TRUSTED, introspection=False).by_text(text)
