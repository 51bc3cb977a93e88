"""Translate the SAM template into plain CloudFormation, so that the result can be linted.

`sam validate --lint` checks only the source. A circular reference between resources that SAM adds
is visible only in the translation. Run this in the environment of the SAM CLI:

    .venv-sam/bin/python tests/support/translate_template.py template.yaml translated.yaml
"""

import sys
from pathlib import Path

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

REGION = "eu-central-1"


class _NoManagedPolicies:
    """Replaces the request to IAM for managed policies, because the template names none."""

    def load(self) -> dict[str, str]:
        """Return no policies."""
        return {}


def main(source: Path, target: Path) -> None:
    """Write the translation of `source` to `target`."""
    validator = SamTemplateValidator(
        yaml_parse(source.read_text()), _NoManagedPolicies(), region=REGION
    )
    target.write_text(validator.get_translated_template_if_valid())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
