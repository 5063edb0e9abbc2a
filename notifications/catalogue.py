"""What each kind of journal row becomes: the one table to read, and the one to extend for a new notification.

A new kind needs an entry here and its words in `messages/vi.json` and `messages/en.json`; nothing else.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from notifications.catalogue_eservices import E_SERVICES
from notifications.entry import DAY, HOUR, MINUTE, Entry
from notifications.tables import Lane

__all__ = ("BY_KIND", "CATALOGUE", "SIGN_IN_CODE_REQUESTED", "Entry", "tag")


SIGN_IN_CODE_REQUESTED: Final = "identity.sign_in_code_requested"


_SUBJECT: Final = ("class_name", "subject_code", "subject_name", "subject_name_en")
_MARKS: Final = "/students/{student_id}/marks?subject={subject_code}"
_ANNOUNCEMENT: Final = ("announcement_id", "title", "needs_acknowledgement")
_ALERT: Final = ("alert_id", "day", "session", "period")
_STAFF_ALERT: Final = (*_ALERT, "child", "class_name")
_ABSENCE_LINK: Final = "/absences/{alert_id}"
_ALERT_LINK: Final = "/attendance/alerts/{alert_id}"
_REGISTER_LINK: Final = "/attendance/{class_group_id}?day={day}&session={session}"
_ABSENCE: Final = "absence:{alert_id}"
_SEARCH: Final = "search:{alert_id}"
_LESSON: Final = (
    "class_name", "day", "session", "period", "subject_name", "subject_name_en", "teacher_name", "room_name", "change",
)  # fmt: skip
_LEAVE: Final = ("leave_request_id", "child", "class_name", "starts_on", "ends_on", "half_days")

CATALOGUE: Final[Mapping[str, Entry]] = {
    "gradebook.scores_published": Entry(
        kind="scores_published",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link=_MARKS,
        collapse="scores:{student_id}:{subject_code}",
        params=_SUBJECT,
        per_child=True,
    ),
    "gradebook.score_corrected": Entry(
        kind="score_corrected",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link=_MARKS,
        collapse="correction:{student_id}:{subject_code}",
        params=_SUBJECT,
        per_child=True,
    ),
    "announcements.announcement_published": Entry(
        kind="announcement_published",
        lane=Lane.BULK,
        ttl=7 * DAY,
        link="/announcements/{announcement_id}",
        collapse="announcement:{announcement_id}",
        params=_ANNOUNCEMENT,
    ),
    "announcements.announcement_reminded": Entry(
        kind="announcement_reminded",
        lane=Lane.BULK,
        ttl=3 * DAY,
        link="/announcements/{announcement_id}",
        collapse="announcement:{announcement_id}",
        params=_ANNOUNCEMENT,
    ),
    "identity.guardian_linked": Entry(
        kind="guardian_linked",
        lane=Lane.NORMAL,
        ttl=7 * DAY,
        link="/students/{student_id}",
        collapse="",
        per_child=True,
    ),
    "identity.signed_in": Entry(
        kind="signed_in",
        lane=Lane.URGENT,
        ttl=DAY,
        link="/settings/devices",
        collapse="",
        params=("device_label",),
        to_actor=True,
    ),
    "enrolment.roster_imported": Entry(
        kind="import_finished",
        lane=Lane.NORMAL,
        ttl=DAY,
        link="/school/import?batch={batch_id}",
        collapse="import:{batch_id}",
        params=("batch_id",),
        to_actor=True,
    ),
    # Asked at once, and of no use to anybody an hour later: by then the school itself has been told of the silence.
    "attendance.absence_raised": Entry(
        kind="absence_alert",
        lane=Lane.URGENT,
        ttl=HOUR,
        link=_ABSENCE_LINK,
        collapse=_ABSENCE,
        params=_ALERT,
        per_child=True,
        with_day=True,
        actions=("SHOULD_BE_AT_SCHOOL", "SICK", "FAMILY"),
        action_link="/absences/{alert_id}?answer={action}",
        data={"alert": "alert_id"},
    ),
    "attendance.absence_recorded": Entry(
        kind="absence_recorded",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link=_ABSENCE_LINK,
        collapse=_ABSENCE,
        params=_ALERT,
        per_child=True,
    ),
    "attendance.absence_corrected": Entry(
        kind="absence_corrected",
        lane=Lane.URGENT,
        ttl=DAY,
        link=_ABSENCE_LINK,
        collapse=_ABSENCE,
        params=_ALERT,
        per_child=True,
    ),
    "attendance.absence_answered": Entry(
        kind="absence_answered",
        lane=Lane.NORMAL,
        ttl=DAY,
        link=_ALERT_LINK,
        collapse=_ABSENCE,
        params=_STAFF_ALERT,
        with_day=True,
    ),
    "attendance.absence_unanswered": Entry(
        kind="absence_unanswered",
        lane=Lane.URGENT,
        ttl=4 * HOUR,
        link=_ALERT_LINK,
        collapse=_ABSENCE,
        params=_STAFF_ALERT,
        with_day=True,
    ),
    "attendance.absence_closed": Entry(
        kind="absence_closed",
        lane=Lane.NORMAL,
        ttl=DAY,
        link=_ABSENCE_LINK,
        staff_link=_ALERT_LINK,
        collapse=_ABSENCE,
        params=(*_STAFF_ALERT, "outcome"),
        per_child=True,
    ),
    "attendance.safety_raised": Entry(
        kind="safety_raised",
        lane=Lane.URGENT,
        ttl=4 * HOUR,
        link=_ABSENCE_LINK,
        staff_link=_ALERT_LINK,
        collapse=_SEARCH,
        params=_STAFF_ALERT,
        per_child=True,
    ),
    "attendance.search_asked": Entry(
        kind="search_asked",
        lane=Lane.URGENT,
        ttl=2 * HOUR,
        link=_REGISTER_LINK,
        collapse=_SEARCH,
        params=(*_STAFF_ALERT, "class_group_id"),
        with_day=True,
    ),
    "attendance.search_ended": Entry(
        kind="search_ended",
        lane=Lane.URGENT,
        ttl=2 * HOUR,
        link=_REGISTER_LINK,
        collapse=_SEARCH,
        params=(*_STAFF_ALERT, "class_group_id"),
    ),
    "attendance.safety_unacknowledged": Entry(
        kind="safety_unacknowledged",
        lane=Lane.URGENT,
        ttl=4 * HOUR,
        link=_ALERT_LINK,
        collapse=_SEARCH,
        params=_STAFF_ALERT,
    ),
    "attendance.safety_acknowledged": Entry(
        kind="safety_acknowledged",
        lane=Lane.URGENT,
        ttl=4 * HOUR,
        link=_ABSENCE_LINK,
        staff_link=_ALERT_LINK,
        collapse=_SEARCH,
        params=(*_STAFF_ALERT, "person"),
        per_child=True,
    ),
    "attendance.safety_closed": Entry(
        kind="safety_closed",
        lane=Lane.URGENT,
        ttl=DAY,
        link=_ABSENCE_LINK,
        staff_link=_ALERT_LINK,
        collapse=_SEARCH,
        params=(*_STAFF_ALERT, "outcome"),
        per_child=True,
    ),
    "attendance.register_missing": Entry(
        kind="register_missing",
        lane=Lane.NORMAL,
        ttl=4 * HOUR,
        link=_REGISTER_LINK,
        collapse="register:{class_group_id}:{day}:{session}",
        params=("class_group_id", "class_name", "day", "session"),
        with_day=True,
    ),
    "attendance.registers_missing": Entry(
        kind="registers_missing",
        lane=Lane.NORMAL,
        ttl=4 * HOUR,
        link="/school/attendance?day={day}&session={session}",
        collapse="registers:{day}:{session}",
        params=("day", "session", "count", "class_names"),
        with_day=True,
    ),
    "attendance.absence_limit": Entry(
        kind="absence_limit",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link="/students/{student_id}/attendance",
        staff_link="/attendance/patterns",
        collapse="",
        params=("child", "class_name", "count"),
        per_child=True,
    ),
    "timetable.lesson_changed": Entry(
        kind="lesson_changed",
        lane=Lane.NORMAL,
        urgent_if="today",
        ttl=3 * DAY,
        link="/timetable?day={day}",
        collapse="lesson:{class_name}:{day}:{session}:{period}",
        params=_LESSON,
        with_day=True,
    ),
    "timetable.lesson_change_undone": Entry(
        kind="lesson_change_undone",
        lane=Lane.NORMAL,
        urgent_if="today",
        ttl=3 * DAY,
        link="/timetable?day={day}",
        collapse="lesson:{class_name}:{day}:{session}:{period}",
        params=_LESSON,
        with_day=True,
    ),
    "leave.leave_requested": Entry(
        kind="leave_requested",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link="/leave/{leave_request_id}",
        collapse="leave:{leave_request_id}",
        params=_LEAVE,
    ),
    "leave.leave_decided": Entry(
        kind="leave_decided",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link="/leave/{leave_request_id}",
        collapse="leave:{leave_request_id}",
        params=(*_LEAVE, "approved"),
        per_child=True,
    ),
    "leave.leave_ended": Entry(
        kind="leave_ended",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link="/leave/{leave_request_id}",
        collapse="leave:{leave_request_id}",
        params=_LEAVE,
        per_child=True,
    ),
    "lesson_log.remark_released": Entry(
        kind="lesson_remark",
        lane=Lane.NORMAL,
        ttl=3 * DAY,
        link="/students/{student_id}/remarks",
        collapse="remark:{student_id}:{day}:{subject_code}",
        params=(*_SUBJECT, "day"),
        per_child=True,
    ),
    "notifications.push_tested": Entry(
        kind="push_test",
        lane=Lane.URGENT,
        ttl=10 * MINUTE,
        link="/settings/notifications",
        collapse="",
        to_actor=True,
        one_device=True,
    ),
    **E_SERVICES,
}
BY_KIND: Final[Mapping[str, Entry]] = {entry.kind: entry for entry in CATALOGUE.values()}


def tag(entry: Entry, params: Mapping[str, Any], student_id: UUID | None, notification_id: UUID) -> str:
    """The collapse key as push services take it (RFC 8030 §5.4): at most 32 characters of base64url.

    Hashed, because a push service has no business knowing what the message is about. Without a collapse key nothing
    replaces this notification but itself.
    """
    key = entry.collapse.format(**params, student_id=student_id) if entry.collapse else str(notification_id)
    digest = hashlib.sha256(key.encode()).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
