"""How a call to AWS fails, and how that is told: never as a verdict."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

type ApiError = ClientError | BotoCoreError | ResponseParserError

# Something in between (a proxy, an emulator) may answer with a page: that is the last of them.
API_ERRORS = (ClientError, BotoCoreError, ResponseParserError)


def error_code(error: ApiError) -> str:
    """AWS's own code, `AccessDenied`, else the kind of failure, `ConnectTimeoutError`."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "an answer without a code")
    return type(error).__name__


def describe_error(error: ApiError) -> str:
    """`AccessDenied on DescribeDBParameters`."""
    if isinstance(error, ClientError):
        return f"{error_code(error)} on {error.operation_name}"
    return error_code(error)
