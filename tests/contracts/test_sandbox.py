"""What any sandbox promises, whatever it is made of."""

from __future__ import annotations

import asyncio
import time

import pytest

from sandboxes.base import TOOLS, Box, Command, Layer, Limits, Outcome, Sandbox
from sandboxes.errors import BoxFull, CommandMissing, SandboxUnavailable, UnsafePath

pytestmark = pytest.mark.docker

SMALL = Limits(memory_mib=96, processes=24, work_mib=16, work_files=256, file_mib=4, output_kib=4, report_kib=4)
PRELOADED = Command(
    argv=("python", "-m", "pytest", "--version"), warm=True, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
)
"""After this, every warm command is forked from an interpreter that holds pytest."""
WAYS = [pytest.param(True, id="warm"), pytest.param(False, id="cold")]


async def python(
    box: Box, code: str, *args: str, warm: bool = True, seconds: float = 10.0, stdin: bytes = b""
) -> Outcome:
    await box.put({"program.py": code.encode()})
    return await box.run(Command(argv=("python", "program.py", *args), warm=warm, seconds=seconds, stdin=stdin))


@pytest.mark.parametrize("warm", WAYS)
async def test_a_program_gets_its_words_and_input_and_its_output_and_exit_code_come_back(box: Box, *, warm: bool):
    """Arguments, stdin, environment and folder reach the program; both streams and the exit code come back."""
    code = "import os, sys\nprint(sys.argv, sys.stdin.read(), os.environ['WORD'], os.getcwd())\nprint('err', file=sys.stderr)\nsys.exit(7)"
    await box.put({"a b/ü.py": code.encode()})

    outcome = await box.run(
        Command(argv=("python", "ü.py", "a b", "ü"), cwd="a b", stdin="größe".encode(), env={"WORD": "wörd"}, warm=warm)
    )

    assert (outcome.ended, outcome.exit_code, outcome.ok) == ("exited", 7, False)
    assert outcome.stdout.text == "['ü.py', 'a b', 'ü'] größe wörd /box/work/a b\n"
    assert outcome.stderr.text == "err\n"


@pytest.mark.parametrize("warm", WAYS)
async def test_a_program_ends_as_it_would_anywhere(box: Box, *, warm: bool):
    """Threads are joined, exit handlers run, forgotten files are flushed, the traceback is the program's own."""
    code = """
import atexit, threading, time
out = open("out.txt", "w"); out.write("flushed")
atexit.register(lambda: print("handler"))
threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
print(__name__, __file__, sorted(n for n in globals() if not n.startswith("__")))
def deep(): raise ValueError("on purpose")
deep()
"""
    await box.run(PRELOADED)
    outcome = await python(box, code, warm=warm)
    taken = await box.take(("out.txt",))

    assert outcome.exit_code == 1
    assert (
        outcome.stdout.text == "__main__ /box/work/program.py ['atexit', 'out', 'threading', 'time']\nthread\nhandler\n"
    )
    assert outcome.stderr.text.startswith(
        'Traceback (most recent call last):\n  File "/box/work/program.py", line 8, in <module>'
    )
    assert "mendbox" not in outcome.stderr.text
    assert outcome.stderr.text.endswith("ValueError: on purpose\n")
    assert taken == {"out.txt": b"flushed"}


ENDINGS = {
    "a number": ("raise SystemExit(300)", 44, "", ""),
    "words": ("import sys; sys.exit('sorry')", 1, "", "sorry\n"),
    "nothing": ("raise SystemExit", 0, "", ""),
    "finalizers": (
        "class A:\n  def __del__(self): print('bye', name)\nname = 'n'\na = A(); b = [a]; b.append(b)",
        0,
        "bye n\n",
        "",
    ),
    "daemon thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint(1)",
        0,
        "1\n",
        "",
    ),
    "raw thread": ("import _thread, time\n_thread.start_new_thread(time.sleep, (60,))\nprint(1)", 0, "1\n", ""),
    "output closed": ("import os, sys\nprint(1)\nos.close(1)", 120, "", None),
    "output replaced": ("import io, sys\nprint(1)\nsys.stdout = io.StringIO()\nprint(2)", 0, "1\n", ""),
    "handler that fails": ("import atexit\n@atexit.register\ndef f(): raise KeyError(1)", 0, "", None),
    "killed from within": ("import os, sys\nprint(1)\nos._exit(3)", 3, "", ""),
}


@pytest.mark.parametrize("warm", WAYS)
async def test_every_way_to_end_is_the_interpreters_own(box: Box, *, warm: bool):
    """Exit code and output are the same whether a program was forked or started."""
    await box.run(PRELOADED)
    for name, (code, exit_code, stdout, stderr) in ENDINGS.items():
        outcome = await python(box, code, warm=warm)

        assert (outcome.exit_code, outcome.stdout.text) == (exit_code, stdout), name
        assert stderr is None or outcome.stderr.text == stderr, name


