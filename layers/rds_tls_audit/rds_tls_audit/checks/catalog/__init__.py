"""One module per check, named like its id; each holds its check as `CHECK`."""
