"""States of a dossier: exactly the moves of the law's frame, and no dossier is ever stuck."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.problem import Invalid
from backend.eservices.rules.states import CODES, MOVES, NEEDS_REASON, OPEN, RUNNING, WAITING, DossierStatus, check_move

S = DossierStatus
FINAL = {status for status in S if not MOVES[status]}
# domain.md §4.5, by the numbers of one-stop systems; 4→7 is withdrawing while it is handled.
ALLOWED = {
    (1, 2), (1, 3), (1, 5), (1, 7), (5, 1), (5, 8), (2, 4), (4, 5), (4, 6), (4, 8), (4, 9), (4, 7), (6, 4), (9, 10),
}  # fmt: skip


def test_the_moves_are_those_of_the_frame() -> None:
    assert {(CODES[before], CODES[after]) for before in S for after in MOVES[before]} == ALLOWED
    assert sorted(CODES.values()) == list(range(1, 11))


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_every_other_move_is_refused(before: DossierStatus, after: DossierStatus) -> None:
    if (CODES[before], CODES[after]) in ALLOWED:
        check_move(before, after, "có lý do")
    else:
        with pytest.raises(Invalid) as refused:
            check_move(before, after, "có lý do")
        assert refused.value.code == "eservices.wrong_state"


@pytest.mark.parametrize("note", ["", "  \n"])
def test_refusing_and_stopping_need_a_reason(note: str) -> None:
    assert {S.REJECTED, S.STOPPED} == NEEDS_REASON
    for before, after in ((S.SUBMITTED, S.REJECTED), (S.PROCESSING, S.STOPPED), (S.SUPPLEMENT_REQUESTED, S.STOPPED)):
        with pytest.raises(Invalid) as refused:
            check_move(before, after, note)
        assert refused.value.code == "eservices.reason_missing"
    check_move(S.SUBMITTED, S.ACCEPTED, note)


def test_the_clock_runs_with_the_office_and_stands_with_the_citizen() -> None:
    assert RUNNING.isdisjoint(WAITING)
    assert OPEN == RUNNING | WAITING
    assert OPEN.isdisjoint(FINAL)
    assert set(S) - OPEN - FINAL == {S.COMPLETED}


@settings(deadline=None)
@given(st.integers(), st.integers(1, 60))
def test_a_walk_ends_only_in_a_final_state(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    status = S.SUBMITTED
    for _ in range(steps):
        ahead = sorted(MOVES[status])
        if not ahead:
            break
        status = chance.choice(ahead)
    assert status in FINAL or MOVES[status]


@pytest.mark.parametrize("status", S)
def test_from_everywhere_an_end_can_be_reached(status: DossierStatus) -> None:
    reached, ahead = {status}, [status]
    while ahead:
        for following in MOVES[ahead.pop()] - reached:
            reached.add(following)
            ahead.append(following)
    assert reached & FINAL
