"""One line per thing measured, and the table at the end."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass
class Line:
    """`met` is None when there was nothing to compare or it could not be measured; `measured` then says why."""

    target: str
    what: str
    wanted: str
    measured: str
    ratio: float | None = None
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "missed", None: "–"}[self.met]


def at_least(target: str, what: str, value: float, bound: float, measured: str, unit: str = "") -> Line:
    """A line whose number must reach the bound. Without a unit the number is itself a ratio."""
    return Line(target, what, f"≥ {bound:g}{unit}", measured, value / bound if unit else value, value >= bound)


def at_most(target: str, what: str, value: float, bound: float, unit: str, more: str = "") -> Line:
    """A line whose number must stay below the bound; its ratio is the part of the bound that was used."""
    return Line(
        target,
        what,
        f"≤ {bound:g} {unit}".rstrip(),
        f"{value:.3g} {unit}".rstrip() + more,
        value / bound,
        value <= bound,
    )


def show(lines: list[Line]) -> None:
    """The table, on standard output."""
    table = Table("", "What", "Target", "Measured", "Ratio", "Verdict", box=None, pad_edge=False)
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        table.add_row(line.target, line.what, line.wanted, line.measured, ratio, line.verdict)
    Console(width=150, highlight=False).print(table)
