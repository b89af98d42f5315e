"""From a part of a profile to a component that runs, with its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agents.offline.architect.case import Case
from agents.offline.architect.documents import connections, resources
from agents.offline.architect.one_file import writers
from agents.offline.architect.profiles import Part
from agents.plans.plan import Component, Entity, Interface, PlannedFile, Running

PORT = 8_000


def component(case: Case, part: Part, more_stores: tuple[str, ...]) -> Component:
    asks = part.reads if case.one_file else ()
    return Component(
        name=part.name,
        kind=part.kind,
        role=part.role,
        purpose=part.purpose,
        requirements=tuple(f"R{number}" for number in part.requirements),
        stores=(*part.stores, *(() if asks else part.reads), *more_stores),
        calls=(*part.calls, *(f"{owner}-http" for owner in (writers(case) if asks else ()))),
        running=_running(case, part),
    )


def _running(case: Case, part: Part) -> Running:
    load = case.load
    module = part.name.replace("-", "_")
    match part.kind:
        case "page":
            return Running(
                runtime="static", port=8_080, health="/health", millicores=100, memory_mib=64, least=2, most=4
            )
        case "api":
            command = (
                ("node", "src/main.js")
                if part.runtime == "node"
                else ("uvicorn", f"{module}.main:app", "--host", "0.0.0.0", "--port", str(PORT))  # noqa: S104
            )
            return Running(
                runtime=part.runtime,
                command=command,
                port=PORT,
                health="/health",
                millicores=1_000,
                memory_mib=512,
                least=2 if part.runtime == "node" else int(load["replicas_at_rest"]),
                most=int(load["holders_at_peak" if part.runtime == "node" else "replicas_at_peak"]),
            )
        case "worker":
            most = max(2, int(load["workers_at_peak"]))
            return Running(
                runtime=part.runtime,
                command=("python", "-m", module),
                millicores=500,
                memory_mib=512,
                least=max(1, min(2, most)),
                most=most,
            )
        case "job":
            return Running(
                runtime=part.runtime,
                command=("python", "-m", module),
                schedule="15 2 * * *",
                millicores=2_000,
                memory_mib=4_096,
            )


def interfaces(case: Case, entities: Mapping[str, Entity]) -> Iterator[Interface]:
    """What each component with a port, but for pages, answers."""
    for part in case.profile.parts:
        if part.kind != "api":
            continue
        if part.runtime == "node":
            yield Interface(name=f"{part.name}-ws", owner=part.name, document=connections(part.purpose))
        else:
            kept = [(entities[each.name], each.plural) for each in case.profile.kept if each.store == "database"]
            yield Interface(name=f"{part.name}-http", owner=part.name, document=resources(part.purpose, kept))


def files(part: Part) -> Iterator[PlannedFile]:
    """The files of a component, below a folder of its own."""
    root, module = f"services/{part.name}", part.name.replace("-", "_")
    match part.runtime:
        case "python":
            told = [
                ("pyproject.toml", "What it needs, and how it is tested."),
                (f"{module}/__init__.py", "The package."),
                (f"{module}/{'main' if part.kind == 'api' else '__main__'}.py", "Where it starts."),
                (f"{module}/settings.py", "Its settings, read once."),
                (f"{module}/rules.py", "What it decides, without any input or output."),
                (f"{module}/stores.py", "How it reads and writes its stores."),
            ]
            if part.kind == "api":
                told.append((f"{module}/routes.py", "The paths of its interface."))
            test = f"tests/test_{module}.py"
        case "node":
            told = [
                ("package.json", "What it needs, and how it is tested."),
                ("package-lock.json", "The same, pinned."),
                ("src/main.js", "Where it starts."),
                ("src/rooms.js", "Who is connected where."),
            ]
            test = "test/rooms.test.js"
        case "static":
            told = [
                ("package.json", "What it needs, and how it is built."),
                ("package-lock.json", "The same, pinned."),
                ("index.html", "The page that everything is shown in."),
                ("src/main.tsx", "Where it starts."),
                ("src/App.tsx", "What is shown."),
                ("src/api.ts", "Calls of the API, by its OpenAPI document."),
                ("public/health", "Answers that the files are there."),
            ]
            test = "src/App.test.tsx"
    for path, purpose in told:
        yield PlannedFile(path=f"{root}/{path}", owner=part.name, role=part.role, purpose=purpose)
    yield PlannedFile(path=f"{root}/{test}", owner=part.name, role="qa", purpose="Tests of its requirements.")
