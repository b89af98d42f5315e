"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/ says which fields it reads."""

from __future__ import annotations

import json

from engine.ci.remarks import Level, Remark

SEVERITY: dict[Level, str] = {"error": "critical", "warning": "minor", "note": "info"}


def quality(remarks: tuple[Remark, ...]) -> str:
    """All remarks that are about a file, each with a fingerprint that stays while it does."""
    issues = [
        {
            "description": f"{remark.title}: {remark.message}" if remark.test else remark.message,
            "check_name": remark.rule,
            "fingerprint": remark.fingerprint,
            "severity": SEVERITY[remark.level],
            "location": {"path": remark.path, "lines": {"begin": remark.line or 1}},
        }
        for remark in remarks
        if remark.path
    ]
    return json.dumps(issues, indent=1) + "\n"
