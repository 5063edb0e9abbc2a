"""What stands in a paper of each kind, as plain data for its template."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from backend.core import clock
from backend.core.db import Session
from backend.core.problem import Invalid
from backend.eservices.papers import words as say
from backend.eservices.queries import papers as queries
from backend.eservices.queries.papers import Matter
from backend.eservices.rules.definition import Effect
from backend.eservices.tables import EntryAction, PaperKind
from backend.files import actions as files
from backend.gradebook.tables import NoMarkReason
from backend.records import queries as records

MOST_PICTURES: Final = 12
"""Thumbnails on a receipt; the files beyond are listed without one."""
DONE: Final = "done"
"""The key among a dossier's result data under which its effect wrote what it did."""

Content = dict[str, Any]


def office_data(office: queries.Office) -> Content:
    """The school at the head of a paper."""
    return {"name": office.name, "above": office.unit_kind.value, "unit": office.unit, "place": office.place}


def common(matter: Matter) -> Content:
    """What the frame and most papers say."""
    dossier, pupil = matter.dossier, matter.pupil
    name = matter.definition.name["vi"]
    return {
        "number": dossier.code,
        "date": say.long_day(clock.today()),
        "office": office_data(matter.office),
        "procedure": {"name": name, "code": matter.code},
        "about": say.lowered(name),
        "basis": say.basis(matter.definition.raw["basis"]["vi"]),
        "applicant": {"name": dossier.applicant_name, "phone": say.phone(dossier.applicant_phone)},
        "child": {
            "name": pupil.row.full_name,
            "birth_date": say.day(pupil.row.birth_date),
            "code": pupil.row.code,
            "national_id": pupil.row.national_id or "",
            "sex": say.field_value("sex", pupil.row.sex.value),
            "class_name": pupil.class_name,
            "school_year": pupil.school_year,
            "since": say.day(pupil.since),
        }
        if pupil
        else None,
        "channel": dossier.channel.value,
        "received_at": say.moment(dossier.received_at),
        "due_on": say.day(dossier.due_on) or None,
        "finished_at": say.moment(dossier.finished_at),
        "result_note": dossier.result_note,
    }


async def receipt(session: Session, matter: Matter) -> Content:
    """Form 01: every file with its size and, for the first ones, its picture."""
    found = await queries.files_of(session, matter.dossier.id)
    rows: list[Content] = []
    for number, (file, stored) in enumerate(found):
        pictured = number < MOST_PICTURES and stored.has_thumbnail
        picture = await files.content(session.info["store"], stored, thumbnail=True) if pictured else None
        rows.append(
            {
                "document": say.target(matter.definition, f"document:{file.document}"),
                "name": file.name,
                "kind": file.kind,
                "size": say.size(file.size),
                "pages": file.pages,
                "picture": list(picture) if picture else None,
            }
        )
    return {"files": rows}


async def defects(session: Session, matter: Matter) -> Content:
    """Form 02: the latest list, item by item. Raises Invalid("eservices.paper_without_content")."""
    found = await queries.supplement_of(session, matter.dossier.id)
    if found is None:
        raise Invalid("eservices.paper_without_content")
    row, items = found
    return {
        "round": row.round,
        "note": row.note,
        "answer_by": say.day(row.answer_by),
        "items": [
            {
                "target": say.target(matter.definition, item.target),
                "defect": say.defect(matter.definition, item.target, item.defect),
                "note": item.note,
            }
            for item in items
        ],
    }


def _reason(action: EntryAction) -> Callable[[Session, Matter], Awaitable[Content]]:
    """Forms 03 to 05: the note of the line that says so. Raises Invalid("eservices.paper_without_content")."""

    async def read(session: Session, matter: Matter) -> Content:
        entry = await queries.last_entry(session, matter.dossier.id, action)
        if entry is None:
            raise Invalid("eservices.paper_without_content")
        former = await queries.due_before(session, entry) if action is EntryAction.EXTENDED else None
        return {"reason": entry.note, "former_due_on": say.day(former), "due_on": say.day(entry.due_on)}

    return read


async def slip(session: Session, matter: Matter) -> Content:
    """Form 06: every hand the dossier went through."""
    steps = {step.id: step.name["vi"] for step in matter.definition.handling_steps}
    return {
        "entries": [
            {
                "action": line.entry.action.value,
                "at": say.moment(line.entry.created_at),
                "step": steps.get(line.entry.step, ""),
                "by": line.by,
                "to": line.to,
                "due_on": say.day(line.entry.due_on),
            }
            for line in await queries.lines_of(session, matter.dossier.id)
        ]
    }


async def result(session: Session, matter: Matter) -> Content:
    """The result, by its template; what it draws on is read as it stands now."""
    made = matter.definition.result
    if made is None:
        raise Invalid("eservices.paper_without_content")
    return await RESULTS[made.template](session, matter)


async def _decision(_session: Session, matter: Matter) -> Content:
    done = matter.dossier.result_data.get(DONE)
    return {"transfer": done if matter.definition.effect is Effect.TRANSFER and done else None}


async def _said(_session: Session, matter: Matter) -> Content:
    return {"said": say.answers_of(matter.definition, matter.dossier.answers)}


