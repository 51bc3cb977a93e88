"""Amazon Resource Names."""

from dataclasses import dataclass

_PARTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """The parts of `arn:partition:service:region:account:resource`."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Split an ARN into its parts.

        Raises:
            ValueError: The text is not an ARN.
        """
        parts = text.split(":", _PARTS - 1)
        if len(parts) != _PARTS or parts[0] != "arn":
            raise ValueError(
                f"{text!r} is not an ARN (arn:partition:service:region:account:resource)"
            )
        _, partition, service, region, account, resource = parts
        return cls(
            partition=partition, service=service, region=region, account=account, resource=resource
        )

    @property
    def name(self) -> str:
        """The resource without its type: `orders-prod` for `db:orders-prod`."""
        return self.resource.split(":", 1)[-1]
