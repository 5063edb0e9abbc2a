"""What each kind of journal row becomes: the one table to read, and the one to extend for a new notification.

A new kind needs an entry here and its words in `messages/vi.json` and `messages/en.json`; nothing else.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from notifications.tables import Lane

MINUTE: Final = 60
DAY: Final = 86_400
SIGN_IN_CODE_REQUESTED: Final = "identity.sign_in_code_requested"


@dataclass(frozen=True, slots=True)
class Entry:
    """How people are told of one kind of event.

    `kind` names the words. `ttl` is in seconds: older than that, it is not pushed any more (the inbox keeps it).
    `link` is a path of the app and `collapse` the key under which a newer push replaces an older one; both may name
    `params`, and `student_id`. `params` are the fields of the event that words, link and collapse need: no other
    field leaves the journal. `per_child` tells a guardian once for each child, otherwise once. `to_actor` is for
    news about oneself. `one_device` rings only the device named by the event's `device_id`.
    """

    kind: str
    lane: Lane
    ttl: int
    link: str
    collapse: str
    params: tuple[str, ...] = ()
    per_child: bool = False
    to_actor: bool = False
    one_device: bool = False


_SUBJECT: Final = ("class_name", "subject_code", "subject_name", "subject_name_en")
_MARKS: Final = "/students/{student_id}/marks?subject={subject_code}"
_ANNOUNCEMENT: Final = ("announcement_id", "title", "needs_acknowledgement")

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
    "notifications.push_tested": Entry(
        kind="push_test",
        lane=Lane.URGENT,
        ttl=10 * MINUTE,
        link="/settings/notifications",
        collapse="",
        to_actor=True,
        one_device=True,
    ),
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
