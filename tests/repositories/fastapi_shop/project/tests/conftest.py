import pytest
from fastapi.testclient import TestClient

from kiosk.app import make_app


@pytest.fixture
def client():
    with TestClient(make_app([("gum", 5, 20), ("paper", 2, 180)])) as client:
        yield client
