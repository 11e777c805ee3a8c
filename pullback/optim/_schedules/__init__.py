"""Learning rate schedules, one family a file; `optim.lr_scheduler` has the names."""
