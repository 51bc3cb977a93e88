"""A finding that breaks no rule, with all fields that the rules are about."""

from rds_tls_audit.findings.asff import Finding

NAME = "orders-prod"
TYPE = "Software and Configuration Checks/AWS Security Best Practices/Data Encryption in Transit"
VALID: Finding = {
    "SchemaVersion": "2018-10-08",
    "Id": "eu-central-1/123456789012/rds-tls-audit/force-ssl/db-A",
    "ProductArn": ("arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default"),
    "GeneratorId": "rds-tls-audit/force-ssl",
    "AwsAccountId": "123456789012",
    "CreatedAt": "2026-03-01T06:00:00.000Z",
    "FirstObservedAt": "2026-03-01T06:00:00.000Z",
    "UpdatedAt": "2026-03-01T06:00:00.123456789+01:00",
    "LastObservedAt": "2026-03-01T06:00:00Z",
    "Title": f"RDS TLS: plaintext connections should be refused: {NAME}",
    "Description": "The server accepts connections without TLS.",
    "Types": [TYPE],
    "Severity": {"Label": "HIGH"},
    "FindingProviderFields": {
        "Severity": {"Label": "HIGH", "Original": "FAILED"},
        "Types": [TYPE],
        "Confidence": 100,
    },
    "Compliance": {
        "Status": "FAILED",
        "StatusReasons": [{"ReasonCode": "SEEN"}],
        "RelatedRequirements": ["NIST.800-53.r5 SC-8"],
    },
    "Remediation": {"Recommendation": {"Text": "Force TLS.", "Url": "https://example.com/"}},
    "ProductFields": {"rds-tls-audit/check": "force-ssl"},
    "Resources": [
        {
            "Type": "AwsRdsDbInstance",
            "Id": f"arn:aws:rds:eu-central-1:123456789012:db:{NAME}",
            "Partition": "aws",
            "Region": "eu-central-1",
            "Tags": {"Owner": "orders"},
            "Details": {"AwsRdsDbInstance": {"DBInstanceIdentifier": NAME}, "Other": {"a": "b"}},
        }
    ],
    "RecordState": "ACTIVE",
}
