"""A second, slow reading of the model page: one day after the other, one animal after the other.

It shares the keyed uniforms with the compiled kernel and nothing else, so that the two can be compared
animal by animal.

- `calibration`: what the records say about ages, intervals and leaving
- `draws`: distributions over whole days, and the days drawn from them
- `purchases`: the three purchase policies
- `simulator`: one day, in the order of the model page
- `hazards`, `calibrated`: the same in the calibrated mode, whose rates are drawn
- `reader`, `reference`: the herd files and tables that both are compared with
- `tiny`: herds of a few animals, for rules worked out by hand
"""
