"""Definitions of procedures: what is shipped is right, and whatever is wrong is found at its place."""

import random
import re
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.graphql.problems import words
from backend.core.text import nfc
from backend.eservices.rules.agreement import MOST_BYTES, mistakes
from backend.eservices.rules.definition import Definition, Effect, target_names
from backend.eservices.rules.json_schema import validator
from backend.eservices.rules.patterns import is_safe
from backend.eservices.shipped import CODES, definition, kind_of, new_definition
from backend.eservices.tables import ProcedureKind

Json = dict[str, Any]
NAMES: dict[str, str] = {
    "2.002854": "KQ.G03.000497", "2.002855": "KQ.G03.000498", "2.002856": "KQ.G03.000499", "2.002857": "KQ.G03.000500",
    "3.000465": "KQ.G03.000157", "3.000466": "KQ.G03.000158", "1.014336": "KQ.G03.000428", "2.002770": "KQ.G03.000349",
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_what_is_shipped_has_no_mistakes(code: str) -> None:
    assert mistakes(definition(code), kind_of(code), code) == []


def test_the_shipped_procedures_are_the_ones_promised() -> None:
    assert {code for code in CODES if kind_of(code) is ProcedureKind.NATIONAL} == set(NAMES)
    assert {code for code in CODES if kind_of(code) is ProcedureKind.SCHOOL} == {f"TRUONG.0{n}" for n in range(1, 6)}
    for code, result in NAMES.items():
        made = Definition.of(definition(code))
        assert made.result is not None
        assert made.result.code == result
    effects = {Definition.of(definition(code)).effect for code in CODES}
    assert effects == {*Effect, None}


@pytest.mark.parametrize("code", CODES)
def test_words_are_vietnamese_and_english(code: str) -> None:
    for said in _all_words(definition(code)):
        assert said["vi"] == nfc(said["vi"]).strip()
        assert said["en"] == said["en"].strip()
        assert not re.search(
            r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", _without_names(said["en"]), re.I
        ), said
    keywords = definition(code)["keywords"]
    assert keywords == [word.lower() for word in keywords]
    assert all(word.isascii() for word in keywords)


def _without_names(text: str) -> str:
    return re.sub(r"QĐ-BGDĐT|NĐ-CP|TT-BGDĐT|Tết", "", text)


def _all_words(value: Any) -> list[dict[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"vi", "en"}:
            return [value]
        return [found for inner in value.values() for found in _all_words(inner)]
    return [found for inner in value for found in _all_words(inner)] if isinstance(value, list) else []


def test_a_new_procedure_of_a_school_could_be_published_as_it_is() -> None:
    assert mistakes(new_definition(), "SCHOOL", "TRUONG.06") == []
    found = mistakes(new_definition(), "NATIONAL", "1.000001")
    assert [m.code for m in found] == ["eservices.definition_result_code"]


# ---- one mistake each: what is broken, where it must be told, with which code
def put(path: str, value: Any) -> Callable[[Json], None]:
    *way, last = [int(part) if part.isdigit() else part for part in path.strip("/").split("/")]

    def change(json: Json) -> None:
        place: Any = json
        for part in way:
            place = place[part]
        place[last] = value

    return change


def drop(path: str) -> Callable[[Json], None]:
    *way, last = [int(part) if part.isdigit() else part for part in path.strip("/").split("/")]

    def change(json: Json) -> None:
        place: Any = json
        for part in way:
            place = place[part]
        del place[last]

    return change


def text(most: int = 10, **more: Any) -> Json:
    return {"type": "string", "maxLength": most, **more}


PROPS, FIELDS = "/form/schema/properties", "/form/fields"
BROKEN: dict[str, tuple[Callable[[Json], None], str, str]] = {
    "unknown key": (put("/more", 1), "/more", "definition_unknown"),
    "unknown key in a document": (put("/documents/0/more", 1), "/documents/0/more", "definition_unknown"),
    "a reference": (put(f"{PROPS}/reason/$ref", "http://x"), f"{PROPS}/reason/$ref", "definition_unknown"),
    "missing key": (drop("/who"), "/who", "definition_missing"),
    "wrong type": (put("/documents", {}), "/documents", "definition_kind"),
    "wrong type of a number": (put("/supplement_days", "10"), "/supplement_days", "definition_kind"),
    "number too small": (put("/supplement_days", 0), "/supplement_days", "definition_number_least"),
    "no English": (drop("/name/en"), "/name/en", "definition_words"),
    "blank Vietnamese": (put("/name/vi", "  "), "/name/vi", "definition_words"),
    "no English on a choice": (
        drop(f"{FIELDS}/reason/options/MOVED/en"),
        f"{FIELDS}/reason/options/MOVED/en",
        "definition_words",
    ),
    "words too long": (put("/name/vi", "x" * 201), "/name/vi", "definition_too_long"),
    "a name of a field": (put(f"{PROPS}/Bad-Name", text()), f"{PROPS}/Bad-Name", "definition_name"),
    "a name with a slash": (put(f"{PROPS}/x~1y", text()), f"{PROPS}/x~01y", "definition_name"),
    "a name of a step": (put("/handling/steps/0/id", "Check"), "/handling/steps/0/id", "definition_name"),
    "a field in no step": (drop("/form/steps/0/fields/0"), "/form/steps", "definition_unplaced"),
    "a field in two steps": (put("/form/steps/1/fields/0", "pupilName"), "/form/steps/1/fields/0", "definition_twice"),
    "an unknown field in a step": (
        put("/form/steps/1/fields/0", "nobody"),
        "/form/steps/1/fields/0",
        "definition_field",
    ),
    "a question without words": (drop(f"{FIELDS}/reason"), f"{FIELDS}/reason", "definition_missing"),
    "words without a question": (
        put(f"{FIELDS}/nobody", {"label": {"vi": "a", "en": "a"}}),
        f"{FIELDS}/nobody",
        "definition_field",
    ),
    "an unknown field required": (
        put("/form/schema/required/0", "nobody"),
        "/form/schema/required/0",
        "definition_field",
    ),
    "more than what was asked": (
        put("/form/schema/additionalProperties", True),
        "/form/schema/additionalProperties",
        "definition_choice",
    ),
    "a text without a limit": (
        drop(f"{PROPS}/classWish/maxLength"),
        f"{PROPS}/classWish/maxLength",
        "definition_missing",
    ),
    "a text beyond the limit": (
        put(f"{PROPS}/classWish/maxLength", 4001),
        f"{PROPS}/classWish/maxLength",
        "definition_number_most",
    ),
    "least above most": (
        put(f"{PROPS}/classWish/minLength", 999),
        f"{PROPS}/classWish/minLength",
        "definition_reversed",
    ),
    "a type that is none": (put(f"{PROPS}/classWish/type", "object"), f"{PROPS}/classWish/type", "definition_choice"),
    "a slow pattern": (
        put(f"{PROPS}/classWish/pattern", "^(a+)+$"),
        f"{PROPS}/classWish/pattern",
        "definition_pattern",
    ),
    "another format": (put(f"{PROPS}/classWish/format", "uri"), f"{PROPS}/classWish/format", "definition_choice"),
    "a choice without words": (
        put(f"{PROPS}/reason/enum/0", "NEW"),
        f"{FIELDS}/reason/options/NEW",
        "definition_missing",
    ),
    "words for no choice": (
        put(f"{FIELDS}/reason/options/NEW", {"vi": "a", "en": "a"}),
        f"{FIELDS}/reason/options/NEW",
        "definition_unknown",
    ),
    "an unknown widget": (put(f"{FIELDS}/reason/widget", "slider"), f"{FIELDS}/reason/widget", "definition_choice"),
    "an unknown source": (
        put(f"{FIELDS}/pupilName/prefill", "student.shoeSize"),
        f"{FIELDS}/pupilName/prefill",
        "definition_choice",
    ),
    "locked without a source": (drop(f"{FIELDS}/pupilName/prefill"), f"{FIELDS}/pupilName/locked", "definition_locked"),
    "a pupil's data about anybody": (
        put("/subject", "PERSON"),
        f"{FIELDS}/pupilName/prefill",
        "definition_needs_student",
    ),
    "a condition on an unknown field": (
        put(f"{FIELDS}/reasonDetail/show/field", "nobody"),
        f"{FIELDS}/reasonDetail/show/field",
        "definition_field",
    ),
    "a condition of no kind": (
        put(f"{FIELDS}/reasonDetail/show", {"field": "reason"}),
        f"{FIELDS}/reasonDetail/show",
        "definition_condition",
    ),
    "a condition of two kinds": (
        put(f"{FIELDS}/reasonDetail/show", {"field": "reason", "equals": "a", "filled": True}),
        f"{FIELDS}/reasonDetail/show",
        "definition_condition",
    ),
    "a condition inside another": (
        put(f"{FIELDS}/reasonDetail/show", {"all": [{"not": {"field": "nobody", "filled": True}}]}),
        f"{FIELDS}/reasonDetail/show/all/0/not/field",
        "definition_field",
    ),
    "conditions too deep": (
        put(
            f"{FIELDS}/reasonDetail/show",
            {"not": {"not": {"not": {"not": {"not": {"field": "reason", "filled": True}}}}}},
        ),
        f"{FIELDS}/reasonDetail/show/not/not/not/not/not",
        "definition_condition",
    ),
    "a field that waits for itself": (
        put(f"{FIELDS}/reason/show", {"field": "reason", "filled": True}),
        f"{FIELDS}/reason/show",
        "definition_cycle",
    ),
    "fields that wait for each other": (
        put(f"{FIELDS}/reason/show", {"field": "reasonDetail", "filled": True}),
        f"{FIELDS}/reason/show",
        "definition_cycle",
    ),
    "a check of an unknown field": (put("/form/checks/0/field", "nobody"), "/form/checks/0/field", "definition_field"),
    "a check without message": (drop("/form/checks/0/message"), "/form/checks/0/message", "definition_missing"),
    "documents doubled": (put("/documents/1/id", "study_record"), "/documents", "definition_twice"),
    "reasons doubled": (put("/documents/0/checks/1/id", "blurred"), "/documents/0/checks", "definition_twice"),
    "a document nobody can send": (put("/documents/0/accepts", []), "/documents/0/accepts", "definition_too_few"),
    "a document of another kind": (
        put("/documents/0/accepts/0", "docx"),
        "/documents/0/accepts/0",
        "definition_choice",
    ),
    "too many files": (put("/documents/0/most", 21), "/documents/0/most", "definition_number_most"),
    "a document on an unknown field": (
        put("/documents/0/show/field", "nobody"),
        "/documents/0/show/field",
        "definition_field",
    ),
    "a role that does not handle": (
        put("/handling/steps/0/role", "GUARDIAN"),
        "/handling/steps/0/role",
        "definition_choice",
    ),
    "a step doubled": (put("/handling/steps/1/id", "check"), "/handling/steps", "definition_twice"),
    "no steps": (put("/handling/steps", []), "/handling/steps", "definition_too_few"),
    "no last term without a condition": (drop("/term/1"), "/term/0/when", "definition_last_term"),
    "no term": (put("/term", []), "/term", "definition_missing"),
    "a term of both kinds": (put("/term/1/sameDayUntil", "15:00"), "/term/1", "definition_term"),
    "a term of no kind": (drop("/term/1/workingDays"), "/term/1", "definition_term"),
    "an hour that is none": (put("/term/1", {"sameDayUntil": "25:00"}), "/term/1/sameDayUntil", "definition_name"),
    "a term nobody reaches": (drop("/term/0/when"), "/term/0", "definition_term_unreached"),
    "from a window that is not there": (put("/term/1/from", "WINDOW_END"), "/term/1/from", "definition_window"),
    "a window of no kind": (put("/window", {"kind": "SUMMER"}), "/window/kind", "definition_choice"),
    "a window without days": (
        put("/window", {"kind": "ANNOUNCED", "late": "REFUSE"}),
        "/window/days",
        "definition_missing",
    ),
    "an effect with another paper": (
        put("/handling/effect", "TRANSCRIPT"),
        "/handling/result/template",
        "definition_choice",
    ),
    "a result nobody knows": (put("/handling/result/code", "KQ1"), "/handling/result/code", "definition_result_code"),
    "an effect on nobody": (put("/handling/effect", "CERTIFICATE"), "/handling/effect", "definition_needs_student"),
    "the school of no pupil": (put("/office", "STUDENT_SCHOOL"), "/office", "definition_needs_student"),
    "own screens and a form": (put("/opens", "/leave/new"), "/form", "definition_opens"),
    "an address elsewhere": (put("/opens", "https://x.vn/"), "/opens", "definition_name"),
    "no form": (put("/form", None), "/form", "definition_missing"),
    "nobody may file": (put("/applicants", []), "/applicants", "definition_too_few"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_mistake_is_found_at_its_place(name: str) -> None:
    change, path, code = BROKEN[name]
    json = definition("2.002854")
    change(json)
    found = mistakes(json, "NATIONAL", "2.002854")
    assert (path, f"eservices.{code}") in {(m.path, m.code) for m in found}, found
    for mistake in found:
        for language in ("vi", "en"):
            said = words(mistake.code, language, **mistake.params)
            assert said != mistake.code
            assert "{" not in said


def test_several_mistakes_are_told_together() -> None:
    json = definition("2.002854")
    for name in ("no English", "documents doubled", "no last term without a condition", "a field in no step"):
        BROKEN[name][0](json)
    assert len({m.path for m in mistakes(json, "NATIONAL", "2.002854")}) >= 4


def test_repeats_are_checked_inside() -> None:
    json = definition("3.000466")
    items = json["form"]["schema"]["properties"]["corrections"]["items"]
    items["properties"]["more"] = {"type": "array", "maxItems": 2, "items": {}}
    items["required"].append("nobody")
    del items["properties"]["old"]["maxLength"]
    path = "/form/schema/properties/corrections/items"
    assert {(m.path, m.code) for m in mistakes(json, "NATIONAL", "3.000466")} >= {
        (f"{path}/properties/more/type", "eservices.definition_choice"),
        (f"{path}/required/3", "eservices.definition_field"),
        (f"{path}/properties/old/maxLength", "eservices.definition_missing"),
        ("/form/fields/corrections/item/more", "eservices.definition_missing"),
    }


def test_a_school_has_no_national_codes() -> None:
    json = definition("TRUONG.02")
    json["handling"]["result"]["code"] = "KQ.G03.000497"
    assert [m.code for m in mistakes(json, "SCHOOL", "TRUONG.02")] == ["eservices.definition_school_code"]
    assert [m.code for m in mistakes(definition("TRUONG.02"), "SCHOOL", "2.002854")] == ["eservices.procedure_code"]


@pytest.mark.parametrize("json", [{"a": "x" * MOST_BYTES}, {"a": float("inf")}, {"a": "\x00"}, {1, 2}])
def test_what_cannot_be_kept_is_one_mistake(json: Any) -> None:
    assert [m.code for m in mistakes(json, "SCHOOL", "TRUONG.06")] == ["eservices.definition_too_large"]


@settings(deadline=None)
@given(st.integers())
def test_anything_at_all_is_judged_without_falling_over(seed: int) -> None:
    """Parts of a right definition are cut out, doubled, and put into the place of others."""
    chance = random.Random(seed)
    json = definition(chance.choice(CODES))
    for _ in range(chance.randint(1, 4)):
        place: Any = json
        for _ in range(chance.randint(0, 6)):
            inner = place[chance.choice(list(place))] if isinstance(place, dict) and place else None
            inner = chance.choice(place) if isinstance(place, list) and place else inner
            if not isinstance(inner, dict | list):
                break
            place = inner
        value = chance.choice([None, 1, -1, True, "", "x", [], {}, [1], {"x": []}, [[]], deepcopy(json.get("form"))])
        if isinstance(place, dict) and place:
            place[chance.choice([*place, "new"])] = value
        elif isinstance(place, list):
            place.append(value)
    kind = chance.choice(["SCHOOL", "NATIONAL"])
    found = mistakes(json, kind, "TRUONG.02" if kind == "SCHOOL" else "2.002854")
    assert all(m.code.startswith("eservices.") for m in found)
    if not found:
        Definition.of(json)


@pytest.mark.parametrize("json", [None, 1, "x", [], [{}], {}, True])
def test_what_is_no_definition(json: Any) -> None:
    assert mistakes(json, "SCHOOL", "TRUONG.02")


# ---- patterns
@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9]{12}$",
        "^(?:0|\\+84)[0-9]{9,10}$",
        "^[A-Z][A-Za-z ]{0,40}$",
        "^\\d{4}$",
        "^(ab|cd)$",
        "^[^<>]+$",
        "^a?b?c?$",
        "^(?:[0-9]{3})?$",
    ],
)
def test_plain_patterns_are_allowed(pattern: str) -> None:
    assert is_safe(pattern, 4000)


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a*)*$",
        "^(a|a)*$",
        "^(a|ab)+$",
        "^(?:a{1,9}){1,9}$",
        "^a*a*a*$",
        "^[0-9]+[0-9]+$",
        "a+",
        "^a",
        "a$",
        "^a\\$",
        "^(a)\\1$",
        "^(?=a)a$",
        "^(?!a)b$",
        "^(?<=a)b$",
        "^(?i)a$",
        "^(?P<x>a)$",
        "^\\s$",
        "^\\p{L}$",
        "^\\Aa$",
        "^a{$",
        "^a]$",
        "^($",
        "^[z-a]$",
        "^a++$",
        "^\\-$",
        "^" + "a" * 200 + "$",
        "^" + "a?" * 30 + "a" * 30 + "$",
        "^(((((((((((a+)+)+)+)+)+)+)+)+)+)+)$",
    ],
)
def test_patterns_that_could_be_slow_or_mean_two_things_are_refused(pattern: str) -> None:
    assert not is_safe(pattern, 4000)


