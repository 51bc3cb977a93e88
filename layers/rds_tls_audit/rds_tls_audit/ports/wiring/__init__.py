"""Where real ports are made: a module for each function, so that it loads no other's."""
