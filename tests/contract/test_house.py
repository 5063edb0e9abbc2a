"""The house stays as it is drawn: sizes, words, no literal Vietnamese in code, one doc page per folder."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [
    path
    for folder in ("backend", "notifications")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")
# Vietnamese that is data, not words shown to a person: recognised spellings, alphabets, the demonstration province.
DATA_MODULES = ("backend/seed", "backend/enrolment/workbooks.py", "backend/enrolment/rules", "backend/core/text.py")


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MOST_FUNCTION_LINES, f"{node.name}: {length} lines"


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_for_people_are_not_in_the_code(path: Path) -> None:
    if path.relative_to(ROOT).as_posix().startswith(DATA_MODULES):
        return
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            assert not VIETNAMESE.search(node.value.replace("Nhịp Cầu", "")), node.value


def test_every_folder_says_what_it_is_for() -> None:
    for folder in {path.parent for path in PRODUCT}:
        page = folder / "__init__.py"
        assert page.exists(), folder
        if folder.name != "versions":
            assert ast.get_docstring(ast.parse(page.read_text())), folder


def test_every_problem_has_words_in_both_languages() -> None:
    books = {lang: json.loads((ROOT / f"backend/words/{lang}.json").read_text()) for lang in ("vi", "en")}
    assert books["vi"].keys() == books["en"].keys()
    for code in books["vi"]:
        gaps = [set(re.findall(r"{(\w+)}", books[lang][code])) for lang in ("vi", "en")]
        assert gaps[0] == gaps[1], code
    missing = {code for path in PRODUCT for code in _raised(path) if code not in books["vi"]}
    assert missing == set()


LINT = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
REFUSALS = {"Invalid", "NotFound", "NotAllowed", "Stale", "TooMany", "SignInRequired", "Refused", "Defect", "words"}


def _raised(path: Path) -> set[str]:
    """The problem codes written in a file: texts given to what makes a refusal."""
    return {
        argument.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS
        for argument in node.args
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and "." in argument.value
        and "!" not in argument.value
    }


def test_layers() -> None:
    """import-linter's contracts in pyproject.toml."""
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_address_of_a_registry_and_no_path_of_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    forbidden = re.compile(r'"resolved": *"https?:|/simple/|files\.pythonhosted|/work/(main|shared)')
    for name in tracked:
        path = ROOT / name
        if (
            not name
            or not path.is_file()
            or path == Path(__file__)
            or path.suffix in (".png", ".webp", ".woff2", ".ttf")
        ):
            continue
        match = forbidden.search(path.read_text(errors="ignore"))
        assert match is None, f"{name}: {match and match[0]}"
