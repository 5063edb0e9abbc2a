"""The material the demonstration province is made of; README.md says where each file comes from."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def read(name: str) -> Any:
    """One of the JSON files."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def exam_rows() -> tuple[dict[str, float], ...]:
    """Marks of real pupils in the graduation examination, 0 to 10, without anything that names them."""
    with open(_FOLDER / "marks.csv", encoding="utf-8", newline="") as file:
        return tuple({k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file))
