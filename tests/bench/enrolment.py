"""The day of enrolment: 200 requests with a photo and 2,000 look-ups a minute, then a rush. About five minutes."""

from tests.bench.report import Line
from tests.load import enrolment_day
from tests.load.enrolment_day import AT_ONCE, FILINGS, LOOK_UPS, MINUTES
from tests.load.family import Results
from tests.load.installation import times

NAME = "ENROLMENT"
NOTHING = "nothing fails, is lost or doubled"


def run() -> list[Line]:
    """What failed decides; how long it took and what it cost is told beside it."""
    told = enrolment_day.day()
    steady = f"{FILINGS} filings and {LOOK_UPS:,} look-ups a minute for {MINUTES:g} minutes"
    return [
        _whole(steady, told.steady, told.nothing_lost),
        *(_took(what, told.steady) for what in ("the whole filing", "look-up")),
        Line(NAME, "processor time, of 2", "", f"server {told.server:.2f}, PostgreSQL {told.postgres:.2f}"),
        _whole(f"{AT_ONCE} filings in one second", told.rush, told.nothing_lost),
        _took("the whole filing", told.rush),
    ]


def _whole(what: str, results: Results, nothing_lost: bool) -> Line:
    said = f"{results.filed} filed, {len(results.errors)} failed, {results.turned_away.total()} times told to wait"
    return Line(NAME, what, NOTHING, said, met=nothing_lost and not results.errors)


def _took(what: str, results: Results) -> Line:
    took = times(results.took.get(what, []))
    return Line(NAME, what, "", ", ".join(f"{part} {milliseconds:.0f} ms" for part, milliseconds in took.items()))
