"""Tests of the public methods of the official Python client against a running mock.

The mock at IONWORKS_API_URL serves the shipped fixtures and story.yaml. The clock of the mock is frozen, and some
tests move the clock. Nearly all tests share the default sandbox. In this sandbox, each test changes only pipelines that
it has created, with one exception: test_cancel_keeps_completed_elements cancels the pipeline in story.yaml. Tests that
wait for new pipelines use sandboxes of their own, because they move the clock further.
"""

import os
import re
import socket
import threading
import warnings
from importlib.metadata import version

import pytest
from ionworks import Ionworks
from ionworks.errors import IonworksError
from ionworks.job import JobCreationPayload

COMPLETED = "7c3a9e1f-48b6-4d05-92e7-1f6d0c5b8a73"
FAILED = "96b3f2a8-d7c0-4e15-9a5d-8e0f4c61b7d2"
CANCELED = "e92d4b70-15fa-4c83-8b6d-03c7a1f95e48"
SAMPLED = "41d7c0e9-6a53-4f28-b1e4-9c70d3a5f862"
STORY = "3d1f6c58-0c5e-4b7a-9a27-64f0a8b1c2d3"
LAB = "6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

# Since version 0.32 of the client, wait_for_completion treats `canceled` as a final status.
KNOWS_CANCELED = tuple(map(int, version("ionworks-api").split(".")[:2])) >= (0, 32)

CONFIG = {
    "elements": {
        "load file": {"element_type": "entry", "values": {"Ambient temperature [K]": 298.15}},
        "known": {"element_type": "entry", "values": {"Nominal cell capacity [A.h]": 5.0}},
    }
}


# The plans of the shipped fixtures determine how long each element runs, and its result.
FOUR_STEPS = {
    "elements": {
        "known parameters": {"element_type": "entry", "values": {"Nominal cell capacity [A.h]": 5.0}},
        "volume fraction": {
            "element_type": "calculation",
            "calculation": "ElectrodeVolumeFractionFromLoading",
            "electrode": "negative",
            "method": "loading",
        },
        "fit diffusivity": {
            "element_type": "data_fit",
            "objectives": {"1C": {"objective": "CurrentDriven", "model": {"type": "SPMe"}, "data_input": "db:1C"}},
            "parameters": {"Positive particle diffusivity [m2.s-1]": {"bounds": [1e-15, 1e-14], "initial_value": 2e-15}},
            "cost": {"type": "RMSE"},
        },
        "validate": {
            "element_type": "validation",
            "objectives": {"C/2": {"objective": "CurrentDriven", "model": {"type": "SPMe"}, "data_input": "db:C2"}},
            "summary_stats": [{"type": "RMSE"}, {"type": "MAE"}, {"type": "Max"}],
        },
    }
}


@pytest.fixture
def client():
    return Ionworks()


@pytest.fixture
def pipeline(client, request):
    created = client.pipeline.create(CONFIG, project_id=request.node.name, name=request.node.name)
    yield created
    try:
        client.pipeline.delete(created.id)
    except IonworksError:
        pass


def test_health(client):
    assert client.health_check() == {"status": "ok"}


def test_whoami(client):
    user = client.whoami()
    assert (user["email"], user["authorized_organization"]["name"]) == ("ana@example.com", "Battery lab")
    assert user["organizations"] == [user["authorized_organization"]]


def test_projects(client, pipeline, request):
    assert client.project.get(LAB).name == "Battery lab"
    assert client.project.get(request.node.name).id == request.node.name
    with pytest.raises(IonworksError) as unknown:
        client.project.get(UNKNOWN)
    assert unknown.value.status_code == 404

    ids = lambda **query: [one.id for one in client.project.list(**query)]
    assert {LAB, request.node.name} <= set(ids())
    assert ids(name="battery") == [LAB]
    assert ids(name_exact="Battery") == []
    assert ids(created_after="2999-01-01") == []
    assert ids(limit=1, order_by="name", order="asc") == ids(order_by="name", order="asc")[:1]


