"""Who writes what a project is shipped by."""

from __future__ import annotations

from agents.answering import Answer
from agents.roles.card import Card

DEVOPS = Card(
    role="devops",
    title="DevOps engineer",
    prompt="role_devops",
    answer=Answer,
    writes=(
        "services/{component}/Dockerfile",
        "services/{component}/nginx.conf",
        "services/{component}/default.conf.template",
        "compose.yaml",
        ".env.example",
        ".github/workflows/*.yaml",
        ".github/workflows/*.yml",
        "deploy/**",
    ),
    judged_by=(
        "Each Dockerfile is read, and replayed in a box: what it copies is there, and its command answers the health path.",
        "The compose file, the Kubernetes manifests and the workflows hold to their schemas, and agree with the plan.",
    ),
)
