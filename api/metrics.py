"""Counts and latencies of requests, written as Prometheus reads them."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _no_counts() -> list[int]:
    return [0] * (len(BUCKETS_S) + 1)


@dataclass(slots=True)
class Metrics:
    """Changed on the event loop alone, so it needs no lock."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    latencies: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(_no_counts))
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; unknown methods share one label, or anyone could add them."""
        known = method if method in _METHODS else "OTHER"
        self.requests[known, route, status] += 1
        self.latencies[route][bisect_left(BUCKETS_S, seconds)] += 1
        self.seconds[route] += seconds

    def text(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# TYPE gridfield_requests_total counter"
        for (method, route, status), count in sorted(self.requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"gridfield_requests_total{{{labels}}} {count}"
        yield "# TYPE gridfield_request_seconds histogram"
        for route, counts in sorted(self.latencies.items()):
            yield from self._histogram(route, counts)

    def _histogram(self, route: str, counts: list[int]) -> Iterator[str]:
        below = 0
        for edge, count in zip((*BUCKETS_S, "+Inf"), counts, strict=True):
            below += count
            yield f'gridfield_request_seconds_bucket{{route="{route}",le="{edge}"}} {below}'
        yield f'gridfield_request_seconds_sum{{route="{route}"}} {self.seconds[route]:.6f}'
        yield f'gridfield_request_seconds_count{{route="{route}"}} {below}'
