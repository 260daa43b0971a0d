"""What an Atari game shows besides its picture."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from eureka_gymnasium.candidates import Candidate

RAM = Candidate("ram", "env.ram", "the console's 128 bytes of memory, 0 to 255 each: where things are in the game", state=True)


class Memory(gymnasium.Wrapper):  # type: ignore[misc]
    """Gives a game's memory as an attribute, so that `env.ram[49]` is a source; a reward sees no pictures."""

    @property
    def ram(self) -> NDArray[np.uint8]:
        """uint8 (128,)."""
        bytes_: NDArray[np.uint8] = self.unwrapped.ale.getRAM()
        return bytes_


def is_atari(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether the environment inside is one of the Arcade Learning Environment."""
    return type(env.unwrapped).__module__.partition(".")[0] == "ale_py"
