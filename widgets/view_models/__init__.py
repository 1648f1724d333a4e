"""What pages know and do, in plain Python: observable, testable without a kernel or a browser.

Every model has a signal ``changed`` and speaks to the Workbench; none knows widgets or words. Models may be
told things by any thread; what takes longer than a moment goes to ``PageModel.later``.
"""