@pytest.mark.parametrize("warm", WAYS)
async def test_a_syntax_error_is_told_with_its_place(box: Box, *, warm: bool):
    """A program that does not parse ends with 1 and the usual words, and nothing of ours among them."""
    outcome = await python(box, "def f(:\n  pass\n", warm=warm)

    assert outcome.exit_code == 1
    assert "SyntaxError: invalid syntax" in outcome.stderr.text
    assert "mendbox" not in outcome.stderr.text


async def test_a_missing_script_is_the_program_failing(box: Box):
    """Python's own answer to a file that is not there: exit code 2 and one line."""
    outcome = await box.run(Command(argv=("python", "nothing.py"), warm=True))

    assert outcome.exit_code == 2
    assert "can't open file '/box/work/nothing.py'" in outcome.stderr.text


async def test_a_module_runs_warm(box: Box):
    """`python -m pytest` in a fork of the interpreter that has pytest imported."""
    await box.put({"test_x.py": b"def test_a(): pass\ndef test_b(): assert 1 == 2\n"})

    outcome = await box.run(
        Command(
            argv=("python", "-m", "pytest", "-q", "test_x.py"), warm=True, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        )
    )

    assert outcome.exit_code == 1
    assert "1 failed, 1 passed" in outcome.stdout.text


async def test_threads_processes_and_the_linter_work(box: Box):
    """The filter of system calls lets ordinary programs through."""
    code = """
import asyncio, concurrent.futures as cf, multiprocessing as mp, os, random, socket, subprocess, sys, tempfile, time
if __name__ == "__main__":
    with cf.ThreadPoolExecutor(4) as threads: assert list(threads.map(abs, [-1, -2])) == [1, 2]
    for way in ("fork", "spawn", "forkserver"):
        with mp.get_context(way).Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]
    assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\\n"
    with tempfile.TemporaryDirectory() as folder: open(folder + "/x", "w").close()
    server = socket.create_server(("127.0.0.1", 0)); socket.create_connection(server.getsockname()).close()
    asyncio.run(asyncio.sleep(0))
    print(os.path.expanduser("~"), tempfile.gettempdir())
"""
    outcome = await python(box, code, warm=False)
    linted = await box.run(Command(argv=("ruff", "check", "--no-cache", "--isolated", "program.py")))

    assert outcome.stderr.text == ""
    assert outcome.stdout.text == "/box/tmp /box/tmp\n"
    assert (linted.ended, linted.exit_code) == ("exited", 1)


async def test_a_signal_is_told(box: Box):
    """A program that dies by a signal is told from one that exits."""
    outcome = await python(box, "import os; os.kill(os.getpid(), 11)")

    assert (outcome.ended, outcome.signal, outcome.exit_code) == ("signalled", 11, None)


async def test_time_runs_out_for_the_whole_tree(box: Box):
    """What ignores signals, left its session or was forked twice dies as well, and output up to then is kept."""
    code = """
import os, signal, sys, time
print("begun", flush=True)
for n in range(1, 40):
    try: signal.signal(n, signal.SIG_IGN)
    except OSError: pass
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: break
        os._exit(0)
while True: time.sleep(1)
"""
    outcome = await python(box, code, seconds=0.5)
    others = await python(box, "import os; print([p for p in os.listdir('/proc') if p.isdigit()], os.getpid())")

    assert outcome.ended == "timeout"
    assert outcome.stdout.text == "begun\n"
    assert 0.5 <= outcome.seconds < 2
    listed, _, own = others.stdout.text.strip().rpartition(" ")
    assert listed == str(["1", own])


async def test_nothing_survives_a_command_that_ended_by_itself(box: Box):
    """A daemon that holds the output open neither hangs the command nor lives on."""
    code = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    time.sleep(60)
