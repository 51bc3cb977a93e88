"""Start executions of the state machine."""

import json
from collections.abc import Mapping
from contextlib import suppress

import boto3


class StateMachine:
    """The state machine of the audit."""

    def __init__(self, arn: str) -> None:
        """Use the state machine with this ARN."""
        self._arn = arn
        self._client = boto3.client("stepfunctions")

    def start(self, name: str, execution_input: Mapping[str, object]) -> None:
        """Start an execution, unless one of this name was started in the last 90 days.

        If the earlier execution still runs with the same input, Step Functions returns success;
        otherwise it returns the error that is ignored here.
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        with suppress(self._client.exceptions.ExecutionAlreadyExists):
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(execution_input)
            )
