"""The untrusted half: the zygote, and the workers that import a submission.

- zygote: imports torch once, forks sandboxes
- worker: answers the judge's requests; student: imports the submission
- probes: the standard probes
- rules: source rules, judged on the text alone
- spawned: a worker without a zygote, where there is no fork
"""
