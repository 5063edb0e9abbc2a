"""Forms: what applies, what stays, what is wrong. The vectors are shared with the app's own renderer."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.graphql.problems import words
from backend.core.problem import Invalid
from backend.eservices.rules.conditions import holds
from backend.eservices.rules.definition import Definition
from backend.eservices.rules.forms import asked_documents, check_size, pruned, visible, wrong
from backend.eservices.shipped import CODES, definition

VECTORS = json.loads((Path(__file__).parent / "form_vectors.json").read_text(encoding="utf-8"))
COMMON = {
    "applicants": ["CITIZEN"], "most_fee": 0,
    "supplement_days": 10, "extension_days": 10, "reopen_days": 10, "rate_days": 30,
}  # fmt: skip
SHARED = Definition.of({**COMMON, **VECTORS["definition"]})
SHIPPED = {code: Definition.of(definition(code)) for code in CODES if code != "TRUONG.01"}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["note"])
def test_vectors(case: dict[str, Any]) -> None:
    answers = case["answers"]
    if "visible" in case:
        assert sorted(visible(SHARED, answers)) == case["visible"]
    if "pruned" in case:
        assert pruned(SHARED, answers) == case["pruned"]
    if "wrong" in case:
        found = [
            [fault.path, fault.code.removeprefix("eservices.")] for fault in wrong(SHARED, answers, case["documents"])
        ]
        assert found == case["wrong"]


# ---- every shipped form
def least(part: dict[str, Any]) -> Any:
    """The smallest answer a question accepts."""
    if "enum" in part:
        return part["enum"][0]
    if part["type"] == "string":
        if part.get("format") == "date":
            return "2014-05-01"
        for text in ("0912345678", "001214000123"):
            if "pattern" in part and len(text) <= part["maxLength"] and text.isdigit() and _fits(part["pattern"], text):
                return text
        return "x" * part.get("minLength", 1)
    if part["type"] == "array":
        item = part["items"]
        return [{name: least(item["properties"][name]) for name in item["required"]}] * part.get("minItems", 0)
    return {"integer": part.get("minimum", 0), "number": part.get("minimum", 0), "boolean": True}[part["type"]]


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize("code", SHIPPED)
def test_the_least_answers_are_accepted_and_nothing_at_all_is_not(code: str) -> None:
    shipped = SHIPPED[code]
    answers = {name: least(dict(asked.schema)) for name, asked in shipped.fields.items() if asked.required}
    if code == "TRUONG.04":
        answers["rightFullName"] = "Nguyễn Thị Ngọc Lan"
    if code == "2.002857":
        answers["returnOn"] = "2026-08-17"
    papers = {paper.id: 1 for paper in asked_documents(shipped, answers) if paper.required}
    assert wrong(shipped, answers, papers) == []
    empty = wrong(shipped, {}, {})
    assert empty
    assert {fault.path for fault in empty} >= {
        f"field:{name}" for name in visible(shipped, {}) if shipped.fields[name].required
    }


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", SHIPPED)
def test_every_refusal_has_words(code: str, language: str) -> None:
    nonsense = {name: 3.5 if asked.schema["type"] == "string" else "?" for name, asked in SHIPPED[code].fields.items()}
    for fault in [*wrong(SHIPPED[code], {}, {"other": 1}), *wrong(SHIPPED[code], {**nonsense, "more": 1}, {})]:
        said = words(fault.code, language, **fault.params)
        assert said != fault.code
        assert "{" not in said


@pytest.mark.parametrize(
    ("code", "answers", "papers"),
    [
        ("2.002854", {"records": "PAPER"}, {"study_record"}),
        ("2.002854", {"records": "SYSTEM"}, set()),
        ("2.002854", {"records": "SYSTEM", "disability": True}, {"individual_plan"}),
        ("2.002854", {"records": "SYSTEM", "disability": False}, set()),
        ("2.002855", {"recordKind": "LOST"}, {"loss_confirmation", "portrait", "birth_certificate"}),
        ("2.002856", {"recordKind": "TRANSCRIPT"}, {"study_record", "translation", "portrait", "passport", "health"}),
        ("3.000465", {"requester": "SELF"}, set()),
        ("3.000465", {"requester": "PROXY"}, {"authorisation"}),
        ("3.000465", {"requester": "RELATIVE"}, {"kinship_proof"}),
        ("3.000466", {"ground": "LATE_BIRTH"}, {"diploma", "birth_certificate"}),
        ("3.000466", {"ground": "CIVIL_STATUS"}, {"diploma", "civil_status"}),
        ("1.014336", {"ground": "POOR", "repeating": "NO"}, {"poverty_proof"}),
        ("1.014336", {"ground": "ORPHAN", "repeating": "ILLNESS"}, {"orphan_proof", "illness_proof"}),
        ("2.002770", {"home": "MINORITY"}, set()),
        ("TRUONG.04", {}, {"birth_certificate"}),
        ("TRUONG.05", {}, set()),
    ],
)
def test_documents_follow_the_answers(code: str, answers: dict[str, Any], papers: set[str]) -> None:
    assert {paper.id for paper in asked_documents(SHIPPED[code], answers) if paper.required} == papers


def test_rules_of_single_procedures() -> None:
    def codes(code: str, field: str, **answers: Any) -> list[str]:
        return [fault.code for fault in wrong(SHIPPED[code], answers, {}) if fault.path == f"field:{field}"]

    assert codes("1.014336", "repeating", repeating="OTHER") == ["eservices.form_said"]
    assert codes("1.014336", "repeating", repeating="ILLNESS") == []
    assert codes("2.002854", "reason", reason="PRIVATE_TO_PUBLIC", grade="8") == ["eservices.form_said"]
    assert codes("2.002854", "reason", reason="PRIVATE_TO_PUBLIC", grade="10") == []
    assert codes("3.000465", "copies", copies=21) == ["eservices.form_number_range"]
    assert codes("3.000465", "copies", copies=20) == []
    assert codes("TRUONG.04", "rightFullName") == ["eservices.form_said"]
    assert codes("TRUONG.04", "rightFullName", rightSex="MALE") == []
    assert codes("2.002857", "returnOn", leftOn="2026-05-01", returnOn="2026-05-01") == ["eservices.form_said"]
    assert codes("2.002857", "returnOn", returnOn="2026-05-01") == []


# ---- any answers at all
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 30)
    | st.text(max_size=8)
    | st.sampled_from(["MOVE", "OTHER", "POOR", "2026-11-23"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "what", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def filled(draw: st.DrawFn) -> tuple[Definition, dict[str, Any]]:
    """A form and answers, some fitting, some not."""
    shipped = draw(st.sampled_from([SHARED, *SHIPPED.values()]))
    answers: dict[str, Any] = {}
    for name in draw(st.sets(st.sampled_from([*shipped.fields, "unknown"]))):
        choices = shipped.fields[name].schema.get("enum") if name in shipped.fields else None
        answers[name] = draw(st.sampled_from(choices) | VALUES if choices else VALUES)
    return shipped, answers


@settings(deadline=None)
@given(filled())
def test_hidden_answers_never_survive_and_pruning_twice_changes_nothing(given_: tuple[Definition, Any]) -> None:
    form, answers = given_
    kept = pruned(form, answers)
    assert set(kept) <= visible(form, answers)
    assert visible(form, kept) == visible(form, answers)
    assert pruned(form, kept) == kept
    assert "unknown" not in kept
    for name in set(form.fields) - visible(form, answers):
        condition = form.fields[name].show
        assert condition is not None
        assert not holds(condition, kept)


@settings(deadline=None)
@given(filled())
def test_any_answers_are_judged_and_each_place_once(given_: tuple[Definition, Any]) -> None:
    form, answers = given_
    found = wrong(form, answers, {})
    assert len({fault.path for fault in found}) == len(found)
    if "unknown" in answers:
        assert ("field:unknown", "eservices.form_unknown") in {(fault.path, fault.code) for fault in found}
    hidden = {f"field:{name}" for name in set(form.fields) - visible(form, answers)}
    assert not hidden & {fault.path for fault in found}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([], "eservices.answers_invalid"),
        ("text", "eservices.answers_invalid"),
        (None, "eservices.answers_invalid"),
        ({"a": [[{"b": {"c": 1}}]]}, "eservices.answers_invalid"),
        ({"a": float("nan")}, "eservices.answers_invalid"),
        ({"a": "\x00"}, "eservices.answers_invalid"),
        ({"a": "\ud800"}, "eservices.answers_invalid"),
        ({"a\x00": 1}, "eservices.answers_invalid"),
        ({"a": "x" * 66_000}, "eservices.answers_too_large"),
        ({"a": "ữ" * 23_000}, "eservices.answers_too_large"),
    ],
)
def test_what_no_form_can_mean_is_refused(answers: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_size(answers)
    assert refused.value.code == code


def test_ordinary_answers_pass_and_a_deep_one_is_refused_at_once() -> None:
    check_size({"children": [{"name": "Lan"}], "reason": "x" * 4000, "literal": "\\u0000"})
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    began = time.perf_counter()
    with pytest.raises(Invalid):
        check_size({"a": deep})
    assert time.perf_counter() - began < 1