def test_create_and_get(client, pipeline, request):
    assert (pipeline.name, pipeline.status) == (request.node.name, "pending")
    read = client.pipeline.get(pipeline.id)
    assert (read.id, read.name, read.status) == (pipeline.id, pipeline.name, "running")


def test_create_with_a_large_body(client, request):
    values = {f"parameter {i}": "x" * 1000 for i in range(600)}
    config = {"elements": {"large": {"element_type": "entry", "values": values}}}
    created = client.pipeline.create(config, project_id=request.node.name, name="larger than 512 KiB")
    elements = client.get(f"/pipelines/{created.id}/elements")
    assert len(elements[0]["job_config"]["values"]) == 600
    client.pipeline.delete(created.id)


def test_list_pages_and_filters(client, request):
    project = request.node.name
    ids = [client.pipeline.create(CONFIG, project_id=project, name=f"LGM50 {i}").id for i in range(12)]
    client.pipeline.cancel(ids[0])
    listed = lambda **query: [one.name for one in client.pipeline.list(project_id=project, **query)]

    assert len(listed()) == 10
    assert len(listed(limit=100)) == 12
    assert listed(limit=2, offset=3, order_by="name", order="asc") == ["LGM50 11", "LGM50 2"]
    assert client.pipeline.list(project_id=project, limit=1).total == 12
    assert listed(name="LGM50 7") == ["LGM50 7"]
    assert listed(name="ilike.%lgm50 1%", order_by="name", order="asc") == ["LGM50 1", "LGM50 10", "LGM50 11"]
    assert listed(status="canceled") == ["LGM50 0"]
    assert listed(status="in.(canceled,failed)") == ["LGM50 0"]
    assert len(listed(status="neq.canceled", limit=100)) == 11
    assert len(listed(status="not.in.(canceled,failed)", limit=100)) == 11
    assert len(listed(created_by_email="is.not_null", limit=100)) == 12
    with pytest.raises(IonworksError, match="not.") as unsupported:
        listed(name="fts.LGM50")
    assert unsupported.value.status_code == 422
    assert listed(id=ids[5]) == ["LGM50 5"]
    assert listed(description="nothing") == []
    assert len(listed(created_by_email="ilike.%example.com", limit=100)) == 12
    assert len(listed(created_at="gte.2025-01-01", limit=100)) == 12
    assert listed(updated_at="lt.2025-01-01") == []
    assert len(listed(created_at_gt="2025-01-01", created_at_lt="2999-01-01", limit=100)) == 12
    assert listed(updated_at_gt="2999-01-01") == []
    assert listed(updated_at_lt="2025-01-01") == []
    for one in ids:
        client.pipeline.delete(one)


def test_cancel_and_cancel_again(client, pipeline):
    once = client.pipeline.cancel(pipeline.id)
    again = client.pipeline.cancel(pipeline.id)
    assert (once.status, once) == ("canceled", again)
    assert [one["status"] for one in client.get(f"/pipelines/{pipeline.id}/elements")] == ["canceled", "canceled"]


def test_update(client, pipeline):
    updated = client.pipeline.update(pipeline.id, name="renamed", description="and described")
    assert (updated.name, updated.description) == ("renamed", "and described")
    assert client.pipeline.get(pipeline.id).name == "renamed"


def test_delete(client, pipeline):
    assert client.pipeline.delete(pipeline.id) is None
    with pytest.raises(IonworksError):
        client.pipeline.get(pipeline.id)


def test_result(client):
    result = client.pipeline.result(COMPLETED)
    assert list(result.element_results) == ["load file", "fit per temperature", "activation energy", "validate"]
    assert result.result["Ambient temperature [K]"] == 298.15


