"""The trusted half: pytest runs here, with the checks, the expected values, the clock, the score.

- attempt: the supervisor's side, starts the judge and the zygote; processes: how
- __main__, job: the judge process and what it does; recorder, plugin: its pytest plugins
- grading: one attempt, hands each check a fresh worker
- workers: one worker: a request, one answer in time, or a verdict
- launch, spawn: where workers come from; sandboxes: the client of the zygote
- compare, diagnosis: assertions that say what a wrong value looks like
- verdicts, results: what comes out

Importing this package imports nothing: `grade list` needs the results' types, not torch.
"""
