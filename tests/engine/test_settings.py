"""Settings are read once, with defaults, and a bad one is one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import BadInput, BadSetting
from engine.settings import Settings, load_settings
from engine.wiring import most_boxes

OWNERS_NAMES = {"MAX_AGENTS", "HEALING_ENABLED", "ANALYTICS_ENABLED", "DEBUG", "TRUSTED_PROXY_CIDRS"}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch):
    for name in list(os.environ):
        if name.startswith(("MENDBOX_", "OPENAI_", "ANTHROPIC_", "CEQUENCE_", "OTEL_")) or name in OWNERS_NAMES:
            monkeypatch.delenv(name)


def test_nothing_needs_to_be_set():
    """The defaults make a whole set of settings, without a key."""
    settings = load_settings()

    assert settings.data_dir.name == "mendbox"
    assert settings.log_level == "warning"
    assert settings.secrets == ()
    assert settings.limits.memory_mib == settings.memory_mib == 512
    assert settings.budget.attempts == settings.attempts == 6


def test_every_setting_has_the_name_that_is_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """MENDBOX_ and the name in capitals; the keys under the names that their owners gave them."""
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MENDBOX_CPUS", "2.5")
    monkeypatch.setenv("MENDBOX_SECONDS", "12")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-two")
    monkeypatch.setenv("MENDBOX_IMAGE", "")

    settings = load_settings()

    assert settings.data_dir == tmp_path
    assert settings.limits.cpus == 2.5
    assert settings.budget.seconds == 12
    assert settings.secrets == ("sk-one", "sk-ant-two")
    assert settings.image is None, "an empty variable is an unset one"


def test_the_owners_names_work(monkeypatch: pytest.MonkeyPatch):
    """Each does what it says; ours for the same wins where both are set, and a listed network is a network."""
    monkeypatch.setenv("MAX_AGENTS", "3")
    monkeypatch.setenv("HEALING_ENABLED", "false")
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("TRUSTED_PROXY_CIDRS", "10.0.0.0/8, fd00::/8")
    monkeypatch.setenv("CEQUENCE_MCP_TOKEN", "ceq-token")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer collected,tenant=seven")

    settings = load_settings()

    assert (settings.parallel_runs, settings.healing, settings.analytics) == (3, False, False)
    assert (settings.logged, [str(network) for network in settings.trusted_proxy_cidrs]) == (
        "debug",
        ["10.0.0.0/8", "fd00::/8"],
    )
    assert {"ceq-token", "Bearer collected"} <= set(settings.secrets)
    monkeypatch.setenv("MENDBOX_PARALLEL_RUNS", "2")
    assert load_settings().parallel_runs == 2


def test_what_others_mean_by_debug_is_not_meant_for_us(monkeypatch: pytest.MonkeyPatch):
    """`DEBUG=app:*` of a neighbour neither fails a command nor fills its log."""
    monkeypatch.setenv("DEBUG", "app:*")

    assert load_settings().logged == "warning"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        pytest.param("MENDBOX_ATTEMPTS", "many", "integer", id="no number"),
        pytest.param("MENDBOX_ATTEMPTS", "0", "greater than or equal to 1", id="beyond the budget's bounds"),
        pytest.param("MENDBOX_MEMORY_MIB", "3", "greater than or equal to 32", id="beyond the box's bounds"),
        pytest.param("MAX_AGENTS", "0", "greater than or equal to 1", id="an owner's name"),
        pytest.param("TRUSTED_PROXY_CIDRS", "10.0.0.1/8", "valid IPv4 network", id="no network"),
        pytest.param("MENDBOX_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'", id="no such choice"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
):
    """Which variable, which value, what is allowed, what to do."""
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSetting) as caught:
        load_settings()

    assert isinstance(caught.value, BadInput)
    assert caught.value.name == name
    line = str(caught.value)
    assert "\n" not in line
    assert all(part in line for part in (name, said, "unset it for the default"))


def test_boxes_are_kept_ready_by_what_stays_and_by_nothing_else(monkeypatch: pytest.MonkeyPatch):
    """A server keeps four, or what it is told; a single command none, also where the variable is set for a server."""
    unset = load_settings()
    monkeypatch.setenv("MENDBOX_POOL", "7")
    seven = load_settings()
    monkeypatch.setenv("MENDBOX_POOL", "0")
    off = load_settings()

    assert (unset.serving.pool or 0) >= 4
    assert (seven.serving.pool, off.serving.pool) == (7, 0)
    assert (unset.once.pool, seven.once.pool, off.once.pool) == (None, None, 0)


def test_there_are_as_many_boxes_as_the_machine_has_room_for(monkeypatch: pytest.MonkeyPatch):
    """At least the two that one run needs; or as many as are asked for."""
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    huge = 64 << 10

    assert most_boxes(Settings(memory_mib=32)) == 18
    assert most_boxes(Settings(memory_mib=huge)) >= 2
    assert most_boxes(Settings(memory_mib=huge, boxes=30)) == 30


def test_a_key_is_in_no_repr_and_no_dump():
    """A settings object may be printed."""
    settings = Settings(OPENAI_API_KEY="sk-very-secret", ANTHROPIC_API_KEY="sk-ant-very-secret")

    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_settings_are_frozen():
    """What was read at the edge stays so."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().attempts = 3


def test_no_heavy_library_comes_with_errors_settings_logs_or_journal():
    """Importing costs nothing that a command may not need."""
    script = (
        "import engine.errors, engine.settings, engine.logs, engine.journal, sys;"
        "print([m for m in ('sqlalchemy', 'structlog', 'rich', 'openai', 'docker') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"
