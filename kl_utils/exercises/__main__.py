"""What an instructor types: ``python -m kl_utils.exercises grade SET SUBMISSIONS COURSE``."""

from kl_utils.grading.command_line import main

if __name__ == "__main__":
    raise SystemExit(main())
