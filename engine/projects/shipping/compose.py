"""What is wrong with the compose file of a project: by its schema, and against the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agents.plans.plan import Component, Plan, Store
from engine.dependencies.tables import Table, items, table, text
from engine.domain import Finding
from engine.projects.contract import dockerfile_of
from engine.projects.deploying.disks import files_of, is_file, served
from engine.projects.deploying.engines import ENGINES
from engine.projects.shipping.bases import reference
from engine.projects.shipping.circles import circle_in
from engine.projects.shipping.disks import faults_of_mounts, mounts, volume_of
from engine.projects.shipping.needs import needed_variables
from engine.projects.shipping.reading import Document, read, texts_of
from engine.projects.shipping.schemas import faults_of_schema
from engine.projects.shipping.secret import is_secret
from engine.projects.shipping.wrong import listed, wrong

PATH = "compose.yaml"
EXAMPLE = ".env.example"
_ALIKE: Mapping[str, frozenset[str]] = {
    "postgresql": frozenset({"postgres", "postgis/postgis", "timescale/timescaledb", "pgvector/pgvector"}),
    "valkey": frozenset({"valkey/valkey", "redis"}),
    "objects": frozenset({"chrislusf/seaweedfs", "minio/minio"}),
}
"""Images that speak as an engine does, beside the one that we take."""
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^}]{0,500}))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_PORT = re.compile(
    r"(?:(?:(?P<host>[0-9.]+|\[[0-9a-f:]+\]):)?(?P<published>[0-9-]*):)?(?P<target>[0-9-]+)(?:/(?:tcp|udp))?"
)
_SHARED = ("network_mode", "pid", "ipc", "uts", "userns_mode")


def faults_of_compose(plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    if PATH not in files:
        yield wrong(
            PATH, None, "compose/missing", f"there is no {PATH}, by which the project is started on one machine"
        )
        return
    reading = read(PATH, files[PATH])
    yield from reading.faults
    if len(reading.documents) > 1:
        yield wrong(PATH, reading.documents[1].line(), "compose/schema", "a compose file is one document")
    for document in reading.documents[:1]:
        yield from faults_of_schema(document, "compose-spec", "compose/schema")
        yield from _Compose(plan, files, document).faults()


class _Compose:
    """One compose file, beside the plan that it is for."""

    def __init__(self, plan: Plan, files: Mapping[str, str], document: Document) -> None:
        self._plan = plan
        self._files = files
        self._document = document
        whole = table(document.value)
        self._services = {name: table(value) for name, value in table(whole.get("services")).items()}
        self._volumes = table(whole.get("volumes"))

    def faults(self) -> Iterator[Finding]:
        components = {component.name: component for component in self._plan.components}
        stores = {store.name: store for store in self._plan.stores}
        known = listed([*components, *stores])
        for name in (*components, *(store.name for store in served(self._plan))):
            if name not in self._services:
                yield self._wrong("service", f"there is no service {name}, which the plan has", "services")
        for name, service in self._services.items():
            if name in components:
                yield from self._component(components[name], service)
            elif name in stores and is_file(stores[name]):
                message = (
                    f"{name} is SQLite, a file of the component that uses it, and no service: mount a volume there"
                )
                yield self._wrong("service", message, "services", name)
            elif name in stores:
                yield from self._store(stores[name], service)
            else:
                yield self._wrong(
                    "service", f"{name} is none of the plan's components and stores: {known}", "services", name
                )
            yield from self._any(name, service)
        yield from self._disks()
        yield from self._published()
        yield from self._named_volumes()
        yield from self._variables()
        yield from self._circles()

    def _wrong(self, rule: str, message: str, *steps: str | int) -> Finding:
        return wrong(PATH, self._document.line(*steps), f"compose/{rule}", message)

    def _component(self, component: Component, service: Table) -> Iterator[Finding]:
        name = component.name
        yield from self._build(name, service)
        port = component.running.port
        targets = [target for _, _, target in _ports(service)]
        for target in targets:
            if target != str(port):
                said = f"it listens on {port}" if port else "the plan says that nobody calls it"
                yield self._wrong("port", f"{name} publishes port {target}, and {said}", "services", name, "ports")
        if component.kind == "page" and not targets:
            yield self._wrong("port", f"nobody reaches the page {name}: publish its port {port}", "services", name)
        yield from self._environment(component, service)
        conditions = _conditions(service)
        for store in (each.name for each in served(self._plan) if each.name in component.stores):
            if store not in conditions:
                yield self._wrong(
                    "depends_on", f"{name} uses {store} and does not depend on it", "services", name, "depends_on"
                )
            elif conditions[store] != "service_healthy":
                message = f"{name} is started before {store} answers: depend on it with condition: service_healthy"
                yield self._wrong("depends_on", message, "services", name, "depends_on", store)
        health = _test_of(service)
        if component.running.health and "://" in health and component.running.health not in health:
            message = f"the healthcheck of {name} does not ask for {component.running.health}, the plan's health path"
            yield self._wrong("healthcheck", message, "services", name, "healthcheck")

    def _build(self, name: str, service: Table) -> Iterator[Finding]:
        build = service.get("build")
        context = build if isinstance(build, str) else text(table(build).get("context"))
        if not context:
            yield self._wrong(
                "build", f"{name} is not built: write build with the context services/{name}", "services", name
            )
            return
        folder = context.removeprefix("./").rstrip("/")
        file = text(table(build).get("dockerfile")) or "Dockerfile"
        if folder != f"services/{name}":
            message = f"{name} is built in {context!r}, and its files stand in services/{name}"
            yield self._wrong("build", message, "services", name, "build", "context")
        elif f"{folder}/{file}" not in self._files:
            yield self._wrong(
                "build",
                f"there is no {folder}/{file}: the Dockerfile is {dockerfile_of(name)}",
                "services",
                name,
                "build",
            )

    def _environment(self, component: Component, service: Table) -> Iterator[Finding]:
        name = component.name
        given = _environment_of(service)
        if service.get("env_file"):
            return
        for variable, host, port in needed_variables(component, self._plan):
            value = given.get(variable)
            if value is None:
                message = f"{name} is not told where {host} is: set {variable}"
                yield self._wrong("environment", message, "services", name, "environment")
                continue
            place = re.match(r"[a-z][a-z0-9+.-]*://(?:[^@/]*@)?([^:/?]+)(?::(\d+))?", value)
            if place is None:
                continue
            if place[1] != host:
                message = f"{variable} names the host {place[1]}, and the service is called {host}"
                yield self._wrong("environment", message, "services", name, "environment", variable)
            elif place[2] and place[2] != str(port):
                message = f"{variable} names port {place[2]}, and {host} listens on {port}"
                yield self._wrong("environment", message, "services", name, "environment", variable)

    def _store(self, store: Store, service: Table) -> Iterator[Finding]:
        name, local = store.name, ENGINES[store.engine]
        image = reference(text(service.get("image")))
        ours = reference(local.image)
        fitting = _ALIKE.get(store.engine, frozenset({ours.name if ours else ""}))
        if image is None:
            yield self._wrong("image", f"the store {name} has no image: take {local.image}", "services", name)
        elif image.name not in fitting:
            message = f"{name} is {store.engine}, and {image.name} is not: take {local.image}"
            yield self._wrong("image", message, "services", name, "image")
        if not any(each.source and not each.source.startswith((".", "/", "~")) for each in mounts(service)):
            message = f"what {name} keeps is lost with its container: mount a named volume at {local.data}"
            yield self._wrong("volume", message, "services", name, "volumes")
        if any(
            not host.startswith("127.") and host not in {"localhost", "[::1]"}
            for host, published, _ in _ports(service)
            if published
        ):
            message = f"{name} is open to the network: the components reach it without ports; or publish on 127.0.0.1"
            yield self._wrong("port", message, "services", name, "ports")

    def _any(self, name: str, service: Table) -> Iterator[Finding]:
        image = text(service.get("image"))
        if image and not service.get("build"):
            found = reference(_without_variables(image))
            if found is None:
                yield self._wrong("image", f"{image!r} is no name of an image", "services", name, "image")
            elif found.why_loose:
                yield self._wrong("image", f"{image} is not pinned: {found.why_loose}", "services", name, "image")
        yield from self._dependencies(name, service)
        yield from self._privileges(name, service)
        for variable, value in _environment_of(service).items():
            if _literal_secret(variable, value):
                message = f"{variable} has its secret in the file: write ${{{variable}:?set it in .env}}, and name it in {EXAMPLE}"
                yield self._wrong("secret", message, "services", name, "environment", variable)
        for source, *_ in mounts(service):
            if source.startswith("./") and not self._exists(source.removeprefix("./").rstrip("/")):
                yield self._wrong(
                    "volume", f"{name} mounts {source}, which is no file of the project", "services", name, "volumes"
                )

    def _dependencies(self, name: str, service: Table) -> Iterator[Finding]:
        for other, condition in _conditions(service).items():
            if other not in self._services:
                yield self._wrong(
                    "depends_on",
                    f"{name} depends on {other}, which is no service",
                    "services",
                    name,
                    "depends_on",
                    other,
                )
            elif condition == "service_healthy" and not self._services[other].get("healthcheck"):
                message = f"{name} waits for {other} to be healthy, and {other} has no healthcheck"
                yield self._wrong("depends_on", message, "services", name, "depends_on", other)

    def _privileges(self, name: str, service: Table) -> Iterator[Finding]:
        if service.get("privileged") is True:
            yield self._wrong(
                "privilege", f"{name} is privileged, which is root on the machine", "services", name, "privileged"
            )
        for key in _SHARED:
            if text(service.get(key)) == "host":
                yield self._wrong("privilege", f"{name} shares {key} with the machine", "services", name, key)
        for capability in items(service.get("cap_add")):
            yield self._wrong("privilege", f"{name} adds the capability {capability}", "services", name, "cap_add")
        for source, *_ in mounts(service):
            if source.startswith(("/", "~")):
                message = f"{name} mounts {source} of the machine: use a named volume"
                yield self._wrong("privilege", message, "services", name, "volumes")

    def _disks(self) -> Iterator[Finding]:
        for component in (each for each in self._plan.components if each.name in self._services):
            service = self._services[component.name]
            own = files_of(component, self._plan)
            told = {name: _known(value) for name, value in _environment_of(service).items()} if own else {}
            for each in faults_of_mounts(component, service, told, self._plan):
                yield self._wrong(each.rule, each.message, "services", component.name, *each.steps)
            disk = volume_of(service) if own else ""
            for name, other in self._services.items():
                if disk and name != component.name and any(each.source == disk for each in mounts(other)):
                    message = f"{name} mounts {disk}, which is the disk of {component.name} alone"
                    yield self._wrong("volume", message, "services", name, "volumes")

    def _published(self) -> Iterator[Finding]:
        taken: dict[str, str] = {}
        for name, service in self._services.items():
            for _, published, _ in _ports(service):
                if published and published in taken:
                    message = f"{name} and {taken[published]} both publish port {published} of the machine"
                    yield self._wrong("port", message, "services", name, "ports")
                if published:
                    taken[published] = name

    def _named_volumes(self) -> Iterator[Finding]:
        used: set[str] = set()
        for name, service in self._services.items():
            for source, *_ in mounts(service):
                if source and not source.startswith((".", "/", "~", "$")):
                    used.add(source)
                    if source not in self._volumes:
                        message = f"{name} mounts the volume {source}, which is not named under volumes"
                        yield self._wrong("volume", message, "services", name, "volumes")
        for name in sorted(set(self._volumes) - used):
            yield self._wrong("volume", f"no service mounts the volume {name}", "volumes", name)

    def _variables(self) -> Iterator[Finding]:
        known = {line.partition("=")[0].strip() for line in self._files.get(EXAMPLE, "").splitlines() if "=" in line}
        for steps, value in texts_of(self._document.value):
            for match in _VARIABLE.finditer(value.replace("$$", "")):
                name, sign, default = match[1] or match[4], match[2] or "", match[3] or ""
                if "-" in sign and is_secret(name, default):
                    message = f"{name} has a secret as its default: write ${{{name}:?set it in .env}}"
                    yield self._wrong("secret", message, *steps)
                elif "-" not in sign and name not in known:
                    message = f"{name} is asked of the environment and is not named in {EXAMPLE}"
                    yield self._wrong("variable", message, *steps)

    def _circles(self) -> Iterator[Finding]:
        circle = circle_in({name: set(_conditions(service)) for name, service in self._services.items()})
        if circle:
            message = f"nothing can be started first: {' -> '.join(circle)}"
            yield self._wrong("depends_on", message, "services", circle[0], "depends_on")

    def _exists(self, path: str) -> bool:
        return path in {"", "."} or path in self._files or any(each.startswith(f"{path}/") for each in self._files)


def _conditions(service: Table) -> dict[str, str]:
    given = service.get("depends_on")
    if isinstance(given, dict):
        return {name: text(table(value).get("condition")) or "service_started" for name, value in given.items()}
    return {str(name): "service_started" for name in items(given)}


def _environment_of(service: Table) -> dict[str, str]:
    given = service.get("environment")
    if isinstance(given, dict):
        return {name: "" if value is None else str(value) for name, value in given.items()}
    pairs = (str(each).partition("=") for each in items(given))
    return {name: value if sign else f"${{{name}}}" for name, sign, value in pairs}


def _ports(service: Table) -> Iterator[tuple[str, str, str]]:
    """Host, published port and target of each."""
    for port in items(service.get("ports")):
        if isinstance(port, dict):
            yield text(port.get("host_ip")), str(port.get("published") or ""), str(port.get("target") or "")
        elif match := _PORT.fullmatch(_without_variables(str(port))):
            yield match["host"] or "", match["published"] or "", match["target"]


def _test_of(service: Table) -> str:
    test = table(service.get("healthcheck")).get("test")
    return " ".join(map(str, items(test))) or text(test)


def _without_variables(value: str) -> str:
    """*value* as it is where nothing is set: with the defaults."""
    return _VARIABLE.sub(lambda match: (match[3] or "") if "-" in (match[2] or "") else "1", value)


def _known(value: str) -> str | None:
    """*value* as far as the file says it; None where only whoever starts it does."""
    plain = _VARIABLE.sub(lambda match: (match[3] or "") if "-" in (match[2] or "") else "$", value)
    return None if "$" in plain else plain


def _literal_secret(name: str, value: str) -> bool:
    plain = _VARIABLE.sub("$", value.replace("$$", ""))
    if plain == value or "$" not in plain:
        return is_secret(name, value)
    return is_secret("", plain.replace("$", "${X}")) if "://" not in plain else False
