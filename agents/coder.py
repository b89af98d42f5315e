"""The author that asks a model: a brief becomes messages, the model's edits become a draft."""

from __future__ import annotations

from agents.answering import Answer, NotApplicable, apply
from agents.base import Brief, Draft, Provider, Usage
from agents.errors import UnusableReply
from agents.telling import messages


class Coder:
    """An `Author` over a `Provider`.

    A reply that cannot be used is a draft too: the input unchanged, with the reason in `unusable`, so that
    it counts as an attempt and the next brief tells the model.
    """

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self._provider = provider

    async def write(self, brief: Brief) -> Draft:
        """As `Author.write` promises."""
        try:
            completion = await self._provider.complete(messages(brief), Answer, allowance=brief.allowance)
        except UnusableReply as error:
            return self._unusable(brief, error.what, self._provider.model, error.usage)
        try:
            files = apply(completion.answer, brief.files, brief.tests)
        except NotApplicable as error:
            return self._unusable(brief, str(error), completion.model, completion.usage)
        return Draft(
            files=files,
            note=completion.answer.note,
            author=self.name,
            model=completion.model,
            usage=completion.usage,
        )

    def _unusable(self, brief: Brief, why: str, model: str, usage: Usage) -> Draft:
        return Draft(files=brief.files, author=self.name, model=model, usage=usage, unusable=why)
