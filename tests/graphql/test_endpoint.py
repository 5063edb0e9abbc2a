"""The endpoint: what it refuses and how, what it promises about the database, and mutations."""

import hashlib
import json
from typing import Any

import asyncpg
import pytest

from backend.core.actor import NOBODY
from backend.core.graphql import problems
from backend.core.graphql.fields import root_permissions
from tests.graphql.conftest import House
from tests.graphql.toy import ident

HELLO = "{ home { hello } }"


def code(answer: Any) -> str:
    assert answer["data"] is None
    return answer["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("body", "changes", "status", "expected"),
    [
        ({"query": HELLO}, {"method": "GET"}, 405, "core.post_only"),
        ({"query": HELLO}, {"content_type": "text/plain"}, 415, "core.json_only"),
        ({"query": HELLO}, {"content_type": None}, 415, "core.json_only"),
        ({"query": HELLO}, {"x_nhipcau": None}, 403, "core.header_missing"),
        ({"query": HELLO}, {"origin": "https://evil.test"}, 403, "core.other_origin"),
        ([{"query": HELLO}], {}, 400, "core.no_batches"),
        (b"{", {}, 400, "core.json_only"),
        ({"query": HELLO, "variables": []}, {}, 200, None),
        ({"query": HELLO, "variables": [1]}, {}, 400, "core.json_only"),
        ({"id": "0" * 64}, {}, 404, "core.unknown_operation"),
        ({}, {}, 400, "core.trusted_only"),
        (b" " * 300_000, {}, 413, "core.body_too_large"),
        ({"query": "{ nothing }"}, {}, 400, "core.bad_request"),
        ({"query": "{ home "}, {}, 400, "core.bad_request"),
        ({"query": "query($i: UUID!) { student(id: $i) { id } }", "variables": {"i": 5}}, {}, 400, "core.bad_request"),
        ({"query": "{ home { hello } } query b { home { hello } }"}, {}, 400, "core.bad_request"),
        ({"query": "{ students(first: 101) { nodes { id } } }"}, {}, 200, "core.page_size"),
        ({"query": "{ students(first: -1) { nodes { id } } }"}, {}, 200, "core.page_size"),
        ({"query": '{ students(after: "x") { nodes { id } } }'}, {}, 200, "core.cursor_invalid"),
        ({"query": '{ students(after: "WyJhIiwgImIiXQ==") { nodes { id } } }'}, {}, 200, "core.cursor_invalid"),
        ({"query": "{ broken }"}, {}, 200, "FAULT"),
    ],
)  # fmt: skip
def test_refusals(house: House, body: Any, changes: dict[str, Any], status: int, expected: str | None) -> None:
    answered, answer, _ = house.post(body, **changes)
    assert answered == status, answer
    assert expected is None or code(answer) == expected


def nested(levels: int) -> str:
    """A selection of this depth: no toy type leads to itself, so unknown fields stand in; limits come first."""
    return "{ home " + "{ x " * (levels - 2) + "{ y }" + " }" * (levels - 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (nested(13), "core.too_deep"),
        (nested(12), "core.bad_request"),
        ("{ students(first: 100) { nodes { latest(first: 30) { id mark passed above } } } }", "core.too_costly"),
        ("{ students(first: 20) { nodes { latest(first: 30) { id } } } }", None),
        (
            "query($n: Int!) { students(first: $n) { nodes { scores { id mark passed above words } } } }",
            "core.too_costly",
        ),
        ("{ " + " ".join(f"a{n}: home {{ hello }}" for n in range(31)) + " }", "core.too_many_aliases"),
        ("{ home { " + "hello " * 2_100 + "} }", "core.bad_request"),
        ("{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a }", "core.bad_request"),
    ],
)
def test_limits(house: House, query: str, expected: str | None) -> None:
    _, answer, _ = house.post({"query": query, "variables": {"n": 1} if "$n" in query else {}})
    assert ("errors" in answer and code(answer)) == (expected or False)


def test_own_and_allowed_origins_may_call(house: House) -> None:
    for origin in ("http://test", "https://allowed.test"):
        assert house.post({"query": HELLO}, origin=origin)[0] == 200


def test_trusted_document(house: House) -> None:
    status, answer, headers = house.post({"id": hashlib.sha256(HELLO.encode()).hexdigest()})
    assert (status, answer) == (200, {"data": {"home": {"hello": "Cô Hoa"}}})
    assert (b"cache-control", b"no-store") in headers


