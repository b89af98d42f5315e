"""What a box is: the words a caller speaks to any sandbox, and the two protocols a sandbox keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

WORK = "/box/work"
"""Where the submitted files stand inside a box, and where commands start."""
TOOLS = "/box/tools"
"""Where the caller's own programs stand inside a box, apart from the submitted files."""
REPORT_FD_VARIABLE = "MENDBOX_REPORT_FD"
"""Environment variable that tells a command the number of its report pipe."""

Place = Literal["work", "tools"]
Ended = Literal["exited", "signalled", "timeout", "memory", "processes", "disk", "unasked"]


class Value(BaseModel):
    """A frozen record; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Value):
    """What one box may use. Every one is enforced and measured from inside, or the box refuses to open."""

    memory_mib: int = Field(default=512, ge=32, le=65_536)
    """Memory of all processes and of the work folder together, MiB. There is no swap."""
    cpus: float = Field(default=1.0, gt=0, le=256)
    """Processor cores."""
    processes: int = Field(default=128, ge=8, le=32_768)
    """Processes and threads alive at one time, the box's own first process included."""
    work_mib: int = Field(default=64, ge=1, le=65_536)
    """Size of the writable folders, MiB."""
    work_files: int = Field(default=10_000, ge=64, le=10_000_000)
    """Files and folders the writable folders may hold."""
    file_mib: int = Field(default=64, ge=1, le=65_536)
    """Largest single file, MiB."""
    open_files: int = Field(default=256, ge=32, le=65_536)
    """Open file descriptors of one process."""
    output_kib: int = Field(default=64, ge=1, le=16_384)
    """What is kept of each output stream, KiB: the first and the last half."""
    report_kib: int = Field(default=8_192, ge=1, le=65_536)
    """What is kept of the report pipe, KiB; a longer report is cut and marked."""
    seconds: float = Field(default=900.0, gt=0, le=86_400)
    """How long the box itself may live."""
    environment: str = Field(default="", max_length=200)
    """Name of the image that the box is made from, where it is to have more packages than the usual one."""


class Command(Value):
    """One program to run inside a box."""

    argv: tuple[str, ...] = Field(min_length=1)
    seconds: float = Field(default=10.0, gt=0, le=86_400)
    """Wall-clock deadline; the whole process tree is killed at its end."""
    stdin: bytes = b""
    env: Mapping[str, str] = {}
    """Added to the box's own allow-listed environment."""
    cwd: str = "."
    """Folder to start in, relative to the work folder."""
    warm: bool = False
    """Fork the guest's interpreter, which has pytest imported, instead of starting a new one.

    All forks of one box share its hash seed. Only for ``python``: ``argv`` is then ``("python", "script.py", ...)`` or ``("python", "-m", "module", ...)``.
    """
    held: bool = False
    """Beside others: it is started with them, but gets its standard input only when those that are not held have ended
    well; where one has not, it is killed, and its outcome is `unasked`."""


class Layer(Value):
    """Files that are laid into a box in one go."""

    files: Mapping[str, bytes]
    place: Place = "work"
    locked: bool = False


class Stream(Value):
    """What was kept of one output stream: its head, and its tail where something between was dropped."""

    head: bytes = b""
    tail: bytes = b""
    total_bytes: int = 0

    @property
    def truncated(self) -> bool:
        return self.total_bytes > len(self.head) + len(self.tail)

    @property
    def text(self) -> str:
        """Decoded safely; the cut is marked with the number of bytes left out."""
        head = self.head.decode("utf-8", "replace")
        if not self.truncated:
            return head + self.tail.decode("utf-8", "replace")
        left_out = self.total_bytes - len(self.head) - len(self.tail)
        return f"{head}\n[... {left_out} bytes left out ...]\n{self.tail.decode('utf-8', 'replace')}"


