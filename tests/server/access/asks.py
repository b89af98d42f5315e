"""Arguments with which each tool answers something, at a rehearsed desk."""

from __future__ import annotations

from typing import Any

from tests.server.double import BROKEN

ARGUMENTS: dict[str, dict[str, Any]] = {
    "auto_fix_code": {"code": BROKEN, "error_message": "wrong"},
    "cancel_run": {"run_id": "run-9999"},
    "check_code": {"code": BROKEN},
    "generate_architecture": {"project_type": "shop", "scale": "small", "cloud_provider": "none"},
    "generate_tests": {"code": BROKEN, "test_type": "unit", "framework": "pytest"},
    "get_cequence_analytics": {},
    "get_project": {"run_id": "run-9999"},
    "get_run": {"run_id": "run-9999"},
    "list_runs": {},
    "orchestrate_development": {
        "project_description": "x",
        "requirements": [],
        "tech_stack": [],
        "include_tests": True,
    },
    "run_code": {"code": BROKEN},
    "start_run": {"code": BROKEN, "error_message": "wrong"},
    "validate_authentication": {},
}
