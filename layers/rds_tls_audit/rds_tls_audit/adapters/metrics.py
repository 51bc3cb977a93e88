"""CloudWatch metrics, written to the log in the embedded metric format (EMF)."""

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "RdsTlsAudit"


def count(**numbers: int) -> None:
    """Emit counts of this invocation, each under the name of its metric."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service="rds-tls-audit")
    for name, number in numbers.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()
