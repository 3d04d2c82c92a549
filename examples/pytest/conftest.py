"""All tests share one mock. Each test uses its own sandbox, so tests do not affect each other."""

import json
import os
import re
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

COMMAND = (
    "npx --no -- ionworks-mock --port 0 --json --stop-with-stdin"
    " --log-level warn --clock frozen --fixtures fixtures.yaml"
)


class Sandbox:
    def __init__(self, url):
        self.url = url

    def send(self, method, path, body=None):
        """Sends a request, and returns the parsed JSON of the response. Raises HTTPError for a 4xx or 5xx."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=10) as response:
            return json.loads(response.read() or "null")


@pytest.fixture(scope="session")
def mock():
    """
    Starts the mock once for all tests, and yields its URL. The mock prints a line of JSON when it is ready. At the end,
    `with` closes the standard input of the mock, which stops the mock.
    """
    folder, pipe = Path(__file__).parent, subprocess.PIPE
    with subprocess.Popen(COMMAND.split(), cwd=folder, stdin=pipe, stdout=pipe, text=True) as process:
        yield json.loads(process.stdout.readline())["url"]


@pytest.fixture
def sandbox(mock, request, monkeypatch):
    """A sandbox for one test. The environment variables tell the program under test how to reach this sandbox."""
    name = re.sub("[^A-Za-z0-9._-]+", "-", request.node.nodeid)[-64:]
    monkeypatch.setenv("IONWORKS_API_URL", f"{mock}/_sandbox/{name}")
    monkeypatch.setenv("IONWORKS_API_KEY", f"mock_{name}")
    return Sandbox(os.environ["IONWORKS_API_URL"])
