"""The image that a task's language needs, where the task names none: Node.js with its usual packages and a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.domain import Task

Image = Callable[[], Awaitable[str]]
"""Name of the image with Node.js; made where there is none. Raises `SandboxError`."""


async def in_its_image(task: Task, image: Image) -> Task:
    """*task* as it is where it is in Python or has an environment of its own, else in the image with Node.js."""
    if task.language == "python" or task.limits.environment:
        return task
    return task.model_copy(update={"limits": task.limits.model_copy(update={"environment": await image()})})
