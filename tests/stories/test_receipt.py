"""A receipt goes to somebody who trusts nobody: who signed it, is it whole, and does the same verdict come out again?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
BROKEN = "def mean(values):\n    return sum(values) / (len(values) - 1)\n"
TESTS = (
    "from stats import mean\n\n\n"
    "def test_of_three():\n    assert mean([1, 2, 6]) == 3\n\n\n"
    "def test_of_noughts():\n    assert mean([0, 0, 0]) == 0\n"
)
SCRIPT = [{"edits": [{"path": "stats.py", "search": "(len(values) - 1)", "replace": "len(values)"}]}]
CRASHING = "PRICES = {'tea': 3}\nprint('hello')\nprint(PRICES['jam'])\n"
MENDED = [{"edits": [{"path": "shop.py", "search": "PRICES['jam']", "replace": "PRICES.get('jam')"}]}]


@pytest.fixture
def project(tmp_path: Path, sandbox_image: str) -> Path:
    """A broken program, a script that mends it, and a pair of keys."""
    (tmp_path / "stats.py").write_text(BROKEN)
    (tmp_path / "test_stats.py").write_text(TESTS)
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT))
    key = Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    return tmp_path


def mendbox(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    keep = {
        name: value for name, value in os.environ.items() if not name.startswith(("MENDBOX", "OPENAI", "ANTHROPIC"))
    }
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        cwd=project,
        env=keep | {"PYTHONPATH": str(ROOT), "MENDBOX_DATA_DIR": str(project / "data")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_signed_receipt_is_verified_by_judging_again(project: Path) -> None:
    """Somebody with the file, its texts and the public key gets the same verdict; one flipped bit is found."""
    fixed = mendbox(
        project,
        *("fix", "stats.py", "--tests", "test_stats.py", "--author", "scripted:script.json", "--json"),
        *("--receipt", "receipt.json", "--sign", "key"),
    )
    run = json.loads(fixed.stdout)
    verified = mendbox(project, "verify", "receipt.json", "--key", "key.pub", "--json")
    same = json.loads(verified.stdout)
    shown = mendbox(project, "verify", "receipt.json")

    assert (fixed.returncode, run["outcome"], run["receipt_file"]) == (0, "verified", "receipt.json"), fixed.stderr
    assert (verified.returncode, same["same"], same["outcome"]) == (0, True, "verified"), verified.stdout
    assert (same["differences"], same["circumstances"]) == ([], [])
    assert same["signature"].startswith("valid, by the key ")
    assert same["run"] != run["id"]
    assert shown.returncode == 0
    assert "the same verdict came out: verified" in shown.stdout
    assert "not checked: give --key" in shown.stdout

    blob = project / "receipt.json.blobs" / run["receipt"]["files_after"]["stats.py"]
    raw = bytearray(blob.read_bytes())
    raw[5] ^= 1
    blob.write_bytes(raw)
    flipped = mendbox(project, "verify", "receipt.json", "--key", "key.pub", "--json")

    assert flipped.returncode == 1
    assert blob.name in json.loads(flipped.stdout)["differences"][0]


def test_a_proof_that_was_never_given_is_found_out(project: Path) -> None:
    """Code that was right before shows nothing red; an edited receipt that claims so does not come out again."""
    (project / "right.py").write_text(BROKEN.replace("(len(values) - 1)", "len(values)"))
    (project / "test_right.py").write_text(TESTS.replace("from stats", "from right"))
    checked = mendbox(
        project,
        *("check", "right.py", "--tests", "test_right.py", "--before", "right.py", "--receipt", "receipt.json"),
    )
    honest = mendbox(project, "verify", "receipt.json", "--json")
    path = project / "receipt.json"
    document = json.loads(path.read_text())
    predicate, ours = document["predicate"], document["predicate"]["mendbox"]
    was = (predicate["result"], ours["outcome"])
    predicate["result"], ours["outcome"] = "PASSED", "verified"
    for proof in ours["proofs"]:
        proof["held"] = True
    path.write_text(json.dumps(document))
    edited = mendbox(project, "verify", "receipt.json", "--json")
    unsigned = mendbox(project, "verify", "receipt.json", "--key", "key.pub")

    assert (checked.returncode, was) == (1, ("WARNED", "unverified"))
    assert (honest.returncode, json.loads(honest.stdout)["outcome"]) == (0, "unverified")
    assert edited.returncode == 1
    differences = "\n".join(json.loads(edited.stdout)["differences"])
    assert "outcome: verified in the receipt, unverified now" in differences
    assert "proof 'red before': held in the receipt, not held now" in differences
    assert (unsigned.returncode, "not signed" in unsigned.stdout) == (1, True)


def test_new_code_and_reproductions_can_be_verified_too(project: Path) -> None:
    """Against empty modules, and by the frozen test that Mendbox wrote itself."""
    (project / "new.py").write_text(BROKEN.replace("(len(values) - 1)", "len(values)"))
    (project / "test_new.py").write_text(TESTS.replace("from stats", "from new"))
    (project / "shop.py").write_text(CRASHING)
    (project / "script.json").write_text(json.dumps(MENDED))
    mendbox(project, "check", "new.py", "--tests", "test_new.py", "--receipt", "new.json")
    fixed = mendbox(
        project,
        *("fix", "shop.py", "--error", "KeyError: 'jam'", "--author", "scripted:script.json", "--json"),
    )
    run = json.loads(fixed.stdout)
    mendbox(project, "show", run["id"], "--receipt", "shop.json")

    new = mendbox(project, "verify", "new.json", "--json")
    shop = mendbox(project, "verify", "shop.json", "--json")

    assert run["receipt"]["tests_from"] == "reproduction"
    for verified in (new, shop):
        document = json.loads(verified.stdout)
        assert (verified.returncode, document["outcome"], document["differences"]) == (0, "verified", [])
