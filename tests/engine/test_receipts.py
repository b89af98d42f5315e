"""A receipt: what it says, who signed it, and what is wrong with one that was damaged or edited."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from engine.case import Case
from engine.cli import entry
from engine.conclusion import conclude
from engine.conduct import Conductor
from engine.domain import Attempt, Run, TestEnd, Verdict, sha256
from engine.errors import BadInput
from engine.events import nobody
from engine.journal import Journal
from engine.receipts.again import task_of
from engine.receipts.blobs import read_evidence
from engine.receipts.comparing import compare
from engine.receipts.envelope import Envelope, pae, seal
from engine.receipts.errors import BadKey, NoReceipt, ReceiptUnreadable, Unfitting
from engine.receipts.keys import key_id, read_private_key, read_public_key
from engine.receipts.reading import open_receipt
from engine.receipts.statement import Statement
from engine.receipts.storing import blobs_of, require_writable, store
from sandboxes.base import Limits
from tests.engine import made

IMAGE = "5" * 64
BEFORE = {"solution.py": made.WRONG}
AFTER = {"solution.py": made.RIGHT}
REPLAY = "def test_the_reported_failure_is_gone():\n    pass\n"
Document = dict[str, object]


def green(files: Mapping[str, str], *unheld: str, **ends: TestEnd) -> Verdict:
    report = made.report("tests", tests=made.results(**(ends or {"test_add": "passed", "test_windows": "skipped"})))
    verdict = made.green(files, *unheld)
    return verdict.model_copy(update={"image": f"sha256:{IMAGE}", "reports": (*verdict.reports[:2], report)})


def ended(*unheld: str, case: Case | None = None) -> Run:
    """A run in which the second of two drafts was green, with all proofs but the *unheld*."""
    case = case or made.case()
    attempts = [made.attempt(1), made.attempt(2, AFTER, green(AFTER, *unheld))]
    return conclude(made.run(case.task), case, attempts)


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    """An unsigned receipt of a verified run, with its texts."""
    path = tmp_path / "receipt.json"
    store(ended(), path)
    return path


def told(path: Path) -> Document:
    document: Document = json.loads(path.read_text())
    return document


def part(document: Document, *names: str) -> Document:
    for name in names:
        inner = document[name]
        assert isinstance(inner, dict)
        document = inner
    return document


def edit(path: Path, change: Callable[[Document], object]) -> None:
    document = told(path)
    change(document)
    path.write_text(json.dumps(document))


def digests(document: Document) -> dict[str, str]:
    subjects = document["subject"]
    assert isinstance(subjects, list)
    return {one["name"]: one["digest"]["sha256"] for one in subjects}


def test_a_receipt_is_an_in_toto_statement(receipt: Path) -> None:
    """With the names of the specification, every subject by what it is, and the verdict in both vocabularies."""
    document = told(receipt)
    predicate, ours = part(document, "predicate"), part(document, "predicate", "mendbox")

    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert digests(document) == {
        "after/solution.py": sha256(made.RIGHT),
        "before/solution.py": sha256(made.WRONG),
        "tests/test_solution.py": sha256(made.TEST),
        "image": IMAGE,
    }
    assert predicate["result"] == "PASSED"
    assert [one["name"] for one in predicate["configuration"]] == ["tests/test_solution.py", "image"]  # type: ignore[attr-defined]
    assert predicate["passedTests"] == [made.NODE]
    assert predicate["warnedTests"] == ["test_solution.py::test_windows"]
    assert predicate["failedTests"] == []
    assert (ours["outcome"], ours["tier"], ours["stand_in"]) == ("verified", "same-process", False)
    assert ours["endings"] == {"test_solution.py::test_windows": "skipped"}
    assert part(ours, "limits")["memory_mib"] == Limits().memory_mib
    assert part(ours, "measured")["uid"] == made.MEASURED.uid


def test_the_texts_lie_beside_it_by_their_hashes(receipt: Path) -> None:
    """Once each, as they were judged; nothing half written is left."""
    lie = {path.name: path.read_bytes().decode() for path in blobs_of(receipt).iterdir()}

    assert lie == {sha256(text): text for text in (made.WRONG, made.RIGHT, made.TEST)}
    assert {path.name for path in receipt.parent.iterdir()} == {"receipt.json", "receipt.json.blobs"}


@pytest.mark.parametrize(
    ("unheld", "outcome", "result"),
    [
        pytest.param((), "verified", "PASSED", id="verified"),
        pytest.param(("red before",), "unverified", "WARNED", id="a proof is missing"),
        pytest.param(("repeat agrees",), "no_fix", "FAILED", id="flaky"),
    ],
)
def test_only_verified_passes(tmp_path: Path, unheld: tuple[str, ...], outcome: str, result: str) -> None:
    """Green without proof is a warning, and a flaky draft failed, about the very files that were judged."""
    path = tmp_path / "receipt.json"

    store(ended(*unheld), path)

    document = told(path)
    assert part(document, "predicate", "mendbox")["outcome"] == outcome
    assert part(document, "predicate")["result"] == result
    assert digests(document)["after/solution.py"] == sha256(made.RIGHT)


def test_the_test_of_a_reproduction_is_kept(tmp_path: Path) -> None:
    """The caller never had it, so nobody else could bring it along."""
    of = made.task(tests={}, error="AssertionError")
    case = made.case(of, tests={"test_reproduction.py": REPLAY}, tests_from="reproduction")
    path = tmp_path / "receipt.json"

    store(ended(case=case), path)

    opened = open_receipt(path)
    assert opened.statement.predicate.mendbox.tests_from == "reproduction"
    assert read_evidence(opened.statement, blobs_of(path)).tests == {"test_reproduction.py": REPLAY}


def test_no_key_travels_with_a_receipt(tmp_path: Path) -> None:
    """What somebody pasted along with the error is not passed on; it takes no part in judging."""
    key = "sk-" + "ant-0123456789abcdefghij"
    case = made.case(made.task(error=f"AuthenticationError: {key}", goal=f"Make {key} work."))
    path = tmp_path / "receipt.json"

    store(ended(case=case), path)

    assert key not in path.read_text()
    assert "AuthenticationError" in open_receipt(path).statement.predicate.mendbox.error


async def test_a_check_without_an_earlier_version_names_its_stand_ins(tmp_path: Path) -> None:
    """They are empty modules, and the receipt says that this is what they are."""
    judge = made.OpinionatedJudge(lambda files, case: made.red(files) if case.baseline is None else green(files))
    conductor = Conductor(sandbox=made.PlayedSandbox(), judge=judge, record=made.MemoryRecord(), watch=nobody)
    path = tmp_path / "receipt.json"

    run = await conductor.check(made.run(made.task(files=AFTER)), AFTER, None)
    store(run, path)

    opened = open_receipt(path)
    assert opened.statement.predicate.mendbox.stand_in
    assert read_evidence(opened.statement, blobs_of(path)).before == {"solution.py": ""}


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(conclude(made.run(), made.case(), [made.attempt()]), id="no fix"),
        pytest.param(made.run(), id="still running"),
        pytest.param(ended().model_copy(update={"attempts": ()}), id="its attempts are lost"),
        pytest.param(ended().model_copy(update={"task": made.task(tests={})}), id="its tests are lost"),
    ],
)
def test_a_run_without_a_receipt_leaves_no_file(tmp_path: Path, run: Run) -> None:
    """Said in a sentence that names the run."""
    with pytest.raises(NoReceipt, match=run.id):
        store(run, tmp_path / "receipt.json")

    assert list(tmp_path.iterdir()) == []


def test_an_older_receipt_stays_whole_when_the_new_one_cannot_be_written(receipt: Path) -> None:
    """Texts first, the statement last, every file in one step."""
    was = receipt.read_bytes()
    in_the_way = blobs_of(receipt) / sha256(made.TEST)
    in_the_way.unlink()
    in_the_way.mkdir()

    with pytest.raises(OSError, match=in_the_way.name):
        store(ended("red before"), receipt)

    assert receipt.read_bytes() == was
    assert not [path for path in blobs_of(receipt).iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("", "is a folder", id="a folder"),
        pytest.param("nowhere/receipt.json", "no folder", id="in no folder"),
        pytest.param("taken", "is no folder", id="its blobs' place is a file"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str, said: str) -> None:
    """Before an hour of healing, not after it."""
    (tmp_path / "taken.blobs").write_text("")

    with pytest.raises(BadInput, match=said):
        require_writable(tmp_path / name)


def written(path: Path, key: Ed25519PrivateKey, form: PrivateFormat, lock: KeySerializationEncryption) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, form, lock))
    return path


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.OpenSSH], ids=["openssl", "ssh-keygen"])
def test_a_signed_receipt_is_opened_with_the_public_key(tmp_path: Path, form: PrivateFormat) -> None:
    """As openssl or ssh-keygen wrote the pair; the key's id is the hash of its standard form."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    pem, ssh = tmp_path / "key.pem", tmp_path / "key.pub"
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    ssh.write_bytes(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b" somebody@somewhere\n")
    path = tmp_path / "receipt.json"

    store(ended(), path, read_private_key(written(tmp_path / "key", key, form, NoEncryption())))

    envelope = Envelope.model_validate_json(path.read_bytes())
    assert envelope.payload_type == "application/vnd.in-toto+json"
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert [one.keyid for one in envelope.signatures] == [sha256(der)]
    for opened in (open_receipt(path, read_public_key(pem)), open_receipt(path, read_public_key(ssh))):
        assert (opened.signed, opened.checked) == (True, True)
        assert opened.statement.predicate.mendbox.outcome == "verified"
    assert (open_receipt(path).signed, open_receipt(path).checked) == (True, False)


