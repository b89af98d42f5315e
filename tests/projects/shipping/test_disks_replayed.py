"""The folder that an image has for a disk is written to by what the image starts, in a real box, or is told."""

from __future__ import annotations

import pytest

from engine.projects.contract import dockerfile_of
from engine.projects.shipping import replay
from sandboxes.docker import DockerSandbox
from tests.projects.plans import spoilt
from tests.projects.shipping.projects import changed, project

PATH = dockerfile_of("api")
MAKES = "RUN mkdir /data && chown 10001:10001 /data\n"
SERVER = """\
import http.server, os, sqlite3

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

kept = sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
kept.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY)")
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
"""


@pytest.mark.docker
@pytest.mark.parametrize(
    ("makes", "told"),
    [
        pytest.param(MAKES, "", id="given"),
        pytest.param("RUN install -d -o 10001 --group=10001 -m 750 /data\n", "", id="installed"),
        pytest.param("RUN mkdir /data\n", "unable to open database file", id="root's"),
        pytest.param("RUN mkdir /data && chown 10001 /srv\n", "unable to open database file", id="another given"),
        pytest.param("RUN mkdir /data && chown -R 10001 /srv /data\n", "", id="both given"),
    ],
)
async def test_a_component_writes_its_file_where_its_disk_will_be(
    sandbox: DockerSandbox, makes: str, told: str
) -> None:
    """It makes its tables there when it starts; where the folder is root's, it cannot."""
    plan, files = project("api", scale="small")
    plan = spoilt(["components", 0, "running", "command"], ["python", "-m", "api"], plan=plan)
    files |= {
        "services/api/api/__main__.py": SERVER,
        "services/api/pyproject.toml": '[project]\nname = "api"\nversion = "1"\ndependencies = []\n',
    }
    files = changed(
        files,
        PATH,
        '"uvicorn","api.main:app","--host","0.0.0.0","--port","8000"'.replace(",", ", "),
        '"python", "-m", "api"',
    )

    done = await replay(plan, "api", changed(files, PATH, MAKES, makes), sandbox, run_id="test", start_seconds=6)

    assert done.outcome == ("failed" if told else "replayed"), done
    assert told in "".join(each.evidence for each in done.findings)
