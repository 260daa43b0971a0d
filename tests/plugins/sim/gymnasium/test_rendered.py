"""Environments that somebody watches: drawn in the state each step reached, stepped with the numbers they always have."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from eureka.env import EnvRequest
from eureka.errors import ConfigError
from eureka_gymnasium import GymnasiumSim, headless


class Picture(gymnasium.Env):
    """A grey that gets lighter with every step; after `last` steps it ends."""

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 12}  # noqa: RUF012
    observation_space, action_space = spaces.Box(0, 9, (1,)), spaces.Discrete(2)

    def __init__(self, render_mode=None, last=3):
        self.render_mode, self.last = render_mode, last

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.clock = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.clock += 1
        return np.full(1, self.clock, np.float32), 1.0, self.clock == self.last, False, {}

    def render(self):
        return np.full((4, 6, 3), self.clock, np.uint8)


class Invisible(Picture):
    def __init__(self):
        super().__init__()


class Unfinished(Picture):
    def render(self):
        raise ZeroDivisionError("no scale")


class Textual(Picture):
    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012


ENVS = {"Textual": Textual, "Picture": Picture, "Invisible": Invisible, "Unfinished": Unfinished, "Endless": Picture}


@pytest.fixture(autouse=True, scope="module")
def _pictures():
    for name, entry_point in ENVS.items():
        limit = 2 if name == "Endless" else None
        gymnasium.register(f"EurekaDrawn/{name}-v0", entry_point, max_episode_steps=limit)
    yield
    for name in ENVS:
        del gymnasium.registry[f"EurekaDrawn/{name}-v0"]


@pytest.fixture(autouse=True)
def _no_display(monkeypatch):
    """As on a server; what is set for drawing without a display is gone after the test."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "MUJOCO_GL", "PYOPENGL_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER"):
        monkeypatch.setenv(name, "dummy")


def made(env, render="rgb_array", **options):
    name = f"EurekaDrawn/{env}-v0" if env in ENVS else env
    return GymnasiumSim(GymnasiumSim.Options(env=name, **options)).eureka_make_env(EnvRequest(None, 1, {}, render))


@pytest.mark.parametrize(("name", "steps"), [("Picture", 3), ("Endless", 2)])
def test_a_frame_is_of_the_state_the_step_reached_also_of_an_episodes_last(name, steps):
    env = made(name)
    for seed in (1, 2):
        env.reset([seed])
        assert env.render_fps == 12 and env.render()[0, 0].tolist() == [0, 0, 0]
        for clock in range(1, steps + 1):
            step = env.step(np.zeros(1, int))
            assert env.render().tolist() == np.full((4, 6, 3), clock).tolist()
        assert step.terminated[0] | step.truncated[0]
        assert step.observations[0, 0] == 0  # the next episode has begun all the same
    env.step(np.zeros(1, int))
    assert env.render()[0, 0, 0] == 1


def test_an_environment_that_says_no_pace_is_watched_at_the_usual_one(monkeypatch):
    monkeypatch.setattr(Picture, "metadata", {"render_modes": ["rgb_array"]})
    assert made("Picture").render_fps == 30


def test_a_render_mode_among_the_arguments_gives_way():
    env = made("Picture", kwargs={"render_mode": "ansi", "last": 5})
    env.reset([0])
    assert env.render().shape == (4, 6, 3)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "LunarLander-v3"])
def test_watched_an_environment_gives_the_numbers_it_gives_otherwise(env_id):
    gymnasium.make(env_id).close()
    pytest.importorskip("pygame", reason="needs pygame: pip install pygame-ce")
    watched, other, rng = made(env_id), made(env_id, None), np.random.default_rng(0)
    for seed in (3, 4):
        assert watched.reset([seed]).observations.tolist() == other.reset([seed]).observations.tolist()
        frames = [watched.render()]
        for _ in range(60):
            action = rng.integers(0, watched.action_space.n, 1)
            one, two = watched.step(action), other.step(action)
            for field in ("observations", "final_observations", "native", "terminated", "truncated"):
                assert getattr(one, field).tolist() == getattr(two, field).tolist()
            if one.terminated[0]:
                break
        frames.append(watched.render())
        assert {frame.dtype for frame in frames} == {np.dtype("uint8")} and {frame.shape for frame in frames} == {(400, 600, 3)}
        assert (frames[0] != frames[1]).any()
    watched.close()
    other.close()


@pytest.mark.parametrize(
    ("env", "told"),
    [("Invisible", "cannot be drawn: it takes no render_mode."), ("Textual", "cannot be drawn as rgb_array; its render modes: ansi.")],
)
def test_an_environment_that_cannot_be_drawn_says_so(env, told):
    with pytest.raises(ConfigError) as error:
        made(env)
    assert str(error.value).startswith(f"sim.env: EurekaDrawn/{env}-v0 {told}")