def test_what_is_signed_is_encoded_as_the_specification_says() -> None:
    """Its own example."""
    encoded = pae("http://example.com/HelloWorld", b"hello world")

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_both_alphabets_and_foreign_signatures_are_taken(tmp_path: Path) -> None:
    """One fitting signature is enough, wherever it stands and whatever its key id says."""
    ours, others = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    content = b'{"?": ">>>???~~~"}'
    envelope = seal(content, ours)
    foreign = seal(content, others).signatures
    sent = envelope.model_copy(
        update={
            "payload": envelope.payload.translate({ord("+"): "-", ord("/"): "_"}),
            "signatures": (*foreign, *(one.model_copy(update={"keyid": ""}) for one in envelope.signatures)),
        }
    )

    assert sent.payload != envelope.payload
    assert sent.signed_by(ours.public_key())
    assert not envelope.signed_by(others.public_key())


def test_an_unsigned_receipt_is_refused_where_a_key_is_given(receipt: Path) -> None:
    """Nothing in it is looked at."""
    with pytest.raises(Unfitting, match="not signed"):
        open_receipt(receipt, Ed25519PrivateKey.generate().public_key())


def test_a_receipt_that_was_changed_after_it_was_signed_does_not_fit(tmp_path: Path) -> None:
    """Neither its content nor its type can be another one, nor the key."""
    key, path = Ed25519PrivateKey.generate(), tmp_path / "receipt.json"
    store(ended("red before"), path, key)
    signed = told(path)
    payload = base64.b64decode(str(signed["payload"]))
    better = base64.b64encode(payload.replace(b'"unverified"', b'"verified"')).decode()

    for change in ({"payload": better}, {"payloadType": "application/json"}, {"signatures": []}):
        path.write_text(json.dumps(signed | change))
        with pytest.raises(Unfitting, match="signatures"):
            open_receipt(path, key.public_key())
    path.write_text(json.dumps(signed))
    with pytest.raises(Unfitting, match="signatures"):
        open_receipt(path, Ed25519PrivateKey.generate().public_key())


