"""Jobs: long work with one question, in a process that outlives the app.

A sweep, a search, a transfer and a reproduction of a report are jobs. Each is a folder beside the runs:

    runs/<place>/<id>/asked.json    what was asked (older kinds call it study.json, search.json, spec.json)
                      status.json   state, stage, share, processes, and why it ended; replaced whole
                      stop          empty file: a wish, honoured at the next note of progress
                      log.txt       what its process printed
                      …             what the kind itself keeps

`job` holds what all kinds share: create and find, start, stop, delete, list, wait. `status` is what
status.json says, `kinds` which kinds there are. `python -m cnnviz.jobs
<folder>` is the one process of them all: it waits for a second one, which does the work, so that even a
crash ends as a reason. A new kind is one file:

    # cnnviz/studies/countdown_job.py (any module of cnnviz whose name ends with _job is found)
    from cnnviz.jobs.job import Job, Report
    from cnnviz.jobs.kinds import KINDS
    from cnnviz.specs import Spec

    class Countdown(Spec):
        start: int = 10

    @KINDS.register("countdown")
    class CountdownJob(Job[Countdown]):
        '''Counts down.'''

        asked_as, place, noun = Countdown, ".countdowns", "countdown"

        def work(self, report: Report) -> None:
            for number in range(self.spec().start, 0, -1):
                report("counting", 1 - number / self.spec().start)  # raises Stopped where that is wished

It then starts, stops, goes on and is deleted by `cnnviz jobs`, and `tests/jobs/test_contract.py` runs over
it. Its page is one more file (`cnnviz.ui.navigation` says what a page is):

    # pages/countdown.py
    '''Countdown: numbers that get smaller.'''

    from cnnviz.ui import jobs

    ICON, PLACE = ":material/timer:", 66

    jobs.page("countdown", "Countdown", "How long still?")
"""