print("done")
"""
    started = time.monotonic()
    outcome = await python(box, code)
    others = await python(box, "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))")

    assert outcome.ok
    assert time.monotonic() - started < 5
    assert others.stdout.text == "2\n"


async def test_each_limit_that_is_met_is_told_apart(sandbox: Sandbox):
    """Memory, processes, space, number of files and size of a file, each by its own word or with `disk`; then the box still works."""
    async with sandbox.open(run_id="limits", limits=SMALL) as box:
        memory = await python(box, "x = bytearray(300 << 20)")
        child = await python(
            box,
            "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', 'x = bytearray(300 << 20)']).returncode)",
        )
        forks = await python(box, "import os, time\nwhile True:\n  if os.fork() == 0: time.sleep(9)", seconds=8)
        bomb = await python(box, "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", seconds=5)
        threads = await python(
            box,
            "import threading, time\nfor _ in range(99): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        )
        space = await python(box, "for n in range(9): open(f'f{n}', 'wb').write(bytes(3 << 20))")
        await python(box, "import glob, os\nfor n in glob.glob('f?'): os.remove(n)")
        inodes = await python(box, "for n in range(999): open(f'i{n}', 'w').close()")
        await python(box, "import glob, os\nfor n in glob.glob('i*'): os.remove(n)")
        size = await python(box, "open('large', 'wb').write(bytes(5 << 20))")
        handled = await python(box, "try: open('large', 'ab').write(bytes(5 << 20))\nexcept OSError: print('handled')")
        shell = await box.run(Command(argv=("sh", "-c", "rm large; exec cat /dev/zero > large")))
        fine = await python(box, "print(1)")

    assert [memory.ended, child.ended] == ["memory", "memory"]
    assert [forks.ended, bomb.ended, threads.ended] == ["processes"] * 3, (forks, bomb, threads)
    assert [space.ended, inodes.ended, size.ended, shell.ended] == ["disk"] * 4
    assert (handled.ended, handled.stdout.text) == ("exited", "handled\n")
    assert fine.ok


async def test_a_memory_kill_that_takes_the_first_process_is_still_a_value(sandbox: Sandbox):
    """Where nobody else is left to kill, the box itself goes: the outcome is `memory`, and the box is gone after it."""
    async with sandbox.open(run_id="alone", limits=Limits(memory_mib=32)) as box:
        outcome = await box.run(Command(argv=("cat",), stdin=bytes(20 << 20)))
        with pytest.raises(SandboxUnavailable):
            await box.run(Command(argv=("true",)))

    assert outcome.ended == "memory"


async def test_a_flood_is_counted_and_cut(box: Box):
    """300 MB in one line, and as much on the other stream: head and tail are kept, the rest is only counted."""
    code = """
import os, threading
def flood(fd):
    os.write(fd, b"head ")
    chunk = bytes(1 << 20)
    for _ in range(300):
        view = memoryview(chunk)
        while view: view = view[os.write(fd, view):]
    os.write(fd, b" tail")
other = threading.Thread(target=flood, args=(2,)); other.start(); flood(1); other.join()
"""
    outcome = await python(box, code, seconds=30)

    assert outcome.ok
    for stream in (outcome.stdout, outcome.stderr):
        assert stream.total_bytes == (300 << 20) + 10
        assert len(stream.head) + len(stream.tail) == 64 << 10
        assert stream.head.startswith(b"head ")
        assert stream.tail.endswith(b" tail")
        assert stream.truncated
    assert outcome.seconds < 10


async def test_small_writes_keep_their_order_and_tail(sandbox: Sandbox):
    """Many short lines: the first and the last ones are there."""
    async with sandbox.open(run_id="lines", limits=SMALL) as box:
        outcome = await python(box, "for n in range(50_000): print(n, flush=n % 100 == 0)")

    assert outcome.stdout.head.startswith(b"0\n1\n2\n")
    assert outcome.stdout.tail.endswith(b"49998\n49999\n")
    assert outcome.stdout.total_bytes == sum(len(str(n)) + 1 for n in range(50_000))


async def test_a_report_has_its_own_pipe_and_comes_as_it_is_written(box: Box):
    """The number is in the environment; complete lines are told at once, all of it stands in the outcome."""
    code = "import os, time\nf = os.fdopen(int(os.environ['MENDBOX_REPORT_FD']), 'w', buffering=1)\nf.write('one\\ntw'); f.flush()\ntime.sleep(0.6)\nf.write('o\\nrest')"
    heard: list[tuple[str, float]] = []
    started = time.monotonic()

    await box.put({"program.py": code.encode()})
    outcome = await box.run(
        Command(argv=("python", "program.py"), warm=True),
        on_report_line=lambda line: heard.append((line, time.monotonic() - started)),
    )

    assert outcome.report.head == b"one\ntwo\nrest"
    assert [line for line, _ in heard] == ["one", "two"]
    assert heard[1][1] - heard[0][1] > 0.4


async def test_a_report_that_is_too_long_is_cut(sandbox: Sandbox):
    """Beyond its limit a report is counted, not kept, and no more lines of it are told."""
    async with sandbox.open(run_id="report", limits=SMALL) as box:
        heard: list[str] = []
        await box.put({"program.py": b"import os\nfor n in range(5000): os.write(3, b'line\\n')"})
        outcome = await box.run(Command(argv=("python", "program.py")), on_report_line=heard.append)

    assert outcome.report.truncated
    assert len(heard) == 4096 // 5


async def test_a_listener_that_fails_ends_the_command(box: Box):
    """What the caller's own function raises comes out of `run`, and nothing goes on running for nobody."""

    def listen(line: str) -> None:
        raise LookupError(line)

    await box.put({"program.py": b"import os, time\nos.write(3, b'x\\n'); time.sleep(60)"})
    with pytest.raises(LookupError):
        await box.run(Command(argv=("python", "program.py")), on_report_line=listen)

    with pytest.raises(SandboxUnavailable):
        await box.run(Command(argv=("true",)))


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("import os; os.chmod('t/test.py', 0o644); open('t/test.py', 'w').write('x')", id="written"),
        pytest.param("import os; os.chmod('t', 0o755); os.remove('t/test.py')", id="removed"),
        pytest.param(
            "import os; os.chmod('t', 0o755); os.rename('t', 'u'); os.symlink('u', 't')", id="folder-is-a-link"
        ),
        pytest.param(
            "import os; os.chmod('t', 0o755); os.rename('t/test.py', 'c'); os.symlink('../c', 't/test.py')",
            id="file-is-a-link",
        ),
        pytest.param("import os; os.chmod('t', 0o755); os.remove('t/test.py'); os.mkfifo('t/test.py')", id="pipe"),
    ],
)
async def test_a_locked_file_that_changed_is_named(box: Box, attack: str):
    """Whatever was done to it, also in the run after; one that was left alone is not named."""
    await box.put({"t/test.py": b"original"}, locked=True)
    await box.put({"tool.py": b"original"}, place="tools", locked=True)

    before = await python(box, "print(open('t/test.py').read(), open('/box/tools/tool.py').read())")
    outcome = await python(box, attack)
    after = await python(box, "pass")

    assert (before.stdout.text, before.tampered) == ("original original\n", ())
    assert outcome.ok
    assert outcome.tampered == ("t/test.py",)
    assert after.tampered == ("t/test.py",)


