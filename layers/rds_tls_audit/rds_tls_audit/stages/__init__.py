"""One module per Lambda function: the use cases of the pipeline."""
