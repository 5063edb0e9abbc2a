"""Events as the slices record them, about a small school."""

from uuid import UUID

from backend.announcements.events import AnnouncementPublished
from backend.attendance.alert_events import AbsenceRaised
from backend.core import clock
from backend.core.audience import Audience, AudienceKind
from backend.core.ids import new_id
from backend.gradebook.events import ScoresPublished
from backend.identity.tables import Student
from tests.notifications.place import Classroom


def scores_published(room: Classroom, *students: Student) -> ScoresPublished:
    return ScoresPublished(
        school_id=room.school_id,
        column_id=new_id(),
        class_group_id=room.class_id,
        class_name="7A",
        subject_code="toan",
        subject_name="Toán",
        subject_name_en="Mathematics",
        semester="SEM1",
        student_ids=tuple(student.id for student in students),
    )


def absence_raised(room: Classroom, student: Student) -> AbsenceRaised:
    return AbsenceRaised(
        school_id=room.school_id,
        alert_id=new_id(),
        student_id=student.id,
        class_group_id=room.class_id,
        day=clock.today(),
        session="MORNING",
        period=0,
    )


def announcement(
    room: Classroom,
    *kinds: AudienceKind,
    title: str = "Họp phụ huynh",
    classes: tuple[UUID, ...] = (),
    acknowledge: bool = False,
) -> AnnouncementPublished:
    audience = Audience(school_id=room.school_id, kinds=kinds or (AudienceKind.FAMILIES,), classes=classes)
    return AnnouncementPublished(
        school_id=room.school_id,
        announcement_id=new_id(),
        title=title,
        needs_acknowledgement=acknowledge,
        to=audience.dump(),
    )
