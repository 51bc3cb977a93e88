"""The pipeline: discover → probe → publish → report; `audit` runs all of it in one go."""
