"""The one place where concrete classes are picked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import platformdirs

from agents.auto import Auto
from agents.base import Author, Steps, Workshop
from agents.borrowed import Ask
from agents.building import Team
from agents.improving import Improver
from agents.plans.commission import Architect
from agents.testing import Tester
from engine.errors import BadSetting, UnknownAuthor
from engine.events import AuthorProgress, Listener, Watcher, nobody, unheard
from engine.logs import get_log, route_structlog
from engine.overheard import ToldProvider
from engine.settings import Settings
from sandboxes.asking import digest_at_socket
from sandboxes.base import Box, Limits
from sandboxes.errors import SandboxError
from sandboxes.recipe import read_recipe

if TYPE_CHECKING:
    from docker import DockerClient

    from agents.base import Provider
    from agents.sessions import Session
    from agents.vitest.lines import JavaScriptExplorer
    from sandboxes.environments.environments import Environments
    from sandboxes.images import BuildProgress, Images
    from sandboxes.pool import WarmPool
    from sandboxes.trial_builds import TrialBuilds

log = get_log(__name__)

AUTHORS = ("auto", "offline", "openai", "anthropic", "scripted:FILE")
BUILDERS = ("auto", "openai", "anthropic", "scripted:FILE")
"""Of whole projects: no search writes one."""
_NO_MODEL = (
    "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or OPENAI_BASE_URL for a server of your own; or replay a recorded session "
    "with --author scripted:FILE"
)
_QUESTIONS_OF_A_BUILD = 60
"""To the model of whoever called us, in one build."""


class OnDemand:
    """The Docker sandbox behind a pool, made when the first box is asked for: engine found, image present, orphans removed.

    *waiting* is told the id of a run that waits for a box, and how many runs are before it; None when it waits no longer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        notify: Callable[[str], None],
        waiting: Callable[[str, int | None], None] = lambda _run, _before: None,
    ) -> None:
        self._settings = settings
        self._notify = notify
        self._waiting = waiting
        self._lock = asyncio.Lock()
        self._client: DockerClient | None = None
        self._made: WarmPool | None = None
        self._expected = 0
        self._digests: dict[str, str] = {}
        self._warming: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox`, and `sandboxes.pool.WarmPool` for *tenant*."""
        pool = await self._pool()
        async with pool.open(run_id=run_id, limits=limits, tenant=tenant) as box:
            yield box

    def warm(self) -> None:
        """Begin to make the boxes that are kept ready. Where there is no engine yet, the first `open` tries again."""
        if self._warming is None:
            self._warming = asyncio.create_task(self._warm(), name="warm up")

    async def filled(self) -> None:
        """Wait until the boxes that are kept ready stand there; at once where none are kept, or none can be made."""
        if self._settings.pool:
            with suppress(SandboxError):
                pool = await self._pool()
                pool.warm(self._settings.limits)
                await pool.stock.filled()

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        """Begin to make the first box, which is about to be asked for, unless boxes are kept ready anyway.

        The task ends when the making has begun. It raises nothing: whoever asks for the box is told what is wrong.
        """
        if self._warming is None:
            self._warming = asyncio.create_task(self._begin(limits), name="begin a box")
        return self._warming

    def expect(self, boxes: int) -> None:
        """A run begins that will ask for so many boxes after its first one: each is made while the one before is used."""
        if self._made is None:
            self._expected += boxes
        else:
            self._made.stock.expect(boxes)

    async def image(self, environment: str = "") -> str:
        """Digest of the image that boxes of *environment* are made from, asked of the engine once; empty while it has none.

        *environment* as in `sandboxes.base.Limits`: the usual image where it is empty.

        Nothing is built and no box is made.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        digest = self._digests.get(environment)
        digest = digest or await digest_at_socket(environment or image_reference(self._settings))
        if not digest:
            named = self._settings.model_copy(update={"image": environment or self._settings.image})
            found = await make_images(named).find()
            digest = found.digest if found else ""
        self._digests[environment] = digest
        return digest

    async def close(self) -> None:
        """Remove what boxes are left, and close the connection to the engine."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()
        if self._client is not None:
            self._client.close()

    async def _warm(self) -> None:
        try:
            pool = await self._pool()
            pool.warm(self._settings.limits)
        except SandboxError as error:
            log.warning("not_warmed_up", error=error.what, hint=error.hint)

    async def _begin(self, limits: Limits) -> None:
        with suppress(SandboxError):
            pool = await self._pool()
            if not self._settings.pool:
                pool.stock.expect(1)
                pool.warm(limits)

    async def _pool(self) -> WarmPool:
        async with self._lock:
            self._made = self._made or await self._make()
            return self._made

    async def _make(self) -> WarmPool:
        # A command that opens no box need not pay for these imports.
        from engine.ahead import prepare  # noqa: PLC0415
        from sandboxes.docker import DockerSandbox, connect  # noqa: PLC0415
        from sandboxes.pool import WarmPool  # noqa: PLC0415
        from sandboxes.reaper import reap  # noqa: PLC0415

        route_structlog()
        if self._client is None:
            self._client = await asyncio.to_thread(connect)
        client = self._client
        await asyncio.to_thread(reap, client)
        image = await make_images(self._settings).ensure(self._tell)
        kept = self._settings.pool
        return WarmPool(
            DockerSandbox(client, image=image.reference, runtime=self._settings.runtime),
            target=1 if kept is None else kept,
            ahead=self._expected if kept is None else None,
            most=most_boxes(self._settings),
            runs=self._settings.parallel_runs,
            prepare=prepare,
            waiting=self._waiting,
        )

    def _tell(self, progress: BuildProgress) -> None:
        self._notify(f"sandbox image: {progress.line}")


def most_boxes(settings: Settings) -> int:
    """As many as the settings say, else what keeps every core busy beside those that are kept ready, and fits the memory.

    The memory is this machine's: where the engine is another machine's, ``MENDBOX_BOXES`` has to say.
    """
    if settings.boxes is not None:
        return settings.boxes
    cores = os.cpu_count() or 1
    mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    # a run has two boxes at a time
    return max(2, min(2 * (cores + 1), mib * 3 // 4 // settings.memory_mib))


def image_reference(settings: Settings) -> str:
    """Name of the image that boxes are made from: the ready one of the settings, or that of our recipe."""
    return settings.image or read_recipe(settings.base_image, programs=box_programs()).tag


def make_images(settings: Settings) -> Images:
    """The images of ours on the engine that the settings name."""
    from sandboxes.images import Images  # noqa: PLC0415 (as above)

    return Images(
        cache=Path(platformdirs.user_cache_dir("mendbox", appauthor=False)),
        image=settings.image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        programs=box_programs,
    )


def make_node_images(settings: Settings) -> Images:
    """The image with Node.js and a browser (`sandboxes.web`), which is made from our recipe where nobody has it yet."""
    from sandboxes.images import Images  # noqa: PLC0415 (as above)
    from sandboxes.web import node_cache, node_recipe  # noqa: PLC0415 (as above)

    return Images(
        cache=node_cache(Path(platformdirs.user_cache_dir("mendbox", appauthor=False))),
        image=settings.node_image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        recipe=node_recipe(read_recipe(settings.base_image, programs=box_programs())),
    )


def make_environments(settings: Settings, *, node: bool = False) -> Environments:
    """Images with the packages that projects need, over the one that the settings name; with *node* over that with
    Node.js and a browser, so that one box has both.
    """
    from sandboxes.environments.environments import Environments  # noqa: PLC0415 (as above)

    return Environments(
        cache=Path(platformdirs.user_cache_dir("mendbox", appauthor=False)),
        image=settings.node_image if node else settings.image,
        base_image=settings.base_image,
        debian_mirror=settings.debian_mirror,
        programs=box_programs,
        most_mib=settings.envs_mib,
        runtime=settings.runtime,
        node=node,
    )


def make_trial_builds() -> TrialBuilds:
    """Who really builds the images of a project, for those who ask for it; steps of a build have no network."""
    from sandboxes.docker import connect  # noqa: PLC0415 (as above)
    from sandboxes.trial_builds import TrialBuilds  # noqa: PLC0415 (as above)

    return TrialBuilds(connect)


@cache
def box_programs() -> Mapping[str, bytes]:
    """Sources of ours whose bytecode the image is to hold, by path below a box's tools folder: the judge's, and the
    packages of the search and of the improver.
    """
    from agents.offline.improving.toolbox import tools as improving  # noqa: PLC0415 (as above)
    from agents.offline.toolbox import tools as searching  # noqa: PLC0415 (as above)
    from engine.checks.base import inside_programs  # noqa: PLC0415 (as above)

    # The few files beside a package have one name in all, and are not worth it.
    packages = {
        path: text.encode() for tools in (searching(), improving()) for path, text in tools.items() if "/" in path
    }
    return MappingProxyType(inside_programs() | packages)


def make_author(
    spec: str,
    settings: Settings,
    *,
    workshop: Workshop,
    watch: Watcher = nobody,
    steps: Steps | None = None,
    listener: Listener = unheard,
    caller: Ask | None = None,
) -> Author:
    """The author that *spec* names; ``auto`` asks the offline one first, then every model there is a key for, and at last
    *caller*, which is the way to the model of whoever called us.

    *steps* keep what a search in *workshop* brought, and what a model said and looked at, for when the run goes on in
    another process. *listener* hears of each call of a model.

    Raises:
        UnknownAuthor: It names none, or what that author needs is missing.
    """
    kind, _, rest = spec.partition(":")
    match kind:
        case "scripted" if rest:
            return _scripted(rest, workshop, watch, steps)
        case "offline" if not rest:
            return _offline(workshop, watch, steps)
        case "openai" | "anthropic" if not rest:
            return _model(kind, settings, workshop, watch, steps, listener=listener)
        case "auto" if not rest:
            models = [
                _model(name, settings, workshop, watch, steps, listener=listener)
                for name in ("openai", "anthropic")
                if _configured(name, settings)
            ]
            if caller is not None:
                models.append(_callers(caller, settings, workshop, watch, steps, listener=listener))
            return Auto([_offline(workshop, watch, steps), *models])
    raise UnknownAuthor(f"there is no author {spec[:100]!r}", hint=f"choose one of {', '.join(AUTHORS)}")


def search_programs() -> Mapping[str, str]:
    """What the offline author lays into a box, by path: it also compares what two versions of a program do."""
    from agents.offline.toolbox import tools  # noqa: PLC0415 (only where it is asked)

    return tools()


def make_architects(spec: str, settings: Settings, *, listener: Listener = unheard) -> list[Architect]:
    """Those whom *spec* names, in the order in which they are asked; ``auto`` asks every model there is a key for, and at
    last the rule base.

    Raises:
        UnknownAuthor: It names none, or what that one needs is missing.
    """
    from agents.architect import ModelArchitect  # noqa: PLC0415 (only where it is asked)
    from agents.offline.architect.architect import RuleArchitect  # noqa: PLC0415 (only where it is asked)

    match spec.partition(":"):
        case ("scripted", ":", path) if path:
            return [ModelArchitect(_replies(path))]
        case ("offline", "", ""):
            return [RuleArchitect()]
        case ("openai" | "anthropic" as name, "", ""):
            if not _configured(name, settings):
                raise UnknownAuthor(_no_key(name), hint=_key_hint(name))
            return [ModelArchitect(ToldProvider(_provider(name, settings), listener))]
        case ("auto", "", ""):
            there = [name for name in ("openai", "anthropic") if _configured(name, settings)]
            models = [ModelArchitect(ToldProvider(_provider(name, settings), listener)) for name in there]
            return [*models, RuleArchitect()]
    raise UnknownAuthor(f"no architect is called {spec[:100]!r}", hint=f"choose one of {', '.join(AUTHORS)}")


def make_team(spec: str, settings: Settings, *, listener: Listener = unheard, caller: Ask | None = None) -> Team:
    """Those who build a project: *spec* names a model, or a recorded session as ``scripted:FILE``; ``auto`` takes the first
    model there is a key for, else *caller*, which is the way to the model of whoever called us.

    Raises:
        UnknownAuthor: It names none, or what that one needs is missing.
    """
    from agents.architect import ModelArchitect  # noqa: PLC0415 (only where it is asked)
    from agents.builder import ModelBuilder  # noqa: PLC0415 (only where it is asked)
    from agents.roles import CARDS  # noqa: PLC0415 (only where it is asked)

    match spec.partition(":"):
        case ("scripted", ":", path) if path:
            session = _session(path)
            return Team([session.architect()], session.builder)
        case ("openai" | "anthropic" as name, "", ""):
            if not _configured(name, settings):
                raise UnknownAuthor(_no_key(name), hint=_key_hint(name))
            first: list[str] = [name]
        case ("auto", "", ""):
            first = [each for each in ("openai", "anthropic") if _configured(each, settings)][:1]
            if not first and caller is None:
                raise UnknownAuthor("no model can be asked to build", hint=_NO_MODEL)
        case ("offline", "", ""):
            raise UnknownAuthor("the offline author mends programs, and builds none", hint=_NO_MODEL)
        case _:
            raise UnknownAuthor(f"there is no author {spec[:100]!r}", hint=f"choose one of {', '.join(BUILDERS)}")
    provider: Provider
    if first:
        provider = _provider(first[0], settings)
    else:
        assert caller is not None  # noqa: S101  # said above
        from agents.providers.caller import CallerProvider  # noqa: PLC0415 (as for the models with keys)

        provider = CallerProvider(caller, most=_QUESTIONS_OF_A_BUILD)
    told = ToldProvider(provider, listener)
    return Team([ModelArchitect(told)], lambda role, _: ModelBuilder(told, CARDS[role]))


def make_improver(workshop: Workshop, *, watch: Watcher = nobody) -> Improver:
    """Who makes green code faster or safer, in *workshop*."""
    from agents.offline.improving.improver import OfflineImprover  # noqa: PLC0415 (only where it is asked)

    return OfflineImprover(workshop, tell=_telling("improver", watch))


def make_tester(
    spec: str,
    settings: Settings,
    *,
    workshop: Workshop,
    watch: Watcher = nobody,
    listener: Listener = unheard,
    caller: Ask | None = None,
) -> Tester:
    """Who writes tests for code as it is, in *workshop*; ``auto`` asks every model there is a key for, then *caller*, which
    is the way to the model of whoever called us, and at last the one that needs none.

    Raises:
        UnknownAuthor: *spec* names none, or what that one needs is missing.
    """
    from agents.offline.testing.tester import OfflineTester  # noqa: PLC0415 (only where it is asked)
    from agents.tester import InTurn, ModelTester, Purse  # noqa: PLC0415 (only where it is asked)

    bench = OfflineTester(workshop, tell=_telling("tester", watch))
    purse = Purse(tokens=settings.tokens, usd=settings.usd)

    def asking(provider: Provider) -> Tester:
        tell = _telling(provider.name, watch)
        told = ToldProvider(provider, listener)
        return ModelTester(told, bench, purse=purse, tell=tell)

    match spec.partition(":"):
        case ("scripted", ":", path) if path:
            return asking(_replies(path))
        case ("offline", "", ""):
            return bench
        case ("openai" | "anthropic" as name, "", ""):
            if not _configured(name, settings):
                raise UnknownAuthor(_no_key(name), hint=_key_hint(name))
            return asking(_provider(name, settings))
        case ("auto", "", ""):
            models = [
                asking(_provider(name, settings)) for name in ("openai", "anthropic") if _configured(name, settings)
            ]
            if caller is not None:
                from agents.providers.caller import CallerProvider  # noqa: PLC0415 (as for the models with keys)

                models.append(asking(CallerProvider(caller)))
            return InTurn([*models, bench])
    raise UnknownAuthor(f"no tester is called {spec[:100]!r}", hint=f"choose one of {', '.join(AUTHORS)}")


def make_javascript_tester(workshop: Workshop, *, watch: Watcher = nobody) -> JavaScriptExplorer:
    """Who explores JavaScript and TypeScript as they are, in *workshop*, which has Node.js."""
    from agents.offline.testing.vitest.tester import JavaScriptTester  # noqa: PLC0415 (only where it is asked)

    return JavaScriptTester(workshop, tell=_telling("tester", watch))


def _offline(workshop: Workshop, watch: Watcher, steps: Steps | None) -> Author:
    from agents.offline.author import OfflineAuthor  # noqa: PLC0415 (only where it is asked)

    return OfflineAuthor(workshop, tell=_telling("offline", watch), steps=steps)


def _scripted(path: str, workshop: Workshop, watch: Watcher, steps: Steps | None) -> Author:
    from agents.scripted import Scripted, ScriptUnreadable  # noqa: PLC0415 (only where it is asked)

    try:
        return Scripted.read(Path(path), workshop=workshop, steps=steps, tell=_telling("scripted", watch))
    except ScriptUnreadable as error:
        raise UnknownAuthor(str(error), hint="give a script as: --author scripted:FILE") from error


def _replies(path: str) -> Provider:
    from agents.replying import RepliesUnreadable, ScriptedProvider  # noqa: PLC0415 (only where it is asked)

    try:
        return ScriptedProvider.read(Path(path))
    except RepliesUnreadable as error:
        raise UnknownAuthor(str(error), hint="give a script as: --author scripted:FILE") from error


def _session(path: str) -> Session:
    from agents.replying import RepliesUnreadable  # noqa: PLC0415 (only where it is asked)
    from agents.sessions import Session  # noqa: PLC0415 (only where it is asked)

    try:
        return Session.read(Path(path))
    except RepliesUnreadable as error:
        raise UnknownAuthor(str(error), hint="give a session as: --author scripted:FILE") from error


def _no_key(name: str) -> str:
    return f"the author {name!r} has no key"


def _key_hint(name: str) -> str:
    return f"set {name.upper()}_API_KEY, or choose --author offline"


def _configured(name: str, settings: Settings) -> bool:
    if name == "openai":
        return settings.openai_api_key is not None or settings.openai_base_url is not None
    return settings.anthropic_api_key is not None or settings.anthropic_base_url is not None


def _model(
    name: str, settings: Settings, workshop: Workshop, watch: Watcher, steps: Steps | None, *, listener: Listener
) -> Author:
    if not _configured(name, settings):
        raise UnknownAuthor(_no_key(name), hint=_key_hint(name))
    provider = ToldProvider(_provider(name, settings), listener)
    return _coder(provider, settings, workshop, watch, steps, looks=settings.looks)


def _callers(
    ask: Ask, settings: Settings, workshop: Workshop, watch: Watcher, steps: Steps | None, *, listener: Listener
) -> Author:
    from agents.providers.caller import CallerProvider  # noqa: PLC0415 (as for the models with keys)

    provider = ToldProvider(CallerProvider(ask), listener)
    # Each look takes one of the few questions that it may be asked.
    return _coder(provider, settings, workshop, watch, steps, looks=min(settings.looks, 2))


def _coder(
    provider: Provider, settings: Settings, workshop: Workshop, watch: Watcher, steps: Steps | None, *, looks: int
) -> Author:
    from agents.coder import Coder  # noqa: PLC0415 (what it asks models by is slow to import)

    return Coder(
        provider,
        room=settings.context_tokens,
        looks=looks,
        workshop=workshop,
        steps=steps,
        tell=_telling(provider.name, watch),
    )


def _telling(author: str, watch: Watcher) -> Callable[[str], None]:
    def tell(message: str) -> None:
        watch(AuthorProgress(author=author, message=message))

    return tell


def _provider(name: str, settings: Settings) -> Provider:
    from agents.prices import PricesUnreadable, read_prices  # noqa: PLC0415 (as above)

    try:
        prices = read_prices(settings.prices)
    except PricesUnreadable as error:
        raise BadSetting("MENDBOX_PRICES", str(error)) from error
    if name == "openai":
        from agents.providers.openai import OpenAIProvider  # noqa: PLC0415 (as above)

        return OpenAIProvider(
            model=settings.openai_model,
            prices=prices,
            key=settings.openai_api_key,
            base_url=settings.openai_base_url,
        )
    from agents.providers.anthropic import AnthropicProvider  # noqa: PLC0415 (as above)

    return AnthropicProvider(
        model=settings.anthropic_model,
        prices=prices,
        key=settings.anthropic_api_key,
        base_url=settings.anthropic_base_url,
    )