def test_a_key_that_cannot_sign_is_refused(tmp_path: Path) -> None:
    """Encrypted, of another kind, public, no key at all, or not there."""
    key, path = Ed25519PrivateKey.generate(), tmp_path / "key"
    with pytest.raises(BadKey, match="cannot read"):
        read_private_key(path)
    written(path, key, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    with pytest.raises(BadKey, match="encrypted"):
        read_private_key(path)
    path.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(BadKey, match="not an ed25519"):
        read_private_key(path)
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(BadKey, match="no private"):
        read_private_key(path)
    path.write_bytes(b"\0" * 100_000)
    with pytest.raises(BadKey, match="too large"):
        read_private_key(path)
    with pytest.raises(BadKey, match="no file"):
        read_private_key(tmp_path)


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    """Whoever checks a signature should not even have it."""
    key = Ed25519PrivateKey.generate()

    with pytest.raises(BadKey, match="public one"):
        read_public_key(written(tmp_path / "key", key, PrivateFormat.OpenSSH, NoEncryption()))
    assert len(key_id(key.public_key())) == 64


def _subject(name: str, digest: str = "0" * 64) -> Document:
    return {"name": name, "digest": {"sha256": digest}}


def _add(document: Document, *subjects: Document) -> None:
    listed = document["subject"]
    assert isinstance(listed, list)
    listed += subjects


def _without(document: Document, start: str) -> None:
    listed = document["subject"]
    assert isinstance(listed, list)
    document["subject"] = [one for one in listed if not one["name"].startswith(start)]


def _ours(document: Document, **more: object) -> None:
    part(document, "predicate", "mendbox").update(more)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"), "_type", id="another statement"),
        pytest.param(
            lambda d: d.update(predicateType="https://slsa.dev/provenance/v1"), "predicateType", id="another predicate"
        ),
        pytest.param(lambda d: d.pop("predicateType"), "predicateType", id="no predicate type"),
        pytest.param(lambda d: _add(d, _subject("after/solution.py")), "there twice", id="a subject twice"),
        pytest.param(lambda d: _add(d, _subject("after/../../etc/passwd")), "cannot be used", id="out of its folder"),
        pytest.param(lambda d: _add(d, _subject("before//etc/passwd")), "cannot be used", id="absolute"),
        pytest.param(lambda d: _add(d, _subject("after/a\nb.py")), "cannot be used", id="a line feed"),
        pytest.param(lambda d: _add(d, _subject("later/solution.py")), "nobody knows", id="an unknown part"),
        pytest.param(lambda d: _add(d, _subject("after/b.py", "../../x")), "cannot be read", id="no digest"),
        pytest.param(lambda d: _without(d, "after/"), "nothing to judge", id="no files"),
        pytest.param(lambda d: _without(d, "image"), "no subject 'image'", id="no image"),
        pytest.param(lambda d: part(d, "predicate").update(configuration=[]), "configuration", id="no configuration"),
        pytest.param(lambda d: part(d, "predicate").update(result="FINE"), "cannot be read", id="an unknown result"),
        pytest.param(lambda d: part(d, "predicate").pop("mendbox"), "cannot be read", id="nothing of ours"),
        pytest.param(
            lambda d: part(d, "predicate").update(failedTests=[made.NODE]), "named twice", id="a test in two lists"
        ),
        pytest.param(lambda d: part(d, "predicate").update(warnedTests=[]), "endings", id="an ending in no list"),
        pytest.param(lambda d: _ours(d, test_seconds=1e9), "cannot be read", id="an endless test"),
        pytest.param(lambda d: _ours(d, language="cobol"), "cannot be read", id="an unknown language"),
        pytest.param(lambda d: _ours(d, shortcut=True), "shortcut", id="an unknown field of ours"),
        pytest.param(lambda d: _ours(d, stand_in="yes"), "stand_in", id="a word for a truth"),
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused(
    receipt: Path, change: Callable[[Document], object], said: str
) -> None:
    """In a sentence that names what; nothing is run."""
    edit(receipt, change)

    with pytest.raises(ReceiptUnreadable, match=said):
        open_receipt(receipt)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"", "no JSON", id="empty"),
        pytest.param(b'{"_type": "https://in-to', "no JSON", id="cut off"),
        pytest.param(b"[]", "no JSON object", id="a list"),
        pytest.param(b'{"_type": NaN}', "NaN", id="not a number"),
        pytest.param(b'{"_type": "a", "_type": "b"}', "twice", id="a name twice"),
        pytest.param(b'{"a":' * 200_000, "nested|no JSON", id="nested without end"),
        pytest.param(b'{"_type": "\xff"}', "no UTF-8", id="no text"),
        pytest.param(b'{"_type": "\\ud800"}', "_type", id="half a character"),
        pytest.param(b" " * (33 * 2**20), "larger than", id="too large"),
        pytest.param(
            b'{"payloadType": "application/json", "payload": "e30=", "signatures": []}', "envelope holds", id="foreign"
        ),
        pytest.param(
            b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30", "signatures": []}',
            "damaged",
            id="no base64",
        ),
        pytest.param(
            b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}',
            "no receipt of a test result",
            id="an empty envelope",
        ),
        pytest.param(b'{"payload": "e30="}', "payloadType", id="half an envelope"),
    ],
)
def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path, raw: bytes, said: str) -> None:
    """Whatever it holds."""
    path = tmp_path / "receipt.json"
    path.write_bytes(raw)

    with pytest.raises(ReceiptUnreadable, match=said):
        open_receipt(path)


