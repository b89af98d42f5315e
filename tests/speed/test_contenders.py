"""The contenders do the work, in containers that are closed in like ours, and answer what is true."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient

from engine.cli import main
from engine.cli.arguments import parse
from engine.cli.speed import read_plan
from engine.errors import BadInput
from engine.settings import Settings
from engine.speed.burst import burst
from engine.speed.containers import DockerExec, DockerRun
from engine.speed.contender import NotMeasured
from engine.speed.engine_room import EngineRoom, engine_room
from engine.speed.flags import hardened, run_flags
from engine.speed.output import pour
from engine.speed.peers import contender as peers
from engine.speed.suites import small
from sandboxes.base import Limits


@pytest.fixture
async def room(sandbox_image: str) -> AsyncIterator[EngineRoom]:
    """The engine, with nothing left behind."""
    async with engine_room(Settings(image=sandbox_image), print) as opened:
        yield opened


@pytest.mark.docker
def test_every_limit_of_a_box_becomes_a_flag(engine: DockerClient, tmp_path: Path):
    """Nothing of the hardening is dropped; a limit that no flag is known for is refused rather than left out."""
    made = hardened(engine.api, name="n", image="i", limits=Limits(), owner="o", runtime="runsc")

    flags = run_flags(made, folder=tmp_path)

    assert {"--read-only", "--cap-drop", "--pids-limit", "--memory-swap", "--ulimit", "--runtime"} <= set(flags)
    assert flags[flags.index("--network") + 1] == "none"
    assert f"seccomp={tmp_path / 'seccomp.json'}" in flags
    assert json.loads((tmp_path / "seccomp.json").read_text())["defaultAction"]
    with pytest.raises(ValueError, match="Devices"):
        run_flags({**made, "host_config": {**made["host_config"], "Devices": []}}, folder=tmp_path)


@pytest.mark.docker
@pytest.mark.parametrize("kind", [DockerRun, DockerExec])
@pytest.mark.parametrize("command", [True, False], ids=["by the command", "by the package"])
async def test_containers_answer_what_is_true(room: EngineRoom, kind: type[DockerRun | DockerExec], command: bool):
    """Green where it is, red where one function is wrong, also twice in a kept container."""
    contender = kind(room if command else replace(room, command=None))

    async with contender.ready():
        answers = [await contender.answer(suite) for suite in (small(), small().broken(), small())]
        await contender.settle()

    assert [answer.is_right(small()) for answer in answers] == [True, False, True]
    assert not answers[1].green


async def test_a_peer_that_is_not_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A reason, and never a number."""
    monkeypatch.setattr(peers, "ENVIRONMENT", tmp_path)
    peer = peers.Peer(room=None, name="p", about="", driver="swe_rex", mode="new")  # type: ignore[arg-type]

    with pytest.raises(NotMeasured, match="make bench-peers"):
        async with peer.ready():
            pass


@pytest.mark.docker
@pytest.mark.slow
async def test_many_requests_at_once_are_all_answered_right(room: EngineRoom):
    """Half of the code handed in is wrong; nothing is left when the pool is closed."""
    found = await burst(room, small(), requests=12)

    assert (found.right, found.left_behind) == (12, 0)


@pytest.mark.docker
async def test_output_is_counted_and_marked_as_cut(room: EngineRoom):
    """Also where it is one line."""
    little = await pour(room, what="little", size=1_000, one_line=False)
    much = await pour(room, what="much", size=5_000_000, one_line=True)

    assert (little.counted, little.cut) == (True, False)
    assert (much.counted, much.cut) == (True, True)


@pytest.mark.docker
@pytest.mark.slow
def test_a_look_measures_all_contenders_and_all_of_them_are_right(
    sandbox_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The one command: a document with every sample, a picture, progress beside it; no number decides anything."""
    monkeypatch.setenv("MENDBOX_IMAGE", sandbox_image)
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path / "data"))
    picture = tmp_path / "speed.svg"

    code = main(
        ["bench", "--speed", "--quick", "--rounds", "2", "--only", "small-busy,print", "--json", "--svg", str(picture)]
    )

    out, err = capsys.readouterr()
    document = json.loads(out)
    (comparison,) = document["comparisons"]
    rows = {row["contender"]: row for row in comparison["rows"]}
    ours = ["bare host, side by side", "bare host, one after another", "docker run --rm", "docker exec"]
    ours += ["Mendbox, cold", "Mendbox, warm", "Mendbox check, all proofs"]
    assert (code, comparison["load"]) == (0, "busy")
    assert {name: (rows[name]["wrong"], rows[name]["not_measured"]) for name in ours} == dict.fromkeys(ours, (0, ""))
    assert all(len(rows[name]["times"]["samples_ms"]) == 2 for name in ours)
    assert all(row["wrong"] == 0 for row in rows.values())
    assert len(document["greeting"]["warm"]["samples_ms"]) == 10
    assert document["greeting"]["wrong"] == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert "this takes about" in err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("bench --speed a.jsonl", "--speed takes no DATASET.jsonl", id="a dataset"),
        pytest.param("bench --speed --integrity", "--speed takes no", id="both"),
        pytest.param("bench --speed --only small,fast", "--only knows no 'fast'", id="no such part"),
        pytest.param("bench --speed --only", "expected one argument", id="no part"),
        pytest.param("bench --speed --rounds 0", "'0' is no number from 1", id="no rounds"),
        pytest.param("bench --speed --seconds-each never", "'never' is no number of seconds", id="no seconds"),
        pytest.param("bench --speed --svg /nowhere/at/all.svg", "cannot write", id="nowhere to draw"),
        pytest.param("bench --quick", "are for --speed", id="an option of --speed alone"),
        pytest.param("bench --only small --integrity", "are for --speed", id="beside another bench"),
    ],
)
def test_what_cannot_be_measured_is_exit_2(typed: str, said: str, capsys: pytest.CaptureFixture[str]):
    """With a word on what to do instead, before anything is started."""
    code = main(typed.split())

    assert code == 2
    assert said in capsys.readouterr().err


def test_parts_are_chosen_by_name():
    """And measured in their own order."""
    plan = read_plan(parse("bench --speed --only throughput,small --rounds 7 --seconds-each 2".split()))

    assert (plan.parts, plan.rounds, plan.seconds_each) == (("small", "throughput"), 7, 2.0)
    with pytest.raises(BadInput):
        read_plan(parse(["bench", "--speed", "--only", ""]))
