import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def cancel(id):
    """Stands in for the program under test. Cancels a pipeline. Retries a 503 up to 4 times."""
    for left in reversed(range(5)):
        try:
            url = f"{os.environ['IONWORKS_API_URL']}/pipelines/{id}/cancel"
            with urlopen(Request(url, method="POST"), timeout=10) as response:
                return json.load(response)
        except HTTPError as error:
            if error.code != 503 or left == 0:
                raise


def test_keeps_completed_elements(sandbox):
    sandbox.send("POST", "/_mock/clock/advance", {"by": "25s"})
    sandbox.send("POST", "/pipelines/fit/cancel")

    assert sandbox.send("GET", "/pipelines/fit")["status"] == "canceled"
    statuses = [element["status"] for element in sandbox.send("GET", "/pipelines/fit/elements")]
    assert statuses == ["completed", "completed", "canceled", "canceled"]


def test_is_retried_while_the_service_is_unavailable(sandbox):
    fault = {"operation": "cancel_pipeline", "times": 2, "respond": {"status": 503}}
    sandbox.send("POST", "/_mock/faults", fault)

    assert cancel("fit")["status"] == "canceled"
    received = sandbox.send("GET", "/_mock/requests?operation=cancel_pipeline")
    assert [request["status"] for request in received] == [503, 503, 200]
    assert all(fault["consumed"] for fault in sandbox.send("GET", "/_mock/faults"))


def test_does_not_change_a_failed_pipeline(sandbox):
    sandbox.send("PATCH", "/_mock/pipelines/fit", {"element": "known parameters", "status": "failed"})

    assert cancel("fit")["status"] == "failed"
