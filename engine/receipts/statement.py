"""A receipt as the in-toto attestation framework writes it: a Statement v1 with a test-result v0.1 predicate.

Field names are those of the two specifications (https://github.com/in-toto/attestation, ``spec/v1`` and
``spec/predicates/test-result.md``); what they do not know stands in one object of its own, `mendbox`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.base import Suite
from engine.domain import Declared, Ending, Language, Proof, Reason, TestEnd, Tier, Value
from sandboxes.base import Limits, Measured

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"
IMAGE = "image"
"""Name of the subject that is the sandbox image."""

Result = Literal["PASSED", "WARNED", "FAILED"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class InToto(BaseModel):
    """A frozen object of the specification, which has fields it does not know ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class DigestSet(InToto):
    sha256: Sha256


class ResourceDescriptor(InToto):
    """One file or image, by the digest of its content."""

    name: str = Field(max_length=1_100)
    digest: DigestSet


class Particulars(Value):
    """What the standard has no field for: the verdict in Mendbox's words, and all that is needed to take it again."""

    version: str = Field(max_length=100)
    """Of the Mendbox that took the verdict."""
    outcome: Ending
    reason: Reason | None = None
    tier: Tier
    proofs: tuple[Proof, ...]
    not_shown: tuple[str, ...] = ()
    """What the verdict does not rule out, each in a sentence."""
    endings: Mapping[str, TestEnd] = {}
    """How each test of `warnedTests` and `failedTests` ended, by node id."""
    tests_from: Literal["caller", "reproduction"]
    stand_in: bool
    """There was no earlier code: the files before are empty modules of the same names."""
    goal: str
    language: Language
    error: str = ""
    """What the caller said went wrong."""
    test_seconds: float = Field(gt=0, le=3_600)
    """Wall clock that one run of the tests was given, seconds."""
    suite: Suite | None = None
    """How the tests are run, where they are a project's."""
    dependencies: Declared | None = None
    """What the project's manifests, which are among the texts, say it needs; the environment is made of them anew."""
    limits: Limits
    """What the box was asked to enforce."""
    measured: Measured | None = None
    """The limits in force, read from inside the box."""
    box: str = Field(default="", max_length=200)
    """Id of the box that the verdict was taken in."""
    judged: str = Field(default="", max_length=40)
    """When it was taken; ISO 8601, UTC."""


class TestResultPredicate(InToto):
    """How the tests ended, by pytest node id: `passed_tests` passed, `warned_tests` did not count, `failed_tests` failed."""

    __test__ = False

    result: Result
    configuration: tuple[ResourceDescriptor, ...]
    """The frozen tests, the files beside them that are no text, and the image they ran in."""
    passed_tests: tuple[str, ...] = Field(default=(), alias="passedTests")
    warned_tests: tuple[str, ...] = Field(default=(), alias="warnedTests")
    failed_tests: tuple[str, ...] = Field(default=(), alias="failedTests")
    mendbox: Particulars

    @property
    def endings(self) -> dict[str, TestEnd]:
        """How every test ended, by node id."""
        return {**dict.fromkeys(self.passed_tests, "passed"), **self.mendbox.endings}


class Statement(InToto):
    """The whole receipt. Subjects are named ``after/PATH``, ``before/PATH``, ``tests/PATH``, ``data/PATH`` and ``image``."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(default=STATEMENT_TYPE, alias="_type")
    subject: tuple[ResourceDescriptor, ...]
    predicate_type: Literal["https://in-toto.io/attestation/test-result/v0.1"] = Field(
        default=PREDICATE_TYPE, alias="predicateType"
    )
    predicate: TestResultPredicate

    def digests(self, part: Literal["after", "before", "tests", "data"]) -> dict[str, str]:
        """SHA-256 by path of one part of the subjects."""
        named = ((one.name.partition("/"), one.digest.sha256) for one in self.subject)
        return {path: digest for (first, slash, path), digest in named if first == part and slash}

    @property
    def image(self) -> str:
        """SHA-256 of the image; empty where it is not among the subjects."""
        return next((one.digest.sha256 for one in self.subject if one.name == IMAGE), "")

    def written(self, *, indent: int | None = None) -> bytes:
        """The JSON that is signed, stored and read again."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=indent).encode()
