"""Entry: how people are told of one kind of event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from backend.core.clock import VIETNAM
from notifications.tables import Lane

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Entry:
    """How people are told of one kind of event.

    `kind` names the words. `ttl` is in seconds: older than that, it is not pushed any more (the inbox keeps it).
    `link` is a path of the app and `collapse` the key under which a newer push replaces an older one; both may name
    `params`, and `student_id`. `params` are the fields of the event that words, link and collapse need: no other
    field leaves the journal. `per_child` tells a guardian once for each child, otherwise once. `to_actor` is for
    news about oneself. `one_device` rings only the device named by the event's `device_id`.

    `staff_link` is for those who are told without a child of theirs; words `<kind>.staff` are theirs too, where there
    are any. `urgent_if` names a fact that makes it urgent. `with_day` ends its life with the Vietnamese day that the
    event's `day` names. `actions` are answers offered on the notification itself, in order of weight (a browser may
    show two): `action_link` is where each leads, and their words are `<kind>.actions`. `data` names facts for our own
    service worker.
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
    staff_link: str = ""
    urgent_if: str = ""
    with_day: bool = False
    actions: tuple[str, ...] = ()
    action_link: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    def lane_of(self, facts: Mapping[str, Any]) -> Lane:
        """The lane for an event with these facts."""
        return Lane.URGENT if self.urgent_if and facts.get(self.urgent_if) else self.lane

    def expires_at(self, told_at: datetime, params: Mapping[str, Any]) -> datetime:
        """Until when it is worth a push."""
        latest = told_at + timedelta(seconds=self.ttl)
        if not self.with_day or "day" not in params:
            return latest
        midnight = datetime.combine(date.fromisoformat(params["day"]) + timedelta(days=1), time(), VIETNAM)
        return min(latest, midnight)
