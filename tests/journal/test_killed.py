"""What was acknowledged is there after a SIGKILL at any moment, and nothing is half there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are of POSIX systems")


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(folder):
    script = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, folder, "200", "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == 200
    for number, found in enumerate(rounds):
        assert found["killed"], number
        for wrong in ("damage", "lost", "torn", "forgotten", "undelivered", "twice"):
            assert not found[wrong], (number, wrong, found[wrong])
    # The kills did come while something was written.
    assert all(found["told"] >= found["asked"] for found in rounds)
    assert sum(found["asked"] > 0 for found in rounds) > 50
    assert rounds[-1]["entries"] > 200
