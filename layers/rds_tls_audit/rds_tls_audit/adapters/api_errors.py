"""The errors of AWS API calls, and how texts name them."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

type ApiError = ClientError | BotoCoreError | ResponseParserError

# A proxy or an emulator may respond with an HTML page: that is a ResponseParserError.
API_ERRORS = (ClientError, BotoCoreError, ResponseParserError)


def error_code(error: ApiError) -> str:
    """Return the AWS error code, like `AccessDenied`, else the type, like `ConnectTimeoutError`."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "an error without a code")
    return type(error).__name__


def describe_error(error: ApiError) -> str:
    """Describe an error by its code and operation: `AccessDenied on DescribeDBParameters`."""
    if isinstance(error, ClientError):
        return f"{error_code(error)} on {error.operation_name}"
    return error_code(error)