def test_a_receipt_has_to_be_a_file(tmp_path: Path) -> None:
    """No folder, and nothing that is not there."""
    with pytest.raises(ReceiptUnreadable, match="no regular file"):
        open_receipt(tmp_path)
    with pytest.raises(ReceiptUnreadable, match="cannot read"):
        open_receipt(tmp_path / "nothing.json")


def test_fields_of_later_specifications_are_ignored(receipt: Path) -> None:
    """As the framework asks of whoever reads a statement."""
    edit(receipt, lambda document: document.update(later=1) or part(document, "predicate").update(url="https://a/b"))

    assert open_receipt(receipt).statement.predicate.result == "PASSED"


def test_a_text_that_was_changed_does_not_fit(receipt: Path) -> None:
    """Each one is named by its hash."""
    folder, statement = blobs_of(receipt), open_receipt(receipt).statement
    for text in (made.RIGHT, made.TEST):
        (folder / sha256(text)).write_text(text.replace("add", "odd"))

    with pytest.raises(Unfitting) as raised:
        read_evidence(statement, folder)

    assert len(raised.value.differences) == 2
    assert sha256(made.RIGHT) in raised.value.what


def test_a_text_that_is_missing_is_named(receipt: Path) -> None:
    """And so is a folder that is not there, with the way to name another one."""
    statement = open_receipt(receipt).statement
    (blobs_of(receipt) / sha256(made.TEST)).unlink()

    with pytest.raises(ReceiptUnreadable, match=sha256(made.TEST)):
        read_evidence(statement, blobs_of(receipt))
    with pytest.raises(ReceiptUnreadable, match="--blobs"):
        read_evidence(statement, receipt.parent / "elsewhere")


