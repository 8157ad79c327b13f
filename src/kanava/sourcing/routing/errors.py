"""Why a ruleset cannot be made, changed or published."""

from typing import ClassVar

from kanava.platform.errors import Conflict, InvalidInput, NotFound


class RulesetNotFound(NotFound):
    """No ruleset has this number."""

    title: ClassVar[str] = "No ruleset has this number."


class RulesetNotDraft(Conflict):
    """Only drafts are changed and published: what decided orders stays as it was."""

    title: ClassVar[str] = "The ruleset is no draft any more."


class RulesInvalid(InvalidInput):
    """Rules contradict themselves or name what does not exist; the errors name the fields."""

    title: ClassVar[str] = "Some rules cannot hold."


class DecisionNotFound(NotFound):
    """No order has this id."""

    title: ClassVar[str] = "No order has this id."


class NotMoved(Conflict):
    """Open work that should come from elsewhere cannot: somebody has begun it, or the units are gone."""

    title: ClassVar[str] = "The work stays where it is."
