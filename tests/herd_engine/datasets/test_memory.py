"""A large file takes no more memory than is said: four times its bytes and 64 MiB."""

import subprocess
import sys
from pathlib import Path

from herd_engine.sample import make_sample

MIB = 1 << 20
MEASURE = """
import sys
from pathlib import Path
from herd_engine.datasets.herd_file import read_herd_bytes

def status(name):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines()
                if line.startswith(name)) * 1024

read_herd_bytes(Path(sys.argv[1]).read_bytes(), "small.csv")  # what is imported at the first time
before = status("VmRSS")
read_herd_bytes(Path(sys.argv[2]).read_bytes(), "large.csv")
print(status("VmHWM") - before)
"""


def test_reading_takes_four_times_the_bytes_and_64_mib(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_bytes(make_sample(animals=50).csv)
    large.write_bytes(make_sample(animals=100_000).csv)

    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, small, large], capture_output=True, text=True, check=True
    )

    n_bytes = large.stat().st_size
    assert n_bytes > 10 * MIB
    assert int(ended.stdout) <= 4 * n_bytes + 64 * MIB
