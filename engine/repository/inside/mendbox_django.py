"""A plugin of pytest that readies a Django project as its own ``manage.py test`` does, where it has no plugin for that."""

from __future__ import annotations

from typing import Any

import django  # type: ignore[import-not-found]
import pytest
from django.conf import settings  # type: ignore[import-not-found]
from django.test.utils import get_runner  # type: ignore[import-not-found]


class Databases:
    """The runner that the project has set, asked for all but the running."""

    def __init__(self) -> None:
        self._runner: Any = None
        self._made: Any = None

    def pytest_sessionstart(self) -> None:
        self._runner = get_runner(settings)(interactive=False, verbosity=0)
        self._runner.setup_test_environment()
        self._made = self._runner.setup_databases()

    def pytest_sessionfinish(self) -> None:
        if self._made is not None:
            self._runner.teardown_databases(self._made)
        if self._runner is not None:
            self._runner.teardown_test_environment()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before a conftest may import a model."""
    django.setup()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Databases(), "mendbox_databases")
