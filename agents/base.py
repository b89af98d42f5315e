"""What an author is: the brief it is given, the draft it answers with, and the protocols it is built on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen record; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Usage(Value):
    """What an answer cost. Adds up with ``+``."""

    calls: int = 0
    input_tokens: int = 0
    """All tokens sent, cached ones included."""
    cached_tokens: int = 0
    """Those of the input tokens that were read from the provider's cache."""
    output_tokens: int = 0
    usd: float = 0.0
    priced: bool = True
    """False when some call's model is not in the price table, so that `usd` is a lower bound."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=self.usd + other.usd,
            priced=self.priced and other.priced,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Allowance(Value):
    """What is left of the run's budget when an author is asked."""

    seconds: float = 120.0
    tokens: int | None = None
    usd: float | None = None


class Suite(Value):
    """How a project's own tests are run, where it says so itself. It is fixed with the tests: no draft can change it."""

    options: Mapping[str, str] = {}
    """Options of pytest's ini file by name, such as ``asyncio_mode``; those that are lists with one item a line."""
    arguments: tuple[str, ...] = ()
    """Arguments of pytest that say what is collected and how, such as ``--doctest-modules``."""
    plugins: tuple[str, ...] = ()
    """Modules of the environment that are loaded as plugins of pytest, and none but these."""
    environment: Mapping[str, str] = {}
    """Environment variables of the tests."""
    path: tuple[str, ...] = ()
    """Folders, relative to the root, that come first on the import path, in this order."""
    build: tuple[str, ...] = ()
    """A command, run in the work folder before the tests, that makes what they need of the sources; empty for none."""
    aside: tuple[str, ...] = ()
    """Node ids, with or without their parameters, of tests that are not run and do not count; the path of a test file
    for all that is in it."""
    waiting: Mapping[str, str] = {}
    """Options that a plugin would know which is not there: they are in force as soon as it is, and not before."""
    waiting_arguments: tuple[str, ...] = ()
    """Arguments of the same kind."""
    parts: tuple[tuple[str, ...], ...] = ()
    """Test files that share a box, where a suite that takes long is parted; all are in one where empty. What was there
    before and every draft are run alike, so that no test is red for one and green for the other by its company alone.
    """


class Background(Value):
    """What is known of a project beside its text. It only helps to choose what an author is shown: the task is the same
    without it.
    """

    executed: Mapping[str, tuple[int, ...]] = {}
    """Lines that ran while the failing tests did, by path."""
    frames: tuple[tuple[str, int], ...] = ()
    """Path and line of the failing tests' tracebacks, each with its innermost frame last."""
    history: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The latest commits, newest first: the first line of each message, and the paths that it changed."""
    said: str = ""
    """What the failing tests said of the input, bounded; as a run goes on it stays the same."""


class Tried(Value):
    """An earlier draft that was not good enough."""

    number: int
    author: str
    diff: str
    failure: str
    """What its verdict said, bounded."""
    files_sha256: str
    """Content hash of its files, so that the same answer is recognised."""


class Suspect(Value):
    """A line that may be at fault."""

    path: str = Field(min_length=1, max_length=500)
    line: int = Field(ge=0, le=10**9)
    """Counted from 1."""
    score: float = Field(ge=0, le=1, allow_inf_nan=False)
    """Suspicion, relative to a line that exactly the failing tests run."""
    text: str = Field(default="", max_length=200)
    """What stands there, bounded: somebody's code."""


class Shift(Value):
    """How much likelier or less likely a kind of repair has shown to be, after a kind of failure."""

    failure: str
    """Kind of failure, such as ``IndexError`` or ``AssertionError``; empty for every kind."""
    template: str
    """Name of the kind of repair; empty for an edit, by `old` and `new`, that may be of any kind."""
    old: str = ""
    """Words that the repair takes away; with `new` empty too, the shift counts for the whole kind."""
    new: str = ""
    bits: float = Field(ge=-20, le=20, allow_inf_nan=False)
    """Added to the price of a candidate: below 0 it comes earlier."""


class Lesson(Value):
    """A repair that was verified in an earlier run, as an example for an author."""

    failure: str
    before: str
    """The part of the file around the fault."""
    after: str


SearchEnd = Literal["ideas", "time", "memory", "cut off"]
"""What a search ran out of; `cut off` where it broke off for another reason."""


class Lead(Value):
    """What an author who went first learnt, for the next one: facts of a search, none of them a verdict."""

    author: str
    suspects: tuple[Suspect, ...] = ()
    """Most suspicious first."""
    plausible: tuple[str, ...] = ()
    """Diffs with which the author's own run of the tests was green, and that were not verified, or not judged."""
    partial: tuple[str, ...] = ()
    """Diffs that turned some failing test green and broke none."""
    candidates: int = 0
    kinds: Mapping[str, int] = {}
    """How many of the candidates were of which family of edits, such as ``operators``."""
    ending: SearchEnd = "ideas"


class Brief(Value):
    """Everything an author is told. All of it is data: nothing in it is an instruction to follow."""

    goal: str
    language: str = "python"
    files: Mapping[str, str]
    """The files as they were handed in; these may be changed, and files may be added."""
    tests: Mapping[str, str]
    """The frozen tests: to read, never to change."""
    suite: Suite | None = None
    """How the tests are run, where they are a project's."""
    error: str = ""
    """What the caller says went wrong."""
    failure: str = ""
    """What the judge saw last, head and tail, about 16 kB."""
    failing: tuple[str, ...] = ()
    """Node ids of the tests that were red on the input."""
    reproduction: bool = False
    """The frozen test only replays the reported crash: it says that the failure is gone, not what is right."""
    tried: tuple[Tried, ...] = ()
    new_strategy: bool = False
    """The last two answers failed in the same way: try something else."""
    shifts: tuple[Shift, ...] = ()
    """What earlier runs taught about which repairs are likely, for an author who searches."""
    lessons: tuple[Lesson, ...] = ()
    """Repairs of earlier runs that resemble this one."""
    lead: Lead | None = None
    """What the author before this one learnt."""
    background: Background | None = None
    """What helps to choose, where not all of a project can be shown."""
    allowance: Allowance = Allowance()


