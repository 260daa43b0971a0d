"""`eureka play`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eureka.final_types import PlayedEpisode


@click.command()
@click.argument("run_dir", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("candidate", required=False)
@click.option("--episodes", type=click.IntRange(min=1), default=3, show_default=True, help="How many are played.")
@click.option("--video", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.mp4|.gif", help="Write all of them into one video.")
@click.option("--window", is_flag=True, help="Show them on the screen.")
@click.option("--seed", type=click.IntRange(min=0), help="Play other episodes. Default: those of the final evaluation.")
@click.option("--checkpoint", type=click.IntRange(min=1), metavar="STEPS", help="The policy after so many steps; see keep.checkpoints.")
def play(
    run_dir: Path, candidate: str | None, episodes: int, video: Path | None, window: bool, seed: int | None, checkpoint: int | None
) -> None:
    """Play the best policy of the run in DIR, or that of CANDIDATE, and print what each episode comes to.

    The policy acts as it is measured, without chance. FITNESS is the task's, RETURN the sum of the environment's own reward.

    \b
    Examples:
      eureka play runs/first
      eureka play runs/first --video best.mp4
      eureka play runs/first r0i1s03 --episodes 1 --window
    """
    from eureka.play import VIDEOS, player

    if video is not None and window:
        raise click.UsageError("--video and --window exclude each other; give one.")
    if video is not None and video.suffix.lower() not in VIDEOS:
        raise click.UsageError(f'--video "{video}" is no video; give a name that ends in {" or ".join(VIDEOS)}.')
    chosen = player(run_dir, candidate, checkpoint)
    start = f" from the policy in {chosen.began_with}" if chosen.began_with is not None else ""
    header = [
        f"The policy in {chosen.checkpoint}, trained under reward {chosen.candidate}{start}:",
        _line("SEED", "FITNESS", "RETURN", "STEPS", "END"),
    ]

    def tell(episode: PlayedEpisode) -> None:
        click.echo("\n".join([*header, _line(*_cells(episode))]))
        header.clear()

    played = chosen.play(episodes, seed, video, window, tell)
    if len(played) > 1:
        click.echo(_line("mean", *_mean(played), ""))
    if video is not None:
        click.echo(f"{video} ({video.stat().st_size / 1e6:.2g} MB)")


def _line(*cells: str) -> str:
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells[:-1], (12, 10, 10, 7), strict=True)) + f"  {cells[-1]}".rstrip()


def _cells(episode: PlayedEpisode) -> tuple[str, ...]:
    from eureka.builtin.progress_lines import number

    own = "" if episode.native is None else number(episode.native)
    return str(episode.seed), number(episode.fitness), own, str(episode.steps), "terminated" if episode.terminated else "time limit"


def _mean(played: tuple[PlayedEpisode, ...]) -> tuple[str, ...]:
    from statistics import fmean

    from eureka.builtin.progress_lines import number

    own = [episode.native for episode in played if episode.native is not None]
    fitness, steps = fmean(episode.fitness for episode in played), fmean(episode.steps for episode in played)
    return number(fitness), number(fmean(own)) if len(own) == len(played) else "", f"{steps:.0f}"
