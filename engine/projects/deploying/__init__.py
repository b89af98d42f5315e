"""The files by which a plan is built, started and shipped; each is made from the plan alone, so that none contradicts it."""