def test_create_wait_and_read_every_result(request):
    client = Ionworks(api_key="mock_steps")
    created = client.pipeline.create(FOUR_STEPS, project_id=request.node.name, name="four steps")
    client.post("/_mock/clock/advance", {"by": "9s"})
    assert client.pipeline.wait_for_completion(created.id, timeout=5).status == "completed"
    results = client.pipeline.result(created.id).element_results
    assert list(results) == list(FOUR_STEPS["elements"])
    values = {name: dict(result["parameter_values"]) for name, result in results.items() if "parameter_values" in result}
    assert values["known parameters"] == {"Nominal cell capacity [A.h]": 5.0}
    assert values["volume fraction"] == {"Negative electrode active material volume fraction": 0.7513}
    assert values["fit diffusivity"]["Positive particle diffusivity [m2.s-1]"] == 3.97e-15
    assert results["validate"]["summary_stats"] == {"C/2 hold-out": [0.0051, 0.0038, 0.0214]}


def test_a_plan_makes_the_fit_fail(request):
    client = Ionworks(api_key="mock_failing_fit")
    plan = {"pipeline": "bad *", "element_type": "Data Fit", "takes": "1s", "ends_as": "failed"}
    client.post("/_mock/plans", {**plan, "error": "IDA_CONV_FAIL", "error_code": "SOLVER_ERROR"})
    created = client.pipeline.create(FOUR_STEPS, project_id=request.node.name, name="bad data")
    client.post("/_mock/clock/advance", {"by": "3s"})
    with pytest.raises(Exception, match="IDA_CONV_FAIL"):
        client.pipeline.wait_for_completion(created.id, timeout=5)
    fit, validation = client.get(f"/pipelines/{created.id}/elements")[2:]
    assert (fit["status"], fit["error_code"], validation["status"]) == ("failed", "SOLVER_ERROR", "skipped")


def test_wait_for_completed(client):
    assert client.pipeline.wait_for_completion(COMPLETED, timeout=5).status == "completed"


def test_wait_for_failed(client):
    with pytest.raises(Exception, match=re.escape(f"Pipeline {FAILED} failed: fit ECM: IDA_CONV_FAIL")):
        client.pipeline.wait_for_completion(FAILED, timeout=5)
    assert client.pipeline.wait_for_completion(FAILED, timeout=5, raise_on_failure=False).status == "failed"


def test_wait_for_canceled(client):
    if KNOWS_CANCELED:
        with pytest.raises(IonworksError, match=f"Pipeline {CANCELED} canceled"):
            client.pipeline.wait_for_completion(CANCELED, timeout=5)
    else:
        with pytest.raises(TimeoutError):
            client.pipeline.wait_for_completion(CANCELED, timeout=0.2, poll_interval=0.1)


def test_error_responses_raise_ionworks_errors(client):
    with pytest.raises(IonworksError) as unknown:
        client.pipeline.cancel(UNKNOWN)
    assert unknown.value.status_code == 422
    assert "pipeline_not_found" in str(unknown.value)
    with pytest.raises(IonworksError) as bad:
        client.post("/pipelines", {"project_id": 5})
    assert bad.value.status_code == 422
    assert "Input should be a valid string" in str(bad.value)


def advance(client, by):
    return client.post("/_mock/clock/advance", {"by": by})["now"]


def test_cancel_keeps_completed_elements(client):
    advance(client, "25s")
    canceled = client.pipeline.cancel(STORY)
    now = advance(client, "1h")
    assert canceled.status == "canceled"
    elements = client.get(f"/pipelines/{STORY}/elements")
    assert [one["status"] for one in elements] == ["completed", "completed", "canceled", "canceled"]
    assert elements[2]["updated_at"] == elements[3]["updated_at"] < now
    assert client.pipeline.result(STORY).result == {"x": 1, "y": 2}
    assert client.pipeline.get(STORY) == canceled
    if KNOWS_CANCELED:
        with pytest.raises(IonworksError, match=f"Pipeline {STORY} canceled"):
            client.pipeline.wait_for_completion(STORY, timeout=5)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_cancel_survives_a_dropped_connection(client, pipeline, moment):
    """The connection drops before or after the first cancel reaches the mock. The client retries the cancel once."""
    proxy = DroppingProxy(os.environ["IONWORKS_API_URL"], moment, on_drop=lambda: advance(client, "100ms"))
    before = client.get("/_mock/clock")["now"]
    through = Ionworks(api_url=proxy.url)
    assert through.pipeline.cancel(pipeline.id).status == "canceled"
    assert proxy.connections == 2
    now = client.get("/_mock/clock")["now"]
    changed = client.get(f"/pipelines/{pipeline.id}")["updated_at"]
    assert changed == (now if moment == "before" else before)
    elements = client.get(f"/pipelines/{pipeline.id}/elements")
    assert {(one["status"], one["updated_at"]) for one in elements} == {("canceled", changed)}


