"""Imports litellm with everything off that it would do on its own: fetch price lists, read `.env` files, print, log."""

from __future__ import annotations

import importlib
import logging
import os
import threading
from typing import Any

_LOCK = threading.Lock()
_UNLESS_SET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # prices as the installed release has them
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",  # in its default mode it reads a `.env` file into the environment
    "LITELLM_DISABLE_BUG_REPORT_LINK": "True",
}


def library() -> Any:
    """The module `litellm`. The first call takes seconds and others wait for it; what a user set in the environment stays as it is.

    Its telemetry is its proxy server's alone: the library has none.
    """
    with _LOCK:
        for name, value in _UNLESS_SET.items():
            os.environ.setdefault(name, value)
        if "LITELLM_LOG" not in os.environ:
            for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
        module: Any = importlib.import_module("litellm")
        module.suppress_debug_info = True
        module.disable_hf_tokenizer_download = True  # it would fetch a tokeniser where a provider tells no usage
        return module
