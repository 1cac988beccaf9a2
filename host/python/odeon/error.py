"""The one exception of Odeon's own."""


class Error(Exception):
    """What Odeon finds wrong, as a full sentence with the place, the rule, what was found and the remedy.

    Mistakes in a configuration are named with file, line and column, as the program ``odeon`` does.

    Attributes:
        exit_code: 1 the run failed, 2 the configuration or the call is wrong, 3 a plugin could not be loaded.
    """

    def __init__(self, message: str, exit_code: int = 1):
        super().__init__(message, exit_code)
        self.exit_code = exit_code

    def __str__(self) -> str:
        return self.args[0]
