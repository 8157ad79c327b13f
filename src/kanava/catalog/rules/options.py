"""Names of option axes and values in the rows of a file."""

from collections.abc import Mapping

from kanava.catalog.rules.columns import ColumnPlan
from kanava.catalog.rules.shapes import Batch

NamesByWord = Mapping[tuple[str, str], Mapping[str, str]]
"""(axis, value) → language → name; the value is empty for the axis itself."""


def option_names_of(batch: Batch, plan: ColumnPlan, rejected: set[int]) -> NamesByWord:
    """Collect what good rows say; where two rows differ, the last one counts."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    if not plan.option_texts:
        return found
    handle_at = plan.at["handle"]
    axes: dict[str, list[str]] = {}
    for number, row in zip(batch.numbers, batch.rows, strict=True):
        # Only the first row of a product has to name its axes.
        named = axes.setdefault(row[handle_at], [row[index].strip() for index in plan.option_names])
        if number in rejected:
            continue
        for place, part, language, index in plan.option_texts:
            axis, name = named[place], row[index].strip()
            value = row[plan.option_values[place]].strip() if part == "value" else ""
            if axis and name and (value or part == "name"):
                found.setdefault((axis, value), {})[language] = name
    return found