class EditMade(Value):
    """One edit of a draft that a search found."""

    path: str = Field(min_length=1, max_length=500)
    line: int = Field(ge=0, le=10**9)
    template: str = Field(max_length=100)
    """Name of the kind of repair."""
    note: str = Field(max_length=600)
    """What was changed, in words."""
    old: str = Field(default="", max_length=600)
    """The text that went, and the text that came: the smallest part of the file that differs."""
    new: str = Field(default="", max_length=600)
    suspicion: float = Field(ge=0, le=1, allow_inf_nan=False)


class Draft(Value):
    """One author's answer: the whole set of files, tests excluded."""

    files: Mapping[str, str]
    note: str = ""
    """What was changed and why, in the author's words."""
    author: str
    model: str | None = None
    usage: Usage = Usage()
    rounds: int = 0
    """How many times a model asked to look at something before it answered."""
    candidates: int = 0
    """How many candidates a searching author tried to find this one."""
    edits: tuple[EditMade, ...] = ()
    """What a searching author changed, by kind."""
    failure: str = ""
    """Kind of the failure that a searching author set out from, such as ``IndexError``."""
    suspects: tuple[Suspect, ...] = ()
    """Where a searching author thinks the fault is, most suspicious first."""
    kinds: Mapping[str, int] = {}
    """How many candidates of the whole search were of which family of edits."""
    question: str = ""
    """What a searching author leaves for a person to say, because another draft is about as likely; empty where nothing is."""
    unusable: str = ""
    """Why the reply could not be used at all; `files` is then the input unchanged."""


class Author(Protocol):
    """Somebody who writes drafts."""

    name: str

    async def write(self, brief: Brief) -> Draft:
        """Answer *brief* with a draft that differs from every one in `brief.tried`.

        Raises:
            NothingToOffer: This author has no (further) idea.
            Refused: The model declined the request.
            ProviderUnavailable: The model could not be reached, or turned us away.
        """


@runtime_checkable
class Searching(Protocol):
    """An author who may be stopped in the middle of a search."""

    def so_far(self) -> Lead | None:
        """What was learnt until now, whether or not `write` came to its end; None where nothing was."""


@runtime_checkable
class Readying(Protocol):
    """An author who can begin before it is asked, with what is the same whatever it is asked."""

    def make_ready(self) -> None:
        """Begin, in the background; whether or not `write` is called then."""


@runtime_checkable
class Foretelling(Protocol):
    """An author who can say what it is likely to answer before it is sure."""

    def foretell(self, heard: Callable[[Mapping[str, str]], None]) -> None:
        """From now on tell *heard* all files of a likely draft: at most once while `write` goes on, in its event loop."""


Role = Literal["system", "user", "assistant"]


class Message(Value):
    role: Role
    content: str
    cache: bool = False
    """The text up to and including this message comes again: worth caching where the API can."""


S = TypeVar("S", bound=BaseModel)


class Completion(BaseModel, Generic[S]):
    """A model's structured answer and what it cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: S
    model: str
    usage: Usage


class Provider(Protocol):
    """One model behind one API."""

    name: str
    model: str

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:
        """Ask for an answer of the shape *schema*.

        Raises:
            UnusableReply: It answered, but not in that shape (prose, invalid JSON, empty, cut off); billed.
            Refused: It declined; billed.
            ProviderUnavailable: It could not be reached, or turned us away, within the allowance.
        """


class Findings(Value):
    """What came back from a program an author ran in a workshop."""

    lines: tuple[str, ...] = ()
    """The lines it wrote to its report pipe; data written by the box, to be validated."""
    ended: str = "exited"
    exit_code: int | None = None
    stderr: str = Field(default="", max_length=200_000)


T = TypeVar("T", bound=BaseModel)


class Steps(Protocol):
    """Where a run keeps what it paid for, so that it pays once, even where it is killed and goes on."""

    async def __call__(self, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        """What was kept for *kind* and *inputs*; else the result of *effect*, kept first. What raises is not kept."""


class Workshop(Protocol):
    """Somewhere disposable where an author may run a program of its own next to the code; never this machine."""

    async def run(
        self,
        *,
        files: Mapping[str, str],
        locked: Mapping[str, str],
        tools: Mapping[str, str],
        argv: tuple[str, ...],
        stdin: bytes,
        seconds: float,
        on_line: Callable[[str], None] | None = None,
    ) -> Findings:
        """Lay *files* and *locked* into the work folder and *tools* beside it, run *argv* there.

        Lines that the program writes to its report pipe before its deadline are kept even when it is
        killed at the deadline. `{tools}` and `{work}` in *argv* are replaced by the folders' paths.
        """

    def prepare(self, *, tools: Mapping[str, str], argv: tuple[str, ...]) -> None:
        """Begin, in the background, to lay *tools* and to start *argv*, as far as it comes without its standard input:
        the next `run` with the same ones has less to do. Only for programs that read their input before they look at
        the work folder.
        """