@settings(deadline=None)
@given(st.from_regex(r"\^[ab?*+(){}|,1-3]{1,20}\$", fullmatch=True))
def test_no_allowed_pattern_is_slow(pattern: str) -> None:
    if is_safe(pattern, 4000):
        checker = validator({"type": "string", "pattern": pattern})
        began = time.perf_counter()
        for unlucky in ("a" * 4000 + "!", "ab" * 2000 + "!", "b" * 4000 + "!"):
            list(checker.iter_errors(unlucky))
        assert time.perf_counter() - began < 2


def test_a_pattern_sees_the_last_line_too() -> None:
    checker = validator({"type": "string", "pattern": "^[0-9]{3}$"})
    assert list(checker.iter_errors("123")) == []
    for text_ in ("123\n", "１２３", "1234", "a\n123"):
        assert len(list(checker.iter_errors(text_))) == 1


# ---- what a definition answers
def test_steps_targets_and_reasons() -> None:
    made = Definition.of(definition("2.002854"))
    first = made.step_after("")
    assert first is not None
    second = made.step_after(first.id)
    assert second is not None
    assert (first.role, second.role) == ("ACADEMIC_CLERK", "HEADTEACHER")
    assert made.step_after(second.id) is None
    assert made.handling_step("check") == first
    assert made.handling_step("") is None
    assert made.defects_of("field:reason") == {"OTHER"}
    assert made.defects_of("document:study_record") == {"OTHER", "blurred", "pages_missing", "wrong_person", "unsigned"}
    assert made.defects_of("document:nobody") is made.defects_of("field:nobody") is made.defects_of("reason") is None
    assert target_names(["field:reason", "document:study_record"]) == ({"reason"}, {"study_record"})