def test_a_cancel_is_retried_after_a_lost_response(client, pipeline):
    """The mock cancels the pipeline, then drops the connection. The client retries, and the retry changes nothing."""
    client.post("/_mock/faults", {"operation": "cancel_pipeline", "pipeline_id": pipeline.id, "disconnect": "after"})
    assert client.pipeline.cancel(pipeline.id).status == "canceled"
    received = client.get(f"/_mock/requests?operation=cancel_pipeline&pipeline_id={pipeline.id}")
    assert [one["status"] for one in received] == [None, 200]
    assert [len(one["transitions"]) for one in received] == [3, 0]
    assert "mock_default" not in str(received)


def test_a_503_raises_an_error(client, pipeline):
    client.post("/_mock/faults", {"operation": "cancel_pipeline", "pipeline_id": pipeline.id, "respond": {"status": 503}})
    with pytest.raises(IonworksError) as unavailable:
        client.pipeline.cancel(pipeline.id)
    assert unavailable.value.status_code == 503
    assert client.pipeline.cancel(pipeline.id).status == "canceled"


def test_each_mock_key_has_its_own_sandbox(client, pipeline, request):
    mine = Ionworks(api_key="mock_mine")
    assert pipeline.id not in [one.id for one in mine.pipeline.list(project_id=request.node.name)]
    mine.pipeline.cancel(STORY)
    assert client.get(f"/_mock/requests?operation=cancel_pipeline&pipeline_id={STORY}&status=404") == []
    assert len(mine.get("/_mock/requests?operation=cancel_pipeline")) == 1


def job_ids(client, pipeline_id):
    """Returns the ids of the jobs of a pipeline, by the names of their elements."""
    return {one["name"]: one["job_id"] for one in client.get(f"/pipelines/{pipeline_id}/elements")}


def running_fit(request):
    """Creates a pipeline in a sandbox of its own, and runs it until its fit has started. Returns the job of the fit."""
    client = Ionworks(api_key=f"mock_{request.node.name}")
    created = client.pipeline.create(FOUR_STEPS, project_id=request.node.name, name="four steps")
    assert set(job_ids(client, created.id).values()) == {None}
    advance(client, "3s")
    return client, created.id, job_ids(client, created.id)["fit diffusivity"]


def test_a_job_follows_its_element(request):
    client, pipeline_id, job_id = running_fit(request)
    job = client.job.get(job_id)
    assert (job.job_id, job.job_type, job.status, job.priority) == (job_id, "datafit", "processing", 5)
    assert (job.is_terminal, job.is_failed, job.result, job.error) == (False, False, None, None)
    assert (job.started_at, job.completed_at, job.project_id) == (job.updated_at, None, request.node.name)
    advance(client, "9s")
    job = client.job.get(job_id)
    assert (job.status, job.is_terminal, job.is_failed) == ("completed", True, False)
    assert job.result["fun"] == 0.00412
    jobs = job_ids(client, pipeline_id)
    assert jobs["known parameters"] is jobs["volume fraction"] is None
    assert client.job.get(jobs["validate"]).job_type == "validation"