def test_free_text_and_introspection_are_for_development(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.post({"query": "{ __schema { queryType { name } } }"})[1]["data"]["__schema"]["queryType"]
    monkeypatch.setattr(house.app, "_free_text", False)
    assert code(house.post({"query": HELLO})[1]) == "core.trusted_only"


def test_guard_comes_first_and_in_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    books = {"vi": {"core.sign_in_required": "Cần đăng nhập"}, "en": {"core.sign_in_required": "Please sign in"}}
    monkeypatch.setattr(problems, "_book", lambda language: books[language])
    query = {"query": HELLO}
    for language, message in (("vi-VN", "Cần đăng nhập"), ("en-GB,en", "Please sign in")):
        error = house.post(query, actor=NOBODY, accept_language=language)[1]["errors"][0]
        assert (error["message"], error["extensions"]["kind"]) == (message, "SIGN_IN_REQUIRED")
    only_signed_in = house.toy.stranger.__class__(user_id=ident(9, 1))
    assert code(house.post({"query": "{ classes { name } }"}, actor=only_signed_in)[1]) == "core.not_allowed"
    skipped = "query($s: Boolean!) { home { hello } classes @include(if: $s) { name } }"
    assert "errors" not in house.post({"query": skipped, "variables": {"s": False}}, actor=only_signed_in)[1]


def test_every_root_field_carries_its_permission(house: House) -> None:
    schema = house.app._schema
    found = root_permissions(schema._schema)
    assert len(found) == 9
    assert None not in found.values()
    assert '@requires(permission: "student:read")' in schema.as_str()


def test_a_fault_is_masked(house: House) -> None:
    _, answer, _ = house.post({"query": "{ broken }"})
    assert "secret" not in json.dumps(answer)
    assert len(answer["errors"][0]["extensions"]["request"]) == 4


def test_row_level_security_holds_where_a_scope_was_forgotten(house: House) -> None:
    query = "{ unscoped { id } }"
    assert len(house.compiled(query)["data"]["unscoped"]) == 8
    foreign = house.compiled(query, actor=house.toy.stranger)["data"]["unscoped"]
    assert foreign == [{"id": str(house.toy.foreign)}]


def test_the_fence_does_not_stay_on_the_connection(house: House) -> None:
    async def after() -> Any:
        async with house.database._pool.acquire() as connection:
            await connection.fetchval("select 1")
            return await connection.fetchval(
                "select concat(current_setting('app.schools', true), current_setting('app.user', true))"
            )

    for _ in range(8):  # long enough for PostgreSQL to settle on a generic plan
        assert len(house.compiled("{ unscoped { id } }")["data"]["unscoped"]) == 8
        assert house.run(after()) == ""
        assert len(house.compiled("{ unscoped { id } }", actor=house.toy.stranger)["data"]["unscoped"]) == 1


def test_one_statement_and_no_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    fetchval = asyncpg.Connection.fetchval

    async def counting(self: Any, sql: str, *args: Any, **more: Any) -> Any:
        ran.append(sql)
        return await fetchval(self, sql, *args, **more)

    monkeypatch.setattr(asyncpg.Connection, "fetchval", counting)
    with house.database.count_statements() as written:
        house.compiled("{ home { hello children { name latest { mark subject { name } } } } classes { size } }")
    assert len(ran) == 1
    assert len(written) == 0
    assert ran[0].startswith("WITH fence AS MATERIALIZED")


def test_plans_hold_no_value_of_a_request(house: House) -> None:
    text_ = "query($id: UUID!) { student(id: $id) { name mine } home { hello } }"
    for student in (1, 4, 1):
        data = house.compiled(text_, {"id": str(ident(3, student))})["data"]
        assert data["student"]["mine"] is (student == 1)
    other = house.compiled(text_, {"id": str(ident(3, 1))}, house.toy.stranger)["data"]
    assert other == {"student": None, "home": {"hello": ""}}
    operation = house.app._operations.by_text(text_)
    assert len(operation._plans) == 2  # one per set of roles
    for prepared in operation._plans._items.values():
        assert prepared.plan is not None
        assert "00000000-0000" not in prepared.plan.sql


RENAME = (
    "mutation($id: UUID!, $name: String!) { rename(id: $id, name: $name) { __typename"
    " ... on RenamePayload { student { name initials scores { mark } } others { id } home { hello } }"
    " ... on Problem { code kind message fields { path message } retryAfter } } }"
)


def test_a_mutation_reads_its_payload_from_the_same_source(house: House) -> None:
    status, answer, headers = house.post({"query": RENAME, "variables": {"id": str(ident(3, 1)), "name": "Mới Tên"}})
    assert status == 200
    payload = answer["data"]["rename"]
    assert payload["student"]["name"] == "Mới Tên"
    assert payload["student"]["initials"] == "MTm"
    assert len(payload["student"]["scores"]) == 3
    assert payload["others"] == [{"id": str(ident(3, 1))}]
    assert payload["home"] == {"hello": "Cô Hoa"}
    assert any(name == b"set-cookie" and b"HttpOnly; SameSite=Lax" in value for name, value in headers)
    house.post({"query": RENAME, "variables": {"id": str(ident(3, 1)), "name": "An Bình"}})


def test_a_refused_mutation_is_a_problem(house: House) -> None:
    _, answer, _ = house.post({"query": RENAME, "variables": {"id": str(ident(3, 1)), "name": ""}})
    problem = answer["data"]["rename"]
    assert (problem["__typename"], problem["code"], problem["kind"]) == ("Problem", "toy.name_empty", "INVALID")
    assert problem["fields"][0]["path"] == "name"
    _, answer, _ = house.post({"query": RENAME, "variables": {"id": str(ident(3, 1)), "name": "x"}}, actor=NOBODY)
    assert answer["data"]["rename"]["code"] == "core.sign_in_required"


def test_python_root_goes_through_the_executor(house: House) -> None:
    _, answer, _ = house.post({"query": '{ greeting(name: "Lan") home { hello children { name } } }'})
    assert answer["data"]["greeting"] == "xin chào Lan"
    assert answer["data"]["home"]["children"][0]["name"] == "An Bình"


def test_a_null_in_a_non_null_field_is_a_fault_not_a_null(house: House) -> None:
    """A pupil of another school is asked for through a to-one edge that says it always exists."""
    query = "{ home { lost { name } } }"
    status, answer, _ = house.post({"query": query})
    assert status == 500
    assert code(answer) == "FAULT"
    assert house.executed(query)["errors"][0]["extensions"]["code"] == "FAULT"
