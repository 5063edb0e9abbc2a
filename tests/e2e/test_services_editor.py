"""The department words a procedure anew: mistakes at their place, a look beforehand, and who gets which words."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, FATHER, MOTHER, OFFICER, PHONE, People, Person
from tests.e2e.services import (
    CERTIFICATE,
    LAN,
    ONLINE,
    begin,
    code_on,
    file_certificate,
    look_closely,
    next_step,
    on_step,
    open_on_desk,
    sheet,
)

pytestmark = pytest.mark.anyio

OLD_NAME, NEW_NAME = "Giấy xác nhận học sinh", "Giấy xác nhận đang đi học"
OLD_QUESTION, NEW_QUESTION = "Số bản", "Bạn cần mấy bản?"
SUMMARY = "A paper of the school saying that the child is its pupil."
BOTH_LANGUAGES = "Cần có lời bằng cả tiếng Việt và tiếng Anh."
TURNS, TURNED = '"field": "purpose"', '"field": "purposes"'
NO_SUCH_FIELD = "Không có câu hỏi nào tên “purposes”."
SELECTED = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"


async def test_new_words_are_for_new_requests(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    first = await file_certificate(mother)
    filed = mother.page.url.removeprefix(office.origin)
    father = await people.arrive(office, PHONE)
    await father.sign_in(FATHER)
    await begin(father, CERTIFICATE, LAN)

    officer = await people.arrive(office, DESK)
    await officer.sign_in(OFFICER)
    await opens_the_editor(officer)
    await writes_it_wrong(officer)
    await is_told_where(officer)
    await mends_it(officer)
    await looks_beforehand(officer)
    await publishes(officer)

    second = await files_the_new_one(mother)
    # What was begun or filed before keeps its own words, for the family and for the office.
    await mother.open(filed)
    await mother.at(OLD_NAME)
    await asks(mother, OLD_QUESTION, not_any_more=NEW_QUESTION)
    await next_step(father)
    await on_step(father, 2)
    await expect(father.field(OLD_QUESTION)).to_be_visible()
    await expect(father.field(NEW_QUESTION)).to_have_count(0)
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    for code, name in ((first, OLD_NAME), (second, NEW_NAME)):
        await open_on_desk(clerk, code)
        await clerk.at(name)


def tab(officer: Person, name: str) -> Locator:
    return officer.page.get_by_role("tab", name=name)


def mistakes(officer: Person) -> Locator:
    """The card above the tabs, with every mistake, its place and the way to it."""
    return officer.page.get_by_role("region", name="Cần sửa trước khi công bố")


async def opens_the_editor(officer: Person) -> None:
    await officer.go("Báo cáo")
    await officer.page.get_by_role("navigation", name="Các phần của Hồ sơ").get_by_role("link", name="Thủ tục").click()
    await officer.at("Thủ tục")
    await look_closely(officer)
    await officer.link(re.compile(OLD_NAME)).click()
    await officer.at(OLD_NAME)
    await expect(officer.page.get_by_role("listitem").filter(has_text="Bản 1")).to_contain_text("Đang dùng")
    await officer.button("Soạn bản mới").click()
    await expect(tab(officer, "Lời giới thiệu")).to_have_attribute("aria-selected", "true")
    await look_closely(officer)


async def writes_it_wrong(officer: Person) -> None:
    """A summary in one language only, and a condition about a question that nobody asks."""
    await officer.field("Tên thủ tục (tiếng Việt)").fill(NEW_NAME)
    await officer.field("Tóm tắt một câu (tiếng Anh)").fill("")
    await tab(officer, "Tờ khai").click()
    await officer.page.locator("summary").filter(has_text=OLD_QUESTION).click()
    question = officer.page.locator("details").filter(has_text=OLD_QUESTION)
    await question.get_by_role("textbox", name="Câu hỏi (tiếng Việt)").fill(NEW_QUESTION)
    await look_closely(officer)
    await tab(officer, "JSON").click()
    text = officer.field("JSON")
    whole = await text.input_value()
    assert whole.count(TURNS) == 1
    await text.fill(whole.replace(TURNS, "field: purpose"))
    await officer.sees(re.compile(r"^Dòng \d+ không đúng dạng JSON"))
    await text.fill(whole.replace(TURNS, TURNED))
    await officer.button("Lưu bản nháp").click()
    await officer.sees("Đã lưu. Còn 2 chỗ cần sửa trước khi công bố.")


async def is_told_where(officer: Person) -> None:
    """With its path; the words beside their field, the condition on its line of the text."""
    await expect(mistakes(officer)).to_contain_text("/summary/en")
    await expect(mistakes(officer)).to_contain_text("/form/fields/purposeDetail/show")
    await look_closely(officer)
    await officer.page.get_by_role("tabpanel").get_by_role("button", name=NO_SUCH_FIELD).click()
    assert (await officer.field("JSON").evaluate(SELECTED)).strip().rstrip(",") == TURNED
    await officer.button("Công bố").click()
    await expect(sheet(officer)).to_have_count(0)
    await mistakes(officer).get_by_role("button", name=BOTH_LANGUAGES).click()
    await expect(tab(officer, "Lời giới thiệu")).to_have_attribute("aria-selected", "true")
    summary = officer.field("Tóm tắt một câu (tiếng Anh)")
    await expect(summary).to_have_attribute("aria-invalid", "true")
    await expect(summary).to_have_accessible_description(BOTH_LANGUAGES)
    await look_closely(officer)


async def mends_it(officer: Person) -> None:
    await officer.field("Tóm tắt một câu (tiếng Anh)").fill(SUMMARY)
    await tab(officer, "JSON").click()
    text = officer.field("JSON")
    await text.fill((await text.input_value()).replace(TURNED, TURNS))
    await officer.sees("Có thay đổi chưa lưu.")
    await officer.button("Lưu bản nháp").click()
    await officer.sees("Đã lưu bản nháp.")
    await expect(mistakes(officer)).to_have_count(0)


async def looks_beforehand(officer: Person) -> None:
    """As people will see it, with the condition at work."""
    await tab(officer, "Xem thử").click()
    shown = officer.page.get_by_role("tabpanel")
    await expect(shown).to_contain_text("Điền thử không gửi đi đâu.")
    await expect(shown.get_by_role("heading", name=NEW_NAME)).to_be_visible()
    await expect(shown.get_by_role("textbox", name=NEW_QUESTION)).to_be_visible()
    await expect(shown.get_by_role("textbox", name="Việc gì?")).to_have_count(0)
    await shown.get_by_role("radio", name="Việc khác").check()
    await expect(shown.get_by_role("textbox", name="Việc gì?")).to_be_visible()
    await look_closely(officer)


async def publishes(officer: Person) -> None:
    await officer.button("Công bố").click()
    await expect(sheet(officer)).to_contain_text("Bản 2 thay bản đang dùng ngay.")
    await look_closely(officer)
    await sheet(officer).get_by_role("button", name="Công bố").click()
    await officer.sees("Đã công bố.")
    versions = officer.page.get_by_role("listitem")
    await expect(versions.filter(has_text="Bản 2")).to_contain_text("Đang dùng")
    await expect(versions.filter(has_text="Bản 1")).to_contain_text("Đã thay")
    await expect(tab(officer, "JSON")).to_have_count(0)
    await officer.at(NEW_NAME)


async def files_the_new_one(mother: Person) -> str:
    """Found under its new name; its code."""
    await mother.open("/services")
    await mother.link(re.compile(NEW_NAME)).click()
    await mother.at(NEW_NAME)
    await begin(mother, CERTIFICATE, LAN)
    await next_step(mother)
    await on_step(mother, 2)
    await mother.page.get_by_role("radio", name="Xin học bổng, trợ cấp, vay vốn học tập").check()
    await mother.field(NEW_QUESTION).fill("2")
    await mother.page.get_by_role("radio", name=ONLINE).check()
    await next_step(mother)
    await on_step(mother, 3)
    await mother.button("Nộp hồ sơ").click()
    await mother.at(NEW_NAME)
    code = await code_on(mother)
    await asks(mother, NEW_QUESTION, not_any_more=OLD_QUESTION)
    return code


async def asks(person: Person, question: str, *, not_any_more: str) -> None:
    """What was asked, as the request keeps it."""
    await person.page.get_by_text("Nội dung đã khai").click()
    terms = person.page.get_by_role("term")
    await expect(terms.filter(has_text=re.compile(f"^{re.escape(question)}$"))).to_have_count(1)
    await expect(terms.filter(has_text=re.compile(f"^{re.escape(not_any_more)}$"))).to_have_count(0)
