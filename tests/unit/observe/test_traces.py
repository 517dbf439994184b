import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tieline.observe.traces import current_trace_id, span, trace_headers


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def test_a_phase_is_a_span_with_our_attributes(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    with span("tieline.http.send", operation="flows.launch", run_id=None):
        inside = current_trace_id()
    (found,) = exporter.get_finished_spans()
    assert found.name == "tieline.http.send"
    assert dict(found.attributes or {}) == {"tieline.operation": "flows.launch"}
    assert found.context is not None
    assert inside == f"{found.context.trace_id:032x}"


def test_a_request_inside_of_a_trace_carries_it_on(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    assert trace_headers() == {}
    theirs: dict[str, str] = {}
    with span("tieline.http.send"):
        headers = trace_headers()
        TraceContextTextMapPropagator().inject(theirs)

    assert headers == theirs
    assert headers["traceparent"].startswith("00-")


def test_an_exception_marks_the_span_and_goes_on(exporter: InMemorySpanExporter) -> None:
    exporter.clear()
    with pytest.raises(ValueError, match="no"), span("tieline.http.send"):
        raise ValueError("no")
    (found,) = exporter.get_finished_spans()
    assert not found.status.is_ok


def test_outside_of_a_trace_there_is_no_id() -> None:
    assert current_trace_id() is None
