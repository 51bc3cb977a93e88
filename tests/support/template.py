"""The SAM template as data."""

from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are not installed for a single call

from tests.support.repository import ROOT

_TEMPLATE = ROOT / "template.yaml"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # as above, no types
    """A YAML loader; a CloudFormation function becomes `{"Fn": its argument}`."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _function)


def template() -> dict[str, Any]:
    """Read the template."""
    text = _TEMPLATE.read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    return loaded


RESOURCES: dict[str, Any] = template()["Resources"]
