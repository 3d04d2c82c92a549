import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def cancel(id):
    """Stands for the program under test: it cancels a pipeline, and tries again while the service is away."""
    for left in reversed(range(5)):
        try:
            url = f"{os.environ['IONWORKS_API_URL']}/pipelines/{id}/cancel"
            with urlopen(Request(url, method="POST"), timeout=10) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code != 503 or left == 0:
                raise


def test_keeps_what_is_done(sandbox):
    sandbox.ask("POST", "/_mock/clock/advance", {"by": "25s"})
    sandbox.ask("POST", "/pipelines/fit/cancel")

    assert sandbox.ask("GET", "/pipelines/fit")["status"] == "canceled"
    statuses = [element["status"] for element in sandbox.ask("GET", "/pipelines/fit/elements")]
    assert statuses == ["completed", "completed", "canceled", "canceled"]


def test_is_tried_again_while_the_service_is_away(sandbox):
    fault = {"operation": "cancel_pipeline", "times": 2, "respond": {"status": 503}}
    sandbox.ask("POST", "/_mock/faults", fault)

    assert cancel("fit")["status"] == "canceled"
    received = sandbox.ask("GET", "/_mock/requests?operation=cancel_pipeline")
    assert [request["status"] for request in received] == [503, 503, 200]
    assert all(fault["consumed"] for fault in sandbox.ask("GET", "/_mock/faults"))


def test_comes_too_late_for_what_has_failed(sandbox):
    sandbox.ask("PATCH", "/_mock/pipelines/fit", {"element": "known parameters", "status": "failed"})

    assert cancel("fit")["status"] == "failed"