async def test_locked_files_cannot_be_written_by_a_well_behaved_program(box: Box):
    """Neither changed nor joined by new ones in their folder; and a later draft cannot replace them."""
    await box.put({"t/test.py": b"original"}, locked=True)

    change = await python(box, "open('t/test.py', 'w')")
    join = await python(box, "open('t/new.py', 'w')")

    assert "PermissionError" in change.stderr.text
    assert "PermissionError" in join.stderr.text
    with pytest.raises(UnsafePath, match="locked"):
        await box.put({"t/test.py": b"draft"})
    await box.put({"t/more.py": b"more"})
    await box.put({"t/test.py": b"changed"}, locked=True)
    assert (await python(box, "print(open('t/test.py').read())")).stdout.text == "changed\n"


async def test_only_regular_files_of_the_work_folder_are_taken(box: Box):
    """No link, nothing behind a link, no pipe, no folder, nothing too large, nothing from elsewhere."""
    code = """
import os
open("plain", "w").write("yes"); os.makedirs("d/e"); open("d/e/ü x", "w").write("deep")
os.symlink("plain", "link"); os.symlink("/etc", "etc"); os.symlink("d", "d2"); os.mkfifo("pipe")
with open("large", "wb") as f: f.truncate(64 << 20)
with open("3mb", "wb") as f: f.write(b"x" * (3 << 20))
"""
    await python(box, code)

    taken = await box.take(
        (
            "plain",
            "d/e/ü x",
            "link",
            "etc/passwd",
            "d2/e/ü x",
            "pipe",
            "d",
            "none",
            "3mb",
            "/etc/passwd",
            "../tmp/x",
            "a\0b",
        )
    )

    assert {name: len(content) for name, content in taken.items()} == {"plain": 3, "d/e/ü x": 4, "3mb": 3 << 20}


UNSAFE = [
    "",
    "/etc/x",
    "../x",
    "a/../../x",
    "a//b",
    "./x",
    "a/.",
    "a\0b",
    "a\nb",
    "a\\b",
    "x" * 256,
    "d/" * 600,
    "\ud800",
    "a\u202eb",
]


async def test_a_path_that_could_leave_its_folder_is_refused(box: Box):
    """Before anything is written."""
    for path in UNSAFE:
        with pytest.raises(UnsafePath):
            await box.put({"good": b"", path: b""})

    assert await box.take(("good",)) == {}


async def test_a_link_that_a_program_left_is_not_followed_when_files_are_put(box: Box):
    """The link is replaced, its target stays as it was."""
    await python(
        box,
        "import os\nos.mkdir('real'); open('real/f', 'w').write('old')\nos.symlink('real', 'dir'); os.symlink('real/f', 'file')\nos.makedirs('deep/er')",
    )

    await box.put({"dir/f": b"new", "file": b"new", "deep": b"now a file"})

    taken = await box.take(("real/f", "dir/f", "file", "deep"))
    assert taken == {"real/f": b"old", "dir/f": b"new", "file": b"new", "deep": b"now a file"}