async def _certificate(_session: Session, matter: Matter) -> Content:
    """What it is for, in the applicant's own words if she chose none of ours."""
    definition, answers = matter.definition, matter.dossier.answers
    purpose = answers.get("purposeDetail") or answers.get("purpose")
    asked = definition.fields.get("purpose")
    return {"purpose": say.value_of(definition, asked, purpose) if asked and purpose else ""}


async def _register_copy(session: Session, matter: Matter) -> Content:
    dossier = matter.dossier
    line = await records.diploma_at(session, dossier.school_id, UUID(dossier.result_data["diploma"]))
    if line is None:
        raise Invalid("eservices.paper_without_content")
    corrections = await records.corrections_of(session, line.id)
    return {
        "copies": str(dossier.answers.get("copies", 1)),
        "diploma": {
            "kind": line.kind.value,
            "name": line.full_name,
            "birth_date": say.day(line.birth_date),
            "birthplace": line.birthplace,
            "sex": say.field_value("sex", line.sex.value),
            "ethnicity": line.ethnicity,
            "graduation_year": str(line.graduation_year),
            "classification": line.classification,
            "issued_on": say.day(line.issued_on),
            "serial_number": line.serial_number,
            "register_number": line.register_number,
            "corrections": [
                {
                    **_change(each.field, each.old, each.new),
                    "decision_number": each.decision_number,
                    "decided_on": say.day(each.decided_on),
                }
                for each in corrections
            ],
        },
    }


async def _correction(_session: Session, matter: Matter) -> Content:
    done = matter.dossier.result_data.get(DONE) or {}
    return {
        "changes": [_change(each["field"], each["old"], each["new"]) for each in done.get("changes", ())],
        "diploma": done.get("diploma"),
        "decision_number": done.get("decision_number", ""),
        "decided_on": done.get("decided_on", ""),
    }


def _change(field: str, old: str | None, new: str | None) -> Content:
    return {
        "label": say.field_label(field),
        "old": say.field_value(field, old),
        "new": say.field_value(field, new),
    }


async def _transcript(session: Session, matter: Matter) -> Content:
    """Every school year of the pupil, those at other schools first: subject rows with marks and averages."""
    dossier = matter.dossier
    assert dossier.student_id is not None
    years: dict[tuple[str, str], Content] = {}
    now = matter.pupil.school_year if matter.pupil and dossier.answers.get("years") == "THIS_YEAR" else None
    contents = [each.content for each in await records.transferred_to(session, dossier.student_id)]
    own = {
        "classes": await records.classes_of(session, dossier.student_id),
        "results": await records.results_of(session, dossier.student_id),
        "scores": await records.scores_of(session, dossier.student_id),
    }
    for content in (*contents, own):
        _add_years(years, content)
    return {
        "years": [
            {**year, "subjects": list(year["subjects"].values())}
            for year in years.values()
            if now in (None, year["name"])
        ]
    }


def _add_years(years: dict[tuple[str, str], Content], content: Mapping[str, Any]) -> None:
    """The years of one school into the whole, in the order they are in."""
    places = {each["schoolYear"]: each for each in content["classes"]}
    school = next((each["schoolName"] for each in content["classes"]), "")
    for row in sorted((*content["results"], *content["scores"]), key=lambda each: each["schoolYear"]):
        name = row["schoolYear"]
        place = places.get(name, {})
        new: Content = {
            "name": name,
            "school": place.get("schoolName", school),
            "class_name": place.get("className", ""),
            "subjects": {},
        }
        subjects = years.setdefault((name, new["school"]), new)["subjects"]
        empty = {"ongoing": [], "mid": "", "end": "", "average": ""}
        subject = subjects.setdefault(
            row["subject"],
            {
                "name": row["subjectName"],
                "SEM1": {**empty, "ongoing": []},
                "SEM2": {**empty, "ongoing": []},
                "year": "",
            },
        )
        _add_mark(subject, row)


def _add_mark(subject: Content, row: Mapping[str, Any]) -> None:
    half = row["semester"]
    if "average" in row:
        if half == "YEAR":
            subject["year"] = _comma(row["average"])
        else:
            subject[half]["average"] = _comma(row["average"])
        return
    mark = _comma(row["mark"]) if row["mark"] is not None else _absent(row["reason"])
    if row["kind"] == "ONGOING":
        subject[half]["ongoing"].append(mark)
    else:
        subject[half]["mid" if row["kind"] == "MID" else "end"] = mark


def _comma(mark: str) -> str:
    return mark.replace(".", ",")


def _absent(reason: str | None) -> str:
    return say.said("exempt") if reason == NoMarkReason.EXEMPT else ""


RESULTS: Final[Mapping[str, Callable[[Session, Matter], Awaitable[Content]]]] = {
    "decision": _decision,
    "certificate": _certificate,
    "transcript": _transcript,
    "register_copy": _register_copy,
    "correction": _correction,
    "answer": _said,
}
CONTENT: Final[Mapping[PaperKind, Callable[[Session, Matter], Awaitable[Content]]]] = {
    PaperKind.FORM_01: receipt,
    PaperKind.FORM_02: defects,
    PaperKind.FORM_03: _reason(EntryAction.REJECTED),
    PaperKind.FORM_04: _reason(EntryAction.EXTENDED),
    PaperKind.FORM_05: _reason(EntryAction.STOPPED),
    PaperKind.FORM_06: slip,
    PaperKind.RESULT: result,
}
