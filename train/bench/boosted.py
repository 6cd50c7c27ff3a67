"""Gradient-boosted trees (LightGBM) on the table of `titrate bench table`.

    titrate bench table --data t1d_uom > table.csv
    python3 -m venv v && v/bin/pip install lightgbm pandas && v/bin/python boosted.py table.csv

Five folds by person, as in the report; RMSE in mg/dL over all of them. Trees are
given the change of glucose, and nothing of what is done after the moment.
"""
import sys

import lightgbm
import numpy
import pandas

table = pandas.read_csv(sys.argv[1])
inputs = [c for c in table.columns if c not in ("patient", "fold", "at_us") and not c.startswith("came_")]
# What tells people apart rather than moments is learned by heart from eight people.
names = {"isf", "csf", "daily_u", "daily_ratio", "years", "weight_kg", "type2", "pump", "settings_told", "long_u", "long_age_h"}
for label, columns in (("all inputs", inputs), ("without what tells people apart", [c for c in inputs if c not in names])):
    for minutes in (30, 60, 120):
        came = table[f"came_{minutes}"] - table["glucose_mgdl"]
        forecast = numpy.full(len(table), numpy.nan)
        for fold in sorted(table["fold"].unique()):
            learn, judge = (table["fold"] != fold) & came.notna(), table["fold"] == fold
            trees = lightgbm.LGBMRegressor(n_estimators=250, learning_rate=0.05, num_leaves=31,
                                           min_child_samples=200, n_jobs=1, random_state=1, verbose=-1)
            trees.fit(table.loc[learn, columns], came[learn])
            forecast[judge] = trees.predict(table.loc[judge, columns])
        print(f"{label}, {minutes} min: RMSE {numpy.sqrt(numpy.nanmean((forecast - came) ** 2)):.2f} mg/dL")