def test_a_text_that_is_none_or_no_file_is_refused(receipt: Path) -> None:
    """Even where its hash fits."""
    noise = b"\xff\xfe"
    folder = blobs_of(receipt)
    (folder / sha256(noise)).write_bytes(noise)
    edit(receipt, lambda document: _add(document, _subject("after/noise.txt", sha256(noise))))

    with pytest.raises(ReceiptUnreadable, match="no UTF-8"):
        read_evidence(open_receipt(receipt).statement, folder)
    (folder / sha256(noise)).unlink()
    (folder / sha256(noise)).mkdir()
    with pytest.raises(ReceiptUnreadable, match="no regular file"):
        read_evidence(open_receipt(receipt).statement, folder)


def test_stand_ins_that_are_none_are_refused(receipt: Path) -> None:
    """Code before may not be passed off as nothing."""
    edit(receipt, lambda document: _ours(document, stand_in=True))

    with pytest.raises(ReceiptUnreadable, match="stood in"):
        read_evidence(open_receipt(receipt).statement, blobs_of(receipt))


def checked(verdict: Verdict) -> Run:
    """A run that judged the same files again."""
    case = made.case()
    again = Attempt(number=1, draft=made.attempt(1, AFTER).draft, verdict=verdict, seconds=0.1)
    return conclude(made.run(case.task), case, [again])


