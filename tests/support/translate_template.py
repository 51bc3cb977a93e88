"""Translates the SAM template into plain CloudFormation, so that what SAM makes of it is linted.

`sam validate --lint` looks at the source alone: a circular reference among the resources that SAM
adds shows only here. Runs in the environment of the SAM CLI:

    .venv-sam/bin/python tests/support/translate_template.py template.yaml translated.yaml
"""

import sys
from pathlib import Path

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

REGION = "eu-central-1"


class _NoManagedPolicies:
    """Stands where the SAM CLI would ask IAM: the template names no policy of AWS's."""

    def load(self) -> dict[str, str]:
        """Know none."""
        return {}


def main(source: Path, target: Path) -> None:
    """Write the translation of `source` to `target`."""
    validator = SamTemplateValidator(
        yaml_parse(source.read_text()), _NoManagedPolicies(), region=REGION
    )
    target.write_text(validator.get_translated_template_if_valid())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
