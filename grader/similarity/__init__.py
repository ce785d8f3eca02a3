"""Which submissions of an exercise are alike: tokens, fingerprints, pairs. No texts for people."""