def test_cancel_of_a_running_job_cancels_its_pipeline(request):
    client, pipeline_id, job_id = running_fit(request)
    canceled = client.job.cancel(job_id)
    assert (canceled.status, canceled.is_terminal, canceled.is_failed) == ("canceled", True, True)
    assert client.pipeline.get(pipeline_id).status == "canceled"
    statuses = [one["status"] for one in client.get(f"/pipelines/{pipeline_id}/elements")]
    assert statuses == ["completed", "completed", "canceled", "canceled"]
    advance(client, "1h")
    assert client.job.cancel(job_id) == client.job.get(job_id) == canceled
    received = client.get("/_mock/requests?operation=cancel_job")
    assert [(one["pipeline_id"], len(one["transitions"])) for one in received] == [(pipeline_id, 3), (pipeline_id, 0)]


def test_cancel_of_a_pipeline_cancels_its_jobs(request):
    client, pipeline_id, job_id = running_fit(request)
    client.pipeline.cancel(pipeline_id)
    job = client.job.get(job_id)
    assert (job.status, job.is_terminal, job.is_failed) == ("canceled", True, True)


def test_cancel_of_pending_ended_and_unknown_jobs(client, request):
    mine = Ionworks(api_key=f"mock_{request.node.name}")
    elements = [{"name": "fit", "element_type": "Data Fit", "job_id": "pending-job"}]
    mine.post("/_mock/pipelines", {"pipelines": [{"id": "waiting", "name": "waiting", "elements": elements}]})
    assert mine.job.get("pending-job").status == "pending"
    assert mine.job.cancel("pending-job").status == "canceled"
    assert mine.pipeline.get("waiting").status == "canceled"
    ended = job_ids(client, COMPLETED)["fit per temperature"]
    before = client.job.get(ended)
    assert client.job.cancel(ended) == client.job.get(ended) == before
    for call in (client.job.get, client.job.cancel, client.job.get_metadata, client.job.get_series_channels):
        with pytest.raises(IonworksError) as unknown:
            call(UNKNOWN)
        assert (unknown.value.status_code, "Job not found" in str(unknown.value)) == (404, True)


def test_a_job_cannot_be_created(client):
    with warnings.catch_warnings(), pytest.raises(IonworksError) as gone:
        warnings.simplefilter("ignore", DeprecationWarning)
        client.job.create(JobCreationPayload(job_type="datafit", params={}))
    assert gone.value.status_code == 410


def test_data_of_a_job(client):
    job = job_ids(client, COMPLETED)["fit per temperature"]
    trace = client.job.get_metadata(job)["intermediate_results"]
    assert len(trace) == 8
    assert trace == client.job.get_parameter_trace(job)
    names = ["Time [s]", "Voltage [V]", "Current [A]"]
    assert client.job.get_series_channels(job)["308.15"] == {"optimal": names, "baseline": names}
    whole = client.job.get_series(job, "298.15")
    assert list(whole) == names
    assert {len(values) for values in whole.values()} == {7}
    part = client.job.get_series(
        job, "298.15", source="baseline", columns=["Voltage [V]"], x_column="Time [s]", max_points=2, x_min=10, x_max=40.5
    )
    assert part == {"Time [s]": [10, 40], "Voltage [V]": [3.784, 3.749]}
    plot = client.job.get_plot_data(job, "298.15", x_max=20)
    assert [(trace["name"], trace["x"]) for trace in plot["traces"]] == [("data", [0, 10, 20]), ("model", [0, 10, 20])]
    assert (plot["x_full_min"], plot["x_full_max"]) == (0, 60)
    assert plot["layout"]["yaxis"]["title"] == "Voltage [V]"
    for call in (
        lambda: client.job.get_series(job, "unknown"),
        lambda: client.job.get_series(job, "298.15", columns=["unknown"]),
        lambda: client.job.get_plot_data(job, "298.15", plot_index=2),
    ):
        with pytest.raises(IonworksError) as missing:
            call()
        assert missing.value.status_code == 404
    with pytest.raises(IonworksError) as invalid:
        client.job.get_series(job, "298.15", source="best")
    assert invalid.value.status_code == 422


