"""Batch: many episodes, on this machine or on a Ray cluster, that survive whatever stops them.

```
spec.py --jobs--> conduct.py --Job--> pool.py | cluster.py --Job--> perform.py --row--> shelf.py
shelf.py --rows--> table.py, standing.py, report.py
```

A job is one pure function of its spec, and its row is on disk before anybody is told that it is done.
"""