async def test_many_and_large_files_arrive_whole(box: Box):
    """More than one message's worth of either."""
    files = {f"n/{n}.txt": str(n).encode() for n in range(1_200)} | {"large": bytes(range(256)) * 20_000, "empty": b""}

    await box.put(files)

    assert await box.take(tuple(files)) == files


async def test_files_that_do_not_fit_are_refused(sandbox: Sandbox):
    """By size or by number, told before or while they are written; nothing hangs."""
    async with sandbox.open(run_id="full", limits=SMALL) as box:
        with pytest.raises(BoxFull):
            await box.put({"large": bytes(17 << 20)})
        with pytest.raises(BoxFull):
            await box.put({"over the size of one file": bytes(6 << 20)})
        with pytest.raises(BoxFull):
            await box.put({f"{n}/{n}": b"" for n in range(200)})


async def test_a_program_that_is_not_there_is_not_the_codes_fault(box: Box):
    """Told as what the image lacks."""
    with pytest.raises(CommandMissing, match="no-such-program"):
        await box.run(Command(argv=("no-such-program",)))
    with pytest.raises(UnsafePath):
        await box.run(Command(argv=("true",), cwd="nowhere"))
    with pytest.raises(UnsafePath):
        await box.run(Command(argv=("true",), cwd="../tools"))
    for warm in (True, False):
        for words, env in (
            (("python", "program.py"), {"a=b": "c"}),
            (("python", "program.py"), {"a": "b\0"}),
            (("true", "a\0b"), {}),
            (("true", "x" * 500_000), {}),
            (("true", "x" * 2_000_000), {}),
        ):
            with pytest.raises(CommandMissing):
                await box.run(Command(argv=words, env=env, warm=warm))
    assert (await box.run(Command(argv=("true",)))).ok


async def test_stdin_is_fed_in_full_and_may_be_left_unread(box: Box):
    """Megabytes arrive; a program that does not read them still ends."""
    large = bytes(range(256)) * 12_000

    read = await python(box, "import sys; print(len(sys.stdin.buffer.read()))", stdin=large)
    unread = await python(box, "import sys; sys.stdin.close(); print('done')", stdin=large)

    assert read.stdout.text == f"{len(large)}\n"
    assert unread.stdout.text == "done\n"


async def test_costs_are_measured(box: Box):
    """Wall clock, processor time of the whole tree, and the most memory."""
    outcome = await python(
        box,
        "import time\nx = bytearray(100 << 20)\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass",
    )

    assert 0.25 < outcome.cpu_seconds < 2
    assert outcome.peak_mib > 100
    assert outcome.seconds > 0.3


async def test_a_box_is_new_and_gone_afterwards(sandbox: Sandbox):
    """Nothing passes from one box to the next, and a closed one says so."""
    async with sandbox.open(run_id="one", limits=Limits()) as one:
        await one.put({"left": b"x"})
    async with sandbox.open(run_id="two", limits=Limits()) as two:
        assert await two.take(("left",)) == {}

    assert one.id != two.id
    with pytest.raises(SandboxUnavailable, match="closed"):
        await one.run(Command(argv=("true",)))


async def test_commands_of_one_box_wait_for_each_other(box: Box):
    """Two at once are run one after the other, whole."""
    await box.put({"program.py": b"import time; print(1); time.sleep(0.2); print(2)"})

    outcomes = await asyncio.gather(*(box.run(Command(argv=("python", "program.py"), warm=True)) for _ in range(3)))

    assert [outcome.stdout.text for outcome in outcomes] == ["1\n2\n"] * 3


async def test_a_box_ends_when_its_own_life_is_over(sandbox: Sandbox):
    """A command is cut off at the end of the box's life, and then the box is gone by itself."""
    async with sandbox.open(run_id="life", limits=Limits(seconds=1.0)) as box:
        outcome = await python(box, "import time; time.sleep(60)", seconds=60)
        await asyncio.sleep(1)
        with pytest.raises(SandboxUnavailable):
            await box.run(Command(argv=("true",)))

    assert outcome.ended == "timeout"
    assert outcome.seconds < 2


LEFT_BEHIND = """
import os
home = os.environ["HOME"]
for place in (".", home, "/tmp", "/dev/shm"):
    for name in ("file", ".hidden", "deep/er/file"):
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w") as out:
            out.write("left behind")
    os.symlink("/etc", os.path.join(place, "link"))
    os.mkfifo(os.path.join(place, "pipe"))
    os.mkdir(os.path.join(place, "closed"))
    os.mkdir(os.path.join(place, "closed/inner"))
    os.chmod(os.path.join(place, "closed/inner"), 0)
    os.chmod(os.path.join(place, "closed"), 0)
    os.chmod(os.path.join(place, "file"), 0)
"""
LOOK = """
import os
for place in (".", os.environ["HOME"], os.environ["TMPDIR"], "/tmp", "/dev/shm"):
    print(place, sorted(name for name in os.listdir(place) if name != "program.py"), os.access(place, os.W_OK))
"""