def test_one_of_the_users_own_without_a_render_mode_is_told_what_it_needs(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import gymnasium, numpy as np\nfrom gymnasium import spaces\n\nclass Mine(gymnasium.Env):\n"
        "    observation_space, action_space = spaces.Box(0, 9, (1,)), spaces.Discrete(2)\n"
        "    def reset(self, *, seed=None, options=None):\n        return np.zeros(1, np.float32), {}\n"
        "    def step(self, action):\n        return np.zeros(1, np.float32), 0.0, False, False, {}\n"
    )
    with pytest.raises(ConfigError, match=r"mine\.py:Mine cannot be drawn: it takes no render_mode\. An environment that can has it in"):
        made(f"{file}:Mine")


def test_an_environment_that_fails_to_draw_is_told_with_what_it_raised():
    env = made("Unfinished")
    env.reset([0])
    with pytest.raises(ConfigError, match=r"EurekaDrawn/Unfinished-v0 could not be drawn \(ZeroDivisionError: no scale\)\."):
        env.render()


def test_without_pygame_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    env = made("CartPole-v1")
    env.reset([0])
    with pytest.raises(
        ConfigError, match=r'CartPole-v1 needs a package that is not installed here.*pip install "gymnasium\[classic-control\]"'
    ):
        env.render()


def test_a_window_on_no_screen_is_an_error():
    pytest.importorskip("pygame", reason="needs pygame: pip install pygame-ce")
    with pytest.raises(ConfigError, match="CartPole-v1 found no screen that DISPLAY or WAYLAND_DISPLAY names"):
        made("CartPole-v1", "human").reset([0])  # SDL is told to use its dummy driver


def test_without_a_display_nothing_that_the_user_has_set_is_changed(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "kmsdrm")
    monkeypatch.delenv("SDL_AUDIODRIVER")
    headless.pygame_without_display()
    assert (os.environ["SDL_VIDEODRIVER"], os.environ["SDL_AUDIODRIVER"]) == ("kmsdrm", "dummy")
    monkeypatch.setenv("MUJOCO_GL", "glfw")
    headless.mujoco_without_display("Hopper-v5")
    assert os.environ["MUJOCO_GL"] == "glfw"


@pytest.mark.parametrize(("works", "chosen"), [(("egl", "osmesa"), "egl"), (("osmesa",), "osmesa"), ((), None)])
def test_mujoco_draws_with_what_works_and_where_nothing_does_it_says_what_to_install(monkeypatch, works, chosen):
    monkeypatch.setenv("MUJOCO_GL", "")  # so that what is set here is gone afterwards
    monkeypatch.setenv("PYOPENGL_PLATFORM", "")
    tried = []

    def run(command, env, **_):
        tried.append(env["MUJOCO_GL"])
        assert f"mujoco.{tried[-1]} import" in command[-1] and env["PYOPENGL_PLATFORM"] == tried[-1]
        return SimpleNamespace(returncode=int(tried[-1] not in works))

    monkeypatch.setattr(subprocess, "run", run)
    if chosen is None:
        with pytest.raises(
            ConfigError, match=r"Hopper-v5 is drawn by MuJoCo.*apt install libegl1 libgl1-mesa-dri \(or: apt install libosmesa6\)"
        ):
            headless.mujoco_without_display("Hopper-v5")
        return
    headless.mujoco_without_display("Hopper-v5")
    assert (os.environ["MUJOCO_GL"], os.environ["PYOPENGL_PLATFORM"], tried[-1]) == (chosen, chosen, chosen)


def test_with_a_display_mujoco_chooses_itself(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    headless.mujoco_without_display("Hopper-v5")
    assert "MUJOCO_GL" not in os.environ


@pytest.mark.slow
def test_mujoco_is_drawn_without_a_display():
    pytest.importorskip("mujoco", reason="needs MuJoCo: pip install mujoco")
    try:
        headless.mujoco_without_display("Hopper-v5")
    except ConfigError as error:
        pytest.skip(str(error))
    # In a process of its own: what draws is chosen once in a process.
    code = (
        "from eureka.env import EnvRequest; from eureka_gymnasium import GymnasiumSim\n"
        "env = GymnasiumSim(GymnasiumSim.Options(env='Hopper-v5')).eureka_make_env(EnvRequest(None, 1, {}, 'rgb_array'))\n"
        "env.reset([0]); frame = env.render(); print(frame.shape, frame.dtype, frame.std() > 10, env.render_fps)"
    )
    for name in ("MUJOCO_GL", "PYOPENGL_PLATFORM"):
        del os.environ[name]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "(480, 480, 3) uint8 True 125.0\n", done.stderr
