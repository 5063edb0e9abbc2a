"""Who may address whom, and what an announcement may be. Pure."""

from collections.abc import Collection
from typing import Final

from backend.core.actor import WHOLE_SCHOOL, Actor, Role
from backend.core.audience import Audience, AudienceKind
from backend.core.problem import Invalid, NotAllowed, TooMany
from backend.core.text import squeeze, visible

TITLE: Final = range(3, 121)
BODY: Final = range(3, 5001)
MOST_CLASSES: Final = 200
REMIND_AFTER_SECONDS: Final = 3600


def clean_text(title: str, body: str) -> tuple[str, str]:
    """Title in one line, body with its line breaks, both NFC; raises Invalid naming the field and the limits."""
    title = squeeze(title)
    body = "\n".join(visible(line) for line in body.splitlines()).strip()
    if len(title) not in TITLE:
        raise Invalid("announcements.title_length", field="title", shortest=TITLE.start, longest=TITLE.stop - 1)
    if len(body) not in BODY:
        raise Invalid("announcements.body_length", field="body", shortest=BODY.start, longest=BODY.stop - 1)
    return title, body


def check_may_address(actor: Actor, audience: Audience, own_classes: Collection[object]) -> None:
    """Leaders and clerks address anybody at their school; teachers the families of the classes they teach or lead.

    Raises Invalid("announcements.audience_empty") when nobody is meant, Invalid("announcements.too_many_classes"),
    NotAllowed("announcements.audience_not_yours").
    """
    if audience.school_id is None or not audience.kinds:
        raise Invalid("announcements.audience_empty", field="audience")
    if max(len(audience.classes), len(audience.grades)) > MOST_CLASSES:
        raise Invalid("announcements.too_many_classes", field="audience", most=MOST_CLASSES)
    if audience.school_id in actor.schools_as(*WHOLE_SCHOOL):
        return
    mine = audience.school_id in actor.schools_as(Role.SUBJECT_TEACHER, Role.HOMEROOM_TEACHER)
    to_families = AudienceKind.STAFF not in audience.kinds
    if not (mine and to_families and audience.classes and set(audience.classes) <= set(own_classes)):
        raise NotAllowed("announcements.audience_not_yours", field="audience")


def check_may_remind(seconds_since_last: float | None) -> None:
    """One reminder an hour at most; raises TooMany("announcements.reminded_recently")."""
    if seconds_since_last is not None and seconds_since_last < REMIND_AFTER_SECONDS:
        wait = int(REMIND_AFTER_SECONDS - seconds_since_last) + 1
        raise TooMany("announcements.reminded_recently", retry_after=wait)
