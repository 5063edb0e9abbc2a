"""E-services as a school's office has them: dossiers on the desk and done."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.eservices import shipped
from backend.eservices.rules.definition import Definition
from backend.eservices.rules.states import OPEN, RUNNING, DossierStatus
from backend.eservices.rules.terms import due
from backend.eservices.rules.working_days import WorkingDays
from backend.seed.calendar import at
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedPupil, SeedSchool
from backend.seed.names import Names
from backend.seed.world import World

DONE: Final = 36  # dossiers of the last two months a school has finished
LATE: Final = 0.08
RATED: Final = 0.6
SUBMITTED, PROCESSING, WAITING = (
    DossierStatus.SUBMITTED,
    DossierStatus.PROCESSING,
    DossierStatus.SUPPLEMENT_REQUESTED,
)


@dataclass(frozen=True)
class Answered:
    """A dossier that ended with a result."""

    dossier: UUID
    school: SeedSchool
    at: datetime
    returned: bool


class Services:
    """Fills the desk of a school. `by_name` are the pupils of the start screen, `staff` people by user name."""

    def __init__(self, world: World, by_name: dict[str, SeedPupil], staff: dict[str, UUID]) -> None:
        self._world, self._by_name, self._staff = world, by_name, staff
        self._chance, self._names = Chance("services"), Names()
        self._counters = Chance("dossier counters")
        self._data: dict[str, Any] = read("services")
        self._days = WorkingDays.of((day, works) for day, works, _ in shipped.office_days())
        self._born = self._column("student", "birth_date")
        self._sex = self._column("student", "sex")
        self._national = self._column("student", "national_id")
        self._person = self._column("user", "full_name")
        self._phone = self._column("user", "phone")
        self._school_code = self._column("school", "code")
        self._counted: dict[tuple[UUID, date], int] = {}
        self.answered: list[Answered] = []

    def fill(self, school: SeedSchool) -> None:
        """What lies on the desk, and what has been done."""
        pupils = [pupil for group in school.classes for pupil in group.pupils if pupil.guardians]
        for _ in range(min(DONE, 1 + len(pupils) // 2)):
            self._finished(school, self._chance.choice(pupils))
        for back, code, status in (
            (1, "TRUONG.02", SUBMITTED),
            (0, "TRUONG.02", SUBMITTED),
            (9, "TRUONG.03", PROCESSING),
        ):
            self._asked(school, self._chance.choice(pupils), code, back, status)
        for back, status in ((1, SUBMITTED), (3, PROCESSING)):
            self._incoming(school, back, status)
        self._of_the_start_screen(school)
        self._count(school)

    def _of_the_start_screen(self, school: SeedSchool) -> None:
        """What the mother and the mathematics teacher find: something to answer, an answer to rate, a question."""
        child = self._by_name[read("places")["family"]["daughter"]["name"]]
        if child not in [pupil for group in school.classes for pupil in group.pupils]:
            return
        answers = {**self._about(school, child), "years": "THIS_YEAR", "purpose": "OTHER"}
        answers |= {"purposeDetail": self._data["purpose_detail"], "copies": 1, "receive": "ELECTRONIC"}
        self._dossier(school, "TRUONG.03", child, answers, 2, WAITING)
        self._dossier(school, "TRUONG.05", child, self._question(school, child), 3, DossierStatus.COMPLETED)
        teacher = self._staff.get("giaovien.toan")
        other = next(p for g in school.classes if g.name == "7A1" for p in g.pupils if p.guardians and p is not child)
        self._dossier(school, "TRUONG.05", other, self._question(school, other), 1, PROCESSING, "answer", teacher)

    def _finished(self, school: SeedSchool, pupil: SeedPupil) -> None:
        back = self._chance.randrange(4, 42)
        status = self._chance.choices((DossierStatus.RETURNED, DossierStatus.WITHDRAWN), (9, 1))[0]
        self._dossier(school, "TRUONG.05", pupil, self._question(school, pupil), back, status)

    def _asked(self, school: SeedSchool, pupil: SeedPupil, code: str, back: int, status: DossierStatus) -> None:
        answers = {**self._about(school, pupil), "purpose": self._chance.choice(self._data["purposes"]), "copies": 1}
        answers["receive"] = "ELECTRONIC"
        if code == "TRUONG.03":
            answers["years"] = "THIS_YEAR"
        self._dossier(school, code, pupil, answers, back, status, "sign" if status is PROCESSING else "")

    def _incoming(self, school: SeedSchool, back: int, status: DossierStatus) -> None:
        """A pupil of a school that is not in the system, asked for by her mother."""
        chance, data = self._chance, self._data
        sex = chance.choice(("MALE", "FEMALE"))
        group = chance.choice(school.classes)
        answers = {
            "pupilName": self._names.full(chance, sex),
            "birthDate": date(self._world.calendar.starts_on.year - group.grade - 5, 3, 14).isoformat(),
            "sex": sex,
            "presentSchool": chance.choice(data["schools"]),
            "presentClass": group.name,
            "reason": "HARDSHIP",
            "reasonDetail": chance.choice(data["hardships"]),
            "address": chance.choice(data["addresses"]),
            "place": "SAME_PROVINCE",
            "grade": str(group.grade),
            "records": "SYSTEM",
            "relation": "MOTHER",
            "contactPhone": "0500000000",
        }
        applicant = next(pupil.guardians[0] for pupil in group.pupils if pupil.guardians)
        self._dossier(
            school, "2.002854", None, answers, back, status, "decide" if status is PROCESSING else "", owner=applicant
        )

    def _about(self, school: SeedSchool, pupil: SeedPupil) -> dict[str, Any]:
        group = next(group for group in school.classes if pupil in group.pupils)
        born: date = self._born[pupil.id]
        return {
            "pupilName": pupil.full_name,
            "birthDate": born.isoformat(),
            "className": group.name,
            "schoolYear": self._world.calendar.name,
        }

    def _question(self, school: SeedSchool, pupil: SeedPupil) -> dict[str, Any]:
        about = self._about(school, pupil)
        return {
            "pupilName": about["pupilName"],
            "className": about["className"],
            "subject": "toan",
            "semester": "SEM1",
            "mark": "ONGOING",
            "question": self._chance.choice(self._data["questions"]),
        }

    def _dossier(
        self,
        school: SeedSchool,
        code: str,
        pupil: SeedPupil | None,
        answers: dict[str, Any],
        back: int,
        status: DossierStatus,
        step: str = "",
        assignee: UUID | None = None,
        owner: UUID | None = None,
    ) -> None:
        """A dossier filed so many working days ago, with the history that led to its state."""
        definition = Definition.of(shipped.definition(code))
        answers = {name: value for name, value in answers.items() if name in definition.fields}
        day = self._back(back)
        filed = at(day, 8, 5) + timedelta(minutes=self._chance.randrange(420))
        due_on = due(definition, answers, filed, self._days, None)
        owner = owner or (pupil.guardians[0] if pupil else None)
        assert owner is not None
        late = status is DossierStatus.RETURNED and self._chance.happens(LATE)
        ended = self._ended(day, due_on, late) if status not in OPEN else None
        rated = status is DossierStatus.RETURNED and self._chance.happens(RATED)
        answered = status in (DossierStatus.RETURNED, DossierStatus.COMPLETED)
        last = definition.handling_steps[-1].id if answered else step
        dossier = self._world.add(
            "dossier",
            self._chance,
            filed,
            school_id=school.id,
            procedure_id=shipped.procedure_id(code),
            procedure_version_id=shipped.version_id(code),
            code=self._code(school, day),
            channel="ONLINE",
            owner_id=owner,
            readers=[owner],
            filed_by=owner,
            applicant_name=self._person[owner],
            applicant_phone=self._phone[owner],
            student_id=pupil.id if pupil else None,
            answers=_json(answers),
            status=status.value,
            step=last,
            assignee_id=assignee,
            filed_at=filed,
            received_at=filed,
            due_on=due_on if status in RUNNING else None,
            supplement_rounds=int(status is WAITING),
            fee=0,
            fee_receipt="",
            finished_at=ended,
            on_time=None if ended is None else not late,
            result_note=self._chance.choice(self._data["replies"]) if answered else "",
            result_data=_json({}),
            satisfaction=self._satisfaction(late) if rated else None,
            satisfaction_note=self._rating_words(late) if rated else "",
            rated_at=ended + timedelta(hours=5) if rated and ended else None,
            version=1,
        )
        self._history(school, dossier, owner, filed, ended, due_on, status, step, assignee)

    def _history(
        self,
        school: SeedSchool,
        dossier: UUID,
        owner: UUID,
        filed: datetime,
        ended: datetime | None,
        due_on: date,
        status: DossierStatus,
        step: str,
        assignee: UUID | None,
    ) -> None:
        lines: list[tuple[str, str, datetime, UUID, str]] = [("FILED", "SUBMITTED", filed, owner, "")]
        soon = filed + timedelta(minutes=self._chance.randrange(20, 90))
        if status in (PROCESSING, DossierStatus.COMPLETED, DossierStatus.RETURNED, WAITING):
            lines.append(("ACCEPTED", "ACCEPTED", soon, school.clerk, ""))
            lines.append(("STARTED", "PROCESSING", soon + timedelta(seconds=20), school.clerk, ""))
        if assignee is not None:
            note = self._data["handed_over"]
            lines.append(("HANDED_OVER", "PROCESSING", soon + timedelta(minutes=2), school.clerk, note))
        if status is WAITING:
            asked = soon + timedelta(hours=1)
            lines.append(("SUPPLEMENT_REQUESTED", status.value, asked, school.clerk, self._data["supplement"]))
            self._supplement(school, dossier, owner, asked)
        if ended is not None and status is DossierStatus.WITHDRAWN:
            lines.append(("WITHDRAWN", status.value, ended, owner, self._data["withdrawn"]))
        elif ended is not None:
            lines.append(("COMPLETED", "COMPLETED", ended, school.headteacher, ""))
            self.answered.append(Answered(dossier, school, ended, status is DossierStatus.RETURNED))
        if ended is not None and status is DossierStatus.RETURNED:
            lines.append(("RETURNED", "RETURNED", ended + timedelta(hours=2), owner, ""))
        for position, (action, after, moment, actor, note) in enumerate(lines, 1):
            self._world.add(
                "dossier_entry",
                self._chance,
                moment,
                school_id=school.id,
                readers=[owner],
                dossier_id=dossier,
                position=position,
                action=action,
                status=after,
                step=step if after == "PROCESSING" else "",
                actor_id=actor,
                to_user_id=assignee if action == "HANDED_OVER" else None,
                note=note,
                due_on=due_on if after in ("SUBMITTED", "ACCEPTED", "PROCESSING") else None,
                internal=False,
            )

    def _supplement(self, school: SeedSchool, dossier: UUID, owner: UUID, asked: datetime) -> None:
        made, about = asked, {"school_id": school.id, "readers": [owner]}
        supplement = self._world.add(
            "supplement",
            self._chance,
            made,
            **about,
            dossier_id=dossier,
            round=1,
            asked_by=school.clerk,
            note=self._data["supplement"],
            answer_by=self._days.add(self._world.calendar.today, 8),
            answered_at=None,
        )
        self._world.add(
            "supplement_item",
            self._chance,
            made,
            **about,
            supplement_id=supplement,
            position=1,
            target="field:purposeDetail",
            defect="OTHER",
            note=self._data["supplement_item"],
            answered=False,
        )

    def _back(self, days: int) -> date:
        """The working day so many working days before today; yesterday or earlier."""
        day = self._world.calendar.today - timedelta(days=1)
        while not self._days.works(day) or days > 0:
            days -= self._days.works(day)
            day -= timedelta(days=1)
        return day

    def _ended(self, day: date, due_on: date, late: bool) -> datetime:
        latest = self._world.calendar.today - timedelta(days=1)
        end = self._days.add(due_on, self._chance.randrange(1, 4)) if late else due_on
        return at(min(max(end - timedelta(days=0 if late else 1), day), latest), 16, self._chance.randrange(60))

    def _satisfaction(self, late: bool) -> str:
        if late:
            return "UNSATISFIED"
        return self._chance.choices(("VERY_SATISFIED", "SATISFIED"), (6, 4))[0]

    def _rating_words(self, late: bool) -> str:
        return self._data["unsatisfied"] if late else self._chance.choice(self._data["satisfied"])

    def _code(self, school: SeedSchool, day: date) -> str:
        number = self._counted[school.id, day] = self._counted.get((school.id, day), 0) + 1
        return f"{self._school_code[school.id]}-{day:%y%m%d}-{number:04d}"

    def _count(self, school: SeedSchool) -> None:
        """The office's own counter, so that a code is never given again."""
        for (school_id, day), last in self._counted.items():
            if school_id == school.id:
                made = at(day, 17, 0)
                self._world.add("dossier_counter", self._counters, made, school_id=school_id, day=day, last=last)

    def _column(self, table: str, name: str) -> dict[UUID, Any]:
        sheet = self._world.sheets[table]
        key, value = sheet.columns.index("id"), sheet.columns.index(name)
        return {row[key]: row[value] for row in sheet.rows}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