async def test_a_box_that_was_cleared_holds_nothing_of_what_was_run(box: Box):
    """Work, home, temporary folders and shared memory are empty and writable, whatever modes and kinds of files lay there."""
    left = await python(box, LEFT_BEHIND)
    assert left.ok, left.stderr.text
    await box.clear()

    found = await python(box, LOOK)

    assert [line.split(" ", 1)[1] for line in found.stdout.text.splitlines()] == ["[] True"] * 5


REPLACED = {
    "all folders closed": "import os\nfor name in ('work', 'tools', 'tmp', ''):\n    os.chmod(f'/box/{name}', 0)",
    "a file in the place of home": "import os, shutil; home = os.environ['HOME']; shutil.rmtree(home); open(home, 'w').close()",
    "a link in the place of home": "import os, shutil; home = os.environ['HOME']; shutil.rmtree(home); os.symlink('/tmp', home)",
    "no home": "import os, shutil; shutil.rmtree(os.environ['HOME'])",
    "the work folder renamed": "import os; os.rename('/box/work', '/box/other'); os.mkdir('/box/work', 0o500)",
    "a link in the place of the work folder": "import os; os.rename('/box/work', '/box/other'); os.symlink('/etc', '/box/work')",
}


@pytest.mark.parametrize("attack", REPLACED.values(), ids=REPLACED)
async def test_folders_that_were_replaced_are_there_again_when_the_box_is_cleared(box: Box, attack: str):
    """Nothing outside of them is touched, and the next command finds them as the first did."""
    await python(box, attack)
    await box.clear()

    found = await python(box, LOOK)
    others = await python(box, "import os; print(sorted(os.listdir('/box')), os.path.isfile('/etc/passwd'))")

    assert [line.split(" ", 1)[1] for line in found.stdout.text.splitlines()] == ["[] True"] * 5
    assert others.stdout.text == "['tmp', 'tools', 'work'] True\n"


async def test_a_box_that_was_cleared_has_forgotten_its_locks_and_tools(box: Box):
    """What was locked may be written anew, is no longer looked after, and is not reported as gone."""
    await box.put({"t/test.py": b"old"}, locked=True)
    await box.put({"tool.py": b"print('old')"}, place="tools", locked=True)
    await box.clear()

    nothing = await python(box, "import os; print(os.listdir('/box/tools'), os.path.exists('t'))")
    await box.put({"t/test.py": b"new"})
    changed = await python(box, "open('t/test.py', 'w').write('newer')")

    assert (nothing.stdout.text, nothing.tampered) == ("[] False\n", ())
    assert (changed.ok, changed.tampered) == (True, ())
    assert await box.take(("t/test.py",)) == {"t/test.py": b"newer"}


async def test_tools_are_cleared_even_where_their_folder_was_closed(box: Box):
    """Whatever a command has done to it."""
    await box.put({"tool.py": b"1"}, place="tools", locked=True)
    await python(box, "import os; os.chmod('/box/tools', 0)")
    await box.clear(only="tools")
    await box.put({"tool.py": b"print('new')"}, place="tools", locked=True)

    assert (await box.run(Command(argv=("python", "/box/tools/tool.py")))).stdout.text == "new\n"


async def test_one_place_can_be_cleared_alone(box: Box):
    """The tools, with their locks; what was left in the work folder stays, and its locks as well."""
    await box.put({"t/test.py": b"original"}, locked=True)
    await box.put({"tool.py": b"1", "gone.py": b"2"}, place="tools", locked=True)
    await python(
        box,
        "import os\nopen('left.txt', 'w').write('here')\nos.chmod('/box/tools', 0o755)\nopen('/box/tools/more.py', 'w').close()",
    )
    await box.clear(only="tools")
    await box.put({"tool.py": b"print('new')"}, place="tools", locked=True)

    found = await python(box, "import os; print(os.listdir('/box/tools'), open('left.txt').read())")
    changed = await python(box, "import os; os.chmod('t', 0o755); os.remove('t/test.py')")

    assert (found.stdout.text, found.tampered) == ("['tool.py'] here\n", ())
    assert changed.tampered == ("t/test.py",)


@pytest.mark.parametrize("warm", WAYS)
async def test_a_cleared_box_goes_on_as_a_new_one(box: Box, *, warm: bool):
    """Time and again, whatever was running in it."""
    for number in range(3):
        await python(
            box,
            "import subprocess, sys\nopen('x', 'w').close()\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
            warm=warm,
        )
        await box.clear()
        again = await python(box, f"import os; print({number}, os.listdir('.'))", warm=warm)
        assert again.stdout.text == f"{number} ['program.py']\n"