def statement_of(path: Path, **ours: object) -> Statement:
    edit(path, lambda document: _ours(document, **ours))
    return open_receipt(path).statement


def test_the_same_verdict_is_the_same(receipt: Path) -> None:
    """Nothing differs, not even by circumstance."""
    compared = compare(open_receipt(receipt).statement, checked(green(AFTER)))

    assert compared.same
    assert compared.circumstances == ()


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        pytest.param(green(AFTER, "red before"), "outcome: verified in the receipt, unverified now", id="the outcome"),
        pytest.param(green(AFTER, "red before"), "proof 'red before': held in the receipt, not held now", id="a proof"),
        pytest.param(
            green(AFTER).model_copy(update={"tier": "separate-process"}),
            "tier: same-process in the receipt, separate-process now",
            id="the tier",
        ),
        pytest.param(
            green(AFTER, test_add="passed", test_windows="xfailed"),
            "test test_solution.py::test_windows: skipped in the receipt, xfailed now",
            id="an ending",
        ),
        pytest.param(
            green(AFTER, test_add="passed"),
            "test test_solution.py::test_windows: skipped in the receipt, not there now",
            id="a test fewer",
        ),
        pytest.param(
            green(AFTER).model_copy(update={"not_shown": ("It may know the tests.",)}),
            "not admitted in the receipt: It may know the tests.",
            id="something not shown",
        ),
        pytest.param(made.red(AFTER), "outcome: verified in the receipt, no_fix", id="red"),
    ],
)
def test_another_verdict_is_told_apart(receipt: Path, verdict: Verdict, said: str) -> None:
    """By what differs, in a sentence."""
    compared = compare(open_receipt(receipt).statement, checked(verdict))

    assert not compared.same
    assert any(said in difference for difference in compared.differences), compared.differences


def test_a_result_that_the_outcome_does_not_bear_is_found(tmp_path: Path) -> None:
    """Whoever reads only the standard's fields is not to be fooled either."""
    path = tmp_path / "receipt.json"
    store(ended("red before"), path)
    edit(path, lambda document: part(document, "predicate").update(result="PASSED"))

    compared = compare(open_receipt(path).statement, checked(green(AFTER, "red before")))

    assert [difference[:14] for difference in compared.differences] == ["result: PASSED"]


def test_another_image_is_a_circumstance(receipt: Path) -> None:
    """Said plainly, and no other verdict by itself; so are other limits in force and another Mendbox."""
    verdict = green(AFTER).model_copy(
        update={"image": "sha256:" + "6" * 64, "measured": made.MEASURED.model_copy(update={"python": "3.13.9"})}
    )

    compared = compare(statement_of(receipt, version="0.0.1"), checked(verdict))

    assert compared.same
    told_of = "\n".join(compared.circumstances)
    assert f"image: the receipt's is {IMAGE}, the one here is {'6' * 64}" in told_of
    assert "python 3.13.5 then, 3.13.9 now" in told_of
    assert "Mendbox: the receipt's is 0.0.1" in told_of


def test_ids_named_after_values_may_differ(receipt: Path) -> None:
    """As long as as many cases of the same test ended the same way."""
    edit(
        receipt, lambda document: part(document, "predicate").update(passedTests=["test_solution.py::test_add[at 0x1]"])
    )
    ends: dict[str, TestEnd] = {"test_add[at 0x2]": "passed", "test_windows": "skipped"}

    compared = compare(open_receipt(receipt).statement, checked(green(AFTER, **ends)))

    assert compared.same
    assert any("other ids" in circumstance for circumstance in compared.circumstances)


