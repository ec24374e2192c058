from repair.layout import *  # noqa: F403 - while others move
