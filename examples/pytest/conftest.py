"""One mock for the whole run, and a sandbox for each test: a test sees nothing of the others."""

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

    def ask(self, method, path, body=None):
        """Makes a request, and answers the JSON of the answer; one that is no success raises an HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=10) as answer:
            return json.loads(answer.read() or "null")


@pytest.fixture(scope="session")
def mock():
    """The URL of the mock. It listens as soon as it has printed its one line."""
    folder = Path(__file__).parent
    with subprocess.Popen(COMMAND.split(), cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        yield ready["url"]
        os.kill(ready["pid"], signal.SIGTERM)


@pytest.fixture
def sandbox(mock, request, monkeypatch):
    """The sandbox of a test, which the program under test finds by the official client's variables."""
    name = re.sub("[^A-Za-z0-9._-]+", "-", request.node.nodeid)[-64:]
    monkeypatch.setenv("IONWORKS_API_URL", f"{mock}/_sandbox/{name}")
    monkeypatch.setenv("IONWORKS_API_KEY", f"mock_{name}")
    return Sandbox(os.environ["IONWORKS_API_URL"])
