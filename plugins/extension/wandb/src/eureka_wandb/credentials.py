"""Whether there is a key for W&B, found without asking anybody."""

from __future__ import annotations

from eureka.errors import ConfigError


def refuse_without_key() -> None:
    """Raise ConfigError where W&B would have to ask for a key on the terminal. Nothing is sent."""
    import wandb

    wandb.setup(wandb.Settings(silent=True))
    if not wandb.login(prompt=False, verify=False):
        raise ConfigError(
            "extensions: wandb has no key for mode: online. Give one with: export WANDB_API_KEY=… (or: wandb login), "
            "or keep the run here with mode: offline"
        )