class Outcome(Value):
    """What happened to one command. A failing program is described here, never raised."""

    ended: Ended
    exit_code: int | None = None
    signal: int | None = None
    stdout: Stream = Stream()
    stderr: Stream = Stream()
    report: Stream = Stream()
    """What the command wrote to its report pipe. Data written by the box: bounded, and to be validated."""
    tampered: tuple[str, ...] = ()
    """Locked files that were changed, replaced or removed by the time the command ended."""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0

    @property
    def ok(self) -> bool:
        return self.ended == "exited" and self.exit_code == 0


class Measured(Value):
    """The limits in force, read from inside the box by its first process."""

    uid: int
    capabilities: int
    """Union of the effective, permitted, inheritable, bounding and ambient sets, as a bit mask: 0 is none."""
    no_new_privileges: bool
    seccomp: bool
    read_only_root: bool
    interfaces: tuple[str, ...]
    """Network interfaces other than loopback: must be empty."""
    memory_mib: int
    swap_mib: int
    cpus: float
    processes: int
    work_mib: int
    work_files: int
    file_mib: int
    open_files: int
    core_bytes: int
    cgroup: Literal["v1", "v2"]
    dumpable: bool
    """Whether another process of the box could trace the first process: must be false."""
    python: str
    """Version of the interpreter inside."""


class Box(Protocol):
    """One disposable container, open."""

    id: str
    image: str
    """Content digest of the image it was made from."""
    measured: Measured

    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        """Write *files* below *place*; *locked* ones are read-only and hashed again after every command.

        Raises:
            UnsafePath: A path is absolute, escapes its place, or is not plain.
            BoxFull: The files do not fit the box's limits.
            SandboxUnavailable: The box is gone.
        """

    async def clear(self, *, only: Place | None = None) -> None:
        """Remove everything that commands and `put` have left in the box; with *only*, what stands in that place.

        What one command left behind cannot reach the next; `put` has to be called anew, locks and tools included.
        """

    async def lay(self, *layers: Layer, only: Place | None = None) -> None:
        """`clear`, with *only* that place alone, then `put` each of *layers*; all in one exchange.

        Raises:
            UnsafePath, BoxFull, SandboxUnavailable: As `put` does.
        """

    async def run_beside(self, *commands: Command) -> tuple[Outcome, ...]:
        """Run all at the same time, and wait for all. Where the time of one is over, all that still run are killed.

        Raises:
            CommandMissing, SandboxUnavailable: As `run` does; then none of them tells anything.
        """

    async def prepare(self, programs: Layer, *commands: Command) -> None:
        """In a box that nobody has used, lay *programs* and start *commands* before anything is asked of it: as far as
        they come without their standard input.

        A `lay` that has these programs among its layers leaves them as they are, and the next `run` or `run_beside` gives
        the input to those that it names too, which then have less to do. Whatever else is done ends them. Only for
        programs that read their input before they look at what was put.
        """

    async def run(self, command: Command, *, on_report_line: Callable[[str], None] | None = None) -> Outcome:
        """Run *command* and wait for it; a cancelled call kills the box.

        *on_report_line* is called with each complete line of the report pipe as it comes, in the caller's
        event loop, up to `Limits.report_kib` in all. What it raises kills the box and comes out here.

        Raises:
            CommandMissing: The image has no such program.
            SandboxUnavailable: The box could not run the command at all, so the answer says nothing
                about the code inside.
        """

    async def take(self, paths: tuple[str, ...]) -> Mapping[str, bytes]:
        """Read regular files back from the work folder; what is no regular file or too large is left out."""


class Sandbox(Protocol):
    """Where boxes come from."""

    def open(self, *, run_id: str, limits: Limits) -> AbstractAsyncContextManager[Box]:
        """A box nobody has used, removed when the context ends.

        Raises:
            SandboxUnavailable: No engine, no image, no space, or it broke while starting.
            LimitNotEnforced: The engine does not enforce a limit, so the box is refused.
        """