def test_a_receipt_cannot_ask_for_a_wider_box_than_the_settings_allow(receipt: Path) -> None:
    """Somebody else's file does not decide what this machine is put to."""
    statement = statement_of(receipt, limits=Limits(memory_mib=4_096).model_dump())
    evidence = read_evidence(statement, blobs_of(receipt))

    with pytest.raises(BadInput, match=r"memory_mib 4096.*MENDBOX_MEMORY_MIB=4096"):
        task_of(statement, evidence, Limits())
    assert task_of(statement, evidence, Limits(memory_mib=8_192)).limits.memory_mib == 4_096


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program and its tests, where commands are typed; no Docker Engine is in reach."""
    (tmp_path / "solution.py").write_text(made.WRONG)
    (tmp_path / "test_solution.py").write_text(made.TEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--sign", "key"), "--sign without --receipt", id="nothing to sign"),
        pytest.param(("--receipt", "r.json", "--sign", "key"), "cannot read the key", id="no key"),
        pytest.param(("--receipt", "r.json", "--sign", "solution.py"), "no private ed25519 key", id="no key inside"),
        pytest.param(("--receipt", "nowhere/r.json"), "there is no folder", id="nowhere to write"),
    ],
)
@pytest.mark.parametrize("command", ["fix", "check"])
def test_a_receipt_that_cannot_be_written_stops_the_command_before_it_begins(
    project: Path, capsys: pytest.CaptureFixture[str], command: str, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and no journal was opened, let alone a box."""
    code = entry.enter([command, "solution.py", "--tests", "test_solution.py", *words])

    assert code == 2
    assert said in capsys.readouterr().err
    assert not (project / "data").exists()


def recorded(project: Path, run: Run) -> None:
    async def record() -> None:
        async with await Journal.open(project / "data") as journal:
            await journal.begin(run, author="scripted", owner="")
            await journal.save(run)

    asyncio.run(record())


def test_show_writes_the_receipt_of_a_run_that_was_recorded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the same one as the run's own command had written."""
    run = ended()
    recorded(project, run)

    code = entry.enter(["show", run.id, "--receipt", "later.json", "--json"])

    document = json.loads(capsys.readouterr().out)
    assert (code, document["receipt_file"]) == (0, "later.json")
    store(run, project / "now.json")
    assert (project / "later.json").read_bytes() == (project / "now.json").read_bytes()


def test_show_says_so_where_there_is_no_receipt(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and no file."""
    run = conclude(made.run(), made.case(), [made.attempt()])
    recorded(project, run)

    code = entry.enter(["show", run.id, "--receipt", "later.json"])

    assert code == 2
    assert "no_fix" in capsys.readouterr().err
    assert not (project / "later.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("nothing.json",), 2, "cannot read", id="no receipt"),
        pytest.param(("solution.py",), 2, "no JSON", id="no JSON"),
        pytest.param(("receipt.json", "--blobs", "nowhere"), 2, "no folder", id="no texts"),
        pytest.param(("receipt.json", "--key", "nothing.pub"), 2, "cannot read the key", id="no key"),
        pytest.param(("receipt.json",), 3, "docker", id="no engine"),
    ],
)
def test_verify_tells_what_is_wrong_by_its_exit_code(
    project: Path, receipt: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    """2 for what cannot be read, 3 for the machinery."""
    assert entry.enter(["verify", *words]) == code

    captured = capsys.readouterr()
    assert said in (captured.err + captured.out).lower() or said in captured.err


def test_verify_answers_a_script_where_texts_were_changed(
    project: Path, receipt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and one JSON document; nothing was judged."""
    (blobs_of(receipt) / sha256(made.RIGHT)).write_text("import os\n")

    code = entry.enter(["verify", str(receipt), "--json"])

    document = json.loads(capsys.readouterr().out)
    assert (code, document["same"], document["run"]) == (1, False, None)
    assert sha256(made.RIGHT) in document["differences"][0]
    assert not (project / "data").exists()
