"""Papers as people hold them: what each says, who may have it, what happens when it is issued again."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.db import Database
from backend.core.problem import Invalid
from backend.eservices.actions import desk, desk_requests, papers
from backend.eservices.papers.register import register_pdf
from backend.eservices.queries.papers import Office
from backend.eservices.queries.register import Register, RegisterRow
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Channel, Dossier, DossierFile, PaperKind
from backend.files import actions as files
from backend.files.tables import FileKind, StoredFile
from backend.organisation.tables import UnitKind
from tests.actors import World
from tests.client import Client
from tests.slices.eservices.counter import Counter, text_of

CERTIFICATE = {
    "pupilName": "Nguyễn Thị Ngọc Lan",
    "className": "7A",
    "purpose": "TAX",
    "copies": 1,
    "receive": "ONLINE",
}


@pytest.fixture
async def counter(database: Database, world: World, client: Client) -> Counter:
    return await Counter(database, world, client).open()


async def _ensure(counter: Counter, who: str, dossier: UUID, kind: PaperKind = PaperKind.FORM_01) -> UUID:
    actor = await counter.actor(who)
    async with counter.database.write(actor) as session:
        row = (await session.execute(select(Dossier).where(col(Dossier.id) == dossier))).scalar_one()
        return (await papers.ensure(session, actor, row, kind)).id


async def test_the_receipt_says_what_was_filed_and_when_the_result_is_due(counter: Counter, world: World) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    await _attach(counter, dossier)
    await _ensure(counter, "mother", dossier)
    row = await counter.dossier(dossier)
    [paper] = await counter.papers(dossier, PaperKind.FORM_01)
    text = await counter.text(paper)
    assert "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ" in text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text and "Độc lập - Tự do - Hạnh phúc" in text
    assert row.code in text and "Trần Thị Hoa" in text and "0912 000 002" in text
    assert "Nguyễn Thị Ngọc Lan" in text and "Lớp: 7A" in text
    assert row.due_on is not None and f"{row.due_on:%d/%m/%Y}" in text
    assert "khai-sinh.jpg" in text and "340 KB" in text
    assert "không mang chữ ký số" in text
    assert "-".join(paper.verify_code[i : i + 4] for i in range(0, 16, 4)) in text
    assert hashlib.sha256(await counter.content(paper)).digest() == paper.sha256


async def test_a_receipt_is_written_once_and_anew_when_the_clock_began_anew(
    counter: Counter, database: Database
) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    first = await _ensure(counter, "mother", dossier)
    assert await _ensure(counter, "clerk", dossier) == first
    async with database.write(await counter.actor("clerk")) as session:
        (await session.get_one(Dossier, dossier)).received_at = clock.now() + timedelta(seconds=1)
    second = await _ensure(counter, "mother", dossier)
    old, new = await counter.papers(dossier, PaperKind.FORM_01)
    assert (old.id, new.id) == (first, second)
    assert (old.replaced_by_id, new.replaced_by_id) == (second, None)


async def test_the_office_explains_every_step_on_paper(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.04", {"pupilName": "Nguyễn Thị Ngọc Lan", "rightFullName": "Nguyễn Thị Lan"})
    ask = [desk_requests.Defect("document:birth_certificate", "OTHER", "Chụp thiếu mặt sau")]
    await counter.act("clerk", desk_requests.request_supplement, dossier, ask, "Gửi lại trong tuần")
    [paper] = await counter.papers(dossier, PaperKind.FORM_02)
    text = await counter.text(paper)
    assert "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ" in text and "lần 1" in text
    assert "Chụp thiếu mặt sau" in text and "Gửi lại trong tuần" in text


async def test_a_refusal_gives_its_reason(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    await counter.act("clerk", desk.reject, dossier, "Học sinh đã có giấy xác nhận của tháng này")
    [paper] = await counter.papers(dossier, PaperKind.FORM_03)
    text = await counter.text(paper)
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ" in text
    assert "Học sinh đã có giấy xác nhận của tháng này" in text and "Ngô Thị Giáo Vụ" in text


async def test_an_apology_names_the_old_day_and_the_new_one(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.04", {"pupilName": "Nguyễn Thị Ngọc Lan", "rightSex": "FEMALE"})
    before = (await counter.dossier(dossier)).due_on
    await counter.to_decision(dossier)
    await counter.act("headteacher", desk_requests.extend, dossier, 3, "Chờ xác minh với nơi cấp giấy khai sinh")
    after = (await counter.dossier(dossier)).due_on
    [paper] = await counter.papers(dossier, PaperKind.FORM_04)
    text = await counter.text(paper)
    assert before is not None and after is not None and before < after
    assert f"trước đây: {before:%d/%m/%Y}" in text and f"mới: {after:%d/%m/%Y}" in text
    assert "Chờ xác minh với nơi cấp giấy khai sinh" in text and "HIỆU TRƯỞNG" in text


async def test_a_stopped_dossier_says_why(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    await counter.act("clerk", desk.accept, dossier, "")
    await counter.act("clerk", desk.start, dossier)
    await counter.act("clerk", desk.stop, dossier, "Phụ huynh báo nộp nhầm")
    [paper] = await counter.papers(dossier, PaperKind.FORM_05)
    assert "Phụ huynh báo nộp nhầm" in await counter.text(paper)


async def test_the_control_slip_names_every_hand(counter: Counter, database: Database) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    await counter.decide(dossier)
    actor = await counter.actor("clerk")
    async with database.write(actor) as session:
        pdf = await papers.control_slip(session, actor, await session.get_one(Dossier, dossier))
    text = await text_of(pdf)
    assert "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ" in text
    for word in ("Nộp hồ sơ", "Tiếp nhận", "Bắt đầu giải quyết", "Chuyển xử lý", "Hoàn thành"):
        assert word in text
    for name in ("Trần Thị Hoa", "Ngô Thị Giáo Vụ", "Bùi Văn Hiệu"):
        assert name in text


async def test_a_paper_without_content_is_refused(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    with pytest.raises(Invalid, match="paper_without_content"):
        await _ensure(counter, "clerk", dossier, PaperKind.FORM_02)


async def test_the_certificate_says_who_learns_where_and_what_for(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.02", CERTIFICATE)
    await counter.decide(dossier)
    text = await counter.result(dossier)
    assert "GIẤY XÁC NHẬN" in text and "Nguyễn Thị Ngọc Lan" in text and "01/05/2014" in text
    assert "lớp 7A" in text and "2026-2027" in text and "Giảm trừ gia cảnh" in text
    assert "Bùi Văn Hiệu" in text


async def test_the_transcript_has_published_marks_only(counter: Counter) -> None:
    await counter.marks()
    asked = {"pupilName": "Nguyễn Thị Ngọc Lan", "years": "ALL", "purpose": "OTHER", "purposeDetail": "Học bổng"}
    dossier = await counter.file("TRUONG.03", asked)
    await counter.decide(dossier)
    text = await counter.result(dossier)
    assert "BẢNG ĐIỂM" in text and "Năm học 2026-2027" in text and "Toán" in text
    assert "8,5; 9,0" in text and "7,5" in text and "8,2" in text
    assert "3,3" not in text


async def test_the_register_of_a_thousand_dossiers_is_a_pdf() -> None:
    line = RegisterRow(
        code="24010001-261123-0001",
        procedure_code="TRUONG.02",
        procedure_name="Giấy xác nhận học sinh",
        applicant_name="Trần Thị Hoa",
        applicant_phone="+84912000002",
        channel=Channel.ONLINE,
        filed_on=date(2026, 11, 23),
        due_on=date(2026, 11, 25),
        finished_on=None,
        returned_on=None,
        status=DossierStatus.PROCESSING,
        on_time=None,
        holder="",
    )
    office = Office("THCS Nguyễn Văn Cừ", UnitKind.COMMUNE, "Phường Kinh Bắc", "Bắc Ninh")
    text = await text_of(register_pdf(Register(office, date(2026, 11, 1), date(2026, 11, 30), [line] * 1000)))
    assert "SỔ THEO DÕI HỒ SƠ" in text and "Từ ngày 01/11/2026 đến ngày 30/11/2026" in text
    assert "Tổng số: 1000 hồ sơ" in text and "Đang giải quyết" in text
    assert "ỦY BAN NHÂN DÂN PHƯỜNG KINH BẮC" in text


async def _attach(counter: Counter, dossier: UUID) -> None:
    """A photo of a birth certificate."""
    async with counter.database.write(await counter.actor("mother")) as session:
        row = await session.get_one(Dossier, dossier)
        stored: StoredFile = await files.keep(
            session, session.info["store"], b"x" * 340 * 1024, "khai-sinh.jpg", FileKind.JPEG, None
        )
        session.add(
            DossierFile(
                school_id=row.school_id,
                readers=row.readers,
                dossier_id=row.id,
                document="birth_certificate",
                stored_file_id=stored.id,
                name="khai-sinh.jpg",
                kind="JPEG",
                size=340 * 1024,
            )
        )