async def test_commands_beside_each_other_run_at_the_same_time(box: Box):
    """Each finds out that the other is there, and each has its own words, input, output and end."""
    meet = (
        "import pathlib, sys, time\n"
        "mine, other, code = sys.argv[1:]\n"
        "pathlib.Path(mine).touch()\n"
        "while not pathlib.Path(other).exists(): time.sleep(0.001)\n"
        "print(mine, sys.stdin.read())\n"
        "sys.exit(int(code))\n"
    )
    await box.put({"meet.py": meet.encode()})

    one, two = await box.run_beside(
        Command(argv=("python", "meet.py", "a", "b", "0"), stdin=b"first"),
        Command(argv=("python", "meet.py", "b", "a", "4"), stdin=b"second", warm=True),
    )

    assert (one.stdout.text, one.ended, one.exit_code) == ("a first\n", "exited", 0)
    assert (two.stdout.text, two.ended, two.exit_code) == ("b second\n", "exited", 4)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_a_held_command_has_its_input_only_when_the_others_have_ended(box: Box, *, warm: bool):
    """It is started with them, and what it does before it reads may overlap; what comes after may not."""
    others = "import pathlib, time\ntime.sleep(0.3)\npathlib.Path('done').touch()\n"
    held = "import pathlib, sys\ntext = sys.stdin.read()\nprint(text, pathlib.Path('done').exists())\n"
    await box.put({"others.py": others.encode(), "held.py": held.encode()})

    outcome, _ = await box.run_beside(
        Command(argv=("python", "held.py"), stdin=b"now", held=True, warm=warm), Command(argv=("python", "others.py"))
    )

    assert (outcome.stdout.text, outcome.ok) == ("now True\n", True)


async def test_a_held_command_is_not_wanted_where_another_has_failed(box: Box):
    """It never sees its input, and its outcome is not one of a program that ran."""
    held = "import pathlib, sys\nsys.stdin.read()\npathlib.Path('ran').touch()\n"
    await box.put({"held.py": held.encode()})

    failed, unasked = await box.run_beside(
        Command(argv=("python", "-c", "raise SystemExit(3)")),
        Command(argv=("python", "held.py"), held=True, warm=True),
    )

    assert (failed.ended, failed.exit_code) == ("exited", 3)
    assert (unasked.ended, unasked.exit_code, unasked.stdout.text) == ("unasked", None, "")
    assert not await box.take(("ran",))


async def test_the_time_of_one_is_the_end_of_all_that_still_run(box: Box):
    """Nothing of them is left, and what had ended by then ended as it did."""
    await box.put({"sleep.py": b"import time\ntime.sleep(60)\n"})

    quick, slow, beside = await box.run_beside(
        Command(argv=("python", "-c", "print('well')")),
        Command(argv=("python", "sleep.py"), seconds=1.0),
        Command(argv=("python", "sleep.py", "too"), seconds=50.0),
    )
    after = await box.run(
        Command(argv=("python", "-c", "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"))
    )

    assert (quick.ok, quick.stdout.text) == (True, "well\n")
    assert (slow.ended, beside.ended) == ("timeout", "timeout")
    assert after.stdout.text == "2\n"


@pytest.mark.parametrize(
    "waiting", ["import sys; sys.stdin.read()", "pass"], ids=["that waits", "that had ended before it was its turn"]
)
@pytest.mark.parametrize(
    ("other", "ended"),
    [("import time; time.sleep(60)", "timeout"), ("import time; time.sleep(0.5); exit(3)", "exited")],
)
async def test_a_held_command_is_unasked_whatever_kept_the_others_from_ending_well(
    box: Box, waiting: str, other: str, ended: str
):
    """Also where they ran out of time; and the box goes on."""
    slow, held = await box.run_beside(
        Command(argv=("python", "-c", other), seconds=1.0), Command(argv=("python", "-c", waiting), held=True)
    )

    assert (slow.ended, held.ended, held.exit_code, held.seconds) == (ended, "unasked", None, 0.0)
    assert (await box.run(Command(argv=("echo", "on")))).stdout.text == "on\n"


async def test_a_held_command_that_ended_before_its_turn_took_the_time_until_then(box: Box):
    """Never less than none."""
    _, early = await box.run_beside(
        Command(argv=("python", "-c", "import time; time.sleep(0.5)")), Command(argv=("true",), held=True)
    )

    assert early.ok
    assert early.seconds >= 0.0


