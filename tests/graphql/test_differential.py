"""Two readers of one declaration: what the compiler answers is what the executor answers, field by field."""

import json
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from backend.core.problem import Invalid
from tests.graphql.conftest import House
from tests.graphql.toy import ident

OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("{ home { __typename hello headteacher children { name } } }", {}),
    ("query($i: UUID!) { student(id: $i) { id name born joinedAt sex tags notes mine recent } }", {"i": ident(3, 4)}),
    ("query($id: UUID!) { student(id: $id) { id } }", {"id": ident(9, 9)}),
    ("query($id: UUID!) { a: student(id: $id) { name initials } b: student(id: $id) { card { loud } } }",
     {"id": ident(3, 6)}),
    ("query($id: UUID!) { student(id: $id) { ...a ...b } } fragment a on Student { classGroup { name } ...c }"
     " fragment b on Student { classGroup { size order } } fragment c on Student { classGroup { subjects { name } } }",
     {"id": ident(3, 1)}),
    ("query($id: UUID!) { student(id: $id) { scores { mark enteredAt passed above(limit: 3) w: words } } }",
     {"id": ident(3, 7)}),
    ("query($id: UUID!, $m: Int) { student(id: $id) { latest(first: 4, atLeast: $m) { mark }"
     " l: latest { mark } h: history(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } } }",
     {"id": ident(3, 7), "m": 3}),
    ("query($id: UUID!, $m: Int) { student(id: $id) { latest(atLeast: $m) { mark } } }", {"id": ident(3, 7)}),
    ("query($id: UUID!, $n: Int! = 2) { student(id: $id) { latest(first: $n) { mark } } }", {"id": ident(3, 7)}),
    ("query($id: UUID!, $n: Int!) { student(id: $id) { latest(first: $n) { mark } } }", {"id": ident(3, 7), "n": 0}),
    ("query($on: Boolean!) { home { hello @include(if: $on) children @skip(if: $on) { name } } }", {"on": True}),
    ("query($on: Boolean!) { home { hello @include(if: $on) children @skip(if: $on) { name } } }", {"on": False}),
    ("{ students(sex: MALE) { __typename nodes { name sex } pageInfo { __typename hasNextPage } more: nodes { id } } }",
     {}),
    ("query($s: Sex) { students(sex: $s, first: 3) { nodes { name } pageInfo { endCursor } } }", {"s": "FEMALE"}),
    ("query($s: Sex, $t: String) { students(sex: $s, text: $t) { nodes { name } } }", {"t": "%"}),
    ("query($t: String) { students(text: $t) { nodes { name } } }", {"t": "' or 1=1; drop table student; --"}),
    ("query($t: String) { students(text: $t) { nodes { name } } }", {"t": '\\"'}),
    ("{ students(text: \"'); select pg_sleep(9); --\") { nodes { name } } }", {}),
    ("query($ids: [UUID!]!) { chosen(ids: $ids) { name ... on Student { id } ... { sex } } }",
     {"ids": [ident(3, 1), ident(3, 8)]}),
    ("query($one: UUID!) { chosen(ids: [$one, \"00000000-0000-0003-0000-000000000002\"]) { name } }",
     {"one": ident(3, 1)}),
    ("{ classes { grade name subjects { name } } students(first: 0) { nodes { id } pageInfo { hasNextPage } } }", {}),
    ("{ unscoped { id name } }", {}),
]  # fmt: skip


def same(house: House, text: str, variables: dict[str, Any]) -> Any:
    values = json.loads(json.dumps(variables, default=str))
    compiled, executed = house.compiled(text, values), house.executed(text, values)
    assert json.dumps(compiled) == json.dumps(executed), text  # the order of the keys too
    return compiled["data"]


@pytest.mark.parametrize(("text", "variables"), OPERATIONS)
def test_both_readers_agree(house: House, text: str, variables: dict[str, Any]) -> None:
    same(house, text, variables)


def test_expected_values(house: House) -> None:
    data = same(house, '{ students(text: "Chi") { nodes { name initials sex joinedAt notes } } }', {})
    assert data["students"]["nodes"] == [
        {
            "name": 'Đào "Chi"',
            "initials": 'Đ"f',
            "sex": "FEMALE",
            "joinedAt": "2026-09-05T00:15:31.679Z",
            "notes": {"n": 2, "x": None},
        }
    ]


# -- generated selections

