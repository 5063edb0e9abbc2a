"""When a dossier is due and when it may be filed (domain.md §4.2, §4.5). Pure.

Instants are aware; days are Vietnamese days. The first day of a term does not count.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from backend.eservices.rules.conditions import holds
from backend.eservices.rules.definition import Definition, Term, WindowKind
from backend.eservices.rules.forms import pruned
from backend.eservices.rules.working_days import WorkingDays

_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
Span = tuple[date, date]


def due(
    definition: Definition,
    answers: Mapping[str, Any],
    received_at: datetime,
    days: WorkingDays,
    window_closes: date | None,
) -> date:
    """The day by which the office must have finished.

    `window_closes` is the last day of the window the dossier came for, if the procedure has one; a dossier that came
    after it counts from its own day.
    """
    term = term_of(definition, answers)
    local = received_at.astimezone(_VIETNAM)
    received = local.date()
    if term.same_day_until is not None:
        late = days.works(received) and local.time() > term.same_day_until
        return days.add(received, 1 if late else 0)
    began = max(received, window_closes) if term.from_window and window_closes is not None else received
    return days.add(began, term.working_days or 0)


def term_of(definition: Definition, answers: Mapping[str, Any]) -> Term:
    """The first term whose condition is true; the last has none."""
    kept = pruned(definition, answers)
    return next(term for term in definition.term if term.when is None or holds(term.when, kept))


def window_of(
    definition: Definition, opening_day: date | None, announced: Span | None, days: WorkingDays
) -> Span | None:
    """The first and the last day of filing; None when the procedure has no window, or nobody has set it.

    `opening_day` is the first day of the school's year; `announced` the school's own window (`nearest`).
    """
    window = definition.window
    if window is None:
        return None
    if window.kind is WindowKind.ANNOUNCED:
        return announced
    return (opening_day, days.add(opening_day, window.days)) if opening_day is not None else None


def nearest(windows: Iterable[Span], today: date) -> Span | None:
    """Of a school's windows: the one that is open, else the next, else the last that was."""
    ordered = sorted(windows)
    coming = [window for window in ordered if window[1] >= today]
    return coming[0] if coming else (ordered[-1] if ordered else None)


def accepts_on(definition: Definition, today: date, window: Span | None) -> bool:
    """Whether a dossier may be filed today. A window that nobody has set is closed; late ones may be taken."""
    if definition.window is None:
        return True
    if window is None:
        return False
    opens, closes = window
    return opens <= today and (today <= closes or not definition.window.refuses_late)


def least_window(definition: Definition, opens_on: date) -> date | None:
    """The earliest day on which an announced window may close: the law gives people so many days after its first."""
    window = definition.window
    if window is None or window.kind is not WindowKind.ANNOUNCED:
        return None
    return opens_on + timedelta(days=window.days)
