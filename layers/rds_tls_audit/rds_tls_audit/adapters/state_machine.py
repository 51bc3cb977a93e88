"""The state machine: starts a run."""

import json
from collections.abc import Mapping
from contextlib import suppress

import boto3


class StateMachine:
    """Starts executions; looks at none."""

    def __init__(self, arn: str) -> None:
        """Start them of this state machine."""
        self._arn = arn
        self._client = boto3.client("stepfunctions")

    def start(self, name: str, asked: Mapping[str, object]) -> None:
        """Start one, unless one of this name was started before, within 90 days.

        Of one that still runs Step Functions says so only where it was asked for something else.
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        with suppress(self._client.exceptions.ExecutionAlreadyExists):
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(asked)
            )