SCALARS = {
    "Subject": ["id", "name"],
    "Score": ["id", "mark", "enteredAt", "passed", "above", "above(limit: 4)", "words", "__typename"],
    "ClassGroup": ["id", "name", "grade", "order", "size"],
    "Card": ["loud", "id"],
    "Student": ["id", "name", "born", "joinedAt", "sex", "tags", "notes", "mine", "recent", "initials", "__typename"],
    "Home": ["hello", "headteacher"],
}
EDGES = {
    "Score": [("subject", "Subject")],
    "ClassGroup": [("subjects", "Subject")],
    "Student": [
        ("classGroup", "ClassGroup"), ("card", "Card"), ("scores", "Score"), ("latest", "Score"),
        ("latest(first: 2)", "Score"), ("latest(first: $n, atLeast: $m)", "Score"), ("history", "+Score"),
        ("history(first: 3)", "+Score"), ("history(first: $n)", "+Score"),
    ],
    "Home": [("children", "Student")],
}  # fmt: skip
ROOTS = [
    ("home", "Home"), ("student(id: $id)", "Student"), ("students(first: $n)", "+Student"),
    ("students(sex: FEMALE, first: 2)", "+Student"), ("chosen(ids: [$id])", "Student"), ("classes", "ClassGroup"),
]  # fmt: skip
VARIABLES = {
    "id": f'$id: UUID! = "{ident(3, 5)}"', "n": "$n: Int! = 4", "m": "$m: Int", "on": "$on: Boolean! = true",
}  # fmt: skip
DIRECTIVES = ["", "", "", " @include(if: $on)", " @skip(if: $on)", " @include(if: true)"]


class Writer:
    """Draws a valid selection; every field gets an alias of its own unless it is a plain scalar."""

    def __init__(self, draw: Any) -> None:
        self.draw, self.aliases = draw, 0
        self.fragments: list[str] = []

    def selection(self, kind: str, depth: int) -> str:
        if kind.startswith("+"):
            inner = self.selection(kind[1:], depth)
            return f"{{ nodes {inner} pageInfo {{ hasNextPage endCursor }} }}"
        names = self.draw(st.lists(st.sampled_from(SCALARS[kind]), min_size=1, max_size=4))
        parts = [self.named(name) + self.directive() for name in names]
        parts.append("id" if kind != "Home" else "hello")
        edges = EDGES.get(kind, []) if depth else []
        for name, target in self.draw(st.lists(st.sampled_from(edges), max_size=2)) if edges else ():
            parts.append(f"{self.named(name, True)}{self.directive()} {self.selection(target, depth - 1)}")
        body = "{ " + " ".join(parts) + " }"
        wrap = self.draw(st.sampled_from(["", "", "inline", "named"]))
        if wrap == "inline":
            return f"{{ ... on {kind} {body} }}"
        if wrap == "named":
            self.fragments.append(f"fragment f{len(self.fragments)} on {kind} {body}")
            return f"{{ ...f{len(self.fragments) - 1} __typename }}"
        return body

    def directive(self) -> str:
        chosen: str = self.draw(st.sampled_from(DIRECTIVES))
        return chosen

    def named(self, name: str, always: bool = False) -> str:
        if ("(" in name or always or self.draw(st.integers(0, 4)) == 0) and self.aliases < 29:
            self.aliases += 1
            return f"x{self.aliases}: {name}"
        return name if "(" not in name else name.split("(")[0]


@st.composite
def operations(draw: Any) -> tuple[str, dict[str, Any]]:
    writer = Writer(draw)
    roots = draw(st.lists(st.sampled_from(ROOTS), min_size=1, max_size=2))
    body = " ".join(f"r{n}: {name} {writer.selection(kind, 2)}" for n, (name, kind) in enumerate(roots))
    text = " ".join([f"{{ {body} }}", *writer.fragments])
    declared = [kind for name, kind in VARIABLES.items() if f"${name}" in text]
    head = f"query({', '.join(declared)}) " if declared else ""
    variables = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "id": st.integers(0, 9).map(lambda n: str(ident(3, n))),
                "n": st.integers(0, 6),
                "m": st.none() | st.integers(0, 9),
                "on": st.booleans(),
            },
        )
    )
    return head + text, variables


@given(operations())
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
def test_both_readers_agree_on_generated_selections(house: House, operation: tuple[str, dict[str, Any]]) -> None:
    text, variables = operation
    refused = refusal(house, text, variables)
    event(refused or "compared")
    if refused is None:
        same(house, text, variables)
    else:  # the generator may ask too much, or two different things under one key
        assert refused in ("core.too_costly", "core.too_many_aliases") or "conflict" in refused


def refusal(house: House, text: str, variables: dict[str, Any]) -> str | None:
    """Why the endpoint would not take the operation; None when it does."""
    try:
        house.run(house.app.read(text, variables, house.toy.teacher))
    except Invalid as refused:
        return refused.code
    except GraphQLError as invalid:
        return invalid.message
    return None


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pages_neither_lose_nor_repeat(house: House, size: int) -> None:
    text = (
        "query($n: Int!, $after: String) { students(first: $n, after: $after)"
        " { nodes { id name } pageInfo { hasNextPage endCursor } } }"
    )
    seen, after = [], None
    while True:
        page = same(house, text, {"n": size, "after": after})["students"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("size", [1, 4, 7])
def test_pages_of_a_mixed_order(house: House, size: int) -> None:
    """`history` falls by instant and rises by subject: equal keys are told apart by the id."""
    text = (
        "query($n: Int!, $after: String, $id: UUID!) { student(id: $id) { history(first: $n, after: $after)"
        " { nodes { id } pageInfo { hasNextPage endCursor } } } }"
    )
    seen, after = [], None
    while True:
        page = same(house, text, {"n": size, "after": after, "id": ident(3, 7)})["student"]["history"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 21
