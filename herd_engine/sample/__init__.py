"""Sample farms: a synthetic export of any size in the farm's own format, and the truth beside it."""

from herd_engine.sample.farm import DEFAULT_FARM, SampleFarm
from herd_engine.sample.make import DEFAULT_REPORT_DATE, Sample, make_sample

__all__ = ["DEFAULT_FARM", "DEFAULT_REPORT_DATE", "Sample", "SampleFarm", "make_sample"]
