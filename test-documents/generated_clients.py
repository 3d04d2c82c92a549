"""Uses the clients that openapi-python-client generates."""

import os
from datetime import datetime, timezone

from fast_api_client import Client as ApiClient
from fast_api_client.api.pipeline import cancel_pipeline_pipelines_pipeline_id_cancel_post as cancel_pipeline
from fast_api_client.models import HTTPValidationError, Pipeline, PipelineStatus
from ionworks_mock_control_client import Client as ControlClient
from ionworks_mock_control_client.api.clock import advance_clock, set_clock
from ionworks_mock_control_client.api.faults import add_fault
from ionworks_mock_control_client.api.requests import list_requests
from ionworks_mock_control_client.models import (
    Advance,
    Clock,
    ClockChange,
    ClockMode,
    OperationName,
    PlannedResponse,
    Problem,
    RespondFault,
)

base_url = os.environ["MOCK_URL"] + "/_sandbox/openapi-python-client"
api = ApiClient(base_url=base_url)
control = ControlClient(base_url=base_url)

noon = datetime(2026, 10, 1, 12, tzinfo=timezone.utc)
set_clock.sync(client=control, body=ClockChange(mode=ClockMode.FROZEN, now=noon))
clock = advance_clock.sync(client=control, body=Advance(by="PT30S"))
assert isinstance(clock, Clock), clock
assert clock.now == noon.replace(second=30), clock

problem = advance_clock.sync(client=control, body=Advance(by="soon"))
assert isinstance(problem, Problem), problem
assert problem.code == "invalid_request", problem

fault = RespondFault(operation=OperationName.CANCEL_PIPELINE, respond=PlannedResponse(status=503))
add_fault.sync(client=control, body=fault)
assert cancel_pipeline.sync_detailed("fit", client=api).status_code == 503

pipeline = cancel_pipeline.sync("fit", client=api)
assert isinstance(pipeline, Pipeline), pipeline
assert pipeline.status == PipelineStatus.CANCELED, pipeline
assert pipeline.updated_at == noon.replace(second=30), pipeline

unknown = cancel_pipeline.sync("unknown", client=api)
assert isinstance(unknown, HTTPValidationError), unknown

requests = list_requests.sync(client=control, operation=OperationName.CANCEL_PIPELINE)
assert [request.status for request in requests] == [503, 200, 422], requests
assert len(requests[1].transitions) == 3, requests
