"""The kernel is compiled once, whatever the mode, the policy, the batch and the layout of arrays."""

import subprocess
import sys

CODE = """
import pickle
from dataclasses import replace
import numpy as np
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.engine.inputs import prepare
from herd_engine.engine.kernel.run import run_many
from herd_engine.engine.simulate import simulate_batch
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario
from herd_engine.sample import make_sample

herd_file = read_herd_bytes(make_sample(animals=150, seed=4).csv, "sample.csv")
for mode in Mode:
    for policy in PurchasePolicy:
        scenario = Scenario(mode=mode, purchase_policy=policy, horizon_months=3)
        tables = calibrate(herd_file.records, mode, scenario.model)
        inputs = prepare(herd_file.herd, tables, scenario).inputs
        buffers = []
        data = pickle.dumps(inputs, protocol=5, buffer_callback=buffers.append)
        read_only = pickle.loads(data, buffers=[bytes(buffer.raw()) for buffer in buffers])
        assert not read_only.animals.key.flags.writeable
        for runs in (range(1), range(2), range(3, 260)):
            simulate_batch(inputs, 1, runs)
            simulate_batch(read_only, 1, runs)
        full = replace(scenario, places_head=100, places_milking=40, sell_pregnant=True, cull_cows=True)
        simulate_batch(prepare(herd_file.herd, tables, full).inputs, 1, range(2))
print(len(run_many.signatures))
"""


def test_every_mode_policy_batch_and_layout_uses_the_same_compiled_kernel() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)

    assert (ended.stdout, ended.stderr) == ("1\n", "")