async def test_of_commands_beside_each_other_a_missing_program_fails_all(box: Box):
    """Nothing is left running, and the box goes on."""
    with pytest.raises(CommandMissing, match="no-such-program"):
        await box.run_beside(Command(argv=("sleep", "50")), Command(argv=("no-such-program",)))
    with pytest.raises(CommandMissing, match="NUL"):
        await box.run_beside(Command(argv=("echo", "a\0b")), Command(argv=("echo", "fine")))

    assert (await box.run(Command(argv=("echo", "on")))).stdout.text == "on\n"


def programs(text: str) -> Layer:
    return Layer(files={"program.py": text.encode()}, place="tools", locked=True)


AHEAD = Command(argv=("python", f"{TOOLS}/program.py"), warm=True)


async def test_what_was_started_ahead_and_went_with_another_is_started_anew(box: Box):
    """A program that the image lacks takes all with it; whoever asks for the others then never notices."""
    with pytest.raises(CommandMissing, match="no-such-program"):
        await box.prepare(programs("print(input())\n"), AHEAD, Command(argv=("no-such-program",)))

    outcome = await box.run(AHEAD.model_copy(update={"stdin": b"well"}))

    assert (outcome.stdout.text, outcome.ok) == ("well\n", True)


async def test_what_was_started_ahead_serves_the_next_command(box: Box):
    """It has come as far as its input when that is given; every later one is started as usual."""
    program = programs(
        "import os, sys\nready = os.path.exists('late.txt')\nprint(ready, sys.stdin.read(), os.getpid())\n"
    )
    await box.prepare(program, AHEAD)
    await asyncio.sleep(0.5)
    await box.lay(Layer(files={"late.txt": b""}), program)

    first = await box.run(AHEAD.model_copy(update={"stdin": b"one"}))
    second = await box.run(AHEAD.model_copy(update={"stdin": b"two"}))

    assert first.stdout.text.startswith("False one ")
    assert second.stdout.text.startswith("True two ")


async def test_what_was_started_ahead_is_not_disturbed_by_files_that_come_at_once(box: Box):
    """It may not even have read its own text yet."""
    program = programs("import sys\n" + "x = 1\n" * 50_000 + "print(sys.stdin.read())\n")
    await box.prepare(program, AHEAD)
    await box.lay(Layer(files={"a.py": b""}), program)

    assert (await box.run(AHEAD.model_copy(update={"stdin": b"one"}))).stdout.text == "one\n"


async def test_what_was_started_ahead_and_is_not_wanted_is_ended(box: Box):
    """By whatever is run next, before that has begun; and by other files in the place of its own."""
    count = Command(argv=("python", "-c", "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"))
    program = programs("import sys\nsys.stdin.read()\n")
    await box.prepare(program, AHEAD)
    seen = await box.run(count)
    await box.prepare(program, AHEAD)
    await box.lay(programs("print('other')\n"))
    other = await box.run(AHEAD)

    assert seen.stdout.text == "2\n"
    assert other.stdout.text == "other\n"


async def test_a_command_never_meets_what_was_started_ahead_for_another(box: Box):
    """Not even one that looks at once: what waits is ours, and nobody's to look into."""
    look = Command(argv=("sh", "-c", "echo /proc/[0-9]*"))
    for _ in range(5):
        await box.prepare(programs("import sys\nsys.stdin.read()\n"), *[AHEAD] * 5)

        assert len((await box.run(look)).stdout.text.split()) == 2


async def test_what_was_started_ahead_and_has_died_is_started_anew(box: Box):
    """A process that ended by itself cannot take an input."""
    once = "import sys, pathlib\np = pathlib.Path('/box/tmp/x')\nif not p.exists():\n    p.touch()\n    sys.exit(9)\n"
    await box.prepare(programs(once + "print(sys.stdin.read())\n"), AHEAD)
    await asyncio.sleep(0.5)

    assert (await box.run(AHEAD.model_copy(update={"stdin": b"again"}))).stdout.text == "again\n"


async def test_layers_are_laid_over_an_emptied_box(box: Box):
    """In one exchange: what was there is gone, each file is where and as it should be, and a bad path changes nothing."""
    await box.put({"old.py": b"x = 1\n"})
    await box.run(Command(argv=("python", "-c", "open('left', 'w')")))

    await box.lay(
        Layer(files={"a.py": b"a"}),
        Layer(files={"t.py": b"t"}, locked=True),
        Layer(files={"p.py": b"p"}, place="tools"),
    )

    assert await box.take(("old.py", "left", "a.py", "t.py")) == {"a.py": b"a", "t.py": b"t"}
    spoilt = await box.run(Command(argv=("python", "-c", "import os; os.remove('t.py')")))
    assert spoilt.tampered == ("t.py",)
    with pytest.raises(UnsafePath):
        await box.lay(Layer(files={"../b.py": b"b"}))
    assert await box.take(("a.py",)) == {"a.py": b"a"}
