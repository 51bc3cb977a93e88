"""Everything that touches the world: each port translates, none judges."""
