"""The use cases of the pipeline, one module per Lambda function."""
