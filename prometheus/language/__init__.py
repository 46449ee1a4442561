"""Reading English: a lexicon, and the few rules that tell what a sentence asks of a body."""