def test_trace_series_and_overlay_of_a_fit(client):
    fit = client.pipeline.result(COMPLETED).element("fit per temperature")
    assert fit.trace[-1]["best_cost"] == 0.00412
    assert fit.posterior == {}
    assert {objective: list(sources) for objective, sources in fit.series.items()} == {
        "298.15": ["optimal", "baseline"],
        "308.15": ["optimal", "baseline"],
    }
    assert {objective: len(one["plots"]) for objective, one in fit.overlay.items()} == {"298.15": 2, "308.15": 1}


def test_series_and_overlay_of_a_validation(client):
    validation = client.pipeline.result(COMPLETED).element("validate")
    assert list(validation.series["1C at 303.15 K"]) == ["optimal"]
    assert [len(one["plots"]) for one in validation.overlay.values()] == [1]


def test_posterior_of_a_sampler(client):
    posterior = client.pipeline.result(SAMPLED).element("sample diffusivity").posterior
    (name,) = posterior["sample_param_names"]
    assert len(posterior["samples"][name]) == len(posterior["sample_costs"]) == 10
    assert posterior["sample_burnin"] == 2


def test_data_of_a_created_fit(request):
    client, pipeline_id, _ = running_fit(request)
    advance(client, "9s")
    fit = client.pipeline.result(pipeline_id).element("fit diffusivity")
    assert [one["best_cost"] for one in fit.trace] == [0.0164, 0.0059, 0.00412]
    assert list(fit.series["1C"]["optimal"]) == ["Time [s]", "Voltage [V]", "Current [A]"]
    assert len(fit.overlay["1C"]["plots"]) == 1
    assert fit.posterior == {}


def test_a_fit_without_data(request):
    client = Ionworks(api_key=f"mock_{request.node.name}")
    fit = {"name": "fit", "element_type": "Data Fit", "result": {"parameter_values": {}}}
    client.post("/_mock/pipelines", {"pipelines": [{"id": "bare", "name": "bare", "status": "completed", "elements": [fit]}]})
    element = client.pipeline.result("bare").element("fit")
    assert (element.posterior, element.series, element.overlay) == ({}, {}, {})
    with pytest.raises(IonworksError) as missing:
        element.trace
    assert missing.value.status_code == 404


def test_the_client_finds_all_plots_without_their_number(request):
    """Without the number of plots, the client asks for the plots 0, 1, 2 and so on, until it receives a 404."""
    client = Ionworks(api_key=f"mock_{request.node.name}")
    plot = {"traces": [{"name": "model", "x": [0, 1], "y": [4.1, 4]}]}
    data = {"metadata": {"validation_plot_config": {"1C": {}, "none": {}}}, "plots": {"1C": [plot, plot]}}
    fit = {"name": "fit", "element_type": "Data Fit", "result": {"parameter_values": {}}, "mock": data}
    client.post("/_mock/pipelines", {"pipelines": [{"id": "old", "name": "old", "status": "completed", "elements": [fit]}]})
    overlay = client.pipeline.result("old").element("fit").overlay
    assert {objective: len(one["plots"]) for objective, one in overlay.items()} == {"1C": 2}


class DroppingProxy:
    """A proxy that drops the first connection before or after it forwards the request, and then works normally."""

    def __init__(self, target, moment, on_drop):
        host, port = target.removeprefix("http://").split(":")
        self._target = (host, int(port))
        self._moment = moment
        self._on_drop = on_drop
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            self.connections += 1
            if self.connections == 1:
                request = connection.recv(65536)
                while not request.endswith(b"\r\n\r\n{}"):
                    request += connection.recv(65536)
                if self._moment == "after":
                    server = socket.create_connection(self._target)
                    server.sendall(request)
                    assert server.recv(65536).startswith(b"HTTP/1.1 200")
                    server.close()
                self._on_drop()
                connection.close()
            else:
                server = socket.create_connection(self._target)
                for source, sink in ((connection, server), (server, connection)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.close()
