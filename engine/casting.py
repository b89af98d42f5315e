"""Who takes part: authors, architects, builders, testers and improvers, each picked by its name; the only place beside
`engine.wiring` where concrete classes are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agents.auto import Auto
from agents.base import Author, Steps, Workshop
from agents.borrowed import Ask
from agents.building import Team
from agents.improving import Improver
from agents.plans.commission import Architect
from agents.testing import Tester
from engine.errors import BadSetting, UnknownAuthor
from engine.events import AuthorProgress, Listener, Watcher, nobody, unheard
from engine.overheard import ToldProvider
from engine.settings import Settings

if TYPE_CHECKING:
    from agents.base import Provider
    from agents.sessions import Session
    from agents.vitest.lines import JavaScriptExplorer

AUTHORS = ("auto", "offline", "openai", "anthropic", "scripted:FILE")
BUILDERS = ("auto", "openai", "anthropic", "scripted:FILE")
"""Of whole projects: no search writes one."""
_NO_MODEL = (
    "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or OPENAI_BASE_URL for a server of your own; or replay a recorded session "
    "with --author scripted:FILE"
)
_QUESTIONS_OF_A_BUILD = 60
"""To the model of whoever called us, in one build."""


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
    """Those who build a project: *spec* names a model, or a recorded session as ``scripted:FILE``; ``auto`` asks the first
    model there is a key for, where that is out the next, and at last *caller*, which is the way to the model of whoever
    called us.

    Raises:
        UnknownAuthor: It names none, or what that one needs is missing.
    """
    from agents.architect import ModelArchitect  # noqa: PLC0415 (only where it is asked)
    from agents.builder import ModelBuilder  # noqa: PLC0415 (only where it is asked)
    from agents.in_turn import ArchitectsInTurn, BuildersInTurn, Roster  # noqa: PLC0415 (only where it is asked)
    from agents.roles import CARDS  # noqa: PLC0415 (only where it is asked)

    match spec.partition(":"):
        case ("scripted", ":", path) if path:
            session = _session(path)
            return Team([session.architect()], session.builder)
        case ("openai" | "anthropic" as name, "", ""):
            if not _configured(name, settings):
                raise UnknownAuthor(_no_key(name), hint=_key_hint(name))
            providers = [_provider(name, settings)]
        case ("auto", "", ""):
            there = (name for name in ("openai", "anthropic") if _configured(name, settings))
            providers = [*(_provider(name, settings) for name in there), *_lent(caller)]
            if not providers:
                raise UnknownAuthor("no model can be asked to build", hint=_NO_MODEL)
        case ("offline", "", ""):
            raise UnknownAuthor("the offline author mends programs, and builds none", hint=_NO_MODEL)
        case _:
            raise UnknownAuthor(f"there is no author {spec[:100]!r}", hint=f"choose one of {', '.join(BUILDERS)}")
    told = [ToldProvider(provider, listener) for provider in providers]
    if len(told) == 1:
        return Team([ModelArchitect(told[0])], lambda role, _: ModelBuilder(told[0], CARDS[role]))
    # who is out is so for all roles
    roster = Roster()
    return Team(
        [ArchitectsInTurn([ModelArchitect(each) for each in told], roster)],
        lambda role, _: BuildersInTurn([ModelBuilder(each, CARDS[role]) for each in told], roster),
    )


def _lent(caller: Ask | None) -> Iterator[Provider]:
    if caller is not None:
        from agents.providers.caller import CallerProvider  # noqa: PLC0415 (as for the models with keys)

        yield CallerProvider(caller, most=_QUESTIONS_OF_A_BUILD)


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
