"""How a copy is made of a store that is a file, while its component runs by compose, and how one is brought back."""

from __future__ import annotations

from collections.abc import Iterator

from agents.plans.plan import Component, Plan, Runtime, Store
from engine.projects.deploying.disks import FOLDER, files_of, volume

COPY = "/tmp/copy.db"  # noqa: S108  # of the container
_MAKES: dict[Runtime, str] = {
    "python": 'python -c "import sqlite3; sqlite3.connect(\\"{file}\\").execute(\\"VACUUM INTO ?\\", [\\"{copy}\\"])"',
    "node": 'node -e "new (require(\\"node:sqlite\\").DatabaseSync)(\\"{file}\\").prepare(\\"VACUUM INTO ?\\").run(\\"{copy}\\")"',
}
"""What is in the log of the file beside it is in the copy too; whoever writes meanwhile waits."""


def told(plan: Plan) -> Iterator[str]:
    """Paragraphs of Markdown, for whoever runs the project; none where no store of *plan* is a file."""
    for component in plan.components:
        for store in files_of(component, plan):
            if component.running.runtime in _MAKES:
                yield (
                    f"`{store.name}` is one SQLite file of `{component.name}`, in the volume `{volume(store)}`: `docker compose "
                    "down` leaves it there, `docker compose down --volumes` deletes it. A copy while it runs, and a copy "
                    "brought back:"
                )
                yield "\n".join(
                    (
                        "```console",
                        f"$ {copying(component, store)}",
                        *(f"$ {line}" for line in bringing_back(component, store)),
                        "```",
                    )
                )


def copying(component: Component, store: Store) -> str:
    """The command that writes a copy of *store* to this machine."""
    makes = _MAKES[component.running.runtime].format(file=_file(store), copy=COPY)
    return f"{_beside(component)} sh -c 'rm -f {COPY} && {makes} && cat {COPY}' > {store.name}.db"


def bringing_back(component: Component, store: Store) -> tuple[str, ...]:
    """The commands that put a copy in its place, as the user that the component runs as."""
    file, name = _file(store), component.name
    put = f"{_beside(component)} sh -c 'rm -f {file}-wal {file}-shm && cat > {file}' < {store.name}.db"
    if component.kind == "job":
        return (put,)
    return (f"docker compose stop {name}", put, f"docker compose start {name}")


def _beside(component: Component) -> str:
    """A container of its own for one command: SQLite lets several processes of one machine have the file open."""
    return f"docker compose run --rm --no-deps -T {component.name}"


def _file(store: Store) -> str:
    return f"{FOLDER}/{store.name}.db"
