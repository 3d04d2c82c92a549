"""One mock for the whole run, and one sandbox for each test: tests do not see each other's changes."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

COMMAND = "npx --no -- ionworks-mock --port 0 --json --log-level warn --clock frozen --fixtures fixtures.yaml"


class Sandbox:
    def __init__(self, url):
        self.url = url

    def send(self, method, path, body=None):
        """Sends a request and returns the JSON of the response. Raises HTTPError unless the request succeeds."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=10) as response:
            return json.loads(response.read() or "null")


@pytest.fixture(scope="session")
def mock():
    """The URL of the mock. The mock listens before it prints its line of JSON."""
    folder = Path(__file__).parent
    with subprocess.Popen(COMMAND.split(), cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        yield ready["url"]
        os.kill(ready["pid"], signal.SIGTERM)


@pytest.fixture
def sandbox(mock, request, monkeypatch):
    """The sandbox of a test. The program under test finds it through the variables of the official client."""
    name = re.sub("[^A-Za-z0-9._-]+", "-", request.node.nodeid)[-64:]
    monkeypatch.setenv("IONWORKS_API_URL", f"{mock}/_sandbox/{name}")
    monkeypatch.setenv("IONWORKS_API_KEY", f"mock_{name}")
    return Sandbox(os.environ["IONWORKS_API_URL"])
